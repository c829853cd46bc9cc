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

pub use crate::wire::HOSTILE;
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
    /// It is refused with this code, in words that act on a terminal and repeat the request's own token.
    Hostile(u16),
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
#[derive(Clone)]
struct Armed {
    method: &'static str,
    path: String,
    does: Does,
    times: u32,
    /// The change that must have come before, by a part of its path.
    after: Option<String>,
}

/// What another does right before a request of this method and path is answered; once.
struct Hook {
    method: &'static str,
    path: String,
    with: Box<dyn FnOnce(&mut State) + Send>,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub kind: String,
    pub accept: String,
    pub authorization: String,
    pub body: String,
}

/// Everything the server knows.
#[derive(Clone)]
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
    /// The version at which the controllers had nothing more to do.
    settled: u64,
    armed: Vec<Armed>,
    /// Whether what is held may be answered.
    released: bool,
    over: bool,
}

struct Inner {
    state: Mutex<State>,
    hooks: Mutex<Vec<Hook>>,
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
        Self::with(State {
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
            settled: u64::MAX,
            armed: Vec::new(),
            released: false,
            over: false,
        })
    }

    /// Starts another with the same in it, which nobody has asked anything yet.
    pub fn copy(&self) -> Self {
        let state = self.state().clone();
        Self::with(State { asked: Vec::new(), ..state })
    }

    fn with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner { state: Mutex::new(state), hooks: Mutex::default(), changed: Condvar::new() });
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
        self.state().change(resource, name, with);
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
        state.armed.push(Armed { method, path: path.to_owned(), does, times, after: None });
    }

    /// Lets what is held be answered.
    pub fn release(&self) {
        self.state().released = true;
        self.inner.changed.notify_all();
    }

    /// The same of requests that come after one that changes something and whose path holds `change`.
    pub fn fault_after(&self, change: &str, method: &'static str, path: &str, does: Does, times: u32) {
        let after = Some(change.to_owned());
        self.state().armed.push(Armed { method, path: path.to_owned(), does, times, after });
    }

    /// What another does right before the next request of this method whose path holds this text is answered.
    pub fn meanwhile(&self, method: &'static str, path: &str, with: impl FnOnce(&mut State) + Send + 'static) {
        let hook = Hook { method, path: path.to_owned(), with: Box::new(with) };
        self.inner.hooks.lock().unwrap().push(hook);
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
        self.state().asked.iter().filter(|asked| asked.mutates()).cloned().collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(mut state) = self.inner.state.lock() {
            state.over = true;
        }
        self.inner.changed.notify_all();
        // Whoever waits for a connection ends with it.
        let _ = std::net::TcpStream::connect(self.address);
    }
}

impl Inner {
    /// What others do right before this request is answered.
    fn meanwhile(&self, method: &str, target: &str) {
        let mut hooks = self.hooks.lock().unwrap();
        if let Some(n) = hooks.iter().position(|hook| hook.method == method && meets(target, &hook.path)) {
            let hook = hooks.remove(n);
            drop(hooks);
            (hook.with)(&mut self.state.lock().unwrap());
        }
    }
}

/// Whether a request is meant by a part of what it asks for; with `$` at its end by all of its end, so that none is that
/// asks for more than its path says, such as a dry run.
fn meets(target: &str, path: &str) -> bool {
    let whole = |end: &str| target.trim_end_matches('?').ends_with(end);
    path.strip_suffix('$').map_or_else(|| target.contains(path), whole)
}

impl Asked {
    /// Whether it is no look.
    fn mutates(&self) -> bool {
        self.method != "GET"
            && !self.path.contains("selfsubject")
            && !self.query.contains("dryRun")
            && !self.path.ends_with("/check")
    }
}

impl State {
    /// Whether the controllers have nothing more to do.
    pub fn settled(&self) -> bool {
        self.settled == self.store.version
    }

    /// Takes note of a change: what was to go wrong after it does from now on.
    fn came(&mut self, asked: &Asked) {
        let of = |armed: &&mut Armed| {
            armed.after.as_ref().is_some_and(|path| asked.path.contains(path.trim_end_matches('$')))
        };
        self.armed.iter_mut().filter(of).for_each(|armed| armed.after = None);
    }

    /// Changes an object in place, as another client would.
    pub fn change(&mut self, resource: &str, name: &str, with: impl FnOnce(&mut Value)) {
        let mut object = self.store.objects.get(&Id::new(resource, "payments", name)).cloned().unwrap();
        with(&mut object);
        self.store.put(resource, object);
    }

    /// What goes wrong with this request, if anything; counted.
    fn fault(&mut self, method: &str, target: &str) -> Option<Does> {
        let hit = |armed: &&mut Armed| {
            armed.times > 0 && armed.after.is_none() && armed.method == method && meets(target, &armed.path)
        };
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
