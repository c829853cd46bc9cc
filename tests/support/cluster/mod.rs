//! A Kubernetes API server that keeps state: enough of it that `kubectl` works, with a small
//! deployment controller behind it and faults on demand. Knows nothing of holdpoint.

mod argo;
mod controller;
pub mod crd;
mod discovery;
mod evict;
mod flagger;
mod gates;
mod gateway;
mod http;
mod objects;
mod patch;
mod routes;
mod store;
mod watch;

pub use gateway::Gateway;
pub use objects::{
    blue_green, canary, daemon_set, deployment, grpc_route, http_route, rollout, stateful_set, virtual_service,
};
pub use store::Id;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;
use store::Store;

/// What goes wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    /// It is never answered, and nothing is done.
    Hang,
    /// It is carried out, and the connection is cut in place of an answer.
    CutAfter,
    /// The connection is cut, and nothing is done.
    CutBefore,
    /// It is refused with this code.
    Status(u16),
    /// It is refused with 429 and this `Retry-After`.
    TooMany(u32),
    /// It is refused with this code, and these lines of headers.
    Says(u16, String),
    /// It is answered well, with these lines of headers.
    With(String),
    /// It is answered with 200 and what is no JSON.
    Garbage,
    /// It is answered with 200 and nothing at all.
    Empty,
    /// It is answered as if it were done, and nothing is done.
    Nothing,
    /// It is answered well, later.
    Slow(Duration),
    /// It is answered well, once it is let go.
    Held,
}

/// A fault that waits for a request.
struct Armed {
    method: &'static str,
    path: String,
    does: Does,
    times: u32,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub kind: String,
    pub authorization: String,
    pub body: String,
}

/// Everything the server knows.
pub struct State {
    pub store: Store,
    pub asked: Vec<Asked>,
    /// The only token that is taken, where not any is.
    pub token: Option<String>,
    /// `verb resource` pairs that are forbidden.
    pub denied: Vec<String>,
    /// Groups that are not installed.
    pub absent: Vec<&'static str>,
    /// Gates of canaries that were opened or closed.
    pub gates: BTreeMap<String, bool>,
    /// The real load tester, where there is one.
    pub tester: Option<SocketAddr>,
    /// Canaries whose first gate is being asked, and those beyond it.
    asking: BTreeSet<String>,
    begun: BTreeSet<String>,
    /// Canaries that have passed a gate just now.
    rests: BTreeMap<String, std::time::Instant>,
    /// Whether what was to be a dry run is kept all the same.
    pub keeps_dry_runs: bool,
    /// What gateways say of routes.
    pub gateway: Gateway,
    /// Whether the controllers work.
    pub controllers: bool,
    /// How often a watch says that nothing happened.
    pub bookmarks: Duration,
    /// The largest page it gives, whatever is asked for.
    pub page: usize,
    /// Streams that began before this are cut.
    pub epoch: u64,
    /// Whether streams say nothing any more, and stay open.
    pub frozen: bool,
    armed: Vec<Armed>,
    /// Whether what is held may be answered.
    released: bool,
    over: bool,
}

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

/// A running server. Dropping it ends it.
pub struct Cluster {
    inner: Arc<Inner>,
    pub address: SocketAddr,
    dir: tempfile::TempDir,
}

impl Cluster {
    /// Starts a server with nothing in it.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            store: Store::default(),
            asked: Vec::new(),
            token: None,
            denied: Vec::new(),
            absent: Vec::new(),
            gates: BTreeMap::new(),
            tester: None,
            asking: BTreeSet::new(),
            begun: BTreeSet::new(),
            rests: BTreeMap::new(),
            keeps_dry_runs: false,
            gateway: Gateway::Takes,
            controllers: true,
            bookmarks: Duration::from_millis(200),
            page: 500,
            epoch: 0,
            frozen: false,
            armed: Vec::new(),
            released: false,
            over: false,
        };
        let inner = Arc::new(Inner { state: Mutex::new(state), changed: Condvar::new() });
        http::listen(listener, Arc::clone(&inner));
        controller::start(Arc::clone(&inner));
        let cluster = Self { inner, address, dir: tempfile::TempDir::new().unwrap() };
        std::fs::write(cluster.kubeconfig(), config(address)).unwrap();
        cluster
    }

    /// A kubeconfig that leads here, with the context `fake` and the namespace `payments`.
    pub fn kubeconfig(&self) -> PathBuf {
        self.dir.path().join("kubeconfig")
    }

    /// A directory of its own, for whoever drives it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What the server knows; held as short as can be.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// Puts an object there, as `kubectl apply` would.
    pub fn put(&self, resource: &str, object: Value) {
        self.state().store.put(resource, object);
        self.inner.changed.notify_all();
    }

    /// An object as it is.
    pub fn get(&self, resource: &str, name: &str) -> Option<Value> {
        self.state().store.objects.get(&Id::new(resource, "payments", name)).cloned()
    }

    /// Changes an object in place, as another client would.
    pub fn change(&self, resource: &str, name: &str, with: impl FnOnce(&mut Value)) {
        let mut state = self.state();
        let mut object = state.store.objects.get(&Id::new(resource, "payments", name)).cloned().unwrap();
        with(&mut object);
        state.store.put(resource, object);
        drop(state);
        self.inner.changed.notify_all();
    }

    /// Removes an object.
    pub fn remove(&self, resource: &str, name: &str) {
        self.state().store.remove(&Id::new(resource, "payments", name));
        self.inner.changed.notify_all();
    }

    /// The next `times` requests of this method whose path and query hold this text go wrong.
    pub fn fault(&self, method: &'static str, path: &str, does: Does, times: u32) {
        let mut state = self.state();
        state.released &= !matches!(does, Does::Held);
        state.armed.push(Armed { method, path: path.to_owned(), does, times });
    }

    /// Lets what is held be answered.
    pub fn release(&self) {
        self.state().released = true;
        self.inner.changed.notify_all();
    }

    /// Faults no more.
    pub fn heal(&self) {
        self.state().armed.clear();
        self.inner.changed.notify_all();
    }

    /// Cuts every stream that is open.
    pub fn cut_streams(&self) {
        self.state().epoch += 1;
        self.inner.changed.notify_all();
    }

    /// Forgets every change so far, as etcd does: older versions are gone.
    pub fn compact(&self) {
        let mut state = self.state();
        state.store.compacted = state.store.version;
        state.store.log.clear();
    }

    /// Requests that are no look: their method, path and body.
    pub fn mutations(&self) -> Vec<Asked> {
        let mutates = |asked: &&Asked| {
            asked.method != "GET"
                && !asked.path.contains("selfsubject")
                && !asked.query.contains("dryRun")
                && !asked.path.ends_with("/check")
        };
        self.state().asked.iter().filter(mutates).cloned().collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(mut state) = self.inner.state.lock() {
            state.over = true;
        }
        self.inner.changed.notify_all();
    }
}

impl State {
    /// What goes wrong with this request, if anything; counted.
    fn fault(&mut self, method: &str, target: &str) -> Option<Does> {
        let hit = |armed: &&mut Armed| armed.times > 0 && armed.method == method && target.contains(&armed.path);
        let armed = self.armed.iter_mut().find(hit)?;
        armed.times -= 1;
        Some(armed.does.clone())
    }
}

fn config(address: SocketAddr) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: fake\n\
         clusters:\n- name: fake\n  cluster:\n    server: http://{address}\n\
         users:\n- name: ana\n  user:\n    token: not-a-secret\n\
         contexts:\n- name: fake\n  context:\n    cluster: fake\n    user: ana\n    namespace: payments\n"
    )
}
