//! Flagger's analysis, metric by metric, out of the sentences of its events.

use super::why::{ago, now, warning};
use holdpoint::backend::kubernetes::news::News;
use holdpoint::backend::kubernetes::place::Place;
use holdpoint::backend::kubernetes::row::{Known, row, unwell};
use holdpoint::domain::observed::Deployment;
use serde_json::{Value, json};

fn canary(phase: &str, failed: u32) -> Value {
    json!({ "metadata": { "name": "shop", "namespace": "payments", "uid": "c" },
        "spec": { "targetRef": { "kind": "Deployment", "name": "shop" }, "analysis": { "threshold": 5, "stepWeight": 10,
            "metrics": [{ "name": "request-success-rate" }, { "name": "request-duration" }, { "name": "404s" },
                { "name": "404s percentage" }],
            "webhooks": [{ "name": "load test", "type": "rollout" }, { "name": "load", "type": "rollout" },
                { "name": "smoke", "type": "pre-rollout" }] } },
        "status": { "phase": phase, "failedChecks": failed, "canaryWeight": 20, "conditions": [
            { "type": "Promoted", "status": "Unknown", "reason": phase, "message": "m", "lastTransitionTime": ago("8m") }] } })
}

fn seen(canary: &Value, news: &[News]) -> (Deployment, bool) {
    let place = Place::read("payments/canary/shop", "x").unwrap();
    let (kept, pods, others) = Default::default();
    let known = Known { place: &place, object: canary, kept, pods, others, news: news.iter().collect(), now: now() };
    let row = row(&known, None);
    let unwell = unwell(&known, &row);
    (row, unwell)
}

/// The checks of a canary by its own words, after the one that counts.
fn checks(canary: &Value, news: &[News]) -> Vec<String> {
    let stages = seen(canary, news).0.stages.unwrap();
    stages.checks.iter().map(|check| check.line()).filter(|line| !line.starts_with("analysis: ")).collect()
}

fn said(message: &str) -> News {
    warning("Canary", "shop", "Synced", message, json!({}))
}

#[test]
fn each_sentence_that_is_certain_is_a_check() {
    let at = "(at 10:14Z)";
    for (message, check) in [
        ("Halt shop.payments advancement success rate 94.10% < 99%", "request-success-rate: running, 94.10% < 99%"),
        ("Halt shop.payments advancement request duration 612ms > 500ms", "request-duration: running, 612ms > 500ms"),
        ("Halt shop.payments advancement 404s percentage 7.25 > 5", "404s percentage: running, 7.25 > 5"),
        ("Halt shop.payments advancement 404s 12.00 < 0.5", "404s: running, 12.00 < 0.5"),
        (
            "Halt shop.payments advancement external check load test failed Post \"http://x\": timeout",
            "load test: running, Post \"http://x\": timeout",
        ),
        ("Halt shop.payments advancement pre-rollout check smoke failed 500", "smoke: running, 500"),
        (
            "Halt advancement no values found for istio metric request-success-rate probably shop.payments is not receiving traffic: no values found",
            "request-success-rate: running, no values found",
        ),
        ("Halt advancement no values found for metric: 404s", "404s: running, no values found"),
        (
            "Halt advancement no values found for custom metric: 404s percentage: no values found",
            "404s percentage: running, no values found",
        ),
        ("Metric query failed for 404s: refused", "404s: running, its query failed: refused"),
        ("Rolling back shop.payments manual webhook invoked", "rolling back: running, manual webhook invoked"),
        // What is not certain is shown as it stands.
        (
            "Halt shop.payments advancement success rate is odd",
            "flagger: running, Halt shop.payments advancement success rate is odd",
        ),
        (
            "Halt other.payments advancement success rate 1.00% < 99%",
            "flagger: running, Halt other.payments advancement success rate 1.00% < 99%",
        ),
        (
            "Halt shop.payments advancement unknown 1.00 > 0",
            "flagger: running, Halt shop.payments advancement unknown 1.00 > 0",
        ),
        ("Prometheus query failed: no route", "flagger: running, Prometheus query failed: no route"),
    ] {
        assert_eq!(checks(&canary("Progressing", 2), &[said(message)]), [format!("{check} {at}")]);
    }
    for nothing in [
        "Halt shop.payments advancement waiting for approval begin",
        "Halt shop.payments advancement waiting for promotion approval take over",
        "Canary failed! Scaling down shop.payments",
    ] {
        assert_eq!(checks(&canary("Progressing", 2), &[said(nothing)]), [""; 0]);
    }
}

#[test]
fn an_analysis_that_failed_says_at_which_metric() {
    let news = [
        said("Halt shop.payments advancement success rate 94.10% < 99%"),
        warning(
            "Canary",
            "shop",
            "Synced",
            "Halt shop.payments advancement success rate 93.00% < 99%",
            json!({ "lastTimestamp": ago("2m"), "firstTimestamp": ago("7m"), "count": 3 }),
        ),
        said("Halt advancement no values found for metric: 404s"),
        said("Rolling back shop.payments failed checks threshold reached 5"),
        said("Canary failed! Scaling down shop.payments"),
    ];
    let mut failed = canary("Failed", 5);
    failed["status"]["conditions"][0]["lastTransitionTime"] = ago("10s").into();
    let (row, unwell) = seen(&failed, &news);
    assert!(unwell);
    let stages = row.stages.unwrap();
    assert_eq!(stages.line(), "failed");
    let all: Vec<_> = stages.checks.iter().map(|check| check.line()).collect();
    assert_eq!(
        all,
        [
            "request-success-rate: fail, 94.10% < 99% (4 times since 10:08Z)",
            "404s: error, no values found (at 10:14Z)",
            "rolling back: fail, failed checks threshold reached 5 (at 10:14Z)"
        ]
    );
    // As long as the cluster keeps it, it says why; and what was said long before it failed does not.
    failed["status"]["conditions"][0]["lastTransitionTime"] = ago("50m").into();
    let older = |at: &str| {
        let words = "Halt shop.payments advancement success rate 94.10% < 99%";
        [warning("Canary", "shop", "Synced", words, json!({ "lastTimestamp": ago(at), "firstTimestamp": ago(at) }))]
    };
    assert_eq!(checks(&failed, &older("51m")), ["request-success-rate: fail, 94.10% < 99% (at 09:24Z)"]);
    assert!(seen(&failed, &older("61m")).0.stages.is_none());
}

#[test]
fn what_was_said_before_this_analysis_is_not_about_it() {
    let halt = "Halt shop.payments advancement success rate 94.10% < 99%";
    let of = |at: &str| [warning("Canary", "shop", "Synced", halt, json!({ "lastTimestamp": ago(at) }))];
    assert_eq!(checks(&canary("Progressing", 1), &of("7m")).len(), 1);
    assert_eq!(checks(&canary("Progressing", 1), &of("9m")).len(), 0);
    let another = [warning(
        "Canary",
        "shop",
        "Synced",
        halt,
        json!({ "involvedObject": { "kind": "Canary", "name": "shop", "uid": "d" } }),
    )];
    assert_eq!(checks(&canary("Progressing", 1), &another).len(), 0);
    // Nobody is asked about what is well, and its row says as much as before.
    let (row, unwell) = seen(&canary("Progressing", 0), &[]);
    assert!(!unwell && row.trouble.is_empty() && row.stages.unwrap().checks.len() == 1);
    assert!(seen(&canary("Progressing", 1), &[]).1);
    assert!(!seen(&canary("Succeeded", 1), &[]).1);
}

#[test]
fn hostile_sentences_are_harmless_and_few() {
    let flood: Vec<News> = (0..50).map(|n| said(&format!("\u{1b}[2J\u{202e}{n} {}", "x".repeat(5000)))).collect();
    let said = checks(&canary("Progressing", 2), &flood);
    assert_eq!(said.len(), 2);
    for line in said {
        assert!(line.chars().count() < 300 && !line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line}");
    }
}
