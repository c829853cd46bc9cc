//! Death and failure of holdpoint itself at each point of an operation.
//!
//! The fault is our own, so the operation runs in a second process of this very test.

use crate::support::{Place, alive, deploy, key, script, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::operation::Verb;
use std::process::{Command, Stdio};

const ROOT: &str = "HOLDPOINT_TEST_ROOT";

/// Performs one deployment in the directory it is told, and writes what came of it there.
#[tokio::test]
#[ignore = "started by the other tests, as a process of its own"]
async fn victim() {
    let Some(root) = std::env::var_os(ROOT) else { return };
    let mut place = Place::new();
    place.spec.verbs.insert(Verb::Deploy, script(&["./deploy"]));
    let backend = holdpoint::backend::command::CommandBackend::new(
        "routers".into(),
        holdpoint::domain::span::Span::secs(1),
        place.spec.clone(),
        root.clone().into(),
        crate::support::launcher(),
    );
    let done = backend.perform(deploy(), key(), sink(None).0).await;
    std::fs::write(std::path::Path::new(&root).join("outcome"), format!("{done:?}")).unwrap();
}

/// The directory after a fault, with what the victim wrote of the outcome.
fn after(fault: &str, deploy: &str) -> (Place, String) {
    let place = Place::new();
    place.script("deploy", &format!("#!/bin/sh\necho $$ > pid\n{deploy}\n"));
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["faults::victim", "--exact", "--ignored"])
        .env(ROOT, place.root())
        .env("HOLDPOINT_FAULT", fault)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.success(), !fault.ends_with("=kill"), "{fault}");
    let outcome = std::fs::read_to_string(place.file("outcome")).unwrap_or_default();
    (place, outcome)
}

#[tokio::test]
async fn killed_before_the_start_nothing_was_started() {
    let (place, _) = after("backend.spawn.before=kill", "sleep 60");
    assert!(!place.file("pid").exists());
}

#[tokio::test]
async fn killed_during_a_deployment_its_script_dies_too() {
    let (place, outcome) = after("backend.spawn.after=kill", "exec sleep 60");
    assert_eq!(outcome, "");
    // It may have been killed before its first line or in the middle of it; if not, it is gone soon.
    let told = || std::fs::read_to_string(place.file("pid")).ok()?.trim().parse().ok();
    until("the script is gone", || told().is_none_or(|process| !alive(process))).await;
}

#[tokio::test]
async fn a_failure_is_certain_before_the_start_and_never_after() {
    let (place, outcome) = after("backend.spawn.before=eio", "exit 0");
    assert!(outcome.starts_with("Err(Unreachable"), "{outcome}");
    assert!(!place.file("pid").exists());
    for point in ["backend.spawn.after", "backend.reply.before"] {
        let (_, outcome) = after(&format!("{point}=eio"), "exit 0");
        assert!(outcome.starts_with("Err(Lost"), "{point}: {outcome}");
    }
    let (_, outcome) = after("none=eio", "exit 0");
    assert!(outcome.starts_with("Ok(Whole"), "{outcome}");
}
