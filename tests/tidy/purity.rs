//! The engine and the nouns are pure: no clock, no randomness, no input or
//! output, no async, no threads. Time and ids are arguments.

use crate::paths;
use crate::source::{File, clean, files};
use crate::tokens;

const MODULES: &[&str] = &[
    "std::fs",
    "std::net",
    "std::os",
    "std::env",
    "std::process",
    "std::thread",
    "std::sync::mpsc",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::io",
    "tokio",
    "rand",
    "getrandom",
    "rustix",
];
const CLOCKS: &[&str] = &["Utc", "Local", "SystemTime", "Instant", "Zoned", "Timestamp"];
const WORDS: &[&str] = &["async", "await", "println", "eprintln", "print", "eprint", "thread_local"];

/// What a file may use all the same: conditions are read on a stack of their own, because their reader calls itself;
/// what comes of it hangs on the text alone.
const SPARED: (&str, &str) = ("src/domain/condition.rs", "std::thread::Builder::new");

/// What in a file is not pure.
fn findings(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for path in paths::of(file) {
        let words = path.words.join("::");
        if (file.path.as_str(), words.as_str()) == SPARED {
            continue;
        }
        if MODULES.iter().any(|module| words == *module || words.starts_with(&format!("{module}::"))) {
            found.push(format!("{}: {words} is not pure", path.line));
        }
    }
    let tokens = tokens::of(file);
    for clock in CLOCKS {
        found.extend(
            tokens::lines_of(&tokens, &[clock, "::", "now"]).iter().map(|line| format!("{line}: asks a clock")),
        );
    }
    for token in tokens.iter().filter(|token| WORDS.contains(&token.text.as_str())) {
        found.push(format!("{}: `{}` is not pure", token.line, token.text));
    }
    found
}

#[test]
fn the_engine_and_the_nouns_are_pure() {
    clean(&files("src/engine"), findings);
    clean(&files("src/domain"), findings);
}

#[test]
fn what_is_not_pure_is_found() {
    let found = |text: &str| findings(&File::new("src/engine/x.rs", text)).len();
    assert_eq!(found("use std::{fs, fmt};"), 1);
    assert_eq!(found("fn f() { std::fs::read(p) }"), 1);
    assert_eq!(found("use std::time::{Duration, Instant};"), 1);
    assert_eq!(found("use chrono::Utc; fn f() { Utc::now(); }"), 1);
    assert_eq!(found("fn f() { chrono::Utc::now(); }"), 1);
    assert_eq!(found("async fn f() { g().await }"), 2);
    assert_eq!(found("use tokio::sync::mpsc;"), 1);
    assert_eq!(found("fn f() { println!(\"\") }"), 1);
}

#[test]
fn what_is_pure_is_let_through() {
    let text = "use std::{fmt, collections::BTreeMap, time::Duration}; // Utc::now\nfn now(at: Timestamp) { at.now() }";
    assert!(findings(&File::new("src/engine/x.rs", text)).is_empty());
}
