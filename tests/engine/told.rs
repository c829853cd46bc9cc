//! Windows that backends tell: when they are shut, and how deployments are judged by them.

use crate::ground;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, BackendSpec};
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::observed::{Observation, Observed, Placed, Stamped};
use holdpoint::domain::operation::Direction;
use holdpoint::domain::plan::{At, Work};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::{Level, Verdict};
use holdpoint::domain::window::{Window, WindowKind, Windows};
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::calendar::Question;
use holdpoint::engine::forecast::{self, Forecast};
use holdpoint::engine::{self, Given, Ledger, rules};
use holdpoint::report::forecast as words;
use holdpoint::report::may;
use proptest::prelude::*;
use std::sync::Arc;

fn at(hour: i64) -> DateTime<Utc> {
    ground::start() + TimeDelta::hours(hour)
}

fn window(kind: WindowKind, people: bool, hours: &[(i64, i64)]) -> Window {
    let spans = hours.iter().map(|(a, b)| (at(*a), at(*b))).collect();
    let title = format!("{kind:?} {hours:?}");
    Window { title, kind, people, places: [place()].into(), spans }
}

fn place() -> Placed {
    ("web".into(), "prod".into())
}

/// Days of windows from the start on.
fn windows(all: Vec<Window>) -> Windows {
    Windows::of(all, Default::default(), (at(0), at(100))).and_of([place()])
}

fn shut(windows: &Windows, at: DateTime<Utc>) -> bool {
    windows.places(None).any(|(_, shut)| shut.iter().any(|s| s.from <= at && at < s.to))
}

/// `CanSync` of Argo CD for a person, as it is written there.
fn may_sync(all: &[Window], at: DateTime<Utc>) -> bool {
    let (on, off): (Vec<_>, Vec<_>) = all.iter().partition(|w| w.spans.iter().any(|(a, b)| *a <= at && at < *b));
    let denies: Vec<_> = on.iter().filter(|w| w.kind == WindowKind::Deny).collect();
    if !denies.is_empty() {
        return denies.iter().all(|w| w.people);
    }
    if on.iter().any(|w| w.kind == WindowKind::Allow) {
        return true;
    }
    let allows: Vec<_> = off.iter().filter(|w| w.kind == WindowKind::Allow).collect();
    allows.is_empty() || allows.iter().all(|w| w.people)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shut_is_when_a_person_may_not_sync(all in proptest::collection::vec(
        (any::<bool>(), any::<bool>(), proptest::collection::btree_set(0i64..100, 0..8)), 0..6)
    ) {
        let all: Vec<_> = all.into_iter().map(|(deny, people, edges)| {
            let edges: Vec<_> = edges.into_iter().collect();
            let hours: Vec<_> = edges.chunks_exact(2).map(|two| (two[0], two[1])).collect();
            window(if deny { WindowKind::Deny } else { WindowKind::Allow }, people, &hours)
        }).collect();
        let told = windows(all.clone());
        for half in 0..200 {
            let at = at(0) + TimeDelta::minutes(30 * half);
            prop_assert_eq!(shut(&told, at), !may_sync(&all, at), "at {}", at);
        }
    }
}

fn workspace() -> Workspace {
    let mut workspace = Workspace::default();
    let kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    workspace.backends.insert("argo".into(), BackendSpec { name: "argo".into(), every: Span::secs(10), kind });
    let mut service = ground::workspace().services.values().next().unwrap().clone();
    service.name = "web".into();
    service.deployed_by = [("prod".into(), "argo".into())].into();
    workspace.services.insert("web".into(), service);
    let mut environment = ground::workspace().environments.values().next().unwrap().clone();
    environment.name = "prod".into();
    workspace.environments.insert("prod".into(), environment);
    workspace
}

fn observed(windows: Windows, seen: DateTime<Utc>) -> Observed {
    let mut observed = Observed::default();
    let what = Ok(Observation::Windows(Arc::new(windows)));
    observed.apply(&Stamped { at: seen, source: "argo".into(), every: Span::secs(10), what });
    observed
}

struct Case {
    workspace: Workspace,
    observed: Observed,
    now: DateTime<Utc>,
}

impl Case {
    fn of(all: Vec<Window>) -> Self {
        Self { workspace: workspace(), observed: observed(windows(all), at(0)), now: at(0) }
    }

    fn with<T>(&self, ask: impl FnOnce(&Given<'_>, Question<'_>) -> T) -> T {
        let (ledger, (service, environment)) = (Ledger::default(), place());
        let given = Given { ledger: &ledger, workspace: &self.workspace, observed: &self.observed, now: self.now };
        let (service, environment) = (Some(&service), Some(&environment));
        ask(&given, Question { service, environment, direction: Direction::Forward, told: true, backend: None })
    }

    fn may(&self, hour: i64) -> Verdict {
        self.with(|given, ask| rules::may(given, ask, at(hour)))
    }

    fn opens(&self, hour: i64) -> Option<DateTime<Utc>> {
        self.with(|given, ask| rules::opens(given, ask, at(hour)))
    }

    fn closes(&self, hour: i64) -> Option<DateTime<Utc>> {
        self.with(|given, ask| rules::closes(given, ask, at(hour)))
    }
}

#[test]
fn a_deployment_waits_until_the_window_opens_and_is_told_when_it_shuts() {
    let case = Case::of(vec![
        window(WindowKind::Allow, false, &[(2, 8), (26, 32)]),
        window(WindowKind::Deny, false, &[(4, 5)]),
    ]);
    let level = |hour| case.may(hour).level;
    assert_eq!([0, 2, 4, 5, 8].map(level), [Level::Hold, Level::Pass, Level::Hold, Level::Pass, Level::Hold]);
    assert_eq!([0, 2, 4, 8].map(|h| case.opens(h)), [Some(at(2)), Some(at(2)), Some(at(5)), Some(at(26))]);
    assert_eq!([2, 5].map(|h| case.closes(h)), [Some(at(4)), Some(at(8))]);
    let why = case.may(4).reasons[0].to_string();
    assert!(why.contains("web@prod shut by the window Deny") && why.contains("argo says"), "{why}");
    assert!(case.may(0).reasons[0].to_string().contains("shut outside the window Allow"));
    // What is no deployment is not theirs to judge.
    let other = case.with(|given, ask| rules::may(given, Question { told: false, ..ask }, at(4)).level);
    assert_eq!(other, Level::Pass);
}

fn event(kind: EventKind, (from, to): (i64, i64)) -> Event {
    let occurrences = vec![(at(from), at(to))];
    let (name, title, contact) = ("night".to_owned(), "night".to_owned(), String::new());
    let (services, environments) = (vec![], vec![]);
    Event { name, title, contact, kind, stops_rollback: false, occurrences, services, environments }
}

#[test]
fn both_the_files_and_the_backend_must_be_open() {
    let mut case = Case::of(vec![window(WindowKind::Allow, false, &[(2, 8)])]);
    case.workspace.calendar.events = vec![event(EventKind::Window, (6, 12))];
    assert_eq!([3, 7, 9].map(|h| case.may(h).level), [Level::Hold, Level::Pass, Level::Hold]);
    assert_eq!((case.opens(0), case.closes(7)), (Some(at(6)), Some(at(8))));
}

#[test]
fn what_was_not_heard_or_is_lost_or_unread_is_unknown_and_never_open() {
    let mut case = Case::of(vec![window(WindowKind::Allow, false, &[(0, 99)])]);
    assert_eq!(case.may(1).level, Level::Pass);
    case.now = at(0) + TimeDelta::seconds(40);
    assert_eq!(case.may(1).level, Level::Pass, "late is not lost");
    case.now = at(0) + TimeDelta::seconds(51);
    let lost = case.may(1);
    assert_eq!(lost.level, Level::Unknown);
    assert!(lost.reasons[0].to_string().contains("windows of argo are not known: not heard since"), "{lost:?}");
    case.now = at(0);
    assert_eq!(case.may(100).level, Level::Unknown, "nobody knows that far");
    case.observed = Observed::default();
    assert!(case.may(1).reasons[0].to_string().contains("not heard yet"));
    let unread = [(place(), "gibberish".to_owned())].into();
    case.observed = observed(Windows::of(vec![], unread, (at(0), at(100))), at(0));
    assert_eq!(case.may(1).level, Level::Unknown);
    // A place without windows is open, as far ahead as one asks.
    case.observed = observed(windows(vec![]), at(0));
    assert_eq!([1, 1000].map(|h| case.may(h).level), [Level::Pass, Level::Pass]);
}

#[test]
fn where_clocks_differ_an_edge_that_a_backend_tells_counts_and_where_what_is_known_begins_is_none() {
    // The first one is cut where what is known begins.
    let mut case = Case::of(vec![window(WindowKind::Deny, false, &[(0, 5), (10, 12)])]);
    let (hour, by) = (TimeDelta::hours(1), "argo".into());
    let what = Ok(Observation::Clock(hour));
    case.observed.apply(&Stamped { at: at(0), source: "argo".into(), every: Span::secs(10), what });
    let may = |n| case.with(|given, ask| rules::may(given, Question { backend: Some(&by), ..ask }, at(n)).level);
    assert_eq!([0, 1, 3].map(may), [Level::Hold; 3]);
    assert_eq!([4, 5, 6].map(may), [Level::Unknown; 3]);
    assert_eq!([7, 8].map(may), [Level::Pass; 2]);
}

#[test]
fn nobody_says_that_it_opens_where_what_is_known_ends() {
    let case = Case::of(vec![window(WindowKind::Allow, false, &[])]);
    assert_eq!((case.may(1).level, case.may(1).opens(), case.opens(1)), (Level::Hold, None, None));
}

#[test]
fn what_is_unknown_neither_opens_nor_closes() {
    let mut case = Case::of(vec![window(WindowKind::Allow, false, &[(2, 8)])]);
    let answer = |case: &Case, hour: i64| {
        case.with(|given, _| may::ask(given, may::Subject::named(given, "deploy", "web", "prod").unwrap(), at(hour)))
    };
    assert_eq!((answer(&case, 1).opens, answer(&case, 3).closes), (Some(at(2)), Some(at(8))));
    // Beyond what is known.
    assert_eq!((case.opens(100), case.closes(3)), (None, Some(at(8))));
    assert_eq!(answer(&case, 101).opens, None);
    case.observed = Observed::default();
    assert_eq!((case.may(3).level, case.opens(3), case.closes(3)), (Level::Unknown, None, None));
    assert_eq!((answer(&case, 3).opens, answer(&case, 3).closes), (None, None));
    let unread = [(place(), "gibberish".to_owned())].into();
    case.observed = observed(Windows::of(vec![], unread, (at(0), at(100))), at(0));
    assert_eq!((answer(&case, 3).opens, case.opens(3)), (None, None));
}

#[test]
fn a_freeze_that_ends_where_windows_are_not_known_is_not_said_to_open_then() {
    let mut case = Case::of(vec![window(WindowKind::Allow, false, &[(0, 99)])]);
    case.workspace.calendar.events = vec![event(EventKind::Freeze, (50, 110))];
    assert_eq!((case.opens(50), case.closes(1)), (None, Some(at(50))));
    // An edge behind what is known closes nothing as far as anybody knows.
    case.workspace.calendar.events = vec![event(EventKind::Window, (0, 200))];
    assert_eq!(case.closes(1), Some(at(99)));
    case.observed = observed(windows(vec![window(WindowKind::Allow, false, &[(0, 100)])]), at(0));
    assert_eq!(case.closes(1), None);
}

#[test]
fn a_place_that_was_not_asked_about_is_unknown_and_never_open() {
    let mut case = Case::of(vec![]);
    assert_eq!((case.may(1).level, case.may(1000).level), (Level::Pass, Level::Pass));
    // Another service, which a file that was read since gives to the same backend.
    let mut service = case.workspace.services[&place().0].clone();
    service.name = "late".into();
    case.workspace.services.insert("late".into(), service);
    let late: Placed = ("late".into(), "prod".into());
    let (name, environment) = (Some(&late.0), Some(&late.1));
    let verdict = case.with(|given, ask| rules::may(given, Question { service: name, environment, ..ask }, at(1)));
    let why = verdict.reasons[0].to_string();
    assert_eq!((verdict.level, why.contains("leave holdpoint and start it again")), (Level::Unknown, true), "{why}");
    let unread = case.with(|given, _| {
        let by = "argo".into();
        let seen = engine::windows::heard(given.observed, &by, given.now).unwrap();
        engine::windows::unread(given, &by, &seen.value)
    });
    assert_eq!(unread.keys().collect::<Vec<_>>(), [&late]);
    assert_eq!(case.may(1).level, Level::Pass);
}

/// A run that brings web to production, where Argo CD deploys, with what it told.
fn run(told: Option<Windows>) -> World {
    let mut world = World::new();
    let kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    world.workspace.backends.insert("argo".into(), BackendSpec { name: "argo".into(), every: Span::secs(10), kind });
    let web = world.workspace.services.get_mut(&place().0).unwrap();
    web.deployed_by.insert("prod".into(), "argo".into());
    let mut step = ground::deploys("1", "web", &[]);
    if let Work::Do(op) = &mut step.work {
        op.backend = "argo".into();
    }
    world.starts(ground::plan("p", vec![step]));
    world.observed = told.map_or_else(Observed::default, |told| observed(told, world.now));
    world
}

fn outlook(world: &World) -> Forecast {
    forecast::forecast(&world.given(), world.ledger.runs.values().next_back().unwrap())
}

#[test]
fn a_forecast_says_what_it_does_not_know_of_windows_and_reckons_as_if_they_were_open() {
    let always = || windows(vec![window(WindowKind::Allow, false, &[(0, 100)])]);
    let known = outlook(&run(Some(always())));
    assert_eq!((known.unknown.as_slice(), words::unknown(&known)), (&[][..], None));
    let unheard = outlook(&run(None));
    assert_eq!(unheard.landing, known.landing);
    assert_eq!(unheard.unknown, ["windows of argo are not known: not heard yet"]);
    let told = "windows of argo are not known: not heard yet; reckoned as if they were open";
    assert_eq!(words::unknown(&unheard).unwrap(), told);
    assert_eq!(serde_json::to_value(&unheard).unwrap()["unknown"][0], unheard.unknown[0]);
    let unread = [(place(), "gibberish".to_owned())].into();
    let unread = outlook(&run(Some(Windows::of(vec![], unread, (at(0), at(100))))));
    assert_eq!(unread.unknown, ["windows of argo for web@prod are not known: gibberish"]);
    // What they never let in as far as they are known may get in behind that.
    let never = outlook(&run(Some(windows(vec![window(WindowKind::Allow, false, &[])]))));
    assert_eq!(never.unknown, ["windows of argo are not known that far ahead"]);
    // A step that begins where nothing is known any more.
    let mut far = run(Some(always()));
    let mut plan = far.ledger.runs.values().next_back().unwrap().plan.as_ref().clone();
    plan.runbook = "far".into();
    plan.steps[0].not_before = Some(At::Instant(at(101)));
    let seen = std::mem::take(&mut far.observed);
    far.starts(plan);
    far.observed = seen;
    let far = outlook(&far);
    assert_eq!(far.unknown, ["windows of argo are not known that far ahead"]);
    assert!(far.lands.is_some_and(|lands| lands >= at(101)));
}

#[test]
fn an_operation_is_judged_by_the_backend_that_it_goes_to_though_the_files_name_another() {
    let mut world = run(None);
    let step = world.ledger.runs.values().next_back().unwrap().plan.steps[0].clone();
    let judged = |world: &World| rules::may(&world.given(), Question::of(step.operation().unwrap()), world.now);
    assert_eq!(judged(&world).level, Level::Unknown);
    world.workspace.services.get_mut(&place().0).unwrap().deployed_by.insert("prod".into(), "sh".into());
    assert_eq!(judged(&world).level, Level::Unknown, "it still goes to argo");
    assert_eq!(outlook(&world).unknown, ["windows of argo are not known: not heard yet"]);
    // Argo CD is asked, and no longer about the place.
    world.observed = observed(Windows::default(), world.now);
    let why = judged(&world).reasons[0].to_string();
    assert!(why.contains("services.toml no longer says that argo deploys there"), "{why}");
    // What it was told before still shuts, and still lets in.
    world.observed = observed(windows(vec![window(WindowKind::Deny, false, &[(0, 9)])]), world.now);
    assert_eq!((judged(&world).level, judged(&world).opens()), (Level::Hold, Some(at(9))));
    world.observed = observed(windows(vec![]), world.now);
    assert_eq!(judged(&world).level, Level::Pass);
}

#[test]
fn why_windows_are_not_told_is_kept_though_the_source_is_heard_otherwise() {
    let mut case = Case::of(vec![]);
    let every = Span::secs(10);
    let see = |observed: &mut Observed, seconds: i64, what: Observation| {
        let at = at(0) + TimeDelta::seconds(seconds);
        observed.apply(&Stamped { at, source: "argo".into(), every, what: Ok(what) });
    };
    let broken = || Observation::NoWindows("projects answer 500".to_owned());
    case.observed = Observed::default();
    see(&mut case.observed, 0, Observation::Heartbeat);
    see(&mut case.observed, 1, broken());
    // Rows are heard as before, and the next sign of life does not take the reason away.
    assert_eq!((&case.observed.sources["argo"].fault, case.observed.sources["argo"].heard), (&None, Some(at(0))));
    see(&mut case.observed, 2, Observation::Heartbeat);
    let why = case.may(1).reasons[0].to_string();
    assert!(why.ends_with("not heard yet; projects answer 500"), "{why}");
    // Once they are told again, nothing of it is left.
    see(&mut case.observed, 3, Observation::Windows(Arc::new(windows(vec![]))));
    assert_eq!((case.may(1).level, &case.observed.sources["argo"].no_windows), (Level::Pass, &None));
    see(&mut case.observed, 4, broken());
    assert_eq!(case.may(1).level, Level::Pass, "it grows old first");
    case.now = at(0) + TimeDelta::seconds(100);
    assert!(case.may(1).reasons[0].to_string().contains("; projects answer 500"));
}
