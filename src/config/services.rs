//! `services.toml` and `signals.toml` resolved against the workspace.
//!
//! Every reference is checked; what is wrong is said and left out.

use super::doc::Doc;
use super::raw::{services as raw, signals};
use super::tree::Step::{Index, Key};
use crate::domain::backend::BackendKind;
use crate::domain::catalogue::{AfterRollback, Reversible, Service};
use crate::domain::name::{BackendName, EnvironmentName, RoleName, ServiceName, SignalName};
use crate::domain::signal::{Bad, Compute, Query, Signal, Unit};
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;

/// Resolves the catalogue into the workspace.
pub fn services(doc: &Doc, file: raw::File, workspace: &mut Workspace) {
    let names: Vec<String> = file.services.keys().cloned().collect();
    let all = || names.iter().map(String::as_str);
    for (name, service) in file.services {
        let path = |field| [Key("services"), Key(name.as_str()), Key(field)];
        doc.name(&[Key("services"), Key(&name)], &name, false);
        let roles = || workspace.roles.keys().map(RoleName::as_str);
        if let Some(owner) = &service.owner {
            doc.refer(&path("owner"), "role", owner, roles());
        }
        for (n, need) in service.depends_on.iter().enumerate() {
            doc.refer(&[path("depends_on").as_slice(), &[Index(n)]].concat(), "service", need, all());
        }
        for (environment, backend) in &service.deployed_by {
            let path = [path("deployed_by").as_slice(), &[Key(environment)]].concat();
            doc.refer(&path, "environment", environment, workspace.environments.keys().map(EnvironmentName::as_str));
            doc.refer(&path, "backend", backend, workspace.backends.keys().map(BackendName::as_str));
        }
        let after = service.after_rollback.into_iter().enumerate().map(|(n, after)| {
            let within = |field| [path("after_rollback").as_slice(), &[Index(n), Key(field)]].concat();
            if let Some(owner) = &after.owner {
                doc.refer(&within("owner"), "role", owner, roles());
            }
            AfterRollback {
                title: after.title,
                owner: after.owner.map(RoleName::new),
                argv: after.argv,
                limit: doc.span(&within("limit"), after.limit.as_ref(), Span::mins(10)),
            }
        });
        let resolved = Service {
            name: ServiceName::new(&name),
            title: service.title.unwrap_or_else(|| name.clone()),
            owner: service.owner.map(RoleName::new),
            tier: service.tier,
            depends_on: service.depends_on.into_iter().map(ServiceName::new).collect(),
            contacts: service.contacts,
            links: service.links,
            deployed_by: service
                .deployed_by
                .into_iter()
                .map(|(e, b)| (EnvironmentName::new(e), BackendName::new(b)))
                .collect(),
            after_rollback: after.collect(),
            reversible: service
                .reversible
                .into_iter()
                .map(|(version, r)| (version, Reversible { ok: r.ok, note: r.note }))
                .collect(),
        };
        workspace.services.insert(resolved.name.clone(), resolved);
    }
    let cycle = super::graph::cycle(
        workspace.services.values().map(|s| (s.name.as_str(), s.depends_on.iter().map(ServiceName::as_str).collect())),
    );
    if let Some(cycle) = cycle {
        let first = cycle.first().copied().unwrap_or_default();
        doc.say(
            &[Key("services"), Key(first), Key("depends_on")],
            format!("services need each other: {}", cycle.join(" needs ")),
        );
    }
}

/// Resolves the signals into the workspace.
pub fn signals(doc: &Doc, file: signals::File, workspace: &mut Workspace) {
    for (name, signal) in file.signals {
        let path = |field| [Key("signals"), Key(name.as_str()), Key(field)];
        doc.name(&[Key("signals"), Key(&name)], &name, false);
        doc.refer(&path("service"), "service", &signal.service, workspace.services.keys().map(ServiceName::as_str));
        for (n, environment) in signal.environments.iter().enumerate() {
            let path = [path("environments").as_slice(), &[Index(n)]].concat();
            doc.refer(&path, "environment", environment, workspace.environments.keys().map(EnvironmentName::as_str));
        }
        let source = workspace.backends.get(signal.source.as_str());
        match source.map(|b| &b.kind) {
            None => drop(doc.refer(
                &path("source"),
                "backend",
                &signal.source,
                workspace.backends.keys().map(BackendName::as_str),
            )),
            Some(BackendKind::Probe) => {}
            Some(_) => doc.say(&path("source"), format!("{} is no backend of kind probe", signal.source)),
        }
        let usual = source.map_or(Span::secs(10), |b| b.every);
        let wrong_side = match (signal.bad, signal.warn, signal.fail) {
            (signals::Bad::Above, Some(warn), Some(fail)) => warn > fail,
            (signals::Bad::Below, Some(warn), Some(fail)) => warn < fail,
            _ => false,
        };
        if wrong_side {
            doc.say(&path("warn"), "would fail before it warns");
        }
        let resolved = Signal {
            name: SignalName::new(&name),
            title: signal.title.unwrap_or_else(|| name.replace('-', " ")),
            service: ServiceName::new(signal.service),
            environments: signal.environments.into_iter().map(EnvironmentName::new).collect(),
            source: BackendName::new(signal.source),
            query: query(doc, &path("query"), signal.query),
            unit: match signal.unit {
                signals::Unit::Ratio => Unit::Ratio,
                signals::Unit::Seconds => Unit::Seconds,
                signals::Unit::Bytes => Unit::Bytes,
                signals::Unit::PerSecond => Unit::PerSecond,
                signals::Unit::Count => Unit::Count,
            },
            bad: match signal.bad {
                signals::Bad::Above => Bad::Above,
                signals::Bad::Below => Bad::Below,
            },
            warn: signal.warn,
            fail: signal.fail,
            hold_for: doc.span(&path("for"), signal.hold_for.as_ref(), Span::ZERO),
            min_events: signal.min_events,
            every: doc.span(&path("every"), signal.every.as_ref(), usual),
        };
        workspace.signals.insert(resolved.name.clone(), resolved);
    }
}

fn query(doc: &Doc, path: &[super::tree::Step<'_>], query: signals::Query) -> Query {
    match query {
        signals::Query::Http { url, status, body, latency } => Query::Http { url, status, body, latency },
        signals::Query::Tcp { address } => Query::Tcp { address },
        signals::Query::Command { argv } => {
            if argv.first().is_none_or(String::is_empty) {
                doc.say(&[path, &[Key("argv")]].concat(), "names no program");
            }
            Query::Command { argv }
        }
        signals::Query::Scrape { url, compute } => {
            let compute = match compute {
                signals::Compute::Gauge { metric } => Compute::Gauge { metric },
                signals::Compute::Rate { metric } => Compute::Rate { metric },
                signals::Compute::Ratio { part, whole } => Compute::Ratio { part, whole },
                signals::Compute::Quantile { metric, q } => {
                    if !(0.0..=1.0).contains(&q) {
                        doc.say(
                            &[path, &[Key("compute"), Key("q")]].concat(),
                            format!("{q} is no quantile between 0 and 1"),
                        );
                    }
                    Compute::Quantile { metric, q }
                }
            };
            Query::Scrape { url, compute }
        }
    }
}
