//! Rules of `policy/` as every door hears them: readiness of a step, `may`, and the key that starts it.

use crate::ground;
use crate::world::{Outcome, World};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::approval::Slot;
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::condition::Condition;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Start, Step, Work};
use holdpoint::domain::policy::{Effect, PolicyRule, Saying};
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
        points: 0,
        owner: None,
        controls: vec![],
        approvals: if effect == Effect::Needs { vec![slot("business")] } else { vec![] },
        second_person: false,
        rehearsed: None,
        lifts: vec![],
        waived_by: vec![],
        stops_rollback: false,
    }
}

pub fn deploys(version: &str, verb: Verb) -> Step {
    let mut op = ground::operation(verb, "web", "stage");
    op.args = [("version".to_owned(), version.to_owned()), ("to".to_owned(), version.to_owned())].into();
    Step { start: Start::Person, ..ground::step("1", Kind::Action, &[], Work::Do(op)) }
}

pub fn live(world: &mut World, version: &str) {
    let deployment = Deployment { version: version.to_owned(), ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "stage".into()), deployment.into()));
}

/// A run of one deployment of web to stage, under these rules.
pub fn under(all: impl IntoIterator<Item = PolicyRule>, version: &str) -> World {
    let mut world = World::new();
    world.workspace.policy = all.into_iter().map(|rule| (rule.name.clone(), rule)).collect();
    world.starts(ground::plan("day", vec![deploys(version, Verb::Deploy)]));
    world
}

pub fn judged(world: &World) -> Verdict {
    let run = world.ledger.run(RunId(1)).unwrap();
    readiness::judge(&world.given(), run, &run.plan.steps[0]).verdict
}

pub fn asked(given: &Given<'_>, verb: &str, version: &str, at: DateTime<Utc>) -> may::Answer {
    let subject = Subject::named(given, verb, "web", "stage").unwrap();
    may::ask(given, subject.with(given, Some(version.to_owned()), None, Some("ana".into())).unwrap(), at)
}

pub fn start(world: &mut World) -> Outcome {
    world.command("ana", &Command::Step(RunId(1), "1".into(), StepCommand::Start(None)))
}

pub fn why(outcome: &Outcome) -> String {
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
    world.pass(world.now);
    let waiting = holdpoint::engine::rules::waiting(&world.given()).unwrap();
    assert_eq!(world.command("ana", &Command::Adopt(waiting.digest, "it moved".to_owned())).refusal, None);
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

#[test]
fn points_make_a_risk_and_what_is_not_known_counts_in_full() {
    let gives = |name: &str, points: u32, when: &str| PolicyRule { points, ..rule(name, Effect::Points, when) };
    let rules = || {
        let high = rule("high", Effect::Block, "risk.class == 'high'");
        let medium = rule("medium", Effect::Warn, "risk.points >= 4");
        [gives("major", 5, "change.kind == 'major'"), gives("tier", 3, "service.tier == 1"), high, medium]
    };
    let risk = |world: &World| {
        let run = world.ledger.run(RunId(1)).unwrap();
        policy::risk_of(&world.given(), run, &run.plan.steps[0]).unwrap()
    };
    let mut world = under(rules(), "2.0.0");
    assert_eq!(risk(&world).told(), "high 8: +5 major (not known) · +3 tier speaks");
    assert_eq!(judged(&world).level, Level::Fail);
    live(&mut world, "1.9.0");
    assert_eq!(risk(&world).told(), "high 8: +5 major speaks · +3 tier speaks");
    live(&mut world, "2.0.0");
    assert_eq!((risk(&world).told().as_str(), judged(&world).level), ("low 3: +3 tier speaks", Level::Pass));
    world.workspace.services.get_mut("web").unwrap().tier = 3;
    assert_eq!(risk(&world).told(), "low 0: nothing speaks");
    // Points that are taken out mid-run count on.
    let mut world = under(rules(), "2.0.0");
    live(&mut world, "1.9.0");
    world.workspace.policy.remove("major");
    world.workspace.read += TimeDelta::seconds(1);
    world.pass(world.now + TimeDelta::seconds(1));
    assert!(why(&start(&mut world)).contains("high speaks, policy high, as it was when the run went by it"));
    assert_eq!(rules::waiting(&world.given()).unwrap().what, ["policy major is gone"]);
}
