//! The script for Flux that ships, beside a stand-in for `kubectl`.

use crate::support::{Place, script};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::observed::{Deployment, Observation};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A kustomization that was reconciled well.
fn kustomization(name: &str) -> Value {
    let revision = "main@sha1:1f0c8a2b7d3e4f5a6b7c8d9e0f1a2b3c4d5e6f70";
    let ready = json!({ "type": "Ready", "status": "True", "reason": "ReconciliationSucceeded", "message": "Applied",
        "lastTransitionTime": "2026-11-21T02:00:00Z" });
    json!({ "metadata": { "name": name, "generation": 2 }, "spec": { "interval": "10m" },
        "status": { "observedGeneration": 2, "lastAppliedRevision": revision, "lastAttemptedRevision": revision,
            "conditions": [ready] } })
}

/// What the script tells, and what it asked for.
async fn told(items: &[Value]) -> (Result<Vec<Arc<Deployment>>, Fault>, String) {
    let mut place = Place::new();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/kubernetes/scripts/flux-status");
    let root = place.root().display().to_string();
    let kubectl = format!(
        "#!/bin/sh\necho \"$*\" > {root}/asked\ncat {root}/said || {{ echo 'no such context' >&2; exit 1; }}\n"
    );
    place.script("bin/kubectl", &kubectl);
    place.script(
        "status",
        &format!("#!/bin/sh\nPATH={root}/bin:$PATH exec {shipped} prod-eu flux-system eu-west apps infra\n"),
    );
    if !items.is_empty() {
        std::fs::write(place.file("said"), json!({ "items": items }).to_string()).unwrap();
    }
    place.spec.status = Some(script(&["./status"]));
    let first = place.backend().watch(Topic::Deployments).next().await;
    let rows = match first.unwrap() {
        Ok(Observation::Deployments(all)) => Ok(all.into_iter().map(|(_, row)| row).collect()),
        Ok(other) => panic!("{other:?}"),
        Err(fault) => Err(fault),
    };
    (rows, std::fs::read_to_string(place.file("asked")).unwrap_or_default())
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.unwrap()
}

#[tokio::test]
async fn a_kustomization_undoes_changes_unless_it_is_suspended_which_is_trouble() {
    let (well, mut held) = (kustomization("apps"), kustomization("infra"));
    held["spec"]["suspend"] = true.into();
    let (rows, asked) = soon(told(&[well, held, kustomization("other")])).await;
    let rows = rows.unwrap();
    assert_eq!(
        asked.trim(),
        "--context prod-eu --namespace flux-system get kustomizations.kustomize.toolkit.fluxcd.io --output json"
    );
    let seen: Vec<_> = rows.iter().map(|row| (row.version.as_str(), row.reverts, row.trouble.concat())).collect();
    let version = "main@sha1:1f0c8a2";
    assert_eq!(seen, [(version, true, String::new()), (version, false, "suspended".to_owned())]);
    assert!(rows.iter().all(|row| row.candidate.is_none() && row.since.is_some()), "{rows:?}");
}

#[tokio::test]
async fn what_is_under_way_or_wrong_is_told_as_that() {
    let (mut wrong, mut under_way) = (kustomization("apps"), kustomization("infra"));
    wrong["status"]["lastAttemptedRevision"] = "main@sha1:2222222222222222222222222222222222222222".into();
    wrong["status"]["conditions"][0]["status"] = "False".into();
    wrong["status"]["conditions"][0]["message"] = "no such image".into();
    under_way["metadata"]["generation"] = 3.into();
    let rows = soon(told(&[wrong, under_way])).await.0.unwrap();
    let words: Vec<_> = rows.iter().map(|row| format!("{} {:?} {:?}", row.state, row.candidate, row.trouble)).collect();
    assert_eq!(
        words,
        ["degraded Some(\"main@sha1:2222222\") [\"ReconciliationSucceeded: no such image\"]", "rolling None []"]
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_told() {
    let why = soon(told(&[])).await.0.unwrap_err().to_string();
    assert!(why.contains("no such context"), "{why}");
}
