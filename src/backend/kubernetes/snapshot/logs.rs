//! The logs of a pod's containers: those that run first, those that serve, and of each that was
//! restarted the log of the one before, which says why.
//!
//! Which are wanted is pure; names of pods and containers are parts of a request, never of a file's name.

use super::super::act::Workload;
use super::super::answer::{Unanswered, line};
use super::super::ask::encoded;
use super::super::object::{count, list, name, text};
use super::super::place::collection;
use super::order::statuses;
use crate::domain::text::visible_lines;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How many lines of each log are asked for; fewer where so many are too much.
const LINES: [usize; 3] = [200, 20, 2];
/// The largest answer that is taken.
const LARGEST: usize = 4 << 20;
/// How many bytes of its end are kept.
const LONGEST: usize = 64 << 10;
/// How long one log may take at most, its repetitions included: others are waiting.
const PATIENCE: Duration = Duration::from_secs(12);
/// What share of the time that is left it may take.
const SHARE: u32 = 5;
/// What a node says, as if it were the log, of one that it has thrown away.
const GONE: &str = "unable to retrieve container logs for ";

/// How logs are read: until when, how long each is waited for, and which nodes have not answered.
pub struct Reading<'a> {
    workload: &'a Workload,
    until: Instant,
    patience: Duration,
    silent: Mutex<BTreeSet<String>>,
}

impl<'a> Reading<'a> {
    /// Begins to.
    pub fn new(workload: &'a Workload, until: Instant) -> Self {
        let share = until.saturating_duration_since(Instant::now()) / SHARE;
        Self { workload, until, patience: PATIENCE.min(share), silent: Mutex::default() }
    }

    fn silent(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log that is wanted.
pub struct Wanted {
    pod: String,
    node: String,
    container: String,
    /// Whether it is that of the container before the last restart.
    pub previous: bool,
    /// How that one ended, or how this one stands.
    stands: String,
}

/// The logs of a pod that are wanted, those of containers in trouble first, and what is said of containers
/// that have none yet.
pub fn wanted(pod: &Value) -> (Vec<Wanted>, Vec<String>) {
    let containers = list(pod, "/spec/initContainers").iter().chain(list(pod, "/spec/containers"));
    let status = |container: &Value| statuses(pod).find(|s| text(s, "/name") == text(container, "/name"));
    let mut all: Vec<(&str, &Value)> =
        containers.map(|c| (text(c, "/name"), status(c).unwrap_or(&Value::Null))).collect();
    all.sort_by_key(|(_, status)| !troubled(status));
    let (mut logs, mut without) = (Vec::new(), Vec::new());
    let node = text(pod, "/spec/nodeName");
    for (container, status) in all {
        let again = count(status, "/restartCount") > 0;
        let waits = match text(status, "/state/waiting/reason") {
            "" if status.is_null() && node.is_empty() => "it has no node yet",
            waits => waits,
        };
        let of = |previous, stands| Wanted {
            pod: name(pod).to_owned(),
            node: node.to_owned(),
            container: container.to_owned(),
            previous,
            stands,
        };
        let ended = ended(status, "/lastState/terminated");
        if !waits.is_empty() && !again && ended.is_empty() {
            without.push(line(&format!("{} {container} has no log, it has not started: {waits}", name(pod))));
            continue;
        }
        if again {
            logs.push(of(true, ended));
        }
        logs.push(of(false, stands(status)));
    }
    (logs, without)
}

fn troubled(status: &Value) -> bool {
    let exit = status.pointer("/state/terminated/exitCode").and_then(Value::as_i64);
    let done = exit == Some(0);
    count(status, "/restartCount") > 0 || !(done || status.get("ready") == Some(&Value::Bool(true)))
}

/// How a container ended, if it has.
fn ended(status: &Value, at: &str) -> String {
    let Some(end) = status.pointer(at) else { return String::new() };
    let number = |key: &str| end.get(key).and_then(Value::as_i64).filter(|n| key == "exitCode" || *n != 0);
    let exit = number("exitCode").map(|n| format!("exit code {n}"));
    let signal = number("signal").map(|n| format!("signal {n}"));
    let words = [text(end, "/reason"), text(end, "/finishedAt")].map(|w| (!w.is_empty()).then(|| w.to_owned()));
    let [reason, at] = words;
    let all: Vec<String> = [reason, exit, signal, at].into_iter().flatten().collect();
    all.join(", ")
}

fn stands(status: &Value) -> String {
    let waits = text(status, "/state/waiting/reason");
    if waits.is_empty() { ended(status, "/state/terminated") } else { waits.to_owned() }
}

impl Wanted {
    /// Whose log it is, in words.
    pub fn words(&self) -> String {
        let previous = if self.previous { "previous " } else { "" };
        line(&format!("{previous}log of {} {}", self.pod, self.container))
    }

    /// As a snapshot keeps it: a head with its number of lines, so that nothing in it can pass for another head.
    pub fn kept(&self, log: &Log) -> String {
        let stands = if self.stands.is_empty() { String::new() } else { format!(" ({})", line(&self.stands)) };
        let (lines, cut) = (log.text.lines().count(), log.cut);
        let end = if log.text.is_empty() || log.text.ends_with('\n') { "" } else { "\n" };
        format!("--- {}{stands}: {cut}{lines} lines\n{}{end}", self.words(), log.text)
    }

    /// Reads it. Of a node that has not answered for one log, no other is waited for.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub async fn read(&self, reading: &Reading<'_>) -> Result<Log, String> {
        let Reading { workload, until, patience, .. } = *reading;
        let nameless = |part: &str| part.chars().all(|c| c == '.');
        if nameless(&self.pod) || nameless(&self.container) {
            return Err("its name cannot be asked for".to_owned());
        }
        if reading.silent().contains(&self.node) {
            return Err(line(&format!("its node {} did not answer for another log", self.node)));
        }
        let by = until.min(Instant::now() + patience);
        let (bytes, asked) = match timeout_at(by, self.end(workload)).await {
            Ok(read) => read.map_err(|error| error.words())?,
            Err(_) if by == until => return Err(super::LATE.to_owned()),
            Err(_) => {
                if !self.node.is_empty() {
                    reading.silent().insert(self.node.clone());
                }
                return Err(format!("no answer within {} s", patience.as_secs().max(1)));
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        if text.starts_with(GONE) && text.trim_end().lines().count() == 1 {
            return Err(line(&text));
        }
        Ok(Log::of(&text, asked))
    }

    /// The end of it, and how many lines were asked for: where they are too much, fewer. As many would be so again.
    async fn end(&self, workload: &Workload) -> Result<(Vec<u8>, usize), Unanswered> {
        let pods = collection(&workload.place.namespace, "pods");
        let previous = if self.previous { "&previous=true" } else { "" };
        let (pod, container) = (encoded(&self.pod), encoded(&self.container));
        let mut fewest = 0;
        for lines in LINES {
            let path = format!("{pods}/{pod}/log?container={container}&tailLines={lines}{previous}");
            match workload.cluster.read_behind(&path, LARGEST).await {
                Err(Unanswered::TooMuch(_)) => fewest = lines,
                read => return read.map(|bytes| (bytes, lines)),
            }
        }
        Err(Unanswered::TooMuch(format!("its last {fewest} lines are larger than {} MiB", LARGEST >> 20)))
    }
}

/// A log, made harmless.
#[derive(PartialEq)]
pub struct Log {
    text: String,
    /// What is not there of it, in words before its number of lines.
    cut: &'static str,
}

impl Log {
    /// Its end, from the beginning of a line where that leaves anything; so many lines were asked for.
    fn of(text: &str, asked: usize) -> Self {
        let all = text.lines().count();
        // Made harmless it is longer.
        let text = visible_lines(text);
        let from = text.len().saturating_sub(LONGEST);
        let from = (from..text.len()).find(|n| text.is_char_boundary(*n)).unwrap_or(0);
        let end = text.get(from..).unwrap_or_default();
        let whole = end.split_once('\n').map(|(_, rest)| rest).filter(|rest| !rest.is_empty());
        let end = if from > 0 { whole.unwrap_or(end) } else { end };
        let cut = match (from > 0, all >= asked) {
            (true, _) => "the end of it, ",
            (false, true) => "the last ",
            (false, false) => "",
        };
        Self { text: end.to_owned(), cut }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}
