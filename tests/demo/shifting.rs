//! Deploy, promote and roll back really change who answers, once for each key.

use crate::ground::Ground;
use crate::support::sandbox::LIMIT;
use std::collections::BTreeMap;

const PLACE: &str = "--service payments --env eu-west";

/// Who answers forty questions through the front door.
fn answers(ground: &Ground) -> BTreeMap<String, u32> {
    let mut answers = BTreeMap::new();
    for _ in 0..40 {
        *answers.entry(ground.answer("/payments/eu-west/version").trim().to_owned()).or_default() += 1;
    }
    answers
}

fn deployment(ground: &Ground) -> serde_json::Value {
    let status = ground.result("status");
    let all = status["deployments"].as_array().unwrap();
    assert_eq!(all.len(), 6);
    all.iter().find(|d| d["service"] == "payments" && d["environment"] == "eu-west").unwrap().clone()
}

#[test]
fn who_answers_follows_deploy_promote_and_roll_back() {
    let ground = Ground::new();
    let done = ground.result(&format!("deploy {PLACE} --version 4.2.0 --weight 0 --key k:1"));
    assert_eq!(done["detail"]["previous"], "4.1.9");
    assert_eq!(answers(&ground), [("4.1.9".into(), 40)].into());

    ground.result(&format!("promote {PLACE} --version 4.2.0 --weight 25 --key k:2"));
    let split = answers(&ground);
    assert!((4..=16).contains(&split["4.2.0"]), "{split:?}");
    let canary = deployment(&ground);
    assert_eq!((&canary["state"], &canary["weight"], &canary["ready"]), (&"canary".into(), &25.into(), &4.into()));

    ground.result(&format!("promote {PLACE} --version 4.2.0 --weight 100 --key k:3"));
    assert_eq!(answers(&ground), [("4.2.0".into(), 40)].into());
    assert!(ground.processes().iter().all(|p| !p.command.contains("payments@eu-west --version 4.1.9")));
    assert_eq!(deployment(&ground)["history"], serde_json::json!(["4.2.0", "4.1.9", "4.1.8"]));

    let back = ground.result(&format!("roll-back {PLACE} --to 4.1.9 --key k:4"));
    assert_eq!(back["detail"]["previous"], "4.2.0");
    assert_eq!(deployment(&ground)["history"], serde_json::json!(["4.1.9", "4.1.8"]), "nobody goes back to 4.2.0");
    assert_eq!(answers(&ground), [("4.1.9".into(), 40)].into());
    assert!(ground.processes().iter().all(|p| !p.command.contains("payments@eu-west --version 4.2.0")));
    assert_eq!(
        ground.counters("payments", "eu-west").sum("requests_total", &["failed"]),
        0.0,
        "a change drops nothing"
    );
}

#[test]
fn a_key_is_carried_out_once() {
    let ground = Ground::new();
    let words = format!("deploy {PLACE} --version 4.2.0 --weight 0 --key k:1");
    let first = ground.result(&words);
    assert_eq!(ground.result(&words), first);
    assert_eq!(ground.book("k:1"), ["start", "done", "repeat"]);
    assert_eq!(ground.result("probe --key k:1")["found"], "applied");
    assert_eq!(ground.result("probe --key k:2")["found"], "not-applied");
    assert_eq!(ground.result("probe --key k:2")["final"], true);
}

#[test]
fn what_cannot_be_done_is_certainly_not_done() {
    let ground = Ground::new();
    for (key, words) in [
        ("k:1", format!("promote {PLACE} --version 4.2.0 --weight 5")),
        ("k:2", format!("deploy {PLACE} --version 9.9.9 --weight 5")),
        ("k:3", format!("deploy {PLACE} --version 4.2.0 --weight 101")),
        ("k:4", "deploy --service web --env eu-west --version 4.2.0 --weight 0".to_owned()),
    ] {
        let outcome = ground.run(&format!("{words} --key {key}")).exits(3);
        assert!(!outcome.stderr.is_empty());
        let found = ground.result(&format!("probe --key {key}"));
        assert_eq!((&found["found"], &found["final"]), (&"not-applied".into(), &true.into()), "{found}");
    }
    assert_eq!(deployment(&ground)["state"], "stable");
}

#[test]
fn ledger_adds_to_the_schema_and_leaves_it_when_it_goes_back() {
    let ground = Ground::new();
    ground.result("deploy --service ledger --env eu-west --version 7.1.0 --weight 100 --key k:1");
    crate::support::wait_until("the schema is added to", LIMIT, || {
        ground.counters("ledger", "eu-west").sum("schema_version", &[]) == 118.0
    });
    ground.result("roll-back --service ledger --env eu-west --to 7.0.3 --key k:2");
    assert_eq!(ground.answer("/ledger/eu-west/version"), "7.0.3\n");
    assert_eq!(ground.file("data/eu-west/schema.json"), 118);
    let kept = ground.result("snapshot --env eu-west --key k:3");
    assert!(kept["summary"].as_str().unwrap().contains("3 metrics"), "{kept}");
}
