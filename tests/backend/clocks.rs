//! By how much the clock of a system differs is told with what is seen of it, and again once that has changed.

use crate::argo_server::ArgoCd;
use crate::server::{Server, reply};
use crate::support::{launcher, until};
use crate::undisturbed as tokio;
use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::backend::http::retry_after;
use holdpoint::backend::prometheus::PrometheusBackend;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::alert::AlertLabels;
use holdpoint::domain::backend::{AlertmanagerSpec, PrometheusSpec};
use holdpoint::domain::clock::{Told, moved};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::{Observation, Observed};
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use holdpoint::runtime::input::Input;
use holdpoint::runtime::observer;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A server that has no alerts, and whose clock is so many seconds ahead.
fn server(ahead: &Arc<AtomicI64>) -> Server {
    let ahead = Arc::clone(ahead);
    Server::new(move |_, request, stream| {
        let date = (Utc::now() + TimeDelta::seconds(ahead.load(Ordering::SeqCst))).format("%a, %d %b %Y %H:%M:%S GMT");
        let head = format!("200 OK\r\ndate: {date}");
        let body = if request.contains("/api/v2/") { "[]" } else { r#"{"status":"success","data":{"alerts":[]}}"# };
        reply(stream, &head, body.as_bytes())
    })
}

fn endpoint(server: &Server) -> Endpoint {
    Endpoint { url: server.url(""), ..Endpoint::default() }
}

fn alertmanager(server: &Server, peer: &Server) -> Arc<dyn Backend> {
    let (endpoint, peers) = (endpoint(server), vec![peer.url("")]);
    let spec = AlertmanagerSpec { endpoint, peers, ..AlertmanagerSpec::default() };
    Arc::new(AlertmanagerBackend::new("alerts".into(), Span::millis(100), spec, "/".into(), launcher()))
}

fn prometheus(server: &Server) -> Arc<dyn Backend> {
    let spec = PrometheusSpec { endpoint: endpoint(server), alerts: Some(AlertLabels::default()) };
    Arc::new(PrometheusBackend::new("prom".into(), Span::millis(100), spec, vec![], "/".into(), launcher()))
}

#[tokio::test]
async fn the_clock_of_a_system_reaches_what_is_observed_of_it() {
    let (far, near) = (Arc::new(AtomicI64::new(600)), Arc::new(AtomicI64::new(0)));
    let (one, other) = (server(&far), server(&near));
    let backends = [("prom".into(), prometheus(&one)), ("alerts".into(), alertmanager(&other, &other))].into();
    let (inbox, taken) = mpsc::channel();
    observer::start(&backends, &Workspace::default(), inbox, &tokio::runtime::Handle::current());
    let (mut observed, mut told) = (Observed::default(), Vec::new());
    let mut look = |observed: &mut Observed| {
        while let Ok(Input::Seen(batch)) = taken.try_recv() {
            for seen in batch {
                // Never is anything known of it before its clock is.
                assert!(
                    !matches!(seen.what, Ok(Observation::Alerts(_)))
                        || seen.source.as_str() != "prom"
                        || told.contains(&seen.source)
                );
                told.extend(matches!(seen.what, Ok(Observation::Clock(_))).then(|| seen.source.clone()));
                observed.apply(&seen);
            }
        }
        let skew = |of: &str| observed.sources.get(of).and_then(|source| source.skew).map(|by| by.num_seconds());
        (skew("prom"), skew("alerts"), observed.alerts.len(), told.clone())
    };
    until("both have told of their alerts", || look(&mut observed).2 == 2).await;
    let (prom, other, ..) = look(&mut observed);
    assert!(prom.is_some_and(|by| (560..=600).contains(&by)), "{prom:?}");
    assert_eq!(other, None, "what agrees is not told");
    // Another server behind its address, or the clock set right: one good answer is not believed at once.
    far.store(0, Ordering::SeqCst);
    near.store(-200, Ordering::SeqCst);
    until("the other one goes wrong", || look(&mut observed).1.is_some_and(|by| by <= -190)).await;
    assert_eq!(look(&mut observed).0, prom);
    far.store(900, Ordering::SeqCst);
    until("it is further off", || look(&mut observed).0.is_some_and(|by| by > 800)).await;
    let (.., told) = look(&mut observed);
    assert_eq!(told.iter().filter(|source| source.as_str() == "prom").count(), 2, "{told:?}");
}

#[test]
fn only_what_has_changed_is_told_anew() {
    let moved = |from, to| moved(TimeDelta::seconds(from), TimeDelta::seconds(to));
    assert!(!moved(0, 4) && moved(0, 5) && moved(0, -5) && !moved(200, 204) && moved(200, 205));
    // Never is one side of the minute taken for the other.
    assert!(moved(60, 61) && moved(61, 60) && moved(-60, -61));
}

#[test]
fn of_servers_whose_clocks_differ_the_furthest_counts_and_one_set_right_is_believed_within_two_minutes() {
    let mut told = Told::default();
    let mut tell = |since: u64, ahead: i64| {
        told.tell(Duration::from_secs(since), TimeDelta::seconds(ahead));
        (told.furthest().unwrap().num_seconds(), told.last().unwrap().num_seconds())
    };
    // Whoever answers, what is judged by stays, while dates are reckoned by who answered.
    assert_eq!([tell(3, 0), tell(5, -200), tell(6, 0), tell(7, 100)], [(0, 0), (-200, -200), (-200, 0), (-200, 100)]);
    // It is kept for a minute at least.
    assert_eq!([tell(59, -200), tell(60, 100), tell(119, 1), tell(120, 0)].map(|told| told.0), [-200, -200, -200, 100]);
    assert_eq!(tell(180, 0).0, 0);
    // Of who was silent for long the first answer counts, and what it told before that no more.
    assert_eq!([tell(200, 600), tell(1000, 0)].map(|told| told.0), [600, 0]);
    // A clock that is believed again may go wrong again at once.
    assert_eq!(tell(1001, 90).0, 90);
}

#[tokio::test]
async fn every_adapter_says_how_far_a_clock_is_off() {
    let (far, near) = (Arc::new(AtomicI64::new(600)), Arc::new(AtomicI64::new(0)));
    let (one, other) = (server(&near), server(&far));
    // Of a cluster the member that tells the alerts.
    for (first, second, off) in [(&other, &one, true), (&one, &other, false)] {
        let members = alertmanager(first, second);
        assert_eq!(members.skew(), None, "nobody has asked it yet");
        members.introduce().await;
        assert!(members.skew().is_some_and(|by| (by.num_seconds() > 500) == off), "{:?}", members.skew());
    }
    assert!(retry_after::date("Mon, 23 Nov 2026 02:00:00 GMT").is_some());
    for absurd in ["31 Dec 262142 23:59:59 GMT", "Thu, 01 Jan 1900 00:00:00 GMT", "soon"] {
        assert_eq!(retry_after::date(absurd), None, "{absurd}");
    }
    let argo = ArgoCd::start();
    argo.fault("GET", "/", crate::argo_server::Does::With(crate::matrix::behind()), u32::MAX);
    let argo = crate::argocd::ground::with(crate::argocd::ground::spec(&argo), "api");
    argo.watch(Topic::Deployments).next().await;
    assert!(argo.skew().is_some_and(|by| by.num_seconds() < -500), "{:?}", argo.skew());
}

#[cfg(feature = "kubernetes")]
#[tokio::test]
async fn a_cluster_says_how_far_its_clock_is_off() {
    let cluster = crate::cluster::Cluster::start();
    cluster.fault("GET", "/", crate::cluster::Does::With(crate::matrix::behind()), u32::MAX);
    let backend = crate::kube::ground::backend(&cluster);
    assert_eq!(backend.skew(), None);
    backend.watch(Topic::Deployments).next().await;
    assert!(backend.skew().is_some_and(|by| by.num_seconds() < -500), "{:?}", backend.skew());
}
