//! The watch: a snapshot, changes, life, and every way in which it breaks.

use super::ground::{Watched, back, backend, operation, perform, spec, synced, with};
use crate::argo_server::{Does, commit};
use crate::support::until;
use crate::undisturbed as tokio;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::span::Span;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_release_day_is_followed_from_a_snapshot_on() {
    let server = synced().await;
    let mut watched = Watched::new(&backend(&server));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let api = watched.api().unwrap().clone();
    assert_eq!((api.version.as_str(), api.state.as_str(), api.by.as_deref()), ("bbbbbbb", "stable", Some("release")));
    assert_eq!(api.history, ["aaaaaaa"]);
    assert!(api.since.is_some() && api.trouble.is_empty());
    watched.until("life without changes", |w| w.heartbeats >= 2).await;
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    watched.until("drift", |w| w.api().is_some_and(|api| api.state == "out-of-sync" && api.candidate.is_none())).await;
    let deploy = super::ground::deploy("main");
    let performing = tokio::spawn(super::ground::started(&server, deploy, super::ground::other_key()));
    watched.until("what is coming", |w| w.api().is_some_and(|api| api.candidate.as_deref() == Some("ccccccc"))).await;
    assert_eq!(
        (watched.api().unwrap().version.as_str(), watched.api().unwrap().state.as_str()),
        ("bbbbbbb", "rolling")
    );
    server.state().bad.push(commit('c'));
    server.state().hanging.clear();
    let unwell = |w: &Watched| {
        w.api().is_some_and(|api| {
            api.trouble.iter().any(|t| t.contains("Deployment api is Degraded: Deployment \"api\" exceeded"))
        })
    };
    watched.until("that it is not well, and why", unwell).await;
    assert_eq!(
        (watched.api().unwrap().version.as_str(), watched.api().unwrap().state.as_str()),
        ("ccccccc", "degraded")
    );
    performing.abort();
    perform(&server, back("bbbbbbb")).await.unwrap();
    watched
        .until("it is back", |w| w.api().is_some_and(|api| api.version == "bbbbbbb" && api.state == "out-of-sync"))
        .await;
    assert_eq!(watched.api().unwrap().history, ["ccccccc", "aaaaaaa"]);
    server.remove("api");
    watched.until("it is gone", |w| w.api().is_none()).await;
    server.put("api");
    watched.until("it is there again", |w| w.api().is_some()).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn auto_sync_that_was_left_off_is_said_for_as_long_as_it_is() {
    let server = super::ground::automated().await;
    let mut watched = Watched::new(&backend(&server));
    watched.until("all is well", |w| w.api().is_some_and(|api| api.trouble.is_empty())).await;
    perform(&server, operation(Verb::Pause, &[])).await.unwrap();
    let off = |w: &Watched| w.api().is_some_and(|api| api.left_off.is_some());
    watched.until("that it is off", off).await;
    assert_eq!(watched.api().unwrap().trouble, [""; 0]);
    // It stands in the way of no trouble.
    server.state().controller = false;
    server.change("api", |app| app["status"]["health"]["status"] = json!("Degraded"));
    let ill = |w: &Watched| off(w) && w.api().is_some_and(|api| api.trouble == ["it is Degraded"]);
    watched.until("that it is degraded too", ill).await;
    server.change("api", |app| app["status"]["health"]["status"] = json!("Healthy"));
    server.state().controller = true;
    perform(&server, operation(Verb::Resume, &[])).await.unwrap();
    watched.until("it is over", |w| w.api().is_some_and(|api| api.left_off.is_none() && api.trouble.is_empty())).await;
}

/// A watch that lists so seldom that only the stream can be what told.
fn seldom(server: &crate::argo_server::ArgoCd) -> holdpoint::backend::argocd::ArgoCdBackend {
    let scopes = [(super::ground::placed("api"), "api".to_owned())];
    let launcher = crate::support::launcher();
    let every = Span::secs(600);
    holdpoint::backend::argocd::ArgoCdBackend::new(
        "argo".into(),
        every,
        spec(server),
        scopes.into(),
        "/".into(),
        launcher,
    )
}

#[tokio::test]
async fn a_change_comes_by_the_stream_and_a_cut_stream_is_made_good_by_a_list() {
    let server = synced().await;
    let mut watched = Watched::new(&seldom(&server));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let streams = || server.count("/api/v1/stream/applications");
    let lists = || server.count("/api/v1/applications");
    // The stream is opened when the watch is asked on.
    let health = |word: &'static str| move |w: &Watched| w.api().is_some_and(|api| api.state == word);
    let open = async { until("the stream is open", || streams() == 1).await };
    tokio::select! { () = open => {}, () = watched.until("nothing", |_| false) => {} }
    server.state().controller = false;
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.change("api", |app| app["status"]["health"]["status"] = json!("Progressing"));
    watched.until("the change", health("rolling")).await;
    assert_eq!(lists(), 1);
    {
        let state = server.state();
        let asked = state.asked.iter().find(|asked| asked.path.contains("stream")).unwrap();
        assert_eq!(asked.accept, "text/event-stream");
        assert!(asked.query.iter().any(|(name, _)| name == "resourceVersion"));
    }
    // What happens while it is cut comes with the next list.
    server.cut_streams();
    server.change("api", |app| app["status"]["health"]["status"] = json!("Suspended"));
    watched.until("what was missed", health("paused")).await;
    assert_eq!(lists(), 2);
    let again = async { until("the stream is opened again", || streams() >= 2).await };
    tokio::select! { () = again => {}, () = watched.until("nothing", |_| false) => {} }
    assert_eq!((watched.faults.len(), watched.heartbeats), (0, 1));
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_no_sign_of_life() {
    let server = synced().await;
    server.state().silent = true;
    let mut watched = Watched::new(&backend(&server));
    watched.until("life by lists", |w| w.heartbeats >= 2).await;
    server.merge("main", &commit('c'));
    watched.until("what the stream keeps back", |w| w.api().is_some_and(|api| api.state == "out-of-sync")).await;
    // A list that knows more opens the stream anew.
    let before = server.count("/api/v1/stream/applications");
    server.remove("api");
    watched.until("it is gone", |w| w.api().is_none()).await;
    let anew =
        async { until("the stream is opened anew", || server.count("/api/v1/stream/applications") > before).await };
    tokio::select! { () = anew => {}, () = watched.until("nothing", |_| false) => {} }
    // And when lists fail too, nothing claims to be alive.
    server.fault("GET", "/api/v1/applications", Does::Status(503), 1000);
    watched.until("the fault", |w| !w.faults.is_empty()).await;
    let before = watched.heartbeats;
    watched.until("another", |w| w.faults.len() >= 2).await;
    assert_eq!(watched.heartbeats, before);
}

#[tokio::test]
async fn a_proxy_that_refuses_streams_costs_only_quickness() {
    let server = synced().await;
    server.fault("GET", "/stream/applications", Does::Status(504), 1000);
    let mut watched = Watched::new(&backend(&server));
    watched.until("life", |w| w.heartbeats >= 1).await;
    server.merge("main", &commit('c'));
    watched.until("drift", |w| w.api().is_some_and(|api| api.state == "out-of-sync")).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn a_fault_begins_with_a_snapshot_again() {
    let server = synced().await;
    let mut watched = Watched::new(&backend(&server));
    watched.until("life", |w| w.heartbeats >= 1).await;
    server.fault("GET", "/api/v1/applications", Does::Garbage, 1);
    watched.until("the fault", |w| w.faults.len() == 1).await;
    assert!(watched.faults[0].contains("is not the JSON it should be"), "{:?}", watched.faults);
    server.remove("api");
    watched.until("a snapshot without it", |w| w.snapshots == 2 && w.api().is_none()).await;
}

#[tokio::test]
async fn a_token_that_ends_is_said_and_is_not_hammered() {
    let server = synced().await;
    let mut watched = Watched::new(&backend(&server));
    watched.until("life", |w| w.heartbeats >= 1).await;
    server.state().token = "another".to_owned();
    server.cut_streams();
    watched
        .until("the refusal", |w| w.faults.iter().any(|fault| fault.contains("401") && fault.contains("renew it")))
        .await;
    let (before, began) = (server.state().asked.len(), Instant::now());
    watched.until("the next", |w| w.faults.len() >= 2).await;
    // Eight intervals at least; two questions each time, the second with the token read anew.
    assert!(began.elapsed() >= Duration::from_millis(2000), "{:?}", began.elapsed());
    assert!(server.state().asked.len() - before <= 4);
    server.writes_token("another");
    let heartbeats = watched.heartbeats;
    watched.until("life again", |w| w.heartbeats > heartbeats).await;
}

#[tokio::test]
async fn what_may_not_be_seen_and_what_is_no_list_is_said() {
    let server = synced().await;
    server.fault("GET", "/api/v1/applications", Does::Status(403), 1);
    let mut watched = Watched::new(&backend(&server));
    watched.until("the refusal", |w| w.faults.iter().any(|fault| fault.contains("403"))).await;
    assert_eq!((watched.heartbeats, watched.snapshots), (0, 0));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    // What says nothing does not say that everything is gone.
    server.fault("GET", "/api/v1/applications", Does::Empty, 1);
    watched
        .until("that it is no list", |w| w.faults.iter().any(|fault| fault.contains("is no list of applications")))
        .await;
    assert!(watched.api().is_some());
}

#[tokio::test]
async fn of_many_applications_only_the_declared_ones_are_told() {
    let server = synced().await;
    for n in 0..40 {
        server.put(&format!("other-{n}"));
    }
    server.change("other-7", |app| app["spec"]["project"] = json!("elsewhere"));
    let mut twin = server.get("api");
    twin["metadata"]["namespace"] = json!("team-a");
    twin["status"]["history"][0]["revision"] = json!(commit('f'));
    server.state().apps.insert(("team-a".to_owned(), "api".to_owned()), twin);
    let mut watched = Watched::new(&backend(&server));
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert_eq!(watched.rows.len(), 1);
    assert_eq!(watched.api().unwrap().history, ["aaaaaaa"]);
    // One in a namespace of its own is another one.
    let mut watched = Watched::new(&with(spec(&server), "team-a/api"));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    assert_eq!(watched.api().unwrap().history, ["fffffff"]);
}
