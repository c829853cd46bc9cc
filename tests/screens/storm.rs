//! Many alerts at once, and much that has changed: held against each other when something moves, and not for
//! every picture. What is kept of that goes when what it rests on does.
//!
//! The ledger is emptied behind the model's back: whatever is gathered anew after that is seen by its absence.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use crate::sends;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::alert::{Alert, AlertState};
use holdpoint::domain::observed::Observation;
use holdpoint::domain::series::Reading;
use holdpoint::domain::signal::SignalAt;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Action;
use holdpoint::tui::sheet::{Sheet, Subject};
use std::sync::Arc;

const SERVICES: usize = 100;
const PLACES: usize = 2 * SERVICES;
const ALERTS: usize = 500;

/// A desk at which a run has begun to change 200 places, and when it began.
fn begun() -> (Desk, DateTime<Utc>) {
    let mut desk = sends::desk(false);
    desk.model = ground::model(ground::workspace(SERVICES, 2), &Lines { ledger: desk.model.ledger, entries: vec![] });
    desk.model.refresh(desk.model.ledger.at);
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: vec![] };
    let entry = lines.write("step start", desk.starting("4", "ana", ME));
    desk.model.take(Update::Entries(Arc::new(vec![entry.clone()])));
    let sent = desk.model.ledger.sent.values().next().unwrap().clone();
    for n in 1..PLACES {
        let mut sent = sent.clone();
        let (service, environment) = place(n);
        (sent.intent.operation.service, sent.intent.operation.environment) = (Some(service), Some(environment));
        sent.seq += 1_000 + n as u64;
        desk.model.ledger.sent.insert(sent.seq, sent);
    }
    (desk, entry.at)
}

fn place(n: usize) -> (holdpoint::domain::name::ServiceName, holdpoint::domain::name::EnvironmentName) {
    let (service, environment) = (format!("svc-{:03}", n / 2 % SERVICES), format!("place-{:02}", n % 2));
    (service.as_str().into(), environment.as_str().into())
}

fn alert(n: usize, since: DateTime<Utc>) -> Alert {
    let (service, environment) = place(n);
    Alert {
        name: format!("Failing{n}"),
        severity: "critical".to_owned(),
        service: Some(service),
        environment: Some(environment),
        state: AlertState::Firing,
        since,
        summary: String::new(),
    }
}

fn see(desk: &mut Desk, at: DateTime<Utc>, what: Observation) {
    desk.model.take(Update::Seen(Arc::new(vec![ground::stamped(at, what)])));
    desk.model.settle(at);
}

/// The desk in a storm of 500 alerts over these places.
fn storm() -> (Desk, DateTime<Utc>) {
    let (mut desk, began) = begun();
    let now = began + TimeDelta::minutes(30);
    let all = (0..ALERTS).map(|n| alert(n, began + TimeDelta::seconds(60 + n as i64))).collect();
    see(&mut desk, now, Observation::Alerts(all));
    (desk, now)
}

/// How many alerts are dated.
fn dated(desk: &Desk) -> usize {
    let (observed, dated) = (&desk.model.observed, &desk.model.derived.dated);
    let all = observed.alerts.iter().flat_map(|(by, seen)| seen.value.iter().map(move |alert| (by, alert)));
    all.filter(|(by, alert)| dated.since(by, alert).is_some()).count()
}

/// The incident screen, and the details of a place with three alerts.
fn pictures(desk: &mut Desk) -> String {
    desk.ui.sheet = Some(Sheet::of(Subject::Incident));
    let incident = desk.screen(120, 40);
    let (service, environment) = place(0);
    desk.ui.sheet = Some(Sheet::of(Subject::Place(service, environment)));
    incident + &desk.screen(120, 40)
}

#[test]
fn a_storm_of_alerts_is_dated_when_something_moves_and_not_for_every_picture() {
    let (mut desk, now) = storm();
    assert_eq!(dated(&desk), ALERTS);
    let drawn = pictures(&mut desk);
    assert_eq!(drawn.matches("firing since run 1 step 4").count(), 4, "{drawn}");
    assert_eq!(drawn.matches("began    since run 1 step 4 (svc-000 4.2.0)").count(), 3, "{drawn}");
    let sent = std::mem::take(&mut desk.model.ledger.sent);
    assert_eq!(pictures(&mut desk), drawn, "a picture only reads");
    see(&mut desk, now, Observation::Heartbeat);
    desk.model.refresh(now + TimeDelta::seconds(1));
    assert_eq!(dated(&desk), ALERTS, "neither word that all is as it was nor time changes any");
    see(&mut desk, now, Observation::Deployment(place(7), ground::deployment("4.3.0").into()));
    assert_eq!(dated(&desk), ALERTS - 3, "of the place that moved they are dated anew, and of no other");
    desk.model.ledger.sent = sent;
    see(&mut desk, now, Observation::Deployment(place(7), ground::deployment("4.1.9").into()));
    assert_eq!(dated(&desk), ALERTS);
    desk.model.ledger.sent.clear();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: vec![] };
    desk.model.take(Update::Entries(Arc::new(vec![lines.write("note", vec![ground::note("look")])])));
    desk.model.refresh(now);
    assert_eq!(dated(&desk), 0, "a line of the journal may change all");
}

#[test]
fn what_begins_ahead_of_our_clock_is_dated_once_it_has_begun() {
    let (mut desk, began) = begun();
    let (now, ahead) = (began + TimeDelta::minutes(30), TimeDelta::minutes(2));
    see(&mut desk, now, Observation::Alerts(vec![alert(0, now + ahead)]));
    assert_eq!(dated(&desk), 0);
    desk.model.refresh(now + ahead);
    assert_eq!(dated(&desk), 1);
    desk.model.refresh(now);
    assert_eq!(dated(&desk), 0, "the clock was set back");
}

#[test]
fn by_a_clock_that_goes_wrong_nothing_is_dated_any_more() {
    let (mut desk, began) = begun();
    let (now, alert) = (began + TimeDelta::minutes(30), alert(0, began + TimeDelta::seconds(60)));
    see(&mut desk, now, Observation::Alerts(vec![alert]));
    assert_eq!(dated(&desk), 1);
    see(&mut desk, now, Observation::Clock(TimeDelta::minutes(5)));
    assert_eq!(dated(&desk), 0);
    see(&mut desk, now, Observation::Clock(TimeDelta::zero()));
    assert_eq!(dated(&desk), 1);
}

#[test]
fn what_changed_is_gathered_when_somebody_looks_and_again_when_something_moves() {
    let (mut desk, began) = begun();
    let now = began + TimeDelta::minutes(3);
    for n in 0..4 {
        let at = SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() };
        let reading = Reading { at: now - TimeDelta::seconds(20 - n * 5), value: 0.2, events: 1000 };
        see(&mut desk, reading.at, Observation::Reading(at, reading));
    }
    desk.model.refresh(now);
    desk.act(Action::Incident);
    let drawn = desk.screen(120, 40);
    let told = |screen: &str| screen.lines().any(|line| line.contains("svc-000") && line.contains("run 1 step 4"));
    assert!(told(&drawn), "{drawn}");
    desk.model.ledger.sent.clear();
    assert_eq!(desk.screen(120, 40), drawn, "a picture only reads");
    see(&mut desk, now, Observation::Heartbeat);
    let screen = desk.screen(120, 40);
    assert!(!told(&screen), "{screen}");
}
