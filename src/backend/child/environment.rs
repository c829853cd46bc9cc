//! The environment a child gets: what is named, and nothing else.
//!
//! Credentials of the shell that started us must not reach every script.

use std::ffi::{OsStr, OsString};

/// Variables that every child may see.
const ALWAYS: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];

/// The variables of ours that pass: the usual ones, `LC_*`, and those in `named`.
pub fn allowed(named: &[String]) -> Vec<(OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| passes(name, named)).collect()
}

fn passes(name: &OsStr, named: &[String]) -> bool {
    let Some(name) = name.to_str() else { return false };
    ALWAYS.contains(&name) || name.starts_with("LC_") || named.iter().any(|n| n == name)
}
