//! The way back of what is still ahead: what would lead each step of a run back, known before it is begun.
//!
//! Pure; it decides nothing. A step replaces what is live then, so its way back leads to what is live now, or to what was
//! there before the run where that has changed it already. Where that is not known, neither is the way back.

use super::Given;
use super::before::{before, coming};
use super::loss;
use super::rollback::{driven, offer};
use super::run::{Run, Sent, State};
use crate::domain::catalogue::roll_back;
use crate::domain::name::{BackendName, EnvironmentName, ServiceName, StepName};
use crate::domain::observed::Quality;
use crate::domain::operation::{Operation, Verb};
use crate::domain::plan::Step;
use crate::domain::session::SessionId;
use crate::domain::topic::Topic;
use std::collections::{BTreeMap, BTreeSet};

/// Of how many ways back backends are asked in turn.
const MOST: usize = 256;

/// What a backend is asked about the way back of a step that is ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What would lead back.
    pub operation: Operation,
    /// How many changes of the place would lie between what it leads to and what is there then.
    pub changes: u32,
}

/// The way back of a step that is ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Its backend can say.
    Asked(Asked),
    /// There is certainly none; why.
    None(String),
    /// Whether there is one is not known; why.
    Unknown(String),
    /// Nothing has told yet what is there now.
    Unseen,
}

/// The steps of a run that are ahead and bring something that could be led back, in the plan's order; none of a run
/// that takes back itself.
pub fn ways<'a>(given: &Given<'_>, run: &'a Run) -> Vec<(&'a StepName, Way)> {
    if run.ended() || run.takes_back() {
        return Vec::new();
    }
    let mut deploys: BTreeMap<_, usize> = BTreeMap::new();
    let ahead = run.plan.steps.iter().filter(|step| is_ahead(run, step));
    let each = ahead.filter_map(|step| {
        let operation = step.operation()?;
        let count = deploys.entry(operation.target()?).or_default();
        *count += usize::from(operation.verb == Verb::Deploy);
        Some((&step.name, way(given, run, operation, *count)?))
    });
    each.collect()
}

/// What backends are asked of what is ahead in the runs that a session drives, each once; the first of very many.
pub fn asked(given: &Given<'_>, me: SessionId) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for (_, way) in driven(given, me).flat_map(|run| ways(given, run)) {
        if let Way::Asked(asked) = way
            && all.len() < MOST
            && !all.contains(&asked)
        {
            all.push(asked);
        }
    }
    all
}

/// Whether a step has not begun or may be tried again, and no decision has led past it.
fn is_ahead(run: &Run, step: &Step) -> bool {
    let chosen = |decision: &StepName| run.steps.get(decision).and_then(|state| state.chosen.as_ref());
    let past = step.branch.as_ref().is_some_and(|(of, wanted)| chosen(of).is_some_and(|chosen| chosen != wanted));
    matches!(run.state(&step.name), State::Pending | State::Failed(_)) && !past
}

/// Whether it brings a version, or more of it.
fn brings(verb: Verb) -> bool {
    matches!(verb, Verb::Deploy | Verb::Promote | Verb::Resume)
}

/// The way back of an operation, up to which, itself included, so many others bring a version to its place.
fn way(given: &Given<'_>, run: &Run, operation: &Operation, deploys: usize) -> Option<Way> {
    let (service, environment) = operation.target()?;
    if !brings(operation.verb) && operation.verb != Verb::Shift {
        return None;
    }
    let stands: BTreeSet<_> =
        run.standing(service, environment).filter(|c| c.weights.is_none()).map(|c| &c.to).collect();
    // What only brings more of what was brought goes back with that, and that is asked about by itself.
    if operation.verb != Verb::Deploy && !stands.is_empty() {
        return None;
    }
    let version = operation.args.get("version").map_or("", String::as_str);
    if let Some((false, why)) = loss::said(given, service, version) {
        return Some(Way::None(format!("by what the catalogue says, {why}")));
    }
    let Some(backend) = deployer(given, service, environment) else {
        return Some(Way::None(format!("no backend deploys {service} in {environment}")));
    };
    // What is declared no more does not begin either.
    given.workspace.backends.get(backend)?;
    let verb = if operation.verb == Verb::Shift { Verb::Abort } else { Verb::RollBack };
    let Some(offer) = offer(given, backend, verb) else {
        let what = if verb == Verb::Abort { "give traffic back" } else { "roll back" };
        return Some(Way::None(format!("{backend} cannot {what}")));
    };
    let mine = |sent: &Sent| sent.intent.run == run.id && sent.intent.operation.target() == operation.target();
    let comes = coming(given).any(|(sent, _)| mine(sent));
    let to = match verb {
        Verb::Abort => Ok(String::new()),
        _ => to(given, run, operation, (!stands.is_empty(), comes)),
    };
    let to = match to {
        Ok(to) => to,
        Err(way) => return Some(way),
    };
    let changes = u32::try_from((stands.len() + usize::from(comes) + deploys).max(1)).unwrap_or(u32::MAX);
    let mut back = roll_back(backend, service, environment, &to, offer.limit);
    back.verb = verb;
    back.args.retain(|_, to| !to.is_empty());
    Some(Way::Asked(Asked { operation: back, changes }))
}

fn deployer<'a>(given: &Given<'a>, service: &ServiceName, environment: &EnvironmentName) -> Option<&'a BackendName> {
    given.workspace.services.get(service)?.deployed_by.get(environment)
}

/// What a way back would lead to where something that the run has brought stands, or comes; else what is known in its place.
fn to(given: &Given<'_>, run: &Run, operation: &Operation, (stands, comes): (bool, bool)) -> Result<String, Way> {
    let unknown = |why: String| Err(Way::Unknown(why));
    let Some((service, environment)) = operation.target() else { return Err(Way::Unseen) };
    if stands {
        let known = run.previous(service, environment).cloned();
        return known.map_or_else(|| unknown("the version before is not known".to_owned()), Ok);
    }
    let placed = (service.clone(), environment.clone());
    let Some(seen) = given.observed.deployment(&placed) else {
        let source = deployer(given, service, environment).and_then(|backend| given.observed.sources.get(backend));
        return match source.map(|source| (source.why(Topic::Deployments), source.heard)) {
            Some((Some(why), _)) => unknown(format!("what is there now is not heard: {why}")),
            Some((None, Some(_))) => unknown("nothing is told to be there now".to_owned()),
            Some((None, None)) | None => Err(Way::Unseen),
        };
    };
    if seen.quality(given.now) == Quality::Lost {
        return unknown(format!("what is there now was last seen at {}", seen.at.format("%H:%M:%SZ")));
    }
    if comes {
        let known = before(given, service, environment, Some(seen.value));
        return known.map_or_else(|reason| unknown(reason.text), |to| Ok(to.to_owned()));
    }
    match (&seen.value.candidate, operation.verb) {
        // It is not known which of the two is there when this is begun.
        (Some(candidate), Verb::Deploy) => unknown(format!("{candidate} is being brought there now")),
        _ if seen.value.version.is_empty() => unknown("which version is there now is not told".to_owned()),
        _ => Ok(seen.value.version.clone()),
    }
}
