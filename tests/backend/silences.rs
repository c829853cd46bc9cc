//! Silences of an Alertmanager that is in an odd state: ended, half ended, known to one member only.

use crate::server::{Server, reply};
use crate::support::{key, launcher, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::alert::AlertLabels;
use holdpoint::domain::backend::AlertmanagerSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn backend(servers: &[&Server]) -> AlertmanagerBackend {
    let urls: Vec<String> = servers.iter().map(|server| server.url("")).collect();
    let spec = AlertmanagerSpec {
        endpoint: Endpoint { url: urls[0].clone(), ..Endpoint::default() },
        peers: urls[1..].to_vec(),
        labels: AlertLabels::default(),
        longest: Span::mins(120),
        never: vec![("severity".to_owned(), "critical".to_owned())],
    };
    AlertmanagerBackend::new("alerts".into(), Span::millis(200), spec, "/".into(), launcher())
}

fn silence(argument: (&str, &str)) -> Operation {
    Operation {
        backend: "alerts".into(),
        verb: Verb::Silence,
        service: Some("payments".into()),
        environment: Some("eu-west".into()),
        args: [(argument.0.to_owned(), argument.1.to_owned())].into(),
        argv: Vec::new(),
        limit: Span::secs(4),
        idempotent: true,
    }
}

/// A silence of ours as a member shows it.
fn kept(id: &str, state: &str, ends: &str) -> Value {
    let matcher = |name: &str, value: &str| json!({ "name": name, "value": value, "isRegex": false, "isEqual": true });
    json!({ "id": id, "comment": format!("planned change (holdpoint:{})", key()), "endsAt": ends,
        "matchers": [matcher("service", "payments"), matcher("environment", "eu-west")],
        "status": { "state": state } })
}

/// A member that shows these, refuses to end what is called so, and counts what it is sent.
fn member(shows: Vec<Value>, keeps: &'static str) -> Server {
    Server::new(move |_, request, stream| {
        if request.starts_with("GET") {
            return reply(stream, "200 OK", Value::from(shows.clone()).to_string().as_bytes());
        }
        let refused = !keeps.is_empty() && request.starts_with(&format!("DELETE /api/v2/silence/{keeps} "));
        match refused {
            true => reply(stream, "400 Bad", b"\"not this one\""),
            false => reply(stream, "200 OK", br#"{"silenceID":"new"}"#),
        }
    })
}

#[tokio::test]
async fn what_this_key_made_and_has_ended_is_not_made_again() {
    let server = member(vec![kept("old", "expired", "2026-11-21T02:00:00Z")], "");
    let ended = backend(&[&server]).perform(silence(("duration", "5m")), key(), sink(None).0).await;
    let Ok(Done::Whole(receipt)) = ended else { panic!("{ended:?}") };
    assert_eq!(receipt.detail["silence"], "old");
    assert!(receipt.summary.contains("ended at 2026-11-21 02:00:00Z already"), "{receipt:?}");
    assert_eq!(server.asked(), 1, "it was looked for, and nothing was sent");
}

#[tokio::test]
async fn a_silence_that_one_member_does_not_show_is_not_proved() {
    let shown = vec![kept("one", "active", "2099-11-21T02:00:00Z")];
    let (first, second) = (member(shown.clone(), ""), member(Vec::new(), ""));
    let operation = silence(("duration", "5m"));
    let found = backend(&[&first, &second]).probe(&operation, key()).await.unwrap();
    assert!(matches!(&found, Found::Unknown { why } if why.contains(&second.url(""))), "{found:?}");
    let both = member(shown, "");
    let found = backend(&[&first, &both]).probe(&operation, key()).await.unwrap();
    assert!(matches!(&found, Found::Applied(receipt) if receipt.detail["silence"] == "one"), "{found:?}");
    let found = backend(&[&second]).probe(&operation, key()).await.unwrap();
    assert!(matches!(&found, Found::NotApplied { r#final: false, .. }), "{found:?}");
}

#[tokio::test]
async fn of_several_that_were_to_end_it_says_which_did_and_why_the_other_did_not() {
    let both = ["aa", "bb"].map(|id| kept(id, "active", "2099-11-21T02:00:00Z"));
    let server = member(both.to_vec(), "bb");
    let ended = backend(&[&server]).perform(silence(("end", "now")), key(), sink(None).0).await;
    let Ok(Done::Partly(1, 2, receipt)) = ended else { panic!("{ended:?}") };
    assert_eq!(receipt.detail["silence"], "aa");
    assert!(receipt.summary.starts_with("silence aa ended; silence bb was not ended: "), "{receipt:?}");
    assert!(receipt.summary.contains("not this one") && !receipt.summary.contains("2099"), "{receipt:?}");
    // The first one refused: nothing is done.
    let server = member(both.to_vec(), "aa");
    let ended = backend(&[&server]).perform(silence(("end", "now")), key(), sink(None).0).await;
    assert!(matches!(ended, Err(Fault::Refused { .. })), "{ended:?}");
}

/// A member whose clock is so many seconds ahead of ours: what it is sent is active once it has begun by that clock.
fn ahead(seconds: i64) -> (Server, Arc<Mutex<Vec<Value>>>) {
    let made = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&made);
    let server = Server::new(move |_, request, stream| {
        let now = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
        let ok = format!("200 OK\r\ndate: {}", now.format("%a, %d %b %Y %H:%M:%S GMT"));
        let mut made = made_of(&kept);
        if let Some((_, body)) = request.split_once("\r\n\r\n").filter(|_| request.starts_with("POST")) {
            made.push(serde_json::from_str(body).unwrap());
            return reply(stream, &ok, br#"{"silenceID":"one"}"#);
        }
        let shown = made.iter().map(|silence| {
            let mut shown = silence.clone();
            let begins: chrono::DateTime<chrono::Utc> = silence["startsAt"].as_str().unwrap().parse().unwrap();
            shown["id"] = json!("one");
            shown["status"] = json!({ "state": if begins <= now { "active" } else { "pending" } });
            shown
        });
        reply(stream, &ok, Value::from(shown.collect::<Vec<_>>()).to_string().as_bytes())
    });
    (server, made)
}

fn made_of(kept: &Mutex<Vec<Value>>) -> std::sync::MutexGuard<'_, Vec<Value>> {
    kept.lock().unwrap()
}

#[tokio::test]
async fn a_silence_begins_and_ends_by_the_clock_of_who_keeps_it() {
    for seconds in [-40, 0, 40] {
        let (server, made) = ahead(seconds);
        let done = backend(&[&server]).perform(silence(("duration", "5m")), key(), sink(None).0).await;
        assert!(matches!(&done, Ok(Done::Whole(_))), "{seconds}: {done:?}");
        let at = |name: &str| -> chrono::DateTime<chrono::Utc> {
            made_of(&made)[0][name].as_str().unwrap().parse().unwrap()
        };
        assert_eq!((at("endsAt") - at("startsAt")).num_seconds(), 300);
        let off = (at("startsAt") - chrono::Utc::now()).num_seconds() - seconds;
        assert!((-15..=2).contains(&off), "{seconds}: {off}");
    }
}

#[tokio::test]
async fn nothing_is_silenced_while_a_clock_is_more_than_a_minute_off() {
    let ((well, made), (off, _)) = (ahead(0), ahead(-90));
    let own = backend(&[&well, &off]);
    let done = own.perform(silence(("duration", "5m")), key(), sink(None).0).await;
    let said = |why: &str| why.contains(&off.url("")) && why.contains("s behind ours; set one of them right");
    assert!(matches!(&done, Err(Fault::Refused { why, .. }) if said(why)), "{done:?}");
    assert!(made_of(&made).is_empty(), "nothing was sent");
    let shown = own.preview(&silence(("duration", "5m"))).await.unwrap();
    assert!(shown.refused.iter().any(|why| said(why)), "{shown:?}");
}
