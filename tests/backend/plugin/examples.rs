//! The two examples that ship: what they say when things go wrong must be no less than true.

use super::ground::{Ground, soon};
use crate::support::{deploy, key, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::{Backend, Done, Fault, Sink, Topic};
use holdpoint::domain::backend::Granted;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A systemctl whose unit is files: `state`, `since`, `restarts`; `after` is read after a restart.
const SYSTEMCTL: &str = r#"#!/bin/sh
cd STATE || exit 1
case $1 in
show)
    [ ! -e away ] || { echo "the bus is away" >&2; exit 1; }
    [ ! -e loops ] || echo $(($(cat restarts) + 1)) > restarts
    printf 'ActiveState=%s\nSubState=running\nNRestarts=%s\nResult=success\nLoadState=loaded\nActiveEnterTimestamp=@%s\n' \
        "$(cat state)" "$(cat restarts)" "$(cat since)" ;;
restart) echo x >> log; date +%s > since; . ./after ;;
esac
"#;

fn example(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugins").join(name);
    std::fs::read_to_string(file).unwrap()
}

/// A unit with 4.1.9 and 4.2.0; 4.1.9 is current.
struct Unit {
    ground: Ground,
    home: PathBuf,
}

impl Unit {
    fn new() -> Self {
        let mut ground = Ground::of(&example("systemd.py"));
        let (place, root) = (&ground.place, ground.place.root());
        let home = place.file("srv");
        for version in ["4.1.9", "4.2.0"] {
            std::fs::create_dir_all(home.join("releases").join(version)).unwrap();
        }
        place.script("systemctl", &SYSTEMCTL.replace("STATE", &root.display().to_string()));
        let unit = json!({ "service": "payments", "environment": "eu-west", "unit": "payments.service", "home": home });
        let systemctl = [place.file("systemctl")];
        ground.spec.config = json!({ "settle": 0.5, "systemctl": systemctl, "units": [unit] }).to_string();
        let unit = Self { ground, home };
        unit.put("state", "active").put("since", "1000").put("restarts", "0").put("after", "").points("4.1.9");
        unit
    }

    fn put(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.ground.place.file(name), format!("{text}\n")).unwrap();
        self
    }

    /// Makes another `current`.
    fn points(&self, version: &str) -> &Self {
        let _ = std::fs::remove_file(self.home.join("current"));
        std::os::unix::fs::symlink(format!("releases/{version}"), self.home.join("current")).unwrap();
        self
    }

    /// Writes a line of the log about our key.
    fn log(&self, mut line: serde_json::Value) -> &Self {
        line["key"] = json!(key().to_string());
        std::fs::write(self.home.join("holdpoint.log"), format!("{line}\n")).unwrap();
        self
    }

    async fn perform(&self) -> Result<Done, Fault> {
        soon(self.ground.backend().perform(deploy(), key(), sink(None).0)).await
    }

    async fn probe(&self) -> Found {
        soon(self.ground.backend().probe(&deploy(), key())).await.unwrap()
    }

    async fn row(&self) -> Arc<Deployment> {
        let first = soon(self.ground.backend().watch(Topic::Deployments).next()).await.unwrap().unwrap();
        let Observation::Deployments(mut all) = first else { panic!("{first:?}") };
        all.remove(0).1
    }

    fn restarted(&self) -> bool {
        self.ground.place.file("log").exists()
    }
}

fn lost(answer: Result<Done, Fault>, what: &str) {
    assert!(matches!(&answer, Err(Fault::Lost { why, .. }) if why.contains(what)), "{answer:?}");
}

#[tokio::test]
async fn from_the_switch_on_nothing_is_certainly_undone() {
    let unit = Unit::new();
    unit.put("after", "touch away");
    lost(unit.perform().await, "current is 4.2.0, but the bus is away");
    assert!(unit.restarted());
}

#[tokio::test]
async fn a_unit_that_is_started_again_and_again_does_not_run() {
    let unit = Unit::new();
    unit.put("after", "touch loops");
    lost(unit.perform().await, "did not stay up");
    let found = unit.probe().await;
    assert!(matches!(found, Found::Unknown { .. }), "{found:?}");
}

#[tokio::test]
async fn what_is_current_but_was_not_started_is_a_candidate() {
    let unit = Unit::new();
    unit.log(json!({ "is": "begun", "from": "4.1.9", "to": "4.2.0", "at": 2000 })).points("4.2.0");
    let row = unit.row().await;
    assert_eq!((row.version.as_str(), row.candidate.as_deref()), ("4.1.9", Some("4.2.0")));
    assert!(row.state != "stable" && row.trouble[0].contains("not been restarted"), "{row:?}");
    unit.put("since", &chrono::Utc::now().timestamp().to_string());
    let row = unit.row().await;
    assert_eq!((row.version.as_str(), &row.candidate, row.state.as_str()), ("4.2.0", &None, "stable"));
    // Switched by hand: what runs cannot be told.
    unit.put("since", "3000").points("4.0.0");
    assert_eq!(unit.row().await.version, "unknown");
}

#[tokio::test]
async fn a_key_that_began_is_not_called_undone_because_something_else_is_current() {
    let unit = Unit::new();
    unit.log(json!({ "is": "begun", "from": "4.1.9", "to": "4.2.0", "at": 2000, "link": [1, 2] }));
    let found = unit.probe().await;
    assert!(matches!(found, Found::Unknown { .. }), "{found:?}");
    // The same link as when it began: it was never switched.
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::symlink_metadata(unit.home.join("current")).unwrap();
    let link = json!([meta.ino(), meta.mtime() * 1_000_000_000 + meta.mtime_nsec()]);
    unit.log(json!({ "is": "begun", "from": "4.1.9", "to": "4.2.0", "at": 2000, "link": link }));
    let found = unit.probe().await;
    assert!(matches!(found, Found::NotApplied { r#final: true, .. }), "{found:?}");
    assert!(matches!(unit.perform().await, Err(Fault::Refused { .. })));
    assert!(!unit.restarted());
}

#[tokio::test]
async fn a_key_that_began_is_answered_by_what_is_seen_and_not_repeated() {
    let unit = Unit::new();
    let begun = |from: &str| json!({ "is": "begun", "from": from, "to": "4.2.0", "at": 2000, "link": null });
    unit.log(begun("4.1.9")).points("4.2.0");
    lost(unit.perform().await, "perhaps since before");
    unit.put("since", &(chrono::Utc::now().timestamp() + 60).to_string());
    lost(unit.perform().await, "ask again");
    unit.put("since", &chrono::Utc::now().timestamp().to_string());
    let began = std::time::Instant::now();
    let receipt = loop {
        match unit.perform().await {
            Ok(Done::Whole(receipt)) => break receipt,
            // It has not run long enough yet.
            Err(Fault::Lost { why, .. }) if why.contains("ask again") => {
                assert!(began.elapsed() < std::time::Duration::from_secs(30), "{why}");
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(receipt.detail["previous"], "4.1.9");
    for from in ["", "4.2.0"] {
        let found = unit.log(begun(from)).probe().await;
        let Found::Applied(receipt) = found else { panic!("{found:?}") };
        assert!(!receipt.detail.contains_key("previous"), "{receipt:?}");
    }
    unit.put("restarts", "3");
    assert!(matches!(unit.probe().await, Found::Unknown { .. }));
    assert!(!unit.restarted());
}

#[tokio::test]
async fn a_key_that_is_under_way_is_not_called_undone_when_it_comes_again() {
    let unit = Unit::new();
    unit.put("after", "touch begun; while [ ! -e go ]; do sleep 0.05; done");
    let backend = unit.ground.backend();
    let first = tokio::spawn(backend.perform(deploy(), key(), sink(None).0));
    until("it restarts", || unit.ground.place.file("begun").exists()).await;
    lost(soon(backend.perform(deploy(), key(), sink(None).0)).await, "under way");
    assert!(matches!(soon(backend.probe(&deploy(), key())).await, Ok(Found::Unknown { .. })));
    unit.put("go", "");
    assert!(matches!(soon(first).await.unwrap(), Ok(Done::Whole(_))));
}

#[tokio::test]
async fn it_stops_waiting_at_the_deadline_and_notes_by_whose_word_and_why() {
    let mut unit = Unit::new();
    // Longer than anybody waits.
    let config = unit.ground.spec.config.replace("\"settle\":0.5", "\"settle\":600");
    assert_ne!(config, unit.ground.spec.config);
    unit.ground.spec.config = config;
    let backend = unit.ground.backend();
    let preview = soon(backend.preview(&deploy())).await.unwrap();
    assert_eq!(preview.reversible.map(|said| (said.ok, said.note)), Some((true, "roll-back to 4.1.9".to_owned())));
    let missing = Operation { args: [("version".to_owned(), "9".to_owned())].into(), ..deploy() };
    let preview = soon(backend.preview(&missing)).await.unwrap();
    assert!(preview.refused.len() == 1 && preview.refused == preview.obstacles, "{preview:?}");
    let for_ana = Sink { by: Some("ana".into()), reason: Some("too slow \u{1b}".to_owned()), ..sink(None).0 };
    let little = Operation { limit: Span::secs(3), ..deploy() };
    lost(soon(backend.perform(little, key(), for_ana)).await, "no time left to see that it stays up");
    assert!(unit.restarted());
    let log = std::fs::read_to_string(unit.home.join("holdpoint.log")).unwrap();
    let begun: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!((&begun["by"], &begun["reason"]), (&json!("ana"), &json!("too slow \u{1b}")), "{log}");
    assert_eq!(unit.row().await.by.as_deref(), Some("ana"));
}

#[tokio::test]
async fn a_restart_is_of_what_is_current_and_is_done_once() {
    let mut unit = Unit::new();
    unit.ground.spec.verbs.insert(Verb::Restart, Granted { limit: Span::secs(20), idempotent: false });
    let restart = Operation { verb: Verb::Restart, args: Default::default(), ..deploy() };
    let backend = unit.ground.backend();
    let preview = soon(backend.preview(&restart)).await.unwrap();
    assert_eq!(preview.effects, ["restarts payments.service"]);
    assert!(!unit.restarted());
    for _ in 0..2 {
        let Ok(Done::Whole(receipt)) = soon(backend.perform(restart.clone(), key(), sink(None).0)).await else {
            panic!()
        };
        assert_eq!(receipt.detail.into_iter().collect::<Vec<_>>(), [("version".to_owned(), "4.1.9".to_owned())]);
        // Once, however often it is asked.
        assert_eq!(std::fs::read_to_string(unit.ground.place.file("log")).unwrap().lines().count(), 1);
    }
    assert_eq!(std::fs::read_link(unit.home.join("current")).unwrap(), Path::new("releases/4.1.9"));
    // A machine that stands still for long has the plugin ended, and the next one asked.
    let began = std::time::Instant::now();
    loop {
        let found = soon(backend.probe(&restart, key())).await;
        if matches!(&found, Ok(Found::Applied(_))) {
            break;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "{found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn nothing_is_restarted_where_nothing_is_current() {
    let mut unit = Unit::new();
    unit.ground.spec.verbs.insert(Verb::Restart, Granted { limit: Span::secs(20), idempotent: false });
    std::fs::remove_file(unit.home.join("current")).unwrap();
    let restart = Operation { verb: Verb::Restart, args: Default::default(), ..deploy() };
    let fault = soon(unit.ground.backend().perform(restart, key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(fault, Fault::Refused { .. }), "{fault:?}");
    assert!(!unit.restarted());
}

#[tokio::test]
async fn a_key_that_is_done_is_done_though_its_version_was_cleared_away() {
    let unit = Unit::new();
    unit.log(json!({ "is": "done", "receipt": { "summary": "it ran", "detail": {} } }));
    std::fs::remove_dir(unit.home.join("releases/4.2.0")).unwrap();
    let Done::Whole(receipt) = unit.perform().await.unwrap() else { panic!() };
    assert_eq!(receipt.summary, "it ran");
}

/// `checks.sh` over a directory of versions, and the directory.
fn checks() -> (Ground, PathBuf) {
    let mut ground = Ground::of(&example("checks.sh"));
    let dir = ground.place.file("versions");
    ground.spec.config = json!({ "dir": dir }).to_string();
    (ground, dir)
}

#[tokio::test]
async fn the_shell_example_says_when_it_cannot_look_and_when_a_name_changes() {
    let (ground, dir) = checks();
    let first = soon(ground.backend().watch(Topic::Deployments).next()).await.unwrap();
    assert!(matches!(&first, Err(fault) if fault.to_string().contains("cannot be read")), "{first:?}");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("web@eu"), "1\n").unwrap();
    let backend = ground.backend();
    let mut watch = backend.watch(Topic::Deployments);
    assert!(matches!(soon(watch.next()).await, Some(Ok(Observation::Deployments(all))) if all.len() == 1));
    std::fs::rename(dir.join("web@eu"), dir.join("web@us")).unwrap();
    let fault = loop {
        match soon(watch.next()).await.unwrap() {
            Ok(_) => {}
            Err(fault) => break fault.to_string(),
        }
    };
    assert!(fault.contains("have changed"), "{fault}");
}

#[tokio::test]
async fn the_shell_example_reads_every_signal() {
    let (mut ground, _) = checks();
    ground.signals = vec![super::ground::signal("load", &["eu", "us"]), super::ground::signal("more", &["eu"])];
    let backend = ground.backend();
    let mut watch = backend.watch(Topic::Signals);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let Observation::Reading(at, _) = soon(watch.next()).await.unwrap().unwrap() else { panic!() };
        seen.push(at.to_string());
    }
    assert_eq!(seen, ["load@eu", "load@us", "more@eu"]);
}
