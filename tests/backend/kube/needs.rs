//! What the pods of a way back need and may find no more: config maps, secrets, the service account of the template.

use super::ground::{NEW, OLD, Watched, back, backend, operation, settled, soon};
use super::staged;
use crate::cluster::{Asked, Cluster, Does, daemon_set, deployment, rollout, stateful_set};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::backend::kubernetes::needs::{Need, needs};
use holdpoint::domain::foreseen::{Foreseen, Foresight};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Preview;
use holdpoint::report::foreseen::{Weight, headline};
use serde_json::{Value, json};

const GONE: &str = "ConfigMap payments/api-v41, which version 4.1.9 needs, is not there: its pods would not start";

/// A workload that was 4.1.9 with this in its pods' spec, and is 4.2.0, which needs nothing.
async fn was(cluster: &Cluster, resource: &str, mut object: Value, needs: impl Fn(&mut Value)) {
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    let mut template = object["spec"]["template"].clone();
    template["spec"]["containers"][0]["image"] = NEW.into();
    needs(&mut object["spec"]["template"]["spec"]);
    cluster.put(resource, object);
    settled(cluster, resource, &name).await;
    cluster.change(resource, &name, |object| object["spec"]["template"] = template);
    settled(cluster, resource, &name).await;
}

/// `api` that needs one of each kind, none of which is there.
pub async fn needing() -> Cluster {
    let cluster = Cluster::start();
    was(&cluster, "deployments", deployment("api", OLD, 2), everything).await;
    cluster
}

fn everything(spec: &mut Value) {
    spec["containers"][0]["envFrom"] = json!([{ "configMapRef": { "name": "api-v41" } }]);
    spec["volumes"] = json!([{ "name": "keys", "secret": { "secretName": "keys" } },
        { "name": "more", "configMap": { "name": "extras", "optional": true } }]);
    spec["serviceAccountName"] = "payer".into();
}

fn put(cluster: &Cluster, resource: &str, name: &str) {
    let data = json!({ "password": "aHVudGVyMg==" });
    cluster.put(resource, json!({ "metadata": { "name": name, "namespace": "payments" }, "data": data }));
}

async fn previewed(cluster: &Cluster, operation: &Operation) -> Preview {
    soon(backend(cluster).preview(operation)).await.unwrap()
}

/// What was asked for of what pods need: `secrets/keys`.
fn named(cluster: &Cluster) -> Vec<String> {
    let is = |asked: &&Asked| ["/configmaps", "/secrets", "/serviceaccounts"].iter().any(|of| asked.path.contains(of));
    let state = cluster.state();
    let all = state.asked.iter().filter(is).inspect(|asked| {
        assert_eq!(asked.method, "GET");
        assert_eq!(asked.accept, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "{}", asked.path);
    });
    let mut all: Vec<_> = all.map(|a| a.path.trim_start_matches("/api/v1/namespaces/payments/").to_owned()).collect();
    all.sort();
    all
}

#[test]
fn what_a_template_names_is_found_wherever_it_may_stand_and_what_is_optional_is_not() {
    let template = json!({ "spec": {
        "initContainers": [{ "envFrom": [{ "configMapRef": { "name": "first" } }, { "secretRef": { "name": "s1" } }] }],
        "containers": [{ "env": [
            { "name": "A", "value": "plain" },
            { "name": "B", "valueFrom": { "configMapKeyRef": { "name": "keyed", "key": "k" } } },
            { "name": "C", "valueFrom": { "secretKeyRef": { "name": "s2", "key": "k", "optional": false } } },
            { "name": "D", "valueFrom": { "secretKeyRef": { "name": "no1", "key": "k", "optional": true } } },
            { "name": "E", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
        ], "envFrom": [{ "configMapRef": { "name": "no2", "optional": true } }, { "configMapRef": { "name": "first" } }] }],
        "volumes": [
            { "configMap": { "name": "mounted" } }, { "secret": { "secretName": "s3" } },
            { "secret": { "secretName": "no3", "optional": true } }, { "emptyDir": {} },
            { "projected": { "sources": [{ "configMap": { "name": "p" } }, { "secret": { "name": "s4" } },
                { "serviceAccountToken": { "path": "t" } }, { "secret": { "name": "no4", "optional": true } }] } },
        ],
        "serviceAccountName": "payer", "imagePullSecrets": [{ "name": "s1" }, { "name": "pull" }, {}],
    } });
    let word = |need: &Need| format!("{} {}{}", need.what.word(), need.name, if need.pulls { " pulls" } else { "" });
    let found: Vec<_> = needs(&template).iter().map(word).collect();
    assert_eq!(
        found,
        [
            "ConfigMap first",
            "Secret s1",
            "ConfigMap keyed",
            "Secret s2",
            "ConfigMap mounted",
            "Secret s3",
            "ConfigMap p",
            "Secret s4",
            "ServiceAccount payer",
            "Secret pull pulls",
        ]
    );
    assert_eq!(needs(&json!({ "spec": { "containers": "odd", "volumes": [null, 7] } })), []);
}

#[tokio::test]
async fn what_is_gone_of_what_a_deployment_needs_is_in_the_way_before_anything_is_sent() {
    let cluster = needing().await;
    put(&cluster, "secrets", "keys");
    put(&cluster, "serviceaccounts", "payer");
    let glance = soon(backend(&cluster).glance(&back("4.1.9"))).await.unwrap();
    for preview in [previewed(&cluster, &back("4.1.9")).await, glance] {
        assert_eq!((&preview.obstacles[..], preview.refused.len()), (&[GONE.to_owned()][..], 0), "{preview:?}");
        assert_eq!(preview.unknown, [""; 0]);
    }
    let mut asked = named(&cluster);
    asked.dedup();
    assert_eq!(asked, ["configmaps/api-v41", "secrets/keys", "serviceaccounts/payer"]);
    put(&cluster, "configmaps", "api-v41");
    let fine = previewed(&cluster, &back("4.1.9")).await;
    assert_eq!((fine.obstacles.len(), fine.unknown.len()), (0, 0), "{fine:?}");
    // Each kind by itself.
    cluster.remove("secrets", "keys");
    cluster.remove("serviceaccounts", "payer");
    let gone = previewed(&cluster, &back("4.1.9")).await.obstacles;
    let said = |what: &str| format!("{what}, which version 4.1.9 needs, is not there: its pods would not start");
    assert_eq!(gone, [said("Secret payments/keys"), said("ServiceAccount payments/payer")]);
    // What stays as it is needs nothing that is not there.
    let before = named(&cluster).len();
    let other = previewed(&cluster, &operation(Verb::Scale, "api", &[("replicas", "3")])).await;
    assert_eq!((other.obstacles.len(), named(&cluster).len() - before, cluster.mutations().len()), (0, 0, 0));
}

#[tokio::test]
async fn a_step_that_is_ahead_is_told_what_is_gone_of_what_is_live() {
    let cluster = Cluster::start();
    let mut api = deployment("api", OLD, 2);
    everything(&mut api["spec"]["template"]["spec"]);
    cluster.put("deployments", api);
    settled(&cluster, "deployments", "api").await;
    put(&cluster, "serviceaccounts", "payer");
    cluster.state().denied.push("get secrets".to_owned());
    let ahead = soon(backend(&cluster).ahead(&back("4.1.9"), 1)).await.unwrap();
    assert_eq!((&ahead.obstacles[..], ahead.refused.len()), (&[GONE.to_owned()][..], 0), "{ahead:?}");
    assert_eq!(ahead.unknown, ["whether version 4.1.9 finds all it needs: you may not read 1 Secret"]);
}

#[tokio::test]
async fn sets_and_rollouts_need_what_their_revisions_name() {
    let cluster = Cluster::start();
    let pulled = |spec: &mut Value| spec["imagePullSecrets"] = json!([{ "name": "pull" }]);
    was(&cluster, "statefulsets", stateful_set("db", OLD, 2), everything).await;
    was(&cluster, "daemonsets", daemon_set("agent", OLD), pulled).await;
    put(&cluster, "secrets", "keys");
    put(&cluster, "serviceaccounts", "payer");
    let to = [("to", "4.1.9")];
    let db = previewed(&cluster, &operation(Verb::RollBack, "db", &to)).await;
    assert_eq!(db.obstacles, [GONE], "{db:?}");
    let agent = previewed(&cluster, &operation(Verb::RollBack, "agent", &to)).await;
    let said = "Secret payments/pull, by which version 4.1.9 pulls images, is not there: they may not be pulled";
    assert_eq!(agent.obstacles, [said], "{agent:?}");
    let cluster = Cluster::start();
    let mut web = rollout("web", staged::OLD, 2, staged::steps());
    let mut template = web["spec"]["template"].clone();
    template["spec"]["containers"][0]["image"] = staged::NEW.into();
    everything(&mut web["spec"]["template"]["spec"]);
    cluster.put("rollouts", web);
    staged::phase(&cluster, "web", "Healthy").await;
    cluster.change("rollouts", "web", |web| web["spec"]["template"] = template);
    staged::phase(&cluster, "web", "Paused").await;
    let web = soon(staged::backend(&cluster).preview(&operation(Verb::RollBack, "web", &to))).await.unwrap();
    assert!(web.obstacles.iter().any(|why| why == GONE), "{web:?}");
}

#[tokio::test]
async fn what_may_not_be_read_is_not_known_and_is_neither_in_the_way_nor_lost() {
    let cluster = needing().await;
    put(&cluster, "configmaps", "api-v41");
    cluster.state().denied.extend(["get secrets".to_owned(), "get serviceaccounts".to_owned()]);
    let preview = previewed(&cluster, &back("4.1.9")).await;
    assert_eq!((preview.obstacles.len(), preview.refused.len()), (0, 0), "{preview:?}");
    let said = "whether version 4.1.9 finds all it needs: you may not read 1 Secret and 1 ServiceAccount";
    assert_eq!(preview.unknown, [said]);
    assert!(!preview.loses.iter().any(|text| text.contains("may not read")), "{preview:?}");
    // Nothing is ready, though nothing is in the way.
    let told = |preview| Foreseen { operation: back("4.1.9"), said: Foresight::Told(chrono::Utc::now(), preview) };
    let head = headline(&[told(preview)]).unwrap();
    assert_eq!((head.weight, head.text.contains("could not find out: whether version 4.1.9")), (Weight::Unknown, true));
    // What may be read is judged all the same.
    cluster.remove("configmaps", "api-v41");
    let preview = previewed(&cluster, &back("4.1.9")).await;
    assert_eq!((&preview.obstacles[..], preview.unknown.len()), (&[GONE.to_owned()][..], 1), "{preview:?}");
    let remarks = soon(backend(&cluster).introduce()).await;
    let secrets = remarks.iter().find(|remark| remark.text.starts_with("you may not get secrets in payments")).unwrap();
    assert!(secrets.ok && secrets.text.ends_with("is not known"), "{secrets:?}");
    assert!(remarks.iter().any(|remark| remark.text.contains(" other things that holdpoint does")), "{remarks:?}");
}

#[tokio::test]
async fn what_could_not_be_read_is_not_known_and_takes_nothing_else_with_it() {
    let cluster = needing().await;
    put(&cluster, "configmaps", "api-v41");
    put(&cluster, "serviceaccounts", "payer");
    let start = "whether version 4.1.9 finds all it needs: 1 Secret could not be read: ";
    for (does, why) in [
        (Does::Garbage, "the answer is no JSON"),
        (Does::Status(401), "the API answers 401"),
        (Does::Hostile(400), "the API answers 400"),
        (Does::Hang, "they were not answered within 3 s"),
    ] {
        cluster.fault("GET", "/secrets/", does, u32::MAX);
        let preview = previewed(&cluster, &back("4.1.9")).await;
        assert_eq!((preview.obstacles.len(), preview.refused.len(), preview.unknown.len()), (0, 0, 1), "{preview:?}");
        assert!(preview.unknown[0].starts_with(&format!("{start}{why}")), "{preview:?}");
        assert!(!preview.unknown[0].chars().any(|c| c.is_control() || c == '\u{202e}'), "{preview:?}");
        assert!(preview.effects[0].contains("returns to 4.1.9"), "{preview:?}");
        cluster.heal();
    }
}

#[tokio::test]
async fn whether_a_pod_keeps_a_set_from_going_back_is_not_known_where_pods_cannot_be_listed() {
    let cluster = Cluster::start();
    was(&cluster, "statefulsets", stateful_set("db", OLD, 2), |_| {}).await;
    cluster.fault("GET", "/pods", Does::Status(403), u32::MAX);
    let preview = previewed(&cluster, &operation(Verb::RollBack, "db", &[("to", "4.1.9")])).await;
    assert!(matches!(&preview.unknown[..], [why] if why.starts_with("whether a pod is stuck: ")), "{preview:?}");
    assert_eq!(preview.obstacles, [""; 0]);
}

#[tokio::test]
async fn of_very_many_some_are_asked_for_and_the_rest_is_said_to_be_unseen() {
    let cluster = Cluster::start();
    let many = |spec: &mut Value| {
        let of = |n: u32| json!({ "name": format!("v{n:02}"), "configMap": { "name": format!("map-{n:02}") } });
        spec["volumes"] = (0..26).map(of).collect();
    };
    was(&cluster, "deployments", deployment("api", OLD, 2), many).await;
    (0..20).filter(|n| *n != 19).for_each(|n| put(&cluster, "configmaps", &format!("map-{n:02}")));
    let preview = previewed(&cluster, &back("4.1.9")).await;
    assert_eq!(preview.obstacles.len(), 1, "{preview:?}");
    assert!(preview.obstacles[0].starts_with("ConfigMap payments/map-19, "), "{preview:?}");
    let said = "whether version 4.1.9 finds all it needs: of 26 only 20 are looked at, not 6 ConfigMaps";
    assert_eq!(preview.unknown, [said]);
    assert_eq!(named(&cluster).len(), 20);
}

#[tokio::test]
async fn a_name_that_nothing_can_bear_is_made_harmless_and_asked_of_nobody() {
    let cluster = Cluster::start();
    let odd = |spec: &mut Value| {
        let of = |name: &str| json!({ "configMapRef": { "name": name } });
        spec["containers"][0]["envFrom"] =
            ["a\u{1b}[2J\u{202e}", "..", "../secrets/keys", "A?watch=true"].into_iter().map(of).collect();
    };
    was(&cluster, "deployments", deployment("api", OLD, 2), odd).await;
    put(&cluster, "secrets", "keys");
    let preview = previewed(&cluster, &back("4.1.9")).await;
    assert_eq!(preview.obstacles.len(), 4, "{preview:?}");
    let said = "ConfigMap payments/a\\u{1b}[2J\\u{202e}, which version 4.1.9 needs, is not there";
    assert!(preview.obstacles[0].starts_with(said), "{preview:?}");
    assert_eq!(named(&cluster), [""; 0]);
}

#[tokio::test]
async fn a_watch_asks_for_nothing_of_it() {
    let cluster = needing().await;
    let mut watched = Watched::new(&cluster);
    watched.until("the way back", |w| w.api().is_some() && w.heartbeats >= 1).await;
    assert_eq!(named(&cluster), [""; 0]);
}
