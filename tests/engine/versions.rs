//! The old version against the new one: what the test is, how often it is wrong, and that
//! what is not known is never a pass.

use crate::ground;
use crate::world::World;
use holdpoint::domain::observed::{Deployment, Observation, Stamped};
use holdpoint::domain::verdict::Level;
use holdpoint::domain::versions::{Compared, Counts, MOST, Outcome, Rule};
use holdpoint::engine::versions;
use proptest::prelude::*;

fn compare(rule: Rule, old: (u64, u64), new: (u64, u64)) -> Compared {
    let side = |name: &str, (bad, all): (u64, u64)| (name.to_owned(), Counts { bad, all });
    versions::compare(rule, side("1.0", old), side("2.0", new))
}

/// Fisher's test by counting every table, for numbers that fit.
fn counted(old: (u64, u64), new: (u64, u64)) -> f64 {
    let choose = |n: u64, k: u64| (0..k).fold(1.0, |all, i| all * (n - i) as f64 / (i + 1) as f64);
    let (marked, drawn, all) = (old.0 + new.0, new.1, old.1 + new.1);
    let ways = |x: u64| choose(marked, x) * choose(all - marked, drawn - x);
    let most = marked.min(drawn);
    (new.0..=most).filter(|x| drawn - x <= all - marked).map(ways).sum::<f64>() / choose(all, drawn)
}

#[test]
fn the_test_is_fishers_and_the_limit_newcombes() {
    for (old, new) in
        [((3, 20), (9, 20)), ((0, 50), (3, 10)), ((1, 7), (6, 8)), ((5, 30), (0, 30)), ((10, 10), (10, 10))]
    {
        let found = compare(Rule::default(), old, new).p;
        assert!((found - counted(old, new)).abs() < 1e-9, "{old:?} {new:?}: {found} and not {}", counted(old, new));
    }
    // The tea lady: all four cups found.
    assert!((compare(Rule::default(), (0, 4), (4, 4)).p - 1.0 / 70.0).abs() < 1e-12);
    // Newcombe 1998, table II (10), 56/70 against 48/80: 95 % two-sided is 0.0524 to 0.3339.
    let found = compare(Rule { alpha: 0.025, ..Rule::default() }, (48, 80), (56, 70));
    assert!((found.at_most - 0.3339).abs() < 5e-5 && (found.effect - 0.2).abs() < 1e-12, "{found:?}");
}

#[test]
fn the_most_that_is_counted_with_is_counted_with_exactly() {
    // The same sum with sixty digits.
    for (bad, new, wanted) in [
        (5_000_000_000, 5_000_164_494, 0.010_001_747_4),
        (5_000_000_000, 5_000_184_494, 0.004_538_703_5),
        (100_000_000, 100_032_733, 0.010_009_981_0),
    ] {
        let found = compare(Rule::default(), (bad, MOST), (new, MOST)).p;
        assert!((found / wanted - 1.0).abs() < 1e-3, "{bad} and {new} of {MOST}: {found} and not {wanted}");
    }
}

#[test]
fn worse_no_worse_and_not_known() {
    let rule = Rule::default();
    let outcome = |old, new| compare(rule, old, new).outcome;
    assert_eq!(outcome((8, 1600), (12, 400)), Outcome::Fail);
    assert_eq!(outcome((8, 1600), (3, 1200)), Outcome::Pass);
    assert_eq!(outcome((8, 1600), (4, 400)), Outcome::Inconclusive, "1 % of 400 may be chance, and may be worse");
    assert_eq!(outcome((8, 1600), (99, 99)), Outcome::Inconclusive, "too few of the new one, however they ended");
    assert_eq!(outcome((0, 99), (0, 100_000)), Outcome::Inconclusive, "too few of the old one");
    assert_eq!(outcome((0, 0), (0, 0)), Outcome::Inconclusive);
    assert_eq!(
        compare(Rule { least: 0, ..rule }, (0, 0), (0, 0)).outcome,
        Outcome::Inconclusive,
        "nothing is not well"
    );
    // A difference that is no chance and matters to nobody.
    assert_eq!(outcome((50_000, 10_000_000), (60_000, 10_000_000)), Outcome::Pass);
    let found = compare(rule, (8, 1600), (12, 400));
    assert_eq!(
        found.to_string(),
        "2.0 12 of 400 (3.00 %) against 1.0 8 of 1600 (0.50 %): +2.50 points, at most +5.21, p < 0.0001"
    );
    assert_eq!(
        found.rule.to_string(),
        "worse: Fisher's exact test, one-sided, p < 0.01; no worse: at most +1 points with 99 % confidence \
         (Newcombe); from 100 of each"
    );
}

/// A small generator of its own, so that a simulation is the same everywhere.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn bad(&mut self, share: f64, all: u64) -> (u64, u64) {
        ((0..all).filter(|_| self.next() < share).count() as u64, all)
    }
}

/// How often of so many tries something comes out.
fn share(tries: u32, mut of: impl FnMut(u32) -> bool) -> f64 {
    f64::from((0..tries).filter(|n| of(*n)).count() as u32) / f64::from(tries)
}

#[test]
fn chance_is_taken_for_a_difference_about_as_often_as_is_said_and_never_more() {
    // Without a margin to pass by: what is not called worse is inconclusive.
    for (alpha, bad, old, new) in [(0.05, 0.1, 800, 400), (0.05, 0.02, 2_000, 500), (0.01, 0.1, 800, 400)] {
        let (rule, mut draws) = (Rule { alpha, margin: 1e-9, least: 100 }, Draws(7));
        let tries = 4_000;
        let wrong = share(tries, |_| compare(rule, draws.bad(bad, old), draws.bad(bad, new)).outcome == Outcome::Fail);
        let chance = (alpha * (1.0 - alpha) / f64::from(tries)).sqrt();
        assert!(wrong <= alpha + 2.0 * chance && wrong >= alpha * 0.4, "{wrong} of {alpha} at {bad}, {old}, {new}");
    }
}

#[test]
fn what_is_worse_by_the_margin_passes_no_more_often_than_is_said() {
    let (rule, mut draws) = (Rule { alpha: 0.05, margin: 0.02, least: 100 }, Draws(11));
    let passed = share(4_000, |_| compare(rule, draws.bad(0.02, 1_000), draws.bad(0.04, 500)).outcome == Outcome::Pass);
    assert!(passed <= 0.06 && passed > 0.005, "{passed}");
    // What is clearly worse is found, and what is well passes.
    let found = share(300, |_| compare(rule, draws.bad(0.02, 2_000), draws.bad(0.08, 500)).outcome == Outcome::Fail);
    let well = share(300, |_| compare(rule, draws.bad(0.01, 3_000), draws.bad(0.01, 1_000)).outcome == Outcome::Pass);
    assert!(found > 0.99 && well > 0.9, "{found} {well}");
}

/// Each look at a growing sample is another chance to be wrong; the documentation says how much.
#[test]
fn ten_looks_while_it_grows_are_wrong_less_than_five_times_as_often() {
    let (rule, mut draws) = (Rule { alpha: 0.01, margin: 1e-9, least: 100 }, Draws(13));
    let wrong = share(1_500, |_| {
        let (mut old, mut new) = ((0, 0), (0, 0));
        (0..10).any(|_| {
            let more = |side: &mut (u64, u64), (bad, all): (u64, u64)| *side = (side.0 + bad, side.1 + all);
            more(&mut old, draws.bad(0.05, 300));
            more(&mut new, draws.bad(0.05, 100));
            compare(rule, old, new).outcome == Outcome::Fail
        })
    });
    assert!(wrong > 0.01 && wrong < 0.05, "{wrong}");
}

proptest! {
    #[test]
    fn the_more_are_bad_the_worse_it_is_called(old in 0u64..3_000, bad in 0u64..3_000, new in 1u64..3_000, from in 0u64..3_000, more in 1u64..500) {
        let rule = Rule { least: 1, ..Rule::default() };
        let rank = |outcome| match outcome {
            Outcome::Pass => 0,
            Outcome::Inconclusive => 1,
            Outcome::Fail => 2,
        };
        let (old, bad) = (old + 1, bad.min(old));
        let (less, more) = (from.min(new), (from + more).min(new));
        let (less, more) = (compare(rule, (bad, old), (less, new)), compare(rule, (bad, old), (more, new)));
        prop_assert!(rank(less.outcome) <= rank(more.outcome), "{less} {more}");
        prop_assert!(less.p >= more.p - 1e-9 && less.effect <= more.effect, "{less} {more}");
    }

    #[test]
    fn any_counts_give_a_number(old in any::<(u32, u32)>(), new in any::<(u32, u32)>()) {
        let wide = |(bad, all): (u32, u32)| (u64::from(bad), u64::from(all));
        let found = compare(Rule::default(), wide(old), wide(new));
        prop_assert!((0.0..=1.0).contains(&found.p) && found.effect.is_finite() && found.at_most.is_finite(), "{found:?}");
    }
}

#[test]
fn whatever_is_missing_late_or_lost_is_unknown_with_its_reason() {
    let mut world = World::new();
    let at = ground::signal_at("errors@prod");
    let judge = |world: &World| {
        let signal = world.workspace.signals.get("errors");
        let (verdict, evidence) = versions::judge(&world.observed, signal, &at, world.now);
        assert_eq!((verdict.level, evidence.level), (Level::Unknown, Level::Unknown));
        verdict.reasons[0].text.clone()
    };
    assert!(judge(&world).contains("what is live of web is not known"), "{}", judge(&world));
    let live = |candidate: Option<&str>| Deployment {
        version: "1.0".to_owned(),
        candidate: candidate.map(str::to_owned),
        ..Deployment::default()
    };
    let key = ("web".into(), "prod".into());
    world.see(Observation::Deployment(key, live(None).into()));
    assert!(judge(&world).contains("only 1.0 serves"), "{}", judge(&world));
    let key = ("web".into(), "prod".into());
    world.see(Observation::Deployment(key, live(Some("2.0")).into()));
    assert!(judge(&world).contains("not been counted yet"), "{}", judge(&world));
    world.see(Observation::Versions(at.clone(), Err("no series".to_owned())));
    assert!(judge(&world).contains("cannot be counted: no series"), "{}", judge(&world));
    let one = [("1.0".to_owned(), Counts { bad: 1, all: 1_000 })];
    world.see(Observation::Versions(at.clone(), Ok(one.into())));
    assert!(judge(&world).contains("nothing is counted of 2.0; a missing series is not zero"), "{}", judge(&world));
    let both = ["1.0", "2.0"].map(|version| (version.to_owned(), Counts { bad: 1, all: 5_000 }));
    world.see(Observation::Versions(at.clone(), Ok(both.into())));
    let signal = world.workspace.signals.get("errors").unwrap().clone();
    let (verdict, evidence) = versions::judge(&world.observed, Some(&signal), &at, world.now);
    assert_eq!(verdict.level, Level::Pass, "{verdict:?}");
    assert_eq!((evidence.events, evidence.compared.map(|c| c.outcome)), (Some(5_000), Some(Outcome::Pass)));
    // An image stays as it is and only its settings change: nothing tells the two apart.
    let key = || ("web".into(), "prod".into());
    world.see(Observation::Deployment(key(), live(Some("1.0")).into()));
    assert!(judge(&world).contains("both are called 1.0; they cannot be told apart"), "{}", judge(&world));
    world.see(Observation::Deployment(key(), live(Some("2.0")).into()));
    // Who tells what is live is not heard, though what was told is not old yet.
    let unheard = Err("connection refused".to_owned());
    let every = holdpoint::domain::span::Span::secs(5);
    world.observed.apply(&Stamped { at: world.now, source: "sh".into(), every, what: unheard });
    assert!(judge(&world).contains("what is live of web is not heard: connection refused"), "{}", judge(&world));
    for most in [MOST + 1, 1 << 53, u64::MAX] {
        let huge = ["1.0", "2.0"].map(|version| (version.to_owned(), Counts { bad: 1, all: most }));
        world.see(Observation::Versions(at.clone(), Ok(huge.into())));
        assert!(judge(&world).contains("more than can be counted with"), "{}", judge(&world));
    }
    let both = ["1.0", "2.0"].map(|version| (version.to_owned(), Counts { bad: 1, all: 5_000 }));
    world.see(Observation::Versions(at.clone(), Ok(both.into())));
    world.now += chrono::TimeDelta::seconds(11);
    assert!(judge(&world).contains("was last heard 11s ago"), "{}", judge(&world));
    let key = ("web".into(), "prod".into());
    world.see(Observation::Deployment(key, live(Some("2.0")).into()));
    assert!(judge(&world).contains("were last counted 11s ago"), "{}", judge(&world));
    let slow = world.workspace.signals.get("slow");
    let (verdict, _) = versions::judge(&world.observed, slow, &ground::signal_at("slow@prod"), world.now);
    assert!(verdict.reasons[0].text.contains("does not count by version"), "{verdict:?}");
}
