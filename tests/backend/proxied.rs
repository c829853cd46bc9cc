//! Which proxy an endpoint is reached through: the one that is declared, and never one of the environment.

use crate::frozen::failed;
use crate::server::{Server, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::backend::argocd::ArgoCdBackend;
use holdpoint::backend::prometheus::PrometheusBackend;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::backend::{AlertmanagerSpec, ArgoCdSpec, PrometheusSpec};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::span::Span;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Says to the test that it runs with a proxy in its environment, and where its server is.
const INSIDE: &str = "HOLDPOINT_TEST_PROXIED";

/// A server that answers nobody, and the first line and the whole of what it was asked.
fn noting(head: &'static str) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let server = Server::new(move |_, request, stream| {
        kept.lock().unwrap().push(request.to_owned());
        reply(stream, head, b"")
    });
    (server, asked)
}

/// Each of the three that has an endpoint.
fn all(url: &str, proxy: Option<String>) -> Vec<(Topic, Box<dyn Backend>)> {
    let endpoint = || Endpoint { url: url.to_owned(), proxy: proxy.clone(), ..Endpoint::default() };
    let every = Span::secs(1);
    let prometheus = PrometheusSpec { endpoint: endpoint(), alerts: None };
    let prometheus = PrometheusBackend::new("far".into(), every, prometheus, vec![failed()], "/".into(), launcher());
    let argo = ArgoCdSpec { endpoint: endpoint(), ..ArgoCdSpec::default() };
    let scopes = [(("api".into(), "prod".into()), "api".to_owned())];
    let argo = ArgoCdBackend::new("far".into(), every, argo, scopes.into(), "/".into(), launcher());
    let alerts = AlertmanagerSpec { endpoint: endpoint(), ..AlertmanagerSpec::default() };
    let alerts = AlertmanagerBackend::new("far".into(), every, alerts, "/".into(), launcher());
    vec![
        (Topic::Signals, Box::new(prometheus)),
        (Topic::Deployments, Box::new(argo)),
        (Topic::Alerts, Box::new(alerts)),
    ]
}

/// What it tells first, which is that it was not answered.
async fn first(backend: &dyn Backend, topic: Topic) -> String {
    let told = tokio::time::timeout(Duration::from_secs(60), backend.watch(topic).next()).await;
    match told.unwrap().unwrap() {
        Ok(Observation::NoReading(_, why)) => why,
        Err(fault @ (Fault::Unreachable(_) | Fault::Refused { .. } | Fault::Lost { .. })) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_declared_proxy_is_gone_through_and_nothing_else_is_asked() {
    for (scheme, asks) in [("http", " http://far.invalid:9/"), ("https", "CONNECT far.invalid:9 ")] {
        let (proxy, asked) = noting("404 None");
        for (topic, backend) in all(&format!("{scheme}://far.invalid:9"), Some(proxy.url(""))) {
            asked.lock().unwrap().clear();
            let said = first(backend.as_ref(), topic).await;
            let asked = asked.lock().unwrap().clone();
            let all = asked.iter().all(|one| one.lines().next().unwrap().contains(asks));
            assert!(!asked.is_empty() && all, "{topic:?}: {said}: {asked:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_is_away_is_no_way_around_it() {
    let (server, asked) = noting("404 None");
    for (topic, backend) in all(&server.url(""), Some("http://ana:hunter2@127.0.0.1:1".to_owned())) {
        let said = first(backend.as_ref(), topic).await;
        assert!(!said.contains("hunter2"), "{topic:?}: {said}");
    }
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used_nor_what_it_excepts() {
    if let Ok(server) = std::env::var(INSIDE) {
        let (proxy, through) = noting("404 None");
        for (topic, backend) in all(&server, None) {
            first(backend.as_ref(), topic).await;
        }
        for (topic, backend) in all(&server, Some(proxy.url(""))) {
            through.lock().unwrap().clear();
            first(backend.as_ref(), topic).await;
            assert!(!through.lock().unwrap().is_empty(), "{topic:?} goes around its proxy");
        }
        return;
    }
    let ((server, asked), (proxy, through)) = (noting("404 None"), noting("404 None"));
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let test = "proxied::a_proxy_of_the_environment_is_not_used_nor_what_it_excepts";
    for except in ["", "*"] {
        asked.lock().unwrap().clear();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .envs(names.map(|name| (name, proxy.url(""))))
            .envs(["NO_PROXY", "no_proxy"].map(|name| (name, except)))
            .env(INSIDE, server.url(""))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        assert_eq!(through.lock().unwrap().len(), 0, "the environment's proxy was asked");
        assert!(asked.lock().unwrap().len() >= 3, "they were not asked themselves");
    }
}
