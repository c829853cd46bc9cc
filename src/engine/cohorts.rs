//! How far every service is, cohort by cohort.
//!
//! What is counted is what the newest live run brings. Two versions of one service in that run say nothing, and
//! neither does a run that has ended: then it is the version that most of a cohort have.

use super::Given;
use super::derived::rollout::UNDER_WAY;
use super::run::Run;
use crate::domain::cohort::{Live, Standing};
use crate::domain::name::{CohortName, EnvironmentName, ServiceName};
use crate::domain::observed::{Deployed, Quality};
use crate::domain::operation::{Direction, Verb};
use serde::Serialize;
use std::collections::BTreeMap;

/// A service with how far each cohort is that it is deployed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The service.
    pub service: ServiceName,
    /// The version that a live run brings, if one does.
    pub wanted: Option<String>,
    /// The cohorts, in the order in which the workspace names them.
    pub cohorts: Vec<Standing>,
}

/// Every service that is deployed in a cohort, those first that a live run brings.
pub fn all(given: &Given<'_>) -> Vec<Progress> {
    let wanted = wanted(given);
    let of = |service: &ServiceName| Progress {
        service: service.clone(),
        wanted: wanted.get(service).copied().flatten().map(str::to_owned),
        cohorts: standings(given, service, wanted.get(service).copied().flatten()),
    };
    services(given, &wanted).into_iter().map(of).collect()
}

/// The services that are deployed in a cohort, those first that a live run brings.
pub fn services<'a>(given: &Given<'a>, wanted: &BTreeMap<&ServiceName, Option<&str>>) -> Vec<&'a ServiceName> {
    if given.workspace.cohorts.is_empty() {
        return Vec::new();
    }
    let grouped = given
        .workspace
        .services
        .values()
        .filter(|service| service.deployed_by.keys().any(|environment| cohort(given, environment).is_some()));
    let mut names: Vec<_> = grouped.map(|service| &service.name).collect();
    names.sort_by_key(|name| !wanted.contains_key(*name));
    names
}

/// How far each cohort of a service is; a cohort that it is not deployed in is left out.
pub fn standings(given: &Given<'_>, service: &ServiceName, wanted: Option<&str>) -> Vec<Standing> {
    let Some(declared) = given.workspace.services.get(service) else { return Vec::new() };
    let mut grouped: BTreeMap<&CohortName, Vec<Live<'_>>> = BTreeMap::new();
    for environment in declared.deployed_by.keys() {
        if let Some(name) = cohort(given, environment) {
            grouped.entry(name).or_default().push(live(given, service, environment));
        }
    }
    let one = |name: &CohortName| Some(Standing::count(name, wanted, grouped.remove(name)?));
    given.workspace.cohorts.iter().filter_map(one).collect()
}

/// The version that the newest live run brings of each service that it touches; none where it brings several.
pub fn wanted<'a>(given: &Given<'a>) -> BTreeMap<&'a ServiceName, Option<&'a str>> {
    let mut all = BTreeMap::new();
    for run in given.ledger.runs.values().filter(|run| !run.ended()) {
        let mut brings: BTreeMap<&ServiceName, Option<&str>> = BTreeMap::new();
        for (service, version) in versions(run) {
            let known = brings.entry(service).or_insert(Some(version));
            *known = known.filter(|known| *known == version);
        }
        // A later run has a higher number.
        all.extend(brings);
    }
    all
}

fn versions(run: &Run) -> impl Iterator<Item = (&ServiceName, &str)> {
    let back = run.takes_back();
    let bill = run.plan.bill.iter().filter(move |_| !back).map(|item| (&item.service, item.version.as_str()));
    let sent = run.plan.steps.iter().filter_map(|step| step.operation()).filter_map(move |operation| {
        let key = match (back, operation.direction()) {
            (true, _) if operation.verb == Verb::RollBack => "to",
            (false, Direction::Forward) => "version",
            _ => return None,
        };
        Some((operation.service.as_ref()?, operation.args.get(key)?.as_str()))
    });
    bill.chain(sent)
}

/// The cohort of an environment, if it is in one.
pub fn cohort<'a>(given: &Given<'a>, environment: &EnvironmentName) -> Option<&'a CohortName> {
    given.workspace.environments.get(environment)?.cohort.as_ref()
}

fn live<'a>(given: &Given<'a>, service: &ServiceName, environment: &EnvironmentName) -> Live<'a> {
    let seen = given.observed.deployment(&(service.clone(), environment.clone()));
    match seen.filter(|seen| seen.quality(given.now) == Quality::Fresh) {
        Some(Deployed { value, .. }) if value.candidate.is_some() => Live::UnderWay,
        Some(Deployed { value, .. }) if UNDER_WAY.contains(&value.state.as_str()) => Live::UnderWay,
        Some(Deployed { value, .. }) if !value.version.is_empty() => Live::At(&value.version),
        _ => Live::Unknown,
    }
}
