//! What happens to a canary while a gate is open, and what only looks as if it served.

use super::flagger::{BEGIN, GATES, MORE, TAKE, closed};
use super::ground::{settled, soon};
use super::staged::{backend, done, image, operation, refused, shop, shopping, stands};
use crate::cluster::Cluster;
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty, Done, Fault};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::json;

type Performing = tokio::task::JoinHandle<Result<Done, Fault>>;

/// Waits for its last gate, and Flagger no longer looks.
async fn stuck() -> Cluster {
    let cluster = shopping(&["confirm-promotion", "rollback"], "WaitingPromotion").await;
    cluster.state().controllers = false;
    cluster
}

/// Does it, as far as an open gate.
async fn opened(cluster: &Cluster, verb: Verb, args: &[(&str, &str)]) -> Performing {
    let performing = tokio::spawn(backend(cluster).perform(operation(verb, "shop", args), key(), sink(None).0));
    until("it is open", || !closed(cluster)).await;
    performing
}

async fn in_doubt(cluster: &Cluster, performing: Performing) -> String {
    let fault = soon(performing).await.unwrap().unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    assert!(closed(cluster));
    fault.to_string()
}

fn short(verb: Verb, args: &[(&str, &str)]) -> Operation {
    Operation { limit: Span::secs(5), ..operation(verb, "shop", args) }
}

#[tokio::test]
async fn another_revision_is_not_taken_for_the_one_that_was_meant() {
    let cluster = shopping(&GATES, "Waiting").await;
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    cluster.state().controllers = false;
    let performing = opened(&cluster, Verb::Promote, &[MORE, ("weight", "25"), ("version", "4.2.0")]).await;
    image(&cluster, "deployments", "shop", "reg.example/web:5.0.0");
    cluster.change("canaries", "shop", |canary| canary["status"]["canaryWeight"] = 25.into());
    let said = in_doubt(&cluster, performing).await;
    assert!(said.contains("another revision than 4.2.0 came meanwhile"), "{said}");
}

#[tokio::test]
async fn an_analysis_that_begins_anew_closes_its_gate_at_once() {
    let cluster = stuck().await;
    let performing = opened(&cluster, Verb::Promote, &[TAKE]).await;
    cluster.change("canaries", "shop", |canary| {
        canary["status"]["phase"] = "Progressing".into();
        canary["status"]["lastAppliedSpec"] = "another".into();
    });
    let said = in_doubt(&cluster, performing).await;
    assert!(said.contains("came meanwhile") && said.contains("closed again"), "{said}");
}

#[tokio::test]
async fn what_was_promoted_was_not_given_up() {
    let cluster = stuck().await;
    let performing = opened(&cluster, Verb::Abort, &[]).await;
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = "Succeeded".into());
    let said = in_doubt(&cluster, performing).await;
    assert!(said.contains("was not given up: it was promoted"), "{said}");
    let cluster = stuck().await;
    cluster.change("canaries", "shop", |canary| canary["spec"]["skipAnalysis"] = true.into());
    let said = refused(&cluster, Verb::Abort, "shop", &[]).await;
    assert!(said.contains("it skips its analysis"), "{said}");
}

#[tokio::test]
async fn what_takes_over_is_done_once_it_serves() {
    let cluster = stuck().await;
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = "Promoting".into());
    let ended = soon(backend(&cluster).perform(short(Verb::Promote, &[TAKE]), key(), sink(None).0)).await;
    assert_eq!(ended.unwrap_err().certainty(), Certainty::Unknown);
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "shop", &[TAKE]), key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { why }) if why.contains("promoting")), "{found:?}");
}

#[tokio::test]
async fn a_way_back_within_a_version_is_done_once_that_template_serves() {
    let cluster = shop(&[]).await;
    cluster.change("deployments", "shop", |object| {
        object["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{ "name": "GREETING", "value": "bye" }]);
    });
    stands(&cluster, "Succeeded").await;
    settled(&cluster, "deployments", "shop-primary").await;
    cluster.state().controllers = false;
    let back = short(Verb::RollBack, &[("to", "4.1.9#1")]);
    let fault = soon(backend(&cluster).perform(back.clone(), key(), sink(None).0)).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    let found = soon(backend(&cluster).probe(&back, key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { .. })), "{found:?}");
    cluster.state().controllers = true;
    let greets = || {
        let primary = cluster.get("deployments", "shop-primary").unwrap();
        primary["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] == "hello"
    };
    until("it serves", greets).await;
    settled(&cluster, "deployments", "shop-primary").await;
    stands(&cluster, "Succeeded").await;
    let found = soon(backend(&cluster).probe(&back, key())).await;
    assert!(matches!(&found, Ok(Found::Applied(_))), "{found:?}");
}

#[tokio::test]
async fn a_deploy_that_waits_at_the_first_gate_is_taken() {
    let cluster = shop(&["confirm-rollout"]).await;
    cluster.state().controllers = false;
    let deploy = operation(Verb::Deploy, "shop", &[("version", "4.2.0")]);
    let performing = tokio::spawn(backend(&cluster).perform(deploy, key(), sink(None).0));
    until("it is sent", || cluster.mutations().len() == 1).await;
    // Its phase is all that Flagger need write before the gate is passed.
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = "Waiting".into());
    let ended = soon(performing).await.unwrap();
    assert!(matches!(&ended, Ok(Done::Whole(r)) if r.summary.ends_with("analyses 4.2.0")), "{ended:?}");
}

#[tokio::test]
async fn what_has_not_begun_is_taken_back() {
    let cluster = shopping(&["confirm-rollout", "rollback"], "Waiting").await;
    settled(&cluster, "deployments", "shop-primary").await;
    cluster.state().controllers = false;
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = "Waiting".into());
    let said = refused(&cluster, Verb::Deploy, "shop", &[("version", "4.3.0")]).await;
    assert!(said.contains("4.2.0 waits to be analysed"), "{said}");
    let said = done(&cluster, Verb::RollBack, "shop", &[("to", "4.1.9")]).await;
    assert!(said.contains("serves 4.1.9, and asks at its first gate about nothing else"), "{said}");
}
