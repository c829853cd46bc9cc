//! What backends were opened with and has changed on disk since: said for as long as it is so, to the
//! screens and, where somebody drives, in the journal.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use holdpoint::domain::command::Command;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::observed::{Observation, Observed, Stamped};
use holdpoint::domain::plan::Plan;
use holdpoint::domain::signal::{Bad, Query, Signal, SignalAt, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::engine::signal::judge;
use holdpoint::journal::{Access, entries};
use holdpoint::runtime::input::{Answer, Input, Trouble, Update};
use holdpoint::runtime::{Runtime, Setup};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(90);
const LATER: &str = "changed on disk: in force when holdpoint is started again";

fn files() -> Workspace {
    let mut workspace = Workspace { purpose: Purpose::Rehearsal, ..ground::workspace(2, 2) };
    workspace.backends.insert("sh".into(), ground::scripts());
    workspace
}

fn session(state: &Path) -> (Runtime, Receiver<Update>) {
    opened(state, files())
}

fn opened(state: &Path, workspace: Workspace) -> (Runtime, Receiver<Update>) {
    let (state, access) = (state.to_owned(), Access::Private);
    let setup = Setup { workspace, state, access, origin: ground::origin(), observe: false, reload: false };
    let (publish, updates) = mpsc::channel();
    (Runtime::start(setup, move |update| drop(publish.send(update))), updates)
}

/// What is said of backends until the files have been taken in, if anything.
fn read(runtime: &Runtime, updates: &Receiver<Update>, files: Workspace) -> Vec<Option<String>> {
    runtime.inbox().send(Input::Workspace(Ok(Box::new(files)))).unwrap();
    let mut said = Vec::new();
    loop {
        match updates.recv_timeout(LONG).unwrap() {
            Update::Trouble(Trouble::Backends, why) => said.push(why),
            Update::Workspace(_) => return said,
            _ => {}
        }
    }
}

fn said(what: &str) -> Vec<Option<String>> {
    vec![Some(format!("{what} {LATER}"))]
}

#[test]
fn what_backends_were_opened_with_is_compared_with_every_reading() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, updates) = session(&dir.path().join("state"));
    assert_eq!(read(&runtime, &updates, files()), []);
    let mut changed = files();
    changed.backends.insert("argocd".into(), ground::scripts());
    assert_eq!(read(&runtime, &updates, changed.clone()), said("backends + argocd"));
    changed.people.clear();
    assert_eq!(read(&runtime, &updates, changed.clone()), [], "it is said once");
    changed.backends.get_mut("sh").unwrap().every = Span::mins(1);
    assert_eq!(read(&runtime, &updates, changed), said("backends + argocd, sh"));
    assert_eq!(read(&runtime, &updates, files()), [None], "as they were");

    let mut changed = files();
    let service = changed.services.values_mut().next().unwrap();
    service.deployed_by.insert("place-00".into(), "other".into());
    assert_eq!(read(&runtime, &updates, changed), said("deployed_by of svc-000@place-00"));
    let mut changed = files();
    let service = changed.services.values_mut().next().unwrap();
    service.scopes.insert("place-01".into(), "payments/deployment/api".to_owned());
    assert_eq!(read(&runtime, &updates, changed), said("deployed_by of svc-000@place-01"));

    let mut changed = files();
    let signal = changed.signals.values_mut().next().unwrap();
    signal.source = "elsewhere".into();
    let name = signal.name.clone();
    assert_eq!(read(&runtime, &updates, changed), said(&format!("what is asked for signals {name}")));
    assert_eq!(read(&runtime, &updates, files()), [None]);
    let mut judged = files();
    judged.signals.values_mut().for_each(|signal| (signal.fail, signal.title) = (Some(0.5), "other".to_owned()));
    assert_eq!(read(&runtime, &updates, judged), [], "thresholds are in force at once");
    runtime.close("done");
}

#[test]
fn whoever_drives_writes_it_down_and_that_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let (runtime, updates) = session(&state);
    let signals = files().signals.into_values().collect();
    let plan = Plan { signals, ..ground::plan(3) };
    let answer = runtime.command(Command::StartRun(Box::new(plan), Vec::new()));
    assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
    let mut changed = files();
    changed.backends.remove("sh");
    for files in [changed, files()] {
        read(&runtime, &updates, files);
    }
    runtime.close("done");
    let facts = entries(&state).unwrap().flat_map(|e| e.unwrap().facts);
    let told: Vec<_> = facts
        .filter_map(|fact| match fact {
            Fact::WorkspaceChanged { what } => Some(what),
            _ => None,
        })
        .collect();
    assert_eq!(told, [format!("backends - sh {LATER}"), "what backends were opened with is on disk again".to_owned()]);
}

#[test]
fn it_stands_on_the_last_line_until_it_is_over() {
    let mut desk = Desk::within(files(), Lines::opened());
    let why = format!("backends + argocd {LATER}");
    desk.model.take(Update::Trouble(Trouble::Backends, Some(why.clone())));
    assert!(desk.screen(80, 24).contains(&why), "{}", desk.screen(80, 24));
    desk.model.take(Update::Trouble(Trouble::Backends, None));
    assert!(!desk.screen(80, 24).contains(LATER));
}

/// The files with two signals of the alerts of a place: `pages`, and `rest`, with this watchdog of `pages`.
fn counting(watchdog: Option<&str>) -> Workspace {
    let mut files = files();
    let like = files.signals.values().next().unwrap().clone();
    let counts = |name: &str, watchdog: Option<&str>| Signal {
        name: name.into(),
        service: "svc-000".into(),
        environments: vec!["place-00".into()],
        source: "sh".into(),
        query: Query::Alerts { severity: None, watchdog: watchdog.map(str::to_owned) },
        unit: Unit::Count,
        bad: Bad::Above,
        fail: Some(0.0),
        warn: None,
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::mins(1),
        ..like.clone()
    };
    let both = [counts("pages", watchdog), counts("rest", None)];
    files.signals.extend(both.map(|signal| (signal.name.clone(), signal)));
    files
}

#[test]
fn what_follows_from_a_query_that_was_edited_is_unknown_until_the_files_are_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, updates) = opened(&dir.path().join("state"), counting(None));
    let observed = std::cell::RefCell::new(Observed::default());
    let until = |done: &dyn Fn(&Update) -> bool| loop {
        let update = updates.recv_timeout(LONG).unwrap();
        if let Update::Seen(batch) = &update {
            batch.iter().for_each(|seen| observed.borrow_mut().apply(seen));
        }
        if done(&update) {
            return;
        }
    };
    // No alert fires.
    let tell = || {
        let (at, what) = (chrono::Utc::now(), Ok(Observation::Alerts(Vec::new())));
        let seen = Stamped { at, source: "sh".into(), every: Span::mins(1), what };
        runtime.inbox().send(Input::Seen(vec![seen])).unwrap();
        until(&|update| matches!(update, Update::Seen(_)));
    };
    let read = |files: Workspace| {
        runtime.inbox().send(Input::Workspace(Ok(Box::new(files)))).unwrap();
        until(&|update| matches!(update, Update::Workspace(_)));
    };
    let judged = |files: &Workspace, name: &str| {
        let at = SignalAt { signal: name.into(), environment: "place-00".into() };
        judge(&observed.borrow(), files.signals.get(name), &at, chrono::Utc::now()).0
    };
    tell();
    assert_eq!(judged(&counting(None), "pages").level, Level::Pass);
    // By the files as they are now nothing is known: the watchdog does not fire.
    let edited = counting(Some("Watchdog"));
    read(edited.clone());
    for _ in 0..2 {
        let pages = judged(&edited, "pages");
        assert_eq!(pages.level, Level::Unknown);
        assert!(pages.reasons[0].text.contains("it changed on disk; start holdpoint again to have it"), "{pages:?}");
        tell();
        assert_eq!(judged(&edited, "rest").level, Level::Pass);
    }
    read(counting(None));
    tell();
    assert_eq!(judged(&counting(None), "pages").level, Level::Pass);
    runtime.close("done");
}
