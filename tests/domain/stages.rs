//! How far a rollout in steps is: its words, and that only a pass passes.

use holdpoint::domain::observed::Deployment;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use holdpoint::domain::stages::{Check, Judged, Stages};
use holdpoint::domain::traffic::{Share, Traffic, words};
use holdpoint::domain::verdict::Level;

fn check(judged: Judged) -> Check {
    Check { name: "success-rate".to_owned(), judged, detail: String::new() }
}

#[test]
fn only_a_pass_passes_and_every_word_is_its_own() {
    let all = [Judged::Running, Judged::Passed, Judged::Failed, Judged::Inconclusive, Judged::Error, Judged::Unknown];
    let words: std::collections::BTreeSet<_> = all.iter().map(|judged| judged.word()).collect();
    assert_eq!(words.len(), all.len());
    for judged in all {
        assert_eq!(judged.level() == Level::Pass, judged == Judged::Passed, "{judged:?}");
        let stages = Stages { checks: vec![check(Judged::Passed), check(judged)], ..Stages::default() };
        let quiet = matches!(judged, Judged::Passed | Judged::Running);
        assert_eq!(stages.doubt().is_none(), quiet, "{judged:?}");
    }
    let stages = Stages { checks: vec![check(Judged::Failed), check(Judged::Error)], ..Stages::default() };
    assert_eq!(stages.doubt().unwrap().judged, Judged::Failed);
}

#[test]
fn a_stage_in_one_line() {
    let stages = Stages { step: Some((2, 5)), doing: "pause".to_owned(), wanted: Some(20), ..Stages::default() };
    assert_eq!(stages.line(), "step 2 of 5: pause, 20 % wanted");
    assert_eq!(Stages { step: None, ..stages.clone() }.line(), "pause, 20 % wanted");
    assert_eq!(Stages { doing: String::new(), wanted: None, ..stages }.line(), "step 2 of 5");
    assert_eq!(Stages::default().line(), "");
    let waits = Some("a person to promote it".to_owned());
    let stages = Stages { waits, checks: vec![check(Judged::Error)], ..Stages::default() };
    assert_eq!(stages.told(), ["waits for a person to promote it", "success-rate: error"]);
    assert_eq!(check(Judged::Inconclusive).line(), "success-rate: inconclusive");
}

#[test]
fn a_deployment_without_stages_is_written_as_before() {
    let written = serde_json::to_string(&Deployment::default()).unwrap();
    assert!(!written.contains("stages"), "{written}");
    let stages = Some(Stages { checks: vec![check(Judged::Inconclusive)], ..Stages::default() });
    let deployment = Deployment { stages, ..Deployment::default() };
    let written = serde_json::to_string(&deployment).unwrap();
    assert_eq!(serde_json::from_str::<Deployment>(&written).unwrap(), deployment);
}

#[test]
fn an_operation_on_several_meets_each_of_them() {
    let of = |verb, service: &str, with: &str| Operation {
        backend: "eu".into(),
        verb,
        service: Some(service.into()),
        environment: Some("prod".into()),
        args: if with.is_empty() { Default::default() } else { [("with".to_owned(), with.to_owned())].into() },
        argv: Vec::new(),
        limit: Span::ZERO,
        idempotent: false,
    };
    let set = of(Verb::Promote, "web", "fx, pay");
    assert_eq!(set.services().collect::<Vec<_>>(), ["web", "fx", "pay"]);
    for (other, meets) in [
        (of(Verb::Deploy, "web", ""), true),
        (of(Verb::RollBack, "pay", ""), true),
        (of(Verb::Abort, "db", "fx"), true),
        (of(Verb::Deploy, "db", ""), false),
        // Only what several can be told at once reads it so; evidence changes nothing.
        (of(Verb::Deploy, "db", "fx"), false),
        (of(Verb::Snapshot, "web", ""), false),
        (Operation { environment: Some("test".into()), ..of(Verb::Deploy, "web", "") }, false),
    ] {
        assert_eq!((set.meets(&other), other.meets(&set)), (meets, meets), "{other}");
    }
}

#[test]
fn shares_are_in_percent_of_their_sum() {
    let of = |weights: &[u64]| {
        let shares: Vec<_> = weights.iter().map(|weight| Share { to: "x".to_owned(), weight: *weight }).collect();
        words(&shares).replace("x ", "").replace(" %", "")
    };
    for (weights, said) in [
        (&[90, 10][..], "90 · 10"),
        (&[1, 2], "33.3 · 66.7"),
        (&[1, 1_000_000], "<0.1 · >99.9"),
        (&[0, 5], "0 · 100"),
        (&[0, 0], "0 · 0"),
        (&[u64::MAX, u64::MAX], "50 · 50"),
        (&[], "no backends are shown"),
    ] {
        assert_eq!(of(weights), said);
    }
    let share = Share { to: "a".to_owned(), weight: 1 };
    let traffic =
        Traffic { route: "httproute web".to_owned(), rule: "rule 2".to_owned(), shares: vec![share], live: None };
    assert_eq!(traffic.line(), "httproute web, rule 2 (as written): a 100 %");
    let stages = Stages { traffic: vec![traffic], ..Stages::default() };
    assert_eq!(stages.told(), ["httproute web, rule 2 (as written): a 100 %"]);
    let written = serde_json::to_string(&stages).unwrap();
    assert_eq!(serde_json::from_str::<Stages>(&written).unwrap(), stages);
    assert!(!serde_json::to_string(&Stages::default()).unwrap().contains("traffic"));
}
