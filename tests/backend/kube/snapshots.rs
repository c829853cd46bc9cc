//! Snapshots of what fails: what a post-mortem needs is there, the worst first, and what is not is said.

use super::ground::{backend, operation, rolled, set_image, soon};
use crate::cluster::{Cluster, Does, canary, deployment};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Receipt;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};

/// What was kept in the file, and how it ended.
async fn taken(cluster: &Cluster, operation: Operation) -> (String, Done) {
    let file = cluster.dir().join("kept.log");
    let done = soon(backend(cluster).perform(operation, key(), sink(Some(file.clone())).0)).await.unwrap();
    let kept = std::fs::read_to_string(file).unwrap();
    (kept, done)
}

fn snapshot() -> Operation {
    Operation { limit: Span::secs(60), ..operation(Verb::Snapshot, "api", &[]) }
}

fn whole(done: Done) -> Receipt {
    match done {
        Done::Whole(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

/// How many parts of how many were saved, and its summary.
fn partly(done: Done) -> (u32, u32, String) {
    match done {
        Done::Partly(saved, of, receipt) => (saved, of, receipt.summary),
        other => panic!("{other:?}"),
    }
}

/// A cluster whose `api` is being brought a version that crashes, and the pod that does; nothing moves any more.
async fn crashing() -> (Cluster, String) {
    let cluster = rolled().await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0-crash");
    let crashes = |pod: &Value| pod["status"]["containerStatuses"][0]["restartCount"] == 4;
    let find = || cluster.state().store.all("pods", None).find(|pod| crashes(pod)).cloned();
    until("a pod crashes", || find().is_some()).await;
    cluster.state().controllers = false;
    let name = find().unwrap()["metadata"]["name"].as_str().unwrap().to_owned();
    cluster.change("pods", &name, |pod| {
        pod["status"]["containerStatuses"][0]["lastState"] = json!({ "terminated": {
            "exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-22T10:00:00Z" } });
        pod["metadata"]["annotations"]["fake/log/api"] = "starting\n".into();
        pod["metadata"]["annotations"]["fake/previous/api"] = "starting\nno such column: tax\u{1b}[2J\n".into();
    });
    (cluster, name)
}

/// Another pod of the same set, made from one there is.
fn another(cluster: &Cluster, like: &str, name: &str, with: impl FnOnce(&mut Value)) {
    let mut pod = cluster.get("pods", like).unwrap();
    pod["metadata"]["name"] = name.into();
    for key in ["uid", "resourceVersion", "generation"] {
        pod["metadata"].as_object_mut().unwrap().remove(key);
    }
    with(&mut pod);
    cluster.put("pods", pod);
}

#[tokio::test]
async fn a_crash_loop_is_told_by_the_log_before_the_restart() {
    let (cluster, pod) = crashing().await;
    let (kept, done) = taken(&cluster, snapshot()).await;
    let receipt = whole(done);
    assert!(receipt.summary.starts_with("saved deployment payments/api with 3 pods (1 in trouble), "), "{receipt:?}");
    assert!(receipt.summary.ends_with("4 logs (1 of them from before a restart)"), "{receipt:?}");
    let head =
        format!("--- previous log of {pod} api (OOMKilled, exit code 137, 2026-11-22T10:00:00Z): 2 lines\nstarting\n");
    let at = |text: &str| kept.find(text).unwrap_or_else(|| panic!("{text:?} is not in {kept}"));
    // Harmless, the worst pod first, and its earlier container before the one that has only begun.
    assert!(kept.contains(&format!("{head}no such column: tax\\u{{1b}}[2J\n")), "{kept}");
    assert!(at(&head) < at(&format!("--- log of {pod} api (CrashLoopBackOff): 1 lines\nstarting\n")));
    assert!(at(&format!("--- log of {pod} api")) < at(" says hello\n"));
    assert!(at("--- pods, the worst first") < at(&format!("{pod}: CrashLoopBackOff")));
    // What was not restarted has no log of before, and is not asked for one.
    let asked = cluster.state().asked.clone();
    let before: Vec<_> = asked.iter().filter(|asked| asked.query.contains("previous=true")).collect();
    assert!(before.len() == 1 && before[0].path.contains(&pod), "{before:?}");
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn what_waits_to_start_again_has_one_log_and_it_is_kept_once() {
    let (cluster, pod) = crashing().await;
    cluster.change("pods", &pod, |pod| {
        pod["metadata"]["annotations"]["fake/log/api"] = pod["metadata"]["annotations"]["fake/previous/api"].clone();
    });
    let (kept, done) = taken(&cluster, snapshot()).await;
    whole(done);
    let said = kept.lines().filter(|line| line.starts_with("no such column"));
    assert_eq!(said.count(), 1, "{kept}");
    assert!(kept.contains(&format!("log of {pod} api: the same as the previous one\n")), "{kept}");
}

#[tokio::test]
async fn an_init_container_that_fails_is_told_by_its_log() {
    let (cluster, pod) = crashing().await;
    cluster.change("pods", &pod, |pod| {
        pod["spec"]["initContainers"] = json!([{ "name": "wait" }, { "name": "migrate" }]);
        pod["status"]["initContainerStatuses"] = json!([
            { "name": "wait", "ready": true, "restartCount": 0,
                "state": { "terminated": { "exitCode": 0, "reason": "Completed" } } },
            { "name": "migrate", "ready": false, "restartCount": 0,
                "state": { "terminated": { "exitCode": 3, "reason": "Error" } } },
        ]);
        pod["status"]["containerStatuses"][0] = json!({ "name": "api", "ready": false, "restartCount": 0,
            "state": { "waiting": { "reason": "PodInitializing" } } });
        pod["metadata"]["annotations"]["fake/log/migrate"] = "relation accounts is locked\n".into();
        pod["metadata"]["annotations"]["fake/log/wait"] = "the database answers\n".into();
    });
    let (kept, done) = taken(&cluster, snapshot()).await;
    whole(done);
    let migrate = format!("--- log of {pod} migrate (Error, exit code 3): 1 lines\nrelation accounts is locked\n");
    let wait = format!("--- log of {pod} wait (Completed, exit code 0): 1 lines\nthe database answers\n");
    assert!(kept.find(&migrate).unwrap() < kept.find(&wait).unwrap(), "{kept}");
    assert!(kept.contains(&format!("{pod} api has no log, it has not started: PodInitializing\n")), "{kept}");
    assert!(!cluster.state().asked.iter().any(|asked| asked.path.contains(&pod) && asked.query.contains("=api")));
}

#[tokio::test]
async fn of_many_pods_those_that_fail_are_kept_though_they_are_listed_last() {
    let (cluster, crashed) = crashing().await;
    let set = crashed.rsplit_once('-').unwrap().0.to_owned();
    let well =
        cluster.state().store.all("pods", None).find(|pod| pod["status"]["phase"] == "Running").cloned().unwrap();
    let well = well["metadata"]["name"].as_str().unwrap().to_owned();
    for n in 0..30 {
        another(&cluster, &well, &format!("{}-a{n:03}", well.rsplit_once('-').unwrap().0), |_| {});
        another(&cluster, &crashed, &format!("{set}-b{n:03}"), |_| {});
    }
    // One fails otherwise than all the rest, and comes last in every list.
    let last = format!("{set}-zzz");
    another(&cluster, &crashed, &last, |pod| {
        pod["status"]["containerStatuses"][0] = json!({ "name": "api", "ready": false, "restartCount": 0,
            "state": { "terminated": { "exitCode": 1, "reason": "Error", "message": "the odd one" } } });
        pod["metadata"]["annotations"]["fake/log/api"] = "the odd one says why\n".into();
    });
    let (kept, done) = taken(&cluster, snapshot()).await;
    let said = whole(done).summary;
    assert!(said.contains("64 pods (32 in trouble), "), "{said}");
    assert!(said.ends_with("; left out: manifests and logs of 24 pods in trouble and 30 that are well"), "{said}");
    assert!(kept.contains("the odd one says why"), "{kept}");
    assert_eq!(kept.matches("\n--- previous log of ").count(), 7, "{said}");
    // The manifests hold it too, in quotes.
    assert_eq!(kept.lines().filter(|line| line.ends_with("says hello")).count(), 2, "{said}");
    // Of those that were left out there is a line each.
    for name in [&last, &format!("{set}-b029"), &format!("{}-a029", well.rsplit_once('-').unwrap().0)] {
        assert!(kept.contains(&format!("\n{name}: ")), "{name}: {kept}");
    }
}

#[tokio::test]
async fn a_log_that_is_gone_is_named_and_the_snapshot_is_saved_in_part() {
    let (cluster, pod) = crashing().await;
    let gone = "unable to retrieve container logs for containerd://4f1c\n";
    for (log, why) in [(None, "the API answers 400"), (Some("gone"), "the API answers 404"), (Some(gone), gone.trim())]
    {
        cluster.change("pods", &pod, |pod| match log {
            Some(log) => pod["metadata"]["annotations"]["fake/previous/api"] = log.into(),
            None => ["fake/previous/api", "fake/previous"].into_iter().for_each(|key| {
                pod["metadata"]["annotations"].as_object_mut().unwrap().remove(key);
            }),
        });
        if log == Some("gone") {
            cluster.fault("GET", "previous=true", Does::Status(404), 1);
        }
        let (kept, done) = taken(&cluster, snapshot()).await;
        let (saved, of, said) = partly(done);
        assert_eq!(of, saved + 1, "{said}");
        assert!(said.starts_with("partly saved deployment payments/api with "), "{said}");
        assert!(said.contains(&format!("; not saved: the previous log of {pod} api: {why}")), "{said}");
        // The rest is there.
        assert!(kept.contains("says hello"), "{kept}");
        assert!(kept.contains(&format!("not saved: the previous log of {pod} api: {why}")), "{kept}");
    }
}

#[tokio::test]
async fn what_may_not_be_read_is_named_and_does_not_keep_the_rest_from_being_saved() {
    let (cluster, _) = crashing().await;
    cluster.state().denied.push("list events".to_owned());
    let preview = soon(backend(&cluster).preview(&snapshot())).await.unwrap();
    assert!(preview.obstacles.iter().any(|o| o.contains("you may not list events")), "{preview:?}");
    assert!(preview.refused.is_empty(), "{preview:?}");
    let (kept, done) = taken(&cluster, snapshot()).await;
    let (saved, of, said) = partly(done);
    assert!(of == saved + 1 && said.contains("not saved: events: the API answers 403"), "{said}");
    assert!(kept.contains("no such column") && kept.contains("says hello"), "{kept}");
    cluster.state().denied = vec!["list replicasets".to_owned()];
    // The preview reads what taking it must read, and no more.
    let preview = soon(backend(&cluster).preview(&snapshot())).await.unwrap();
    assert!(preview.obstacles.iter().any(|o| o.contains("you may not list replicasets")), "{preview:?}");
    assert!(preview.refused.is_empty() && !preview.effects.is_empty(), "{preview:?}");
    let (kept, done) = taken(&cluster, snapshot()).await;
    assert!(partly(done).2.contains("not saved: replicasets: the API answers 403") && kept.contains("no such column"));
}

/// A node that is gone keeps the API from answering; what leads back waits for the snapshot no longer than agreed.
#[tokio::test]
async fn logs_that_never_come_take_no_longer_than_its_limit() {
    let (cluster, pod) = crashing().await;
    cluster.fault("GET", "/log", Does::Hang, 99);
    let (kept, done) = taken(&cluster, Operation { limit: Span::secs(15), ..snapshot() }).await;
    let (saved, of, said) = partly(done);
    assert_eq!(of, saved + 4, "{said}");
    assert!(said.contains(&format!("the previous log of {pod} api: no answer within ")), "{said}");
    assert!(kept.contains("\"OOMKilled\"") && kept.contains("--- replicasets"), "{kept}");
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_asked_no_more_and_keeps_no_other_from_being_read() {
    let (cluster, pod) = crashing().await;
    let set = pod.rsplit_once('-').unwrap().0.to_owned();
    for n in 0..7 {
        another(&cluster, &pod, &format!("{set}-dead{n}"), |pod| pod["spec"]["nodeName"] = "gone-1".into());
    }
    cluster.fault("GET", "-dead", Does::Hang, 999);
    let (kept, done) = taken(&cluster, Operation { limit: Span::secs(20), ..snapshot() }).await;
    let (.., said) = partly(done);
    assert!(said.contains("no answer within "), "{said}");
    assert!(kept.contains("its node gone-1 did not answer for another log"), "{kept}");
    assert!(kept.contains("no such column") && kept.lines().any(|line| line.ends_with("says hello")), "{kept}");
    let asked = cluster.state().asked.iter().filter(|asked| asked.path.contains("-dead")).count();
    assert!(asked <= 4, "{asked} times");
}

#[tokio::test]
async fn what_the_cap_cuts_off_was_not_saved() {
    let (cluster, pod) = crashing().await;
    // One manifest alone does not fill it.
    cluster.change("pods", &pod, |pod| pod["metadata"]["annotations"]["big"] = "x".repeat(5 << 20).into());
    let (kept, done) = taken(&cluster, snapshot()).await;
    let said = whole(done).summary;
    assert!(said.contains(&format!(" bytes of pods {pod}")) && kept.len() < 1 << 20, "{said}");
    assert!(kept.contains("no such column") && kept.contains(" more bytes of it)"), "{said}");
    for n in 0..60 {
        let mut event = event(n, &pod, "2026-11-22T11:00:00Z");
        event["note"] = "x".repeat(100 << 10).into();
        cluster.put("events", event);
    }
    let (kept, done) = taken(&cluster, snapshot()).await;
    let (saved, of, said) = partly(done);
    // The events, and the two logs of pods that are well: what says why it fails came before.
    assert_eq!(of, saved + 3, "{said}");
    assert!(kept.contains("no such column"), "the log of what fails is not there");
    assert_eq!(kept.len(), 4 << 20);
    assert!(said.contains("; not saved: the last ") && said.ends_with(" bytes, for which there was no room"), "{said}");
}

#[tokio::test]
async fn a_long_log_is_kept_from_its_end() {
    let (cluster, pod) = crashing().await;
    let head = format!("--- log of {pod} api (CrashLoopBackOff): ");
    for (width, head) in [(0, format!("{head}the last 200 lines\n")), (400, format!("{head}the end of it, 15"))] {
        let long: String = (0..20_000).map(|n| format!("{}line {n}\n", "x".repeat(width))).collect();
        cluster.change("pods", &pod, |pod| pod["metadata"]["annotations"]["fake/log/api"] = long.into());
        let (kept, done) = taken(&cluster, snapshot()).await;
        whole(done);
        assert!(kept.contains("line 19999\n") && !kept.contains("line 99\n"), "it was not cut");
        let heads: Vec<_> = kept.lines().filter(|line| line.starts_with("--- log")).collect();
        assert!(kept.contains(&head), "that it was cut is not said: {heads:?}");
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn of_a_log_with_long_lines_fewer_are_asked_for_and_never_as_many_again() {
    let (cluster, pod) = crashing().await;
    let asked = || {
        let state = cluster.state();
        let logs = state.asked.iter().filter(|asked| asked.path.contains(&pod) && !asked.query.contains("previous"));
        let lines = logs.filter_map(|asked| asked.query.split_once("tailLines=").map(|(_, lines)| lines.to_owned()));
        lines.collect::<Vec<_>>()
    };
    let long = |lines: usize, width: usize| {
        let all = (1..=lines).map(|n| format!("{}end of line {n}\n", "x".repeat(width)));
        all.collect::<String>()
    };
    // Twenty of them are not too much.
    let log = long(210, 21 << 10);
    cluster.change("pods", &pod, |pod| pod["metadata"]["annotations"]["fake/log/api"] = log.into());
    let (kept, done) = taken(&cluster, snapshot()).await;
    whole(done);
    assert_eq!(asked(), ["200", "20"]);
    assert!(kept.contains("xxend of line 210\n") && kept.contains(" api (CrashLoopBackOff): the end of it, "));
    // A line that alone is more than is kept is kept from its end.
    let log = long(1, 100 << 10);
    cluster.change("pods", &pod, |pod| pod["metadata"]["annotations"]["fake/log/api"] = log.into());
    let (kept, done) = taken(&cluster, snapshot()).await;
    whole(done);
    assert!(kept.lines().any(|line| line.ends_with("xxend of line 1") && line.len() > 60 << 10), "the line is lost");
    // And two may be.
    cluster.state().asked.clear();
    let log = long(3, 2200 << 10);
    cluster.change("pods", &pod, |pod| pod["metadata"]["annotations"]["fake/log/api"] = log.into());
    let (kept, done) = taken(&cluster, snapshot()).await;
    let said = partly(done).2;
    assert_eq!(asked(), ["200", "20", "2"]);
    let why = format!("the log of {pod} api: its last 2 lines are larger than 4 MiB");
    assert!(said.contains(&why) && kept.contains(&format!("not saved: {why}")), "{said}");
}

#[tokio::test]
async fn hostile_names_lead_nowhere_and_pass_for_nothing() {
    let (cluster, pod) = crashing().await;
    let set = pod.rsplit_once('-').unwrap().0.to_owned();
    let names = ["../../../evil", "..", "a\n--- log of api api: 0 lines", "\u{202e}x?previous=true&container=y#"];
    for name in names {
        another(&cluster, &pod, name, |pod| {
            pod["spec"]["nodeName"] = "n1".into();
            pod["spec"]["containers"] = json!([{ "name": "../c\n--- x" }, { "name": "." }]);
            pod["metadata"]["ownerReferences"][0]["name"] = set.clone().into();
        });
    }
    let before: Vec<_> = listed(&cluster);
    let (kept, done) = taken(&cluster, snapshot()).await;
    let (.., said) = partly(done);
    assert!(said.contains("its name cannot be asked for"), "{said}");
    assert!(!said.contains(['\n', '\u{202e}']) && !kept.contains('\u{202e}'), "{said}");
    let heads = kept.lines().filter(|line| line.starts_with("--- log of api api") || line.starts_with("--- x"));
    assert_eq!(heads.count(), 0, "{kept}");
    let asked = cluster.state().asked.clone();
    let logs = asked.iter().filter(|asked| asked.path.ends_with("/log"));
    assert!(logs.clone().all(|asked| asked.path.starts_with("/api/v1/namespaces/payments/pods/")), "{asked:?}");
    assert!(logs.clone().all(|asked| asked.path != "/api/v1/namespaces/payments/pods/../log"), "{asked:?}");
    let after: Vec<_> = listed(&cluster).into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(after, ["kept.log"]);
}

#[tokio::test]
async fn secrets_are_hidden_by_name_and_by_key() {
    let (cluster, pod) = crashing().await;
    cluster.change("pods", &pod, |pod| {
        pod["metadata"]["annotations"]["adminPassword"] = "hunter2".into();
        pod["spec"]["containers"][0]["env"] = json!([{ "name": "DB_PASSWORD", "value": "hunter2" }]);
        pod["spec"]["volumes"] = json!([{ "name": "v", "secret": { "secretName": "told" }, "apiToken": "hunter2" },
            { "key": "API_TOKEN", "value": "hunter2" }]);
    });
    let (kept, done) = taken(&cluster, snapshot()).await;
    whole(done);
    assert!(!kept.contains("hunter2") && kept.contains("\"secretName\": \"told\""), "{kept}");
}

fn event(n: usize, about: &str, at: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Event", "metadata": { "name": format!("e{n:03}"), "namespace": "payments" },
        "involvedObject": { "name": about }, "lastTimestamp": at, "message": format!("it was said {n} times") })
}

#[tokio::test]
async fn of_many_events_the_newest_are_kept_and_those_of_others_are_not() {
    let (cluster, pod) = crashing().await;
    // Listed by name, the newest first.
    for n in 0..205 {
        cluster.put("events", event(n, &pod, &format!("2026-11-22T11:{:02}:{:02}Z", (300 - n) / 60, (300 - n) % 60)));
    }
    cluster.put("events", event(900, "apis-1", "2026-11-22T12:00:00Z"));
    cluster.put("events", event(902, "api-gateway-7d4-x1", "2026-11-22T12:00:00Z"));
    // Of a pod that is gone, and was of a set that there is.
    let gone = format!("{}-gone1", pod.rsplit_once('-').unwrap().0);
    cluster.put("events", event(901, &gone, "2026-11-22T12:00:00Z"));
    let (kept, done) = taken(&cluster, snapshot()).await;
    let said = whole(done).summary;
    assert!(said.contains(", 200 events, ") && said.ends_with("; left out: 6 older events"), "{said}");
    assert!(kept.contains("said 901 times") && kept.contains("said 198 times"), "{said}");
    assert!(
        !kept.contains("said 199 times") && !kept.contains("said 900 times") && !kept.contains("said 902 times"),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_said_of_a_canary_by_its_own_name_is_kept() {
    let cluster = canary_of_basket();
    cluster.put("events", event(1, "shop", "2026-11-22T11:00:00Z"));
    let file = cluster.dir().join("kept.log");
    let performed = super::staged::backend(&cluster).perform(
        operation(Verb::Snapshot, "shop", &[]),
        key(),
        sink(Some(file.clone())).0,
    );
    let receipt = whole(soon(performed).await.unwrap());
    assert!(receipt.summary.contains(", 1 events, "), "{receipt:?}");
    assert!(std::fs::read_to_string(file).unwrap().contains("it was said 1 times"), "{receipt:?}");
}

/// `shop`, a canary of `basket`, which nothing moves.
fn canary_of_basket() -> Cluster {
    let cluster = Cluster::start();
    cluster.put("deployments", deployment("basket", "reg.example/basket:4.1.9", 1));
    let mut canary = canary("shop", &[]);
    canary["spec"]["targetRef"]["name"] = "basket".into();
    cluster.state().controllers = false;
    cluster.put("canaries", canary);
    cluster
}

#[tokio::test]
async fn a_preview_of_a_canarys_reads_what_it_leads_and_says_so() {
    let cluster = canary_of_basket();
    let shop = operation(Verb::Snapshot, "shop", &[]);
    let backend = super::staged::backend(&cluster);
    for preview in [soon(backend.preview(&shop)).await.unwrap(), soon(backend.glance(&shop)).await.unwrap()] {
        assert!(preview.effects[0].contains("deployment payments/basket and canary payments/shop"), "{preview:?}");
    }
    let asked = cluster.state().asked.clone();
    let listed = asked.iter().filter(|asked| asked.path.ends_with("/replicasets"));
    assert_eq!(listed.count(), 0, "all of the namespace was listed");
}

#[tokio::test]
async fn what_a_canary_leads_that_cannot_be_saved_is_refused_beforehand_too() {
    let cluster = canary_of_basket();
    let shop = operation(Verb::Snapshot, "shop", &[]);
    let backend = super::staged::backend(&cluster);
    let refused = async |why: &str| {
        let preview = soon(backend.preview(&shop)).await.unwrap();
        assert!(preview.refused.iter().any(|said| said.contains(why)) && preview.effects.is_empty(), "{preview:?}");
        let fault = soon(backend.perform(shop.clone(), key(), sink(None).0)).await.unwrap_err();
        assert!(fault.to_string().contains(why), "{fault}");
    };
    cluster.change("canaries", "shop", |canary| canary["spec"]["targetRef"]["kind"] = "Service".into());
    refused("its target is a Service").await;
    cluster.change("canaries", "shop", |canary| {
        canary["spec"]["targetRef"]["kind"] = "Deployment".into();
        canary["spec"]["targetRef"]["name"] = "gone".into();
    });
    refused("404").await;
}

fn listed(cluster: &Cluster) -> Vec<String> {
    let dir = std::fs::read_dir(cluster.dir()).unwrap();
    dir.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}
