//! What a place would return to where neither a person nor a run says it.
//!
//! Pure. A system's own history knows nothing of why a version went: what was rolled back from
//! is the newest of it, and a second press would lead right back there.

use super::Given;
use super::run::{Fate, Sent};
use crate::domain::name::{EnvironmentName, RunId, ServiceName};
use crate::domain::observed::Deployment;
use crate::domain::operation::Verb;
use crate::domain::report::Report;
use crate::domain::verdict::{Reason, Rule};
use std::collections::BTreeMap;

/// The newest version of a place's past that it does not have.
///
/// # Errors
/// That none is known; or that it is one that was itself rolled back from there, and not brought again since.
pub fn before<'a>(
    given: &Given<'_>,
    service: &ServiceName,
    environment: &EnvironmentName,
    seen: Option<&'a Deployment>,
) -> Result<&'a str, Reason> {
    let has = |d: &'a Deployment| d.candidate.as_ref().unwrap_or(&d.version);
    let before = match coming(given).find(|(sent, _)| sent.intent.operation.target() == Some((service, environment))) {
        // What is on its way may be seen there, or not yet: the way back is to whatever else it has.
        Some((_, version)) => seen.and_then(|d| {
            let mut all = std::iter::once(&d.version).chain(&d.history);
            all.find(|other| plain(other) != plain(version))
        }),
        None => seen.and_then(|d| d.history.iter().find(|version| *version != has(d))),
    };
    let before = before.ok_or_else(|| {
        let text = format!("the version before is not known for {service} in {environment}; name it with --to");
        Reason::new(Rule::Evidence, text)
    })?;
    match left(given, service, environment).get(plain(before)) {
        None => Ok(before),
        Some(run) => {
            let text =
                format!("run {run} rolled {service} in {environment} back from {before}; name a version with --to");
            Err(Reason::new(Rule::State, text))
        }
    }
}

/// The deploys that are under way or in doubt, each with the version that it brings, the newest first.
pub fn coming<'a>(given: &Given<'a>) -> impl Iterator<Item = (&'a Sent, &'a str)> + use<'a> {
    let open =
        given.ledger.sent.values().rev().filter(|sent| sent.open() && sent.intent.operation.verb == Verb::Deploy);
    open.filter_map(|sent| Some((sent, sent.intent.operation.args.get("version")?.as_str())))
}

/// The versions that were rolled back from at a place and not brought there again since, each with the run that left it.
fn left<'a>(given: &Given<'a>, service: &ServiceName, environment: &EnvironmentName) -> BTreeMap<&'a str, RunId> {
    let mut left = BTreeMap::new();
    for sent in given.ledger.sent.values().filter(|s| s.intent.operation.changes() == Some((service, environment))) {
        let Fate::Settled(Report::Done(receipt) | Report::Partly { receipt, .. }) = &sent.fate else { continue };
        let operation = &sent.intent.operation;
        if let Some(brought) = ["version", "to"].iter().find_map(|name| operation.args.get(*name)) {
            left.remove(plain(brought));
        }
        if operation.verb == Verb::RollBack {
            left.extend(receipt.detail.get("previous").map(|version| (plain(version), sent.intent.run)));
        }
    }
    left
}

/// A version without the number that tells two revisions of it apart.
fn plain(version: &str) -> &str {
    version.split('#').next().unwrap_or(version)
}
