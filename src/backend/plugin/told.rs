//! What our own backends see, as the events of a watch that say it: the way back of what a watch
//! takes in.
//!
//! Only values are turned; numbers, credit and the wire are the server's.

use super::message::Op;
use super::rows::{AlertRow, AlertWord, Number, PlaceRow, Row, SpanRow, WindowRow, WindowWord, WindowsHead};
use crate::domain::alert::{Alert, AlertState};
use crate::domain::observed::{Deployment, Observation, Placed};
use crate::domain::window::{Window, WindowKind, Windows};
use serde_json::{Value, json};
use std::sync::Arc;

/// One event: what happened, its item, and why.
pub type Event = (Op, Value, String);

/// The events that say what was seen; none of what the wire has no words for.
pub fn events(seen: Observation) -> Vec<Event> {
    match seen {
        Observation::Deployments(all) => {
            picture(Value::Null, all.into_iter().map(|(place, deployment)| json!(row(&place, deployment))).map(upsert))
        }
        Observation::Deployment(place, deployment) => vec![upsert(json!(row(&place, deployment)))],
        Observation::DeploymentGone(place) => vec![event(Op::Delete, json!(row(&place, Arc::default())))],
        Observation::Heartbeat => vec![event(Op::Heartbeat, Value::Null)],
        Observation::Reading(at, reading) => {
            let (signal, environment) = (at.signal.to_string(), at.environment.to_string());
            let (value, events) = (Some(reading.value), Some(reading.events));
            vec![event(Op::Reading, json!(Number { signal, environment, value, events }))]
        }
        Observation::NoReading(at, why) => {
            let (signal, environment) = (at.signal.to_string(), at.environment.to_string());
            vec![(Op::NoReading, json!(Number { signal, environment, value: None, events: None }), why)]
        }
        Observation::Alerts(all) => picture(Value::Null, all.into_iter().map(|one| json!(alert(one))).map(upsert)),
        Observation::Windows(all) => windows(&all),
        Observation::NoWindows(why) | Observation::Unheard(_, why) => vec![(Op::Error, Value::Null, why)],
        Observation::Approvals(_)
        | Observation::Fetched(_)
        | Observation::Feed(_)
        | Observation::Rules(_)
        | Observation::Introduced(_)
        | Observation::Clock(_)
        | Observation::Baseline(..)
        | Observation::Past(..)
        | Observation::Long(..)
        | Observation::Whole(..)
        | Observation::Versions(..)
        | Observation::Derived(..) => Vec::new(),
    }
}

fn event(op: Op, item: Value) -> Event {
    (op, item, String::new())
}

fn upsert(item: Value) -> Event {
    event(Op::Upsert, item)
}

fn picture(head: Value, rows: impl Iterator<Item = Event>) -> Vec<Event> {
    std::iter::once(event(Op::Begin, head)).chain(rows).chain([event(Op::End, Value::Null)]).collect()
}

fn row((service, environment): &Placed, deployment: Arc<Deployment>) -> Row {
    let Deployment {
        version,
        candidate,
        weight,
        state,
        ready,
        wanted,
        by,
        since,
        mut trouble,
        history,
        stages: _,
        left_off,
        owners,
        owners_left_out: _,
        reverts,
    } = Arc::unwrap_or_clone(deployment);
    // The wire has no word of its own for it.
    trouble.extend(left_off.map(|off| off.words()));
    let (service, environment) = (service.to_string(), environment.to_string());
    let owners = owners.iter().map(ToString::to_string).collect();
    Row {
        service,
        environment,
        version,
        candidate,
        weight,
        state,
        ready,
        wanted,
        by,
        since,
        trouble,
        history,
        owners,
        reverts,
    }
}

fn alert(alert: Alert) -> AlertRow {
    let Alert { name, severity, service, environment, state, since, summary } = alert;
    let (state, until) = match state {
        AlertState::Firing => (AlertWord::Firing, None),
        AlertState::Pending => (AlertWord::Pending, None),
        AlertState::Inhibited => (AlertWord::Inhibited, None),
        AlertState::Silenced { until } => (AlertWord::Silenced, until),
    };
    let (service, environment) = (service.map(|s| s.to_string()), environment.map(|e| e.to_string()));
    AlertRow { name, severity, service, environment, state, since, until, summary }
}

fn windows(all: &Windows) -> Vec<Event> {
    let head = WindowsHead { from: all.from, until: all.until, places: all.asked_about().map(PlaceRow::of).collect() };
    let rows = all.all.iter().map(|one| upsert(json!(window(one))));
    let unread = all.unread.iter().map(|(at, why)| (Op::NoReading, json!(PlaceRow::of(at)), why.clone()));
    picture(json!(head), rows.chain(unread))
}

fn window(window: &Window) -> WindowRow {
    let kind = match window.kind {
        WindowKind::Allow => WindowWord::Allow,
        WindowKind::Deny => WindowWord::Deny,
    };
    let spans = window.spans.iter().map(|(from, to)| SpanRow { from: *from, to: *to }).collect();
    WindowRow {
        title: window.title.clone(),
        kind,
        people: window.people,
        places: window.places.iter().map(PlaceRow::of).collect(),
        spans,
    }
}
