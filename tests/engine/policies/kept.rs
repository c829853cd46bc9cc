//! Rules that change while a run is live: what makes stricter binds at once, what loosens waits to be adopted.

use super::{allows, decides, needs, policy, ready, rule, runs, second, stops_back, texts};
use crate::world::World;
use holdpoint::domain::command::Command;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::policy::{Effect, PolicyRule};
use holdpoint::domain::verdict::Level;
use holdpoint::engine::rules;

const KEPT: &str = ", as it was when the run went by it; `holdpoint adopt` lets it go";

/// The files say this now.
fn reads(world: &mut World, now: impl IntoIterator<Item = PolicyRule>) -> Vec<String> {
    world.workspace.policy = policy(now);
    let told = world.pass(world.now).facts;
    let loosened = |fact: Fact| if let Fact::RulesRead { loosened, .. } = fact { Some(loosened) } else { None };
    told.into_iter().filter_map(loosened).flatten().collect()
}

fn adopts(world: &mut World) {
    let waiting = rules::waiting(&world.given()).unwrap();
    let adopt = Command::Adopt(waiting.digest, "agreed".to_owned());
    assert_eq!(world.command("ana", &adopt).refusal, None);
}

#[test]
fn what_makes_stricter_binds_at_once() {
    let mut world = runs([]);
    assert_eq!(ready(&world, "1").level, Level::Pass);
    assert_eq!(reads(&mut world, [rule("b", Effect::Block, "true")]), [""; 0]);
    assert_eq!(texts(&ready(&world, "1")), ["b, policy b"]);
    let mut world = runs([allows("ok", "true", &["n"]), needs("n", "true", "qa", 1)]);
    assert_eq!(ready(&world, "1").level, Level::Pass);
    assert_eq!(reads(&mut world, [needs("n", "true", "qa", 1)]), [""; 0]);
    assert_eq!(ready(&world, "1").level, Level::Hold);
    assert_eq!(rules::waiting(&world.given()), None);
}

#[test]
fn what_loosens_waits_to_be_adopted() {
    let block = || rule("x", Effect::Block, "true");
    let two = || needs("x", "true", "qa", 2);
    let says = |what: &str| vec![what.to_owned()];
    for (before, after, told, level) in [
        (vec![block()], vec![], says("policy x is gone"), Level::Fail),
        (vec![block()], vec![rule("x", Effect::Block, "false")], says("policy x says something else"), Level::Fail),
        (
            vec![block()],
            vec![rule("x", Effect::Warn, "true")],
            says("policy x says something else: warn, and not block"),
            Level::Fail,
        ),
        (vec![block()], vec![two()], says("policy x says something else: needs, and not block"), Level::Fail),
        (
            vec![block()],
            vec![rule("x", Effect::Allow, "true")],
            says("policy x says something else: allow, and not block"),
            Level::Fail,
        ),
        (
            vec![two()],
            vec![rule("x", Effect::Warn, "true")],
            says("policy x says something else: warn, and not needs"),
            Level::Hold,
        ),
        (vec![two()], vec![needs("x", "true", "ops", 1)], says("policy x says something else"), Level::Hold),
        (vec![two()], vec![two(), allows("ok", "true", &["x"])], says("policy ok lifts x"), Level::Hold),
        (vec![rule("x", Effect::Warn, "true")], vec![], says("policy x is gone"), Level::Pass),
        (
            vec![rule("x", Effect::Block, "change.from == ''")],
            vec![rule("x", Effect::Warn, "change.from == ''")],
            says("policy x says something else: warn, and not block"),
            Level::Unknown,
        ),
    ] {
        let mut world = runs(before);
        let was = ready(&world, "1");
        assert_eq!(reads(&mut world, after), told);
        let now = ready(&world, "1");
        assert_eq!(now.level.max(level), level, "{told:?} {now:?}");
        assert_eq!(now.passes(), was.passes(), "{told:?}: {was:?}, then {now:?}");
        if !was.passes() {
            assert_eq!(now.level, was.level, "{told:?}");
            assert!(texts(&now).iter().any(|text| text.ends_with(KEPT)), "{now:?}");
        }
        let waiting = rules::waiting(&world.given()).unwrap();
        assert_eq!(waiting.what, told);
        let live = world.workspace.policy.clone();
        adopts(&mut world);
        assert_eq!(rules::waiting(&world.given()), None);
        let adopted = ready(&world, "1");
        assert_eq!(adopted, ready(&runs(live.into_values()), "1"), "{told:?}");
    }
}

#[test]
fn fewer_people_are_not_enough_until_that_is_adopted() {
    let mut world = runs([needs("x", "true", "qa", 2), second("s", "true")]);
    assert_eq!(reads(&mut world, [needs("x", "true", "qa", 1)]), ["policy s is gone", "policy x says something else"]);
    assert_eq!(decides(&mut world, "tom", "qa", true).refusal, None);
    let held = ready(&world, "1");
    assert_eq!(held.level, Level::Hold);
    assert_eq!(texts(&held).iter().filter(|text| text.contains("approval by qa 1 of 2")).count(), 1, "{held:?}");
    adopts(&mut world);
    assert_eq!(ready(&world, "1").level, Level::Pass);
}

#[test]
fn words_owner_and_controls_are_no_looser_rule() {
    let mut world = runs([rule("x", Effect::Block, "true")]);
    let other = PolicyRule {
        say: holdpoint::domain::policy::Saying::new("other words"),
        owner: Some("qa".into()),
        controls: vec!["C1".to_owned()],
        ..rule("x", Effect::Block, "true")
    };
    assert_eq!(reads(&mut world, [other]), [""; 0]);
    assert_eq!(texts(&ready(&world, "1"))[0], "other words, policy x");
}

#[test]
fn a_rule_that_no_longer_stops_the_way_back_does_until_that_is_adopted() {
    let steps = vec![super::does("1", holdpoint::domain::operation::Verb::RollBack, "stage", "1.0.0")];
    let mut world = super::runs_steps([stops_back(rule("x", Effect::Block, "true"))], steps);
    reads(&mut world, [rule("x", Effect::Block, "true")]);
    assert_eq!(ready(&world, "1").level, Level::Fail);
    adopts(&mut world);
    assert_eq!(ready(&world, "1").level, Level::Pass);
}

#[test]
fn what_a_rule_said_and_says_is_said_once() {
    let mut world = runs([rule("a", Effect::Block, "true"), rule("b", Effect::Block, "true")]);
    reads(&mut world, [rule("a", Effect::Block, "true")]);
    let held = ready(&world, "1");
    assert_eq!(texts(&held), ["a, policy a".to_owned(), format!("b, policy b{KEPT}")]);
    reads(&mut world, []);
    assert_eq!(texts(&ready(&world, "1")).len(), 2, "{:?}", ready(&world, "1"));
    reads(&mut world, [rule("a", Effect::Block, "true"), rule("b", Effect::Block, "true")]);
    assert_eq!(texts(&ready(&world, "1")), ["a, policy a", "b, policy b"]);
}
