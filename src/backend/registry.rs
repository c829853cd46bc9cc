//! Opens the backends that a workspace declares.
//!
//! It reaches nothing and starts nothing.

use super::Backend;
#[cfg(feature = "http")]
use super::alertmanager::AlertmanagerBackend;
#[cfg(feature = "http")]
use super::argocd::ArgoCdBackend;
use super::command::CommandBackend;
use super::ending::Ending;
#[cfg(feature = "http")]
use super::feed::FeedBackend;
use super::files::FilesBackend;
use super::launcher::Launcher;
use super::plugin::PluginBackend;
use super::probe::ProbeBackend;
#[cfg(feature = "http")]
use super::prometheus::PrometheusBackend;
use crate::domain::backend::{BackendKind, BackendSpec};
use crate::domain::catalogue::Service;
#[cfg(feature = "http")]
use crate::domain::name::SignalName;
use crate::domain::name::{BackendName, EnvironmentName};
use crate::domain::signal::Signal;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The backend that exists whether declared or not.
const FILES: &str = "files";

/// Every backend of the workspace by name. Nothing is reached or started yet.
pub fn open(workspace: &Workspace, launcher: Launcher) -> BTreeMap<BackendName, Arc<dyn Backend>> {
    let mut all: BTreeMap<BackendName, Arc<dyn Backend>> = BTreeMap::new();
    let files = FilesBackend::new(FILES.into(), Span::secs(2));
    all.insert(FILES.into(), Arc::new(files));
    let declared = workspace.backends.values();
    all.extend(declared.map(|spec| (spec.name.clone(), one(workspace, spec, launcher.clone()))));
    all
}

/// How the end of everything that backends keep running is waited for; to be asked before they go.
pub fn endings(backends: &BTreeMap<BackendName, Arc<dyn Backend>>) -> Vec<Ending> {
    backends.values().filter_map(|backend| backend.ending()).collect()
}

/// The signals that a backend is asked for; derived ones follow from what it tells anyway.
fn asked(workspace: &Workspace, name: &BackendName) -> Vec<Signal> {
    let asked = workspace.signals.values().filter(|signal| signal.source == *name && !signal.query.derived());
    asked.cloned().collect()
}

/// The longest period of the objectives that rest on each signal.
#[cfg(feature = "http")]
fn periods(workspace: &Workspace) -> BTreeMap<SignalName, Span> {
    let mut longest: BTreeMap<SignalName, Span> = BTreeMap::new();
    for slo in workspace.slos.values() {
        let period = longest.entry(slo.signal.clone()).or_default();
        *period = slo.period.max(*period);
    }
    longest
}

fn one(workspace: &Workspace, spec: &BackendSpec, launcher: Launcher) -> Arc<dyn Backend> {
    let (name, every, root) = (spec.name.clone(), spec.every, workspace.root.clone());
    match &spec.kind {
        BackendKind::Files => Arc::new(FilesBackend::new(name, every)),
        BackendKind::Command(scripts) => Arc::new(CommandBackend::new(name, every, scripts.clone(), root, launcher)),
        BackendKind::Plugin(plugin) => {
            let signals = asked(workspace, &name);
            let places: Vec<_> =
                placed(workspace, &name).map(|(service, at)| (service.name.clone(), at.clone())).collect();
            Arc::new(PluginBackend::new(name, every, plugin.clone(), signals, root, launcher).asked_of(places))
        }
        #[cfg(feature = "http")]
        BackendKind::Prometheus(declared) => {
            let signals = asked(workspace, &name);
            let backend = PrometheusBackend::new(name, every, declared.clone(), signals, root, launcher);
            Arc::new(backend.over(periods(workspace)))
        }
        #[cfg(feature = "http")]
        BackendKind::Alertmanager(declared) => {
            Arc::new(AlertmanagerBackend::new(name, every, declared.clone(), root, launcher))
        }
        #[cfg(feature = "http")]
        BackendKind::ArgoCd(declared) => {
            let scopes = scopes(workspace, &name);
            Arc::new(ArgoCdBackend::new(name, every, declared.clone(), scopes, root, launcher))
        }
        #[cfg(feature = "http")]
        BackendKind::Feed(declared) => Arc::new(FeedBackend::new(name, every, (**declared).clone(), root, launcher)),
        #[cfg(not(feature = "http"))]
        BackendKind::Feed(_) => Arc::new(super::absent::Absent::new(name, every, &[super::Topic::Windows], "http")),
        #[cfg(not(feature = "http"))]
        BackendKind::Prometheus(_) | BackendKind::Alertmanager(_) => {
            let topics = [super::Topic::Signals, super::Topic::Alerts];
            Arc::new(super::absent::Absent::new(name, every, &topics, "http"))
        }
        #[cfg(not(feature = "http"))]
        BackendKind::ArgoCd(_) => {
            let topics = [super::Topic::Deployments, super::Topic::Windows];
            Arc::new(super::absent::Absent::new(name, every, &topics, "http"))
        }
        BackendKind::Probe => {
            let signals = asked(workspace, &name);
            Arc::new(ProbeBackend::new(name, every, signals, root, launcher))
        }
        #[cfg(feature = "kubernetes")]
        BackendKind::Kubernetes(cluster) => {
            let scopes = scopes(workspace, &name);
            Arc::new(super::kubernetes::KubernetesBackend::new(name, every, cluster.clone(), scopes))
        }
        #[cfg(not(feature = "kubernetes"))]
        BackendKind::Kubernetes(_) => {
            Arc::new(super::absent::Absent::new(name, every, &[super::Topic::Deployments], "kubernetes"))
        }
    }
}

/// The services that a backend deploys, each with where.
fn placed<'a>(
    workspace: &'a Workspace,
    name: &'a BackendName,
) -> impl Iterator<Item = (&'a Service, &'a EnvironmentName)> {
    let services = workspace.services.values();
    let each = services.flat_map(|service| service.deployed_by.iter().map(move |(at, by)| (service, at, by)));
    each.filter(move |(.., by)| *by == name).map(|(service, at, _)| (service, at))
}

/// Where each service lies that a backend deploys.
#[cfg(feature = "http")]
fn scopes(workspace: &Workspace, name: &BackendName) -> BTreeMap<crate::domain::observed::Placed, String> {
    let scope = |(service, at): (&Service, &EnvironmentName)| {
        Some(((service.name.clone(), at.clone()), service.scopes.get(at)?.clone()))
    };
    placed(workspace, name).filter_map(scope).collect()
}
