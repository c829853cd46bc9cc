//! Random days: whatever people, backends and signals do in whatever order, the
//! laws hold after every line, nothing panics, and the day reads back as it was.

use crate::ground;
use crate::words;
use crate::world::World;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, LeftOpen, Plan, Question, Start, Step, Work};
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::{RollsBack, Trigger};
use holdpoint::engine::State;
use holdpoint::engine::run::Fate;
use proptest::prelude::*;

const PEOPLE: [&str; 6] = ["ana", "kim", "bo", "tom", "sam", "ana#2"];
const STEPS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

/// A plan with every kind of work, in which most steps need little.
fn everything() -> Plan {
    let deploy = |service, environment, idempotent| {
        let mut op = ground::operation(Verb::Deploy, service, environment);
        op.idempotent = idempotent;
        Work::Do(op)
    };
    let at = |text| vec![ground::signal_at(text)];
    let soak = Gate::Soak { signals: at("errors@prod"), hold_for: Span::secs(20) };
    let poll = Question::Poll {
        roles: vec!["qa".into(), "business".into()],
        evidence: at("errors@prod"),
        closes: Span::mins(3),
    };
    let release = Question::Release { roles: vec!["business".into(), "qa".into()], decide_by: None };
    let choice = Question::Choice { branches: vec!["go".to_owned(), "back".to_owned()] };
    let mut steps = vec![
        ground::step("1", Kind::Action, &[], deploy("web", "stage", true)),
        ground::step("2", Kind::Action, &["1"], deploy("web", "stage", false)),
        Step {
            verify: Some(Gate::Health(at("errors@prod"))),
            ..ground::step("3", Kind::Action, &[], deploy("api", "prod", false))
        },
        Step { start: Start::Person, ..ground::step("4", Kind::Action, &[], deploy("api", "twin", true)) },
        Step { verify: Some(soak.clone()), ..ground::step("5", Kind::Action, &[], deploy("db", "stage", true)) },
        ground::step("6", Kind::Soak, &["1"], Work::Watch { gate: soak.clone(), limit: Some(Span::mins(5)) }),
        ground::step("7", Kind::Approval, &[], Work::Ask(Question::Approval(vec![words::slot("qa:2")]))),
        ground::step("8", Kind::Poll, &[], Work::Ask(poll)),
        ground::step("9", Kind::Hold, &["7"], Work::Ask(release)),
        ground::step("10", Kind::Decision, &[], Work::Ask(choice)),
        Step {
            gate: Some(Gate::All(vec![Gate::Health(at("errors@prod")), words::gate("approval qa")])),
            branch: Some(("10".into(), "go".to_owned())),
            ..ground::step("11", Kind::Action, &["10"], deploy("api", "stage", false))
        },
        ground::step("12", Kind::Milestone, &["2", "6", "11"], Work::Mark),
    ];
    steps.iter_mut().for_each(|s| s.diagnose = Some(Span::mins(1)));
    let mut plan = ground::plan("everything", steps);
    plan.triggers = vec![
        trigger("T", RollsBack::One("web".into(), "stage".into()), Some(Span::secs(20))),
        trigger("S", RollsBack::Set, None),
        trigger("U", RollsBack::Set, Some(Span::ZERO)),
    ];
    plan.leaves_open = vec![LeftOpen {
        what: "silence".to_owned(),
        owner: "ops".into(),
        opened_by: "1".into(),
        closed_by: "10".into(),
    }];
    plan
}

fn trigger(name: &str, rolls_back: RollsBack, countdown: Option<Span>) -> Trigger {
    Trigger {
        name: name.into(),
        signals: vec![ground::signal_at("errors@prod")],
        from: "1".into(),
        until: None,
        rolls_back,
        countdown,
        postpone: Span::secs(30),
        agreed_at: None,
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Move {
    Says(usize, String),
    /// Of the operations that are open, in doubt or ended: which, and what of it.
    Report(usize, &'static str),
    Found(usize, &'static str),
    /// A value, its events, and how many readings of it in a row.
    Reads(f64, u64, u64),
    Passes(u64),
    Dies(usize),
    Freezes(u64),
}

fn moves() -> impl Strategy<Value = Move> {
    let run = prop_oneof![12 => Just("@1"), 2 => Just("@2"), 1 => Just("@3")];
    let step = prop_oneof![
        8 => Just("?"),
        2 => prop::sample::select(STEPS.to_vec()),
        1 => prop::sample::select(vec!["R1", "R2", "R3"])
    ];
    let consent = prop_oneof![20 => Just("confirm"), 1 => Just(""), 1 => Just("weak"), 1 => Just("stale")];
    let verb = prop::sample::select(vec![
        "start",
        "done",
        "undo",
        "fail",
        "retry",
        "skip",
        "hold",
        "release",
        "waive",
        "probe",
        "resolve succeeded",
        "resolve failed",
        "resolve not-applied",
        "assign",
        "choose",
        "approve",
        "reject",
        "start",
        "retry",
    ]);
    let on_step = (run.clone(), verb, step, consent.clone()).prop_map(|(run, verb, step, consent)| {
        let (verb, how) = verb.split_once(' ').unwrap_or((verb, ""));
        let rest = match verb {
            "choose" => "go",
            "assign" => "tom",
            _ => "because",
        };
        format!("{verb} {run} {step} {how} {consent} {rest}")
    });
    let whole = (
        run,
        prop::sample::select(vec![
            "run",
            "take because",
            "take",
            "give",
            "hold-all why",
            "hold-run why",
            "hold-target web stage why",
            "lift 1 why",
            "lift 2 why",
            "lift 3 why",
            "park why",
            "unpark",
            "complete",
            "abort why",
            "take-over silence:why",
            "rollback web stage why",
            "rollback set why",
            "rollback db stage to=1 why",
            "postpone T why",
            "disarm T why",
            "postpone U why",
            "add X why",
            "root-cause why",
            "close quit",
            "vote 8 qa go",
            "vote 8 qa no-go",
            "vote 8 business go",
            "vote 8 business go said=bo heard=sam",
            "vote 8 qa go-if dry",
            "vote 8 qa met dry",
            "approve 4 role=business",
            "approve 7",
            "approve 11",
        ]),
        consent,
    )
        .prop_map(|(run, verb, consent)| format!("{verb} {run} {consent}"));
    let report = prop::sample::select(vec![
        "done previous=1",
        "done",
        "not-done",
        "partly 1 2",
        "unknown",
        "not-sent",
        "done previous=1",
        "unknown",
    ]);
    let found = prop::sample::select(vec!["applied", "not-applied", "not-applied-so-far", "unknown", "partly 1 2"]);
    let value = prop_oneof![4 => 0.0..0.05f64, 3 => 0.05..1.0f64, 1 => Just(f64::NAN), 1 => any::<f64>()];
    prop_oneof![
        10 => (0..PEOPLE.len(), on_step).prop_map(|(who, text)| Move::Says(who, text)),
        6 => (0..PEOPLE.len(), whole).prop_map(|(who, text)| Move::Says(who, text)),
        9 => (0..8usize, report).prop_map(|(n, what)| Move::Report(n, what)),
        2 => (0..8usize, found).prop_map(|(n, what)| Move::Found(n, what)),
        6 => (value, prop_oneof![5 => Just(100u64), 1 => Just(3)], 1u64..6).prop_map(|(v, n, t)| Move::Reads(v, n, t)),
        5 => prop_oneof![4 => 1u64..20_000, 1 => 20_000u64..400_000].prop_map(Move::Passes),
        1 => (0..PEOPLE.len()).prop_map(Move::Dies),
        2 => (0..2usize).prop_map(|who| Move::Says(who, "take @1 because".to_owned())),
        1 => (0..2usize).prop_map(|who| Move::Says(who, "take @2 because".to_owned())),
        1 => (1u64..100).prop_map(Move::Freezes),
    ]
}

fn make(world: &mut World, plan: &Plan, this: &Move) {
    match this {
        Move::Says(who, text) => {
            let text = &fitting(world, text);
            if !possible(world, text) {
                return;
            }
            let command = words::command(world, plan, text);
            world.command(PEOPLE[*who], &command);
        }
        Move::Report(n, what) => {
            if let Some(intent) = newest(world, *n, |fate| *fate == Fate::Open) {
                let (intent, report) = words::report(world, &format!("#{intent} {what}"));
                world.report(intent, &report);
            }
        }
        Move::Found(n, what) => {
            if let Some(intent) = newest(world, *n, |fate| matches!(fate, Fate::InDoubt(_))) {
                let (intent, found) = words::found(world, &format!("#{intent} {what}"));
                world.found(intent, &found);
            }
        }
        Move::Reads(value, events, times) => {
            for _ in 0..*times {
                world.pass(world.now + Span::secs(5).delta());
                world.read(&ground::signal_at("errors@prod"), *value, *events);
            }
        }
        Move::Passes(ms) => drop(world.pass(world.now + Span::millis(*ms).delta())),
        Move::Dies(who) => {
            if world.sessions.contains_key(PEOPLE[*who]) {
                world.dies(PEOPLE[*who]);
            }
        }
        Move::Freezes(secs) => world.freeze("Payday", Span::secs(*secs), false),
    }
}

/// The words with `?` as a step that is in a state to which the verb fits.
fn fitting(world: &World, text: &str) -> String {
    let verb = text.split(' ').next().unwrap_or_default();
    let fits = |state: &State| match verb {
        "start" | "hold" => *state == State::Pending,
        "retry" | "skip" => state.failed(),
        "undo" => *state == State::Done,
        "resolve" | "probe" => matches!(state, State::InDoubt(_)),
        "waive" => *state == State::Verifying,
        _ => *state == State::Running,
    };
    let run = world.ledger.runs.values().rev().find(|r| r.steps.values().any(|s| fits(&s.state)));
    let step = run.and_then(|r| Some((r, r.plan.steps.iter().find(|s| fits(r.state(&s.name)))?)));
    let (run, step) = step.map_or((1, "1".to_owned()), |(r, s)| (r.id.0, s.name.to_string()));
    match text.contains('?') {
        true => text.replacen('?', &step, 1).replacen("@1", &format!("@{run}"), 1),
        false => text.to_owned(),
    }
}

/// Whether the words of a vote or approval can be looked up at all.
fn possible(world: &World, text: &str) -> bool {
    let verb = text.split(' ').next().unwrap_or_default();
    if !matches!(verb, "vote" | "approve" | "reject" | "take") {
        return true;
    }
    let run = text.split('@').nth(1).and_then(|r| r.split(' ').next()).and_then(|r| r.parse().ok()).unwrap_or(1);
    let step = text.split(' ').skip(1).find(|w| !w.is_empty() && !w.starts_with('@')).unwrap_or_default();
    world.ledger.run(RunId(run)).is_some_and(|r| {
        let found = r.plan.step(&step.into());
        match verb {
            "take" => true,
            "vote" => found.is_some_and(|s| matches!(s.work, Work::Ask(Question::Poll { .. }))),
            _ => found.is_some(),
        }
    })
}

/// Mostly an operation of which something is awaited, sometimes any.
fn newest(world: &World, n: usize, awaited: impl Fn(&Fate) -> bool) -> Option<u64> {
    let all: Vec<_> = world.ledger.sent.values().rev().collect();
    let fitting: Vec<_> = all.iter().filter(|s| awaited(&s.fate)).collect();
    match n {
        0 => all.first().map(|s| s.seq),
        1 => all.last().map(|s| s.seq),
        n => fitting.get(n % fitting.len().max(1)).map(|s| s.seq),
    }
}

/// As many as `PROPTEST_CASES` says; few enough for every day otherwise.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_on_any_day(day in prop::collection::vec(moves(), 1..130)) {
        let mut world = World::new();
        let plan = everything();
        world.read(&ground::signal_at("errors@prod"), 0.01, 100);
        world.command("ana", &words::command(&world, &plan, "run"));
        for this in &day {
            make(&mut world, &plan, this);
        }
        prop_assert_eq!(world.replay(), world.ledger);
    }
}
