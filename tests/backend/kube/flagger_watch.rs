//! The watch of Flagger's canaries: what serves, what is analysed, and at which gate it waits.

use super::flagger::{BEGIN, GATES};
use super::ground::{Watched, placed};
use super::staged::{backend, done, image, shop, shopping, stands};
use crate::cluster::{canary, deployment};
use crate::undisturbed as tokio;
use holdpoint::domain::observed::Deployment;
use holdpoint::domain::operation::Verb;
use serde_json::json;

fn row(watched: &Watched) -> Option<&Deployment> {
    watched.rows.get(&placed("shop")).map(std::sync::Arc::as_ref)
}

fn is(state: &str) -> impl Fn(&Watched) -> bool {
    move |w| row(w).is_some_and(|shop| shop.state == state)
}

#[tokio::test]
async fn a_canary_is_followed_to_its_end() {
    let cluster = shop(&["confirm-rollout", "confirm-promotion"]).await;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    let shop = row(&watched).unwrap();
    assert_eq!((shop.version.as_str(), shop.state.as_str(), shop.candidate.as_ref()), ("4.1.9", "stable", None));
    image(&cluster, "deployments", "shop", "reg.example/web:4.2.0");
    let waits = |w: &Watched| {
        let stages = row(w).and_then(|shop| shop.stages.as_ref());
        stages.and_then(|s| s.waits.as_ref()).is_some_and(|waits| waits == "a person to open its gate confirm-rollout")
    };
    watched.until("it waits at its first gate", waits).await;
    let shop = row(&watched).unwrap();
    assert_eq!((shop.version.as_str(), shop.candidate.as_deref()), ("4.1.9", Some("4.2.0")));
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    let at_gate = |w: &Watched| {
        let stages = row(w).and_then(|shop| shop.stages.as_ref());
        stages.is_some_and(|stages| stages.doing == "waitingpromotion")
    };
    watched.until("it waits at its last gate", at_gate).await;
    // Flagger writes a weight of 0 there, which is not what traffic has.
    assert_eq!((row(&watched).unwrap().weight, row(&watched).unwrap().state.as_str()), (None, "paused"));
    cluster.state().gates.insert("shop.payments".to_owned(), true);
    watched.until("it serves", |w| row(w).is_some_and(|shop| shop.version == "4.2.0" && shop.state == "stable")).await;
    let shop = row(&watched).unwrap();
    assert_eq!((shop.stages.as_ref(), shop.trouble.len()), (None, 0));
    assert_eq!(shop.history, ["4.1.9"]);
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert_eq!(watched.faults, [""; 0]);
}

#[tokio::test]
async fn a_failed_analysis_is_trouble_and_what_serves_stays() {
    let cluster = shop(&[]).await;
    image(&cluster, "deployments", "shop", "reg.example/web:4.2.0-bad");
    stands(&cluster, "Failed").await;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("it failed", is("degraded")).await;
    let shop = row(&watched).unwrap();
    assert_eq!((shop.version.as_str(), shop.candidate.as_deref()), ("4.1.9", Some("4.2.0-bad")));
    assert_eq!(shop.trouble, ["Canary analysis failed, Deployment scaled to zero."]);
}

#[tokio::test]
async fn shares_counts_and_new_words_are_told_as_they_are() {
    let cluster = shopping(&GATES, "Waiting").await;
    cluster.state().controllers = false;
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("a snapshot", |w| w.snapshots == 1).await;
    cluster.change("canaries", "shop", |canary| {
        canary["status"]["phase"] = "Progressing".into();
        canary["status"]["canaryWeight"] = 25.into();
        canary["status"]["failedChecks"] = 2.into();
    });
    watched.until("it goes on", |w| row(w).is_some_and(|shop| shop.weight == Some(25))).await;
    let stages = row(&watched).unwrap().stages.as_ref().unwrap();
    assert_eq!(stages.line(), "step 1 of 2: progressing");
    assert_eq!(stages.checks[0].line(), "analysis: running, 2 of 5 failed checks that it may have");
    cluster.change("canaries", "shop", |canary| canary["spec"]["suspend"] = true.into());
    watched.until("it is suspended", is("paused")).await;
    cluster.change("canaries", "shop", |canary| {
        canary["spec"]["suspend"] = false.into();
        canary["status"]["phase"] = "Dreaming\u{202e}".into();
    });
    let dreams = |w: &Watched| row(w).is_some_and(|shop| shop.state.starts_with("dreaming"));
    watched.until("a word that is new", dreams).await;
    assert!(!row(&watched).unwrap().state.contains('\u{202e}'));
    // By iterations in place of shares.
    cluster.change("canaries", "shop", |canary| {
        canary["spec"]["analysis"] = json!({ "interval": "30s", "threshold": 5, "iterations": 10 });
        canary["status"]["phase"] = "Progressing".into();
        canary["status"]["iterations"] = 3.into();
    });
    let third = |w: &Watched| row(w).and_then(|s| s.stages.as_ref()).is_some_and(|s| s.step == Some((3, 10)));
    watched.until("its third round", third).await;
}

#[tokio::test]
async fn a_canary_that_comes_later_is_seen_with_what_was_there_before() {
    let cluster = crate::cluster::Cluster::start();
    cluster.put("deployments", deployment("shop", "reg.example/web:4.1.9", 2));
    let mut watched = Watched::of(&backend(&cluster));
    watched.until("life", |w| w.heartbeats >= 1).await;
    assert!(row(&watched).is_none());
    cluster.put("canaries", canary("shop", &[]));
    watched
        .until("it is seen whole", |w| row(w).is_some_and(|shop| shop.version == "4.1.9" && shop.state == "stable"))
        .await;
    assert_eq!(watched.faults, [""; 0]);
    cluster.remove("canaries", "shop");
    watched.until("it is gone", |w| row(w).is_none()).await;
}
