//! docs/backends/: the roles that the pages list are what is asked for, no more and no less.

use super::ground::{Watched, back, backend, operation, perform, rolled_sets, soon};
use super::needs::needing;
use super::staged::{self, shopping, steps, underway};
use crate::cluster::Cluster;
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::operation::Verb;
use std::collections::BTreeSet;

/// `verb resource` pairs of the role that a page documents.
fn documented(page: &str) -> BTreeSet<String> {
    let page = format!("{}/docs/backends/{page}.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```yaml\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0);
    let yaml = blocks.filter(|block| block.contains("apiGroups")).collect::<Vec<_>>().join("\n");
    let words = |line: &str| -> Vec<String> { line.split('"').skip(1).step_by(2).map(str::to_owned).collect() };
    let (mut all, mut resources) = (BTreeSet::new(), Vec::new());
    for line in yaml.lines() {
        if line.contains("resources:") {
            resources = words(line);
        } else if line.contains("verbs:") {
            all.extend(words(line).iter().flat_map(|verb| resources.iter().map(move |r| format!("{verb} {r}"))));
        }
    }
    all
}

/// What was asked of the server, as a role writes it.
fn asked(cluster: &Cluster) -> BTreeSet<String> {
    let state = cluster.state();
    let of = |asked: &crate::cluster::Asked| {
        if asked.path.contains("/proxy/") {
            return Some("create services/proxy".to_owned());
        }
        if asked.path.ends_with("/endpointslices") {
            return Some("list endpointslices".to_owned());
        }
        let (_, rest) = asked.path.split_once("/namespaces/payments/")?;
        let words: Vec<&str> = rest.split('/').collect();
        let sub = words.get(2).map(|sub| format!("/{sub}")).unwrap_or_default();
        let verb = match (asked.method.as_str(), words.len()) {
            ("GET", 1) if asked.query.starts_with("watch") => "watch",
            ("GET", 1) => "list",
            ("GET", _) => "get",
            _ => "patch",
        };
        Some(format!("{verb} {}{sub}", words[0]))
    };
    state.asked.iter().filter_map(of).collect()
}

#[tokio::test]
async fn the_documented_role_is_what_is_asked_for() {
    let (cluster, sets) = (needing().await, rolled_sets().await);
    let mut all = BTreeSet::new();
    for (cluster, services) in [(&cluster, &["api"][..]), (&sets, &["db", "agent"][..])] {
        let mut watched = Watched::new(cluster);
        watched.until("life", |w| w.heartbeats >= 1).await;
        for service in services {
            for (verb, args) in [
                (Verb::Snapshot, vec![]),
                (Verb::RollBack, vec![("to", "4.1.9")]),
                (Verb::Scale, vec![("replicas", "3")]),
                (Verb::Restart, vec![]),
            ] {
                let operation = operation(verb, service, &args);
                let _ = backend(cluster).preview(&operation).await;
                let _ = perform(cluster, operation).await;
            }
        }
        all.extend(asked(cluster));
    }
    assert_eq!(all, documented("kubernetes"));
    assert!(perform(&cluster, back("4.1.9")).await.is_ok());
}

/// Everything that is asked of a cluster for one service: watched, previewed, looked over, and done.
async fn all_of(cluster: &Cluster, service: &str, verbs: &[(Verb, &[(&str, &str)])]) -> BTreeSet<String> {
    let backend = staged::backend(cluster);
    let mut watched = Watched::of(&backend);
    watched.until("life", |w| w.heartbeats >= 1).await;
    drop(watched);
    // The watch is of everything that is declared; the rest is of this service alone.
    let watched: BTreeSet<String> = asked(cluster);
    for (verb, args) in verbs {
        let _ = soon(backend.preview(&operation(*verb, service, args))).await;
        let _ = staged::perform(cluster, *verb, service, args).await;
    }
    &asked(cluster) | &watched
}

#[tokio::test]
async fn the_roles_for_rollouts_in_steps_are_what_is_asked_for() {
    let cluster = underway(steps()).await;
    let verbs: [(Verb, &[(&str, &str)]); 7] = [
        (Verb::Promote, &[("step", "2")]),
        (Verb::Pause, &[]),
        (Verb::Resume, &[]),
        (Verb::Abort, &[]),
        (Verb::Scale, &[("replicas", "9")]),
        (Verb::Restart, &[]),
        (Verb::Snapshot, &[]),
    ];
    let rollouts = all_of(&cluster, "web", &verbs).await;
    let cluster = shopping(&["confirm-promotion", "rollback"], "WaitingPromotion").await;
    let verbs: [(Verb, &[(&str, &str)]); 5] = [
        (Verb::Pause, &[]),
        (Verb::Resume, &[]),
        (Verb::Abort, &[]),
        (Verb::RollBack, &[("to", "4.1.9")]),
        (Verb::Restart, &[]),
    ];
    let canaries = all_of(&cluster, "shop", &verbs).await;
    let usual = documented("kubernetes");
    let more: BTreeSet<String> = (&rollouts | &canaries).difference(&usual).cloned().collect();
    assert_eq!(more, &documented("rollouts") | &documented("flagger"));
}

#[tokio::test]
async fn the_role_for_routes_is_what_is_asked_for() {
    let cluster = super::routes::ground().await;
    let rules: &[&[(&str, u64)]] = &[&[("web-stable", 1), ("web-canary", 0)]];
    cluster.put("httproutes", crate::cluster::http_route("web", rules));
    cluster.put("grpcroutes", crate::cluster::grpc_route("web", rules));
    cluster.put("virtualservices", crate::cluster::virtual_service("web", &[&[("v1", 100), ("web-canary", 0)]]));
    for kind in ["httproute", "grpcroute", "virtualservice"] {
        let backend = super::routes::backend(&cluster, &format!("{kind}/web=web-canary"));
        let mut watched = Watched::of(&backend);
        watched.until("life", |w| w.heartbeats >= 1).await;
        let shift = operation(Verb::Shift, "web", &[("weight", "25")]);
        let _ = soon(backend.preview(&shift)).await;
        let _ = soon(backend.perform(shift, crate::support::key(), crate::support::sink(None).0)).await;
    }
    let more: BTreeSet<String> = asked(&cluster).difference(&documented("kubernetes")).cloned().collect();
    assert_eq!(more, documented("routes"));
}
