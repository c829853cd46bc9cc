//! What a rule wants rehearsed: the very runbook, to its end, with nothing left out, not too long ago, and taken back.

use crate::ground;
use crate::policy::{deploys, judged, rule, under};
use crate::world::World;
use chrono::TimeDelta;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{At, Kind, Mode, Plan, Question, Work};
use holdpoint::domain::policy::{Effect, PolicyRule};
use holdpoint::domain::rehearsal::{Rehearsal, Rehearsed};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;

fn wants(back: bool) -> PolicyRule {
    let rehearsed = Some(Rehearsed { within: Span::secs(14 * 24 * 3600), back });
    PolicyRule { approvals: vec![], rehearsed, ..rule("first", Effect::Needs, "true") }
}

fn real() -> Plan {
    ground::plan("day", vec![deploys("2.0.0", Verb::Deploy)])
}

/// A run of the real thing under that rule, with this rehearsal known.
fn after(wants: PolicyRule, done: impl FnOnce(&World) -> Option<Rehearsal>) -> (Level, String) {
    let mut world = under([wants], "2.0.0");
    let done = done(&world);
    world.ledger.rehearsals.extend(done.map(|done| ("day".into(), done)));
    let verdict = judged(&world);
    (verdict.level, verdict.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

fn done(world: &World, days: i64) -> Rehearsal {
    let at = world.now - TimeDelta::days(days);
    Rehearsal { run: RunId(7), of: real().rehearsable(), at, skipped: vec![], back: None }
}

#[test]
fn what_was_not_rehearsed_just_so_is_held_with_why() {
    let back = |world: &World, days| Some(world.now - TimeDelta::days(days));
    assert_eq!(after(wants(false), |w| Some(done(w, 13))).0, Level::Pass);
    assert_eq!(after(wants(true), |w| Some(Rehearsal { back: back(w, 12), ..done(w, 13) })).0, Level::Pass);
    let just = |w: &World| Rehearsal { at: w.now - TimeDelta::days(14), ..done(w, 0) };
    assert_eq!(after(wants(false), |w| Some(just(w))).0, Level::Pass, "within is within");
    type Case = (bool, fn(&World) -> Option<Rehearsal>, &'static str);
    let cases: [Case; 5] = [
        (false, |_| None, "day was never rehearsed to its end"),
        (false, |w| Some(Rehearsal { of: Digest::of_bytes(b"another"), ..done(w, 1) }), "changed since"),
        (false, |w| Some(Rehearsal { skipped: vec!["1".into()], ..done(w, 1) }), "left out step 1"),
        (
            false,
            |w| Some(Rehearsal { at: w.now - TimeDelta::days(14) - TimeDelta::milliseconds(1), ..done(w, 0) }),
            "too long ago",
        ),
        (true, |w| Some(done(w, 1)), "was not taken back"),
    ];
    for (back, done, why) in cases {
        let (level, said) = after(wants(back), done);
        assert_eq!(level, Level::Hold, "{why}");
        assert!(said.contains("first speaks, policy first: a rehearsal within 14d") && said.contains(why), "{said}");
    }
}

#[test]
fn a_file_that_calls_itself_a_rehearsal_is_none() {
    let called = |rehearses: Option<Digest>| {
        let mut world = under([wants(false)], "2.0.0");
        let run = world.ledger.runs.get_mut(&RunId(1)).unwrap();
        let plan = std::sync::Arc::make_mut(&mut run.plan);
        (plan.mode, plan.rehearses) = (Mode::Rehearsal, rehearses);
        judged(&world).level
    };
    assert_eq!(called(None), Level::Hold);
    assert_eq!(called(Some(real().rehearsable())), Level::Pass, "as holdpoint makes them of the files");
}

#[test]
fn what_a_rehearsal_shows_is_everything_but_when_and_for_which_release() {
    let same = |change: fn(&mut Plan)| {
        let mut plan = real();
        change(&mut plan);
        plan.rehearsable() == real().rehearsable()
    };
    assert!(same(|plan| plan.steps[0].at = Some(At::Offset(60_000))));
    assert!(same(|plan| plan.steps[0].takes = Some(Span::mins(9))));
    assert!(same(|plan| (plan.t0, plan.release) = (Some(ground::start()), Some("train".into()))));
    assert!(!same(|plan| plan.steps[0].instructions = "slowly".into()));
    assert!(!same(|plan| plan.steps.push(ground::step("2", Kind::Manual, &[], Work::Ask(Question::Done)))));
    assert!(!same(|plan| plan.signals.clear()), "thresholds");
    assert!(!same(|plan| plan.runbook = "night".into()));
}

/// A run of two manual steps, as it is rehearsed.
fn rehearsing() -> World {
    let mut world = World::new();
    let manual = |name: &str| ground::step(name, Kind::Manual, &[], Work::Ask(Question::Done));
    let real = ground::plan("day", vec![manual("1"), manual("2")]);
    let rehearses = Some(real.rehearsable());
    world.starts(Plan { mode: Mode::Rehearsal, rehearses, ..real });
    world
}

fn step(world: &mut World, step: &str, what: StepCommand) {
    let outcome = world.command("ana", &Command::Step(RunId(1), step.into(), what));
    assert_eq!(outcome.refusal, None);
}

#[test]
fn a_rehearsal_counts_from_its_end_and_says_what_was_left_out() {
    let mut world = rehearsing();
    step(&mut world, "1", StepCommand::Done(String::new()));
    assert!(world.ledger.rehearsals.is_empty(), "it has not ended");
    step(&mut world, "2", StepCommand::Skip("no time".into()));
    world.command("ana", &Command::Complete(RunId(1)));
    let kept = &world.ledger.rehearsals["day"];
    assert_eq!((kept.run, kept.at, &kept.skipped, kept.back), (RunId(1), world.ledger.at, &vec!["2".into()], None));
    assert_eq!(world.replay(), world.ledger);
}

#[test]
fn one_that_was_stopped_shows_nothing_and_leaves_the_one_before() {
    let mut world = rehearsing();
    let before = Rehearsal { run: RunId(0), ..done(&world, 3) };
    // What the ledger is then is told by its facts alone, so one that has no rehearsal before is replayed too.
    assert_eq!(world.command("ana", &Command::Abort(RunId(1), "enough".into())).refusal, None);
    assert!(world.ledger.rehearsals.is_empty());
    let mut ledger = rehearsing().ledger;
    ledger.rehearsals.insert("day".into(), before.clone());
    let last = world.entries.last().unwrap();
    ledger.apply(last).unwrap();
    assert!(ledger.run(RunId(1)).unwrap().ended() && ledger.rehearsals["day"] == before);
    // The real thing, to its end, is no rehearsal either.
    let mut world = World::new();
    world.starts(ground::plan("day", vec![ground::step("1", Kind::Manual, &[], Work::Ask(Question::Done))]));
    step(&mut world, "1", StepCommand::Done(String::new()));
    world.command("ana", &Command::Complete(RunId(1)));
    assert!(world.ledger.run(RunId(1)).unwrap().ended() && world.ledger.rehearsals.is_empty());
}
