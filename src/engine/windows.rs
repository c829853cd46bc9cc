//! Windows that backends tell, as they bear on a question: shut now, not known, and when that changes.
//!
//! Only deployments are judged: the way back is the adapter's to refuse, at the moment itself.
//! What was not heard, is lost, could not be read or was not asked about is unknown, and never open.
//! What is late (two to five intervals old) still counts as known, on purpose: windows change rarely,
//! and the adapter asks again, and refuses, at the moment itself.

use super::Given;
use super::calendar::Question;
use super::feeds;
use crate::domain::Timestamp;
use crate::domain::backend::BackendSpec;
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::{Observed, Placed, Quality, Seen};
use crate::domain::topic::Topic;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::domain::window::{Shut, WindowKind, Windows};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A place with who tells of its windows, and when they are shut.
type About<'a> = (&'a BackendName, &'a Placed, &'a [Shut], &'a Windows);

/// What is told of the places that a question is about.
fn about<'a>(observed: &'a Observed, ask: Question<'a>) -> impl Iterator<Item = About<'a>> {
    let told = observed.windows.iter().filter(move |_| ask.told);
    let one = ask.service.cloned().zip(ask.environment.cloned());
    told.flat_map(move |(source, Seen { value, .. })| {
        let places = value.places(one.as_ref()).filter(move |(placed, _)| covers(ask, &placed.0, &placed.1));
        places.map(move |(placed, shut)| (source, placed, shut, &**value))
    })
}

fn covers(ask: Question<'_>, service: &ServiceName, environment: &EnvironmentName) -> bool {
    ask.service.is_none_or(|s| s == service) && ask.environment.is_none_or(|e| e == environment)
}

/// Whether windows are about the question at all.
pub fn has(observed: &Observed, ask: Question<'_>) -> bool {
    about(observed, ask).next().is_some()
}

/// What windows hold at an instant; none where they hold nothing.
pub fn may(observed: &Observed, ask: Question<'_>, at: Timestamp) -> Option<Verdict> {
    let parts: Vec<_> = about(observed, ask)
        .filter_map(|(source, placed, shut, windows)| {
            let (now, opens) = on(shut, at)?;
            // Where it ends with what is known, nobody knows that it ends there.
            let opens = Some(opens).filter(|opens| *opens < windows.until);
            let (service, environment) = placed;
            let what = match now.kind {
                WindowKind::Deny => "shut by",
                WindowKind::Allow => "shut outside",
            };
            let text = format!("{service}@{environment} {what} the window {}, {source} says", now.title);
            Some(Verdict::new(Level::Hold, Reason::until(Rule::Window, text, opens)))
        })
        .collect();
    (!parts.is_empty()).then(|| Verdict::all(parts))
}

/// What shuts at an instant, and when nothing does any more.
fn on(shut: &[Shut], at: Timestamp) -> Option<(&Shut, Timestamp)> {
    let n = shut.partition_point(|s| s.from <= at).checked_sub(1)?;
    let now = shut.get(n).filter(|s| at < s.to)?;
    let later = shut.iter().skip(n + 1);
    Some((now, later.fold(now.to, |to, next| if next.from == to { next.to } else { to })))
}

/// What is not known of windows and feeds that are about a question; none where everything is.
pub fn unknown(given: &Given<'_>, ask: Question<'_>, at: Timestamp) -> Option<Verdict> {
    let mut all: Vec<String> =
        tellers(given, ask).into_iter().filter_map(|(placed, by)| why(given, by, &placed, at)).collect();
    all.sort_unstable();
    all.dedup();
    let parts = all.into_iter().map(|text| Verdict::new(Level::Unknown, Reason::new(Rule::Evidence, text)));
    let parts: Vec<_> = parts.chain(feeds::unknown(given, ask, at)).collect();
    (!parts.is_empty()).then(|| Verdict::all(parts))
}

/// Who must tell windows of the places that a question is about: those that deploy there as the
/// files say now, and the one that the operation goes to, which was settled when its run started.
fn tellers<'a>(given: &Given<'a>, ask: Question<'a>) -> Vec<(Placed, &'a BackendName)> {
    let tells = |by: &BackendName| given.workspace.backends.get(by).is_some_and(|spec| spec.kind.windows());
    if !ask.told || !given.workspace.backends.values().any(|spec| spec.kind.windows()) {
        return Vec::new();
    }
    let services = &given.workspace.services;
    let one = ask.service.and_then(|name| services.get(name));
    let every = services.values().filter(|_| ask.service.is_none());
    let places = one.into_iter().chain(every);
    let places = places.flat_map(|s| s.deployed_by.iter().map(move |(environment, by)| (&s.name, environment, by)));
    let mine = places.filter(|(service, environment, _)| covers(ask, service, environment));
    let sent = ask.service.zip(ask.environment).zip(ask.backend).map(|((service, place), by)| (service, place, by));
    let all = mine.chain(sent).filter(|(.., by)| tells(by));
    all.map(|(service, environment, by)| ((service.clone(), environment.clone()), by)).collect()
}

fn why(given: &Given<'_>, by: &BackendName, placed: &Placed, at: Timestamp) -> Option<String> {
    let seen = match heard(given.observed, by, given.now) {
        Ok(seen) => seen,
        Err(why) => return Some(format!("windows of {by} are not known: {why}")),
    };
    let (service, environment) = placed;
    if let Some(why) = untold(given, by, &seen.value, placed) {
        return Some(format!("windows of {by} for {service}@{environment} are not known: {why}"));
    }
    let has = seen.value.places(Some(placed)).next().is_some();
    (has && at >= seen.value.until).then(|| format!("windows of {by} are not known that far ahead"))
}

/// Why nothing is known of a place's windows from what their backend told; none where something is.
fn untold(given: &Given<'_>, by: &BackendName, told: &Windows, placed: &Placed) -> Option<String> {
    if let Some(why) = told.unread.get(placed) {
        return Some(why.clone());
    }
    if told.asked(placed) {
        return None;
    }
    let service = given.workspace.services.get(&placed.0);
    let deploys = service.and_then(|s| s.deployed_by.get(&placed.1)) == Some(by);
    Some(match deploys {
        true => "they were not asked for; leave holdpoint and start it again".to_owned(),
        false => format!("they are not asked for, because services.toml no longer says that {by} deploys there"),
    })
}

/// The places where a backend deploys and of whose windows it was heard to tell nothing, each with why.
pub fn unread(given: &Given<'_>, by: &BackendName, told: &Windows) -> BTreeMap<Placed, String> {
    let services = given.workspace.services.values();
    let places = services.flat_map(|s| {
        let here = s.deployed_by.iter().filter(|(_, deployer)| *deployer == by);
        here.map(|(environment, _)| (s.name.clone(), environment.clone()))
    });
    places
        .filter_map(|placed| Some((untold(given, by, told, &placed)?, placed)))
        .map(|(why, placed)| (placed, why))
        .collect()
}

/// What a backend tells of windows.
///
/// # Errors
/// Why that is not known, where it was not heard or is lost.
pub fn heard<'a>(observed: &'a Observed, by: &BackendName, now: Timestamp) -> Result<&'a Seen<Arc<Windows>>, String> {
    let fault = || observed.sources.get(by).and_then(|source| source.why(Topic::Windows));
    let with = |what: String| fault().map_or(what.clone(), |fault| format!("{what}; {fault}"));
    match observed.windows.get(by) {
        None => Err(with("not heard yet".to_owned())),
        Some(seen) if seen.quality(now) == Quality::Lost => {
            Err(with(format!("not heard since {}", seen.at.format("%d %b %H:%M:%SZ"))))
        }
        Some(seen) => Ok(seen),
    }
}

/// The backends of a workspace that tell windows of a place where something is deployed.
pub fn telling<'a>(given: &Given<'a>) -> impl Iterator<Item = &'a BackendSpec> {
    let workspace = given.workspace;
    let used =
        |spec: &&BackendSpec| workspace.services.values().any(|s| s.deployed_by.values().any(|by| *by == spec.name));
    workspace.backends.values().filter(|spec| spec.kind.windows()).filter(used)
}

/// Every instant at which windows that are about the question shut or open, as far as that is known.
pub(super) fn edges<'a>(observed: &'a Observed, ask: Question<'a>) -> impl Iterator<Item = Timestamp> + 'a {
    about(observed, ask).flat_map(|(_, _, shut, windows)| {
        let edges = shut.iter().map(|s| windows.edges((s.from, s.to)));
        edges.flat_map(|(from, to)| from.into_iter().chain(to))
    })
}

/// What shuts at this very instant.
pub(super) fn shuts<'a>(observed: &'a Observed, ask: Question<'a>, at: Timestamp) -> Option<&'a Shut> {
    about(observed, ask).flat_map(|(_, _, shut, _)| shut).find(|s| s.from == at)
}

/// When what is known of windows that are about a question is lost, unless it is heard again.
pub(super) fn fading(given: &Given<'_>, ask: Question<'_>) -> Vec<Timestamp> {
    let just_after = chrono::TimeDelta::milliseconds(1);
    let by: BTreeSet<_> = tellers(given, ask).into_iter().map(|(_, by)| by).collect();
    let told = by.into_iter().filter_map(|by| given.observed.windows.get(by));
    told.map(|seen| seen.at + seen.every.times(5).delta() + just_after).chain(feeds::fading(given, ask)).collect()
}
