//! One verdict through every door: the readiness of a step, `may` beforehand, and a small evaluator of its own that
//! knows nothing of the language but what these few lines say.

use super::{does, may, policy, ready, runs_steps};
use crate::world::World;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::policy::{Effect, PolicyRule};
use holdpoint::domain::verdict::{Level, Verdict};
use holdpoint::report::may as report;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many cases of so many are tried: all with `HOLDPOINT_FULL=1`, else a tenth.
pub fn cases(all: u32) -> u32 {
    if std::env::var_os("HOLDPOINT_FULL").is_some() { all } else { all / 10 }
}

/// What may be asked, small enough to be answered by hand.
#[derive(Clone, Debug)]
enum Asks {
    /// The fact is this text.
    Is(&'static str, &'static str),
    /// The fact is one of these.
    Among(&'static str, Vec<&'static str>),
    /// The text is in the list.
    Has(&'static str, &'static str),
    /// The list is longer.
    Longer(&'static str, i64),
    /// The number is greater, or at least as great.
    Above(&'static str, i64, bool),
    Always(bool),
    Not(Box<Asks>),
    Both(Box<Asks>, Box<Asks>),
    Either(Box<Asks>, Box<Asks>),
    If(Box<Asks>, Box<Asks>, Box<Asks>),
}

/// What a fact is; one that is not known is absent.
enum Is {
    Text(&'static str),
    Number(i64),
    List(Vec<&'static str>),
}

type Known = BTreeMap<&'static str, Is>;

impl Asks {
    /// As it is written in a file.
    fn text(&self) -> String {
        match self {
            Self::Is(fact, text) => format!("{fact} == '{text}'"),
            Self::Among(fact, texts) => format!("{fact} in {texts:?}"),
            Self::Has(fact, text) => format!("'{text}' in {fact}"),
            Self::Longer(fact, n) => format!("size({fact}) > {n}"),
            Self::Above(fact, n, or_same) => format!("{fact} {} {n}", if *or_same { ">=" } else { ">" }),
            Self::Always(yes) => yes.to_string(),
            Self::Not(a) => format!("!({})", a.text()),
            Self::Both(a, b) => format!("({} && {})", a.text(), b.text()),
            Self::Either(a, b) => format!("({} || {})", a.text(), b.text()),
            Self::If(a, b, c) => format!("({} ? {} : {})", a.text(), b.text(), c.text()),
        }
    }

    /// Whether it holds; none where that hangs on what is not known.
    fn holds(&self, known: &Known) -> Option<bool> {
        Some(match self {
            Self::Is(fact, text) => text_of(known, fact)? == *text,
            Self::Among(fact, texts) => texts.contains(&text_of(known, fact)?),
            Self::Has(fact, text) => list_of(known, fact)?.contains(text),
            Self::Longer(fact, n) => list_of(known, fact)?.len() as i64 > *n,
            Self::Above(fact, n, or_same) => match known.get(fact)? {
                Is::Number(is) => is > n || (*or_same && is == n),
                _ => panic!("{fact} is no number"),
            },
            Self::Always(yes) => *yes,
            Self::Not(a) => !a.holds(known)?,
            Self::Both(a, b) => match (a.holds(known), b.holds(known)) {
                (Some(false), _) | (_, Some(false)) => false,
                (a, b) => a? && b?,
            },
            Self::Either(a, b) => match (a.holds(known), b.holds(known)) {
                (Some(true), _) | (_, Some(true)) => true,
                (a, b) => a? || b?,
            },
            Self::If(a, b, c) => if a.holds(known)? { b } else { c }.holds(known)?,
        })
    }
}

fn text_of(known: &Known, fact: &str) -> Option<&'static str> {
    match known.get(fact)? {
        Is::Text(text) => Some(text),
        _ => panic!("{fact} is no text"),
    }
}

fn list_of<'a>(known: &'a Known, fact: &str) -> Option<&'a Vec<&'static str>> {
    match known.get(fact)? {
        Is::List(all) => Some(all),
        _ => panic!("{fact} is no list"),
    }
}

const PLACES: [&str; 3] = ["prod", "twin", "stage"];
const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "2.0.0"];
const VERBS: [Verb; 3] = [Verb::Deploy, Verb::Promote, Verb::RollBack];

fn asks() -> impl Strategy<Value = Asks> {
    let is = |fact: &'static str, texts: &'static [&'static str]| {
        prop_oneof![
            prop::sample::select(texts).prop_map(move |text| Asks::Is(fact, text)),
            prop::sample::subsequence(texts, 1..=2).prop_map(move |texts| Asks::Among(fact, texts)),
        ]
    };
    let leaf = prop_oneof![
        is("environment.name", &PLACES),
        is("environment.tier", &["production", "staging"]),
        is("change.verb", &["deploy", "promote", "roll-back"]),
        is("change.direction", &["forward", "back"]),
        is("change.version", &VERSIONS),
        is("change.from", &VERSIONS),
        is("change.kind", &["major", "minor", "same", "older"]),
        is("operator.name", &["ana", "kim"]),
        prop::sample::select(&["ops", "release-manager"][..]).prop_map(|role| Asks::Has("operator.roles", role)),
        (0..2_i64).prop_map(|n| Asks::Longer("calendar.notices", n)),
        Just(Asks::Has("calendar.notices", "sale")),
        (0..3_i64, any::<bool>()).prop_map(|(n, or_same)| Asks::Above("health.alerts", n, or_same)),
        (0..2_i64, any::<bool>()).prop_map(|(n, or_same)| Asks::Above("health.critical", n, or_same)),
        (0..3_i64, any::<bool>()).prop_map(|(n, or_same)| Asks::Above("service.tier", n, or_same)),
        any::<bool>().prop_map(Asks::Always),
    ];
    leaf.prop_recursive(4, 12, 3, |part| {
        let one = || part.clone().prop_map(Box::new);
        prop_oneof![
            one().prop_map(Asks::Not),
            (one(), one()).prop_map(|(a, b)| Asks::Both(a, b)),
            (one(), one()).prop_map(|(a, b)| Asks::Either(a, b)),
            (one(), one(), one()).prop_map(|(a, b, c)| Asks::If(a, b, c)),
        ]
    })
}

/// A rule with what it asks.
#[derive(Clone, Debug)]
struct Ruled {
    effect: Effect,
    asks: Asks,
    lifts: Vec<usize>,
    stops: bool,
    second: bool,
}

fn ruled() -> impl Strategy<Value = Ruled> {
    let effect = prop::sample::select(&[Effect::Allow, Effect::Warn, Effect::Needs, Effect::Block][..]);
    let lifts = prop::sample::subsequence(vec![0, 1, 2, 3], 0..4);
    (effect, asks(), lifts, prop::bool::weighted(0.3), any::<bool>())
        .prop_map(|(effect, asks, lifts, stops, second)| Ruled { effect, asks, lifts, stops, second })
}

/// What is so.
#[derive(Clone, Debug)]
struct Case {
    place: usize,
    verb: usize,
    version: usize,
    /// The version that is there; none where nothing is known of it.
    from: Option<usize>,
    /// Alerts, and how many of them are critical.
    alerts: Option<(usize, usize)>,
    notice: bool,
    tier: u8,
}

fn case() -> impl Strategy<Value = Case> {
    let alerts = prop::option::weighted(0.7, (0..3_usize, 0..3_usize));
    (0..3_usize, 0..3_usize, 0..3_usize, prop::option::weighted(0.7, 0..3_usize), alerts, any::<bool>(), 0..3_u8)
        .prop_map(|(place, verb, version, from, alerts, notice, tier)| Case {
            place,
            verb,
            version,
            from,
            alerts,
            notice,
            tier,
        })
}

/// The kinds from each version to each, as a person would say.
const KINDS: [[&str; 3]; 3] = [["same", "minor", "major"], ["older", "same", "major"], ["older", "older", "same"]];

impl Case {
    fn known(&self) -> Known {
        let mut known = Known::from([
            ("environment.name", Is::Text(PLACES[self.place])),
            ("environment.tier", Is::Text(["production", "production", "staging"][self.place])),
            ("change.verb", Is::Text(["deploy", "promote", "roll-back"][self.verb])),
            ("change.direction", Is::Text(["forward", "forward", "back"][self.verb])),
            ("change.version", Is::Text(VERSIONS[self.version])),
            ("operator.name", Is::Text("ana")),
            ("operator.roles", Is::List(vec!["release-manager"])),
            ("calendar.notices", Is::List(if self.notice { vec!["sale"] } else { vec![] })),
            ("service.tier", Is::Number(self.tier.into())),
        ]);
        if let Some(from) = self.from {
            known.insert("change.from", Is::Text(VERSIONS[from]));
            known.insert("change.kind", Is::Text(KINDS[from][self.version]));
        }
        if let Some((warning, critical)) = self.alerts {
            known.insert("health.alerts", Is::Number((warning + critical) as i64));
            known.insert("health.critical", Is::Number(critical as i64));
        }
        known
    }

    /// The name of the step that does it.
    fn step(&self) -> String {
        format!("{}-{}-{}", self.place, self.verb, self.version)
    }

    /// Makes it so.
    fn is_in(&self, world: &mut World) {
        world.observed = Default::default();
        world.workspace.calendar.events.clear();
        world.workspace.services.get_mut("web").unwrap().tier = self.tier;
        if self.notice {
            // Longer than is looked ahead, so that no time alone ends what it starts.
            let on = (world.now - chrono::TimeDelta::hours(1), world.now + chrono::TimeDelta::days(60));
            world.event(holdpoint::domain::calendar::EventKind::Notice, "sale", on, false);
        }
        if let Some(from) = self.from {
            let live = Deployment { version: VERSIONS[from].to_owned(), ..Deployment::default() };
            world.see(Observation::Deployment(("web".into(), PLACES[self.place].into()), live.into()));
        }
        if let Some((warning, critical)) = self.alerts {
            let all = (0..warning).map(|_| "warning").chain((0..critical).map(|_| "critical"));
            let alert = |severity: &str| holdpoint::domain::alert::Alert {
                name: "a".to_owned(),
                severity: severity.to_owned(),
                service: Some("web".into()),
                environment: None,
                state: holdpoint::domain::alert::AlertState::Firing,
                since: world.now,
                summary: String::new(),
            };
            let all = all.map(alert).collect();
            world.see(Observation::Alerts(all));
        }
    }

    /// How heavy the rules make it, by hand.
    fn level(&self, rules: &[Ruled]) -> Level {
        let (known, back) = (self.known(), self.verb == 2);
        let bears = |rule: &Ruled| !back || rule.stops;
        let lifted = |n: usize| {
            rules.iter().any(|by| {
                by.effect == Effect::Allow && by.lifts.contains(&n) && bears(by) && by.asks.holds(&known) == Some(true)
            })
        };
        let level = |(n, rule): (usize, &Ruled)| match (rule.effect, rule.asks.holds(&known)) {
            _ if !bears(rule) => Level::Pass,
            (_, Some(false)) | (Effect::Allow, _) => Level::Pass,
            (Effect::Block, Some(true)) => Level::Fail,
            (Effect::Block, None) => Level::Unknown,
            _ if lifted(n) => Level::Pass,
            (Effect::Warn, _) => Level::Warn,
            (Effect::Needs, Some(true)) => Level::Hold,
            (Effect::Needs, None) => Level::Unknown,
        };
        rules.iter().enumerate().map(level).max().unwrap_or_default()
    }
}

fn name(n: usize) -> String {
    format!("r{n}")
}

fn as_rule((n, ruled): (usize, &Ruled)) -> PolicyRule {
    let lifts = ruled.lifts.iter().map(|n| name(*n).as_str().into()).collect();
    let base = super::needs(&name(n), &ruled.asks.text(), "qa", 2);
    let approvals = if ruled.effect == Effect::Needs && !ruled.second { base.approvals.clone() } else { vec![] };
    PolicyRule {
        effect: ruled.effect,
        lifts,
        stops_rollback: ruled.stops,
        second_person: ruled.effect == Effect::Needs && ruled.second,
        approvals,
        ..base
    }
}

/// What whoever asks beforehand is told, by the names that they type.
fn asked(world: &World, case: &Case) -> Verdict {
    let given = world.given();
    let verb = VERBS[case.verb].word();
    let subject = report::Subject::named(&given, verb, "web", PLACES[case.place]).unwrap();
    let version = Some(VERSIONS[case.version].to_owned());
    report::ask(&given, subject.with(&given, version, None, Some("ana".into())).unwrap(), world.now).verdict
}

fn everywhere() -> World {
    let all = (0..3).flat_map(|place| (0..3).flat_map(move |verb| (0..3).map(move |version| (place, verb, version))));
    let steps = all.map(|(place, verb, version)| {
        does(&format!("{place}-{verb}-{version}"), VERBS[verb], PLACES[place], VERSIONS[version])
    });
    let mut world = runs_steps([], steps.collect());
    // What is seen is looked at where it is judged, and nothing is to follow from it.
    world.sessions.clear();
    world
}

#[test]
fn every_door_gives_the_verdict_that_a_hand_would() {
    let world = RefCell::new(everywhere());
    let levels = RefCell::new(BTreeMap::<Level, u32>::new());
    let config = ProptestConfig { cases: cases(10_000), failure_persistence: None, ..ProptestConfig::default() };
    let tried = TestRunner::new(config).run(&(prop::collection::vec(ruled(), 1..5), case()), |(rules, case)| {
        let mut world = world.borrow_mut();
        world.workspace.policy = policy(rules.iter().enumerate().map(as_rule));
        case.is_in(&mut world);
        let wanted = case.level(&rules);
        let (ready, beforehand) = (ready(&world, &case.step()), may(&world, &case.step()));
        let texts: Vec<_> = rules.iter().map(|rule| rule.asks.text()).collect();
        prop_assert_eq!(beforehand.level, wanted, "{:?}", texts);
        prop_assert_eq!(&ready, &beforehand, "{:?}", &texts);
        prop_assert_eq!(&asked(&world, &case), &beforehand, "{:?}", texts);
        *levels.borrow_mut().entry(wanted).or_default() += 1;
        Ok(())
    });
    tried.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(levels.borrow().len(), 5, "every level comes up: {levels:?}");
}
