//! What the token may do with an application, as the server judges it. Never proof: a 403
//! is still possible.

use super::super::super::Fault;
use super::super::super::http::Client;
use super::super::api;
use crate::domain::operation::Verb;

/// The actions on an application that a verb needs.
pub fn needed(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::Deploy | Verb::Abort => &["get", "sync"],
        Verb::RollBack => &["get", "sync", "update"],
        Verb::Pause | Verb::Resume => &["get", "update"],
        _ => &["get"],
    }
}

/// The actions that are denied, in words.
pub async fn denied(client: &Client, subject: &str, actions: &[&str]) -> Result<Vec<String>, Fault> {
    let mut denied = Vec::new();
    for action in actions {
        if !api::may(client, "applications", action, subject).await? {
            denied.push(format!("the token may not {action} applications {subject}"));
        }
    }
    Ok(denied)
}
