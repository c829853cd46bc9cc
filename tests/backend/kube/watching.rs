//! The watch: a snapshot, changes, life, and every way in which it breaks.

use super::ground::{NEW, Watched, rolled, set_image};
use crate::cluster::{Does, deployment};
use crate::undisturbed as tokio;
use serde_json::json;

#[tokio::test]
async fn a_rollout_is_followed_from_a_snapshot_on() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let api = watched.api().unwrap().clone();
    assert_eq!(
        (api.version.as_str(), api.state.as_str(), api.ready, api.wanted),
        ("4.2.0", "stable", Some(2), Some(2))
    );
    assert_eq!(api.history, ["4.1.9"]);
    watched.until("life without changes", |w| w.heartbeats >= 2).await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0-nopull");
    let stuck = |w: &Watched| {
        w.api().is_some_and(|api| {
            api.candidate.as_deref() == Some("4.3.0-nopull")
                && api.trouble.iter().any(|t| t.contains("ImagePullBackOff"))
        })
    };
    watched.until("a rollout that is stuck, and why", stuck).await;
    let api = watched.api().unwrap();
    assert_eq!((api.version.as_str(), api.state.as_str()), ("4.2.0", "rolling"));
    set_image(&cluster, "deployments", "api", NEW);
    watched
        .until("all is well again", |w| w.api().is_some_and(|api| api.state == "stable" && api.trouble.is_empty()))
        .await;
    cluster.remove("deployments", "api");
    watched.until("it is gone", |w| w.api().is_none()).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn what_a_hundred_events_are_about_is_told_a_few_times_and_as_it_is_at_last() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    {
        let mut state = cluster.state();
        (1..=100).for_each(|n| state.change("deployments", "api", |api| api["spec"]["replicas"] = json!(n)));
    }
    cluster.change("deployments", "api", |api| api["spec"]["replicas"] = json!(3));
    let last = |w: &Watched| w.api().is_some_and(|api| api.wanted == Some(3) && api.state == "stable");
    watched.until("the last of them", last).await;
    assert!(watched.told <= 20, "{} times", watched.told);
}

#[tokio::test]
async fn a_cut_stream_is_said_and_missed_changes_heal() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    cluster.fault("GET", "watch=1", Does::Status(503), 3);
    cluster.cut_streams();
    watched.until("the fault", |w| !w.faults.is_empty()).await;
    cluster.remove("deployments", "api");
    cluster.compact();
    cluster.heal();
    watched.until("another snapshot without it", |w| w.snapshots >= 2 && w.api().is_none()).await;
    cluster.put("deployments", deployment("api", NEW, 1));
    watched.until("it is back", |w| w.api().is_some_and(|api| api.state == "stable")).await;
}

#[tokio::test]
async fn a_version_that_is_forgotten_begins_anew_without_a_word() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0");
    cluster.compact();
    watched
        .until("the new version", |w| w.api().is_some_and(|api| api.version == "4.3.0" && api.state == "stable"))
        .await;
}

#[tokio::test]
async fn a_frozen_connection_is_noticed_and_sends_no_heartbeat() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    cluster.state().frozen = true;
    watched.until("the silence is said", |w| w.faults.iter().any(|fault| fault.contains("fell silent"))).await;
    let before = watched.heartbeats;
    assert!(before < 20, "{before} heartbeats from a frozen server");
    cluster.state().frozen = false;
    watched.until("life again", |w| w.heartbeats > before).await;
}

#[tokio::test]
async fn a_watch_that_ends_at_once_without_a_word_is_no_life() {
    let cluster = rolled().await;
    cluster.fault("GET", "watch=1", Does::Empty, u32::MAX);
    let mut watched = Watched::new(&cluster);
    watched.until("it is said", |w| w.faults.iter().any(|fault| fault.contains("says nothing"))).await;
    assert_eq!(watched.heartbeats, 0);
    cluster.heal();
    watched.until("life", |w| w.heartbeats >= 1).await;
}

#[tokio::test]
async fn what_may_not_be_watched_is_said() {
    let cluster = rolled().await;
    cluster.state().denied.push("list pods".to_owned());
    let mut watched = Watched::new(&cluster);
    watched
        .until("the refusal", |w| w.faults.iter().any(|fault| fault.contains("403") && fault.contains("pods")))
        .await;
    assert_eq!(watched.heartbeats, 0);
}

#[tokio::test]
async fn more_than_one_page_is_read_and_unknown_words_are_shown() {
    let cluster = rolled().await;
    cluster.state().page = 1;
    cluster.state().controllers = false;
    cluster.change("deployments", "api", |object| {
        object["status"]["conditions"] = json!([{ "type": "Brandnew", "status": "Maybe", "reason": "Whatever" }]);
        object["spec"]["strategy"] = json!({ "type": "Teleport", "speed": 9 });
        object["status"]["availableReplicas"] = json!(1);
        // The spec is new by that, and was seen.
        object["status"]["observedGeneration"] = json!(99);
    });
    let pods: Vec<String> =
        cluster.state().store.all("pods", None).map(|p| p["metadata"]["name"].as_str().unwrap().to_owned()).collect();
    cluster.change("pods", &pods[0], |pod| {
        pod["status"]["conditions"][0]["status"] = json!("False");
        pod["status"]["containerStatuses"][0]["state"] = json!({ "waiting": { "reason": "Bewitched\u{1b}[2J" } });
    });
    let mut watched = Watched::new(&cluster);
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let api = watched.api().unwrap();
    assert_eq!(
        (api.version.as_str(), api.state.as_str(), api.history.as_slice()),
        ("4.2.0", "degraded", &["4.1.9".to_owned()][..])
    );
    assert!(api.trouble[0].starts_with("Bewitched\\u{1b}[2J (container api"), "{:?}", api.trouble);
    assert!(
        cluster.state().asked.iter().any(|asked| asked.query.contains("continue=2") || asked.query.contains("%7C"))
    );
}

#[tokio::test]
async fn a_list_whose_page_is_forgotten_is_read_again() {
    let cluster = rolled().await;
    cluster.state().page = 1;
    cluster.fault("GET", "%7C", Does::Status(410), 1);
    let mut watched = Watched::new(&cluster);
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    assert!(watched.api().is_some() && watched.faults.is_empty());
}

#[tokio::test]
async fn a_pod_that_is_taken_out_of_its_set_counts_there_no_more() {
    let cluster = rolled().await;
    cluster.state().controllers = false;
    let mut watched = Watched::new(&cluster);
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let pod = cluster.state().store.all("pods", None).next().unwrap()["metadata"]["name"].as_str().unwrap().to_owned();
    cluster.change("pods", &pod, |pod| {
        pod["status"]["conditions"][0]["status"] = json!("False");
        pod["status"]["containerStatuses"][0]["state"] = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
    });
    let unwell = |w: &Watched| w.api().is_some_and(|api| !api.trouble.is_empty());
    watched.until("that it is not well", unwell).await;
    cluster.change("pods", &pod, |pod| pod["metadata"]["ownerReferences"] = json!([]));
    watched.until("that it is somebody else's now", |w| !unwell(w)).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn a_watch_that_is_refused_for_now_goes_on_from_where_it_was() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    let asked = |what: &str| cluster.state().asked.iter().filter(|a| a.query.contains(what)).count();
    let lists = asked("limit=");
    cluster.fault("GET", "/deployments?watch=1", Does::Status(503), 2);
    cluster.fault("GET", "/statefulsets?watch=1", Does::TooMany(1), 2);
    let before = watched.heartbeats;
    watched.until("life after it", |w| w.heartbeats >= before + 3).await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0");
    watched.until("the new version", |w| w.api().is_some_and(|api| api.version == "4.3.0")).await;
    assert_eq!((watched.faults.as_slice(), watched.snapshots, asked("limit=")), (&[][..], 1, lists));
}

#[tokio::test]
async fn a_watch_waits_as_long_as_it_is_asked_to() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    let began = std::time::Instant::now();
    cluster.fault("GET", "/deployments?watch=1", Does::TooMany(2), 1);
    let opened = cluster.state().asked.iter().filter(|a| a.path.ends_with("/deployments")).count();
    let again = || cluster.state().asked.iter().filter(|a| a.path.ends_with("/deployments")).count() >= opened + 2;
    watched.until("it is begun again", |_| again()).await;
    assert!(began.elapsed() >= std::time::Duration::from_secs(2), "{:?}", began.elapsed());
}
