//! The gates of a canary: which there are, and where they are opened.
//!
//! Pure. A gate is a webhook that Flagger calls; its load tester keeps it by the canary's name
//! and namespace, one for all its hooks. It is reached through the API server's proxy of services,
//! so that nothing but the cluster's own way in is needed.

use super::super::answer::line;
use super::super::ask::encoded;
use super::super::object::{list, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a gate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Whether an analysis may begin.
    Rollout,
    /// Whether more traffic may go to the new version.
    Increase,
    /// Whether it may take over.
    Promotion,
    /// Whether it is to be given up.
    Back,
}

/// Where a gate is opened, closed and looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// The path through the API server, without the last word.
    pub path: String,
    /// Where the tester lies.
    pub namespace: String,
    /// Its service.
    pub service: String,
    /// The tester as Flagger calls it, for people.
    pub url: String,
}

impl Gate {
    /// Every gate.
    pub const ALL: [Gate; 4] = [Gate::Rollout, Gate::Increase, Gate::Promotion, Gate::Back];

    /// The gate as Flagger writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Gate::Rollout => "confirm-rollout",
            Gate::Increase => "confirm-traffic-increase",
            Gate::Promotion => "confirm-promotion",
            Gate::Back => "rollback",
        }
    }

    const fn check(self) -> &'static str {
        match self {
            Gate::Back => "/rollback/check",
            _ => "/gate/check",
        }
    }
}

/// Where the gates of one kind are opened, each once.
///
/// # Errors
/// Why one of them cannot be opened from here, or that there is none.
pub fn doors(canary: &Value, gate: Gate) -> Result<BTreeSet<Door>, String> {
    let hooks = list(canary, "/spec/analysis/webhooks").iter().filter(|hook| text(hook, "/type") == gate.word());
    let found: BTreeSet<Door> = hooks.map(|hook| door(text(hook, "/url"), gate)).collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(format!("it has no webhook of type {}", gate.word()));
    }
    Ok(found)
}

/// Every door of a canary that can be reached, of whatever gate.
pub fn all_doors(canary: &Value) -> BTreeSet<Door> {
    Gate::ALL.into_iter().filter_map(|gate| doors(canary, gate).ok()).flatten().collect()
}

fn door(url: &str, gate: Gate) -> Result<Door, String> {
    let shown = line(url);
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{shown} is no address of a gate"))?;
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.ends_with("/gate/halt") {
        return Err(format!("its gate {shown} never opens; Flagger wants /gate/check (flagger#1017)"));
    }
    let Some(before) = path.strip_suffix(gate.check()) else {
        return Err(format!("{shown} is no gate of Flagger's load tester; open it where it is kept"));
    };
    let (host, port) = host.split_once(':').unwrap_or((host, if scheme == "https" { "443" } else { "80" }));
    let labels: Vec<&str> = host.split('.').collect();
    let (name, namespace) = match labels.as_slice() {
        [name, namespace] => (*name, *namespace),
        [name, namespace, "svc", ..] => (*name, *namespace),
        _ => return Err(format!("{shown} does not say in which namespace its service lies; open it where it is kept")),
    };
    if !matches!(scheme, "http" | "https") || port.parse::<u16>().is_err() {
        return Err(format!("{shown} is no address of a gate"));
    }
    let service = format!("{scheme}:{}:{port}", encoded(name));
    let verb = gate.check().trim_end_matches("/check");
    let at: String = before.split('/').map(encoded).collect::<Vec<_>>().join("/");
    Ok(Door {
        path: format!("/api/v1/namespaces/{}/services/{service}/proxy{at}{verb}", encoded(namespace)),
        namespace: namespace.to_owned(),
        service: name.to_owned(),
        url: line(url.split(['?', '#']).next().unwrap_or_default().trim_end_matches("/check")),
    })
}
