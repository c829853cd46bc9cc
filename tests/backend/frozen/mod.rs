//! Sources that are frozen: the connection lives and nothing comes. What rests on them leaves
//! fresh within a second of its limit, and nothing passes on it; not even while it is asked anew.
//! Windows are known until they are lost, and within a second of that they are not (`told`).
//!
//! Twenty trials of each system in the normal run, a thousand with `HOLDPOINT_FULL=1`, many at
//! once. The second is counted beside what the machine itself was late by.

mod plugin;
mod relay;
mod told;

use crate::argo_server::{ArgoCd, commit};
use crate::server::{Server, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use holdpoint::backend::argocd::ArgoCdBackend;
use holdpoint::backend::prometheus::PrometheusBackend;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::backend::PrometheusSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::{Observation, Observed, Placed, Quality, Stamped, quality};
use holdpoint::domain::signal::{Bad, Query, Rollout, Signal, SignalAt, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Verdict;
use holdpoint::domain::versions::{Count, Counts, Rule, Versions};
use holdpoint::engine::{derived, signal, versions};
use relay::Relay;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

type Now = chrono::DateTime<chrono::Utc>;

/// How late a source may leave fresh, beside what the machine is late by.
const LATE: Duration = Duration::from_secs(1);
/// The outer limit of what goes before: all that run at once also begin at once.
const BEGINS: Duration = Duration::from_secs(300);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// A backend, and what freezes its system; that has to live as long as the system shall.
type Begun = (Arc<dyn Backend>, Box<dyn Fn()>);

/// Begins with a system of its own.
type Begin = Box<dyn Fn() -> LocalBoxFuture<'static, Begun>>;

/// A system whose word can be lost.
struct Source {
    begin: Begin,
    topic: Topic,
    every: Span,
    /// After so many intervals of silence nothing may rest on it.
    limit: u32,
    /// What rests on it, and whether that is fresh.
    judge: fn(&Observed, Now) -> (Verdict, bool),
    /// For how long it is looked at after its limit in a full run: beyond the moment at which the
    /// silence is noticed and everything is asked anew.
    after: Duration,
}

/// After which nothing is fresh.
const FRESH: u32 = 2;
/// What is beyond noticing a silence and asking anew, with any of the systems.
const ANEW: Duration = Duration::from_secs(15);

fn full() -> bool {
    std::env::var_os("HOLDPOINT_FULL").is_some()
}

/// The system at this address, through a relay that freezes; `open` makes a backend that reaches it there.
fn relayed(to: SocketAddr, open: impl Fn(SocketAddr) -> Arc<dyn Backend> + 'static) -> Begin {
    let open = Arc::new(open);
    Box::new(move || {
        let open = Arc::clone(&open);
        let begin = async move {
            let relay = Relay::start(to).await;
            let backend = open(relay.address);
            (backend, Box::new(move || relay.freeze()) as Box<dyn Fn()>)
        };
        begin.boxed_local()
    })
}

/// All trials of a source, many at once.
async fn trials(source: Source) {
    let (all, at_once) = if full() { (1_000, 100) } else { (20, 20) };
    let late = futures_util::stream::iter(0..all).map(|n| trial(&source, n)).buffer_unordered(at_once);
    let late: Vec<Duration> = late.collect().await;
    assert_eq!(late.len(), all);
    let worst = late.iter().max().unwrap();
    println!("{all} trials: not relied on {worst:?} after its limit at the latest");
}

/// One trial; how long after its limit it left fresh.
async fn trial(source: &Source, n: usize) -> Duration {
    let (backend, freeze) = (source.begin)().await;
    let observed = Arc::new(Mutex::new(Observed::default()));
    let mut watch = backend.watch(source.topic);
    let (seen, every) = (Arc::clone(&observed), source.every);
    let watching = tokio::spawn(async move {
        while let Some(item) = watch.next().await {
            let what = item.map_err(|fault| fault.to_string());
            let seen_now = Stamped { at: chrono::Utc::now(), source: "far".into(), every, what };
            let follow = [ready(), told::quiet()].map(|signal| (signal.name.clone(), signal)).into();
            derived::take_in(&mut seen.lock().unwrap(), &follow, vec![seen_now]);
        }
    });
    let judged = || (source.judge)(&observed.lock().unwrap(), chrono::Utc::now());
    let began = Instant::now();
    while !judged().0.passes() {
        assert!(began.elapsed() < BEGINS, "trial {n} never passed: {:?}", judged().0);
        sleep(LOOK).await;
    }
    // At any moment of an interval and a half.
    sleep(every.std().mul_f64(((n * 37) % 100) as f64 / 66.0)).await;
    freeze();
    let (frozen, limit) = (Instant::now(), every.std() * source.limit);
    let (mut left, mut lag) = (None, Duration::ZERO);
    let after = if full() { source.after } else { Duration::ZERO };
    loop {
        let asleep = Instant::now();
        sleep(LOOK).await;
        lag = lag.max(asleep.elapsed() - LOOK);
        let (verdict, fresh) = judged();
        let passed = frozen.elapsed();
        match fresh || verdict.passes() {
            true => left = None,
            false => left = left.or(Some(passed)),
        }
        // Whoever tells of life was as late as we were, and then we.
        let late = LATE + lag * 2;
        if passed > limit + late {
            let at =
                left.unwrap_or_else(|| panic!("trial {n}: {passed:?} after it froze: {verdict:?}, fresh: {fresh}"));
            assert!(at <= limit + late, "trial {n} left fresh after {at:?}, the machine was late by {lag:?}");
            if passed > limit + LATE + after {
                watching.abort();
                return at.saturating_sub(limit);
            }
        }
    }
}

fn place() -> Placed {
    ("api".into(), "prod".into())
}

fn at() -> SignalAt {
    SignalAt { signal: "failed".into(), environment: "prod".into() }
}

/// A share of failed requests, counted by version as well.
pub fn failed() -> Signal {
    let count = Count::Share { bad: String::new(), all: String::new() };
    let versions = Some(Versions { label: "version".to_owned(), count, rule: Rule::default() });
    let query = Query::Prometheus { expr: "0".to_owned(), events: None, stale: None, baseline: None, versions };
    Signal {
        name: "failed".into(),
        title: String::new(),
        service: "api".into(),
        environments: vec!["prod".into()],
        source: "far".into(),
        query,
        unit: Unit::Ratio,
        bad: Bad::Above,
        warn: None,
        fail: Some(0.5),
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::millis(500),
    }
}

/// Whether all that is wanted is ready: it follows from what is deployed.
fn ready() -> Signal {
    let query = Query::Rollout { of: Rollout::Ready };
    Signal { name: "ready".into(), query, bad: Bad::Below, fail: Some(1.0), ..failed() }
}

/// The gate that rests on a rollout.
#[cfg(feature = "kubernetes")]
fn standing(observed: &Observed, now: Now) -> (Verdict, bool) {
    judged(&ready(), observed, now)
}

/// The gate that rests on what is live: the new version is no worse than the old one. What was
/// counted is as fresh as can be.
fn compared(observed: &Observed, now: Now) -> (Verdict, bool) {
    let (mut observed, place) = (observed.clone(), place());
    let live = observed.deployment(&place);
    let fresh = live.is_some_and(|live| live.quality(now) == Quality::Fresh);
    let both = live.into_iter().flat_map(|live| [Some(live.value.version.clone()), live.value.candidate.clone()]);
    let counts = both.flatten().map(|version| (version, Counts { bad: 0, all: 1_000_000 })).collect();
    let what = Ok(Observation::Versions(at(), Ok(counts)));
    observed.apply(&Stamped { at: now, source: "counts".into(), every: Span::secs(60), what });
    (versions::judge(&observed, Some(&failed()), &at(), now).0, fresh)
}

/// The gate that rests on a signal of its own.
fn healthy(observed: &Observed, now: Now) -> (Verdict, bool) {
    judged(&failed(), observed, now)
}

/// The gate that rests on a signal, whatever that follows from.
fn judged(signal: &Signal, observed: &Observed, now: Now) -> (Verdict, bool) {
    let at = SignalAt { signal: signal.name.clone(), ..at() };
    let last = observed.series.get(&at).and_then(|series| Some((series.last()?.at, series.every)));
    let fresh = last.is_some_and(|(at, every)| quality(at, every, now) == Quality::Fresh);
    (signal::judge(observed, Some(signal), &at, now).0, fresh)
}

#[tokio::test]
async fn prometheus_that_freezes_passes_nothing() {
    let server = Server::new(|_, request, stream| {
        let result = match request.contains("query_range") {
            true => r#"{"resultType":"matrix","result":[]}"#.to_owned(),
            false => format!(r#"{{"resultType":"scalar","result":[{}.0,"0"]}}"#, chrono::Utc::now().timestamp()),
        };
        let body = format!(r#"{{"status":"success","data":{result}}}"#);
        reply(stream, "200 OK\r\ncontent-type: application/json", body.as_bytes())
    });
    let open = |address: SocketAddr| -> Arc<dyn Backend> {
        let endpoint = Endpoint { url: format!("http://{address}"), ..Endpoint::default() };
        let spec = PrometheusSpec { endpoint, alerts: None };
        let signals = vec![failed()];
        Arc::new(PrometheusBackend::new("far".into(), Span::millis(500), spec, signals, "/".into(), launcher()))
    };
    let (begin, every) = (relayed(server.address, open), failed().every);
    let (topic, judge) = (Topic::Signals, healthy);
    trials(Source { begin, topic, every, limit: FRESH, judge, after: ANEW }).await;
}

#[tokio::test]
async fn argo_cd_that_freezes_passes_nothing() {
    let server = coming().await;
    let (every, topic) = (Span::millis(500), Topic::Deployments);
    let begin = argo_cd(&server, every);
    trials(Source { begin, topic, every, limit: FRESH, judge: compared, after: ANEW }).await;
}

/// An Argo CD where another version of `api` is coming, and stays so.
async fn coming() -> ArgoCd {
    use crate::argocd::ground::{Watched, backend, deploy, other_key, started, synced};
    let server = synced().await;
    server.state().hanging.push(commit('c'));
    server.merge("main", &commit('c'));
    let deploying = tokio::spawn(started(&server, deploy("main"), other_key()));
    let mut watched = Watched::new(&backend(&server));
    watched.until("what is coming", |w| w.api().is_some_and(|api| api.candidate.is_some())).await;
    deploying.abort();
    server
}

/// It, through a relay.
fn argo_cd(server: &ArgoCd, every: Span) -> Begin {
    let spec = crate::argocd::ground::spec(server);
    relayed(server.address, move |address| {
        let mut spec = spec.clone();
        spec.endpoint.url = format!("http://{address}");
        let scopes = [(place(), "api".to_owned())];
        Arc::new(ArgoCdBackend::new("far".into(), every, spec, scopes.into(), "/".into(), launcher()))
    })
}

#[cfg(feature = "kubernetes")]
#[tokio::test]
async fn a_cluster_that_freezes_passes_nothing() {
    use crate::kube::ground::{Watched, rolled, set_image};
    let cluster = rolled().await;
    set_image(&cluster, "deployments", "api", "reg.example/api:4.3.0-nopull");
    let mut watched = Watched::new(&cluster);
    watched.until("what is coming", |w| w.api().is_some_and(|api| api.candidate.is_some())).await;
    drop(watched);
    cluster_trials(&cluster, compared).await;
}

#[cfg(feature = "kubernetes")]
#[tokio::test]
async fn a_rollout_in_a_cluster_that_freezes_passes_nothing() {
    cluster_trials(&crate::kube::ground::rolled().await, standing).await;
}

#[cfg(feature = "kubernetes")]
async fn cluster_trials(cluster: &crate::cluster::Cluster, judge: fn(&Observed, Now) -> (Verdict, bool)) {
    use holdpoint::backend::kubernetes::KubernetesBackend;
    use holdpoint::domain::backend::KubernetesSpec;
    let every = Span::secs(1);
    let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let (dir, real) = (cluster.dir().to_owned(), cluster.address.to_string());
    let open = move |address: SocketAddr| -> Arc<dyn Backend> {
        let path = dir.join(format!("through-{}", address.port()));
        std::fs::write(&path, kubeconfig.replace(&real, &address.to_string())).unwrap();
        let spec = KubernetesSpec { kubeconfig: Some(path), ..KubernetesSpec::default() };
        let scopes = [(place(), "payments/deployment/api".to_owned())];
        Arc::new(KubernetesBackend::new("far".into(), every, spec, scopes.into()))
    };
    let (begin, topic) = (relayed(cluster.address, open), Topic::Deployments);
    trials(Source { begin, topic, every, limit: FRESH, judge, after: ANEW }).await;
}
