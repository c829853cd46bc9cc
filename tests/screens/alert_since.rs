//! An alert says whether it is older than the release: in the details of its place and on the incident
//! screen, and nothing where nothing is known.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use crate::sends;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::alert::{Alert, AlertState};
use holdpoint::domain::observed::Observation;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::sheet::Sheet;
use std::sync::Arc;

/// A run whose deploy has begun, and alerts of its place begun so many seconds later.
fn desk(alerts: &[(&str, i64)]) -> Desk {
    let mut desk = sends::desk(false);
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: vec![] };
    let entry = lines.write("step start", desk.starting("4", "ana", ME));
    let began = entry.at;
    desk.model.take(Update::Entries(Arc::new(vec![entry])));
    desk.model.refresh(began + TimeDelta::seconds(90));
    let now = desk.model.derived.at;
    let all = alerts.iter().map(|(name, after)| alert(name, began + TimeDelta::seconds(*after))).collect();
    desk.model.take(Update::Seen(Arc::new(vec![ground::stamped(now, Observation::Alerts(all))])));
    desk.model.settle(now);
    desk
}

fn alert(name: &str, since: DateTime<Utc>) -> Alert {
    Alert {
        name: name.to_owned(),
        severity: "critical".to_owned(),
        service: Some("svc-000".into()),
        environment: Some("place-00".into()),
        state: AlertState::Firing,
        since,
        summary: "6 of 100 requests fail, for ten minutes and longer, in every zone that has any traffic".to_owned(),
    }
}

/// The rows of alerts, each with what stands below it.
fn rows(screen: &str) -> String {
    let lines: Vec<_> = screen.lines().collect();
    let told = |text: &str| text.contains("alert ") || text.contains("began ");
    lines.into_iter().filter(|line| told(line)).fold(String::new(), |all, line| all + "|" + line + "\n")
}

#[test]
fn details_and_the_incident_screen_say_what_is_older_than_the_release() {
    let mut all = String::new();
    for (width, height) in [(80, 24), (120, 40), (60, 20)] {
        let mut desk = desk(&[("Failing", 60), ("Full", -7200), ("Unsure", -10)]);
        desk.ui.pane = Pane::Health;
        desk.ui.target = Some(("svc-000".into(), "place-00".into()));
        desk.act(Action::Open);
        let details = desk.screen(width, height);
        desk.ui.sheet = None::<Sheet>;
        desk.act(Action::Incident);
        let incident = desk.screen(width, height);
        all += &format!("{width}x{height}\n{}\n{}", rows(&details), rows(&incident));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("alert_since", all);
    });
}

#[test]
fn where_nothing_is_known_nothing_is_said() {
    let mut desk = desk(&[("Unsure", -10)]);
    desk.act(Action::Incident);
    let screen = desk.screen(80, 24);
    assert!(!screen.contains("Unsure") && !screen.contains("before run"), "{screen}");
}
