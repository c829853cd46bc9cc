//! What Alertmanager's API v2 says, read leniently: unknown keys are left alone,
//! and what newer or older versions lack is not missed.

use super::super::Fault;
use super::super::http::reach::Reach;
use super::super::http::{Body, Client, Request};
use crate::domain::Timestamp;
use crate::domain::text::{shortened, visible};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An alert.
#[derive(Deserialize)]
pub struct GettableAlert {
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Since when.
    #[serde(rename = "startsAt")]
    pub starts_at: Timestamp,
    /// Whether people are told of it.
    pub status: AlertStatus,
}

/// Whether people are told of an alert.
#[derive(Deserialize)]
pub struct AlertStatus {
    /// The silences that keep it quiet.
    #[serde(default, rename = "silencedBy")]
    pub silenced_by: Vec<String>,
    /// The alerts that stand for it.
    #[serde(default, rename = "inhibitedBy")]
    pub inhibited_by: Vec<String>,
}

/// A silence that exists.
#[derive(Clone, Debug, Deserialize)]
pub struct Silence {
    /// Its id.
    pub id: String,
    /// Why.
    #[serde(default)]
    pub comment: String,
    /// What it matches.
    #[serde(default)]
    pub matchers: Vec<Matcher>,
    /// When it ends or ended.
    #[serde(rename = "endsAt")]
    pub ends_at: Timestamp,
    /// How it stands.
    pub status: SilenceStatus,
}

/// How a silence stands.
#[derive(Clone, Debug, Deserialize)]
pub struct SilenceStatus {
    /// `active`, `pending` or `expired`.
    pub state: String,
}

/// A silence that is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewSilence {
    /// What it matches; all of them.
    pub matchers: Vec<Matcher>,
    /// From when.
    #[serde(rename = "startsAt")]
    pub starts_at: Timestamp,
    /// Until when.
    #[serde(rename = "endsAt")]
    pub ends_at: Timestamp,
    /// By whom.
    #[serde(rename = "createdBy")]
    pub created_by: String,
    /// Why, with the operation's key.
    pub comment: String,
}

/// A label and the value it must have, or must not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// The value, compared letter by letter.
    pub value: String,
    /// Never in one of ours: a pattern may match more than was meant.
    #[serde(rename = "isRegex", default)]
    pub is_regex: bool,
    /// Whether it must have it; older versions do not say, and know nothing else.
    #[serde(rename = "isEqual", default = "yes")]
    pub is_equal: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "silenceID")]
    id: String,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "versionInfo")]
    version: Version,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

/// All alerts that some label filter lets through.
pub async fn alerts(client: &Client, filter: Option<String>) -> Result<Vec<GettableAlert>, Fault> {
    let request = Request::get("/api/v2/alerts");
    client.read(&filtered(request, filter)).await?.json()
}

/// All silences, expired ones included.
pub async fn silences(client: &Client) -> Result<Vec<Silence>, Fault> {
    client.read(&Request::get("/api/v2/silences")).await?.json()
}

/// Makes a silence, sent once; its id.
pub async fn create(client: &Client, silence: &NewSilence) -> Result<String, Fault> {
    let lost = |why: String| Fault::Lost { why, output: None };
    let value = serde_json::to_value(silence)
        .map_err(|e| Fault::Unreachable(format!("cannot write the silence as JSON: {e}")))?;
    let answer = client.send(&Request::json("/api/v2/silences", value)).await?;
    let created: Created = answer.json().map_err(|fault| lost(format!("it was accepted, but {fault}")))?;
    Ok(shortened(&visible(&created.id), 100))
}

/// Ends a silence, sent once.
pub async fn expire(client: &Client, id: &str) -> Result<(), Fault> {
    // An id is a path of its own; what is no id of theirs is not sent.
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        let why = format!("{:?} is no silence's id", shortened(&visible(id), 40));
        return Err(Fault::Refused { why, output: None });
    }
    client.send(&Request::new(Method::DELETE, format!("/api/v2/silence/{id}"), Body::None)).await.map(drop)
}

/// The version of a member.
pub async fn status(reach: &Reach) -> Result<String, Fault> {
    let status: Status = reach.acting()?.read(&Request::get("/api/v2/status")).await?.json()?;
    Ok(shortened(&visible(&status.version.version), 40))
}

fn filtered(request: Request, filter: Option<String>) -> Request {
    match filter {
        Some(filter) => request.with("filter", filter),
        None => request,
    }
}
