//! docs/backends/kubernetes.md: the role that it lists is what is asked for, no more and no less.

use super::ground::{Watched, back, backend, operation, perform, rolled, rolled_sets};
use crate::cluster::Cluster;
use holdpoint::backend::Backend;
use holdpoint::domain::operation::Verb;
use std::collections::BTreeSet;

/// `verb resource` pairs of the documented role.
fn documented() -> BTreeSet<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backends/kubernetes.md");
    let page = std::fs::read_to_string(page).unwrap();
    let yaml = page.split_once("```yaml\n").unwrap().1.split_once("\n```").unwrap().0;
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
    let (cluster, sets) = (rolled().await, rolled_sets().await);
    let mut all = BTreeSet::new();
    for (cluster, services) in [(&cluster, &["api"][..]), (&sets, &["db", "agent"][..])] {
        let mut watched = Watched::new(cluster);
        watched.until("life", |w| w.heartbeats >= 1).await;
        for service in services {
            for (verb, args) in [
                (Verb::Snapshot, vec![]),
                (Verb::RollBack, vec![("to", "4.1.9")]),
                (Verb::Scale, vec![("replicas", "3")]),
            ] {
                let operation = operation(verb, service, &args);
                let _ = backend(cluster).preview(&operation).await;
                let _ = perform(cluster, operation).await;
            }
        }
        all.extend(asked(cluster));
    }
    assert_eq!(all, documented());
    assert!(perform(&cluster, back("4.1.9")).await.is_ok());
}
