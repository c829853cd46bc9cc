//! A real cluster, where `HOLDPOINT_TEST_KUBECONFIG` leads to one: its own API server and its own
//! controllers, with `kubectl` as the other client, each test in a namespace of its own.
//!
//! Pods have to become ready, on nodes or on simulated ones; `HOLDPOINT_TEST_IMAGES` names two images
//! that can be run there, `repository:old repository:new`.

use super::ground::{Watched, soon, summary};
use crate::cluster::{daemon_set, deployment, rollout, stateful_set};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A namespace of a real cluster.
struct Real {
    kubeconfig: PathBuf,
    namespace: String,
    old: String,
    new: String,
}

impl Drop for Real {
    fn drop(&mut self) {
        let namespace = self.namespace.clone();
        let _ = self.run(&["delete", "namespace", &namespace, "--wait=false"], "");
    }
}

impl Real {
    /// A new namespace; none where no cluster is named.
    fn new(name: &str) -> Option<Self> {
        let Some(kubeconfig) = std::env::var_os("HOLDPOINT_TEST_KUBECONFIG") else {
            crate::skip::skipped("HOLDPOINT_TEST_KUBECONFIG names no cluster");
            return None;
        };
        let images = std::env::var("HOLDPOINT_TEST_IMAGES").unwrap_or("shop/api:4.1.9 shop/api:4.2.0".to_owned());
        let (old, new) = images.split_once(' ').expect("two images");
        let namespace = format!("holdpoint-{name}-{}", std::process::id());
        let real = Self { kubeconfig: kubeconfig.into(), namespace, old: old.to_owned(), new: new.to_owned() };
        real.kubectl(&["create", "namespace", &real.namespace]);
        Some(real)
    }

    fn run(&self, words: &[&str], input: &str) -> (bool, String) {
        let mut child = Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(["--namespace", &self.namespace])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    #[track_caller]
    fn kubectl(&self, words: &[&str]) -> String {
        let (ok, said) = self.run(words, "");
        assert!(ok, "{words:?}: {said}");
        said
    }

    #[track_caller]
    fn apply(&self, mut object: Value) {
        object["metadata"]["namespace"] = self.namespace.as_str().into();
        let (ok, said) = self.run(&["apply", "-f", "-"], &object.to_string());
        assert!(ok, "{said}");
    }

    fn get(&self, what: &str) -> Value {
        serde_json::from_str(&self.kubectl(&["get", what, "-o", "json"])).unwrap()
    }

    /// Whether the cluster knows such objects.
    fn knows(&self, crd: &str) -> bool {
        let knows = self.run(&["get", "crd", crd], "").0;
        if !knows {
            crate::skip::skipped(&format!("the cluster has no {crd}"));
        }
        knows
    }

    /// From the old image to the new one, both rolled out.
    fn rolled(&self, what: &str, object: Value) {
        self.apply(object);
        self.kubectl(&["rollout", "status", what, "--timeout=120s"]);
        let container = what.split_once('/').unwrap().1;
        self.kubectl(&["set", "image", what, &format!("{container}={}", self.new)]);
        self.kubectl(&["rollout", "status", what, "--timeout=120s"]);
    }

    fn backend(&self) -> KubernetesBackend {
        let spec = KubernetesSpec {
            kubeconfig: Some(self.kubeconfig.clone()),
            namespace: Some(self.namespace.clone()),
            ..KubernetesSpec::default()
        };
        let at = |service: &str, scope: &str| ((service.into(), "prod".into()), scope.to_owned());
        let scopes = [
            at("api", "deployment/api#api"),
            at("db", "statefulset/db"),
            at("agent", "daemonset/agent"),
            at("web", "rollout/web#web"),
        ];
        KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes.into())
    }

    async fn perform(&self, verb: Verb, service: &str, args: &[(&str, &str)]) -> Result<Done, Fault> {
        let operation = operation(verb, service, args);
        tokio::time::timeout(LIMIT, self.backend().perform(operation, key(), sink(None).0)).await.unwrap()
    }

    fn old_version(&self) -> &str {
        self.old.rsplit(':').next().unwrap()
    }

    fn new_version(&self) -> &str {
        self.new.rsplit(':').next().unwrap()
    }
}

const LIMIT: std::time::Duration = std::time::Duration::from_secs(150);

fn operation(verb: Verb, service: &str, args: &[(&str, &str)]) -> Operation {
    Operation { limit: Span::secs(120), ..super::ground::operation(verb, service, args) }
}

/// What an undo leaves behind of a workload, without what differs between two of them.
fn left(object: &Value) -> Value {
    let mut annotations = object["metadata"]["annotations"].clone();
    for own in ["kubernetes.io/change-cause", "kubectl.kubernetes.io/last-applied-configuration"] {
        annotations.as_object_mut().unwrap().remove(own);
    }
    let text = json!({ "template": object["spec"]["template"], "annotations": annotations }).to_string();
    serde_json::from_str(&text.replace("api2", "api")).unwrap()
}

#[tokio::test]
async fn a_real_deployment_is_seen_and_led_back_as_kubectl_leads_it() {
    let Some(real) = Real::new("deployment") else { return };
    for name in ["api", "api2"] {
        real.rolled(&format!("deployment/{name}"), deployment(name, &real.old, 2));
    }
    let (old, new) = (real.old_version(), real.new_version());
    let backend = real.backend();
    let doctor = soon(backend.introduce()).await;
    let wrong = doctor.iter().filter(|remark| !remark.ok && !remark.text.starts_with("Argo Rollouts is not installed"));
    assert_eq!(wrong.count(), 0, "{doctor:?}");
    let mut watched = Watched::of(&backend);
    watched
        .until("it serves the new one", |w| w.api().is_some_and(|row| row.version == new && row.ready == Some(2)))
        .await;
    assert!(watched.api().unwrap().history.iter().any(|version| version.starts_with(old)), "{:?}", watched.api());
    let preview = soon(backend.preview(&operation(Verb::RollBack, "api", &[("to", old)]))).await.unwrap();
    assert!(preview.refused.is_empty() && !preview.effects.is_empty(), "{preview:?}");
    let said = summary(real.perform(Verb::RollBack, "api", &[("to", old)]).await);
    assert!(said.ends_with(&format!("runs {old}")), "{said}");
    watched.until("it serves the old one", |w| w.api().is_some_and(|row| row.version == old)).await;
    real.kubectl(&["rollout", "undo", "deployment/api2"]);
    real.kubectl(&["rollout", "status", "deployment/api2", "--timeout=120s"]);
    assert_eq!(left(&real.get("deployment/api")), left(&real.get("deployment/api2")));
    // A second press finds it there, and sends nothing.
    let before = real.get("deployment/api")["metadata"]["resourceVersion"].clone();
    summary(real.perform(Verb::RollBack, "api", &[("to", old)]).await);
    assert_eq!(real.get("deployment/api")["metadata"]["resourceVersion"], before);
    let found = soon(backend.probe(&operation(Verb::RollBack, "api", &[("to", old)]), key())).await;
    assert!(matches!(found, Ok(Found::Applied(_))), "{found:?}");
    summary(real.perform(Verb::Deploy, "api", &[("version", new)]).await);
    watched.until("it serves the new one again", |w| w.api().is_some_and(|row| row.version == new)).await;
}

#[tokio::test]
async fn a_real_deployment_is_paused_resumed_and_scaled() {
    let Some(real) = Real::new("verbs") else { return };
    real.rolled("deployment/api", deployment("api", &real.old, 2));
    summary(real.perform(Verb::Pause, "api", &[]).await);
    assert_eq!(real.get("deployment/api")["spec"]["paused"], true);
    let refused = real.perform(Verb::Deploy, "api", &[("version", "9.9.9")]).await.unwrap_err().to_string();
    assert!(refused.contains("resume it first"), "{refused}");
    summary(real.perform(Verb::RollBack, "api", &[("to", real.old_version())]).await);
    assert_ne!(real.get("deployment/api")["spec"]["paused"], true);
    summary(real.perform(Verb::Resume, "api", &[]).await);
    let said = summary(real.perform(Verb::Scale, "api", &[("replicas", "3")]).await);
    assert!(said.contains("3 replicas, all ready"), "{said}");
    assert_eq!(real.get("deployment/api")["status"]["readyReplicas"], 3);
}

#[tokio::test]
async fn real_workloads_are_restarted_as_kubectl_restarts_them() {
    let Some(real) = Real::new("restart") else { return };
    real.rolled("deployment/api", deployment("api", &real.old, 2));
    real.rolled("deployment/api2", deployment("api2", &real.old, 2));
    real.rolled("statefulset/db", stateful_set("db", &real.old, 2));
    real.rolled("daemonset/agent", daemon_set("agent", &real.old));
    let uids = |app: &str| -> std::collections::BTreeSet<String> {
        let all =
            real.kubectl(&["get", "pods", "-l", &format!("app={app}"), "-o", "jsonpath={.items[*].metadata.uid}"]);
        all.split_whitespace().map(str::to_owned).collect()
    };
    let at = "kubectl.kubernetes.io~1restartedAt";
    let stamp = |object: &Value| object.pointer(&format!("/spec/template/metadata/annotations/{at}")).cloned();
    for (what, service) in [("deployment/api", "api"), ("statefulset/db", "db"), ("daemonset/agent", "agent")] {
        let before = uids(service);
        let said = summary(real.perform(Verb::Restart, service, &[]).await);
        assert!(said.contains("is restarted: "), "{said}");
        until("the old pods are gone", || uids(service).is_disjoint(&before)).await;
        let object = real.get(what);
        assert!(stamp(&object).is_some_and(|at| at.is_string()), "{object}");
        // A second press finds its key, and sends nothing.
        summary(real.perform(Verb::Restart, service, &[]).await);
        assert_eq!(stamp(&real.get(what)), stamp(&object));
        let found = soon(real.backend().probe(&operation(Verb::Restart, service, &[]), key())).await;
        assert!(matches!(found, Ok(Found::Applied(_))), "{found:?}");
    }
    real.kubectl(&["rollout", "restart", "deployment/api2"]);
    real.kubectl(&["rollout", "status", "deployment/api2", "--timeout=120s"]);
    let without = |what: &str| {
        let mut object = real.get(what);
        *object.pointer_mut(&format!("/spec/template/metadata/annotations/{at}")).unwrap() = "then".into();
        left(&object)
    };
    assert_eq!(without("deployment/api"), without("deployment/api2"));
}

#[tokio::test]
async fn real_sets_are_led_back() {
    let Some(real) = Real::new("sets") else { return };
    real.rolled("statefulset/db", stateful_set("db", &real.old, 2));
    real.rolled("daemonset/agent", daemon_set("agent", &real.old));
    for (what, service) in [("statefulset/db", "db"), ("daemonset/agent", "agent")] {
        let said = summary(real.perform(Verb::RollBack, service, &[("to", real.old_version())]).await);
        assert!(said.ends_with(&format!("runs {}", real.old_version())), "{said}");
        assert_eq!(real.get(what)["spec"]["template"]["spec"]["containers"][0]["image"], real.old.as_str());
    }
}

#[tokio::test]
async fn a_version_that_never_runs_is_not_called_done() {
    let Some(real) = Real::new("stuck") else { return };
    let mut never = deployment("api", &real.old, 1);
    real.apply(never.clone());
    real.kubectl(&["rollout", "status", "deployment/api", "--timeout=120s"]);
    // No node has that label, so that its pod is never scheduled.
    never["spec"]["template"]["spec"]["nodeSelector"] = json!({ "holdpoint.test/nowhere": "yes" });
    real.apply(never);
    let backend = real.backend();
    let mut watched = Watched::of(&backend);
    watched.until("it says why", |w| w.api().is_some_and(|row| !row.trouble.is_empty() || row.state != "stable")).await;
    let limit = Span::secs(8);
    let deploy = Operation { limit, ..operation(Verb::Deploy, "api", &[("version", real.new_version())]) };
    let fault = soon(backend.perform(deploy, key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(fault, Fault::Lost { .. }), "{fault}");
}

#[tokio::test]
async fn a_real_rollout_is_promoted_step_by_step_and_aborted() {
    let Some(real) = Real::new("rollout") else { return };
    if !real.knows("rollouts.argoproj.io") {
        return;
    }
    let steps = json!([{ "setWeight": 20 }, { "pause": {} }, { "setWeight": 50 }, { "pause": {} }]);
    let mut web = rollout("web", &real.old, 5, steps);
    web["spec"]["strategy"]["canary"].as_object_mut().unwrap().retain(|key, _| key == "steps");
    real.apply(web);
    let state = |pointer: &str| real.get("rollout/web").pointer(pointer).cloned().unwrap_or_default();
    until("it is healthy", || state("/status/phase") == "Healthy").await;
    let image = |image: &str| {
        let patch = json!([{ "op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image }]);
        real.kubectl(&["patch", "rollout/web", "--type=json", "-p", &patch.to_string()]);
    };
    image(&real.new);
    until("it waits at its first pause", || {
        state("/status/currentStepIndex") == 1 && state("/status/phase") == "Paused"
    })
    .await;
    let backend = real.backend();
    let mut watched = Watched::of(&backend);
    let web = (("web").into(), "prod".into());
    watched
        .until("its share", |w| {
            w.rows.get(&web).is_some_and(|row| row.candidate.as_deref() == Some(real.new_version()))
        })
        .await;
    let said = summary(real.perform(Verb::Promote, "web", &[("step", "2"), ("version", real.new_version())]).await);
    assert!(said.contains("at step 4 of 4"), "{said}");
    assert_eq!(state("/status/currentStepIndex"), 3);
    // A second press finds it beyond that step.
    summary(real.perform(Verb::Promote, "web", &[("step", "2")]).await);
    assert_eq!(state("/status/currentStepIndex"), 3);
    let said = summary(real.perform(Verb::Abort, "web", &[("version", real.new_version())]).await);
    assert!(said.contains("aborted"), "{said}");
    assert_eq!(state("/status/abort"), true);
    summary(real.perform(Verb::RollBack, "web", &[("to", real.old_version())]).await);
    until("it is healthy again", || state("/status/phase") == "Healthy").await;
    image(&real.new);
    until("it waits again", || state("/status/currentStepIndex") == 1 && state("/status/phase") == "Paused").await;
    summary(real.perform(Verb::Promote, "web", &[("how", "full"), ("version", real.new_version())]).await);
    until("all of it", || state("/status/phase") == "Healthy").await;
}
