//! The topics that a verb's subject names: what it waits for before it judges.
//!
//! A verb that judges before the first readings have come would judge by other
//! evidence than everyone else. What is still unknown after a while, holds.

use crate::domain::backend::BackendKind;
use crate::domain::catalogue::Service;
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::Observed;
use crate::domain::operation::Verb;
use crate::domain::owner::Owner;
use crate::domain::plan::{Plan, Question, Step, Work};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Level;
use crate::domain::workspace::Workspace;
use crate::engine::{Run, signal};
use crate::runtime::clock::now;
use std::collections::{BTreeMap, BTreeSet};

/// Signals and backends that a judgement rests on; none at first.
#[derive(Default)]
pub struct Topics {
    /// Each with the signal as the plan froze it, which is none where it is not declared.
    signals: BTreeMap<SignalAt, Option<Signal>>,
    /// Those whose readings are saved with a snapshot, and whether each says at once that there is none.
    saved: BTreeMap<SignalAt, bool>,
    backends: BTreeSet<BackendName>,
    /// Those of them that tell of windows.
    windows: BTreeSet<BackendName>,
}

impl Topics {
    /// What a plan names, from its first step to its last.
    pub fn of_plan(workspace: &Workspace, plan: &Plan) -> Self {
        Self::of_steps(workspace, plan, &|_| true)
    }

    /// Every signal that is declared, wherever it is.
    pub fn of_signals(workspace: &Workspace) -> Self {
        let at = |s: &Signal, e: &EnvironmentName| SignalAt { signal: s.name.clone(), environment: e.clone() };
        let all =
            workspace.signals.values().flat_map(|s| s.environments.iter().map(move |e| (at(s, e), Some(s.clone()))));
        let backends = workspace
            .services
            .values()
            .flat_map(|s| s.deployed_by.keys().filter_map(|place| watching(workspace, &s.name, place)));
        Self { signals: all.collect(), backends: backends.collect(), ..Self::default() }
    }

    /// What the steps of a run name that have not ended.
    pub fn of_run(workspace: &Workspace, run: &Run) -> Self {
        Self::of_steps(workspace, &run.plan, &|step| !run.state(&step.name).ended())
    }

    fn of_steps(workspace: &Workspace, plan: &Plan, ahead: &dyn Fn(&Step) -> bool) -> Self {
        let steps = || plan.steps.iter().filter(|step| ahead(step));
        let watched = steps().flat_map(signals).chain(plan.triggers.iter().flat_map(|t| t.signals.clone()));
        let signals = watched.map(|at| (at.clone(), plan.signal(&at).cloned())).collect();
        let targets = steps().filter_map(Step::target);
        let backends: BTreeSet<_> =
            targets.filter_map(|(service, place)| watching(workspace, service, place)).collect();
        let tells = |name: &&BackendName| workspace.backends.get(*name).is_some_and(|spec| spec.kind.windows());
        let windows = backends.iter().filter(tells).cloned().collect();
        let saved = steps().filter_map(snapped).flat_map(|place| measured(workspace, place)).collect();
        let back = plan.triggers.iter().flat_map(|trigger| match &trigger.rolls_back {
            RollsBack::One(service, place) => vec![(service, place)],
            RollsBack::Set => plan.steps.iter().filter_map(Step::target).collect(),
        });
        let holding = back.flat_map(|(service, place)| holding(workspace, service, place));
        let backends = holding.chain(backends).collect();
        Self { signals, saved, backends, windows }
    }

    /// The same, and what is live of a service in an environment, and of what may hold it there.
    pub fn and_live(mut self, workspace: &Workspace, service: &ServiceName, environment: &EnvironmentName) -> Self {
        self.backends.extend(watching(workspace, service, environment));
        self.backends.extend(holding(workspace, service, environment));
        self
    }

    /// Whether every backend has sent its first snapshot and every signal says something, or says why it does not. A
    /// first reading often says nothing yet: rates need two, and some need events. What is only saved needs no more than
    /// one.
    pub fn have_come(&self, observed: &Observed) -> bool {
        let says = |at: &SignalAt, of: &Option<Signal>| signal::judge(observed, of.as_ref(), at, now()).0.level;
        // What follows from one thing that is seen has nothing more to say than why it says nothing.
        let rightly = |at: &SignalAt, of: &Option<Signal>| {
            of.as_ref().is_some_and(|signal| signal.query.tells_at_once())
                && observed.series.get(at).is_some_and(|series| series.fault.is_some())
        };
        let read = |(at, at_once): (&SignalAt, &bool)| {
            observed.series.get(at).is_some_and(|s| s.last().is_some() || (*at_once && s.fault.is_some()))
        };
        let heard = |name| observed.sources.get(name).is_some_and(|source| source.heard.is_some());
        let windows = self.windows.iter().all(|name| observed.windows.contains_key(name));
        // Where versions are counted, that is asked right after the number itself.
        let counted = |at: &SignalAt, of: &Option<Signal>| {
            let counts = of.as_ref().is_some_and(|signal| signal.query.versions().is_some());
            !counts || observed.versions.contains_key(at)
        };
        let counted = self.signals.iter().all(|(at, of)| counted(at, of));
        counted
            && windows
            && self.saved.iter().all(read)
            && self.backends.iter().all(heard)
            && self.signals.iter().all(|(at, of)| says(at, of) != Level::Unknown || rightly(at, of))
    }
}

/// Every signal that a step is judged by.
fn signals(step: &Step) -> Vec<SignalAt> {
    let own = match &step.work {
        Work::Watch { gate, .. } => Some(gate),
        _ => None,
    };
    let evidence = match &step.work {
        Work::Ask(Question::Poll { evidence, .. }) => evidence.as_slice(),
        _ => &[],
    };
    let gates = step.gate.iter().chain(&step.verify).chain(own);
    gates.flat_map(|gate| gate.signals()).chain(evidence).cloned().collect()
}

/// The place of which a step takes a snapshot.
fn snapped(step: &Step) -> Option<(&ServiceName, &EnvironmentName)> {
    step.operation().filter(|operation| operation.verb == Verb::Snapshot)?.target()
}

/// The signals of a place, each with whether it says at once that there is no reading.
fn measured<'a>(
    workspace: &'a Workspace,
    (service, place): (&'a ServiceName, &'a EnvironmentName),
) -> impl Iterator<Item = (SignalAt, bool)> + 'a {
    let here = workspace.signals.values().filter(|s| s.service == *service && s.environments.contains(place));
    here.map(|signal| {
        let at = SignalAt { signal: signal.name.clone(), environment: place.clone() };
        (at, signal.query.tells_at_once())
    })
}

/// The backend that tells what of a service is live somewhere, if one does.
fn watching(workspace: &Workspace, service: &ServiceName, environment: &EnvironmentName) -> Option<BackendName> {
    let name = workspace.services.get(service)?.deployed_by.get(environment)?;
    let declared = workspace.backends.get(name)?;
    declared.kind.tells().then(|| name.clone())
}

/// The backends of everything in an environment that may hold a workload of a cluster, where a service is one: whether
/// its way back would be undone is told by those.
fn holding(workspace: &Workspace, service: &ServiceName, environment: &EnvironmentName) -> BTreeSet<BackendName> {
    let kind = |name: &BackendName| Some(&workspace.backends.get(name)?.kind);
    let by = workspace.services.get(service).and_then(|declared| declared.deployed_by.get(environment));
    if !matches!(by.and_then(kind), Some(BackendKind::Kubernetes(_))) {
        return BTreeSet::new();
    }
    let holds = |other: &Service| {
        let stands_for = Owner::of_scope(kind(other.deployed_by.get(environment)?)?, other.scopes.get(environment)?);
        stands_for.and_then(|_| watching(workspace, &other.name, environment))
    };
    workspace.services.values().filter_map(holds).collect()
}
