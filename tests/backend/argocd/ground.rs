//! An Argo CD with an application in it, and the backend that leads there.

use crate::argo_server::{ArgoCd, commit};
use crate::support::{key, launcher, sink, until};
use futures_util::StreamExt;
use holdpoint::backend::argocd::ArgoCdBackend;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::backend::ArgoCdSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::observed::{Deployment, Observation, Placed};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::{Found, Preview, Receipt};
use holdpoint::domain::secret::SecretRef;
use holdpoint::domain::span::Span;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// A server where `api` was `aaaaaaa` and is `bbbbbbb`, all well. Auto-sync is off.
pub async fn synced() -> ArgoCd {
    let server = ArgoCd::start();
    server.put("api");
    server.merge("main", &commit('b'));
    let first = Key { seq: 1, ..key() };
    let done = under(&server, deploy("main"), first).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    settled(&server).await;
    server.state().asked.clear();
    server
}

/// The same with auto-sync on, pruning and healing.
pub async fn automated() -> ArgoCd {
    let server = synced().await;
    server.change("api", |app| {
        app["spec"]["syncPolicy"] =
            json!({ "automated": { "prune": true, "selfHeal": true }, "syncOptions": ["CreateNamespace=true"] });
    });
    server
}

/// The commit that was synced last.
pub fn at(server: &ArgoCd) -> String {
    let app = server.get("api");
    app["status"]["history"].as_array().unwrap().last().unwrap()["revision"].as_str().unwrap().to_owned()
}

/// Waits until the controller has nothing more to do.
pub async fn settled(server: &ArgoCd) {
    let done = || {
        let app = server.get("api");
        let finished = app["status"]["operationState"]["finishedAt"].as_str().unwrap_or("9");
        app["operation"].is_null() && app["status"]["reconciledAt"].as_str().unwrap_or("") >= finished
    };
    until("the controller is done", done).await;
}

pub fn spec(server: &ArgoCd) -> ArgoCdSpec {
    let token = Some(SecretRef::File(server.token_file()));
    let endpoint = Endpoint { url: server.url(), token, ..Endpoint::default() };
    ArgoCdSpec { endpoint, project: Some("default".to_owned()), ..ArgoCdSpec::default() }
}

pub fn backend(server: &ArgoCd) -> ArgoCdBackend {
    with(spec(server), "api")
}

pub fn with(spec: ArgoCdSpec, scope: &str) -> ArgoCdBackend {
    let scopes = [(placed("api"), scope.to_owned()), (placed("ledger"), "ledger".to_owned())];
    ArgoCdBackend::new("argo".into(), Span::millis(300), spec, scopes.into(), "/".into(), launcher())
}

pub fn operation(verb: Verb, args: &[(&str, &str)]) -> Operation {
    Operation {
        backend: "argo".into(),
        verb,
        service: Some("api".into()),
        environment: Some("prod".into()),
        args: args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        argv: Vec::new(),
        limit: Span::secs(20),
        idempotent: false,
    }
}

pub fn deploy(version: &str) -> Operation {
    operation(Verb::Deploy, &[("version", version)])
}

pub fn back(to: &str) -> Operation {
    operation(Verb::RollBack, &[("to", to)])
}

pub fn other_key() -> Key {
    key_of(413)
}

pub fn key_of(seq: u64) -> Key {
    Key { seq, ..key() }
}

pub async fn perform(server: &ArgoCd, operation: Operation) -> Result<Receipt, Fault> {
    match under(server, operation, key()).await? {
        Done::Whole(receipt) => Ok(receipt),
        partly => panic!("{partly:?}"),
    }
}

pub async fn under(server: &ArgoCd, operation: Operation, key: Key) -> Result<Done, Fault> {
    soon(backend(server).perform(operation, key, sink(None).0)).await
}

/// The call itself, for whoever wants to let it run beside something else.
pub fn started(
    server: &ArgoCd,
    operation: Operation,
    key: Key,
) -> futures_util::future::BoxFuture<'static, Result<Done, Fault>> {
    backend(server).perform(operation, key, sink(None).0)
}

pub async fn preview(server: &ArgoCd, operation: &Operation) -> Preview {
    soon(backend(server).preview(operation)).await.unwrap()
}

pub async fn probe(server: &ArgoCd, operation: &Operation) -> Found {
    soon(backend(server).probe(operation, key())).await.unwrap()
}

pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it took longer than 60 s")
}

pub fn placed(service: &str) -> Placed {
    (service.into(), "prod".into())
}

/// A watch, and what it has told so far.
pub struct Watched {
    stream: futures_util::stream::BoxStream<'static, Result<Observation, Fault>>,
    pub rows: std::collections::BTreeMap<Placed, Arc<Deployment>>,
    pub faults: Vec<String>,
    pub heartbeats: usize,
    pub snapshots: usize,
}

impl Watched {
    pub fn new(backend: &ArgoCdBackend) -> Self {
        let stream = backend.watch(holdpoint::backend::Topic::Deployments);
        Self { stream, rows: Default::default(), faults: Vec::new(), heartbeats: 0, snapshots: 0 }
    }

    /// Watches on until something is seen.
    pub async fn until(&mut self, what: &str, seen: impl Fn(&Self) -> bool) {
        let watching = async {
            while !seen(self) {
                match self.stream.next().await.unwrap() {
                    Ok(Observation::Deployments(all)) => {
                        self.rows = all.into_iter().collect();
                        self.snapshots += 1;
                    }
                    Ok(Observation::Deployment(place, row)) => drop(self.rows.insert(place, row)),
                    Ok(Observation::DeploymentGone(place)) => drop(self.rows.remove(&place)),
                    Ok(Observation::Heartbeat) => self.heartbeats += 1,
                    Ok(other) => panic!("{other:?}"),
                    Err(fault) => self.faults.push(fault.to_string()),
                }
            }
        };
        if tokio::time::timeout(Duration::from_secs(60), watching).await.is_err() {
            panic!("never seen: {what}; rows {:?}, faults {:?}", self.rows, self.faults);
        }
    }

    pub fn api(&self) -> Option<&Deployment> {
        self.rows.get(&placed("api")).map(Arc::as_ref)
    }
}
