//! An estate of a test's own, and what a test may ask of it.

use crate::support::sandbox::{HOLDPOINT, LIMIT, Outcome, finish};
use crate::support::{Process, processes, until};
use holdpoint::demo::{self, Ending, Estate, Options, Rule};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// An estate in a directory of its own.
pub struct Ground {
    pub estate: Option<Estate>,
    root: tempfile::TempDir,
}

impl Ground {
    pub fn new() -> Self {
        Self::with(Ending::WithUs, Vec::new())
    }

    /// One whose director does only what the test says.
    pub fn with(ending: Ending, rules: Vec<Rule>) -> Self {
        Self::of(Options { ending, rules, calm: true, ..Options::default() })
    }

    pub fn of(options: Options) -> Self {
        let mut ground = Self::empty();
        let options = Options { program: Some(HOLDPOINT.into()), fast: true, ..options };
        ground.estate = Some(demo::up(&ground.dir(), &options).unwrap());
        ground
    }

    /// A directory without an estate.
    pub fn empty() -> Self {
        Self { estate: None, root: tempfile::Builder::new().prefix("holdpoint-demo-").tempdir().unwrap() }
    }

    pub fn dir(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("estate-under-test")
    }

    /// A hidden verb of the control program, ready to run.
    pub fn control(&self, words: &str) -> Command {
        let mut words = words.split_whitespace();
        let mut command = Command::new(HOLDPOINT);
        command.args(["demo-estate", words.next().unwrap(), "--dir"]).arg(self.dir()).args(words);
        command
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(&self, words: &str) -> Outcome {
        finish(self.control(words), b"", LIMIT)
    }

    /// Its last line as JSON, after it has ended well.
    #[track_caller]
    pub fn result(&self, words: &str) -> serde_json::Value {
        let outcome = self.run(words).exits(0);
        serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap()
    }

    /// What the front door says to a path; none when it says nothing in time.
    pub fn get(&self, path: &str, limit: Duration) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.front())).unwrap();
        stream.set_read_timeout(Some(limit)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
    }

    /// Waits until a path answers, and says what: a busy machine may refuse the
    /// first try.
    #[track_caller]
    pub fn answer(&self, path: &str) -> String {
        let found = until(LIMIT, || self.get(path, LIMIT));
        found.unwrap_or_else(|| panic!("{path} does not answer"))
    }

    pub fn front(&self) -> u16 {
        u16::try_from(self.file("estate/ports.json")["front"].as_u64().unwrap()).unwrap()
    }

    pub fn file(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.dir().join(name)).unwrap()).unwrap()
    }

    /// The counters of a place's router, added up over versions.
    pub fn counters(&self, service: &str, region: &str) -> Counters {
        Counters::read(&self.get(&format!("/{service}/{region}/metrics"), Duration::from_secs(30)).unwrap())
    }

    /// Lines of the book of operations about a key.
    pub fn book(&self, key: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir().join("ops.jsonl")).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["key"] == key).map(|line| line["event"].as_str().unwrap().to_owned()).collect()
    }

    pub fn processes(&self) -> Vec<Process> {
        belonging_to(&self.dir())
    }

    /// The processes of one kind, such as `traffic`.
    pub fn of_kind(&self, kind: &str) -> Vec<Process> {
        self.processes().into_iter().filter(|p| p.command.contains(&format!(" {kind} --owned-by"))).collect()
    }

    /// The states of a place's instances, a letter each; `T` stands still.
    pub fn states(&self, place: &str) -> String {
        let here = self.of_kind("instance").into_iter().filter(|process| process.command.contains(place));
        let state = |process: Process| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", process.pid)).ok()?;
            stat.rsplit_once(") ")?.1.chars().next()
        };
        here.filter_map(state).collect()
    }

    #[track_caller]
    pub fn nothing_left(&self) {
        let dir = self.dir();
        if until(Duration::from_secs(20), || belonging_to(&dir).is_empty().then_some(())).is_none() {
            panic!("left behind: {:#?}", belonging_to(&dir));
        }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        drop(self.estate.take());
        let _ = demo::down(&self.dir());
    }
}

fn belonging_to(dir: &Path) -> Vec<Process> {
    let ours = |command: &str| command.contains("demo-estate") || command.contains("--config.file=");
    processes::of(dir).into_iter().filter(|process| ours(&process.command)).collect()
}

/// What a router has counted.
#[derive(Clone, Debug, Default)]
pub struct Counters(BTreeMap<String, f64>);

impl Counters {
    pub fn read(page: &str) -> Self {
        let samples = page.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        });
        Self(samples.collect())
    }

    /// The sum of a metric's series that hold all of these.
    pub fn sum(&self, metric: &str, labels: &[&str]) -> f64 {
        let fits = |series: &str| {
            series.split('{').next() == Some(metric) && labels.iter().all(|label| series.contains(label))
        };
        self.0.iter().filter(|(series, _)| fits(series)).map(|(_, value)| value).sum()
    }

    /// How much it has grown since.
    pub fn since(&self, before: &Counters, metric: &str, labels: &[&str]) -> f64 {
        self.sum(metric, labels) - before.sum(metric, labels)
    }

    /// The share of failed requests since.
    pub fn failed(&self, before: &Counters) -> f64 {
        self.since(before, "requests_total", &["outcome=\"failed\""]) / self.since(before, "requests_total", &[])
    }

    /// The share of requests since that took no longer than a bucket's bound.
    pub fn within(&self, before: &Counters, bound: &str) -> f64 {
        self.since(before, "request_seconds_bucket", &[&format!("le=\"{bound}\"")])
            / self.since(before, "request_seconds_count", &[])
    }
}
