//! What another writes between our look and our request: what its controller writes every moment refuses
//! nothing, a change of what it was decided on does.

use super::ground::{NEW, image, operation, perform, rolled, rolled_sets};
use crate::cluster::{Cluster, Does, daemon_set, deployment, stateful_set};
use crate::support::until;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use futures_util::future::join;
use futures_util::stream;
use holdpoint::backend::{Certainty, Done};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use serde_json::{Value, json};
use std::time::Duration;

/// A workload and a verb of it.
#[derive(Clone, Copy, Debug)]
struct Case {
    resource: &'static str,
    name: &'static str,
    verb: Verb,
    args: &'static [(&'static str, &'static str)],
}

/// A verb with its arguments.
type Wish = (Verb, &'static [(&'static str, &'static str)]);

fn cases() -> Vec<Case> {
    let of = |resource, name, verbs: &[Wish]| {
        verbs.iter().map(move |(verb, args)| Case { resource, name, verb: *verb, args }).collect::<Vec<_>>()
    };
    let back: Wish = (Verb::RollBack, &[("to", "4.1.9")]);
    let deploy: Wish = (Verb::Deploy, &[("version", "4.3.0")]);
    let scale: Wish = (Verb::Scale, &[("replicas", "3")]);
    let [restart, pause, resume]: [Wish; 3] = [(Verb::Restart, &[]), (Verb::Pause, &[]), (Verb::Resume, &[])];
    [
        of("deployments", "api", &[back, deploy, scale, restart, pause, resume]),
        of("statefulsets", "db", &[back, deploy, scale, restart]),
        of("daemonsets", "agent", &[back, deploy, restart]),
    ]
    .concat()
}

/// Does it while another changes something between our look and our request.
async fn meanwhile<T>(cluster: &Cluster, resource: &str, doing: impl Future<Output = T>, other: impl FnOnce()) -> T {
    let kept = if resource == "deployments" { "/replicasets" } else { "/controllerrevisions" };
    cluster.state().asked.clear();
    cluster.fault("GET", kept, Does::Slow(Duration::from_secs(3)), 1);
    let looked = || cluster.state().asked.iter().any(|asked| asked.path.ends_with(kept));
    let other = async {
        until("it has been looked at", looked).await;
        other();
    };
    join(doing, other).await.0
}

async fn beside(case: Case, other: impl Fn(&mut Value)) -> Result<Done, String> {
    let Case { resource, name, verb, args } = case;
    let cluster = if resource == "deployments" { rolled().await } else { rolled_sets().await };
    if verb == Verb::Resume {
        cluster.change(resource, name, |object| object["spec"]["paused"] = true.into());
    }
    // So many at once take their time.
    let operation = Operation { limit: Span::secs(60), ..operation(verb, name, args) };
    let doing = perform(&cluster, operation);
    let ended = meanwhile(&cluster, resource, doing, || cluster.change(resource, name, other)).await;
    ended.map_err(|fault| {
        assert_eq!(fault.certainty(), Certainty::NotDone, "{case:?}: {fault}");
        assert_eq!(cluster.mutations().len(), 1, "{case:?}: {fault}");
        fault.to_string()
    })
}

/// The same of every kind and verb.
async fn each(other: impl Fn(Case, &mut Value) + Copy) -> Vec<(Case, Result<Done, String>)> {
    let each =
        stream::iter(cases()).map(|case| async move { (case, beside(case, |object| other(case, object)).await) });
    // Every one has a cluster of its own, or two.
    each.buffer_unordered(2).collect().await
}

#[tokio::test]
async fn what_its_controller_writes_every_moment_refuses_nothing() {
    let ended = each(|case, object| {
        object["status"]["collisionCount"] = 7.into();
        if case.resource == "deployments" {
            object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "9".into();
        }
    });
    for (case, ended) in ended.await {
        assert!(matches!(ended, Ok(Done::Whole(_))), "{case:?}: {ended:?}");
    }
}

#[tokio::test]
async fn a_change_of_what_it_was_decided_on_refuses_all() {
    let ended = each(|case, object| match case.verb {
        Verb::Scale => object["spec"]["replicas"] = 5.into(),
        _ => object["spec"]["template"]["spec"]["containers"][0]["image"] = "reg.example/api:5.0.0".into(),
    });
    for (case, ended) in ended.await {
        let said = ended.expect_err(&format!("{case:?}"));
        assert!(said.contains("422") && said.contains("somebody changed it meanwhile"), "{case:?}: {said}");
    }
}

/// Deleted and made anew by another: the same name, and maybe the same generation.
#[tokio::test]
async fn another_of_the_same_name_is_not_changed() {
    let cluster = Cluster::start();
    cluster.state().controllers = false;
    for (resource, name, object) in [
        ("deployments", "api", deployment("api", NEW, 2)),
        ("statefulsets", "db", stateful_set("db", NEW, 2)),
        ("daemonsets", "agent", daemon_set("agent", NEW)),
    ] {
        for (verb, args) in [(Verb::Deploy, &[("version", "4.3.0")][..]), (Verb::Restart, &[])] {
            cluster.put(resource, object.clone());
            let anew = || {
                cluster.remove(resource, name);
                cluster.put(resource, object.clone());
            };
            let ended = meanwhile(&cluster, resource, perform(&cluster, operation(verb, name, args)), anew).await;
            let fault = ended.unwrap_err();
            assert_eq!(fault.certainty(), Certainty::NotDone, "{resource} {verb}: {fault}");
            assert_eq!(cluster.get(resource, name).unwrap()["metadata"]["generation"], 1, "{resource} {verb}");
            cluster.remove(resource, name);
        }
    }
}

/// Where there were no annotations the whole map is written: what came into it meanwhile is not taken away.
#[tokio::test]
async fn an_annotation_that_came_meanwhile_is_kept() {
    let cluster = rolled_sets().await;
    let bare = |set: &mut Value| drop(set["metadata"].as_object_mut().unwrap().remove("annotations"));
    for (resource, name) in [("statefulsets", "db"), ("daemonsets", "agent")] {
        cluster.change(resource, name, bare);
        let note = |set: &mut Value| set["metadata"]["annotations"] = json!({ "team": "payments" });
        let doing = perform(&cluster, operation(Verb::RollBack, name, &[("to", "4.1.9")]));
        let ended = meanwhile(&cluster, resource, doing, || cluster.change(resource, name, note)).await;
        let fault = ended.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
        let set = cluster.get(resource, name).unwrap();
        assert_eq!(set["metadata"]["annotations"]["team"], "payments");
        assert_eq!(image(&cluster, resource, name), NEW);
    }
}

#[tokio::test]
async fn what_is_scaled_to_nothing_is_scaled_up_again_unless_somebody_has() {
    let cluster = rolled().await;
    let replicas = |n: u64| cluster.change("deployments", "api", |api| api["spec"]["replicas"] = n.into());
    let up = || perform(&cluster, operation(Verb::Scale, "api", &[("replicas", "2")]));
    replicas(0);
    up().await.unwrap();
    replicas(0);
    let ended = meanwhile(&cluster, "deployments", up(), || replicas(7)).await;
    assert!(ended.unwrap_err().to_string().contains("422"));
    assert_eq!(cluster.get("deployments", "api").unwrap()["spec"]["replicas"], 7);
}
