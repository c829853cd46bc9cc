//! The estate's own book of operations: every start and every end, one line
//! each, so that anyone can count how often something was really done.

use super::belonging;
use super::clock;
use super::failure::Failure;
use super::layout::Layout;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;

/// One line of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Milliseconds since 1970.
    pub at: u64,
    /// Start or end.
    pub event: Event,
    /// The key that the operation was sent under.
    pub key: String,
    /// What was done.
    pub verb: String,
    /// Its arguments, as they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The process that did it.
    pub pid: u32,
    /// At the end: what it printed as its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An invocation began to do it.
    Start,
    /// It was done.
    Done,
    /// It was not done.
    Failed,
    /// An invocation found it done already, and did nothing.
    Repeat,
}

/// Writes a line into the book.
pub fn note(
    layout: &Layout,
    event: Event,
    key: &str,
    verb: &str,
    args: &[String],
    result: Option<Value>,
) -> Result<(), Failure> {
    let (key, verb) = (key.to_owned(), verb.to_owned());
    let line = Line { at: clock::millis(), event, key, verb, args: args.to_vec(), pid: std::process::id(), result };
    let attempt = "cannot write into the book of operations";
    let mut text = serde_json::to_vec(&line).map_err(|e| Failure::broken(format!("{attempt}: {e}")))?;
    text.push(b'\n');
    let file = File::options().create(true).append(true).open(layout.operations());
    file.and_then(|mut file| file.write_all(&text)).map_err(Failure::io(attempt))
}

/// Every line about a key, in order. A line that was cut by a kill says nothing.
pub fn about(layout: &Layout, key: &str) -> Vec<Line> {
    let text = fs::read_to_string(layout.operations()).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()).filter(|line| line.key == key).collect()
}

/// Other processes that carry out an operation of this key now, or are about to.
pub fn alive(layout: &Layout, key: &str) -> Vec<u32> {
    let words = [OsStr::new("--key"), OsStr::new(key), OsStr::new(super::VERB), layout.dir().as_os_str()];
    let probes = |pid: &u32| belonging::arguments(*pid).is_some_and(|line| line.iter().any(|arg| arg == b"probe"));
    belonging::with_arguments(&words).into_iter().filter(|pid| !probes(pid)).collect()
}
