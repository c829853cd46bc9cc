//! The night before the page: a train is driven by verbs, as people would from
//! their terminals, until its trigger has tripped; then its driver is killed.
//!
//! Real processes and a real journal: what the screens then show has happened.

use crate::cli::outcome::Failure;
use crate::demo;
use crate::domain::text::visible_bytes;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Who is paged.
pub(super) const PAGED: &str = "kim";
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(150);
/// How often it is looked whether something has come true.
const LOOK: Duration = Duration::from_millis(100);
/// How long before a verb that was refused is tried again.
const AGAIN: Duration = Duration::from_millis(300);

/// What everybody does before the last deploy, in order; each until it is taken.
const BEFORE: [&str; 6] = [
    "run start train",
    "--as lee vote 1 2 go --role ops",
    "--as mia vote 1 2 go --role data",
    "--as ruiz vote 1 2 go --role business",
    "step start 1 3 --confirm eu-north",
    "step start 1 4 --confirm eu-west",
];
/// What nobody who was in the room knew of.
const ASIDE: &str = "deploy --service fx --env eu-north --version 3.3.0 --weight 100 --by ci-bot";
/// What brings the version that fails, and stays to see that it is well.
const LAST: &str = "step start 1 5 --confirm eu-north";

/// Lets it happen; the trigger has tripped and nobody drives when this returns.
pub(super) fn happened(dir: &Path) -> Result<(), Failure> {
    let end = Instant::now() + LIMIT;
    let aside = format!("{} {ASIDE} --dir {}", demo::VERB, dir.display());
    let mut aside = start(dir, aside.split(' ').map(str::to_owned).collect())?;
    for words in BEFORE {
        until_done(dir, words, end)?;
    }
    let _ = aside.wait();
    let mut driver = verb(dir, LAST)?;
    let tripped = until(end, || journal(dir).contains("\"trigger-tripped\""));
    // Killed, not asked to leave: nobody lays the conn down.
    let _ = driver.kill();
    let _ = driver.wait();
    if tripped { Ok(()) } else { Err(too_long("payments did not fail in eu-north")) }
}

/// Does a verb again and again until it is taken: it may wait for what was done just before.
fn until_done(dir: &Path, words: &str, end: Instant) -> Result<(), Failure> {
    loop {
        let done = verb(dir, words)?.wait_with_output().map_err(cannot)?;
        if done.status.success() {
            return Ok(());
        }
        if Instant::now() > end {
            let said = visible_bytes(&done.stderr);
            return Err(too_long(&format!("`holdpoint {words}` was not taken: {}", said.trim())));
        }
        sleep(AGAIN);
    }
}

fn verb(dir: &Path, words: &str) -> Result<Child, Failure> {
    let there = ["-C".to_owned(), dir.display().to_string()];
    start(dir, there.into_iter().chain(words.split(' ').map(str::to_owned)).collect())
}

/// Starts our own program so that it belongs to the estate, and ends with us.
fn start(dir: &Path, argv: Vec<String>) -> Result<Child, Failure> {
    let program = std::env::current_exe().map_err(cannot)?;
    let mut command = Command::new(program);
    command.args([demo::VERB, "bound", "--owned-by"]).arg(dir);
    command.args(["--parent", &std::process::id().to_string(), "--"]).args(argv).current_dir(dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(cannot)
}

fn journal(dir: &Path) -> String {
    fs::read_to_string(dir.join("state/journal/000001.jsonl")).unwrap_or_default()
}

fn until(end: Instant, done: impl Fn() -> bool) -> bool {
    loop {
        if done() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        sleep(LOOK);
    }
}

fn cannot(error: std::io::Error) -> Failure {
    Failure::failed(format!("cannot start a program of the demo: {error}"))
}

fn too_long(what: &str) -> Failure {
    Failure::failed(format!("the incident did not come about within {} s: {what}; try again", LIMIT.as_secs()))
}
