//! Traffic given by hand: sent once, locked, read back until the gateways have it, and found again.

use super::ground::{operation, other_key, soon};
use super::kubectl::kubectl;
use super::routes::{backend, ground};
use crate::cluster::{Cluster, Does, Gateway, State, canary, http_route, rollout, virtual_service};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::{Found, Preview, Receipt};
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

const ROUTE: &str = "httproute/web=web-canary";
const TWO: &[&[(&str, u64)]] =
    &[&[("web-stable", 9), ("web-canary", 1)], &[("other", 1)], &[("web-canary", 0), ("web-stable", 5)]];

/// `web` with a route whose gateways have taken it.
async fn routed() -> Cluster {
    let cluster = ground().await;
    cluster.put("httproutes", http_route("web", TWO));
    taken(&cluster).await;
    cluster
}

async fn taken(cluster: &Cluster) {
    let is = || {
        cluster.get("httproutes", "web").is_some_and(|route| {
            route["status"]["parents"][0]["conditions"][0]["observedGeneration"] == route["metadata"]["generation"]
        })
    };
    crate::support::until("a gateway has taken it", is).await;
}

fn weights(cluster: &Cluster) -> Vec<Vec<u64>> {
    let route = cluster.get("httproutes", "web").unwrap();
    let of =
        |rule: &Value| rule["backendRefs"].as_array().unwrap().iter().map(|b| b["weight"].as_u64().unwrap()).collect();
    route["spec"]["rules"].as_array().unwrap().iter().map(of).collect()
}

fn shift(weight: &str) -> Operation {
    operation(Verb::Shift, "web", &[("weight", weight)])
}

fn abort(args: &[(&str, &str)]) -> Operation {
    operation(Verb::Abort, "web", args)
}

async fn send(backend: &KubernetesBackend, what: Operation) -> Result<Done, Fault> {
    soon(backend.perform(what, key(), sink(None).0)).await
}

async fn done(backend: &KubernetesBackend, what: Operation) -> Receipt {
    match send(backend, what).await {
        Ok(Done::Whole(receipt)) => receipt,
        other => panic!("{other:?}"),
    }
}

async fn refused(backend: &KubernetesBackend, what: Operation) -> String {
    match send(backend, what).await {
        Err(Fault::Refused { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

async fn lost(backend: &KubernetesBackend, what: Operation) -> String {
    match send(backend, what).await {
        Err(Fault::Lost { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

async fn previewed(backend: &KubernetesBackend, what: Operation) -> Preview {
    soon(backend.preview(&what)).await.unwrap()
}

async fn probed(backend: &KubernetesBackend, what: &Operation) -> Found {
    soon(backend.probe(what, key())).await.unwrap()
}

#[tokio::test]
async fn whether_traffic_may_be_moved_is_not_known_where_the_api_does_not_say() {
    let cluster = routed().await;
    cluster.fault("POST", "selfsubjectaccessreviews", Does::Status(503), u32::MAX);
    let preview = previewed(&backend(&cluster, ROUTE), shift("25")).await;
    let said = |why: &String| why.starts_with("whether you may patch httproutes in payments: ");
    assert!(preview.obstacles.is_empty() && preview.unknown.iter().any(said), "{preview:?}");
}

#[tokio::test]
async fn a_share_is_given_in_one_locked_request_and_led_back_to_what_was() {
    let cluster = routed().await;
    let backend = backend(&cluster, ROUTE);
    let preview = previewed(&backend, shift("25")).await;
    assert_eq!(
        preview.effects[..2],
        [
            "httproute web, rule 1: web-stable 90 % · web-canary 10 % → web-stable 75 % · web-canary 25 %",
            "httproute web, rule 3: web-canary 0 % · web-stable 100 % → web-canary 25 % · web-stable 75 %"
        ]
    );
    assert_eq!((preview.obstacles, cluster.mutations().len()), (vec![], 0));
    let before = cluster.get("httproutes", "web").unwrap();
    let receipt = done(&backend, shift("25")).await;
    assert_eq!(
        receipt.summary,
        "httproute payments/web, rule 1: web-stable 75 % · web-canary 25 %; rule 3: web-canary 25 % · web-stable 75 %"
    );
    let was = "rules/0 web-stable=9 web-canary=1; rules/2 web-canary=0 web-stable=5";
    assert_eq!(receipt.detail["weights"], was);
    assert_eq!(weights(&cluster), [vec![75, 25], vec![1], vec![25, 75]]);
    let sent = cluster.mutations();
    assert_eq!((sent.len(), sent[0].kind.as_str()), (1, "application/json-patch+json"));
    let patch: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(patch[0], json!({ "op": "test", "path": "/metadata/uid", "value": before["metadata"]["uid"] }));
    let generation = &before["metadata"]["generation"];
    assert_eq!(patch[1], json!({ "op": "test", "path": "/metadata/generation", "value": generation }));
    assert_eq!(patch[2], json!({ "op": "test", "path": "/spec/rules/0/backendRefs/0/weight", "value": 9 }));
    assert_eq!(patch[3], json!({ "op": "replace", "path": "/spec/rules/0/backendRefs/0/weight", "value": 75 }));
    // The same again, by whatever key: nothing is sent.
    soon(backend.perform(shift("25"), other_key(), sink(None).0)).await.unwrap();
    assert_eq!(cluster.mutations().len(), 1);
    // Back to the weights before, each as it was; and off the canary altogether.
    soon(backend.perform(abort(&[("to", was)]), other_key(), sink(None).0)).await.unwrap();
    assert_eq!(weights(&cluster), [vec![9, 1], vec![1], vec![0, 5]]);
    taken(&cluster).await;
    let receipt = done(&backend, abort(&[])).await;
    assert!(receipt.summary.contains("web-stable 100 % · web-canary 0 %"), "{}", receipt.summary);
    assert_eq!(weights(&cluster), [vec![100, 0], vec![1], vec![0, 5]]);
}

#[tokio::test]
async fn what_a_gateway_writes_meanwhile_refuses_nothing_and_another_share_does() {
    for (at, value, takes) in [("/status/parents/0/controllerName", "x.test/y", true), ("/spec/hostnames", "", false)] {
        let cluster = routed().await;
        cluster.state().gateway = Gateway::Silent;
        let beside = move |state: &mut State| {
            state.change("httproutes", "web", |route| match takes {
                true => *route.pointer_mut(at).unwrap() = value.into(),
                false => route["spec"]["hostnames"] = json!(["other.test"]),
            });
        };
        cluster.meanwhile("PATCH", "/httproutes/web", beside);
        let short = Operation { limit: Span::secs(5), ..shift("25") };
        let ended = soon(backend(&cluster, ROUTE).perform(short, key(), sink(None).0)).await;
        let refused = matches!(&ended, Err(Fault::Refused { .. }));
        assert_eq!((refused, weights(&cluster)[0] == [75, 25]), (!takes, takes), "{at}: {ended:?}");
    }
}

#[tokio::test]
async fn written_is_not_live_until_a_gateway_has_taken_it() {
    let cluster = routed().await;
    let backend = backend(&cluster, ROUTE);
    cluster.state().gateway = Gateway::Silent;
    let short = Operation { limit: Span::secs(2), ..shift("25") };
    match send(&backend, short.clone()).await {
        Ok(Done::Partly(0, 2, receipt)) => {
            assert!(
                receipt.summary.contains("not live: gateway infra/public (https) has not yet seen"),
                "{}",
                receipt.summary
            );
            assert!(receipt.detail["weights"].starts_with("rules/0 web-stable=9"), "{:?}", receipt.detail);
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(probed(&backend, &short).await, Found::Unknown { why } if why.contains("not live")));
    // The same key again sends nothing, and knows the weights before by its mark.
    cluster.state().gateway = Gateway::Refuses;
    match send(&backend, short.clone()).await {
        Ok(Done::Partly(0, 2, receipt)) => assert!(receipt.summary.contains("NoMatchingParent"), "{}", receipt.summary),
        other => panic!("{other:?}"),
    }
    cluster.state().gateway = Gateway::Takes;
    let receipt = done(&backend, short.clone()).await;
    assert!(receipt.detail["weights"].starts_with("rules/0 web-stable=9"), "{:?}", receipt.detail);
    assert_eq!(cluster.mutations().len(), 1);
    match probed(&backend, &short).await {
        Found::Applied(receipt) => assert!(receipt.detail["weights"].starts_with("rules/0 web-stable=9")),
        other => panic!("{other:?}"),
    }
    // What no gateway takes now is said before anything is sent.
    cluster.state().gateway = Gateway::Misses;
    crate::support::until("it is missed", || {
        cluster.get("httproutes", "web").unwrap()["status"].to_string().contains("BackendNotFound")
    })
    .await;
    let preview = previewed(&backend, shift("50")).await;
    assert!(
        preview.obstacles[0].contains("is not live now: gateway infra/public (https) cannot resolve"),
        "{preview:?}"
    );
    assert_eq!(preview.refused, [""; 0]);
}

#[tokio::test]
async fn whatever_goes_wrong_is_not_done_or_unknown_and_never_sent_twice() {
    let cluster = routed().await;
    let backend = backend(&cluster, ROUTE);
    for (does, said) in [
        (Does::Status(409), "409"),
        (Does::Status(422), "look again and decide anew"),
        (Does::Status(403), "ask for the role"),
        (Does::TooMany(30), "not sent again by itself"),
    ] {
        cluster.fault("PATCH", "/httproutes/web", does, 1);
        let why = refused(&backend, shift("25")).await;
        assert!(why.contains(said), "{said}: {why}");
    }
    assert_eq!(weights(&cluster)[0], [9, 1]);
    let sent = cluster.mutations().len();
    // Whoever was slower is refused: the version that was read is not there any more.
    let looks = || cluster.state().asked.iter().filter(|asked| asked.path.ends_with("/canaries")).count();
    let before = looks();
    cluster.fault("GET", "/canaries", Does::Slow(std::time::Duration::from_secs(2)), 1);
    let slow = tokio::spawn(backend.perform(shift("25"), key(), sink(None).0));
    crate::support::until("it looks who writes", || looks() > before).await;
    cluster.change("httproutes", "web", |route| route["spec"]["rules"][0]["backendRefs"][1]["weight"] = 2.into());
    match soon(slow).await.unwrap() {
        Err(Fault::Refused { why, .. }) => assert!(why.contains("422"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!((weights(&cluster)[0].clone(), cluster.mutations().len()), (vec![9, 2], sent + 1));
    taken(&cluster).await;
    // Lost on the way there, and on the way back.
    cluster.fault("PATCH", "/httproutes/web", Does::CutBefore, 1);
    lost(&backend, shift("25")).await;
    assert!(matches!(probed(&backend, &shift("25")).await, Found::NotApplied { r#final: false, .. }));
    cluster.fault("PATCH", "/httproutes/web", Does::CutAfter, 1);
    lost(&backend, shift("25")).await;
    taken(&cluster).await;
    match probed(&backend, &shift("25")).await {
        Found::Applied(receipt) => {
            assert_eq!(receipt.detail["weights"].split(';').next(), Some("rules/0 web-stable=9 web-canary=2"))
        }
        other => panic!("{other:?}"),
    }
    match soon(backend.probe(&shift("25"), other_key())).await.unwrap() {
        Found::Applied(receipt) => assert!(receipt.summary.ends_with("though not by this key")),
        other => panic!("{other:?}"),
    }
    // Somebody else writes it meanwhile: it was taken, and is not there.
    cluster.change("httproutes", "web", |route| route["spec"]["rules"][0]["backendRefs"][1]["weight"] = 3.into());
    assert!(
        matches!(probed(&backend, &shift("25")).await, Found::Unknown { why } if why.contains("something else is there"))
    );
    assert!(lost(&backend, shift("25")).await.contains("is not there"), "the same key sends nothing");
}

#[tokio::test]
async fn what_a_controller_writes_is_not_written_by_hand() {
    let said = async |cluster: &Cluster, route: &str| {
        let backend = backend(cluster, route);
        let why = refused(&backend, shift("25")).await;
        let preview = previewed(&backend, shift("25")).await;
        assert!(preview.refused.iter().any(|said| why.ends_with(said)), "{why}: {preview:?}");
        assert_eq!(cluster.mutations().len(), 0);
        why
    };
    let cluster = routed().await;
    cluster.state().controllers = false;
    cluster.put("canaries", canary("web", &[]));
    let why = said(&cluster, ROUTE).await;
    assert!(why.ends_with("Flagger writes its weights (payments/canary/web): promote or abort that instead, with at = \"payments/canary/web\""), "{why}");
    cluster.remove("canaries", "web");
    for routing in [
        json!({ "plugins": { "argoproj-labs/gatewayAPI": { "httpRoute": "web", "namespace": "payments" } } }),
        json!({ "plugins": { "argoproj-labs/gatewayAPI": { "httpRoutes": [{ "name": "other" }, { "name": "web" }] } } }),
        json!({ "istio": { "virtualService": { "name": "web.payments" } } }),
    ] {
        let mut by = rollout("pay", "reg.example/web:1", 2, json!([]));
        by["spec"]["strategy"]["canary"]["trafficRouting"] = routing;
        cluster.put("rollouts", by);
        assert!(said(&cluster, ROUTE).await.contains("Argo Rollouts writes its weights (payments/rollout/pay)"));
    }
    // A rollout of something else is none of it; who may not be looked at may be anybody.
    cluster.change("rollouts", "pay", |by| {
        by["spec"]["strategy"]["canary"]["trafficRouting"] = json!({ "nginx": { "stableIngress": "web" } })
    });
    assert_eq!(previewed(&backend(&cluster, ROUTE), shift("25")).await.refused, [""; 0]);
    cluster.state().denied = vec!["list rollouts".to_owned()];
    assert!(said(&cluster, ROUTE).await.contains("whether one of the rollouts writes the weights is not known"));
    cluster.state().denied = vec!["patch httproutes".to_owned()];
    let preview = previewed(&backend(&cluster, ROUTE), shift("25")).await;
    assert!(
        preview.refused.contains(&"you may not patch httproutes in payments: no role allows it".to_owned()),
        "{preview:?}"
    );
    cluster.state().denied = Vec::new();
    // Whatever controls the route itself.
    cluster.change("httproutes", "web", |route| {
        route["metadata"]["ownerReferences"] =
            json!([{ "kind": "Ship\u{1b}[31m", "name": "web", "uid": "u", "controller": true }]);
    });
    let why = said(&cluster, ROUTE).await;
    assert!(why.contains("controls httproute web") && !why.contains('\u{1b}'), "{why:?}");
    // Owners that write all of it are named as they are for the other verbs.
    cluster.change("httproutes", "web", |route| {
        route["metadata"]["ownerReferences"] = json!([]);
        route["metadata"]["labels"] = json!({ "kustomize.toolkit.fluxcd.io/name": "apps" });
    });
    let preview = previewed(&backend(&cluster, ROUTE), shift("25")).await;
    assert!(preview.obstacles.iter().any(|said| said.contains("flux suspend kustomization apps")), "{preview:?}");
    assert_eq!(preview.refused, [""; 0]);
}

#[tokio::test]
async fn what_would_have_to_be_guessed_is_refused() {
    let cluster = ground().await;
    let no = async |rules: &[&[(&str, u64)]], what: Operation, said: &str| {
        cluster.put("httproutes", http_route("web", rules));
        let why = refused(&backend(&cluster, ROUTE), what).await;
        assert!(why.contains(said), "{said}: {why}");
    };
    no(&[&[("a", 1), ("b", 1), ("web-canary", 1)]], shift("25"), "rule 1 shares traffic among 3 backends").await;
    no(&[&[("web-canary", 1), ("web-canary", 2)]], shift("25"), "has web-canary 2 times").await;
    no(&[&[("a", 1), ("b", 1)]], shift("25"), "no rule shares traffic between web-canary and another; there are a, b")
        .await;
    no(&[&[("web-canary", 1)]], shift("25"), "no rule shares traffic between web-canary and another").await;
    let two: &[&[(&str, u64)]] = &[&[("a", 1), ("web-canary", 1)]];
    for odd in ["101", "-1", "many", "2.5", "\u{1b}[31m"] {
        no(two, shift(odd), "is no share in percent").await;
    }
    no(two, operation(Verb::Shift, "web", &[]), "no share is given").await;
    for (to, said) in [
        ("rules/0 a=1 b=1", "has other backends now"),
        ("rules/7 a=1 web-canary=1", "has other backends now"),
        ("rules/0 a=1", "has other backends now"),
        ("rules/0", "are no weights"),
        ("rules/0 a=x web-canary=1", "are no weights"),
        ("rules/0 a=1000001 web-canary=1", "are no weights"),
        (";", "it names no weights"),
    ] {
        no(two, abort(&[("to", to)]), said).await;
    }
    let why = refused(&backend(&cluster, "httproute/web"), shift("25")).await;
    assert!(why.contains("write route and canary under deployed_by"), "{why}");
    let why = refused(&backend(&cluster, "httproute/nowhere=web-canary"), shift("25")).await;
    assert!(why.contains("404"), "{why}");
    let why = refused(&backend(&cluster, "httproute/web"), abort(&[])).await;
    assert!(why.contains("abort is for a rollout or a canary"), "{why}");
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn weights_that_are_left_out_are_added_and_a_single_backend_is_left_alone() {
    let cluster = ground().await;
    let mut route = http_route("web", &[&[("web-stable", 1), ("web-canary", 1)], &[("web-canary", 1)]]);
    for backend in route["spec"]["rules"][0]["backendRefs"].as_array_mut().unwrap() {
        backend.as_object_mut().unwrap().remove("weight");
    }
    cluster.put("httproutes", route);
    taken(&cluster).await;
    let backend = backend(&cluster, ROUTE);
    let preview = previewed(&backend, shift("0")).await;
    assert_eq!(
        preview.effects[..1],
        ["httproute web, rule 1: web-stable 50 % · web-canary 50 % → web-stable 100 % · web-canary 0 %"]
    );
    assert_eq!(preview.loses, ["rule 2 sends all of its traffic to web-canary, and goes on doing so"]);
    let receipt = done(&backend, shift("0")).await;
    assert_eq!(receipt.detail["weights"], "rules/0 web-stable=1 web-canary=1");
    assert_eq!(weights(&cluster), [vec![100, 0], vec![1]]);
}

#[tokio::test]
async fn a_virtual_service_is_shifted_by_subset_and_said_to_be_as_written() {
    let cluster = ground().await;
    cluster.put("virtualservices", virtual_service("web", &[&[("v1", 100), ("v2", 0)]]));
    for canary in ["v2", "web/v2"] {
        let backend = backend(&cluster, &format!("virtualservice/web={canary}"));
        let receipt = done(
            &backend,
            Operation {
                args: [("weight".to_owned(), if canary == "v2" { "10" } else { "20" }.to_owned())].into(),
                ..shift("")
            },
        )
        .await;
        assert!(
            receipt.summary.ends_with("as written: Istio does not say whether its proxies have it"),
            "{}",
            receipt.summary
        );
        // Another key, so that the second is sent too.
        cluster.change("virtualservices", "web", |object| {
            drop(object["metadata"].as_object_mut().unwrap().remove("annotations"))
        });
    }
    let found = cluster.get("virtualservices", "web").unwrap();
    let route = &found["spec"]["http"][0]["route"];
    assert_eq!((&route[0]["weight"], &route[1]["weight"]), (&json!(80), &json!(20)));
}

#[tokio::test]
async fn kubectl_writes_the_same_weights_and_reads_ours() {
    let (ours, theirs) = (routed().await, routed().await);
    let weight = |rule: u8, n: u8, value: u8| json!({ "op": "replace", "path": format!("/spec/rules/{rule}/backendRefs/{n}/weight"), "value": value });
    let patch = json!([weight(0, 0, 75), weight(0, 1, 25), weight(2, 0, 25), weight(2, 1, 75)]).to_string();
    let Some((ok, said)) = kubectl(&theirs, &["patch", "httproute", "web", "--type=json", "-p", &patch]) else {
        return;
    };
    assert!(ok, "{said}");
    done(&backend(&ours, ROUTE), shift("25")).await;
    let spec = |cluster: &Cluster| cluster.get("httproutes", "web").unwrap()["spec"].clone();
    assert_eq!(spec(&ours), spec(&theirs));
    let path = "jsonpath={.spec.rules[0].backendRefs[*].weight}";
    assert_eq!(kubectl(&ours, &["get", "httproute", "web", "-o", path]), Some((true, "75 25".to_owned())));
}
