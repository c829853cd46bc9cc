//! Routes: where traffic goes, and that nothing is called live which no gateway has taken.

use super::ground::{NEW, Watched, placed, settled};
use crate::cluster::{Cluster, Gateway, deployment, grpc_route, http_route, virtual_service};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::kubernetes::route::plan::{Wish, before, plan};
use holdpoint::backend::kubernetes::route::shares::rules;
use holdpoint::backend::kubernetes::route::stand::{Stand, stand};
use holdpoint::backend::kubernetes::route::{Route, RouteKind, row};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::observed::Deployment;
use holdpoint::domain::span::Span;
use holdpoint::domain::stages::{Check, Judged, Stages};
use holdpoint::domain::traffic::Traffic;
use holdpoint::domain::verdict::Level;
use serde_json::{Value, json};

/// A cluster with `web` in it, and no route.
pub async fn ground() -> Cluster {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("web", NEW, 2));
    settled(&cluster, "deployments", "web").await;
    cluster
}

/// A backend where `web` has this route.
pub fn backend(cluster: &Cluster, route: &str) -> KubernetesBackend {
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    let at = |service: &str, scope: String| ((service.into(), "prod".into()), scope);
    let scopes = [at("web", format!("payments/deployment/web#web>{route}")), at("db", "statefulset/db".to_owned())];
    KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes.into())
}

fn stages(watched: &Watched) -> Option<&Stages> {
    watched.rows.get(&placed("web"))?.stages.as_ref()
}

fn traffic(watched: &Watched) -> Vec<String> {
    stages(watched).into_iter().flat_map(|stages| &stages.traffic).map(Traffic::line).collect()
}

fn doubt(watched: &Watched) -> Option<String> {
    stages(watched)?.doubt().map(Check::line)
}

async fn until(watched: &mut Watched, line: &str) {
    watched.until(line, |w| traffic(w).iter().any(|found| found == line)).await;
}

#[tokio::test]
async fn live_weights_are_followed_and_only_what_a_gateway_has_taken_is_live() {
    let cluster = ground().await;
    cluster.put("httproutes", http_route("web", &[&[("web-stable", 9), ("web-canary", 1)]]));
    let mut watched = Watched::of(&backend(&cluster, "httproute/web"));
    until(&mut watched, "httproute web: web-stable 90 % · web-canary 10 %").await;
    assert_eq!(doubt(&watched), None);
    let shift = |weights: [u64; 2]| {
        cluster.change("httproutes", "web", |route| {
            for (n, weight) in weights.into_iter().enumerate() {
                route["spec"]["rules"][0]["backendRefs"][n]["weight"] = weight.into();
            }
        });
    };
    // Nobody has said anything of the new version of it: what was said of the old one is worth nothing.
    cluster.state().gateway = Gateway::Silent;
    shift([2, 1]);
    until(&mut watched, "httproute web (not live): web-stable 66.7 % · web-canary 33.3 %").await;
    assert_eq!(
        doubt(&watched).unwrap(),
        "httproute web: unknown, it is not live: gateway infra/public (https) has not yet seen it as it is now"
    );
    cluster.state().gateway = Gateway::Refuses;
    let refused = "it is not live: gateway infra/public (https) does not accept it: NoMatchingParent";
    watched.until(refused, |w| doubt(w).is_some_and(|said| said.ends_with(refused))).await;
    cluster.state().gateway = Gateway::Misses;
    let missed = "gateway infra/public (https) cannot resolve what it names: BackendNotFound";
    watched.until(missed, |w| doubt(w).is_some_and(|said| said.ends_with(missed))).await;
    assert_eq!(stages(&watched).unwrap().doubt().unwrap().judged.level(), Level::Unknown);
    cluster.state().gateway = Gateway::Takes;
    until(&mut watched, "httproute web: web-stable 66.7 % · web-canary 33.3 %").await;
    assert_eq!(doubt(&watched), None);
    // A service without a route has none, and one whose route goes is in doubt.
    cluster.remove("httproutes", "web");
    watched.until("it is gone", |w| doubt(w).is_some_and(|said| said.contains("there is no such route"))).await;
    assert_eq!(traffic(&watched), [""; 0]);
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn each_rule_is_told_on_its_own() {
    let cluster = ground().await;
    let rules: &[&[(&str, u64)]] =
        &[&[("a", 1), ("b", 0)], &[], &[("a", 1), ("b", 1), ("c", 2)], &[("a", 0), ("b", 0)]];
    cluster.put("grpcroutes", grpc_route("cart", rules));
    let mut watched = Watched::of(&backend(&cluster, "grpcroute/cart"));
    until(&mut watched, "grpcroute cart, rule 1: a 100 % · b 0 %").await;
    assert_eq!(
        traffic(&watched),
        [
            "grpcroute cart, rule 1: a 100 % · b 0 %",
            "grpcroute cart, rule 3: a 25 % · b 25 % · c 50 %",
            "grpcroute cart, rule 4: a 0 % · b 0 %"
        ]
    );
    // What sends nothing anywhere answers with errors.
    assert_eq!(doubt(&watched).unwrap(), "grpcroute cart: fail, rule 4 sends nothing anywhere: every weight is 0");
}

#[tokio::test]
async fn what_is_not_installed_is_not_live_and_blinds_nobody() {
    let cluster = ground().await;
    cluster.state().absent = vec!["gateway.networking.k8s.io"];
    let mut watched = Watched::of(&backend(&cluster, "httproute/web"));
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert_eq!(watched.rows[&placed("web")].version, "4.2.0");
    assert!(doubt(&watched).unwrap().contains("there is no such route"), "{:?}", doubt(&watched));
    // It comes meanwhile.
    cluster.state().absent = Vec::new();
    cluster.put("httproutes", http_route("web", &[&[("web", 1)]]));
    until(&mut watched, "httproute web: web 100 %").await;
    // Of a cluster that has routes for HTTP and none for gRPC the same.
    cluster.state().absent = vec!["grpcroutes"];
    let mut watched = Watched::of(&backend(&cluster, "grpcroute/cart"));
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert!(doubt(&watched).unwrap().contains("there is no such route"));
    let said: Vec<_> = super::ground::soon(backend(&cluster, "grpcroute/cart").introduce()).await;
    let lacks = "the Gateway API for gRPC is not installed there, so nothing is seen of web in prod";
    assert!(said.iter().any(|remark| !remark.ok && remark.text == lacks), "{said:?}");
    assert!(!said.iter().any(|remark| remark.text.contains("Istio")), "{said:?}");
}

#[tokio::test]
async fn a_virtual_service_is_as_written_unless_istio_tells() {
    let cluster = ground().await;
    cluster.put("virtualservices", virtual_service("web", &[&[("v1", 80), ("v2", 20)]]));
    let mut watched = Watched::of(&backend(&cluster, "virtualservice/web"));
    until(&mut watched, "virtualservice web (as written): v1 80 % · v2 20 %").await;
    assert_eq!(doubt(&watched), None);
    let tell = |status: Value| cluster.change("virtualservices", "web", |object| object["status"] = status);
    let said =
        |status: &str| json!([{ "type": "Reconciled", "status": status, "message": "60/63 proxies up to date." }]);
    tell(json!({ "observedGeneration": "1", "conditions": said("True") }));
    until(&mut watched, "virtualservice web: v1 80 % · v2 20 %").await;
    tell(json!({ "observedGeneration": "1", "conditions": said("False") }));
    let behind = "not every proxy has taken it: 60/63 proxies up to date.";
    watched.until(behind, |w| doubt(w).is_some_and(|said| said.ends_with(behind))).await;
    tell(json!({ "observedGeneration": 7, "conditions": said("True") }));
    watched.until("another", |w| doubt(w).is_some_and(|said| said.ends_with("has not yet seen it as it is now"))).await;
    tell(
        json!({ "validationMessages": [{ "level": "ERROR", "type": { "code": "IST0101", "name": "ReferencedResourceNotFound" } }] }),
    );
    watched
        .until("an error", |w| doubt(w).is_some_and(|said| said.ends_with("IST0101 ReferencedResourceNotFound")))
        .await;
}

fn shares(kind: RouteKind, object: &Value) -> Vec<(String, Vec<(String, u64)>)> {
    let all = rules(kind, object).unwrap().into_iter();
    all.map(|rule| (rule.name, rule.backends.into_iter().map(|b| (b.name, b.weight)).collect())).collect()
}

#[test]
fn a_weight_that_is_left_out_means_what_the_api_says() {
    let of = |refs: Value| {
        shares(RouteKind::Http, &json!({ "spec": { "rules": [{ "name": "all", "backendRefs": refs }] } }))
    };
    let all = |shares: &[(&str, u64)]| {
        vec![(
            "rule 1 (all)".to_owned(),
            shares.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect::<Vec<_>>(),
        )]
    };
    assert_eq!(of(json!([{ "name": "a" }])), all(&[("a", 1)]));
    assert_eq!(of(json!([{ "name": "a" }, { "name": "b", "weight": 3 }])), all(&[("a", 1), ("b", 3)]));
    // Two of one name are told apart by what differs.
    assert_eq!(of(json!([{ "name": "a", "port": 80 }, { "name": "a", "port": 81 }])), all(&[("a:80", 1), ("a:81", 1)]));
    assert_eq!(of(json!([{ "name": "a" }, { "name": "a", "namespace": "x" }])), all(&[("a", 1), ("x/a", 1)]));
    let of = |refs: Value| {
        shares(
            RouteKind::Virtual,
            &json!({ "spec": { "http": [{ "redirect": {} }, { "name": "all", "route": refs }] } }),
        )
    };
    let to = |host: &str, subset: &str| json!({ "host": host, "subset": subset });
    let all = |shares: Vec<(&str, u64)>| {
        vec![(
            "http rule 2 (all)".to_owned(),
            shares.into_iter().map(|(name, weight)| (name.to_owned(), weight)).collect::<Vec<_>>(),
        )]
    };
    assert_eq!(of(json!([{ "destination": { "host": "web" } }])), all(vec![("web", 100)]));
    assert_eq!(
        of(json!([{ "destination": { "host": "web" }, "weight": 0 }])),
        all(vec![("web", 100)]),
        "it is the only one"
    );
    assert_eq!(
        of(json!([{ "destination": to("a", "v1") }, { "destination": to("b", "v1"), "weight": 5 }])),
        all(vec![("a/v1", 0), ("b/v1", 5)])
    );
    for odd in [json!(-1), json!("many"), json!(1.5), json!({})] {
        let object = json!({ "spec": { "rules": [{ "backendRefs": [{ "name": "a", "weight": odd }] }] } });
        assert!(rules(RouteKind::Http, &object).unwrap_err().contains("which is none"), "{odd}");
    }
}

#[test]
fn only_what_every_gateway_says_of_this_version_is_live() {
    let taken = |kind: &str| json!({ "type": kind, "status": "True", "observedGeneration": 3 });
    let route = |said: Value| {
        json!({ "metadata": { "namespace": "payments", "generation": 3 },
            "spec": { "parentRefs": [{ "name": "public" }, { "kind": "Service", "group": "", "name": "web" }] },
            "status": { "parents": said } })
    };
    let by = |parent: Value, conditions: Value| json!({ "parentRef": parent, "conditions": conditions });
    let well = || json!([taken("Accepted"), taken("ResolvedRefs")]);
    let public = |conditions| by(json!({ "name": "public", "namespace": "payments", "kind": "Gateway" }), conditions);
    let mesh = |conditions| by(json!({ "name": "web", "kind": "Service", "group": "" }), conditions);
    let of = |said: Value| stand(RouteKind::Http, &route(said));
    assert_eq!(of(json!([public(well()), mesh(well())])), Stand::Live);
    let no = |said: Value, words: &str| match of(said) {
        Stand::Not(why) => assert!(why.contains(words), "{why}"),
        other => panic!("{words}: {other:?}"),
    };
    no(json!([]), "gateway public has not said that it takes it");
    no(json!([public(well())]), "service web has not said that it takes it");
    no(
        json!([by(json!({ "name": "public", "sectionName": "http" }), well()), mesh(well())]),
        "gateway public has not said",
    );
    no(json!([public(json!([taken("ResolvedRefs")])), mesh(well())]), "gateway public has not said Accepted");
    no(json!([public(json!([taken("Accepted")])), mesh(well())]), "gateway public has not said ResolvedRefs");
    let mut unsaid = well();
    unsaid[0].as_object_mut().unwrap().remove("observedGeneration");
    no(json!([public(unsaid), mesh(well())]), "does not say which version");
    let mut older = well();
    older[1]["observedGeneration"] = 2.into();
    no(json!([public(older), mesh(well())]), "gateway public has not yet seen it as it is now");
    let part = json!([taken("Accepted"), taken("ResolvedRefs"), taken("PartiallyInvalid")]);
    no(json!([public(part), mesh(well())]), "leaves a part of it out");
    // Of two that answer for one gateway both have to.
    let mut unwell = well();
    unwell[0]["status"] = "Unknown".into();
    no(json!([public(well()), public(unwell), mesh(well())]), "does not accept it");
    let mut going = route(json!([public(well()), mesh(well())]));
    going["metadata"]["deletionTimestamp"] = "2026-11-22T10:00:00Z".into();
    assert_eq!(stand(RouteKind::Grpc, &going), Stand::Not("it is being deleted".to_owned()));
    assert_eq!(stand(RouteKind::Http, &json!({})), Stand::Not("it names no gateway".to_owned()));
}

#[test]
fn words_of_a_route_cannot_act_on_a_terminal_and_are_bounded() {
    let hostile = "\u{1b}]52;c;x\u{7}\u{202e}".repeat(200);
    let said = json!([{ "type": "Accepted", "status": "False", "reason": hostile, "message": hostile, "observedGeneration": 1 }]);
    let backends = json!([{ "name": hostile, "weight": 1 }, { "name": "b", "weight": 1 }]);
    let many = vec![json!({ "name": hostile, "backendRefs": backends }); 40];
    let object = json!({ "metadata": { "name": "web", "generation": 1 },
        "spec": { "parentRefs": [{ "name": hostile }], "rules": many },
        "status": { "parents": [{ "parentRef": { "name": hostile }, "conditions": said }] } });
    let mut deployment = Deployment::default();
    let route = Route::read("httproute/web").unwrap();
    row::tell(&route, Some(&object), &mut deployment);
    let stages = deployment.stages.unwrap();
    let told = stages.told().concat();
    assert!(!told.chars().any(|c| c.is_control() || c == '\u{202e}'), "{told:?}");
    assert_eq!(stages.traffic.len(), 17);
    assert_eq!(stages.traffic[16].line(), "httproute web, 24 more rules (not live): no backends are shown");
    assert_eq!(stages.doubt().unwrap().judged, Judged::Unknown);
    for odd in ["", "httproute", "service/web", "/web"] {
        assert_eq!(Route::read(odd), None, "{odd}");
    }
}

#[test]
fn the_weights_before_are_kept_whole_however_many_rules_there_are() {
    let two: &[(&str, u64)] = &[("web-stable-of-the-north", 90), ("web-canary", 10)];
    let mut object = http_route("web", &[two; 16]);
    let route = Route::read("httproute/web=web-canary").unwrap();
    let shift = plan(&route, &object, &Wish::Share(25), "holdpoint a-1: shift").unwrap();
    assert!(shift.before.len() > 600, "{}", shift.before);
    let mark = shift.patch.unwrap().body.as_array().unwrap().last().unwrap()["value"].clone();
    object["metadata"]["annotations"] = mark;
    assert_eq!(before(&object).as_ref(), Some(&shift.before));
    // They lead back to where they were read, and say so.
    let back = plan(&route, &object, &Wish::Exactly(shift.before), "holdpoint a-2: abort").unwrap();
    assert_eq!((back.patch, back.wants.len()), (None, 16));
}
