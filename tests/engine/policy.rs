//! Rules of `policy/` as every door hears them: readiness of a step, `may`, and the key that starts it.

use crate::ground;
use crate::world::{Outcome, World};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::approval::Slot;
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::catalogue::Tier;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::condition::Condition;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Start, Step, Work};
use holdpoint::domain::policy::{Effect, PolicyRule, Saying};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::{Level, Verdict};
use holdpoint::engine::{Given, policy, readiness, rules, statement};
use holdpoint::report::may::{self, Subject};

pub fn rule(name: &str, effect: Effect, when: &str) -> PolicyRule {
    let slot = |role: &str| Slot { role: role.into(), need: 1 };
    PolicyRule {
        name: name.into(),
        effect,
        when: Condition::read(when).unwrap(),
        say: Saying::new(format!("{name} speaks")),
        owner: None,
        controls: vec![],
        approvals: if effect == Effect::Needs { vec![slot("business")] } else { vec![] },
        second_person: false,
        lifts: vec![],
        waived_by: vec![],
        stops_rollback: false,
    }
}

fn deploys(version: &str, verb: Verb) -> Step {
    let mut op = ground::operation(verb, "web", "stage");
    op.args = [("version".to_owned(), version.to_owned()), ("to".to_owned(), version.to_owned())].into();
    Step { start: Start::Person, ..ground::step("1", Kind::Action, &[], Work::Do(op)) }
}

fn live(world: &mut World, version: &str) {
    let deployment = Deployment { version: version.to_owned(), ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "stage".into()), deployment.into()));
}

/// A run of one deployment of web to stage, under these rules.
fn under(all: impl IntoIterator<Item = PolicyRule>, version: &str) -> World {
    let mut world = World::new();
    world.workspace.policy = all.into_iter().map(|rule| (rule.name.clone(), rule)).collect();
    world.starts(ground::plan("day", vec![deploys(version, Verb::Deploy)]));
    world
}

fn judged(world: &World) -> Verdict {
    let run = world.ledger.run(RunId(1)).unwrap();
    readiness::judge(&world.given(), run, &run.plan.steps[0]).verdict
}

fn asked(given: &Given<'_>, verb: &str, version: &str, at: DateTime<Utc>) -> may::Answer {
    let subject = Subject::named(given, verb, "web", "stage").unwrap();
    may::ask(given, subject.with(given, Some(version.to_owned()), None, Some("ana".into())).unwrap(), at)
}

fn start(world: &mut World) -> Outcome {
    world.command("ana", &Command::Step(RunId(1), "1".into(), StepCommand::Start(None)))
}

fn why(outcome: &Outcome) -> String {
    outcome.refusal.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn texts(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.text.as_str()).collect()
}

#[test]
fn each_effect_is_the_same_for_every_door() {
    let cases = [
        (rule("r", Effect::Warn, "service.name == 'web'"), Level::Warn, "r speaks, policy r"),
        (
            rule("r", Effect::Needs, "service.name == 'web'"),
            Level::Hold,
            "r speaks, policy r: approval by business 0 of 1",
        ),
        (rule("r", Effect::Block, "service.name == 'web'"), Level::Fail, "r speaks, policy r"),
        (
            rule("r", Effect::Warn, "change.from == '1'"),
            Level::Warn,
            "whether policy r speaks cannot be told: change.from is not known",
        ),
        (rule("r", Effect::Needs, "change.from == '1'"), Level::Unknown, "whether policy r speaks cannot be told"),
        (rule("r", Effect::Block, "change.kind == 'major'"), Level::Unknown, "change.kind is not known"),
        (rule("r", Effect::Block, "service.name == 'api'"), Level::Pass, ""),
        (rule("r", Effect::Allow, "service.name == 'web'"), Level::Pass, ""),
    ];
    for (rule, level, part) in cases {
        let mut world = under([rule], "2.0.0");
        let step = judged(&world);
        let may = asked(&world.given(), "deploy", "2.0.0", world.now).verdict;
        assert_eq!((step.level, may.level), (level, level), "{part}");
        for told in [texts(&step), texts(&may)] {
            assert!(told.iter().any(|text| text.contains(part)) || part.is_empty(), "{part:?} is not in {told:?}");
        }
        assert_eq!(start(&mut world).refusal.is_none(), level <= Level::Warn, "{part}");
    }
}

#[test]
fn approvals_fill_what_a_rule_needs_by_distinct_others() {
    let mut needs = rule("two", Effect::Needs, "service.name == 'web'");
    needs.approvals = vec![Slot { role: "qa".into(), need: 2 }];
    let mut world = under([needs], "2.0.0");
    let approve = |world: &mut World, who: &str, yes: bool| {
        let run = world.ledger.run(RunId(1)).unwrap();
        let saw = statement::digest(run, &run.plan.steps[0]);
        let reason = "seen".to_owned();
        let (step, said, signed) = ("1".into(), None, None);
        world.command(who, &Command::Decide { run: RunId(1), step, role: None, yes, reason, saw, said, signed })
    };
    assert!(why(&start(&mut world)).contains("approval by qa 0 of 2"));
    assert!(why(&approve(&mut world, "bo", true)).contains("fills none of qa"));
    assert_eq!(why(&approve(&mut world, "tom", true)), "");
    approve(&mut world, "tom", true);
    assert!(why(&start(&mut world)).contains("approval by qa 1 of 2"), "tom is one person");
    assert_eq!(why(&approve(&mut world, "sam", true)), "");
    assert_eq!(why(&approve(&mut world, "tom", false)), "");
    assert!(why(&start(&mut world)).contains("tom (qa) rejected it"));
    assert_eq!(why(&approve(&mut world, "tom", true)), "");
    assert_eq!(why(&start(&mut world)), "");
}

#[test]
fn nobody_fills_the_places_of_two_rules() {
    let needs = |name: &str, role: &str| PolicyRule {
        approvals: vec![Slot { role: role.into(), need: 1 }],
        ..rule(name, Effect::Needs, "service.name == 'web'")
    };
    let mut world = under([needs("risk", "qa"), needs("data", "ops")], "2.0.0");
    let approve = |world: &mut World, who: &str, role: &str| {
        let run = world.ledger.run(RunId(1)).unwrap();
        let saw = statement::digest(run, &run.plan.steps[0]);
        let (step, role, reason) = ("1".into(), Some(role.into()), String::new());
        let (yes, said, signed) = (true, None, None);
        done(world.command(who, &Command::Decide { run: RunId(1), step, role, yes, reason, saw, said, signed }));
    };
    // Sam is in both.
    approve(&mut world, "sam", "qa");
    approve(&mut world, "sam", "ops");
    assert_eq!(why(&start(&mut world)).matches(" 0 of 1").count(), 1);
    approve(&mut world, "tom", "qa");
    assert_eq!(why(&start(&mut world)), "");
}

#[track_caller]
fn done(outcome: Outcome) {
    assert_eq!(why(&outcome), "");
}

#[test]
fn a_second_person_may_be_anyone_else() {
    let mut needs = rule("two", Effect::Needs, "service.name == 'web'");
    (needs.approvals, needs.second_person) = (vec![], true);
    let mut world = under([needs], "2.0.0");
    assert!(why(&start(&mut world)).contains("a second person must approve it"));
    let run = world.ledger.run(RunId(1)).unwrap();
    let saw = statement::digest(run, &run.plan.steps[0]);
    let (role, yes, reason, said, signed) = (None, true, String::new(), None, None);
    let approve = Command::Decide { run: RunId(1), step: "1".into(), role, yes, reason, saw, said, signed };
    assert!(why(&world.command("ana", &approve)).contains("cannot approve in it"));
    assert_eq!(why(&world.command("bo", &approve)), "");
    assert_eq!(why(&start(&mut world)), "");
}

#[test]
fn what_is_approved_beforehand_lifts_only_what_it_names_and_never_what_blocks() {
    let standard = |lifts: &[&str]| PolicyRule {
        lifts: lifts.iter().map(|name| (*name).into()).collect(),
        ..rule("standard", Effect::Allow, "change.kind == 'patch'")
    };
    let needs = rule("needs", Effect::Needs, "service.name == 'web'");
    let warns = rule("warns", Effect::Warn, "service.name == 'web'");
    let blocks = rule("blocks", Effect::Block, "service.name == 'web'");
    let level = |all: Vec<PolicyRule>, from: Option<&str>| {
        let mut world = under(all, "1.0.1");
        from.into_iter().for_each(|version| live(&mut world, version));
        (judged(&world).level, texts(&judged(&world)).iter().any(|text| text.contains("policy standard")))
    };
    let all = [needs.clone(), warns.clone(), standard(&["needs", "warns"])];
    assert_eq!(level(all.to_vec(), Some("1.0.0")), (Level::Pass, true));
    assert_eq!(level(all.to_vec(), Some("0.9.0")), (Level::Hold, false), "it is no patch");
    assert_eq!(level(all.to_vec(), None), (Level::Hold, false), "nobody knows whether it is a patch");
    assert_eq!(level(vec![needs, standard(&["warns"])], Some("1.0.0")), (Level::Hold, false));
    assert_eq!(level(vec![blocks, standard(&["blocks"])], Some("1.0.0")).0, Level::Fail);
}

#[test]
fn what_leads_back_is_asked_of_no_rule_but_those_that_say_so() {
    let block = rule("all", Effect::Block, "true");
    let stops = PolicyRule { stops_rollback: true, ..rule("back", Effect::Block, "change.direction == 'back'") };
    let world = under([block.clone()], "2.0.0");
    assert_eq!(asked(&world.given(), "roll-back", "1.0.0", world.now).verdict.level, Level::Pass);
    assert_eq!(asked(&world.given(), "snapshot", "1.0.0", world.now).verdict.level, Level::Pass);
    let world = under([block, stops], "2.0.0");
    let verdict = asked(&world.given(), "roll-back", "1.0.0", world.now).verdict;
    assert_eq!((verdict.level, texts(&verdict)), (Level::Fail, vec!["back speaks, policy back"]));
}

#[test]
fn a_run_goes_on_by_the_rules_that_it_started_under() {
    let block = || rule("friday", Effect::Block, "service.name == 'web'");
    let mut world = under([block()], "2.0.0");
    world.workspace.read += TimeDelta::seconds(1);
    world.workspace.policy.clear();
    world.pass(world.now + TimeDelta::seconds(1));
    let refused = why(&start(&mut world));
    assert!(refused.contains("friday speaks, policy friday, as it was when the run went by it"), "{refused}");
    let waiting = rules::waiting(&world.given()).unwrap();
    assert_eq!(waiting.what, ["policy friday is gone"]);
    assert_eq!(why(&world.command("ana", &Command::Adopt(waiting.digest, "agreed".to_owned()))), "");
    assert_eq!(why(&start(&mut world)), "");
    // Stricter binds at once; so does what lifts no more. What begins to lift waits.
    let mut world = under([rule("two", Effect::Needs, "service.name == 'web'")], "2.0.0");
    world.workspace.policy.insert("friday".into(), block());
    assert!(why(&start(&mut world)).contains("friday speaks"));
    world.workspace.policy.remove("friday");
    let lifts = PolicyRule { lifts: vec!["two".into()], ..rule("standard", Effect::Allow, "true") };
    world.workspace.policy.insert("standard".into(), lifts);
    assert!(why(&start(&mut world)).contains("two speaks, policy two"));
    world.workspace.policy = [("two".into(), rule("two", Effect::Needs, "service.name == 'db'"))].into();
    world.workspace.read += TimeDelta::seconds(1);
    world.pass(world.now + TimeDelta::seconds(1));
    assert!(why(&start(&mut world)).contains("two speaks, policy two"), "it asks for something else by now");
    assert!(rules::waiting(&world.given()).unwrap().what.contains(&"policy two says something else".to_owned()));
    let weaker = rule("two", Effect::Warn, "service.name == 'web'");
    world.workspace.policy = [("two".into(), weaker)].into();
    assert!(why(&start(&mut world)).contains("two speaks, policy two: approval by business 0 of 1, as it was"));
}

#[test]
fn hours_and_weekdays_open_and_close_by_the_clock_of_the_place() {
    let mut world = under([rule("night", Effect::Block, "local.time < '08:30' || local.weekday == 'Sun'")], "2.0.0");
    world.workspace.environments.get_mut("stage").unwrap().zone = "Europe/Paris".to_owned();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let given = world.given();
    // The clocks of Paris go forward on Sunday, 28 March 2027: 08:30 is 07:30Z before and 06:30Z after.
    let cases = [
        ("2027-03-26T03:00:00Z", Level::Hold, Some("2027-03-26T07:30:00Z")),
        ("2027-03-26T07:29:59Z", Level::Hold, Some("2027-03-26T07:30:00Z")),
        ("2027-03-26T07:30:00Z", Level::Pass, Some("2027-03-26T23:00:00Z")),
        ("2027-03-28T10:00:00Z", Level::Hold, Some("2027-03-29T06:30:00Z")),
        ("2027-03-29T06:30:00Z", Level::Pass, Some("2027-03-29T22:00:00Z")),
    ];
    for (when, level, turns) in cases {
        let answer = asked(&given, "deploy", "2.0.0", at(when));
        assert_eq!(answer.verdict.level, level, "{when}");
        assert_eq!(answer.opens.or(answer.closes), turns.map(at), "{when}");
    }
}

#[test]
fn an_hour_is_over_when_the_next_begins() {
    let world = under([rule("lunch", Effect::Block, "utc.hour == 12")], "2.0.0");
    let noon = "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let answer = asked(&world.given(), "deploy", "2.0.0", noon + TimeDelta::minutes(10));
    assert_eq!((answer.verdict.level, answer.opens), (Level::Hold, Some(noon + TimeDelta::hours(1))));
    let answer = asked(&world.given(), "deploy", "2.0.0", world.now);
    assert_eq!((answer.verdict.level, answer.closes), (Level::Pass, Some(noon)));
}

#[test]
fn a_version_that_was_told_long_ago_is_not_known() {
    let mut world = under([rule("major", Effect::Block, "change.kind == 'major'")], "1.0.1");
    live(&mut world, "1.0.0");
    assert_eq!(judged(&world).level, Level::Pass);
    world.pass(world.now + TimeDelta::minutes(10));
    assert_eq!(judged(&world).level, Level::Unknown);
}

#[test]
fn a_rule_that_asks_for_a_freeze_opens_where_it_ends() {
    let mut world = World::new();
    let (from, to) = (world.now + TimeDelta::hours(1), world.now + TimeDelta::hours(3));
    world.event(EventKind::Notice, "peak", (from, to), false);
    let busy = rule("busy", Effect::Block, "calendar.notices.exists(title, title == 'peak')");
    world.workspace.policy = [(busy.name.clone(), busy)].into();
    let answer = asked(&world.given(), "deploy", "2.0.0", world.now);
    assert_eq!((answer.verdict.level, answer.closes), (Level::Pass, Some(from)));
    let answer = asked(&world.given(), "deploy", "2.0.0", from);
    assert_eq!((answer.verdict.level, answer.opens), (Level::Hold, Some(to)));
}

#[test]
fn versions_are_as_far_apart_as_semantic_versions_say() {
    let cases = [
        ("1.0.0", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("v1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.2.3", "same"),
        ("1.2.3", "v1.2.3", "same"),
        ("1.2.3", "version 2", "other"),
        ("2.0.0", "1.9.9", "older"),
        ("0.1.0", "0.2.0", "major"),
        ("0.1.0", "0.1.1", "patch"),
        ("0.9.0", "1.0.0", "major"),
        ("1.0.0-rc.1", "1.0.0", "other"),
        ("1.0.0", "1.0.1+build.7", "patch"),
        ("1.0.0#blue", "1.0.0#green", "same"),
        ("1.0", "1.1", "other"),
        ("1.0.0.1", "1.0.0.2", "other"),
        ("main", "next", "other"),
        ("99999999999999999999.0.0", "1.0.0", "other"),
        ("", "1.0.0", "other"),
    ];
    for (from, to, wanted) in cases {
        assert_eq!(policy::about::kind(from, to), wanted, "{from} to {to}");
    }
}

/// Numbers that come out the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(name: &str) -> Self {
        let seed = std::env::var("HOLDPOINT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0xd1ce);
        println!("{name}: HOLDPOINT_SEED={seed}");
        Self(seed)
    }

    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

/// What a case is in a book that knows neither CEL nor the engine.
#[derive(Clone)]
struct Truth {
    tier: Tier,
    from: Option<&'static str>,
    to: &'static str,
    data: bool,
}

/// An expression as the book reads it: none is *not known*.
enum Says {
    Tier(bool),
    Major,
    Data,
    From(&'static str),
    Not(Box<Says>),
    Both(Box<Says>, Box<Says>),
    Either(Box<Says>, Box<Says>),
}

impl Says {
    fn any(dice: &mut Dice, depth: usize) -> Self {
        let part = |dice: &mut Dice| Box::new(Self::any(dice, depth + 1));
        match dice.roll(if depth < 3 { 7 } else { 4 }) {
            0 => Self::Tier(dice.roll(2) == 0),
            1 => Self::Major,
            2 => Self::Data,
            3 => Self::From(dice.of(&["1.0.0", "2.0.0"])),
            4 => Self::Not(part(dice)),
            5 => Self::Both(part(dice), part(dice)),
            _ => Self::Either(part(dice), part(dice)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Tier(true) => "environment.tier == 'production'".to_owned(),
            Self::Tier(false) => "environment.tier in ['staging', 'testing']".to_owned(),
            Self::Major => "change.kind == 'major'".to_owned(),
            Self::Data => "'pii' in service.data".to_owned(),
            Self::From(version) => format!("change.from == '{version}'"),
            Self::Not(part) => format!("!({})", part.text()),
            Self::Both(a, b) => format!("({}) && ({})", a.text(), b.text()),
            Self::Either(a, b) => format!("({}) || ({})", a.text(), b.text()),
        }
    }

    fn holds(&self, truth: &Truth) -> Option<bool> {
        match self {
            Self::Tier(true) => Some(truth.tier == Tier::Production),
            Self::Tier(false) => Some(truth.tier == Tier::Staging),
            Self::Major => truth.from.map(|from| from.starts_with('1') && truth.to.starts_with('2')),
            Self::Data => Some(truth.data),
            Self::From(version) => truth.from.map(|from| from == *version),
            Self::Not(part) => part.holds(truth).map(|yes| !yes),
            Self::Both(a, b) => match (a.holds(truth), b.holds(truth)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (a, b) => Some(a? && b?),
            },
            Self::Either(a, b) => match (a.holds(truth), b.holds(truth)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (a, b) => Some(a? || b?),
            },
        }
    }
}

/// Some rules, with what each says.
fn some_rules(dice: &mut Dice) -> Vec<(PolicyRule, Says)> {
    let count = 1 + dice.roll(5);
    let mut all = Vec::new();
    for n in 0..count {
        let says = Says::any(dice, 0);
        let effect = dice.of(&[Effect::Allow, Effect::Warn, Effect::Needs, Effect::Block]);
        let mut one = rule(&format!("r{n}"), effect, &says.text());
        if effect == Effect::Allow {
            one.lifts = vec![format!("r{}", dice.roll(count)).as_str().into()];
        }
        all.push((one, says));
    }
    all
}

/// What comes out by the book.
fn by_book(all: &[(PolicyRule, Says)], truth: &Truth) -> Level {
    let speaks = |says: &Says| says.holds(truth) == Some(true);
    let lifted = |rule: &PolicyRule| {
        let lifting = |(other, says): &(PolicyRule, Says)| {
            other.effect == Effect::Allow && speaks(says) && other.lifts.contains(&rule.name)
        };
        matches!(rule.effect, Effect::Warn | Effect::Needs) && all.iter().any(lifting)
    };
    let level = |(rule, says): &(PolicyRule, Says)| match (rule.effect, says.holds(truth)) {
        (Effect::Allow, _) | (_, Some(false)) => Level::Pass,
        _ if lifted(rule) => Level::Pass,
        (Effect::Warn, _) => Level::Warn,
        (_, None) => Level::Unknown,
        (Effect::Needs, _) => Level::Hold,
        (Effect::Block, _) => Level::Fail,
    };
    all.iter().map(level).max().unwrap_or_default()
}

fn made_so(world: &mut World, truth: &Truth) {
    world.workspace.environments.get_mut("stage").unwrap().tier = truth.tier;
    let data = if truth.data { vec!["pii".to_owned()] } else { vec![] };
    world.workspace.services.get_mut("web").unwrap().data = data;
    if let Some(from) = truth.from {
        live(world, from);
    }
}

#[test]
fn key_verb_and_book_agree_on_any_rules() {
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 10_000 } else { 600 };
    let mut dice = Dice::new("agree");
    let mut seen = std::collections::BTreeMap::<Level, u32>::new();
    for round in 0..rounds {
        let truth = Truth {
            tier: dice.of(&[Tier::Production, Tier::Staging]),
            from: dice.of(&[None, Some("1.0.0"), Some("2.0.0")]),
            to: dice.of(&["1.0.1", "2.0.1"]),
            data: dice.roll(2) == 0,
        };
        let all = some_rules(&mut dice);
        let mut world = World::new();
        world.laws = false;
        made_so(&mut world, &truth);
        world.workspace.policy = all.iter().map(|(rule, _)| (rule.name.clone(), rule.clone())).collect();
        world.starts(ground::plan("day", vec![deploys(truth.to, Verb::Deploy)]));
        let wanted = by_book(&all, &truth);
        let texts: Vec<_> = all.iter().map(|(rule, says)| format!("{} {}", rule.effect, says.text())).collect();
        assert_eq!(judged(&world).level, wanted, "round {round}: {texts:#?}");
        let may = asked(&world.given(), "deploy", truth.to, world.now).verdict.level;
        assert_eq!(may, wanted, "round {round}: {texts:#?}");
        assert_eq!(start(&mut world).refusal.is_none(), wanted <= Level::Warn, "round {round}: {texts:#?}");
        *seen.entry(wanted).or_default() += 1;
    }
    assert!(seen.len() == 5 && seen.values().all(|times| *times > 10), "every level was seen: {seen:?}");
}

#[test]
fn what_is_allowed_when_drawn_and_not_when_pressed_is_refused() {
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 10_000 } else { 600 };
    let mut dice = Dice::new("pressed");
    let (mut turned, mut sent) = (0u32, 0u32);
    for _ in 0..rounds {
        let evening = rule("evening", Effect::Block, "utc.hour >= 3");
        let major = rule("major", Effect::Block, "change.kind == 'major'");
        let mut world = under([evening, major], "2.0.0");
        world.laws = false;
        live(&mut world, "2.0.0");
        let drawn = judged(&world).passes();
        for _ in 0..=dice.roll(2) {
            match dice.roll(6) {
                0 => drop(world.pass(world.now + TimeDelta::minutes(i64::try_from(dice.roll(90)).unwrap()))),
                1 => drop(world.workspace.policy.insert("new".into(), rule("new", Effect::Needs, "service.tier == 1"))),
                2 => live(&mut world, "1.0.0"),
                3 => world.freeze("now", Span::mins(5), false),
                4 => drop(world.workspace.policy.remove("major")),
                _ => {}
            }
        }
        let now = judged(&world);
        let outcome = start(&mut world);
        assert_eq!(outcome.refusal.is_none(), now.passes(), "{now:?}");
        let left = outcome.facts.iter().any(|fact| matches!(fact, Fact::Announced(_)));
        assert_eq!(left, now.passes());
        turned += u32::from(drawn && !now.passes());
        sent += u32::from(left);
    }
    assert!(turned > 50 && sent > 50, "both were seen: {turned} turned, {sent} sent");
}

/// A standard change of web: a patch needs nobody.
fn standard() -> World {
    let standard = PolicyRule {
        lifts: vec!["two".into()],
        owner: Some("qa".into()),
        ..rule("standard", Effect::Allow, "change.kind == 'patch'")
    };
    let mut world = World::new();
    let two = rule("two", Effect::Needs, "service.name == 'web'");
    world.workspace.policy = [standard, two].map(|rule| (rule.name.clone(), rule)).into();
    live(&mut world, "1.0.0");
    world.starts(ground::plan("day", vec![deploys("1.0.1", Verb::Deploy)]));
    world
}

#[test]
fn a_standard_change_is_counted_and_a_failed_use_revokes_it_until_somebody_else_trusts_it() {
    let mut world = standard();
    assert_eq!(why(&start(&mut world)), "");
    assert_eq!(world.ledger.standards.get("standard").unwrap().used, 1);
    let (intent, report) = crate::words::report(&world, "1/1 partly 1 2");
    world.report(intent, &report);
    let revoked = world.ledger.standards.get("standard").unwrap().revoked.clone().unwrap();
    assert_eq!(revoked.why(), "run 1 step 1 failed");
    let again = Command::Step(RunId(1), "1".into(), StepCommand::Retry(None));
    let refused = why(&world.command("ana", &again));
    assert!(
        refused.contains("approval by business 0 of 1, policy standard no longer lifts it: run 1 step 1 failed"),
        "{refused}"
    );
    let trust = Command::Trust("standard".into(), "the image was broken".to_owned());
    assert!(why(&world.command("ana", &trust)).contains("somebody else trusts it again"));
    assert!(why(&world.command("bo", &trust)).contains("bo does not fill qa"));
    let bare = Command::Trust("standard".into(), String::new());
    assert!(why(&world.command("tom", &bare)).contains("needs a reason"));
    assert_eq!(why(&world.command("tom", &trust)), "");
    assert!(why(&world.command("tom", &trust)).contains("is not revoked"));
    assert_eq!(why(&world.command("ana", &again)), "");
    assert_eq!(world.ledger.standards.get("standard").unwrap().used, 2);
    assert_eq!(world.replay(), world.ledger);
}

#[test]
fn what_is_taken_back_has_failed_and_what_was_never_done_has_not() {
    let mut world = standard();
    assert_eq!(why(&start(&mut world)), "");
    let (intent, report) = crate::words::report(&world, "1/1 not-sent");
    world.report(intent, &report);
    assert_eq!(world.ledger.standards.get("standard").unwrap().revoked, None, "nothing was done");
    let mut world = standard();
    assert_eq!(why(&start(&mut world)), "");
    let (intent, report) = crate::words::report(&world, "1/1 done");
    world.report(intent, &report);
    assert_eq!(world.ledger.standards.get("standard").unwrap().revoked, None);
    live(&mut world, "1.0.1");
    let nothing = ground::plan("day", vec![]);
    let command = crate::words::command(&world, &nothing, "rollback web stage to=1.0.0 too slow");
    assert_eq!(why(&world.command("kim", &command)), "");
    for step in ["R1", "R2"] {
        let (intent, report) = crate::words::report(&world, &format!("2/{step} done"));
        world.report(intent, &report);
    }
    let revoked = world.ledger.standards.get("standard").unwrap().revoked.clone().unwrap();
    assert_eq!(revoked.why(), "run 1 step 1 was taken back");
}
