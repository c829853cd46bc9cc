//! What is opened for Flagger and closed again: gates of its load tester, or the canary's own
//! `skipAnalysis`. Opened once; closed as often as it takes, for closing twice is the same as once.

use super::super::answer::{Unanswered, line};
use super::super::client::Cluster;
use super::super::object::text;
use super::super::undo::JSON_PATCH;
use super::gate::Door;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often closing is tried.
const TRIES: u32 = 4;

/// What is opened.
#[derive(Clone)]
pub enum Lever {
    /// Gates, of one canary by this name.
    Doors(BTreeSet<Door>, Value),
    /// `skipAnalysis` of the canary at this path, as it was read.
    Skip(String, Value),
}

impl Lever {
    /// Opens it, once.
    pub async fn open(&self, cluster: &Cluster) -> Result<(), Unanswered> {
        match self {
            Self::Doors(doors, canary) => {
                for (n, door) in doors.iter().enumerate() {
                    let opened = cluster.post(&format!("{}/open", door.path), canary).await.map(drop);
                    opened.map_err(|error| after(n, error))?;
                }
                Ok(())
            }
            Self::Skip(path, canary) => {
                let test = |at: &str| json!({ "op": "test", "path": at, "value": canary.pointer(at) });
                let set = json!({ "op": "add", "path": "/spec/skipAnalysis", "value": true });
                let body = json!([test("/metadata/uid"), test("/metadata/generation"), set]);
                cluster.change("PATCH", path, JSON_PATCH, &body).await.map(drop)
            }
        }
    }

    /// Closes it, and looks whether it is.
    ///
    /// # Errors
    /// Why it may still be open, and how it is closed by hand.
    pub async fn close(&self, cluster: &Cluster) -> Result<(), String> {
        let mut last = String::new();
        for n in 0..TRIES {
            if n > 0 {
                tokio::time::sleep(Duration::from_millis(250 << n)).await;
            }
            let shut = self.shut(cluster).await;
            last = match (self.is_open(cluster).await, shut) {
                (Ok(false), _) => return Ok(()),
                (Ok(true), Ok(())) => "it is open still".to_owned(),
                (Ok(true), Err(error)) | (Err(error), _) => error.words(),
            };
        }
        Err(format!("{last}; {}", self.by_hand()))
    }

    async fn shut(&self, cluster: &Cluster) -> Result<(), Unanswered> {
        match self {
            Self::Doors(doors, canary) => {
                let mut ended = Ok(());
                for door in doors {
                    // One that cannot be closed keeps no other open.
                    ended = cluster.post(&format!("{}/close", door.path), canary).await.map(drop).and(ended);
                }
                ended
            }
            Self::Skip(path, canary) => {
                let test = json!({ "op": "test", "path": "/metadata/uid", "value": canary.pointer("/metadata/uid") });
                let set = json!({ "op": "add", "path": "/spec/skipAnalysis", "value": false });
                cluster.change("PATCH", path, JSON_PATCH, &json!([test, set])).await.map(drop)
            }
        }
    }

    /// Whether any of it is open now.
    pub async fn is_open(&self, cluster: &Cluster) -> Result<bool, Unanswered> {
        match self {
            Self::Doors(doors, canary) => {
                for door in doors {
                    if open(cluster, door, canary).await? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Skip(path, _) => Ok(skips(&cluster.read(path).await?)),
        }
    }

    /// What is so once it is closed, in words.
    pub fn until(&self) -> String {
        match self {
            Self::Doors(_, canary) => format!("the gate of canary {} is closed again", line(text(canary, "/name"))),
            Self::Skip(_, canary) => {
                format!("skipAnalysis of canary {} is false again", line(text(canary, "/metadata/name")))
            }
        }
    }

    /// How it is closed by hand.
    pub fn by_hand(&self) -> String {
        match self {
            Self::Doors(doors, canary) => {
                let urls: Vec<_> = doors.iter().map(|door| format!("{}/close", door.url)).collect();
                format!("close it by hand: POST {canary} to {}", urls.join(" and "))
            }
            Self::Skip(_, canary) => {
                format!("set skipAnalysis of canary {} to false by hand", super::super::version::shown(canary))
            }
        }
    }
}

/// Why one could not be opened after so many others were: Flagger may have passed those, so a no is none.
fn after(others: usize, error: Unanswered) -> Unanswered {
    match others {
        0 => error,
        n => Unanswered::Lost(format!("{n} of its gates opened, and then {}", error.words())),
    }
}

/// Whether a canary passes without an analysis.
pub fn skips(canary: &Value) -> bool {
    canary.pointer("/spec/skipAnalysis") == Some(&Value::Bool(true))
}

/// Whether a gate is open. It answers with 403 when it is closed, which is not the API's own 403.
pub async fn open(cluster: &Cluster, door: &Door, canary: &Value) -> Result<bool, Unanswered> {
    match cluster.post(&format!("{}/check", door.path), canary).await {
        Ok(_) => Ok(true),
        Err(Unanswered::Api { code: 403, reason, .. }) if reason.is_empty() => Ok(false),
        Err(error) => Err(error),
    }
}

/// The name of a canary as its gates know it.
pub fn payload(canary: &Value) -> Value {
    json!({ "name": text(canary, "/metadata/name"), "namespace": text(canary, "/metadata/namespace") })
}
