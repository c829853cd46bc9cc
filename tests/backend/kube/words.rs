//! What is read out of objects: reasons, owners, versions, traps, revisions.

use holdpoint::backend::kubernetes::act::trapped;
use holdpoint::backend::kubernetes::cause::Asker;
use holdpoint::backend::kubernetes::history::{find, names, revisions};
use holdpoint::backend::kubernetes::ill::Ill;
use holdpoint::backend::kubernetes::owner::{obstacles, owners};
use holdpoint::backend::kubernetes::place::{Kind, Place};
use holdpoint::backend::kubernetes::plan::plan;
use holdpoint::backend::kubernetes::row::{Known, row};
use holdpoint::backend::kubernetes::trouble::trouble;
use holdpoint::backend::kubernetes::undo;
use holdpoint::backend::kubernetes::version::{Where, is_tag, retagged, tag};
use serde_json::{Value, json};

#[test]
fn versions_of_images() {
    for (image, version) in [
        ("reg.example:5000/team/api:4.1.9", "4.1.9"),
        ("reg.example:5000/team/api", "latest"),
        ("api", "latest"),
        ("api:4.1.9@sha256:0123456789abcdef", "4.1.9"),
        ("api@sha256:0123456789abcdef", "sha256:0123456789ab"),
        ("", ""),
    ] {
        assert_eq!(tag(image), version, "{image}");
    }
    assert_eq!(retagged("reg.example:5000/team/api", "5"), "reg.example:5000/team/api:5");
    assert_eq!(retagged("reg.example:5000/team/api:4@sha256:00", "5"), "reg.example:5000/team/api:5");
    assert!(is_tag("4.1.9-rc_1") && !is_tag("") && !is_tag("a b") && !is_tag("-x") && !is_tag("a/b"));
    let at = Where { container: Some("main".into()), label: None };
    let template = json!({ "spec": { "containers": [
        { "name": "sidecar", "image": "proxy:1" }, { "name": "main", "image": "api:7" } ] } });
    assert_eq!(at.version(&template), "7");
    let at = Where { container: None, label: Some("v".into()) };
    assert_eq!(at.version(&json!({ "metadata": { "labels": { "v": "9" } } })), "9");
}

fn reasons(object: &Value, pods: &[Value]) -> Vec<String> {
    trouble(object, [].into_iter(), pods.iter())
}

#[test]
fn why_it_does_not_run() {
    let pod = |status: Value| json!({ "metadata": { "name": "api-1" }, "status": status });
    let waiting = |reason: &str| {
        pod(json!({ "phase": "Pending", "containerStatuses": [
            { "name": "api", "ready": false, "restartCount": 4, "state": { "waiting": { "reason": reason } },
              "lastState": { "terminated": { "reason": "OOMKilled" } } }] }))
    };
    let crash = waiting("CrashLoopBackOff");
    assert_eq!(
        reasons(&json!({}), &[crash.clone(), waiting("ErrImagePull"), crash]),
        [
            "2 pods: CrashLoopBackOff (container api, restarted 4 times, last ended as OOMKilled)",
            "ErrImagePull (container api, restarted 4 times, last ended as OOMKilled)"
        ]
    );
    assert_eq!(reasons(&json!({}), &[waiting("ContainerCreating")]), [""; 0]);
    let unscheduled = json!([{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/3 nodes are available: insufficient cpu" }]);
    assert_eq!(
        reasons(&json!({}), &[pod(json!({ "phase": "Pending", "conditions": unscheduled }))]),
        ["Unschedulable: 0/3 nodes are available: insufficient cpu"]
    );
    let unready = pod(
        json!({ "phase": "Running", "containerStatuses": [{ "name": "api", "ready": false, "state": { "running": {} } }] }),
    );
    assert!(reasons(&json!({}), &[unready])[0].contains("readiness probe"));
    let quota = json!({ "status": { "conditions": [{ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
        "message": "pods \"x\" is forbidden: exceeded quota: small" }] } });
    assert_eq!(reasons(&quota, &[]), ["quota: pods \"x\" is forbidden: exceeded quota: small"]);
}

/// A deployment `payments/api` with these labels and annotations, as it stands in a list: without its kind.
fn marked(labels: Value, annotations: Value) -> Value {
    json!({ "metadata": { "name": "api", "namespace": "payments", "labels": labels, "annotations": annotations } })
}

fn helm(name: &str) -> Value {
    json!({ "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": "payments" })
}

#[test]
fn owners_are_named_with_their_way_back() {
    let by = json!({ "app.kubernetes.io/managed-by": "Helm" });
    let flux = |of: &str| {
        let (name, namespace) = (format!("{of}.toolkit.fluxcd.io/name"), format!("{of}.toolkit.fluxcd.io/namespace"));
        json!({ "app.kubernetes.io/managed-by": "Helm", name: "apps", namespace: "flux-system" })
    };
    let tracked = |id: &str| json!({ "argocd.argoproj.io/tracking-id": id });
    for (labels, annotations, owner, words) in [
        (json!({}), tracked("pay:apps/Deployment:payments/api"), "argocd-application/pay", "argocd app rollback pay"),
        (
            json!({ "argocd.argoproj.io/instance": "other" }),
            tracked("team-a_pay:apps/Deployment:payments/api"),
            "argocd-application/team-a/pay",
            "argocd app rollback team-a/pay",
        ),
        (
            json!({ "argocd.argoproj.io/instance": "team-a_pay" }),
            json!({}),
            "argocd-application/team-a/pay",
            "argocd app rollback team-a/pay",
        ),
        (
            flux("kustomize"),
            json!({}),
            "flux-kustomization/flux-system/apps",
            "flux suspend kustomization apps -n flux-system",
        ),
        // What Flux brings by Helm has Helm's marks too; `helm` is not what goes back there.
        (
            flux("helm"),
            helm("apps"),
            "flux-helmrelease/flux-system/apps",
            "flux suspend helmrelease apps -n flux-system",
        ),
        (by, helm("api"), "helm-release/payments/api", "helm rollback api -n payments"),
    ] {
        let object = marked(labels, annotations);
        let found: Vec<_> = owners(Kind::Deployment, &object).iter().map(ToString::to_string).collect();
        assert_eq!(found, [owner]);
        let said = obstacles(Kind::Deployment, &object);
        assert!(said.len() == 1 && said[0].ends_with(words), "{said:?}");
    }
}

#[test]
fn what_only_looks_like_an_owner_is_none() {
    let by = json!({ "app.kubernetes.io/managed-by": "Helm" });
    let tracked = |id: &str| marked(json!({}), json!({ "argocd.argoproj.io/tracking-id": id }));
    for object in [
        // Copies of another object's annotation: of its kind, group, namespace or name.
        tracked("pay:apps/StatefulSet:payments/api"),
        tracked("pay:extensions/Deployment:payments/api"),
        tracked("pay:apps/Deployment:other/api"),
        tracked("pay:apps/Deployment:payments/web"),
        tracked("pay"),
        tracked("a b:apps/Deployment:payments/api"),
        // With the annotation beside it the label is for others to read.
        marked(
            json!({ "argocd.argoproj.io/instance": "pay" }),
            json!({ "argocd.argoproj.io/tracking-id": "pay:apps/Deployment:payments/web" }),
        ),
        // A chart that something else than Helm brought, and marks that Helm itself would not take for its own.
        marked(json!({ "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "pay" }), json!({})),
        marked(json!({}), helm("api")),
        marked(by.clone(), json!({ "meta.helm.sh/release-name": "api" })),
        marked(by, helm("\u{1b}]52;c;x\u{7}\u{202e}")),
        marked(json!({ "app.kubernetes.io/managed-by": "hand" }), helm("api")),
    ] {
        assert_eq!(owners(Kind::Deployment, &object), [], "{object}");
    }
    let rollout = tracked("pay:argoproj.io/Rollout:payments/api");
    assert_eq!(owners(Kind::Rollout, &rollout).len(), 1);
    assert_eq!(owners(Kind::Canary, &rollout), []);
    assert_eq!(owners(Kind::Canary, &tracked("pay:flagger.app/Canary:payments/api")).len(), 1);
}

#[test]
fn an_ordered_set_with_a_broken_pod_is_a_trap() {
    let set = |policy: &str| {
        json!({ "metadata": { "uid": "u" }, "spec": { "podManagementPolicy": policy },
            "status": { "updateRevision": "db-2", "readyReplicas": 1 } })
    };
    let pod = |name: &str, revision: &str, ready: &str| {
        json!({ "metadata": { "name": name, "labels": { "controller-revision-hash": revision },
            "ownerReferences": [{ "uid": "u", "controller": true }] },
            "status": { "conditions": [{ "type": "Ready", "status": ready }] } })
    };
    let pods = [pod("db-0", "db-1", "True"), pod("db-1", "db-2", "False")];
    let said = trapped(&set("OrderedReady"), &pods);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with("kubectl delete pod db-1"), "{said:?}");
}

fn set(number: u64, image: &str, env: &str) -> Value {
    json!({ "metadata": { "name": format!("api-{number}"), "annotations": { "deployment.kubernetes.io/revision": number.to_string() },
        "ownerReferences": [{ "uid": "u", "controller": true }] },
        "spec": { "template": { "metadata": { "labels": { "pod-template-hash": "x" } },
            "spec": { "containers": [{ "image": image, "env": env }] } } } })
}

#[test]
fn revisions_are_found_by_version_and_by_number() {
    let kept = [set(9, "api:2", "a"), set(10, "api:1", "a"), set(11, "api:2", "b"), set(12, "api:3", "a")];
    let object = json!({ "metadata": { "uid": "u", "resourceVersion": "77" },
        "spec": { "template": { "metadata": { "labels": {} }, "spec": { "containers": [{ "image": "api:3", "env": "a" }] } } } });
    let all = revisions(Kind::Deployment, &object, kept.iter(), &Where::default());
    assert_eq!(all.iter().map(|r| r.number).collect::<Vec<_>>(), [12, 11, 10, 9]);
    assert_eq!(names(&all, &object), ["2", "1", "2#9"]);
    for (to, number) in [("2", 11), ("1", 10), ("2#9", 9), ("#9", 9), ("3", 12)] {
        assert_eq!(find(&all, &object, to).map(|r| r.number), Ok(number), "{to}");
    }
    assert_eq!(find(&all, &object, "1#9").unwrap_err(), "unable to find revision 9; kept are 2, 1, 2#9");
    assert_eq!(find(&all, &object, "7").unwrap_err(), "no revision of version 7 is kept; kept are 2, 1, 2#9");
    // The same words mean the same twice: a version that is current is there already.
    let again = json!({ "metadata": { "uid": "u" }, "spec": { "template": {
        "metadata": { "labels": {} }, "spec": { "containers": [{ "image": "api:2", "env": "b" }] } } } });
    assert_eq!(names(&all, &again), ["3", "1", "2#9"]);
    assert_eq!(find(&all, &again, "2").map(|r| r.number), Ok(11));
    // A set of somebody else's with the same labels is none of ours.
    let mut other = set(13, "api:4", "a");
    other["metadata"]["ownerReferences"][0]["uid"] = "v".into();
    assert!(revisions(Kind::Deployment, &object, [&other].into_iter(), &Where::default()).is_empty());
    // What is current is not sent again; what is paused goes on in the same request.
    assert_eq!(undo::patch(Kind::Deployment, &object, &all[0], "c"), Ok(None));
    let mut paused = object.clone();
    paused["spec"]["paused"] = true.into();
    let patch = undo::patch(Kind::Deployment, &paused, &all[1], "c").unwrap().unwrap();
    assert_eq!(patch.body[4], json!({ "op": "replace", "path": "/spec/paused", "value": false }));
    assert!(undo::patch(Kind::Deployment, &paused, &all[0], "c").unwrap().is_some());
    // Without annotations there is nothing to replace: the API would refuse that.
    let patch = undo::patch(Kind::Deployment, &object, &all[1], "c").unwrap().unwrap();
    assert_eq!(patch.body[3]["op"], "add");
}

#[test]
fn what_is_read_of_a_watched_object_is_what_rows_are_made_of() {
    use holdpoint::backend::kubernetes::lean::{Shape, event, page, read};
    let text = r#"{"items":[{"metadata":{"name":"a","managedFields":[{}],"labels":{"x":"y"},
        "ownerReferences":[{"name":"o","controller":true}]},"spec":{"containers":[1,-2,3.5,null,true]},
        "status":{"phase":"Running","podIP":"::1","containerStatuses":[{"name":"c","image":"i","ready":false}]}}]}"#;
    let whole: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(read(text.as_bytes(), &Shape::All).unwrap(), whole);
    let pod = json!({ "items": [{ "metadata": { "name": "a", "ownerReferences": [{ "name": "o", "controller": true }] },
        "status": { "phase": "Running", "containerStatuses": [{ "name": "c", "ready": false }] } }] });
    assert_eq!(read(text.as_bytes(), page("pods")).unwrap(), pod);
    let mut other = whole;
    other["items"][0]["metadata"].as_object_mut().unwrap().remove("managedFields");
    assert_eq!(read(text.as_bytes(), page("replicasets")).unwrap(), other);
    // Of a workload also who wrote its template and its cause.
    let text = r#"{"items":[{"metadata":{"managedFields":[{"manager":"m","operation":"Apply","time":"t","fieldsV1":{
        "f:metadata":{"f:labels":{},"f:annotations":{"f:x":{},"f:kubernetes.io/change-cause":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:metadata":{"f:labels":{}},
        "f:spec":{"f:volumes":{},"f:containers":{"k:{}":{"f:image":{}}}}}}}}]}}]}"#;
    let caused = json!({ "f:annotations": { "f:kubernetes.io/change-cause": {} } });
    let noted = json!({ "manager": "m", "time": "t", "fieldsV1": { "f:metadata": caused, "f:spec": { "f:template": {
        "f:metadata": { "f:labels": {} }, "f:spec": { "f:containers": { "k:{}": { "f:image": {} } } } } } } });
    let noted = json!({ "items": [{ "metadata": { "managedFields": [noted] } }] });
    for resource in ["deployments", "statefulsets", "daemonsets", "rollouts", "canaries"] {
        assert_eq!(read(text.as_bytes(), page(resource)).unwrap(), noted);
    }
    // A failure comes in the place of an object, whatever is watched.
    let error =
        r#"{"type":"ERROR","object":{"kind":"Status","metadata":{},"status":"Failure","code":410,"reason":"Expired"}}"#;
    for resource in ["pods", "replicasets"] {
        let said = read(error.as_bytes(), event(resource)).unwrap();
        assert_eq!((&said["object"]["code"], &said["object"]["reason"]), (&json!(410), &json!("Expired")));
    }
    for broken in ["", "{", "{} {}", "[1,]", "nul"] {
        assert!(read(broken.as_bytes(), &Shape::All).is_err(), "{broken}");
    }
}

fn known<'a>(place: &'a Place, object: &'a Value) -> Known<'a> {
    let (kept, pods, others, news) = Default::default();
    Known { place, object, kept, pods, others, news, now: chrono::Utc::now() }
}

#[test]
fn the_last_instances_of_a_version_start_before_it_is_degraded() {
    let state = |kind: &str, more: Value| {
        let place = Place::read(&format!("payments/{kind}/api"), "x").unwrap();
        let mut object = json!({ "metadata": { "generation": 2 }, "spec": { "replicas": 3, "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": {} } },
            "status": { "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 2, "availableReplicas": 2 } });
        object["status"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row(&known(&place, &object), None).state
    };
    let progressing = |status: &str, reason: &str| {
        state("deployment", json!({ "conditions": [{ "type": "Progressing", "status": status, "reason": reason }] }))
    };
    assert_eq!(progressing("True", "ReplicaSetUpdated"), "rolling");
    assert_eq!(progressing("True", "NewReplicaSetAvailable"), "degraded", "it was complete, and is not any more");
    assert_eq!(progressing("False", "ProgressDeadlineExceeded"), "degraded");
    assert_eq!(state("deployment", json!({})), "degraded", "its controller does not say");
    assert_eq!(state("statefulset", json!({ "currentRevision": "a", "updateRevision": "b" })), "rolling");
    assert_eq!(state("statefulset", json!({ "currentRevision": "b", "updateRevision": "b" })), "degraded");
}

/// A daemon set of ten whose pods are all of the newest version, and of which so many are available.
fn daemons(available: u64, strategy: Value) -> Value {
    json!({ "metadata": { "generation": 2 }, "spec": { "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": strategy } },
        "status": { "observedGeneration": 2, "desiredNumberScheduled": 10, "currentNumberScheduled": 10,
            "updatedNumberScheduled": 10, "numberReady": available, "numberAvailable": available } })
}

#[test]
fn the_last_pods_of_a_daemon_set_start_as_many_at_once_as_it_may_take_away() {
    let place = Place::read("payments/daemonset/agent", "x").unwrap();
    let at = |now: &str, object: &Value, pods: &[Value]| {
        let ill: Vec<Ill> = pods.iter().filter_map(Ill::of).collect();
        let pods = ill.iter().map(|ill| ("agent-1", ill)).collect();
        row(&Known { pods, now: now.parse().unwrap(), ..known(&place, object) }, None).state
    };
    let state = |object: &Value, pods: &[Value]| at("2026-11-22T02:16:00Z", object, pods);
    let crashes = json!({ "metadata": { "name": "agent-1" }, "status": { "phase": "Running", "containerStatuses": [
        { "name": "agent", "restartCount": 2, "state": { "waiting": { "reason": "CrashLoopBackOff" } } }] } });
    for (available, strategy, is) in [
        (9, json!({}), "rolling"),
        (8, json!({}), "degraded"),
        (9, json!({ "maxUnavailable": 1 }), "rolling"),
        (7, json!({ "maxUnavailable": 3 }), "rolling"),
        (6, json!({ "maxUnavailable": 3 }), "degraded"),
        // Rounded up, as its controller does.
        (8, json!({ "maxUnavailable": "11%" }), "rolling"),
        (7, json!({ "maxUnavailable": "11%" }), "degraded"),
        (9, json!({ "maxUnavailable": 0, "maxSurge": 1 }), "degraded"),
        (9, json!({ "maxUnavailable": 0, "maxSurge": 0 }), "rolling"),
        (8, json!({ "maxUnavailable": "much" }), "degraded"),
        (10, json!({}), "stable"),
    ] {
        assert_eq!(state(&daemons(available, strategy.clone()), &[]), is, "{available} {strategy}");
    }
    let last = daemons(9, json!({}));
    assert_eq!(state(&last, std::slice::from_ref(&crashes)), "degraded");
    let mut unseen = daemons(9, json!({}));
    unseen["metadata"]["generation"] = 3.into();
    assert_eq!(state(&unseen, &[crashes]), "rolling", "the counts are of before");
    // A pod that has just started is not in trouble; one that was ready, or was restarted, is.
    let pod = |turned: &str, restarts: u64| {
        let pod = json!({ "metadata": { "name": "agent-1" }, "status": { "phase": "Running",
            "conditions": [{ "type": "Ready", "status": "False", "lastTransitionTime": turned }],
            "containerStatuses": [{ "name": "agent", "ready": false, "restartCount": restarts,
                "state": { "running": { "startedAt": "2026-11-22T02:15:10Z" } } }] } });
        (state(&last, std::slice::from_ref(&pod)), at("2026-11-22T02:26:00Z", &last, &[pod]))
    };
    let both = |state: &str| (state.to_owned(), "degraded".to_owned());
    assert_eq!(pod("2026-11-22T02:15:08Z", 0), both("rolling"), "and not for ever");
    assert_eq!(pod("2026-11-22T02:19:00Z", 0), both("degraded"), "it was ready before");
    assert_eq!(pod("2026-11-22T02:15:08Z", 1), both("degraded"));
    assert_eq!(pod("", 0), both("degraded"), "nobody says since when");
}

#[test]
fn an_experiment_that_is_inconclusive_is_in_doubt() {
    let place = Place::read("payments/rollout/web", "x").unwrap();
    let checks = |reason: &str| {
        let object = json!({ "spec": { "strategy": { "canary": { "steps": [{ "experiment": {} }] } } },
            "status": { "phase": "Paused", "currentPodHash": "new", "stableRS": "old",
                "pauseConditions": [{ "reason": reason, "startTime": "2026-11-21T10:00:00Z" }] } });
        let row = row(&known(&place, &object), None);
        row.stages.unwrap().doubt().map(|check| check.line())
    };
    assert_eq!(checks("CanaryPauseStep"), None);
    let said = checks("InconclusiveExperiment").unwrap();
    assert_eq!(said, "rollout: inconclusive, its experiment is inconclusive, and a person has to judge");
}

#[test]
fn who_writes_no_route_leaves_it_as_it_is() {
    let template =
        json!({ "metadata": { "labels": {} }, "spec": { "containers": [{ "name": "web", "image": "web:2" }] } });
    let object = json!({ "metadata": { "uid": "u", "name": "web" }, "spec": { "template": template, "selector": {} } });
    let mut set = json!({ "metadata": { "name": "web-1", "ownerReferences": [{ "uid": "u", "controller": true }],
        "annotations": { "deployment.kubernetes.io/revision": "1", "rollout.argoproj.io/revision": "1" } },
        "spec": { "template": template } });
    set["spec"]["template"]["spec"]["containers"][0]["image"] = "web:1".into();
    let said = |kind: &str| {
        let place = Place::read(&format!("payments/{kind}/web>httproute/web"), "x").unwrap();
        let at = Where::default();
        let all = revisions(place.kind, &object, [&set].into_iter(), &at);
        let operation = super::ground::back("1");
        let loses = plan(&operation, Asker::default(), &place, &object, &all, &at).unwrap().loses;
        loses.into_iter().filter(|what| what.starts_with("where traffic goes stays as it is")).collect::<Vec<_>>()
    };
    assert_eq!(said("deployment"), ["where traffic goes stays as it is (httproute web)"]);
    // Its controller writes the route as it goes back.
    assert_eq!(said("rollout"), [""; 0]);
}
