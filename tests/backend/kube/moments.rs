//! Moments of failure and pleas for patience: what is waited out, and what is told at once.

use super::ground::{Watched, back, backend, operation, placed, rolled, rolled_sets, soon};
use crate::cluster::{Cluster, Does, deployment};
use crate::server::{Server, reply};
use crate::support::{key, sink, until};
use crate::trial::trial;
use crate::undisturbed as tokio;
use chrono::Utc;
use holdpoint::backend::http::Host;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::kubernetes::answer::Unanswered;
use holdpoint::backend::{Backend, Certainty, Done};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn watches(cluster: &Cluster) -> Vec<String> {
    let state = cluster.state();
    state.asked.iter().filter(|asked| asked.query.contains("watch=1")).map(|asked| asked.path.clone()).collect()
}

#[tokio::test]
async fn a_moment_of_failure_ends_no_watch_however_many_there_are() {
    let cluster = rolled_sets().await;
    cluster.put("deployments", deployment("api", super::ground::NEW, 2));
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    let scopes = [(placed("api"), "deployment/api".to_owned()), (placed("db"), "statefulset/db".to_owned())];
    let backend = KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes.into());
    let mut watched = Watched::of(&backend);
    watched.until("life", |w| w.heartbeats >= 1).await;
    // As many as failures in a row are taken for a host that is down; all of them are begun again together.
    let all: BTreeSet<String> = watches(&cluster).into_iter().collect();
    assert_eq!(all.len(), 5);
    cluster.fault("GET", "watch=1", Does::Status(503), u32::MAX);
    let before = watches(&cluster).len();
    let (healed, life) = (std::cell::Cell::new(false), watched.heartbeats);
    let heal = async {
        until("all have failed", || watches(&cluster).len() >= before + 5).await;
        cluster.heal();
        healed.set(true);
    };
    tokio::join!(watched.until("life again", |w| healed.get() && w.heartbeats >= life + 3), heal);
    assert_eq!((watched.snapshots, watched.faults.as_slice()), (1, &[][..]));
}

#[tokio::test]
async fn a_watch_that_is_asked_for_long_patience_says_so_at_once() {
    let cluster = rolled().await;
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    cluster.fault("GET", "watch=1", Does::TooMany(600), u32::MAX);
    watched.until("it is said", |w| !w.faults.is_empty()).await;
    assert!(watched.faults[0].contains("600 s of patience"), "{:?}", watched.faults);
}

#[tokio::test]
async fn what_a_refused_change_asks_for_is_kept_by_watches() {
    let cluster = rolled().await;
    let backend = backend(&cluster);
    cluster.fault("PATCH", "/deployments/api", Does::TooMany(600), 1);
    let fault = soon(backend.perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    let mut watched = Watched::of(&backend);
    watched.until("it is left alone", |w| !w.faults.is_empty() || w.snapshots > 0).await;
    assert!(watched.faults.iter().any(|fault| fault.contains("not to be asked again")), "{:?}", watched.faults);
}

#[test]
fn no_patience_is_too_long_to_be_counted() {
    let said = br#"{"details":{"retryAfterSeconds":18446744073709551615}}"#;
    let error = Unanswered::api(503, said, None);
    assert!(error.words().contains("asks for 3600 s"), "{}", error.words());
    let host = Host::default();
    host.quiet(Duration::MAX);
    assert!(host.rests().is_some());
}

#[tokio::test]
async fn reading_back_is_as_patient_as_it_is_asked_to_be() {
    let cluster = rolled().await;
    cluster.state().controllers = false;
    let backend = backend(&cluster);
    let operation = Operation { limit: Span::secs(6), ..back("4.1.9") };
    let doing = tokio::spawn(backend.perform(operation, key(), sink(None).0));
    until("it is sent", || !cluster.mutations().is_empty()).await;
    cluster.fault("GET", "/deployments/api", Does::TooMany(30), u32::MAX);
    let read = || cluster.state().asked.iter().filter(|asked| asked.path.ends_with("/deployments/api")).count();
    let before = read();
    let done = soon(doing).await.unwrap();
    assert_eq!(done.as_ref().unwrap_err().certainty(), Certainty::Unknown, "{done:?}");
    let after = read() - before;
    assert!((1..=4).contains(&after), "{after} looks, at whoever asked for 30 s");
}

#[tokio::test]
async fn too_large_an_answer_is_asked_for_once_and_is_no_failure() {
    let cluster = rolled().await;
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&asked);
    let server = Server::new(move |_, request, stream| {
        kept.lock().unwrap().push(request.lines().next().unwrap().to_owned());
        reply(stream, "200 OK", &vec![b' '; 33 << 20])
    });
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let there = config.replace(&cluster.address.to_string(), &server.address.to_string());
    std::fs::write(cluster.kubeconfig(), there).unwrap();
    let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    assert!(fault.to_string().contains("larger than 32 MiB"), "{fault}");
    let all = asked.lock().unwrap().clone();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
}

#[tokio::test]
async fn logs_that_a_node_does_not_give_are_no_failure_of_the_api() {
    let cluster = rolled().await;
    let backend = backend(&cluster);
    cluster.fault("GET", "/log?", Does::Status(500), u32::MAX);
    let done = soon(backend.perform(operation(Verb::Snapshot, "api", &[]), key(), sink(None).0)).await;
    assert!(matches!(done, Ok(Done::Partly(..))), "{done:?}");
    let failed = cluster.state().asked.iter().filter(|asked| asked.path.ends_with("/log")).count();
    assert!(failed >= 5, "{failed}");
    let mut watched = Watched::of(&backend);
    watched.until("it is watched", |w| !w.faults.is_empty() || w.snapshots > 0).await;
    assert!(watched.faults.is_empty(), "{:?}", watched.faults);
}

#[test]
fn a_person_does_not_stand_behind_what_others_ask() {
    trial(|| {
        let host = Host::default();
        let began = Instant::now();
        let waits = (0..300).map(|_| host.admit(false).unwrap()).max().unwrap();
        assert!(waits > Duration::from_secs(2) && began.elapsed() < waits, "{waits:?}");
        // Its turn is noted and nothing has to be waited for.
        host.turn(false);
        assert!(host.admit(false).unwrap() > waits, "it counts all the same");
    });
}

/// What a kubeconfig's user bears who has this to show; `lasts` seconds from now on.
fn token(lasts: i64) -> String {
    use base64::Engine;
    let part = |json: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
    let ends = Utc::now().timestamp() + lasts;
    format!("{}.{}.x", part(r#"{"alg":"none"}"#.to_owned()), part(format!(r#"{{"sub":"robot","exp":{ends}}}"#)))
}

fn date(from_now: i64) -> String {
    let at = Utc::now() + chrono::TimeDelta::seconds(from_now);
    format!("date: {}\r\n", at.format("%a, %d %b %Y %H:%M:%S GMT"))
}

fn bears(cluster: &Cluster, says: &str) {
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    std::fs::write(cluster.kubeconfig(), config.replace("token: not-a-secret", says)).unwrap();
}

#[tokio::test]
async fn the_clock_of_the_api_says_whether_a_token_has_ended() {
    let cluster = rolled().await;
    bears(&cluster, &format!("token: {}", token(-3600)));
    // Ours is two hours ahead: for the API it lasts another hour.
    cluster.fault("GET", "", Does::With(date(-7200)), u32::MAX);
    let done = soon(backend(&cluster).perform(back("4.1.9"), key(), sink(None).0)).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
}

#[tokio::test]
async fn a_token_that_has_ended_is_read_again_though_it_was_read_just_now() {
    let cluster = rolled().await;
    let file = cluster.dir().join("token");
    std::fs::write(&file, token(5)).unwrap();
    bears(&cluster, "tokenFile: token");
    let backend = backend(&cluster);
    cluster.fault("GET", "", Does::With(date(0)), u32::MAX);
    soon(backend.introduce()).await;
    cluster.heal();
    let mut watched = Watched::of(&backend);
    watched.until("life", |w| w.heartbeats >= 1).await;
    let next = token(3600);
    std::fs::write(&file, &next).unwrap();
    let borne = || cluster.state().asked.iter().any(|asked| asked.authorization == format!("Bearer {next}"));
    watched.until("the new one is borne", |_| borne()).await;
    assert_eq!((watched.snapshots, watched.faults.as_slice()), (1, &[][..]));
}

#[tokio::test]
async fn doctor_says_that_credentials_can_be_read_on_the_way() {
    let cluster = rolled().await;
    let said = |remarks: Vec<holdpoint::domain::report::Remark>| {
        remarks.iter().filter(|remark| !remark.ok).map(|remark| remark.text.clone()).collect::<String>()
    };
    let here = said(soon(backend(&cluster).introduce()).await);
    assert!(!here.contains("on the way"), "{here}");
    // Another way to this machine, which does not say that it is one.
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    std::fs::write(cluster.kubeconfig(), config.replace("127.0.0.1", "0.0.0.0")).unwrap();
    let there = said(soon(backend(&cluster).introduce()).await);
    assert!(there.contains("everybody on the way there may read the credentials"), "{there}");
}
