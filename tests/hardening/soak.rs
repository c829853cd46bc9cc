//! An hour at the screens of the demo's estate: signals change all the time, a key is
//! pressed now and then, people hold and lift; the memory of the program stays where it was.
//!
//! `HOLDPOINT_SOAK` says for how many minutes; `HOLDPOINT_SOAK_PROGRAM` names another build
//! to look at, and `HOLDPOINT_SOAK_LOG` a file for what is read every ten seconds.

use crate::ground::take_the_conn;
use crate::support::pty::Pty;
use crate::support::sandbox::{HOLDPOINT, Sandbox, finish};
use crate::support::until;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often memory is read, and a key pressed.
const EVERY: Duration = Duration::from_secs(10);
/// How many readings lie between a hold and its lifting.
const HELD: usize = 6;
/// What may be more at the end, in KiB, and what the line through the second half may rise in an hour.
const MORE: i64 = 2 * 1024;

/// Keys that change what is drawn and nothing else; each leads back to where it can be pressed again.
const KEYS: [&str; 16] =
    ["1", "2", "jjjj", "3", "kk", "4", "/pay<Enter>", "<Esc>", "5", "jj", "6", "7", "?", "<Esc>", ":<Esc>", "1"];

/// Who looks, at what.
struct Soak {
    sandbox: Sandbox,
    program: String,
}

impl Soak {
    fn dir(&self) -> PathBuf {
        self.sandbox.root().canonicalize().unwrap().join("estate")
    }

    fn run(&self, words: &[&str]) {
        let mut command = self.sandbox.command(&self.program, words);
        command.current_dir(self.dir());
        finish(command, b"", Duration::from_secs(30));
    }

    /// The estate, with its run begun, and the screens in it.
    fn up() -> (Self, Pty) {
        let program = std::env::var("HOLDPOINT_SOAK_PROGRAM").unwrap_or_else(|_| HOLDPOINT.to_owned());
        let soak = Self { sandbox: Sandbox::new(), program };
        let dir = soak.dir().display().to_string();
        let up = soak.sandbox.command(&soak.program, &["demo", "up", &dir, "--fast"]);
        finish(up, b"", Duration::from_secs(30)).exits(0);
        soak.run(&["--as", "ana", "run", "start", "train"]);
        let screens = crate::support::Launch::new(&soak.program, &["--as", "ana"]);
        let mut pty = screens.environment(soak.sandbox.environment()).directory(soak.dir()).size(100, 30).start();
        take_the_conn(&mut pty);
        (soak, pty)
    }
}

impl Drop for Soak {
    fn drop(&mut self) {
        let dir = self.dir().display().to_string();
        let _ = self.sandbox.command(&self.program, &["demo", "down", &dir]).output();
    }
}

/// A file for readings, and what each says.
struct Log(Option<File>);

impl Log {
    fn open() -> Self {
        Self(std::env::var_os("HOLDPOINT_SOAK_LOG").map(|path| File::create(path).unwrap()))
    }

    fn say(&mut self, line: &str) {
        if let Some(file) = &mut self.0 {
            writeln!(file, "{line}").unwrap();
        }
    }
}

/// Resident memory and open files: what a leak shows in.
fn reading(pid: i32) -> (i64, usize) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs to the end");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("it runs to the end");
    let resident = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    (resident, fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count))
}

fn median(of: &[i64]) -> i64 {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// What the straight line through the readings rises in an hour, in KiB.
fn slope(readings: &[i64]) -> i64 {
    let n = readings.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = readings.iter().sum::<i64>() as f64 / n;
    let over = readings.iter().enumerate().map(|(at, r)| (at as f64 - middle) * (*r as f64 - mean)).sum::<f64>();
    let under = (0..readings.len()).map(|at| (at as f64 - middle).powi(2)).sum::<f64>();
    (over / under * 3600.0 / EVERY.as_secs_f64()) as i64
}

/// What the readings say: the first tenth is warming up; the first quarter of the rest is
/// compared with the last, and the second half has no slope.
fn verdict(readings: &[i64]) -> (String, bool) {
    let warm = &readings[readings.len() / 10..];
    let quarter = warm.len() / 4;
    let (first, last) = (median(&warm[..quarter]), median(&warm[warm.len() - quarter..]));
    let rise = slope(&warm[warm.len() / 2..]);
    let mut said = String::new();
    let minutes = readings.len() as u64 * EVERY.as_secs() / 60;
    write!(said, "{minutes} min: {first} KiB at first, {last} KiB at last, {rise:+} KiB an hour in the second half")
        .unwrap();
    (said, last - first <= MORE && rise <= MORE)
}

#[test]
#[ignore = "lasts as long as HOLDPOINT_SOAK says, in minutes, or an hour"]
fn an_hour_at_the_screens_takes_no_more_memory() {
    let minutes = std::env::var("HOLDPOINT_SOAK").map_or(60, |text| text.parse::<usize>().unwrap());
    let mut log = Log::open();
    let (soak, mut pty) = Soak::up();
    let begun = Instant::now();
    let mut readings = Vec::new();
    log.say("# seconds, resident KiB, open files, bytes to the terminal");
    for n in 0..(minutes * 6).max(16) {
        pty.keys(KEYS[n % KEYS.len()]);
        if n % HELD == 0 {
            let (word, id) = (n / HELD % 2, (n / HELD / 2 + 1).to_string());
            match word {
                0 => soak.run(&["--as", "bo", "hold", "all", "--reason", "a look at the readings"]),
                _ => soak.run(&["--as", "bo", "lift", &id, "--reason", "they are well"]),
            }
        }
        // The distance between two readings is part of the experiment.
        let next = EVERY * (n as u32 + 1);
        until(next.saturating_sub(begun.elapsed()), || None::<()>);
        let (resident, files) = reading(pty.pid());
        log.say(&format!("{} {resident} {files} {}", begun.elapsed().as_secs(), pty.emitted().len()));
        readings.push(resident);
    }
    let (said, well) = verdict(&readings);
    log.say(&format!("# {said}: {}", if well { "passed" } else { "FAILED" }));
    eprintln!("{said}");
    assert!(well, "{said}");
    // It still answers.
    pty.keys("1");
    pty.wait_for("── waiting for");
}

#[test]
fn memory_that_grows_is_told_from_memory_that_stays() {
    let noise = |n: i64| (n * 7919) % 200;
    let judged = |of: fn(i64) -> i64| verdict(&(0..360).map(|n| of(n) + noise(n)).collect::<Vec<_>>()).1;
    assert!(judged(|_| 14_000), "noise");
    assert!(judged(|n| 14_000 - 6_000 / (n + 1)), "warming up");
    assert!(!judged(|n| 14_000 + n * 10), "3.6 MB an hour");
    assert!(!judged(|n| if n < 330 { 14_000 } else { 14_000 + (n - 330) * 200 }), "a leak that begins late");
}
