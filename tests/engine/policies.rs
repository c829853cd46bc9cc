//! Rules of `policy/` as a step meets them: what each effect does, who fills what it needs, what lifts it, and what
//! binds of rules that were loosened.

mod doors;
mod kept;
mod kinds;
mod pressed;
mod turns;

use crate::ground;
use crate::world::{Outcome, World};
use holdpoint::domain::alert::{Alert, AlertState};
use holdpoint::domain::approval::Slot;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::condition::Condition;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Start, Step, Work};
use holdpoint::domain::policy::{Effect, Policy, PolicyRule, Saying};
use holdpoint::domain::verdict::{Level, Verdict};
use holdpoint::engine::policy::{self, About};
use holdpoint::engine::{Run, asked, decide, readiness, statement};

/// A rule that says its own name.
pub fn rule(name: &str, effect: Effect, when: &str) -> PolicyRule {
    PolicyRule {
        name: name.into(),
        effect,
        when: Condition::read(when).unwrap_or_else(|e| panic!("{when}: {e:?}")),
        say: Saying::new(name),
        points: 0,
        owner: None,
        controls: vec![],
        approvals: vec![],
        second_person: false,
        rehearsed: None,
        lifts: vec![],
        waived_by: vec![],
        stops_rollback: false,
    }
}

/// The same that needs approvals by a role.
pub fn needs(name: &str, when: &str, role: &str, need: u32) -> PolicyRule {
    PolicyRule { approvals: vec![Slot { role: role.into(), need }], ..rule(name, Effect::Needs, when) }
}

pub fn second(name: &str, when: &str) -> PolicyRule {
    PolicyRule { second_person: true, ..rule(name, Effect::Needs, when) }
}

pub fn allows(name: &str, when: &str, lifts: &[&str]) -> PolicyRule {
    PolicyRule { lifts: lifts.iter().map(|l| (*l).into()).collect(), ..rule(name, Effect::Allow, when) }
}

pub fn stops_back(rule: PolicyRule) -> PolicyRule {
    PolicyRule { stops_rollback: true, ..rule }
}

pub fn policy(rules: impl IntoIterator<Item = PolicyRule>) -> Policy {
    rules.into_iter().map(|rule| (rule.name.clone(), rule)).collect()
}

/// A step that does something of web, once a person starts it.
pub fn does(name: &str, verb: Verb, environment: &str, version: &str) -> Step {
    let mut op = ground::operation(verb, "web", environment);
    let key = if verb == Verb::RollBack { "to" } else { "version" };
    op.args = [(key.to_owned(), version.to_owned())].into();
    Step { start: Start::Person, ..ground::step(name, Kind::Action, &[], Work::Do(op)) }
}

/// A run by these rules of one step, 1, which brings version 2.0.0 of web to stage.
pub fn runs(rules: impl IntoIterator<Item = PolicyRule>) -> World {
    runs_steps(rules, vec![does("1", Verb::Deploy, "stage", "2.0.0")])
}

pub fn runs_steps(rules: impl IntoIterator<Item = PolicyRule>, steps: Vec<Step>) -> World {
    let mut world = World::new();
    world.laws = false;
    world.workspace.policy = policy(rules);
    world.starts(ground::plan("day", steps));
    world
}

/// Whether the step may start now.
pub fn ready(world: &World, step: &str) -> Verdict {
    let run = world.ledger.runs.values().next().unwrap();
    readiness::judge(&world.given(), run, run.plan.step(&step.into()).unwrap()).verdict
}

/// What rules say of the same change to whoever asks beforehand.
pub fn may(world: &World, step: &str) -> Verdict {
    let run = world.ledger.runs.values().next().unwrap();
    let operation = run.plan.step(&step.into()).unwrap().operation().unwrap();
    let (ana, version) = ("ana".into(), ["version", "to"].into_iter().find_map(|name| operation.args.get(name)));
    let about = About {
        verb: operation.verb,
        service: operation.service.as_ref(),
        environment: operation.environment.as_ref(),
        version: version.map(String::as_str),
        release: None,
        person: Some(&ana),
        by: None,
    };
    policy::may(&world.given(), &about, world.now)
}

pub fn texts(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.text.as_str()).collect()
}

/// A person approves or rejects step 1 for a role.
pub fn decides(world: &mut World, person: &str, role: &str, yes: bool) -> Outcome {
    let run = world.ledger.runs.values().next().unwrap();
    let saw = statement::digest(run, run.plan.step(&"1".into()).unwrap());
    let reason = if yes { "" } else { "no" }.to_owned();
    let (run, step, role) = (run.id, "1".into(), Some(role.into()));
    world.command(person, &Command::Decide { run, step, role, yes, reason, saw, said: None, signed: None })
}

/// Whether a person could start step 1 now, where nobody has to confirm it.
pub fn starts(world: &mut World, person: &str) -> Result<(), Vec<String>> {
    let (run, actor) = (world.ledger.runs.values().next().unwrap().id, world.actor(person));
    let command = Command::Step(run, "1".into(), StepCommand::Start(None));
    let decided = decide(&world.given(), &actor, &command);
    decided.map(drop).map_err(|refusal| refusal.reasons.into_iter().map(|reason| reason.text).collect())
}

/// A version of web is seen in stage.
pub fn sees(world: &mut World, version: &str) {
    let live = Deployment { version: version.to_owned(), ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "stage".into()), live.into()));
}

/// So many alerts fire for web, of this severity.
pub fn alerts(world: &mut World, count: usize, severity: &str) {
    let alert = |n: usize| Alert {
        name: format!("a{n}"),
        severity: severity.to_owned(),
        service: Some("web".into()),
        environment: None,
        state: AlertState::Firing,
        since: world.now,
        summary: String::new(),
    };
    let all = (0..count).map(alert).collect();
    world.see(Observation::Alerts(all));
}

#[test]
fn each_effect_does_what_it_says_and_both_doors_say_the_same() {
    let slots = || needs("asks", "true", "qa", 2);
    for (rules, level, says) in [
        (vec![], Level::Pass, vec![]),
        (vec![rule("a", Effect::Block, "service.name == 'db'")], Level::Pass, vec![]),
        (vec![rule("a", Effect::Allow, "true")], Level::Pass, vec![]),
        (vec![rule("a", Effect::Warn, "true")], Level::Warn, vec!["a, policy a"]),
        (vec![slots()], Level::Hold, vec!["asks, policy asks: approval by qa 0 of 2"]),
        (vec![second("s", "true")], Level::Hold, vec!["s, policy s: a second person must approve it"]),
        (vec![rule("a", Effect::Block, "true")], Level::Fail, vec!["a, policy a"]),
        (
            vec![slots(), rule("w", Effect::Warn, "true"), rule("x", Effect::Block, "true")],
            Level::Fail,
            vec!["x, policy x", "asks, policy asks: approval by qa 0 of 2"],
        ),
    ] {
        let world = runs(rules);
        let verdict = ready(&world, "1");
        assert_eq!((verdict.level, texts(&verdict)), (level, says));
        assert_eq!(verdict, may(&world, "1"));
    }
}

#[test]
fn what_cannot_be_told_holds_where_it_would_and_warns_where_it_would_warn() {
    for (effect, level) in [
        (Effect::Block, Level::Unknown),
        (Effect::Needs, Level::Unknown),
        (Effect::Warn, Level::Warn),
        (Effect::Allow, Level::Pass),
    ] {
        let mut asks = rule("a", effect, "change.from == '1.0.0'");
        asks.second_person = effect == Effect::Needs;
        let world = runs([asks]);
        let verdict = ready(&world, "1");
        assert_eq!((verdict.level, &verdict), (level, &may(&world, "1")), "{effect}");
        let told = ["whether policy a speaks cannot be told: change.from is not known"];
        assert_eq!(texts(&verdict), if effect == Effect::Allow { &[][..] } else { &told[..] });
    }
}

#[test]
fn what_backends_told_long_ago_is_not_known() {
    let mut world =
        runs([rule("a", Effect::Block, "change.kind == 'major'"), rule("b", Effect::Block, "health.critical > 0")]);
    let told =
        ["a speaks cannot be told: change.kind is not known", "b speaks cannot be told: health.critical is not known"];
    assert_eq!(texts(&ready(&world, "1")), told.map(|told| format!("whether policy {told}")));
    sees(&mut world, "2.0.0-rc1");
    alerts(&mut world, 0, "");
    assert_eq!(ready(&world, "1").level, Level::Pass);
    sees(&mut world, "1.9.0");
    assert_eq!(texts(&ready(&world, "1")), ["a, policy a"]);
    sees(&mut world, "2.0.0-rc1");
    alerts(&mut world, 2, "warning");
    assert_eq!(ready(&world, "1").level, Level::Pass);
    alerts(&mut world, 1, "critical");
    assert_eq!(texts(&ready(&world, "1")), ["b, policy b"]);
    alerts(&mut world, 1, "sev-1");
    assert_eq!(ready(&world, "1").level, Level::Unknown, "whether a word of theirs is critical is not known");
    alerts(&mut world, 0, "");
    world.pass(world.now + ground::span("1m").delta());
    assert_eq!(ready(&world, "1").level, Level::Unknown);
}

#[test]
fn allow_lifts_what_warns_or_needs_and_never_what_blocks() {
    let lifts = |when: &str| allows("ok", when, &["w", "n", "b"]);
    let all = || [rule("w", Effect::Warn, "true"), needs("n", "true", "qa", 1)];
    let level = |rules: Vec<PolicyRule>| ready(&runs(rules), "1").level;
    assert_eq!(level(all().to_vec()), Level::Hold);
    assert_eq!(level(all().into_iter().chain([lifts("true")]).collect()), Level::Pass);
    assert_eq!(level(all().into_iter().chain([lifts("false")]).collect()), Level::Hold);
    assert_eq!(
        level(all().into_iter().chain([lifts("change.from == ''")]).collect()),
        Level::Hold,
        "in doubt it lifts nothing"
    );
    assert_eq!(level(vec![rule("b", Effect::Block, "true"), lifts("true")]), Level::Fail);
    assert_eq!(level(vec![rule("b", Effect::Block, "change.from == ''"), lifts("true")]), Level::Unknown);
    assert_eq!(level(vec![needs("other", "true", "qa", 1), lifts("true")]), Level::Hold);
}

#[test]
fn people_fill_what_a_rule_needs_each_once_and_nobody_for_themselves() {
    let mut world = runs([needs("n", "service.name == 'web'", "qa", 2)]);
    let run = world.ledger.runs.values().next().unwrap();
    assert_eq!(asked::roles(&world.given(), run, &run.plan.steps[0]), ["qa".into()]);
    assert_eq!(decides(&mut world, "tom", "qa", true).refusal, None);
    assert!(texts(&ready(&world, "1")).contains(&"n, policy n: approval by qa 1 of 2"));
    decides(&mut world, "tom", "qa", true);
    assert!(texts(&ready(&world, "1")).contains(&"n, policy n: approval by qa 1 of 2"), "one person is one");
    assert!(decides(&mut world, "bo", "qa", true).refusal.is_some(), "bo does not fill it");
    assert_eq!(decides(&mut world, "sam", "qa", true).refusal, None);
    assert_eq!(ready(&world, "1").level, Level::Pass);
    assert_eq!(may(&world, "1").level, Level::Hold, "beforehand nobody has approved it");
    assert_eq!(starts(&mut world, "ana"), Ok(()));
    decides(&mut world, "sam", "qa", false);
    assert_eq!(ready(&world, "1").level, Level::Fail);
    assert!(starts(&mut world, "ana").is_err());
    // Who drives never approves.
    let mut world = runs([needs("n", "true", "release-manager", 1)]);
    decides(&mut world, "ana", "release-manager", true);
    assert_eq!(ready(&world, "1").level, Level::Hold);
    assert_eq!(decides(&mut world, "kim", "release-manager", true).refusal, None);
    assert_eq!(ready(&world, "1").level, Level::Pass);
}

#[test]
fn several_rules_ask_for_the_most_that_any_asks_for() {
    let mut world = runs([
        needs("a", "true", "qa", 1),
        needs("b", "true", "qa", 2),
        needs("c", "false", "ops", 1),
        second("d", "true"),
    ]);
    let run = world.ledger.runs.values().next().unwrap();
    let slots = policy::slots(&world.given(), run, &run.plan.steps[0]);
    assert_eq!(slots, [Slot { role: "qa".into(), need: 2 }]);
    decides(&mut world, "tom", "qa", true);
    assert_eq!(texts(&ready(&world, "1")), ["b, policy b: approval by qa 1 of 2"]);
    decides(&mut world, "sam", "qa", true);
    assert_eq!(ready(&world, "1").level, Level::Pass);
}

#[test]
fn a_second_person_is_neither_who_drives_nor_who_starts_it() {
    let mut world = runs([second("two", "true")]);
    let once = vec!["two, policy two: a second person must approve it".to_owned()];
    assert_eq!(starts(&mut world, "ana"), Err(once), "each reason once");
    decides(&mut world, "ana", "release-manager", true);
    assert!(starts(&mut world, "ana").is_err(), "ana drives");
    assert_eq!(decides(&mut world, "kim", "ops", true).refusal, None);
    assert_eq!(ready(&world, "1").level, Level::Pass);
    assert_eq!(starts(&mut world, "ana"), Ok(()));
    assert_eq!(starts(&mut world, "kim"), Err(vec!["a second person must approve it".to_owned()]));
    decides(&mut world, "kim", "ops", false);
    assert!(starts(&mut world, "ana").is_err());
}

#[test]
fn the_way_back_is_judged_only_by_what_says_that_it_stops_it() {
    let step = || vec![does("1", Verb::RollBack, "stage", "1.0.0")];
    let heavy =
        [rule("b", Effect::Block, "true"), needs("n", "true", "qa", 1), rule("u", Effect::Block, "change.from == ''")];
    let world = runs_steps(heavy.clone(), step());
    assert_eq!((ready(&world, "1"), may(&world, "1")), (Verdict::pass(), Verdict::pass()));
    for heavy in heavy {
        let world = runs_steps([stops_back(heavy)], step());
        assert!(!ready(&world, "1").passes());
        assert_eq!(ready(&world, "1"), may(&world, "1"));
    }
    // What would be lifted forward is not lifted back by what does not bear on it.
    let world = runs_steps([stops_back(needs("n", "true", "qa", 1)), allows("ok", "true", &["n"])], step());
    assert_eq!(ready(&world, "1").level, Level::Hold);
}

#[test]
fn a_run_that_takes_another_back_is_kept_only_by_what_says_that_it_stops_that() {
    for stops in [false, true] {
        let rules = [rule("b", Effect::Block, "true"), needs("n", "true", "qa", 1), second("s", "true")];
        let rules = rules.map(|rule| PolicyRule { stops_rollback: stops, ..rule });
        let steps = vec![does("1", Verb::RollBack, "stage", "1.0.0"), does("2", Verb::Deploy, "stage", "1.0.0")];
        let world = runs_steps(rules, steps);
        let back = Run { symptom: Some("errors".to_owned()), ..world.ledger.runs.values().next().unwrap().clone() };
        let judged = back.plan.steps.iter().map(|step| readiness::judge(&world.given(), &back, step).verdict);
        let of_rules: Vec<_> = judged.map(|verdict| texts(&verdict).contains(&"b, policy b")).collect();
        assert_eq!(of_rules, [stops, false]);
    }
}

#[test]
fn what_changes_nothing_anywhere_is_not_asked_about() {
    let mut snapshot = does("1", Verb::Snapshot, "stage", "");
    let world = runs_steps(
        [rule("b", Effect::Block, "true")],
        vec![snapshot.clone(), ground::step("2", Kind::Milestone, &["1"], Work::Mark)],
    );
    assert_eq!(ready(&world, "1"), Verdict::pass());
    snapshot = does("1", Verb::Promote, "stage", "2.0.0");
    let world = runs_steps([rule("b", Effect::Block, "true")], vec![snapshot]);
    assert_eq!(ready(&world, "1").level, Level::Fail);
}
