//! What was allowed when it was drawn and is not when the key is pressed is refused: a key is judged by the moment at
//! which it is pressed, however rules, clocks, health and people turned in between.

use super::{alerts, allows, decides, may, needs, policy, ready, rule, runs, second, starts};
use crate::world::World;
use holdpoint::domain::policy::{Effect, PolicyRule};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn a_step_that_was_ready_is_refused_once_a_rule_speaks() {
    let mut world = runs([rule("late", Effect::Block, "utc.time >= '02:10'")]);
    assert!(ready(&world, "1").passes());
    world.now += chrono::TimeDelta::minutes(10) - chrono::TimeDelta::nanoseconds(1);
    assert_eq!(starts(&mut world, "ana"), Ok(()));
    world.now += chrono::TimeDelta::nanoseconds(1);
    assert_eq!(starts(&mut world, "ana"), Err(vec!["late, policy late".to_owned()]));
}

/// One thing that turns between what is drawn and what is pressed.
#[derive(Clone, Debug)]
enum Turn {
    /// Minutes pass.
    Passes(i64),
    /// The files say these of the rules of [`all`] now.
    Rules(BTreeSet<usize>),
    /// So many alerts fire.
    Fires(usize),
    /// Nothing is heard of alerts for long.
    Silence,
    /// Tom approves it, or takes that back.
    Decides(bool),
    /// The key is pressed.
    Presses,
}

fn turns() -> impl Strategy<Value = Turn> {
    prop_oneof![
        2 => (1..90_i64).prop_map(Turn::Passes),
        3 => prop::collection::btree_set(0..7_usize, 0..5).prop_map(Turn::Rules),
        2 => (0..2_usize).prop_map(Turn::Fires),
        1 => Just(Turn::Silence),
        2 => any::<bool>().prop_map(Turn::Decides),
        5 => Just(Turn::Presses),
    ]
}

/// The rules that come and go.
fn all() -> Vec<PolicyRule> {
    vec![
        rule("at-work", Effect::Block, "local.hour >= 8 && local.hour < 10"),
        rule("ill", Effect::Block, "health.alerts > 0"),
        needs("asks", "utc.hour % 2 == 0", "qa", 1),
        second("two", "environment.name == 'stage'"),
        allows("ok", "utc.hour >= 5", &["asks", "two"]),
        rule("knows", Effect::Warn, "health.alerts == 0"),
        rule("never", Effect::Block, "environment.name == 'moon'"),
    ]
}

/// Whether nothing but what tom has given is missing, by the door of `may`.
fn wanted(world: &World, approved: Option<bool>) -> bool {
    let verdict = may(world, "1");
    let asks = |text: &str| text.starts_with("approval by qa 0 of 1") || text.starts_with("a second person must");
    let of_asking = |text: &str| ["asks, policy asks", "two, policy two"].iter().any(|says| text.starts_with(says));
    let left = verdict.reasons.iter().filter(|reason| !asks(&reason.text) && !of_asking(&reason.text));
    verdict.passes() || (approved == Some(true) && left.count() == 0)
}

fn plays(turns: &[Turn]) -> usize {
    let mut world = runs([all().remove(0), all().remove(2)]);
    let (mut approved, mut drawn, mut refused) = (None, true, 0);
    alerts(&mut world, 0, "");
    for turn in turns {
        let before = world.now;
        match turn {
            Turn::Passes(minutes) => world.now += chrono::TimeDelta::minutes(*minutes),
            Turn::Rules(chosen) => {
                world.workspace.policy = policy(chosen.iter().map(|n| all().remove(*n)));
                // A key may be pressed before the files' new rules are written down, and after.
                if chosen.len() % 2 == 0 {
                    world.pass(before);
                }
            }
            Turn::Fires(count) => alerts(&mut world, *count, "critical"),
            Turn::Silence => world.now += chrono::TimeDelta::seconds(40),
            Turn::Decides(yes) => {
                if decides(&mut world, "tom", "qa", *yes).refusal.is_none() {
                    approved = Some(*yes);
                }
            }
            Turn::Presses => {
                let (verdict, pressed) = (ready(&world, "1"), starts(&mut world, "ana"));
                assert_eq!(pressed.is_ok(), verdict.passes(), "{pressed:?} {verdict:?}");
                assert_eq!(
                    pressed.is_ok(),
                    wanted(&world, approved),
                    "{pressed:?} {:?} {approved:?}",
                    may(&world, "1")
                );
                refused += usize::from(drawn && pressed.is_err());
            }
        }
        drawn = ready(&world, "1").passes();
    }
    refused
}

#[test]
fn whatever_turns_in_between_what_is_pressed_is_judged_by_its_moment() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: crate::policies::doors::cases(1_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&prop::collection::vec(turns(), 4..14), |turns| {
            plays(&turns);
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{e}"));
}
