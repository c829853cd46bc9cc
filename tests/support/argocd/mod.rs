//! An Argo CD that keeps state and holds every request to the published description: its rules
//! for sync, rollback and windows, with a small controller and faults on demand.
//! Knows nothing of holdpoint.

mod controller;
mod http;
mod routes;
pub mod swagger;

pub use crate::wire::HOSTILE;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

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
    /// It is refused with this code and these words.
    No(u16, &'static str),
    /// It is refused with 429 and this `Retry-After`.
    TooMany(u32),
    /// It is refused with this code, in words that act on a terminal and repeat the request's own token.
    Hostile(u16),
    /// It is answered well, with these lines of headers.
    With(String),
    /// It is answered with 200 and what is no JSON.
    Garbage,
    /// It is answered with 200 and JSON that says nothing.
    Empty,
    /// It is answered as if it were done, and nothing is done.
    Nothing,
    /// It is sent elsewhere.
    Redirect,
}

#[derive(Clone)]
struct Armed {
    method: &'static str,
    path: String,
    does: Does,
    times: u32,
    /// The change that must have come before, as `METHOD` and a part of its path.
    after: Option<(&'static str, String)>,
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
    pub query: Vec<(String, String)>,
    pub token: String,
    pub accept: String,
    pub body: String,
}

impl Asked {
    /// Whether it asks for an application that is compared anew.
    fn refreshes(&self) -> bool {
        self.query.iter().any(|(name, _)| name == "refresh")
    }

    /// Its path, with what is asked for anew: what goes wrong with it may go right without.
    fn target(&self) -> String {
        let anew = if self.refreshes() { "?refresh" } else { "" };
        format!("{}{anew}", self.path)
    }
}

/// The annotation of an application that is to be compared anew.
const REFRESH: &str = "argocd.argoproj.io/refresh";

/// Everything the server knows.
#[derive(Clone)]
pub struct State {
    /// By namespace and name.
    pub apps: BTreeMap<(String, String), Value>,
    /// What branches and tags of git point to.
    pub git: BTreeMap<String, String>,
    /// The image that a revision brings.
    pub images: BTreeMap<String, String>,
    /// Revisions whose sync never ends by itself.
    pub hanging: Vec<String>,
    /// Revisions whose sync fails.
    pub failing: Vec<String>,
    /// Revisions that do not become well.
    pub bad: Vec<String>,
    /// Whether windows let people sync, and the windows.
    pub windows: Value,
    /// What projects declare, by name.
    pub projects: BTreeMap<String, Value>,
    /// The projects that stand above all others.
    pub global: Vec<String>,
    /// `action` on applications that are denied.
    pub denied: Vec<String>,
    /// The token that is accepted.
    pub token: String,
    /// Whether the controller works.
    pub controller: bool,
    /// Whether it asks git only when it is told to compare anew, as with no webhook and between two looks of its own.
    pub late: bool,
    /// What somebody has changed by hand, as `status.resources` names it.
    pub by_hand: Vec<Value>,
    /// Whether its answers hold what the description does not name.
    pub strange: bool,
    /// Whether changes are kept from streams, which stay open.
    pub silent: bool,
    /// Streams that began before this are cut.
    pub epoch: u64,
    pub asked: Vec<Asked>,
    /// What was not as the description has it.
    pub violations: Vec<String>,
    /// What somebody else merges into an application right after the next patch of it.
    pub meanwhile: Option<Value>,
    /// What `managed-resources` answers.
    pub managed: Value,
    /// The nodes of every application's tree.
    pub tree: Value,
    /// The actions that are offered for every node.
    pub actions: Value,
    /// What it says that it is.
    pub says_version: String,
    /// By how much the clock that it tells is ahead of ours; none where it tells none.
    pub ahead: Option<chrono::TimeDelta>,
    log: Vec<(u64, &'static str, Value)>,
    version: u64,
    clock: i64,
    armed: Vec<Armed>,
    over: bool,
}

struct Inner {
    state: Mutex<State>,
    hooks: Mutex<Vec<Hook>>,
    changed: Condvar,
}

/// A running server. Dropping it ends it, and fails where a request was not as described.
pub struct ArgoCd {
    inner: Arc<Inner>,
    pub address: SocketAddr,
    dir: tempfile::TempDir,
}

/// A commit by a letter.
pub fn commit(letter: char) -> String {
    std::iter::repeat_n(letter, 40).collect()
}

impl ArgoCd {
    /// Starts a server with nothing in it.
    pub fn start() -> Self {
        Self::with(State {
            apps: BTreeMap::new(),
            git: BTreeMap::new(),
            images: BTreeMap::new(),
            hanging: Vec::new(),
            failing: Vec::new(),
            bad: Vec::new(),
            windows: json!({ "canSync": true }),
            projects: BTreeMap::new(),
            global: Vec::new(),
            denied: Vec::new(),
            token: "token-of-the-fake".to_owned(),
            controller: true,
            late: false,
            by_hand: Vec::new(),
            strange: false,
            silent: false,
            epoch: 0,
            asked: Vec::new(),
            violations: Vec::new(),
            meanwhile: None,
            managed: json!({ "items": [] }),
            tree: json!([{ "kind": "Pod", "group": "", "version": "v1", "namespace": "api", "name": "api-1",
                "uid": "uid-api-1", "resourceVersion": "1" }]),
            actions: json!([{ "name": "restart" }]),
            says_version: "v3.5.1+fake".to_owned(),
            log: Vec::new(),
            version: 100,
            ahead: None,
            clock: chrono::Utc::now().timestamp() - 86_400,
            armed: Vec::new(),
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
        let server = Self { inner, address, dir: tempfile::TempDir::new().unwrap() };
        server.writes_token("token-of-the-fake");
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file that the client's token is in.
    pub fn token_file(&self) -> PathBuf {
        self.dir.path().join("token")
    }

    /// What the client's token is from now on.
    pub fn writes_token(&self, token: &str) {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(self.token_file())
            .unwrap();
        writeln!(file, "{token}").unwrap();
    }

    /// What the server knows; held as short as can be.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// An application that is at `commit('a')`, which `main` points to.
    pub fn put(&self, name: &str) {
        let mut state = self.state();
        let at = state.tick();
        let commit = commit('a');
        state.git.entry("main".to_owned()).or_insert_with(|| commit.clone());
        let source =
            json!({ "repoURL": "https://git.example/team/deploy.git", "path": name, "targetRevision": "main" });
        let entry = json!({ "id": 0, "revision": commit, "source": source, "deployStartedAt": at, "deployedAt": at,
            "initiatedBy": { "username": "ana" } });
        let operation =
            json!({ "sync": { "revision": commit, "source": source }, "initiatedBy": { "username": "ana" } });
        state.store(json!({
            "metadata": { "name": name, "namespace": "argocd", "uid": format!("uid-{name}"), "creationTimestamp": at },
            "spec": { "project": "default", "source": source, "destination": { "namespace": name } },
            "status": {
                "controllerNamespace": "argocd",
                "health": { "status": "Healthy" },
                "sync": { "status": "Synced", "revision": commit },
                "history": [entry],
                "reconciledAt": at,
                "operationState": { "phase": "Succeeded", "startedAt": at, "finishedAt": at, "operation": operation,
                    "message": "successfully synced" },
            },
        }));
        drop(state);
        self.inner.changed.notify_all();
    }

    /// The sync windows that a project declares.
    pub fn declares(&self, project: &str, windows: Value) {
        let project =
            (project.to_owned(), json!({ "metadata": { "name": project }, "spec": { "syncWindows": windows } }));
        self.state().projects.extend([project]);
    }

    pub fn get(&self, name: &str) -> Value {
        self.state().apps[&("argocd".to_owned(), name.to_owned())].clone()
    }

    /// Changes an application in place, as another client would.
    pub fn change(&self, name: &str, with: impl FnOnce(&mut Value)) {
        self.state().change(name, with);
        self.inner.changed.notify_all();
    }

    pub fn remove(&self, name: &str) {
        let mut state = self.state();
        let mut app = state.apps.remove(&("argocd".to_owned(), name.to_owned())).unwrap();
        state.version += 1;
        app["metadata"]["resourceVersion"] = json!(state.version.to_string());
        let version = state.version;
        state.log.push((version, "DELETED", app));
        drop(state);
        self.inner.changed.notify_all();
    }

    /// Moves a branch, as a merge does; told by a webhook, what is set to it is compared at once.
    pub fn merge(&self, branch: &str, commit: &str) {
        self.state().git.insert(branch.to_owned(), commit.to_owned());
        let apps: Vec<Value> = self.state().apps.values().cloned().collect();
        for app in apps
            .iter()
            .filter(|app| app["spec"]["source"]["targetRevision"] == branch && app["metadata"]["namespace"] == "argocd")
        {
            self.change(app["metadata"]["name"].as_str().unwrap(), |app| {
                app["status"]["sync"] = json!({ "status": "OutOfSync", "revision": commit });
            });
        }
        self.inner.changed.notify_all();
    }

    /// Moves a branch of which nobody is told: it is seen when git is asked the next time.
    pub fn merge_untold(&self, branch: &str, commit: &str) {
        let mut state = self.state();
        state.late = true;
        state.git.insert(branch.to_owned(), commit.to_owned());
    }

    /// How often it was asked to compare anew.
    pub fn refreshes(&self) -> usize {
        self.state().asked.iter().filter(|asked| asked.refreshes()).count()
    }

    /// The next `times` requests of this method whose path holds this text go wrong.
    pub fn fault(&self, method: &'static str, path: &str, does: Does, times: u32) {
        self.state().armed.push(Armed { method, path: path.to_owned(), does, times, after: None });
    }

    /// The same of requests that come after one that changes something, of this method and path.
    pub fn fault_after(
        &self,
        (change, to): (&'static str, &str),
        method: &'static str,
        path: &str,
        does: Does,
        times: u32,
    ) {
        let after = Some((change, to.to_owned()));
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

    /// Requests that are no look, as `METHOD part`.
    pub fn sent(&self) -> Vec<String> {
        let part = |asked: &Asked| {
            let name = asked.path.trim_start_matches("/api/v1/applications/");
            format!("{} {name}", asked.method)
        };
        self.state().asked.iter().filter(|asked| asked.method != "GET").map(part).collect()
    }

    /// How often something was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.state().asked.iter().filter(|asked| asked.path == path).count()
    }
}

impl Drop for ArgoCd {
    fn drop(&mut self) {
        let wrong = match self.inner.state.lock() {
            Ok(mut state) => {
                state.over = true;
                std::mem::take(&mut state.violations)
            }
            Err(_) => Vec::new(),
        };
        self.inner.changed.notify_all();
        // Whoever waits for a connection ends with it.
        let _ = std::net::TcpStream::connect(self.address);
        if !std::thread::panicking() {
            assert_eq!(wrong, [""; 0], "not as the description has it");
        }
    }
}

impl Inner {
    /// What others do right before this request is answered.
    fn meanwhile(&self, asked: &Asked) {
        let mut hooks = self.hooks.lock().unwrap();
        if let Some(n) = hooks.iter().position(|hook| hook.method == asked.method && asked.path.contains(&hook.path)) {
            let hook = hooks.remove(n);
            drop(hooks);
            (hook.with)(&mut self.state.lock().unwrap());
        }
    }
}

impl State {
    /// Changes an application in place, as another client would.
    pub fn change(&mut self, name: &str, with: impl FnOnce(&mut Value)) {
        let mut app = self.apps[&("argocd".to_owned(), name.to_owned())].clone();
        with(&mut app);
        self.store(app);
    }

    /// A second later, as the server writes it: no two things happen in one.
    fn tick(&mut self) -> String {
        self.clock += 1;
        let at = chrono::DateTime::from_timestamp(self.clock, 0).unwrap();
        at.format("%FT%TZ").to_string()
    }

    /// Keeps an application, and tells of it.
    fn store(&mut self, mut app: Value) {
        self.version += 1;
        app["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let text = |key: &str| app["metadata"][key].as_str().unwrap().to_owned();
        let id = (text("namespace"), text("name"));
        let word = if self.apps.contains_key(&id) { "MODIFIED" } else { "ADDED" };
        self.log.push((self.version, word, app.clone()));
        self.apps.insert(id, app);
    }

    /// What a branch, tag or commit is.
    fn resolve(&self, revision: &str) -> Option<String> {
        let commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
        if commit { Some(revision.to_owned()) } else { self.git.get(revision).cloned() }
    }

    fn fault(&mut self, method: &str, target: &str) -> Option<Does> {
        let hit = |armed: &&mut Armed| {
            armed.times > 0 && armed.after.is_none() && armed.method == method && target.contains(&armed.path)
        };
        let armed = self.armed.iter_mut().find(hit)?;
        armed.times -= 1;
        Some(armed.does.clone())
    }

    /// Takes note of a request: what was to go wrong after it does from now on.
    fn came(&mut self, method: &str, target: &str) {
        let of = |armed: &&mut Armed| armed.after.as_ref().is_some_and(|(by, to)| *by == method && target.contains(to));
        self.armed.iter_mut().filter(of).for_each(|armed| armed.after = None);
    }
}

/// How often the controller looks.
const TICK: Duration = Duration::from_millis(20);
