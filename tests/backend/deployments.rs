//! Watching what runs where.

use crate::support::{Place, alive, pid, script, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::span::Span;
use std::time::Duration;

type Watch = BoxStream<'static, Result<Observation, Fault>>;

/// A status script that prints the file `status`, and fails when there is a file `fail`.
fn place() -> Place {
    let mut place = Place::new();
    place.script("status.sh", "#!/bin/sh\n[ -e fail ] && { echo down >&2; exit 1; }\ncat status\n");
    place.spec.status = Some(script(&["./status.sh"]));
    place
}

fn says(place: &Place, rows: &str) {
    let new = place.file("status.new");
    std::fs::write(&new, format!("{{\"deployments\":[{rows}]}}")).unwrap();
    std::fs::rename(new, place.file("status")).unwrap();
}

async fn next(watch: &mut Watch) -> Result<Observation, Fault> {
    tokio::time::timeout(Duration::from_secs(60), watch.next()).await.unwrap().unwrap()
}

async fn next_but_heartbeat(watch: &mut Watch) -> Result<Observation, Fault> {
    loop {
        match next(watch).await {
            Ok(Observation::Heartbeat) => {}
            other => return other,
        }
    }
}

const OLD: &str = r#"{"service":"payments","environment":"eu-west","version":"4.1.9","state":"stable","since":"2026-11-21T02:00:00Z","newer_key":1}"#;
const NEW: &str = r#"{"service":"payments","environment":"eu-west","version":"4.1.9","candidate":"4.2.0","weight":25}"#;
const OTHER: &str = r#"{"service":"ledger","environment":"eu-west","version":"9"}"#;

#[tokio::test]
async fn a_snapshot_then_what_changes_then_heartbeats() {
    let place = place();
    says(&place, &format!("{OLD},{OTHER}"));
    let mut watch = place.backend().watch(Topic::Deployments);
    let Ok(Observation::Deployments(all)) = next(&mut watch).await else { panic!() };
    assert_eq!(all.len(), 2);
    assert_eq!(next(&mut watch).await.unwrap(), Observation::Heartbeat);
    says(&place, NEW);
    let at = |service: &str| (service.into(), "eu-west".into());
    assert_eq!(next_but_heartbeat(&mut watch).await.unwrap(), Observation::DeploymentGone(at("ledger")));
    let Ok(Observation::Deployment(place_of, deployment)) = next(&mut watch).await else { panic!() };
    assert_eq!(place_of, at("payments"));
    let expected = Deployment {
        version: "4.1.9".into(),
        candidate: Some("4.2.0".into()),
        weight: Some(25),
        ..Deployment::default()
    };
    assert_eq!(*deployment, expected);
    assert_eq!(next(&mut watch).await.unwrap(), Observation::Heartbeat);
}

#[tokio::test]
async fn rows_that_change_places_or_come_twice_are_read_as_they_stand() {
    let place = place();
    says(&place, &format!("{OLD},{OTHER}"));
    let mut watch = place.backend().watch(Topic::Deployments);
    next(&mut watch).await.unwrap();
    let version = |seen| match seen {
        Ok(Observation::Deployment((service, _), deployment)) => format!("{service} {}", deployment.version),
        other => panic!("{other:?}"),
    };
    // In another order, one of them changed: only that is news.
    let moved = OTHER.replace("\"9\"", "\"10\"");
    says(&place, &format!("{moved},{OLD}"));
    assert_eq!(version(next_but_heartbeat(&mut watch).await), "ledger 10");
    assert_eq!(next(&mut watch).await.unwrap(), Observation::Heartbeat);
    // In the same order, the other one changed, to a text as long.
    says(&place, &format!("{moved} , {}", OLD.replace("4.1.9", "4.1.8")));
    assert_eq!(version(next_but_heartbeat(&mut watch).await), "payments 4.1.8");
    // A row whose place is another's: the old one is gone, and nothing else is.
    says(&place, &format!("{moved},{}", OLD.replace("payments", "refunds")));
    let gone = Observation::DeploymentGone(("payments".into(), "eu-west".into()));
    assert_eq!(next_but_heartbeat(&mut watch).await.unwrap(), gone);
    assert_eq!(version(next(&mut watch).await), "refunds 4.1.9");
    // The same row again, word for word, is one too many.
    says(&place, &format!("{moved},{moved}"));
    let twice = next_but_heartbeat(&mut watch).await.unwrap_err();
    assert!(twice.to_string().contains("names ledger in eu-west twice"), "{twice}");
    says(&place, &format!("{moved},{{\"service\":1}}"));
    let unread = loop {
        match next_but_heartbeat(&mut watch).await {
            Err(fault) if !fault.to_string().contains("twice") => break fault.to_string(),
            _ => {}
        }
    };
    assert!(unread.contains("deployment 2 of the status script's answer"), "{unread}");
}

#[tokio::test]
async fn a_fault_is_told_and_the_watch_goes_on_with_a_new_snapshot() {
    let place = place();
    says(&place, OLD);
    let mut watch = place.backend().watch(Topic::Deployments);
    next(&mut watch).await.unwrap();
    std::fs::write(place.file("fail"), "").unwrap();
    let fault = loop {
        if let Err(fault) = next(&mut watch).await {
            break fault;
        }
    };
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("exit 1: down")), "{fault:?}");
    std::fs::remove_file(place.file("fail")).unwrap();
    let snapshot = loop {
        if let Ok(seen) = next(&mut watch).await {
            break seen;
        }
    };
    assert!(matches!(snapshot, Observation::Deployments(_)), "{snapshot:?}");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_a_fault_as_a_whole() {
    let place = place();
    let rows = [
        r#"{"service":"payments","environment":"eu-west"}"#.to_owned(),
        r#"{"service":"payments","environment":"eu-west","version":"1","weight":250}"#.to_owned(),
        r#"{"service":"payments","environment":"eu-west","version":"1","ready":-1}"#.to_owned(),
        format!("{OLD},{NEW}"),
        "{".to_owned(),
        format!("{OLD},\"{}\"", "x".repeat(1_200_000)),
    ];
    for row in rows {
        says(&place, &row);
        let seen = next(&mut place.backend().watch(Topic::Deployments)).await;
        assert!(matches!(seen, Err(Fault::Lost { .. })), "{seen:?}");
    }
    let fault = next(&mut {
        let mut p = Place::new();
        p.spec.status = Some(script(&["./none"]));
        p.backend().watch(Topic::Deployments)
    })
    .await;
    assert!(matches!(fault, Err(Fault::Unreachable(_))), "{fault:?}");
}

#[tokio::test]
async fn what_it_says_is_made_harmless() {
    let place = place();
    says(&place, r#"{"service":"pay\u202ements","environment":"eu-west","version":"4\u001b[2J","trouble":["a\nb"]}"#);
    let Ok(Observation::Deployments(all)) = next(&mut place.backend().watch(Topic::Deployments)).await else {
        panic!()
    };
    let ((service, _), deployment) = &all[0];
    assert_eq!(service.as_str(), "pay\\u{202e}ments");
    assert_eq!(deployment.version, "4\\u{1b}[2J");
    assert_eq!(deployment.trouble, ["a\\u{a}b"]);
}

#[tokio::test]
async fn a_hanging_status_is_a_fault_and_a_dropped_watch_kills_it() {
    let mut place = Place::new();
    place.script("hang", "#!/bin/sh\necho $$ > hanging.new; mv hanging.new hanging\nexec sleep 60\n");
    place.spec.status = Some(holdpoint::domain::backend::Script { limit: Span::secs(3), ..script(&["./hang"]) });
    let mut watch = place.backend().watch(Topic::Deployments);
    assert!(matches!(next(&mut watch).await, Err(Fault::Lost { .. })));
    place.spec.status = Some(script(&["./hang"]));
    std::fs::remove_file(place.file("hanging")).unwrap();
    let mut watch = place.backend().watch(Topic::Deployments);
    let watching = tokio::spawn(async move { watch.next().await });
    let process = pid(&place.file("hanging")).await;
    watching.abort();
    until("it is gone", || !alive(process)).await;
}

#[tokio::test]
async fn a_script_says_that_it_undoes_what_is_changed_behind_its_back() {
    let place = place();
    says(&place, &format!("{},{OTHER}", OLD.replace("\"newer_key\":1", "\"reverts\":true")));
    let mut watch = place.backend().watch(Topic::Deployments);
    let Ok(Observation::Deployments(all)) = next(&mut watch).await else { panic!() };
    let reverts = |service: &str| all.iter().find(|((name, _), _)| name.as_str() == service).unwrap().1.reverts;
    assert!(reverts("payments") && !reverts("ledger"));
}
