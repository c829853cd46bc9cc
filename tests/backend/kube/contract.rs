//! What holds for every backend, held to a cluster (`tests/backend/contract.rs` has the others,
//! `flagger_contract` what Flagger leads).

use super::ground::{applied, back, backend, operation, other_key, perform, placed, rolled, set_image, settled, soon};
use super::staged;
use crate::cluster::{Cluster, Does, http_route};
use crate::support::{key, launcher, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Topic, registry};
use holdpoint::domain::backend::{BackendKind, BackendSpec, KubernetesSpec};
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;

/// An operation by each verb that can be done to `api`, which is 4.2.0, or to `web`, which is on its way.
fn each(verb: Verb) -> Operation {
    let args: &[(&str, &str)] = match verb {
        Verb::Deploy => &[("version", "4.3.0")],
        Verb::RollBack => &[("to", "4.1.9")],
        Verb::Scale => &[("replicas", "3")],
        Verb::Promote => &[("step", "2")],
        Verb::Shift => &[("weight", "25")],
        _ => &[],
    };
    let service = match verb {
        Verb::Promote | Verb::Abort => "web",
        Verb::Shift => "cart",
        _ => "api",
    };
    operation(verb, service, args)
}

/// The backend of services that each verb can be done to, and what they need.
fn whole(cluster: &Cluster) -> KubernetesBackend {
    cluster.put("httproutes", http_route("cart", &[&[("cart", 1), ("cart-canary", 0)]]));
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    let at = |service: &str, scope: &str| ((service.into(), "prod".into()), scope.to_owned());
    let scopes = [
        at("web", "payments/rollout/web#web"),
        at("api", "payments/deployment/api#api"),
        at("cart", "payments/deployment/api#api>httproute/cart=cart-canary"),
    ];
    KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes.into())
}

#[tokio::test]
async fn the_manifest_is_what_it_does() {
    let cluster = rolled().await;
    staged::add(&cluster, "web", staged::steps()).await;
    let backend = whole(&cluster);
    for verb in Verb::ALL {
        let offered = backend.manifest().verbs.contains_key(&verb);
        assert_eq!(BackendKind::Kubernetes(KubernetesSpec::default()).offer(verb).is_some(), offered, "{verb}");
        let mut wish = each(verb);
        if verb == Verb::Mend {
            set_image(&cluster, "deployments", "api", "reg.example/api:hotfix");
            settled(&cluster, "deployments", "api").await;
            applied(&cluster, "deployments", "api");
            wish.args.extend(
                soon(backend.drift(&placed("api")))
                    .await
                    .unwrap()
                    .mend
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
        }
        let preview = soon(backend.preview(&wish)).await;
        let done = soon(backend.perform(wish, other_key(), sink(None).0)).await;
        if offered {
            assert_eq!(preview.unwrap().obstacles, [""; 0], "{verb}");
            assert!(matches!(done, Ok(Done::Whole(_))), "{verb}: {done:?}");
        } else {
            assert!(matches!(preview, Err(Fault::Cannot(..))), "{verb}");
            assert!(matches!(&done, Err(f @ Fault::Cannot(..)) if f.certainty() == Certainty::NotDone), "{verb}");
        }
        if verb == Verb::Pause {
            cluster
                .change("deployments", "api", |object| drop(object["spec"].as_object_mut().unwrap().remove("paused")));
        }
    }
}

#[tokio::test]
async fn topics_begin_with_a_snapshot_or_end_with_a_fault() {
    let cluster = rolled().await;
    let backend = backend(&cluster);
    for topic in Topic::ALL {
        for _ in 0..2 {
            let mut watch = backend.watch(topic);
            let first = soon(watch.next()).await.unwrap();
            match backend.manifest().topics.contains(&topic) {
                true => assert!(matches!(first, Ok(Observation::Deployments(_)))),
                false => {
                    assert!(matches!(first, Err(Fault::Cannot(..))));
                    assert!(soon(watch.next()).await.is_none());
                }
            }
        }
    }
}

#[tokio::test]
async fn previews_and_probes_send_nothing_and_a_call_that_nobody_waits_for_is_not_made() {
    let cluster = rolled().await;
    staged::add(&cluster, "web", staged::steps()).await;
    let backend = whole(&cluster);
    for verb in backend.manifest().verbs.keys() {
        soon(backend.preview(&each(*verb))).await.unwrap();
        soon(backend.probe(&each(*verb), key())).await.unwrap();
        drop(backend.perform(each(*verb), key(), sink(None).0));
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn a_call_that_is_dropped_can_be_probed() {
    let cluster = rolled().await;
    cluster.state().controllers = false;
    let performing = tokio::spawn(backend(&cluster).perform(back("4.1.9"), key(), sink(None).0));
    until("it was sent", || cluster.mutations().len() == 1).await;
    performing.abort();
    let found = soon(backend(&cluster).probe(&back("4.1.9"), key())).await.unwrap();
    assert!(matches!(found, Found::Unknown { .. }), "{found:?}");
    cluster.state().controllers = true;
    super::ground::settled(&cluster, "deployments", "api").await;
    let found = soon(backend(&cluster).probe(&back("4.1.9"), key())).await.unwrap();
    assert!(matches!(found, Found::Applied(_)), "{found:?}");
}

#[tokio::test]
async fn it_is_opened_as_declared_and_reaches_nothing_by_that() {
    let cluster = Cluster::start();
    let kind = BackendKind::Kubernetes(KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..Default::default() });
    let spec = BackendSpec { name: "eu".into(), every: Span::secs(1), kind };
    let workspace = Workspace { backends: [("eu".into(), spec)].into(), ..Workspace::default() };
    let all = registry::open(&workspace, launcher());
    assert_eq!(all["eu"].manifest().name, "eu".into());
    assert!(cluster.state().asked.is_empty());
    // Nothing lies there: that it answers is all there is to hear.
    let mut watch = all["eu"].watch(Topic::Deployments);
    assert_eq!(soon(watch.next()).await, Some(Ok(Observation::Deployments(Vec::new()))));
    assert_eq!(soon(watch.next()).await, Some(Ok(Observation::Heartbeat)));
    cluster.fault("GET", "/version", Does::Status(403), 9);
    assert!(soon(watch.next()).await.unwrap().is_err());
    assert!(perform(&cluster, back("1")).await.is_err());
}
