//! The alerting rules as Prometheus evaluates them: which fail, and which have not been
//! evaluated for too long.
//!
//! It only reads. Rules that cannot be read are said not to be known, and the alerts are told all the same.

use super::super::http::standing::Standing;
use super::super::http::{Answer, Request};
use crate::domain::Timestamp;
use crate::domain::alert::AlertLabels;
use crate::domain::alerting::{AilingRule, AlertRules, ToldRules};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible};
use chrono::Utc;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is asked; who does not know the second leaves the alerts in, which are passed over.
pub const PATH: &str = "/api/v1/rules?type=alert&exclude_alerts=true";
/// An evaluation is never too old sooner than this.
const PATIENCE: Span = Span::secs(30);
/// How long the answer may take at least, and at most: alerts are not to be late for it.
const ANSWER: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));

#[derive(Deserialize)]
struct Envelope {
    status: String,
    #[serde(default)]
    warnings: Vec<String>,
    data: Groups,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    name: String,
    #[serde(default)]
    interval: f64,
    #[serde(default)]
    rules: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default)]
    name: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    health: String,
    #[serde(default)]
    last_error: String,
    last_evaluation: Option<Timestamp>,
}

/// Reads the alerting rules, as of the server's own clock. It is asked once, and a failure says nothing
/// of the host: `every` is how often alerts are, which are what matters.
pub async fn read(host: &Standing, labels: &AlertLabels, every: Span) -> ToldRules {
    let request = Request { aside: true, limit: limit(every), ..Request::get(PATH) };
    let answer = host.read(&request).await.map_err(|fault| fault.to_string())?;
    let now = Utc::now() + host.host().skew().unwrap_or_default();
    rules(&answer, labels, now)
}

/// How long the rules may take, where alerts are asked for that often.
pub fn limit(every: Span) -> Duration {
    every.std().clamp(ANSWER.0, ANSWER.1)
}

/// The alerting rules of an answer.
pub fn rules(answer: &Answer, labels: &AlertLabels, now: Timestamp) -> ToldRules {
    let envelope: Envelope = answer.json().map_err(|fault| fault.to_string())?;
    // A rule that is missing from a part of the list is not a rule that works.
    if envelope.status != "success" || !envelope.warnings.is_empty() {
        let said = envelope.warnings.first().unwrap_or(&envelope.status);
        return Err(format!("the list of rules may be incomplete: {}", shortened(&visible(said), 200)));
    }
    let mut all = AlertRules::default();
    for group in &envelope.data.groups {
        for row in group.rules.iter().filter(|row| row.r#type != "recording") {
            all.all += 1;
            all.firing += usize::from(row.state == "firing");
            all.pending += usize::from(row.state == "pending");
            all.ailing.extend(why(group, row, now).map(|why| ailing(group, row, labels, why)));
        }
    }
    Ok(all)
}

/// Why a rule cannot be relied on, if it cannot.
fn why(group: &Group, row: &Row, now: Timestamp) -> Option<String> {
    let said = || shortened(&visible(&row.last_error), 200);
    match row.health.as_str() {
        "ok" => {}
        "err" if row.last_error.is_empty() => return Some("its evaluation fails".to_owned()),
        "err" => return Some(format!("its evaluation fails: {}", said())),
        "unknown" => return Some("it has not been evaluated yet".to_owned()),
        other => return Some(format!("its health is called {}", shortened(&visible(other), 60))),
    }
    let Some(last) = row.last_evaluation else { return Some("when it was last evaluated is not told".to_owned()) };
    let (age, every) = (Span::between(last, now), Span::millis((group.interval.clamp(0.0, 1e9) * 1000.0) as u64));
    let late = age > every.times(3).max(PATIENCE);
    late.then(|| format!("it was last evaluated {age} ago, and should be every {every}"))
}

fn ailing(group: &Group, row: &Row, by: &AlertLabels, why: String) -> AilingRule {
    let harmless = |text: &str| shortened(&visible(text), 200);
    let told = |label: &str| row.labels.get(label).map(|text| harmless(text)).filter(|text| !text.is_empty());
    AilingRule {
        name: harmless(&row.name),
        group: harmless(&group.name),
        service: told(&by.service).map(ServiceName::new),
        environment: told(&by.environment).map(EnvironmentName::new),
        why,
    }
}
