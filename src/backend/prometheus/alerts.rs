//! Alerts as Prometheus sees them: pending and firing. It knows of no silences.
//! It only reads; linking is by the declared labels alone.

use super::super::Fault;
use super::super::http::Request;
use super::super::http::standing::Standing;
use crate::domain::Timestamp;
use crate::domain::alert::{Alert, AlertLabels, AlertState};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Observation;
use crate::domain::text::{shortened, visible};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Envelope {
    status: String,
    #[serde(default)]
    warnings: Vec<String>,
    data: Alerts,
}

#[derive(Deserialize)]
struct Alerts {
    alerts: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    state: String,
    #[serde(rename = "activeAt")]
    since: Option<Timestamp>,
}

/// Reads all alerts.
pub async fn read(host: &Standing, labels: &AlertLabels) -> Result<Observation, Fault> {
    let answer = host.read(&Request::get("/api/v1/alerts")).await?;
    let envelope: Envelope = answer.json()?;
    // An alert that is missing from a part of the list is not an alert that is over.
    if envelope.status != "success" || !envelope.warnings.is_empty() {
        let said = envelope.warnings.first().unwrap_or(&envelope.status);
        let why = format!("the list of alerts may be incomplete: {}", shortened(&visible(said), 200));
        return Err(Fault::Lost { why, output: None });
    }
    let alert = |row: Row| {
        let state = if row.state == "pending" { AlertState::Pending } else { AlertState::Firing };
        labelled(&row.labels, &row.annotations, labels, state, row.since.unwrap_or_default())
    };
    Ok(Observation::Alerts(envelope.data.alerts.into_iter().map(alert).collect()))
}

/// An alert from its labels and annotations, made harmless.
pub fn labelled(
    labels: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
    by: &AlertLabels,
    state: AlertState,
    since: Timestamp,
) -> Alert {
    let text = |from: &BTreeMap<String, String>, name: &str| {
        from.get(name).map(|text| shortened(&visible(text), 200)).unwrap_or_default()
    };
    let told = |name: &str| Some(text(labels, name)).filter(|text| !text.is_empty());
    let summary = Some(text(annotations, "summary")).filter(|text| !text.is_empty());
    Alert {
        name: told("alertname").unwrap_or_else(|| "an alert without a name".to_owned()),
        severity: text(labels, "severity"),
        service: told(&by.service).map(ServiceName::new),
        environment: told(&by.environment).map(EnvironmentName::new),
        state,
        since,
        summary: summary.unwrap_or_else(|| text(annotations, "description")),
    }
}
