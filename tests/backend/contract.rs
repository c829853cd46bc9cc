//! What holds for every backend: what its manifest says is what it does. The two plugins that ship are held to it as
//! any other; clusters, canaries and Argo CD have the same beside their servers (`kube`, `argocd`).

mod shipped;

use crate::fake::{Takes, fake};
use crate::support::{Place, alive, deploy, key, launcher, pid, script, served, serves, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::plugin::trust;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Topic, registry};
use holdpoint::domain::alert::AlertLabels;
use holdpoint::domain::backend::{AlertmanagerSpec, BackendKind, BackendSpec, Granted, PluginSpec, PrometheusSpec};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::signal::{Bad, Query, Signal, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use std::sync::Arc;
use std::time::Duration;

/// The same scripts as in `place`, as a file of a workspace that is served over the wire.
pub fn scripts() -> String {
    let backends = r#"[backends.routers]
kind = "command"
every = "100ms"
status = { argv = ["./status"] }
probe = { argv = ["./probe", "{key}"] }
[backends.routers.verbs.deploy]
argv = ["scripts/deploy", "{service}", "{environment}", "{version}"]
"#;
    served("eu-west", backends)
}

/// A plugin that serves those scripts, as `holdpoint serve-plugin`, pinned as it is.
fn scripts_served(place: &Place) -> PluginSpec {
    std::fs::write(place.file("holdpoint.toml"), scripts()).unwrap();
    trust::trust(&place.root(), &launcher().program.display().to_string()).unwrap();
    let granted = |verb| (verb, Granted { limit: Span::secs(20), idempotent: false });
    PluginSpec {
        argv: serves(&place.root(), "routers"),
        config: "{}".to_owned(),
        deployments: true,
        probes: true,
        verbs: [granted(Verb::Deploy), granted(Verb::Run)].into(),
        ..PluginSpec::default()
    }
}

/// The same of an Alertmanager, whose alerts go over the wire.
fn alerts_served(place: &Place, url: &str) -> PluginSpec {
    let file = place.file("alerts/holdpoint.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let declared = format!("[backends.am]\nkind = \"alertmanager\"\nevery = \"100ms\"\nurl = \"{url}\"\n");
    std::fs::write(&file, served("eu-west", &declared)).unwrap();
    PluginSpec {
        argv: serves(&place.file("alerts"), "am"),
        config: "{}".to_owned(),
        alerts: true,
        ..PluginSpec::default()
    }
}

/// A workspace with one backend of each kind that needs nothing but this machine. The scripts leave a
/// trace whenever they are started.
fn place() -> (Place, Workspace) {
    let mut place =
        Place::new().deploys("echo started >> trace; echo $$ > deploy.pid; [ -e hang ] && exec sleep 60; echo ok");
    place.script("status", "#!/bin/sh\necho '{\"deployments\":[]}'\n");
    place.script(
        "probe",
        "#!/bin/sh\ngrep -q \"$1\" applied && echo '{\"found\":\"applied\"}' || echo '{\"found\":\"unknown\"}'\n",
    );
    (place.spec.status, place.spec.probe) = (Some(script(&["./status"])), Some(script(&["./probe", "{key}"])));
    let spec = |name: &str, kind| (name.into(), BackendSpec { name: name.into(), every: Span::millis(100), kind });
    let signal = Signal {
        name: "s".into(),
        title: String::new(),
        service: "payments".into(),
        environments: vec!["eu-west".into()],
        source: "metrics".into(),
        query: Query::Command { argv: vec!["true".into()] },
        unit: Unit::Count,
        bad: Bad::Below,
        warn: None,
        fail: None,
        hold_for: Span::ZERO,
        min_events: 0,
        // An answer may take twice as long.
        every: Span::secs(2),
    };
    let query = Query::Prometheus { expr: "x".into(), events: None, stale: None, baseline: None, versions: None };
    let asked = Signal { name: "p".into(), source: "prometheus".into(), query, ..signal.clone() };
    let query = Query::Plugin { ask: "load".to_owned() };
    let load = Signal { name: "l".into(), source: "checks".into(), query, ..signal.clone() };
    let (server, _) = fake(Takes::Well);
    let wired = alerts_served(&place, &server.url(""));
    let endpoint = Endpoint { url: server.url(""), ..Endpoint::default() };
    let prometheus = PrometheusSpec { endpoint: endpoint.clone(), alerts: Some(AlertLabels::default()) };
    let alertmanager = AlertmanagerSpec { endpoint, longest: Span::mins(5), ..AlertmanagerSpec::default() };
    // A busy machine may take its time to start a program; after five intervals it would be called silent.
    let patient = |name: &str, kind| (name.into(), BackendSpec { name: name.into(), every: Span::secs(5), kind });
    let workspace = Workspace {
        root: place.root(),
        backends: [
            spec("routers", BackendKind::Command(place.spec.clone())),
            spec("metrics", BackendKind::Probe),
            patient("wire", BackendKind::Plugin(scripts_served(&place))),
            patient("wire-alerts", BackendKind::Plugin(wired)),
            patient("checks", BackendKind::Plugin(shipped::checks(&place))),
            patient("units", BackendKind::Plugin(shipped::units(&place))),
            spec("prometheus", BackendKind::Prometheus(prometheus)),
            spec("alertmanager", BackendKind::Alertmanager(alertmanager)),
        ]
        .into(),
        signals: [("s".into(), signal), ("p".into(), asked), ("l".into(), load)].into(),
        ..Workspace::default()
    };
    (place, workspace)
}

fn every_backend(workspace: &Workspace) -> Vec<Arc<dyn Backend>> {
    let all = registry::open(workspace, launcher());
    assert_eq!(
        all.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["alertmanager", "checks", "files", "metrics", "prometheus", "routers", "units", "wire", "wire-alerts"]
    );
    assert!(all.iter().all(|(name, backend)| backend.manifest().name == *name));
    all.into_values().collect()
}

fn deploys(backend: &Arc<dyn Backend>) -> bool {
    backend.manifest().verbs.contains_key(&Verb::Deploy)
}

/// What a probe finds, asked again as long as it is unknown for such a reason.
async fn found(backend: &Arc<dyn Backend>, again: impl Fn(&str) -> bool) -> Found {
    soon(async {
        loop {
            match backend.probe(&deploy(), key()).await.unwrap() {
                Found::Unknown { why } if again(&why) => tokio::time::sleep(Duration::from_millis(50)).await,
                found => return found,
            }
        }
    })
    .await
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.unwrap()
}

#[tokio::test]
async fn a_verb_that_is_not_in_the_manifest_cannot_be_had_and_starts_nothing() {
    let (place, workspace) = place();
    for backend in every_backend(&workspace) {
        let manifest = backend.manifest().clone();
        for verb in Verb::ALL.into_iter().filter(|verb| !manifest.verbs.contains_key(verb)) {
            let operation = Operation { verb, ..deploy() };
            let done = soon(backend.perform(operation.clone(), key(), sink(None).0)).await;
            assert!(
                matches!(&done, Err(fault @ Fault::Cannot(name, _)) if *name == manifest.name && fault.certainty() == Certainty::NotDone),
                "{verb}: {done:?}"
            );
            let preview = soon(backend.preview(&operation)).await;
            assert!(matches!(preview, Err(Fault::Cannot(..))), "{verb}: {preview:?}");
        }
    }
    assert!(!place.file("trace").exists());
}

#[tokio::test]
async fn a_verb_that_is_in_the_manifest_can_be_had() {
    let (_place, workspace) = place();
    for backend in every_backend(&workspace) {
        for (seq, verb) in (500..).zip(backend.manifest().verbs.clone().into_keys()) {
            let argv = if verb == Verb::Run { vec!["true".to_owned()] } else { Vec::new() };
            let mut operation = Operation { verb, argv, ..deploy() };
            if verb == Verb::Silence {
                operation.args = [("duration", "1m"), ("alert", "A")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
            }
            if verb == Verb::RollBack {
                operation.args = [("to".to_owned(), "4.1.9".to_owned())].into();
            }
            assert!(soon(backend.preview(&operation)).await.unwrap().obstacles.is_empty());
            let done = soon(backend.perform(operation, Key { seq, ..key() }, sink(None).0)).await;
            assert!(matches!(done, Ok(Done::Whole(_))), "{verb}: {done:?}");
        }
    }
}

#[tokio::test]
async fn a_topic_that_is_not_offered_ends_with_a_fault() {
    let (_place, workspace) = place();
    for backend in every_backend(&workspace) {
        for topic in Topic::ALL.into_iter().filter(|topic| !backend.manifest().topics.contains(topic)) {
            let mut watch = backend.watch(topic);
            assert!(matches!(soon(watch.next()).await, Some(Err(Fault::Cannot(..)))));
            assert!(soon(watch.next()).await.is_none());
        }
    }
}

#[tokio::test]
async fn a_topic_that_is_offered_begins_with_a_snapshot_and_goes_on() {
    let (_place, workspace) = place();
    let mut topics = 0;
    for backend in every_backend(&workspace) {
        for topic in backend.manifest().topics.clone() {
            topics += 1;
            // Twice: each watch begins anew.
            for _ in 0..2 {
                let mut watch = backend.watch(topic);
                let first = soon(watch.next()).await.unwrap().unwrap();
                match topic {
                    Topic::Deployments => assert!(matches!(first, Observation::Deployments(_))),
                    Topic::Approvals => assert!(matches!(first, Observation::Approvals(_))),
                    Topic::Alerts => assert!(matches!(first, Observation::Alerts(_))),
                    // Signals have no state to be swapped in; their first reading is it.
                    Topic::Signals => assert!(matches!(first, Observation::Reading(..))),
                    Topic::Windows => assert!(matches!(first, Observation::Windows(_))),
                }
                soon(watch.next()).await.unwrap().unwrap();
            }
        }
    }
    assert_eq!(topics, 10);
}

#[tokio::test]
async fn what_is_performed_is_sent_once_and_a_preview_or_probe_sends_nothing() {
    let (place, workspace) = place();
    for backend in every_backend(&workspace).iter().filter(|b| b.manifest().verbs.contains_key(&Verb::Deploy)) {
        soon(backend.preview(&deploy())).await.unwrap();
        soon(backend.probe(&deploy(), key())).await.unwrap();
        // A call that nobody waits for is not made.
        drop(backend.perform(deploy(), key(), sink(None).0));
        assert!(!place.file("trace").exists());
        soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap();
        assert_eq!(std::fs::read_to_string(place.file("trace")).unwrap(), "started\n");
        std::fs::remove_file(place.file("trace")).unwrap();
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_is_killed_and_can_be_probed() {
    let (place, workspace) = place();
    std::fs::write(place.file("hang"), "").unwrap();
    for backend in every_backend(&workspace).into_iter().filter(|b| deploys(b) && b.manifest().probes) {
        std::fs::write(place.file("applied"), "").unwrap();
        let performing = tokio::spawn(backend.perform(deploy(), key(), sink(None).0));
        let process = pid(&place.file("deploy.pid")).await;
        performing.abort();
        until("the script is gone", || !alive(process)).await;
        std::fs::remove_file(place.file("deploy.pid")).unwrap();
        // Once it has been given up it is not known any more than while it was under way.
        let found = found(&backend, |why| why.contains("under way")).await;
        assert!(matches!(found, Found::Unknown { .. }), "{found:?}");
        std::fs::write(place.file("applied"), key().to_string()).unwrap();
        // Where something has to stay up for a while that is not known at once.
        let found = self::found(&backend, |_| true).await;
        assert!(matches!(found, Found::Applied(_)), "{found:?}");
    }
}

#[tokio::test]
async fn one_that_does_not_probe_never_claims_to_know() {
    let (_place, workspace) = place();
    for backend in every_backend(&workspace).into_iter().filter(|b| !b.manifest().probes) {
        let found = soon(backend.probe(&deploy(), key())).await;
        assert!(matches!(found, Ok(Found::Unknown { .. }) | Err(Fault::Cannot(..))), "{found:?}");
    }
}
