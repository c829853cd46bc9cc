//! Lists of alerts and of alerting rules that a Prometheus gives: which rules cannot be relied on, and
//! that what may be incomplete or cannot be read is not known.

use crate::prometheus::backend;
use crate::server::{Server, hang, reply};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::prometheus::rules;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::alerting::AlertRules;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::span::Span;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test]
async fn a_list_of_alerts_that_may_be_incomplete_is_none() {
    let partial = r#"{"status":"success","warnings":["store x is gone"],"data":{"alerts":[]}}"#;
    for (body, reason) in [(partial, "store x is gone"), (r#"{"status":"error","data":{"alerts":[]}}"#, "error")] {
        let server = Server::says("200 OK", body);
        let seen = backend(&server.url(""), vec![]).watch(Topic::Alerts).next().await.unwrap();
        assert!(matches!(&seen, Err(fault) if fault.to_string().contains(reason)), "{seen:?}");
    }
}

/// What is told of rules by a server that answers so.
async fn told_rules(status: &'static str, body: String) -> Result<AlertRules, String> {
    let server = Server::new(move |_, request, stream| match request.contains("/api/v1/rules?type=alert") {
        true => reply(stream, status, body.as_bytes()),
        false => reply(stream, "200 OK", br#"{"status":"success","data":{"alerts":[]}}"#),
    });
    let mut watch = backend(&server.url(""), vec![]).watch(Topic::Alerts);
    let first = watch.next().await.unwrap().unwrap();
    assert!(matches!(&first, Observation::Alerts(all) if all.is_empty()), "alerts are told all the same: {first:?}");
    match watch.next().await.unwrap().unwrap() {
        Observation::Rules(told) => told,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rules_that_are_not_evaluated_or_cannot_be_read_are_told() {
    let now = chrono::Utc::now();
    let rule = |name: &str, health: &str, ago: i64| {
        let last = (now - chrono::TimeDelta::seconds(ago)).to_rfc3339();
        serde_json::json!({ "name": name, "type": "alerting", "state": "inactive", "health": health, "lastEvaluation": last,
            "lastError": "", "labels": { "service": "payments", "env": "eu-west" } })
    };
    let answer = |rules: &[serde_json::Value], interval: f64| {
        let groups = serde_json::json!([{ "name": "g", "file": "x", "interval": interval, "rules": rules }]);
        serde_json::json!({ "status": "success", "data": { "groups": groups } }).to_string()
    };
    let recording = serde_json::json!({ "name": "r", "type": "recording", "health": "err", "lastError": "x" });
    let all = [
        rule("fine", "ok", 170),
        rule("old", "ok", 240),
        rule("new", "unknown", 0),
        rule("odd", "\u{202e}", 0),
        recording,
    ];
    let told = told_rules("200 OK", answer(&all, 60.0)).await.unwrap();
    let lines: Vec<String> = told.ailing.iter().map(|rule| rule.line()).collect();
    assert_eq!((told.all, lines.len()), (4, 3), "{lines:?}");
    assert!(lines[0].contains("rule old of group g") && lines[0].contains("last evaluated 4m"), "{lines:?}");
    assert!(lines[0].ends_with("and should be every 1m00"), "{lines:?}");
    assert!(lines[1].ends_with("it has not been evaluated yet"), "{lines:?}");
    assert!(lines[2].ends_with("its health is called \\u{202e}"), "{lines:?}");
    let none = told_rules("200 OK", answer(&[], 60.0)).await.unwrap();
    assert_eq!(none.line(), "no alerting rules, so no alert can come from here");
    for (status, body, reason) in [
        ("403 Forbidden", "no".to_owned(), "403"),
        ("404 Not Found", String::new(), "404"),
        ("200 OK", "<html>".to_owned(), ""),
        (
            "200 OK",
            r#"{"status":"success","warnings":["ruler x is gone"],"data":{"groups":[]}}"#.to_owned(),
            "ruler x is gone",
        ),
        ("200 OK", r#"{"status":"error","data":{"groups":[]}}"#.to_owned(), "may be incomplete"),
    ] {
        let why = told_rules(status, body).await.unwrap_err();
        assert!(why.contains(reason), "{status}: {why}");
    }
}

/// A server of alerts that does this when it is asked for its rules, and how often it was.
fn without_rules(
    does: impl Fn(&mut std::net::TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::new(move |_, request, stream| match request.contains("/api/v1/rules") {
        true => {
            count.fetch_add(1, Ordering::SeqCst);
            does(stream)
        }
        false => reply(stream, "200 OK", br#"{"status":"success","data":{"alerts":[]}}"#),
    });
    (server, asked)
}

#[tokio::test]
async fn rules_that_do_not_come_cost_the_alerts_nothing() {
    // What is cut every time neither uses up what may be repeated nor has the host left alone.
    let (cut, asked) = without_rules(|stream| stream.shutdown(std::net::Shutdown::Both));
    let (hangs, waited) = without_rules(hang);
    for (server, asked, rounds) in [(cut, asked, 12), (hangs, waited, 1)] {
        let mut watch = backend(&server.url(""), vec![]).watch(Topic::Alerts);
        for round in 1..=rounds {
            let limit = Duration::from_secs(60);
            let alerts = tokio::time::timeout(limit, watch.next()).await.unwrap().unwrap();
            assert!(matches!(&alerts, Ok(Observation::Alerts(_))), "{round}: {alerts:?}");
            let rules = tokio::time::timeout(limit, watch.next()).await.unwrap().unwrap();
            assert!(matches!(&rules, Ok(Observation::Rules(Err(_)))), "{round}: {rules:?}");
            assert_eq!(asked.load(Ordering::SeqCst), round, "they are asked for once a round");
        }
    }
}

#[test]
fn rules_have_the_time_between_two_questions_and_ten_seconds_at_most() {
    for (every, limit) in [(200, 2), (5_000, 5), (15_000, 10)] {
        assert_eq!(rules::limit(Span::millis(every)), Duration::from_secs(limit), "{every}");
    }
}
