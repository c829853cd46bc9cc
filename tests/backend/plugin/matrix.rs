//! Every verb that a plugin can be granted, held to everything that can go wrong with a plugin: how it is called, how
//! often it was really done, what a probe finds, and that nothing gets out that should not.

mod cases;
mod shell;

use super::ground::{Ground, soon};
use crate::ends::{End, Shows};
use crate::foreign::{LIMITS, ONCE, Said, acted, all, held, wish};
use crate::support::{Place, key, sink, until};
use crate::undisturbed as tokio;
use cases::{CASES, Case, How, PROBES, Probe};
use futures_util::StreamExt;
use holdpoint::backend::plugin::pace::Pace;
use holdpoint::backend::plugin::trust;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::backend::{Granted, PluginSpec};
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use std::collections::BTreeSet;
use std::time::Duration;

/// A workspace with a plugin of these lines, granted every verb there is. The shell is what is trusted: a file that
/// is only read is not in use when it is written.
fn ground(lines: &str) -> Ground {
    let place = Place::new();
    std::fs::write(place.file("plugin.sh"), shell::plugin(&place.root(), lines)).unwrap();
    let granted = Granted { limit: Span::secs(60), idempotent: false };
    let spec = PluginSpec {
        argv: vec!["/bin/sh".to_owned(), place.file("plugin.sh").display().to_string()],
        config: "{}".to_owned(),
        deployments: true,
        probes: true,
        verbs: Verb::ALL.map(|verb| (verb, granted)).into(),
        ..PluginSpec::default()
    };
    let pace = Pace { grace: Duration::from_secs(20), pauses: [Duration::from_millis(20); 5], ..Pace::default() };
    Ground { place, spec, pace, signals: Vec::new() }
}

/// The same of a case, trusted or not.
fn ground_of(case: &Case, limit: Span) -> Ground {
    let lines = match case.how {
        How::Is(lines) | How::Waits(lines) | How::AtCancel(lines) | How::Mute(lines) | How::Dropped(lines) => lines,
        _ => "on_perform() { act; ok $id '{}'; }",
    };
    let mut ground = ground(lines);
    let (place, shell) = (&ground.place, ground.spec.argv[1].clone());
    let own = |text: &str| {
        place.script("plugins/own", text);
    };
    if matches!(case.how, How::Gone | How::Changed) {
        own(&format!("#!/bin/sh\n. '{shell}'\n"));
        ground.spec.argv = vec!["plugins/own".to_owned()];
    }
    if !matches!(case.how, How::Untrusted) {
        trust::trust(&place.root(), &ground.spec.argv[0]).unwrap();
    }
    match case.how {
        How::Gone => std::fs::remove_file(place.file("plugins/own")).unwrap(),
        How::Changed => own(&format!("#!/bin/sh\n: another\n. '{shell}'\n")),
        How::Mute(_) => ground.pace.greeting = Duration::from_millis(300),
        // Who stops reading is ended by the ping that comes with the limit.
        How::Waits(_) => {
            ground.pace.grace = Duration::from_millis(100);
            ground.pace.ping = (limit.std(), limit.std());
        }
        _ => {}
    }
    ground
}

async fn tried(verb: Verb, case: &Case) -> Result<(), String> {
    let limits: &[Span] = if case.waits() { &LIMITS } else { &ONCE };
    let mut held = Err("there was no limit".to_owned());
    for limit in limits {
        let ground = ground_of(case, *limit);
        held = once(&ground, case, &wish(verb, *limit)).await;
        // Only what was too slow to act is given more.
        if held.is_ok() || acted(&ground.place.root()) >= case.must.1.max(1) {
            return held;
        }
    }
    held
}

/// One case, in a workspace of its own.
async fn once(ground: &Ground, case: &Case, operation: &Operation) -> Result<(), String> {
    let (backend, mut said, root) = (ground.backend(), Said::default(), ground.place.root());
    if case.name.starts_with("hostile") {
        said.previewed(&backend, operation).await?;
    }
    let end = match case.how {
        How::Dropped(_) => {
            tokio::select! {
                how = backend.perform(operation.clone(), key(), sink(None).0) => return Err(format!("ended: {how:?}")),
                () = until("it has begun", || root.join("begun").exists()) => {}
            }
            std::fs::write(root.join("go"), "").unwrap();
            if case.must.1 > 0 {
                until("it is cancelled", || root.join("cancelled").exists()).await;
            }
            End::Unknown
        }
        _ => said.performed(&backend, operation.clone(), matches!(case.how, How::Late)).await,
    };
    held(&said, (end, acted(&root)), case.must)?;
    // Whatever was told, a probe finds what is so, and does nothing itself.
    if end == End::Unknown || (end == End::Done && case.must.1 == 0) {
        said.finds(&backend, operation, if case.must.1 > 0 { Shows::Applied } else { Shows::NotYet }).await?;
    }
    held(&said, (end, acted(&root)), case.must)
}

/// Tries those cases of every verb that end by themselves, or those that end with a limit.
async fn each(waits: bool) {
    let cases: Vec<_> = CASES.iter().filter(|case| case.waits() == waits).collect();
    let rows = cases.iter().flat_map(|case| Verb::ALL.iter().map(move |verb| (verb, *case)));
    let tries = rows.map(|(verb, case)| (format!("{verb}, {}", case.name), tried(*verb, case)));
    assert_eq!(all(tries).await, Verb::ALL.len() * cases.len());
}

#[tokio::test]
async fn of_every_verb_that_a_plugin_is_granted() {
    each(false).await;
}

#[tokio::test]
async fn of_every_verb_that_a_plugin_is_granted_at_its_limit() {
    each(true).await;
}

/// Everything that can be found of one operation that is in doubt; what hangs is ended by a ping.
async fn asked_about(verb: Verb, probe: &Probe) -> Result<(), String> {
    let mut ground = ground(&format!("on_probe() {{ {}; }}\non_perform() {{ act; }}", probe.does));
    trust::trust(&ground.place.root(), "/bin/sh").unwrap();
    if probe.name == "hangs" {
        ground.pace.ping = (Duration::from_millis(200), Duration::from_millis(200));
    }
    std::fs::write(ground.place.file("acted"), "before\n").unwrap();
    let (backend, mut said) = (ground.backend(), Said::default());
    let shows = said.probed(&backend, &wish(verb, Span::secs(60))).await;
    if shows != probe.shows {
        return Err(format!("it finds {shows:?}, not {:?}: {}", probe.shows, said.last()));
    }
    held(&said, (End::Unknown, acted(&ground.place.root())), (End::Unknown, 1))
}

#[tokio::test]
async fn of_every_probe_of_every_verb_of_a_plugin() {
    let rows = PROBES.iter().flat_map(|probe| Verb::ALL.iter().map(move |verb| (verb, probe)));
    let cases = rows.map(|(verb, probe)| (format!("{verb}, its probe: {}", probe.name), asked_about(*verb, probe)));
    assert_eq!(all(cases).await, Verb::ALL.len() * PROBES.len());
}

/// One that dies at every operation: each key is sent once, a watch leaves it alone in the end, an operation does not.
async fn dies_again_and_again(verb: Verb) -> Result<(), String> {
    let ground = ground("on_perform() { act; exit 3; }");
    trust::trust(&ground.place.root(), "/bin/sh").unwrap();
    let (backend, root) = (ground.backend(), ground.place.root());
    let keys: Vec<_> = (1..=7).map(|seq| Key { seq, ..key() }).collect();
    for (nth, key) in keys.iter().enumerate() {
        if nth == 6 {
            let seen = soon(backend.watch(Topic::Deployments).next()).await;
            let said = format!("{seen:?}");
            if !said.contains("left alone since") {
                return Err(format!("a watch starts it: {said}"));
            }
        }
        let how = soon(backend.perform(wish(verb, Span::secs(60)), key.clone(), sink(None).0)).await;
        if !matches!(how, Err(holdpoint::backend::Fault::Lost { .. })) {
            return Err(format!("it ended {how:?}"));
        }
    }
    let sent = std::fs::read_to_string(root.join("acted")).unwrap();
    let wanted: String = keys.iter().map(|key| format!("{key}\n")).collect();
    if sent == wanted { Ok(()) } else { Err(format!("sent: {sent}")) }
}

#[tokio::test]
async fn of_every_verb_of_a_plugin_that_dies_again_and_again() {
    all(Verb::ALL.iter().map(|verb| (verb.to_string(), dies_again_and_again(*verb)))).await;
}

#[test]
fn every_verb_stands_in_the_table_and_no_case_twice() {
    let can: Vec<_> = ground("").backend().manifest().verbs.keys().copied().collect();
    assert_eq!(Verb::ALL.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), can);
    assert_eq!(CASES.iter().map(|case| case.name).collect::<BTreeSet<_>>().len(), CASES.len());
    assert_eq!(PROBES.iter().map(|probe| probe.name).collect::<BTreeSet<_>>().len(), PROBES.len());
}
