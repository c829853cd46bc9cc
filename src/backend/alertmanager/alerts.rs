//! Alerts with what keeps them quiet, and until when.
//! It only reads; what an alert means for a gate is not decided here.

use super::super::Fault;
use super::super::http::Client;
use super::super::prometheus::alerts::labelled;
use super::api::{self, GettableAlert, Silence};
use crate::domain::alert::{AlertLabels, AlertState};
use crate::domain::observed::Observation;

/// Reads all alerts, and the silences when any alert has one.
pub async fn read(client: &Client, labels: &AlertLabels) -> Result<Observation, Fault> {
    let alerts = api::alerts(client, None).await?;
    let silenced = alerts.iter().any(|alert| !alert.status.silenced_by.is_empty());
    let silences = if silenced { api::silences(client).await? } else { Vec::new() };
    let alert = |alert: &GettableAlert| {
        let state = state(alert, &silences);
        labelled(&alert.labels, &alert.annotations, labels, state, alert.starts_at)
    };
    Ok(Observation::Alerts(alerts.iter().map(alert).collect()))
}

fn state(alert: &GettableAlert, silences: &[Silence]) -> AlertState {
    let by = &alert.status.silenced_by;
    if !by.is_empty() {
        let ends = silences.iter().filter(|silence| by.contains(&silence.id)).map(|silence| silence.ends_at);
        return AlertState::Silenced { until: ends.max() };
    }
    if alert.status.inhibited_by.is_empty() { AlertState::Firing } else { AlertState::Inhibited }
}
