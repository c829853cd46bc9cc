//! The watch of rollouts: steps, shares, what they wait for, and what is judged of them.

use super::ground::{Watched, placed, soon};
use super::staged::{add, analysed, backend, coloured, done, steps, underway};
use crate::cluster::Cluster;
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::backend::kubernetes::rollouts::analysis::checks;
use holdpoint::domain::observed::Deployment;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::stages::{Judged, Stages};
use holdpoint::domain::verdict::Level;
use serde_json::json;
use std::sync::Arc;

fn row<'a>(watched: &'a Watched, service: &str) -> Option<&'a Arc<Deployment>> {
    watched.rows.get(&placed(service))
}

fn stages(row: &Deployment) -> &Stages {
    row.stages.as_ref().expect("it is in steps")
}

#[tokio::test]
async fn a_rollout_is_followed_step_by_step() {
    let cluster = underway(steps()).await;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let web = row(&watched, "web").unwrap();
    assert_eq!((web.version.as_str(), web.candidate.as_deref(), web.weight), ("4.1.9", Some("4.2.0"), Some(20)));
    assert_eq!(web.state, "paused");
    assert_eq!(stages(web).line(), "step 2 of 4: pause, 20 % wanted");
    assert_eq!(stages(web).waits.as_deref(), Some("a person to promote it, since 2026-11-21T10:00:00Z"));
    assert_eq!((web.trouble.len(), &web.history[..]), (0, &["4.1.9".to_owned()][..]));
    done(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
    let at_half = |w: &Watched| row(w, "web").is_some_and(|web| web.weight == Some(50) && web.state == "paused");
    watched.until("the next stop", at_half).await;
    assert_eq!(stages(row(&watched, "web").unwrap()).line(), "step 4 of 4: pause, 50 % wanted");
    done(&cluster, Verb::Abort, "web", &[]).await;
    watched.until("it is given up", |w| row(w, "web").is_some_and(|web| web.state == "degraded")).await;
    let web = row(&watched, "web").unwrap();
    assert!(web.trouble[0].contains("RolloutAborted"), "{web:?}");
    assert_eq!((web.version.as_str(), web.candidate.as_deref(), web.weight), ("4.1.9", Some("4.2.0"), Some(0)));
    done(&cluster, Verb::Resume, "web", &[("how", "retry")]).await;
    done(&cluster, Verb::Promote, "web", &[("how", "full")]).await;
    let whole = |w: &Watched| row(w, "web").is_some_and(|web| web.version == "4.2.0" && web.state == "stable");
    watched.until("all of it", whole).await;
    let web = row(&watched, "web").unwrap();
    assert_eq!((web.candidate.as_ref(), web.weight, web.stages.as_ref()), (None, None, None));
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn every_verdict_is_its_own_and_only_a_pass_passes() {
    for (comes, judged, level) in [
        ("running", Judged::Running, Level::Hold),
        ("fail", Judged::Failed, Level::Fail),
        ("inconclusive", Judged::Inconclusive, Level::Unknown),
        ("error", Judged::Error, Level::Unknown),
    ] {
        let cluster = underway(analysed(comes)).await;
        let mut watched = Watched::of(&backend(&cluster));
        watched.until("a snapshot", |w| w.snapshots == 1).await;
        let checks = &stages(row(&watched, "web").unwrap()).checks;
        let of = |name: &str| checks.iter().find(|check| check.name == name).unwrap();
        assert_eq!((of("success-rate").judged, of("success-rate").judged.level()), (judged, level), "{comes}");
        assert_eq!(of("latency").line(), "latency: pass, 3 well, last 0.21");
        assert_eq!(checks.len(), 2, "{checks:?}");
    }
    let cluster = underway(analysed("inconclusive")).await;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let web = row(&watched, "web").unwrap();
    // In doubt, and not in trouble: it weighs as unknown.
    assert_eq!(web.trouble, [""; 0]);
    assert_eq!(stages(web).doubt().unwrap().line(), "success-rate: inconclusive, 2 inconclusive, last 0.93");
    assert!(stages(web).waits.as_ref().unwrap().contains("its analysis is inconclusive"));
}

#[test]
fn what_nobody_knows_is_no_pass() {
    let named = |status: &str| {
        json!({ "status": { "canary": {
        "currentStepAnalysisRunStatus": { "name": "run", "status": status, "message": "why\u{1b}[2J" } } } })
    };
    let run = |status: serde_json::Value| {
        json!({ "metadata": { "name": "run" },
        "spec": { "metrics": [{ "name": "a" }, { "name": "b\u{202e}" }] }, "status": status })
    };
    let told = |status: &str, runs: &[&serde_json::Value]| {
        checks(&named(status), runs).iter().map(|check| (check.name.clone(), check.judged)).collect::<Vec<_>>()
    };
    // A run that is not there, a word that is new, a measure that was never taken, one that is only tried.
    assert_eq!(told("Inconclusive", &[]), [("analysis run".to_owned(), Judged::Inconclusive)]);
    assert_eq!(told("Dreaming", &[]), [("analysis run".to_owned(), Judged::Unknown)]);
    let half = run(json!({ "metricResults": [{ "name": "a", "phase": "Successful", "extra": {} }] }));
    let found = told("Successful", &[&half]);
    assert_eq!((found[0].1, found[1].1), (Judged::Passed, Judged::Unknown));
    let tried = run(json!({ "metricResults": [{ "name": "a", "phase": "Failed", "dryRun": true },
        { "name": "b\u{202e}", "phase": "Dreaming" }] }));
    let all = checks(&named("Running"), &[&tried]);
    let lines: Vec<String> = all.iter().map(holdpoint::domain::stages::Check::line).collect();
    assert!(lines.join("\n").contains(": unknown") && !lines.join("\n").contains(": fail"), "{lines:?}");
    assert!(!lines.join("\n").contains(['\u{202e}', '\u{1b}']), "{lines:?}");
}

#[tokio::test]
async fn a_new_word_of_its_controller_is_shown_and_claims_nothing() {
    let cluster = underway(steps()).await;
    cluster.state().controllers = false;
    cluster.change("rollouts", "web", |r| {
        r["status"]["phase"] = "Dreaming\u{202e}".into();
        r["status"]["pauseConditions"] = json!([{ "reason": "Moon", "startTime": "2026-11-21T10:00:00Z" }]);
    });
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let web = row(&watched, "web").unwrap();
    assert!(web.state.starts_with("Dreaming") && !web.state.contains('\u{202e}'), "{web:?}");
    assert_eq!(stages(web).waits.as_deref(), Some("Moon, since 2026-11-21T10:00:00Z"));
}

#[tokio::test]
async fn blue_green_waits_for_its_switch() {
    let cluster = coloured().await;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let web = row(&watched, "web").unwrap();
    assert_eq!((web.version.as_str(), web.candidate.as_deref(), web.weight), ("4.1.9", Some("4.2.0"), None));
    assert_eq!(stages(web).line(), "blue-green");
    assert!(stages(web).waits.as_ref().unwrap().starts_with("a person to switch it over"));
}

#[tokio::test]
async fn what_is_not_installed_is_no_fault_and_is_seen_once_it_is() {
    let cluster = super::ground::rolled().await;
    // The group alone says nothing: Argo CD has it too.
    cluster.state().absent = vec!["rollouts", "flagger.app"];
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("life", |w| w.heartbeats >= 2).await;
    assert!(row(&watched, "api").is_some() && row(&watched, "web").is_none());
    assert_eq!(watched.faults, [""; 0]);
    let said: Vec<_> = soon(backend(&cluster).introduce()).await;
    let wrong: Vec<&str> = said.iter().filter(|remark| !remark.ok).map(|remark| remark.text.as_str()).collect();
    assert!(
        wrong.iter().any(|text| text.contains("Argo Rollouts is not installed there") && text.contains("web in prod")),
        "{said:?}"
    );
    assert!(wrong.iter().any(|text| text.contains("Flagger is not installed there")), "{said:?}");
    let said: Vec<_> = soon(super::ground::backend(&cluster).introduce()).await;
    assert!(said.iter().all(|remark| remark.ok), "nothing asks for it: {said:?}");
    cluster.state().absent.clear();
    add(&cluster, "web", steps()).await;
    watched.until("it is installed", |w| row(w, "web").is_some()).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn missed_events_heal_and_pages_are_read() {
    let cluster = underway(analysed("inconclusive")).await;
    cluster.state().page = 1;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert_eq!(stages(row(&watched, "web").unwrap()).checks.len(), 2);
    cluster.fault("GET", "watch=1", crate::cluster::Does::Status(503), 5);
    cluster.cut_streams();
    watched.until("the fault", |w| !w.faults.is_empty()).await;
    done(&cluster, Verb::Abort, "web", &[]).await;
    cluster.compact();
    cluster.heal();
    watched.until("what was missed", |w| row(w, "web").is_some_and(|web| web.state == "degraded")).await;
    let _: &Cluster = &cluster;
}
