//! A cluster in which one case of one row is tried: what goes wrong there, and what is looked at.

use super::super::ground::operation;
use super::rows::{Call, Row};
use super::worlds::World;
use crate::cluster::{Asked, Cluster, Does, HOSTILE};
use crate::matrix::{Case, EVER, Ground, Must, authority, behind};
use crate::support::until;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::kubernetes::place::Kind;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// The outer limit of anything that is waited for.
const LONG: Duration = Duration::from_secs(60);

/// Rows by their place, as they are told.
type Rows = BTreeMap<String, String>;
type Watch = BoxStream<'static, Result<Observation, Fault>>;

/// The service of each kind.
pub fn service(kind: Kind) -> &'static str {
    match kind {
        Kind::Deployment => "api",
        Kind::StatefulSet => "db",
        Kind::DaemonSet => "agent",
        Kind::Rollout => "web",
        Kind::Canary => "shop",
    }
}

pub fn backend(cluster: &Cluster, world: World) -> KubernetesBackend {
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), ..KubernetesSpec::default() };
    let route = world.route().map(|(_, route)| format!(">{route}")).unwrap_or_default();
    let at = |kind: Kind| {
        let (service, led) = (service(kind), matches!(kind, Kind::Rollout | Kind::Canary));
        let route = if led { "" } else { &route };
        ((service.into(), "prod".into()), format!("payments/{}/{service}{route}", kind.word()))
    };
    KubernetesBackend::new("eu".into(), Span::secs(1), spec, Kind::ALL.map(at).into())
}

/// A copy of a world.
pub struct Trial<'a> {
    row: &'a Row,
    cluster: Cluster,
    backend: KubernetesBackend,
    /// What the state was before it was a word that nobody knows.
    before: Mutex<Option<Value>>,
    /// The arguments that say what is meant, where only a look at what is there tells them.
    meant: Mutex<BTreeMap<String, String>>,
    /// A watch that misses everything.
    watch: Mutex<Option<(Watch, Rows)>>,
}

impl Row {
    /// The object that it is read back from.
    fn object(&self) -> (&'static str, &'static str) {
        match (self.world.route(), self.verb, self.kind) {
            (Some((resource, _)), ..) => (resource, "web"),
            (None, Verb::Restart, Kind::Canary) => ("deployments", "shop-primary"),
            (None, _, kind) => (kind.resource(), service(kind)),
        }
    }

    fn look(&self) -> String {
        let (resource, name) = self.object();
        format!("/{resource}/{name}")
    }

    /// The request that goes wrong.
    fn wrong(&self) -> (&'static str, String) {
        self.sends.get(self.at).map_or_else(|| ("GET", self.look()), |(method, path, _)| (method, (*path).to_owned()))
    }

    /// What another operator changes at the same time.
    fn another(&self) -> (&'static str, &'static str, &'static str, Value) {
        let (image, other) = ("/spec/template/spec/containers/0/image", json!("reg.example/other:5.0.0"));
        match self.sends.get(self.at) {
            Some((_, "/virtualservices/web", _)) => ("virtualservices", "web", "/spec/hosts", json!(["other"])),
            Some(_) if self.world.route().is_some() => {
                (self.object().0, "web", "/spec/hostnames", json!(["other.example"]))
            }
            Some((_, "/canaries/shop", _)) => ("canaries", "shop", "/spec/analysis/threshold", json!(9)),
            Some(_) if self.kind == Kind::Canary && self.verb != Verb::Restart => ("deployments", "shop", image, other),
            // Its lock is the number that was read.
            _ if self.verb == Verb::Scale => (self.object().0, self.object().1, "/spec/replicas", json!(7)),
            _ => (self.object().0, self.object().1, image, other),
        }
    }
}

impl<'a> Trial<'a> {
    pub fn new(row: &'a Row, world: &Cluster) -> Self {
        let cluster = world.copy();
        let ca = authority(cluster.dir()).display().to_string();
        let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
        let trusted = config.replace("    server:", &format!("    certificate-authority: {ca}\n    server:"));
        std::fs::write(cluster.kubeconfig(), trusted).unwrap();
        let backend = backend(&cluster, row.world);
        Self { row, cluster, backend, before: Mutex::default(), meant: Mutex::default(), watch: Mutex::default() }
    }

    fn change(&self, with: impl FnOnce(&mut Value)) {
        let (resource, name) = self.row.object();
        self.cluster.change(resource, name, with);
    }

    /// Whether a watch that was cut, and has missed what happened, tells it all the same.
    async fn caught_up(&self) -> Result<(), String> {
        let Some((mut watch, mut seen)) = self.watch.lock().unwrap().take() else { return Ok(()) };
        self.cluster.state().controllers = false;
        self.cluster.compact();
        self.cluster.state().frozen = false;
        self.cluster.cut_streams();
        let wanted = told(self.backend.watch(Topic::Deployments).next().await);
        let follows = async {
            while seen != wanted {
                match watch.next().await {
                    Some(Ok(Observation::Deployment(place, row))) => {
                        seen.insert(format!("{place:?}"), format!("{row:?}"));
                    }
                    Some(Ok(Observation::DeploymentGone(place))) => drop(seen.remove(&format!("{place:?}"))),
                    whole @ Some(Ok(Observation::Deployments(_))) => seen = told(whole),
                    Some(_) => {}
                    None => return,
                }
            }
        };
        let ended = tokio::time::timeout(LONG, follows).await;
        match ended.is_ok() && seen == wanted {
            true => Ok(()),
            false => Err(format!("a watch that missed it tells {seen:?}, a new one {wanted:?}")),
        }
    }
}

/// The rows that a watch begins with.
fn told(seen: Option<Result<Observation, Fault>>) -> Rows {
    match seen {
        Some(Ok(Observation::Deployments(all))) => {
            all.into_iter().map(|(place, row)| (format!("{place:?}"), format!("{row:?}"))).collect()
        }
        _ => BTreeMap::new(),
    }
}

fn is(asked: &Asked, (method, path, body): &Call) -> bool {
    asked.method == *method && asked.path.ends_with(path.trim_end_matches('$')) && asked.body.contains(body)
}

/// What takes back what was opened may be sent as often as it takes.
fn closes(asked: &Asked) -> bool {
    asked.path.ends_with("/close") || asked.body.contains("\"/spec/skipAnalysis\",\"value\":false")
}

impl Ground for Trial<'_> {
    fn backend(&self) -> &dyn Backend {
        &self.backend
    }

    fn wish(&self, case: Case) -> Operation {
        let mut wish = operation(self.row.verb, service(self.row.kind), self.row.args);
        wish.args.extend(self.meant.lock().unwrap().clone());
        if case == Case::HostileWish {
            wish.args.values_mut().for_each(|value| HOSTILE.clone_into(value));
        }
        wish
    }

    fn must(&self, case: Case) -> Must {
        // Where nothing is named there is nothing that could act.
        let plain = case == Case::HostileWish && self.row.args.is_empty() && self.row.verb != Verb::Mend;
        let case = if plain { Case::Well } else { case };
        case.must(self.row.but)
    }

    fn sends(&self) -> (usize, usize) {
        (self.row.sends.len(), self.row.at)
    }

    async fn prepare(&self, case: Case) -> Result<(), String> {
        let Self { cluster, row, .. } = self;
        match case {
            Case::Hostile => self.change(|object| {
                for note in
                    ["argocd.argoproj.io/tracking-id", "meta.helm.sh/release-name", "kubernetes.io/change-cause"]
                {
                    object["metadata"]["annotations"][note] = HOSTILE.into();
                }
            }),
            Case::Strange => self.change(|object| {
                object["metadata"]["newField"] = json!({ "a": [1] });
                let plain = matches!(row.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet);
                // What their schema does not know is not kept of the others.
                if plain && row.world.route().is_none() {
                    object["spec"]["newField"] = json!({ "b": [2] });
                }
            }),
            Case::Paged => cluster.state().page = 1,
            Case::Missed => {
                let mut watch = self.backend.watch(Topic::Deployments);
                let seen = told(watch.next().await);
                if seen.is_empty() {
                    return Err("a watch does not begin with what there is".to_owned());
                }
                *self.watch.lock().unwrap() = Some((watch, seen));
                cluster.state().frozen = true;
            }
            Case::Skewed => {
                cluster.fault("GET", "/", Does::With(behind()), EVER);
            }
            _ => {}
        }
        // What flickers is never settled for long.
        until("the controllers have seen it", || cluster.state().settled()).await;
        if row.verb == Verb::Mend {
            let at = (service(row.kind).into(), "prod".into());
            let drift = self.backend.drift(&at).await.map_err(|fault| format!("drift: {fault}"))?;
            let args = drift.mend.into_iter().map(|(name, value)| (name.to_owned(), value));
            *self.meant.lock().unwrap() = args.collect();
            cluster.state().asked.clear();
        }
        Ok(())
    }

    fn arm(&self, case: Case) {
        let Self { cluster, row, .. } = self;
        let ((method, path), look) = (row.wrong(), row.look());
        let once = |does: Does| cluster.fault(method, &path, does, 1);
        let later = |does: Does, times: u32| match row.sends.is_empty() {
            true => cluster.fault("GET", &look, does, times),
            false => cluster.fault_after(&path, "GET", &look, does, times),
        };
        match case {
            Case::No(code) | Case::Fails(code) => once(Does::Status(code)),
            Case::TooMany => once(Does::TooMany(7)),
            Case::CutBefore => once(Does::CutBefore),
            Case::CutAfter => once(Does::CutAfter),
            Case::Hangs => once(Does::Hang),
            Case::Garbage => once(Does::Garbage),
            Case::Empty => once(Does::Empty),
            Case::Nothing => once(Does::Nothing),
            Case::HostileNo(code) => once(Does::Hostile(code)),
            Case::Blind(code) => later(Does::Status(code), EVER),
            Case::HostileBlind => later(Does::Hostile(500), EVER),
            Case::Stumbles(429) => later(Does::TooMany(0), 1),
            Case::Stumbles(code) => later(Does::Status(code), 1),
            Case::Another if !row.sends.is_empty() => {
                let (resource, name, at, value) = row.another();
                cluster.meanwhile(method, &path, move |state| {
                    state.change(resource, name, |object| *object.pointer_mut(at).unwrap() = value);
                });
            }
            Case::Unmoved => cluster.meanwhile(method, &path, |state| state.controllers = false),
            _ => {}
        }
    }

    /// Its state becomes a word that nobody knows, once it was sent and is looked for.
    async fn beside(&self, case: Case) {
        let Some(send) = self.row.sends.get(self.row.at).filter(|_| case == Case::Unmoved) else { return };
        let look = self.row.look();
        let looked = || {
            let state = self.cluster.state();
            let mut since = state.asked.iter().skip_while(|asked| !is(asked, send));
            since.any(|asked| asked.method == "GET" && asked.path.ends_with(&look))
        };
        // What is never looked for has ended by then.
        while !looked() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // What is sent once more to be closed would be refused with a word that its schema does not know.
        if send.1 == "/canaries/shop" {
            return;
        }
        self.change(|object| {
            *self.before.lock().unwrap() = Some(object["status"].clone());
            object["status"]["phase"] = format!("Levitating {HOSTILE}").into();
            object["status"]["message"] = HOSTILE.into();
            object["status"]["conditions"] =
                json!([{ "type": "Promoted", "status": "Maybe", "reason": HOSTILE, "message": HOSTILE }]);
            if let Some(parent) = object.pointer("/spec/parentRefs/0").cloned() {
                let said = json!({ "type": "Accepted", "status": "Maybe", "reason": HOSTILE, "message": HOSTILE,
                    "observedGeneration": object["metadata"]["generation"] });
                object["status"]["parents"] = json!([{ "parentRef": parent, "conditions": [said] }]);
            }
        });
    }

    fn sent(&self) -> Result<Vec<usize>, String> {
        let (mutations, sends) = (self.cluster.mutations(), self.row.sends);
        match mutations.iter().find(|asked| !closes(asked) && !sends.iter().any(|send| is(asked, send))) {
            Some(other) => Err(format!("it sent what it should not: {other:?}")),
            None => Ok(sends.iter().map(|send| mutations.iter().filter(|asked| is(asked, send)).count()).collect()),
        }
    }

    fn forget(&self) {
        self.cluster.state().asked.clear();
    }

    fn heal(&self) {
        if let Some(status) = self.before.lock().unwrap().take() {
            self.change(|object| object["status"] = status);
        }
        self.cluster.heal();
        self.cluster.state().controllers = true;
    }

    /// Whatever was opened is closed.
    fn left(&self) -> Result<(), String> {
        let canary = self.cluster.get("canaries", "shop");
        let skips = canary.is_some_and(|canary| canary["spec"]["skipAnalysis"] == true);
        let open = self.cluster.state().gates.values().any(|open| *open);
        if open || skips { Err("what it opened is open still".to_owned()) } else { Ok(()) }
    }

    async fn over(&self, case: Case) -> Result<(), String> {
        let (resource, name) = self.row.object();
        let now = self.cluster.get(resource, name).unwrap_or_default();
        match case {
            Case::Missed => self.caught_up().await,
            Case::Another if !self.row.sends.is_empty() => {
                let (resource, name, at, value) = self.row.another();
                let stands = self.cluster.get(resource, name).is_some_and(|o| o.pointer(at) == Some(&value));
                if stands { Ok(()) } else { Err("what the other changed does not stand".to_owned()) }
            }
            Case::Strange if now["metadata"]["newField"]["a"][0] != 1 => Err("a field is lost".to_owned()),
            Case::Strange if now["spec"].get("newField").is_some_and(|field| field["b"][0] != 2) => {
                Err("a field is lost".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn secret(&self) -> &'static str {
        "not-a-secret"
    }

    fn file(&self) -> PathBuf {
        self.cluster.dir().join("kept.log")
    }
}
