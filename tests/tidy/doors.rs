//! One door for effects: only the executor asks a backend to act. Whoever else
//! called `perform` would act without an announcement in the journal.

use crate::source::{File, files};
use crate::tokens;

/// Where the one call may be.
const EXECUTOR: &str = "src/runtime/executor";
/// The other end of a plugin's wire: a process of its own that only does what a host's
/// executor has sent it.
const SERVED: &str = "src/backend/plugin/serve.rs";

/// The places that ask a backend to act.
fn calls(file: &File) -> Vec<String> {
    let tokens = tokens::of(file);
    let called = tokens::lines_of(&tokens, &[".", "perform", "("]);
    let named = tokens::lines_of(&tokens, &["Backend", "::", "perform"]);
    called.into_iter().chain(named).map(|line| format!("{}:{line}", file.path)).collect()
}

/// What is wrong with these places.
fn wrong(calls: &[String]) -> Option<String> {
    if calls.len() > 1 {
        return Some(format!("more than one place lets effects out: {}", calls.join(", ")));
    }
    calls.iter().find(|call| !call.starts_with(EXECUTOR)).map(|call| format!("{call} is not the executor"))
}

#[test]
fn one_place_lets_effects_out() {
    let sources = files("src");
    let calls: Vec<String> = sources.iter().filter(|file| file.path != SERVED).flat_map(calls).collect();
    assert_eq!(wrong(&calls), None);
}

#[test]
fn a_second_place_is_found() {
    let executor = || File::new("src/runtime/executor.rs", "fn f() { b.perform(o, k, s) }");
    let of = |files: &[File]| wrong(&files.iter().flat_map(calls).collect::<Vec<_>>());
    assert_eq!(of(&[executor()]), None);
    assert!(of(&[executor(), File::new("src/runtime/executor.rs", "fn g() { c\n.perform(o) }")]).is_some());
    assert!(of(&[File::new("src/tui/x.rs", "fn f() { b.perform(o) }")]).is_some());
    assert!(of(&[File::new("src/cli/x.rs", "fn f() { Backend::perform(&b, o) }")]).is_some());
    assert_eq!(of(&[File::new("src/backend/x.rs", "fn perform(&self) {} // b.perform(o)")]), None);
}
