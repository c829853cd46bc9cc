//! Every verb that a program can be run for, held to everything that can go wrong with a program: how it is called,
//! how often it was really done, what a probe finds, and that nothing gets out that should not.

mod cases;

use crate::ends::{End, Shows};
use crate::foreign::{LIMITS, ONCE, Said, acted, all, held, wish};
use crate::support::{Place, alive, key, pid, sink, until};
use crate::undisturbed as tokio;
use cases::{CASES, Case, How, LISTED, PROBES, Probe};
use holdpoint::backend::Backend;
use holdpoint::domain::backend::Script;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;

/// Whose program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// The one that is declared for the verb.
    Declared,
    /// The one that the runbook names.
    Own,
}

const ROWS: [(Verb, Whose); 17] = [
    (Verb::Deploy, Whose::Declared),
    (Verb::Promote, Whose::Declared),
    (Verb::Pause, Whose::Declared),
    (Verb::Resume, Whose::Declared),
    (Verb::Abort, Whose::Declared),
    (Verb::RollBack, Whose::Declared),
    (Verb::Scale, Whose::Declared),
    (Verb::Restart, Whose::Declared),
    (Verb::Shift, Whose::Declared),
    (Verb::Mend, Whose::Declared),
    (Verb::Action, Whose::Declared),
    (Verb::Toggle, Whose::Declared),
    (Verb::Silence, Whose::Declared),
    (Verb::Announce, Whose::Declared),
    (Verb::Snapshot, Whose::Declared),
    (Verb::Snapshot, Whose::Own),
    (Verb::Run, Whose::Own),
];

/// A probe that says what is true.
const TRUE: &str = r#"if [ -s acted ]; then echo '{"found":"applied"}'; else echo '{"found":"not-applied"}'; fi"#;

/// Programs in a directory of their own, declared for every verb there is.
fn place(argv: &[&str]) -> Place {
    let mut place = Place::new();
    let script = |argv: &[&str], limit| Script {
        argv: argv.iter().map(ToString::to_string).collect(),
        limit,
        not_applied: vec![3],
        idempotent: false,
    };
    place.spec.verbs = Verb::ALL.map(|verb| (verb, script(argv, Span::secs(60)))).into();
    place.spec.probe = Some(script(&["/bin/sh", "probe", "{key}"], Span::secs(60)));
    runs(&place, "probe", TRUE);
    place
}

/// Puts the lines of a program into a file, as what it is.
fn runs(place: &Place, file: &str, lines: &str) {
    let begins = "echo $$ >pid\nact() { echo \"$HOLDPOINT_KEY\" >>acted; }\n";
    let begins = if file == "probe" { "" } else { begins };
    std::fs::write(place.file(file), format!("{begins}{lines}\n")).unwrap();
}

/// The arguments of a case; what is to be run lies in the file `lines`.
fn argv(how: How) -> Vec<&'static str> {
    match how {
        How::Absent => vec!["./absent", "{version}"],
        How::Plain => vec!["./lines", "{version}"],
        How::NoInterpreter => vec!["./nowhere", "{version}"],
        How::Unfilled => vec!["/bin/sh", "lines", "{no-such-argument}"],
        _ => vec!["/bin/sh", "lines", "{verb}", "{service}", "{environment}", "{version}"],
    }
}

/// What is asked for.
fn asked(whose: Whose, verb: Verb, limit: Span, argv: &[&str]) -> Operation {
    let own = argv.iter().map(ToString::to_string).collect();
    let argv = if whose == Whose::Own { own } else { Vec::new() };
    Operation { argv, ..wish(verb, limit) }
}

/// What must hold; the listed code is one only where it is listed.
fn must(case: &Case, whose: Whose) -> (End, usize) {
    if whose == Whose::Own && case.name == LISTED { (End::Unknown, 0) } else { case.must }
}

async fn tried(verb: Verb, whose: Whose, case: &Case) -> Result<(), String> {
    let (argv, must) = (argv(case.how), must(case, whose));
    let limits: &[Span] = if matches!(case.how, How::Waits(_)) { &LIMITS } else { &ONCE };
    let mut held = Err("there was no limit".to_owned());
    for limit in limits {
        let place = place(&argv);
        let operation = asked(whose, verb, *limit, &argv);
        held = once(&place, case, &operation, must).await;
        // Only what was too slow to act is given more.
        if held.is_ok() || acted(&place.root()) >= must.1.max(1) {
            return held;
        }
    }
    held
}

/// One case, in a place of its own.
async fn once(place: &Place, case: &Case, operation: &Operation, must: (End, usize)) -> Result<(), String> {
    let (backend, mut said) = (place.backend(), Said::default());
    match case.how {
        How::Runs(lines) | How::Waits(lines) | How::Dropped(lines) => runs(place, "lines", lines),
        How::NoInterpreter => {
            place.script("nowhere", "#!/nowhere/at/all\necho >>acted\n");
        }
        _ => runs(place, "lines", "act"),
    }
    let end = match case.how {
        How::Dropped(_) => {
            tokio::select! {
                how = backend.perform(operation.clone(), key(), sink(None).0) => return Err(format!("ended: {how:?}")),
                () = until("it has begun", || place.file("begun").exists()) => End::Unknown,
            }
        }
        _ => said.performed(&backend, operation.clone(), matches!(case.how, How::Late)).await,
    };
    if matches!(case.how, How::Waits(_) | How::Dropped(_)) {
        if !place.file("pid").exists() {
            return Err(format!("it had not begun: {}", said.last()));
        }
        let number = pid(&place.file("pid")).await;
        until("it is gone", || !alive(number)).await;
    }
    if place.file("left").exists() {
        let left = Pid::from_raw(pid(&place.file("left")).await).unwrap();
        kill_process(left, Signal::KILL).unwrap();
    }
    held(&said, (end, acted(&place.root())), must)?;
    // Whatever was told, a probe finds what is so, and does nothing itself.
    if end == End::Unknown || (end == End::Done && must.1 == 0) {
        let wanted = if must.1 > 0 { Shows::Applied } else { Shows::NotYet };
        said.finds(&backend, operation, wanted).await?;
    }
    held(&said, (end, acted(&place.root())), must)
}

#[tokio::test]
async fn of_every_verb_that_a_program_is_run_for() {
    let rows = || CASES.iter().flat_map(|case| ROWS.iter().map(move |row| (row, case)));
    let cases =
        rows().map(|((verb, whose), case)| (format!("{verb} ({whose:?}), {}", case.name), tried(*verb, *whose, case)));
    assert_eq!(all(cases).await, ROWS.len() * CASES.len());
}

/// Everything that a probe can say of one operation that is in doubt.
async fn asked_about(verb: Verb, whose: Whose, probe: &Probe) -> Result<(), String> {
    let argv = argv(How::Runs(""));
    let mut place = place(&argv);
    let script = place.spec.probe.as_mut().unwrap();
    if probe.waits {
        script.limit = Span::millis(400);
    }
    match probe.lines {
        Some(lines) => runs(&place, "probe", lines),
        None => script.argv = vec!["./absent".to_owned()],
    }
    // Whether it was done, and what its program says by now, is nothing to the probe.
    std::fs::write(place.file("acted"), "before\n").unwrap();
    runs(&place, "lines", "act");
    let (backend, mut said) = (place.backend(), Said::default());
    let shows = said.probed(&backend, &asked(whose, verb, Span::secs(60), &argv)).await;
    if shows != probe.shows {
        return Err(format!("it finds {shows:?}, not {:?}: {}", probe.shows, said.last()));
    }
    held(&said, (End::Unknown, acted(&place.root())), (End::Unknown, 1))
}

#[tokio::test]
async fn of_every_probe_of_every_verb() {
    let rows = PROBES.iter().flat_map(|probe| ROWS.iter().map(move |row| (row, probe)));
    let cases = rows.map(|((verb, whose), probe)| {
        (format!("{verb} ({whose:?}), its probe: {}", probe.name), asked_about(*verb, *whose, probe))
    });
    assert_eq!(all(cases).await, ROWS.len() * PROBES.len());
}

#[test]
fn every_verb_stands_in_the_table_and_no_case_twice() {
    let can: Vec<_> = place(&["/bin/true"]).backend().manifest().verbs.keys().copied().collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|(verb, _)| *verb).collect();
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), can);
    assert_eq!(CASES.iter().map(|case| case.name).collect::<BTreeSet<_>>().len(), CASES.len());
    assert_eq!(PROBES.iter().map(|probe| probe.name).collect::<BTreeSet<_>>().len(), PROBES.len());
}
