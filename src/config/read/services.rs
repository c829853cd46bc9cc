//! `services.toml`: the catalogue, its dependencies and who deploys what where.
//!
//! Every reference is checked; what is wrong is noted and left out.

use super::Reading;
use super::script::{only, positive, program};
use super::workspace::VERB_LIMIT;
use super::{argocd, kubernetes};
use crate::config::graph;
use crate::config::names::Noun;
use crate::config::nearest;
use crate::config::raw::deployed_by::DeployedBy;
use crate::config::raw::services::{self as raw, ServicesFile};
use crate::config::spot::Spot;
use crate::domain::backend::BackendKind;
use crate::domain::catalogue::{AfterRollback, Reversible, Service};
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::owner::Owner;
use crate::domain::way::Way;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the catalogue.
pub fn services(r: &mut Reading<'_>, raw: &ServicesFile) -> BTreeMap<ServiceName, Service> {
    cycles(r, raw);
    raw.services.0.iter().map(|(name, raw)| (name.value.clone(), service(r, &name.value, raw))).collect()
}

/// The ways out that services declare, by service.
pub fn ways(raw: &ServicesFile) -> BTreeMap<ServiceName, Vec<Way>> {
    let one = |raw: &raw::Way| Way {
        kind: raw.kind,
        title: raw.title.clone(),
        takes: raw.takes,
        lacks: raw.lacks.clone(),
        loses: raw.loses.clone(),
        how: raw.how.clone(),
    };
    let declared = raw.services.0.iter().filter(|(_, service)| !service.ways.is_empty());
    declared.map(|(name, service)| (name.value.clone(), service.ways.iter().map(one).collect())).collect()
}

/// Notes services that wait for each other.
fn cycles(r: &mut Reading<'_>, raw: &ServicesFile) {
    let all = &raw.services.0;
    let number: BTreeMap<&ServiceName, usize> = all.iter().enumerate().map(|(n, (name, _))| (&name.value, n)).collect();
    let edges: Vec<Vec<usize>> = all
        .iter()
        .map(|(_, s)| s.depends_on.iter().filter_map(|on| number.get(&on.value).copied()).collect())
        .collect();
    for cycle in graph::cycles(&edges) {
        let way: Vec<&str> =
            cycle.iter().chain(cycle.first()).filter_map(|&n| Some(all.get(n)?.0.value.as_str())).collect();
        let next = cycle.get(1).or(cycle.first());
        let Some(((_, first), (next, _))) = cycle.first().and_then(|&n| all.get(n)).zip(next.and_then(|&n| all.get(n)))
        else {
            continue;
        };
        let at = first.depends_on.iter().find(|on| on.value == next.value).map_or(0..0, |on| on.at.clone());
        let what = format!("these services wait for each other: {}", way.join(" → "));
        r.mistake(&at, what, "no order of deployment fits; remove one dependency");
    }
}

fn service(r: &mut Reading<'_>, name: &ServiceName, raw: &raw::Service) -> Service {
    for (_, link) in &raw.links.0 {
        only(r, std::slice::from_ref(link), &["environment", "service"]);
    }
    Service {
        name: name.clone(),
        title: raw.title.clone().unwrap_or_else(|| name.to_string()),
        owner: raw.owner.as_ref().map(|owner| r.name(Noun::Role, owner)),
        tier: raw.tier.unwrap_or(3),
        data: words(r, &raw.data),
        regions: regions(r, &raw.regions),
        depends_on: r.list(Noun::Service, &raw.depends_on),
        contacts: raw.contacts.clone(),
        links: raw.links.0.iter().map(|(title, link)| (title.value.clone(), link.value.clone())).collect(),
        deployed_by: raw.deployed_by.0.iter().map(|(place, by)| deployed(r, place, by)).collect(),
        scopes: raw.deployed_by.0.iter().filter_map(|(place, by)| scope(r, name, place, by)).collect(),
        rto: raw.rto.as_ref().map(|rto| positive(r, rto)),
        back_within: raw.back_within.as_ref().map(|within| positive(r, within)),
        after_rollback: raw.after_rollback.iter().map(|raw| after_rollback(r, raw)).collect(),
        reversible: raw
            .reversible
            .0
            .iter()
            .map(|(version, raw)| (version.value.clone(), Reversible { ok: raw.ok, note: raw.note.clone() }))
            .collect(),
    }
}

/// Words that nothing is empty in and none twice.
fn words(r: &mut Reading<'_>, all: &[Spot<String>]) -> Vec<String> {
    r.once(all);
    for word in all.iter().filter(|word| word.trim().is_empty()) {
        r.mistake(&word.at, "it is empty", "write a word, such as pii");
    }
    all.iter().map(|word| word.value.clone()).collect()
}

/// Regions that some environment is in: one that none is in is a slip, or forbids everything.
fn regions(r: &mut Reading<'_>, all: &[Spot<String>]) -> Vec<String> {
    for region in all {
        let there: BTreeSet<_> = r.workspace.environments.values().map(|place| place.region.clone()).collect();
        if !there.is_empty() && !there.contains(&region.value) {
            let help = nearest::help(region, "regions", there.iter().map(String::as_str)).unwrap_or_default();
            r.mistake(&region.at, format!("no environment is in the region {:?}", region.value), help);
        }
    }
    words(r, all)
}

fn deployed(
    r: &mut Reading<'_>,
    place: &Spot<EnvironmentName>,
    by: &Spot<DeployedBy>,
) -> (EnvironmentName, BackendName) {
    r.known(Noun::Environment, place);
    let name = by.named();
    r.known(Noun::Backend, &name);
    let spec = r.workspace.backends.get(&name.value);
    if spec.is_some_and(|spec| !spec.kind.deploys()) {
        let help = "name one of kind `command`, `kubernetes`, `argocd` or `plugin`";
        r.mistake(&name.at, format!("the backend {:?} deploys nothing", name.as_str()), help);
    }
    (place.value.clone(), name.value)
}

/// Where the service lies in its backend, or what it is to a cluster.
fn scope(
    r: &mut Reading<'_>,
    service: &ServiceName,
    place: &Spot<EnvironmentName>,
    by: &Spot<DeployedBy>,
) -> Option<(EnvironmentName, String)> {
    let kind = r.workspace.backends.get(&by.backend.value).map(|spec| spec.kind.clone())?;
    let text = match kind {
        BackendKind::Kubernetes(spec) => kubernetes::scope(r, service, &spec, &by.value),
        BackendKind::ArgoCd(spec) => argocd::scope(r, service, &spec, by),
        BackendKind::Command(_) | BackendKind::Plugin(_) => stands_for(r, by),
        _ => {
            nowhere(r, by, by.value.at.iter());
            None
        }
    };
    Some((place.value.clone(), text?))
}

/// What a service that a script or a plugin deploys is to a cluster, where that is said.
fn stands_for(r: &mut Reading<'_>, by: &Spot<DeployedBy>) -> Option<String> {
    nowhere(r, by, std::iter::empty());
    let at = by.value.at.as_ref()?;
    let owner = Owner::read(&at.value);
    if owner.is_none() {
        let help = "write helm-release/NAMESPACE/NAME, or flux-kustomization, flux-helmrelease or argocd-application";
        r.mistake(&at.at, format!("{:?} is nothing that holds workloads of a cluster", at.value), help);
    }
    owner.map(|owner| owner.to_string())
}

/// Notes what a backend does not ask for.
fn nowhere<'a>(r: &mut Reading<'_>, by: &'a Spot<DeployedBy>, at: impl Iterator<Item = &'a Spot<String>>) {
    let DeployedBy { container, image, route, canary, .. } = &by.value;
    for spot in at.chain([container, image, route, canary].into_iter().flatten()) {
        let what = format!("{} does not ask where a service lies", by.backend.as_str());
        r.mistake(&spot.at, what, "write the backend's name alone");
    }
}

fn after_rollback(r: &mut Reading<'_>, raw: &raw::AfterRollback) -> AfterRollback {
    let argv = raw.argv.as_deref().unwrap_or_default();
    if argv.is_empty() && raw.owner.is_none() {
        let help = "give it an argv, or an owner who does it by hand";
        r.mistake(&raw.title.at, "nobody does this", help);
    }
    program(r, argv);
    only(r, argv, &["environment", "key", "service", "to"]);
    AfterRollback {
        title: raw.title.value.clone(),
        owner: raw.owner.as_ref().map(|owner| r.name(Noun::Role, owner)),
        argv: argv.iter().map(|word| word.value.clone()).collect(),
        limit: raw.limit.unwrap_or(VERB_LIMIT),
    }
}
