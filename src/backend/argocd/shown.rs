//! What was shown of a deploy to whoever is about to agree to it, until it is sent: it is not sent when
//! Argo CD has found something else meanwhile.
//!
//! It is known to the process that has shown it, and to no other.

use super::act::Application;
use super::app;
use super::json::{line, list, named, text};
use super::plan::{Call, Plan};
use super::version::short;
use crate::domain::Timestamp;
use crate::domain::observed::Placed;
use crate::domain::operation::Operation;
use chrono::{TimeDelta, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// For how long it is held against what is sent: a dialog that was left that long ago has decided nothing.
const LASTS: TimeDelta = TimeDelta::minutes(15);

/// What was shown last, place by place.
#[derive(Default)]
pub struct Shown(Mutex<BTreeMap<Placed, Seen>>);

/// What was shown of one deploy.
#[derive(Clone, Debug)]
pub struct Seen {
    args: BTreeMap<String, String>,
    at: Timestamp,
    effects: Vec<String>,
    /// The revision that would be brought.
    brings: String,
    /// What differs from git.
    differs: Vec<String>,
}

impl Shown {
    /// Keeps what is shown now in place of what was shown there before.
    pub fn keep(&self, operation: &Operation, found: &Application, plan: &Plan) {
        let Some((service, environment)) = operation.target() else { return };
        let seen = Seen::of(operation, found, plan);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((service.clone(), environment.clone()), seen);
    }

    /// What was shown of a deploy that is sent now; once, so that whoever was told that it has changed
    /// may decide anew. None where something else was shown since, or nothing.
    pub fn take(&self, operation: &Operation) -> Option<Seen> {
        let (service, environment) = operation.target()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&(service.clone(), environment.clone()))
            .filter(|seen| seen.args == operation.args && Utc::now() - seen.at <= LASTS)
    }
}

impl Seen {
    fn of(operation: &Operation, found: &Application, plan: &Plan) -> Self {
        let (effects, brings) = (plan.effects.clone(), brings(plan, &found.app));
        Self { args: operation.args.clone(), at: Utc::now(), effects, brings, differs: differs(&found.app) }
    }

    /// What has changed since it was shown, if anything would be sent.
    pub fn moved(&self, operation: &Operation, found: &Application, plan: &Plan) -> Option<String> {
        if plan.steps.is_empty() {
            return None;
        }
        let (now, at) = (Self::of(operation, found, plan), self.at.format("%H:%M:%SZ"));
        if now.effects != self.effects {
            let (was, is) = (self.effects.join("; "), now.effects.join("; "));
            return Some(format!("at {at} it was shown as `{was}`, and now it would be `{is}`"));
        }
        if now.brings != self.brings {
            let (was, is) = (line(&short(&self.brings)), line(&short(&now.brings)));
            return Some(format!("git was at {was} when it was shown at {at}, and is at {is}"));
        }
        let more: Vec<_> = now.differs.into_iter().filter(|one| !self.differs.contains(one)).collect();
        (!more.is_empty())
            .then(|| format!("{} differs from git now, and did not when it was shown at {at}", more.join(", ")))
    }
}

/// The revision that a sync names, or the one that git is at.
fn brings(plan: &Plan, app: &Value) -> String {
    let named = plan.steps.iter().find_map(|step| match &step.call {
        Call::Sync(body) => Some(text(body, "/revision")).filter(|revision| !revision.is_empty()),
        _ => None,
    });
    named.map_or_else(|| app::revision(app, "/status/sync"), str::to_owned)
}

/// What Argo CD calls out of sync.
fn differs(app: &Value) -> Vec<String> {
    list(app, "/status/resources").iter().filter(|one| text(one, "/status") == "OutOfSync").map(named).collect()
}
