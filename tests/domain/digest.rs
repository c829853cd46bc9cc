//! Golden vectors: a digest that changes by accident would make every agreement,
//! approval and vote on record say that it was for something else.

use holdpoint::domain::command::Consent;
use holdpoint::domain::digest::Digest;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observed;
use holdpoint::domain::plan::{Plan, Step};
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::basis::basis;
use holdpoint::engine::{Given, Ledger, Run, consent};

const STEP: &str = r#"{
    "name": "14", "title": "Shift 5 % to 25 %", "kind": "action", "needs": [{"step": "13"}],
    "owner": "release-manager", "at": {"offset": 600000}, "takes": "5m", "start": "person",
    "gate": {"all": [{"window": {"service": "payments", "environment": "eu-west"}}, {"health": [{"signal": "errors", "environment": "eu-west"}]},
                     {"approval": [{"role": "business", "need": 1}]}]},
    "verify": {"soak": {"signals": [{"signal": "errors", "environment": "eu-west"}], "hold_for": "20s"}},
    "work": {"do": {"backend": "routers", "verb": "promote", "service": "payments", "environment": "eu-west",
                    "args": {"version": "4.2.0", "weight": "25"}, "limit": "2m"}}
}"#;

fn step() -> Step {
    serde_json::from_str(STEP).unwrap()
}

fn plan() -> Plan {
    let text = format!(
        r#"{{"runbook": "payments-train", "title": "Payments train", "t0": "2026-11-21T02:00:00Z", "steps": [{STEP}],
            "signals": [{{"name": "errors", "title": "Errors", "service": "payments", "environments": ["eu-west"],
                "source": "probe", "query": {{"kind": "tcp", "address": "x:1"}}, "unit": "ratio", "bad": "above",
                "warn": 0.01, "fail": 0.05, "hold_for": "10s", "min_events": 10, "every": "5s"}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

#[test]
fn of_bytes_is_what_sha256sum_prints() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Digest::of_bytes(b"").to_string(), empty);
    assert_eq!(Digest::of_bytes(b"").short(), "e3b0c442");
}

#[test]
fn golden_vectors() {
    let (plan, step) = (plan(), step());
    // `printf 'holdpoint-name-v1\n"web"' | sha256sum`
    assert_eq!(
        Digest::of("name", &"web").to_string(),
        "388e820a4494bf0b1d2f5ef4c9ae437094f54326bb5d6f52fad421f73acb5f21"
    );
    assert_eq!(step.digest().to_string(), "d46455ce44c57853002bfaacd1c4da403a7ea02f5f1e5094087ed8976868262f");
    assert_eq!(plan.digest().to_string(), "c86c553c8e82b93fa97191bd303f5ad014c7690148e17c1d1070109cebf45045");
    assert_eq!(
        consent::of_try(RunId(118), 2, &step).to_string(),
        "c7bd37779e12cd81767ac4e9d53650cade4a6575d2489f411968234a24ca253b"
    );
    assert_eq!(evidence().to_string(), "0ba7572e28e9b4a044e97586d54ae5037156548684f00cd4cd78cef3f860963b");
}

#[test]
fn what_a_derived_signal_follows_from_is_part_of_the_plan() {
    let with = |query: &str| {
        let text = serde_json::to_string(&plan()).unwrap();
        let text = text.replace(r#"{"kind":"tcp","address":"x:1"}"#, query);
        serde_json::from_str::<Plan>(&text).unwrap().digest()
    };
    // Of what is asked for, the number counts and not the words for it.
    assert_eq!(with(r#"{"kind":"tcp","address":"y:2"}"#), plan().digest());
    let one = with(r#"{"kind":"alerts","severity":"critical","watchdog":"Watchdog"}"#);
    assert_ne!(one, plan().digest());
    assert_ne!(one, with(r#"{"kind":"alerts","severity":"warning","watchdog":"Watchdog"}"#));
    assert_ne!(one, with(r#"{"kind":"alerts","severity":"critical"}"#));
}

/// The evidence of a poll on which nothing was read.
fn evidence() -> Digest {
    let mut poll = step();
    poll.work = serde_json::from_str(
        r#"{"ask": {"poll": {"roles": ["qa"], "evidence": [{"signal": "errors", "environment": "eu-west"}], "closes": "10m"}}}"#,
    )
    .unwrap();
    let (ledger, workspace, observed) = (Ledger::default(), Workspace::default(), Observed::default());
    let now = "2026-11-21T02:00:00Z".parse().unwrap();
    let given = Given { ledger: &ledger, workspace: &workspace, observed: &observed, now };
    let run = r#"{"id": 1, "digest": "DIGEST", "started": "2026-11-21T02:00:00Z", "by": "ana",
        "t0": "2026-11-21T02:00:00Z", "phase": "live", "epoch": 0, "steps": {}, "triggers": {}, "changed": [],
        "taken_over": [], "notes": [], "plan": PLAN}"#;
    let run = run.replace("DIGEST", &Digest::default().to_string());
    let run: Run = serde_json::from_str(&run.replace("PLAN", &serde_json::to_string(&plan()).unwrap())).unwrap();
    let errors = holdpoint::domain::signal::SignalAt { signal: "errors".into(), environment: "eu-west".into() };
    basis(&given, &run, &poll, &[errors]).digest
}

#[test]
fn whatever_is_shown_moves_it() {
    let before = step();
    let moved: [fn(&mut Step); 6] = [
        |s| s.title.push('!'),
        |s| s.point_of_no_return = true,
        |s| s.may_skip = false,
        |s| s.needs.clear(),
        |s| s.gate = None,
        |s| s.owner = None,
    ];
    for change in moved {
        let mut after = before.clone();
        change(&mut after);
        assert_ne!(after.digest(), before.digest(), "{after:?}");
    }
    let mut plan_after = plan();
    plan_after.signals[0].fail = Some(0.06);
    assert_ne!(plan_after.digest(), plan().digest(), "a threshold is part of what is agreed to");
    assert_ne!(consent::of_try(RunId(1), 1, &before), consent::of_try(RunId(1), 2, &before));
    assert_ne!(consent::of_try(RunId(1), 1, &before), consent::of_try(RunId(2), 1, &before));
}

#[test]
fn a_digest_reads_back_and_nothing_else_does() {
    let digest = step().digest();
    assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    let upper = digest.to_string().to_uppercase();
    for wrong in ["", "00", upper.as_str(), &"g".repeat(64), &"é".repeat(32), &format!("+{}", "0".repeat(63))] {
        assert!(wrong.parse::<Digest>().is_err(), "{wrong:?}");
    }
    let json = r#"{"level": "challenge", "saw": "zz", "how": "typed"}"#;
    assert!(serde_json::from_str::<Consent>(json).is_err());
}
