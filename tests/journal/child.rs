//! Other processes: this test binary, started again to do one thing.

use crate::state_dir::{ana, at, changed, intent, open, origin, small};
use holdpoint::domain::session::SessionId;
use holdpoint::journal::{KeyLog, Pressed};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts a child that does `task` in `dir`, with further variables.
pub fn start(task: &str, dir: &Path, vars: &[(&str, String)]) -> Child {
    command(task, dir, vars).spawn().unwrap()
}

pub fn command(task: &str, dir: &Path, vars: &[(&str, String)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child::act", "--exact", "--nocapture", "--test-threads=1"]);
    command.env("CHILD_TASK", task).env("CHILD_DIR", dir).env_remove("HOLDPOINT_FAULT");
    command.envs(vars.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// What a child said, each line without its mark; the child is waited for.
pub fn said(mut child: Child) -> Vec<String> {
    drop(child.stdin.take());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.filter_map(|line| line.split_once("@@").map(|(_, said)| said.to_owned())).collect();
    child.wait().unwrap();
    said
}

/// Waits until a child has said something.
pub fn wait_for(child: &mut Child, word: &str) {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        if line.trim_end().ends_with(&format!("@@{word}")) {
            break;
        }
        line.clear();
    }
    assert!(line.contains(word), "the child ended without saying {word}");
    child.stdout = Some(out.into_inner());
}

fn say(what: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "@@{what}").unwrap();
    out.flush().unwrap();
}

fn var<T: std::str::FromStr>(name: &str, or: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(or)
}

/// Not a test by itself: what a child does.
#[test]
fn act() {
    let Ok(task) = std::env::var("CHILD_TASK") else { return };
    let dir = std::path::PathBuf::from(std::env::var("CHILD_DIR").unwrap());
    match task.as_str() {
        "append" => append(&dir),
        "hold-lock" => hold_lock(&dir),
        "intend" => intend(&dir),
        "head" => head(&dir),
        "keys" => keys(&dir),
        "live" => live(&dir),
        other => panic!("no task {other}"),
    }
}

/// Appends and acknowledges until done or an error.
fn append(dir: &Path) {
    let (count, tag) = (var("CHILD_COUNT", 5u32), var("CHILD_TAG", "c".to_owned()));
    let mut journal = match open(dir) {
        Ok(journal) => journal.with_limits(small(var("CHILD_SEGMENT", 4 << 20))),
        Err(e) => return say(format!("error {e}")),
    };
    if var("CHILD_SESSION", false) {
        match journal.open_session(|| at(1), origin()) {
            Ok(opened) => say(format!("opened {}", opened.by.session.0)),
            Err(e) => return say(format!("error {e}")),
        }
    }
    for n in 0..count {
        std::thread::sleep(std::time::Duration::from_millis(var("CHILD_PAUSE", 0)));
        let what = format!("{tag}{n}{}", "x".repeat(var("CHILD_PAD", 0)));
        match journal.commit(|| at(i64::from(n)), ana(), |_, _| Some(changed(&what))) {
            Ok(done) => say(format!("ack {} {what}", done.own.unwrap())),
            Err(e) if var("CHILD_GO_ON", false) => say(format!("error {e}")),
            Err(e) => return say(format!("error {e}")),
        }
    }
    say("done");
}

/// Stays inside a decision until its input ends.
fn hold_lock(dir: &Path) {
    let mut journal = open(dir).unwrap();
    let decide = |_: &_, _| {
        say("held");
        std::io::stdin().lines().for_each(drop);
        None
    };
    journal.commit(|| at(1), ana(), decide).unwrap();
}

/// Signs and keeps heads, a line before each.
fn head(dir: &Path) {
    let mut journal = open(dir).unwrap();
    for n in 0..var("CHILD_COUNT", 3) {
        journal.commit(|| at(n), ana(), |_, _| Some(changed("head"))).unwrap();
        match journal.keep_head() {
            Ok(head) => say(format!("head {}", head.head.seq)),
            Err(e) => say(format!("error {e}")),
        }
    }
    say("done");
}

/// Logs keys, and syncs after each.
fn keys(dir: &Path) {
    let mut log = KeyLog::open(open(dir).unwrap().layout(), SessionId(2)).unwrap();
    for n in 0..var("CHILD_COUNT", 4) {
        let pressed = Pressed { at: at(1), key: format!("k{n}"), on: "runbook".into(), did: None };
        match log.append(pressed).and_then(|_| log.sync()) {
            Ok(()) => say(format!("key k{n}")),
            Err(e) => say(format!("error {e}")),
        }
    }
    say("done");
}

/// Announces one operation.
fn intend(dir: &Path) {
    match open(dir).unwrap().commit(|| at(1), ana(), |_, _| Some(intent())) {
        Ok(done) => say(format!("ack {}", done.own.unwrap())),
        Err(e) => say(format!("error {e}")),
    }
}

/// Opens a session and lives until its input ends; then dies without a word.
fn live(dir: &Path) {
    let mut journal = open(dir).unwrap();
    let opened = journal.open_session(|| at(1), origin()).unwrap();
    say("alive");
    std::io::stdin().lines().for_each(drop);
    std::mem::forget(opened);
    std::process::exit(0);
}
