//! Alertmanager: silences made once and read back, on real servers and on bad ones.

mod matrix;

use crate::fake::{Takes, fake};
use crate::programs;
use crate::server::{Server, hang};
use crate::support::{key, launcher, sink};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Sink, Topic};
use holdpoint::domain::alert::{Alert, AlertLabels, AlertState};
use holdpoint::domain::backend::AlertmanagerSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::journal_id::{JournalId, Key};
use holdpoint::domain::observed::{Observation, Observed, Stamped};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::{Found, Receipt};
use holdpoint::domain::signal::{Bad, Query, Signal, SignalAt, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::derived;
use holdpoint::engine::signal::judge;
use std::path::Path;
use std::time::{Duration, Instant};

fn backend(url: &str, peers: &[&str]) -> AlertmanagerBackend {
    let spec = AlertmanagerSpec {
        endpoint: Endpoint { url: url.to_owned(), ..Endpoint::default() },
        peers: peers.iter().map(ToString::to_string).collect(),
        labels: AlertLabels::default(),
        longest: Span::mins(120),
        never: vec![("severity".to_owned(), "critical".to_owned())],
    };
    AlertmanagerBackend::new("alerts".into(), Span::millis(200), spec, "/".into(), launcher())
}

fn silence(arguments: &[(&str, &str)]) -> Operation {
    Operation {
        backend: "alerts".into(),
        verb: Verb::Silence,
        service: Some("payments".into()),
        environment: Some("eu-west".into()),
        args: arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        argv: Vec::new(),
        limit: Span::secs(8),
        idempotent: true,
    }
}

async fn perform(backend: &AlertmanagerBackend, operation: Operation, key: Key) -> Result<Receipt, Fault> {
    match backend.perform(operation, key, sink(None).0).await? {
        Done::Whole(receipt) => Ok(receipt),
        partly => panic!("{partly:?}"),
    }
}

/// The alerts of the watch, once they are as wanted.
async fn seen(backend: &AlertmanagerBackend, wanted: impl Fn(&[Alert]) -> bool) -> Vec<Alert> {
    let (mut watch, began) = (backend.watch(Topic::Alerts), Instant::now());
    loop {
        let seen = tokio::time::timeout(Duration::from_secs(60), watch.next()).await.unwrap().unwrap().unwrap();
        assert!(began.elapsed() < Duration::from_secs(60), "{seen:?}");
        match seen {
            Observation::Alerts(all) if wanted(&all) => return all,
            Observation::Alerts(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn fires(url: &str, labels: &str) {
    let alert = format!(r#"[{{"labels":{labels},"annotations":{{"summary":"too many"}}}}]"#);
    programs::post(url, "/api/v2/alerts", &alert).unwrap();
}

fn kept(url: &str) -> Vec<serde_json::Value> {
    serde_json::from_str(&programs::get(url, "/api/v2/silences").unwrap()).unwrap()
}

#[tokio::test]
async fn a_real_alertmanager_is_silenced_once() {
    for program in programs::alertmanagers() {
        silenced_once(&program).await;
    }
}

async fn silenced_once(program: &Path) {
    let server = programs::alertmanager(program, None);
    let (url, own) = (server.url.as_str(), backend(&server.url, &[]));
    fires(url, r#"{"alertname":"A","service":"payments","environment":"eu-west","severity":"page"}"#);
    fires(url, r#"{"alertname":"B","service":"fx","environment":"eu-west"}"#);
    // What the release may break unseen stays loud.
    fires(url, r#"{"alertname":"C","service":"payments","environment":"eu-west","severity":"critical"}"#);
    let all = seen(&own, |all| all.len() == 3).await;
    assert!(all.iter().all(|alert| alert.state == AlertState::Firing && alert.summary == "too many"), "{all:?}");
    let operation = silence(&[("duration", "30m"), ("comment", "planned: \"quoted\"")]);
    let preview = own.preview(&operation).await.unwrap();
    assert_eq!(
        preview.effects,
        [
            "silences service=\"payments\", environment=\"eu-west\", severity!=\"critical\" for 30m00",
            "quiet at once: A"
        ]
    );
    assert!(matches!(own.probe(&operation, key()).await.unwrap(), Found::NotApplied { r#final: false, .. }));
    let receipt = perform(&own, operation.clone(), key()).await.unwrap();
    // The same key again finds what is there.
    assert_eq!(perform(&own, operation.clone(), key()).await.unwrap(), receipt);
    let all = kept(url);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["comment"], format!("planned: \"quoted\" (holdpoint:{})", key()));
    assert_eq!(all[0]["id"], receipt.detail["silence"]);
    match own.probe(&operation, key()).await.unwrap() {
        Found::Applied(found) => assert_eq!(found, receipt),
        other => panic!("{other:?}"),
    }
    let silenced = |alert: &Alert| matches!(alert.state, AlertState::Silenced { until: Some(until) } if until > chrono::Utc::now());
    let all = seen(&own, |all| all.iter().any(silenced)).await;
    assert!(all.iter().all(|alert| silenced(alert) == (alert.name == "A")), "{all:?}");
    // Another operation is another silence.
    let other = Key { seq: 7, ..key() };
    assert_ne!(perform(&own, operation, other).await.unwrap(), receipt);
    let status: serde_json::Value = serde_json::from_str(&programs::get(url, "/api/v2/status").unwrap()).unwrap();
    let named = match status["versionInfo"]["version"].as_str().unwrap() {
        "" => format!("Alertmanager at {url}"),
        version => format!("Alertmanager {version} at {url}"),
    };
    let said = own.introduce().await;
    assert!(said.iter().all(|remark| remark.ok) && said[0].text.starts_with(&named), "{said:?}");
    // One that is no member of the cluster never shows it.
    let stranger = programs::alertmanager(program, None);
    let pair = backend(url, &[&stranger.url]);
    let short = Operation { limit: Span::secs(8), ..silence(&[("duration", "5m")]) };
    let fault = perform(&pair, short, Key { seq: 8, ..key() }).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown);
    assert!(fault.to_string().contains("was accepted, but") && fault.to_string().contains(&stranger.url), "{fault}");
}

#[tokio::test]
async fn every_member_of_a_cluster_must_show_it() {
    for program in programs::alertmanagers() {
        shown_by_every_member(&program).await;
    }
}

async fn shown_by_every_member(program: &Path) {
    let (one, two) = (programs::free(), programs::free());
    let first = programs::alertmanager(program, Some((one, two)));
    let second = programs::alertmanager(program, Some((two, one)));
    let pair = backend(&first.url, &[&second.url]);
    let operation = Operation { limit: Span::secs(20), ..silence(&[("duration", "5m")]) };
    let receipt = perform(&pair, operation, key()).await.unwrap();
    assert_eq!(kept(&second.url)[0]["id"], receipt.detail["silence"]);
}

#[tokio::test]
async fn a_silence_has_an_end_and_a_service() {
    let (server, sent) = fake(Takes::Well);
    let own = backend(&server.url(""), &[]);
    let nobody = Operation { service: None, ..silence(&[("duration", "5m")]) };
    for (operation, reason) in [
        (silence(&[]), "how long?"),
        (silence(&[("duration", "3h")]), "is not between 1s and 2h"),
        (silence(&[("duration", "0s")]), "is not between"),
        (silence(&[("duration", "soon")]), "no length of time"),
        (silence(&[("duration", "5m"), ("matcher", "x")]), "takes no argument matcher"),
        (silence(&[("duration", "5m"), ("end", "now")]), "either ends now or lasts"),
        (silence(&[("end", "soon")]), "write end = \"now\""),
        (nobody, "must name a service"),
    ] {
        let fault = perform(&own, operation.clone(), key()).await.unwrap_err();
        assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains(reason)), "{fault:?}");
        assert!(own.preview(&operation).await.unwrap().obstacles[0].contains(reason));
    }
    assert_eq!(server.asked(), 0);
    perform(&own, silence(&[("duration", "2h"), ("alert", "A")]), key()).await.unwrap();
    let matchers = sent.lock().unwrap()[0]["matchers"].clone();
    let names: Vec<_> =
        matchers.as_array().unwrap().iter().map(|m| (m["name"].clone(), m["isRegex"].clone())).collect();
    assert_eq!(names, ["service", "environment", "alertname", "severity"].map(|name| (name.into(), false.into())));
}

#[tokio::test]
async fn what_is_not_seen_is_never_done() {
    for (takes, words) in [(Takes::Nothing, "was accepted, but"), (Takes::Cut, "POST")] {
        let (server, sent) = fake(takes);
        let own = backend(&server.url(""), &[]);
        let operation = Operation { limit: Span::secs(6), ..silence(&[("duration", "5m")]) };
        let fault = perform(&own, operation.clone(), key()).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::Unknown, "{fault:?}");
        assert!(fault.to_string().contains(words), "{fault}");
        assert_eq!(sent.lock().unwrap().len(), 1);
        // What was kept before the answer was lost is found by its key, and not made again.
        let found = own.probe(&operation, key()).await.unwrap();
        assert_eq!(matches!(found, Found::Applied(_)), takes == Takes::Cut, "{found:?}");
        if takes == Takes::Cut {
            perform(&own, operation, key()).await.unwrap();
            assert_eq!(sent.lock().unwrap().len(), 1);
        }
    }
    // Nobody who tells whether it is there already: nothing is sent.
    let silent = Server::new(|_, _, stream| hang(stream));
    let late = Operation { limit: Span::secs(1), ..silence(&[("duration", "5m")]) };
    let fault = perform(&backend(&silent.url(""), &[]), late, key()).await.unwrap_err();
    assert!(matches!(&fault, Fault::Unreachable(why) if why.contains("nothing was sent")), "{fault:?}");
    assert!(silent.asked() <= 1);
    // Nobody there: certainly nothing was done.
    let own = backend(&format!("http://127.0.0.1:{}", programs::free()), &[]);
    let fault = perform(&own, silence(&[("duration", "5m")]), key()).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone);
}

#[tokio::test]
async fn what_would_cover_whatever_breaks_is_refused_and_what_is_never_silenced_too() {
    let (server, sent) = fake(Takes::Well);
    let spec = |never: &[(&str, &str)]| AlertmanagerSpec {
        endpoint: Endpoint { url: server.url(""), ..Endpoint::default() },
        longest: Span::mins(120),
        never: never.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..AlertmanagerSpec::default()
    };
    let own = |never| AlertmanagerBackend::new("alerts".into(), Span::secs(1), spec(never), "/".into(), launcher());
    let refused = async |never, operation: Operation| {
        let fault = perform(&own(never), operation.clone(), key()).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::NotDone);
        assert_eq!(own(never).preview(&operation).await.unwrap().obstacles, [fault.to_string()]);
        fault.to_string()
    };
    let all = silence(&[("duration", "5m")]);
    assert!(refused(&[], all.clone()).await.contains("break unseen: name the `alert`"));
    let paged = silence(&[("duration", "5m"), ("alert", "PaymentsFail")]);
    assert!(refused(&[("alertname", "PaymentsFail")], paged.clone()).await.contains("never silenced"));
    assert!(sent.lock().unwrap().is_empty());
    perform(&own(&[]), paged, key()).await.unwrap();
    perform(&own(&[("severity", "page")]), all, Key { seq: 9, ..key() }).await.unwrap();
    let loud = sent.lock().unwrap()[1]["matchers"][2].clone();
    assert_eq!(loud, serde_json::json!({"name": "severity", "value": "page", "isRegex": false, "isEqual": false}));
}

#[tokio::test]
async fn a_silence_says_who_asked_and_ends_early_with_its_step() {
    for program in programs::alertmanagers() {
        ended_early(&program).await;
    }
}

async fn ended_early(program: &Path) {
    let server = programs::alertmanager(program, None);
    let (url, own) = (server.url.as_str(), backend(&server.url, &[]));
    let made = silence(&[("duration", "30m"), ("alert", "A")]);
    let end = silence(&[("end", "now"), ("alert", "A")]);
    // Nothing was made yet: certainly nothing ends.
    assert!(own.preview(&end).await.unwrap().obstacles[0].contains("no silence of ours is in force"));
    assert_eq!(perform(&own, end.clone(), key()).await.unwrap_err().certainty(), Certainty::NotDone);
    let by = |name: &str| Sink { by: Some(name.into()), ..sink(None).0 };
    own.perform(made.clone(), key(), by("ana")).await.unwrap();
    // Another workspace's with the same matchers, a person's, and ours for another alert.
    let other = Key { journal: JournalId::from_random([9; 8]), seq: 1 };
    own.perform(made.clone(), other.clone(), by("kim")).await.unwrap();
    own.perform(silence(&[("duration", "30m"), ("alert", "B")]), Key { seq: 3, ..key() }, by("ana")).await.unwrap();
    let by_hand = r#"{"matchers":[{"name":"alertname","value":"A","isRegex":false}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"lee","comment":"by hand"}"#;
    programs::post(url, "/api/v2/silences", by_hand).unwrap();
    let who = |made: &str| kept(url).into_iter().find(|s| s["comment"].as_str().unwrap().ends_with(made)).unwrap();
    assert_eq!(who(&format!("(holdpoint:{})", key()))["createdBy"], "ana");
    assert_eq!(own.preview(&end).await.unwrap().effects.len(), 2, "a preview does not know the journal, and says so");
    let lift = Key { seq: 4, ..key() };
    assert!(matches!(own.probe(&end, lift.clone()).await.unwrap(), Found::NotApplied { r#final: false, .. }));
    let receipt = perform(&own, end.clone(), lift.clone()).await.unwrap();
    assert!(receipt.summary.contains(" ended at "), "{receipt:?}");
    let mut live: Vec<_> = kept(url).into_iter().filter(|s| s["status"]["state"] == "active").collect();
    live.sort_by_key(|s| s["createdBy"].to_string());
    let live: Vec<_> = live.iter().map(|s| s["createdBy"].as_str().unwrap()).collect();
    assert_eq!(live, ["ana", "kim", "lee"], "only ours for A has ended");
    assert!(matches!(own.probe(&end, lift.clone()).await.unwrap(), Found::Applied(_)));
    // Said again it is as it should be already.
    assert_eq!(perform(&own, end, lift).await.unwrap().detail["silence"], receipt.detail["silence"]);
}

/// How many alerts of payments in eu-west fire, as a gate sees it.
fn loud() -> Signal {
    Signal {
        name: "loud".into(),
        title: String::new(),
        service: "payments".into(),
        environments: vec!["eu-west".into()],
        source: "alerts".into(),
        query: Query::Alerts { severity: None, watchdog: None },
        unit: Unit::Count,
        bad: Bad::Above,
        warn: None,
        fail: Some(0.0),
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::millis(200),
    }
}

#[tokio::test]
async fn a_gate_on_a_real_alertmanager_is_not_opened_by_a_silence() {
    for program in programs::alertmanagers() {
        not_opened_by_a_silence(&program).await;
    }
}

async fn not_opened_by_a_silence(program: &Path) {
    let server = programs::alertmanager(program, None);
    let own = backend(&server.url, &[]);
    let (at, signals) = (SignalAt { signal: "loud".into(), environment: "eu-west".into() }, [("loud".into(), loud())]);
    let (mut watch, mut observed, signals) = (own.watch(Topic::Alerts), Observed::default(), signals.into());
    // What is said of the signal, once it is what is waited for.
    let mut wait = async |level: Level, words: &str| {
        let began = Instant::now();
        loop {
            let what = watch.next().await.unwrap().map_err(|fault| fault.to_string());
            let seen = Stamped { at: chrono::Utc::now(), source: "alerts".into(), every: Span::millis(200), what };
            derived::take_in(&mut observed, &signals, vec![seen]);
            let (verdict, _) = judge(&observed, Some(&loud()), &at, chrono::Utc::now());
            if verdict.level == level && verdict.reasons[0].text.contains(words) {
                let quiet = observed.alerts.values().flat_map(|seen| &seen.value);
                return quiet.filter(|alert| alert.state != AlertState::Firing).count();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{level:?} {words:?} never came: {verdict:?}");
        }
    };
    assert_eq!(wait(Level::Pass, "0 of 0").await, 0);
    fires(&server.url, r#"{"alertname":"A","service":"payments","environment":"eu-west"}"#);
    fires(&server.url, r#"{"alertname":"B","service":"payments","environment":"us"}"#);
    wait(Level::Fail, "1 of 0").await;
    perform(&own, silence(&[("duration", "5m"), ("alert", "A")]), key()).await.unwrap();
    // It is told as silenced, and still counts.
    let began = Instant::now();
    while wait(Level::Fail, "1 of 0").await == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "it was never told as silenced");
    }
    drop(server);
    wait(Level::Unknown, "loud@eu-west").await;
}
