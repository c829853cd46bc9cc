//! What a place has, and what it would return to where neither a person nor a run says it.
//!
//! Pure. A system's own history knows nothing of why a version went: what was rolled back from
//! is the newest of it, and a second press would lead right back there.

use super::Given;
use super::left::plain;
use super::run::Sent;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::{Deployment, Quality};
use crate::domain::operation::{Operation, Verb};
use crate::domain::verdict::{Reason, Rule};

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
    match given.ledger.left.as_ref().and_then(|left| left.by(service, environment, before)) {
        None => Ok(before),
        Some(run) => {
            let text =
                format!("run {run} rolled {service} in {environment} back from {before}; name a version with --to");
            Err(Reason::new(Rule::State, text))
        }
    }
}

/// The deploys, and what mends with another version, that are under way or in doubt, each with the version that it brings, the newest first.
pub fn coming<'a>(given: &Given<'a>) -> impl Iterator<Item = (&'a Sent, &'a str)> + use<'a> {
    let open = given.ledger.sent.values().rev().filter(|sent| sent.open() && sent.intent.operation.verb.deploys());
    open.filter_map(|sent| Some((sent, sent.intent.operation.args.get("version")?.as_str())))
}

/// The version that a way back leaves, as the place was last seen; none where that is lost, or
/// the operation leads nowhere back.
pub(super) fn leaves(given: &Given<'_>, operation: &Operation) -> Option<String> {
    let (service, environment) = operation.target().filter(|_| operation.verb == Verb::RollBack)?;
    let seen = given.observed.deployment(&(service.clone(), environment.clone()))?;
    (seen.quality(given.now) != Quality::Lost).then(|| has(seen.value).clone())
}

/// The version that a place has, or is being brought.
fn has(seen: &Deployment) -> &String {
    seen.candidate.as_ref().unwrap_or(&seen.version)
}
