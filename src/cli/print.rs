//! How verbs print: JSON, entries as a story, and plain tables.
//!
//! Data only, on standard output; words for people about what went wrong go to
//! standard error elsewhere.

use super::json;
use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::plan::Plan;
use crate::domain::text::harmless_lines;
use crate::report::story;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;
use std::io::Write;

/// How long a terminal that takes nothing is waited for.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// Prints a value as one line of JSON on standard output.
pub fn json(value: &impl Serialize) {
    if let Ok(text) = json::text(value) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// Prints a text on standard output; what others wrote in it acts on no terminal. A
/// reader that has gone away is no error: what was done is done.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", harmless_lines(text));
}

/// Prints words for people on standard error, as harmless.
pub fn words(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", harmless_lines(text));
}

/// Prints words on standard error before the process ends. A terminal that is gone,
/// or takes nothing for a moment, costs the words and never the end.
pub fn last_words(text: &str) {
    let stderr = std::io::stderr();
    let mut fds = [PollFd::new(&stderr, PollFlags::OUT)];
    let takes = poll(&mut fds, Some(&PATIENCE)).is_ok_and(|ready| ready > 0);
    if takes {
        let _ = writeln!(stderr.lock(), "{}", harmless_lines(text));
    }
}

/// Prints an entry as a story, or as JSON.
pub fn entry(entry: &Entry, as_json: bool) {
    if as_json {
        return json(entry);
    }
    for (n, text) in story::lines(entry).iter().enumerate() {
        let (who, person) = (story::who(entry), entry.by.person.as_str());
        let driven = if who == person { String::new() } else { format!("  driven by {person}") };
        let head = if n == 0 { format!("{}  {who:<9}", clock(entry.at)) } else { " ".repeat(20) };
        let tail = if n == 0 { format!("{driven}  #{}", entry.seq) } else { String::new() };
        line(&format!("{head}  {text}{tail}"));
    }
}

/// Says what a plan will do, before anything is decided: words, on standard error.
pub fn plan(plan: &Plan, as_json: bool) {
    if as_json {
        return;
    }
    words(&format!("{} · plan {}", plan.title, plan.digest().short()));
    for step in &plan.steps {
        let how = step.operation().map(|op| format!(" · {} {op}", op.backend)).unwrap_or_default();
        words(&format!("  {}  {}{how}", step.name, step.title));
    }
}

/// A clock time with its Z.
pub fn clock(at: Timestamp) -> String {
    at.format("%H:%M:%SZ").to_string()
}

/// A date and time with its Z.
pub fn date(at: Timestamp) -> String {
    at.format("%a %Y-%m-%d %H:%MZ").to_string()
}

/// Prints rows with columns as wide as their widest cell.
pub fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |n: usize| rows.iter().filter_map(|r| r.get(n)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        line(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
