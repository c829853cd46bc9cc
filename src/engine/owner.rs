//! Who else holds a place, where that is a place of the workspace too and has a way back of its own.
//!
//! Pure. It never goes back there in place of what was asked for: one application holds several services, and its
//! versions are not theirs. It names that way, and has what would undo ours stopped first.

use super::Given;
use super::rollback::{self, Back};
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::Placed;
use crate::domain::operation::{Operation, Verb};
use crate::domain::owner::Owner;
use crate::domain::plan::{Kind, Step, Work};

/// A place of the workspace that holds another in the same environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder<'a> {
    /// What it is, as the place that it holds says.
    pub owner: &'a Owner,
    /// The service.
    pub service: &'a ServiceName,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// What deploys it.
    pub backend: &'a BackendName,
    /// Whether it undoes by itself what is changed in what it holds, as it was last seen; none when it never was.
    pub reverts: Option<bool>,
    /// Whether it can be stopped from that.
    pub stops: bool,
    /// Whether it can be gone back with.
    pub goes_back: bool,
}

/// What holds a place and can be gone back with, or stopped; none where two may be meant.
pub fn holder<'a>(given: &Given<'a>, service: &ServiceName, environment: &EnvironmentName) -> Option<Holder<'a>> {
    let seen = given.observed.deployment(&(service.clone(), environment.clone()))?;
    let owners: &'a [Owner] = &seen.value.owners;
    let found = owners.iter().find_map(|owner| declared(given, owner, environment));
    found.filter(|holder| holder.service != service)
}

fn declared<'a>(given: &Given<'a>, owner: &'a Owner, environment: &EnvironmentName) -> Option<Holder<'a>> {
    let mut all = given.workspace.services.values().filter_map(|service| {
        let (environment, backend) = service.deployed_by.get_key_value(environment)?;
        let kind = &given.workspace.backends.get(backend)?.kind;
        let stands_for = Owner::of_scope(kind, service.scopes.get(environment)?)?;
        let (stops, goes_back) = (kind.offer(Verb::Pause).is_some(), kind.offer(Verb::RollBack).is_some());
        let found = owner.is(&stands_for) && (stops || goes_back);
        let seen = given.observed.deployment(&(service.name.clone(), environment.clone()));
        let reverts = seen.map(|seen| seen.value.reverts);
        let service = &service.name;
        found.then_some(Holder { owner, service, environment, backend, reverts, stops, goes_back })
    });
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

impl Holder<'_> {
    /// The command that goes back with it.
    pub fn command(&self) -> String {
        format!("holdpoint rollback {} --env {}", self.service, self.environment)
    }

    /// What it does to what is changed in what it holds; empty where it leaves that alone.
    pub fn does(&self) -> &'static str {
        match self.reverts {
            Some(true) => "; it undoes by itself what is changed behind its back",
            Some(false) => "",
            None => "; whether it undoes what is changed behind its back is not known",
        }
    }
}

/// That something else holds what a way back leads back, and its own way back, if it has one; none where nothing here does.
pub fn told(given: &Given<'_>, operation: &Operation) -> Option<String> {
    let (service, environment) = operation.target().filter(|_| operation.verb == Verb::RollBack)?;
    let Some(holder) = holder(given, service, environment) else { return left_out(given, service, environment) };
    let (owner, does) = (holder.owner.words(), holder.does());
    let back = if holder.goes_back { format!(": go back there with `{}`", holder.command()) } else { String::new() };
    Some(format!("{owner} holds {service} {environment}{back}{does}"))
}

/// That one of those who are left out may hold it; none where none is.
fn left_out(given: &Given<'_>, service: &ServiceName, environment: &EnvironmentName) -> Option<String> {
    let more = given.observed.deployment(&(service.clone(), environment.clone()))?.value.owners_left_out;
    let what = format!("{service} {environment} is held by {more} more than are kept");
    (more > 0).then(|| format!("{what}: whether one of those undoes this is not known"))
}

/// A step that stops what would undo ways back, and the places of those.
pub(super) struct Pause {
    /// The step.
    pub step: Step,
    /// What it holds.
    pub of: Vec<Placed>,
    /// What is stopped.
    pub by: Placed,
}

/// What has to be stopped before this is taken back, each once. Where only traffic goes back the workload stays as it is.
pub(super) fn pauses(given: &Given<'_>, back: &[Back]) -> Vec<Pause> {
    let mut all: Vec<Pause> = Vec::new();
    for Back { service, environment, .. } in back.iter().filter(|one| one.version) {
        let Some(holder) = holder(given, service, environment).filter(|holder| holder.reverts == Some(true)) else {
            continue;
        };
        let (by, place) = ((holder.service.clone(), environment.clone()), (service.clone(), environment.clone()));
        match all.iter_mut().find(|known| known.by == by) {
            Some(known) => known.of.push(place),
            None => all.extend(pause(given, &holder).map(|step| Pause { step, of: vec![place], by })),
        }
    }
    all
}

fn pause(given: &Given<'_>, holder: &Holder<'_>) -> Option<Step> {
    let Holder { owner, service, environment, backend, .. } = holder;
    let limit = rollback::offer(given, backend, Verb::Pause)?.limit;
    let operation = Operation {
        backend: (*backend).clone(),
        verb: Verb::Pause,
        service: Some((*service).clone()),
        environment: Some((*environment).clone()),
        args: Default::default(),
        argv: Vec::new(),
        limit,
        idempotent: false,
    };
    let title = format!("Stop {service} {environment} ({}) from undoing this", owner.words());
    let step = Step::plain(Kind::Action, title, Work::Do(operation));
    // Whoever knows better leaves it out.
    Some(Step { may_skip: true, undo: format!("holdpoint do resume {service} --env {environment}"), ..step })
}
