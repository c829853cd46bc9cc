//! Versions that were rolled back from, place by place, and not brought there again since.
//!
//! Folded from what became of operations, and kept when the runs that they are of are
//! forgotten: a system's own history has such a version as its newest, and knows nothing of why
//! it went. Bounded; it decides nothing.

use super::run::{Fate, Sent};
use crate::domain::fact::Intent;
use crate::domain::name::{EnvironmentName, RunId, ServiceName};
use crate::domain::operation::Verb;
use crate::domain::report::{Receipt, Report};
use serde::{Deserialize, Serialize};

/// How many versions of a place are kept, the newest.
const PLACE: usize = 16;
/// How many are kept at all, the newest.
const MOST: usize = 2_000;

/// The versions, the one that was left last at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left(Vec<Version>);

/// A version that a place was rolled back from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    service: ServiceName,
    environment: EnvironmentName,
    version: String,
    /// The run that rolled back.
    run: RunId,
}

/// What is known of an operation that took effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed<'a> {
    /// What was announced.
    pub intent: &'a Intent,
    /// What the backend says of it; empty where a person said what became of it.
    pub receipt: &'a Receipt,
    /// The version that was there by what else the ledger knows.
    pub had: Option<&'a str>,
    /// Whether it went well: only then the version that it names was brought.
    pub well: bool,
}

impl Left {
    /// What operations tell that a ledger still has, of the time in which this was not kept.
    pub(super) fn of<'a>(sent: impl Iterator<Item = &'a Sent>) -> Self {
        let mut left = Self::default();
        for Sent { intent, fate, .. } in sent {
            if let Fate::Settled(Report::Done(receipt) | Report::Partly { receipt, .. }) = fate {
                left.learn(Deed { intent, receipt, had: None, well: true });
            }
        }
        left
    }

    /// The run that rolled a place back from a version, if that was not brought again since.
    pub fn by(&self, service: &ServiceName, environment: &EnvironmentName, version: &str) -> Option<RunId> {
        let found = self.0.iter().rfind(|left| left.is(service, environment) && left.version == plain(version));
        found.map(|left| left.run)
    }

    /// Takes in an operation that took effect.
    pub(super) fn learn(&mut self, deed: Deed<'_>) {
        let operation = &deed.intent.operation;
        let Some((service, environment)) = operation.changes() else { return };
        let detail = |name: &str| deed.receipt.detail.get(name).map(String::as_str);
        let named = ["version", "to"].iter().find_map(|name| operation.args.get(*name)).map(String::as_str);
        let brought = || [named, detail("version")].into_iter().flatten().map(plain);
        if deed.well {
            self.0.retain(|left| !left.is(service, environment) || brought().all(|version| left.version != version));
        }
        if operation.verb != Verb::RollBack {
            return;
        }
        // What is there already was not left: a second sending finds what the first one brought.
        let known = [detail("previous"), deed.intent.from.as_deref(), deed.had].into_iter().flatten().map(plain);
        let mut others = known.filter(|had| brought().all(|version| version != *had));
        let Some(version) = others.next() else { return };
        self.0.retain(|left| !left.is(service, environment) || left.version != version);
        let (service, environment) = (service.clone(), environment.clone());
        self.0.push(Version { service, environment, version: version.to_owned(), run: deed.intent.run });
        self.forget();
    }

    /// Drops the oldest beyond the bounds; one was added.
    fn forget(&mut self) {
        let Some(newest) = self.0.last() else { return };
        let mut here = self.0.iter().enumerate().filter(|(_, left)| left.is(&newest.service, &newest.environment));
        let oldest = here.next().map(|(n, _)| n).filter(|_| here.count() >= PLACE);
        let oldest = oldest.or((self.0.len() > MOST).then_some(0));
        oldest.into_iter().for_each(|n| drop(self.0.remove(n)));
    }
}

impl Version {
    fn is(&self, service: &ServiceName, environment: &EnvironmentName) -> bool {
        self.service == *service && self.environment == *environment
    }
}

/// A version without the number that tells two revisions of it apart.
pub(super) fn plain(version: &str) -> &str {
    version.split('#').next().unwrap_or(version)
}
