//! What goes wrong at a gate: it is closed on every way out, and what may be open is said.

use super::flagger::{BEGIN, GATES, TAKE, closed, gates};
use super::ground::soon;
use super::staged::{backend, done, image, lost, operation, perform, refused, shop, shopping, stands};
use crate::cluster::{Cluster, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::ending::{left_open, under_way, wait};
use holdpoint::backend::kubernetes::flagger::gate::{Gate, doors};
use holdpoint::backend::{Backend, Certainty, Done, Fault};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::json;
use std::time::Duration;

async fn waiting() -> Cluster {
    shopping(&["confirm-promotion", "rollback"], "WaitingPromotion").await
}

/// Flagger no longer looks.
async fn stuck() -> Cluster {
    let cluster = waiting().await;
    cluster.state().controllers = false;
    cluster
}

fn short(verb: Verb, args: &[(&str, &str)]) -> Operation {
    Operation { limit: Span::secs(6), ..operation(verb, "shop", args) }
}

#[tokio::test]
async fn when_time_is_over_the_gate_is_closed() {
    let cluster = stuck().await;
    let ended = soon(backend(&cluster).perform(short(Verb::Promote, &[TAKE]), key(), sink(None).0)).await;
    let said = ended.unwrap_err();
    assert_eq!(said.certainty(), Certainty::Unknown);
    assert!(said.to_string().contains("did not go on in time") && said.to_string().contains("closed again"), "{said}");
    assert!(closed(&cluster));
    assert_eq!(gates(&cluster), ["gate/open", "gate/close"]);
}

#[tokio::test]
async fn when_its_analysis_fails_meanwhile_the_gate_is_closed() {
    let cluster = shop(&["confirm-rollout"]).await;
    cluster.state().gates.clear();
    image(&cluster, "deployments", "shop", "reg.example/web:4.2.0-bad");
    stands(&cluster, "Waiting").await;
    let ended = perform(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    // It may be seen to begin before it fails; closed it is in either case.
    assert!(ended.is_ok() || ended.unwrap_err().to_string().contains("closed again"));
    assert!(closed(&cluster));
    let cluster = stuck().await;
    let performing =
        tokio::spawn(backend(&cluster).perform(operation(Verb::Promote, "shop", &[TAKE]), key(), sink(None).0));
    until("it is open", || !closed(&cluster)).await;
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = "Failed".into());
    let said = soon(performing).await.unwrap().unwrap_err();
    assert!(said.to_string().contains("was at confirm-promotion, and then it is failed"), "{said}");
    assert!(closed(&cluster));
}

#[tokio::test]
async fn an_opening_that_is_lost_is_closed_and_one_that_is_refused_too() {
    for (does, certainty) in [
        (Does::CutAfter, Certainty::Unknown),
        (Does::Status(500), Certainty::Unknown),
        (Does::Status(403), Certainty::NotDone),
        (Does::TooMany(3), Certainty::NotDone),
    ] {
        let cluster = stuck().await;
        cluster.fault("POST", "/gate/open", does.clone(), 1);
        let fault = perform(&cluster, Verb::Promote, "shop", &[TAKE]).await.unwrap_err();
        assert_eq!(fault.certainty(), certainty, "{does:?}: {fault}");
        assert!(closed(&cluster), "{does:?}");
        assert_eq!(gates(&cluster), ["gate/open", "gate/close"], "{does:?}");
    }
}

#[tokio::test]
async fn what_opened_one_of_two_doors_is_in_doubt_whatever_the_other_said() {
    for does in [Does::Status(403), Does::Status(404), Does::TooMany(3)] {
        let cluster = stuck().await;
        cluster.change("canaries", "shop", |canary| {
            let other = json!({ "name": "other", "type": "confirm-promotion", "url": "http://other-loadtester.test/gate/check" });
            canary["spec"]["analysis"]["webhooks"].as_array_mut().unwrap().push(other);
        });
        // The first is certainly not opened.
        cluster.fault("POST", "flagger-loadtester:80/proxy/gate/open", does.clone(), 1);
        let fault = perform(&cluster, Verb::Promote, "shop", &[TAKE]).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::NotDone, "{does:?}: {fault}");
        // Of the second it is the same; but the first may have been of use.
        cluster.fault("POST", "other-loadtester:80/proxy/gate/open", does.clone(), 1);
        let fault = perform(&cluster, Verb::Promote, "shop", &[TAKE]).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::Unknown, "{does:?}: {fault}");
        assert!(fault.to_string().contains("1 of its gates opened, and then"), "{fault}");
        assert!(closed(&cluster), "{does:?}");
    }
}

#[tokio::test]
async fn what_a_gate_answers_says_nothing_of_the_api() {
    let cluster = stuck().await;
    let backend = backend(&cluster);
    let says = Does::Says(403, "date: Sun, 09 Sep 2001 01:46:40 GMT\r\n".to_owned());
    cluster.fault("POST", "flagger-loadtester:80/proxy/gate/open", says, 1);
    soon(backend.perform(operation(Verb::Promote, "shop", &[TAKE]), key(), sink(None).0)).await.unwrap_err();
    let said = soon(backend.introduce()).await;
    assert!(!said.iter().any(|remark| remark.text.contains("behind ours")), "{said:?}");
}

#[tokio::test]
async fn what_was_decided_too_long_ago_opens_nothing() {
    let cluster = stuck().await;
    let late = holdpoint::backend::Sink { not_after: Some(holdpoint::domain::Timestamp::UNIX_EPOCH), ..sink(None).0 };
    let promote = || operation(Verb::Promote, "shop", &[TAKE]);
    let fault = soon(backend(&cluster).perform(promote(), key(), late.clone())).await.unwrap_err();
    assert_eq!((fault.certainty(), gates(&cluster).len()), (Certainty::NotDone, 0), "{fault}");
    // What somebody left open is closed all the same.
    cluster.state().gates.insert("shop.payments".to_owned(), true);
    let fault = soon(backend(&cluster).perform(promote(), key(), late)).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert_eq!((gates(&cluster), closed(&cluster)), (vec!["gate/close".to_owned()], true));
}

#[tokio::test]
async fn a_closing_that_fails_is_tried_again_and_said() {
    let cluster = waiting().await;
    cluster.fault("POST", "/gate/close", Does::Status(500), 2);
    done(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(closed(&cluster));
    let cluster = waiting().await;
    cluster.fault("POST", "/gate/close", Does::Status(500), 99);
    let said = lost(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(said.contains("MAY BE OPEN STILL") && said.contains("flagger-loadtester.test/gate/close"), "{said}");
    assert!(!closed(&cluster));
    // Everything says so from now on, until somebody closes it.
    let preview = soon(backend(&cluster).preview(&operation(Verb::Promote, "shop", &[TAKE]))).await.unwrap();
    assert!(preview.obstacles.iter().any(|o| o.contains("stands open")), "{preview:?}");
    let doctor = soon(backend(&cluster).introduce()).await;
    assert!(doctor.iter().any(|remark| !remark.ok && remark.text.contains("stands open")), "{doctor:?}");
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "shop", &[TAKE]), key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { why }) if why.contains("sent again it is closed")), "{found:?}");
    cluster.heal();
    // Sent again: it has passed, so the gate is only closed.
    let before = gates(&cluster).iter().filter(|sent| *sent == "gate/open").count();
    let _ = perform(&cluster, Verb::Promote, "shop", &[TAKE, ("version", "4.2.0")]).await;
    assert!(closed(&cluster));
    assert_eq!(gates(&cluster).iter().filter(|sent| *sent == "gate/open").count(), before);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_closes_what_it_opened() {
    let cluster = stuck().await;
    let performing =
        tokio::spawn(backend(&cluster).perform(operation(Verb::Promote, "shop", &[TAKE]), key(), sink(None).0));
    until("it is open", || !closed(&cluster)).await;
    performing.abort();
    until("it is closed", || closed(&cluster)).await;
}

/// Leaves while a gate is open, and closing it is like this: whether all has ended after the usual two
/// seconds or what is given beyond, and what people are told.
async fn left(cluster: &Cluster, closing: Option<(Does, u32)>) -> (bool, Vec<String>, usize) {
    let backend = backend(cluster);
    let (ending, promote) = (backend.ending().unwrap(), operation(Verb::Promote, "shop", &[TAKE]));
    let (leave, left) = tokio::sync::oneshot::channel::<()>();
    let session = move || {
        let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tokio::spawn(backend.perform(promote, key(), sink(None).0));
            left.await.unwrap();
        });
        drop((runtime, backend));
        let endings = [ending];
        let awaited = under_way(&endings);
        assert!(awaited.iter().all(|until| until == "the gate of canary shop is closed again"), "{awaited:?}");
        let ended = (wait(&endings, Duration::from_secs(2)), left_open(&endings));
        assert!(under_way(&endings).is_empty());
        (ended.0, ended.1, awaited.len())
    };
    let session = tokio::task::spawn_blocking(session);
    until("it is open", || !closed(cluster)).await;
    if let Some((does, times)) = closing {
        cluster.fault("POST", "/gate/close", does, times);
    }
    // Where the kubeconfig leads by then does not matter: the way in is the one that opened it.
    std::fs::write(cluster.kubeconfig(), "current-context: another").unwrap();
    leave.send(()).unwrap();
    session.await.unwrap()
}

#[tokio::test]
async fn whoever_leaves_waits_until_what_was_opened_is_closed() {
    let cluster = stuck().await;
    let (ended, said, _) = left(&cluster, None).await;
    assert_eq!((ended, said), (true, Vec::new()));
    assert!(closed(&cluster));
    // Also where that takes longer than anything else is waited for.
    let cluster = stuck().await;
    let slow = Some((Does::Slow(Duration::from_secs(4)), 1));
    assert_eq!(left(&cluster, slow).await, (true, Vec::new(), 1), "what is waited for can be said");
    assert!(closed(&cluster));
}

#[tokio::test]
async fn whoever_leaves_is_told_what_could_not_be_closed() {
    let cluster = stuck().await;
    let (ended, said, _) = left(&cluster, Some((Does::Status(500), 99))).await;
    assert!(ended && !closed(&cluster));
    let [said] = said.as_slice() else { panic!("{said:?}") };
    assert!(said.starts_with("A GATE MAY BE OPEN STILL") && said.contains("close it by hand: POST"), "{said}");
}

#[tokio::test]
async fn what_a_kill_left_open_is_found_and_said_and_closed_when_it_is_sent_again() {
    let cluster = stuck().await;
    cluster.state().gates.insert("shop.payments".to_owned(), true);
    let promote = operation(Verb::Promote, "shop", &[TAKE]);
    let found = soon(backend(&cluster).probe(&promote, key())).await;
    let Ok(Found::Unknown { why }) = &found else { panic!("{found:?}") };
    assert!(why.contains("a gate of canary payments/shop stands open"), "{why}");
    assert_eq!(gates(&cluster).len(), 0);
    cluster.state().controllers = true;
    done(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(closed(&cluster));
    // Skipping that was left behind is told as well.
    cluster.change("canaries", "shop", |canary| canary["spec"]["skipAnalysis"] = true.into());
    let found = soon(backend(&cluster).probe(&promote, key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { why }) if why.contains("skips its analysis")), "{found:?}");
}

#[tokio::test]
async fn a_gate_that_may_not_be_reached_is_not_opened() {
    let cluster = waiting().await;
    cluster.state().denied.extend(["create services/proxy".to_owned(), "create services".to_owned()]);
    let said = refused(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(said.contains("services/proxy is forbidden"), "{said}");
    assert_eq!(gates(&cluster).len(), 0);
    // A gate that nobody can look at is no gate that is closed.
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "shop", &[TAKE]), key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { why }) if why.contains("not known: whether a gate of ")), "{found:?}");
    let preview = soon(backend(&cluster).preview(&operation(Verb::Promote, "shop", &[TAKE]))).await.unwrap();
    assert!(
        preview.obstacles.iter().any(|o| o.starts_with("you may not create services/proxy in test")),
        "{preview:?}"
    );
    assert!(preview.unknown.iter().any(|o| o.starts_with("whether a gate of ") && o.contains("stands open: ")));
}

#[tokio::test]
async fn a_look_that_flickers_passes_nothing() {
    let cluster = shopping(&GATES, "Waiting").await;
    // Nothing is open: however often it says Progressing, it has not begun.
    let promote = operation(Verb::Promote, "shop", &[BEGIN]);
    for _ in 0..20 {
        let found = soon(backend(&cluster).probe(&promote, key())).await;
        assert!(matches!(&found, Ok(Found::NotApplied { .. } | Found::Unknown { .. })), "{found:?}");
    }
}

/// The endpoints of the load tester: pods by their uid, and whether each is ready.
fn tester(cluster: &Cluster, slice: &str, pods: &[(&str, bool)]) {
    let endpoint = |(uid, ready): &(&str, bool)| json!({ "addresses": [format!("{slice}-{uid}")], "conditions": { "ready": ready }, "targetRef": { "uid": uid } });
    let endpoints: Vec<_> = pods.iter().map(endpoint).collect();
    let labels = json!({ "kubernetes.io/service-name": "flagger-loadtester" });
    let metadata = json!({ "name": slice, "namespace": "test", "labels": labels });
    cluster.put("endpointslices", json!({ "metadata": metadata, "endpoints": endpoints }));
}

#[tokio::test]
async fn gates_that_several_pods_keep_are_not_opened() {
    let cluster = waiting().await;
    // One pod with addresses of two families, and one that is not ready, are one pod.
    tester(&cluster, "v4", &[("a", true), ("b", false)]);
    tester(&cluster, "v6", &[("a", true)]);
    let preview = soon(backend(&cluster).preview(&operation(Verb::Promote, "shop", &[TAKE]))).await.unwrap();
    assert_eq!((preview.refused.len(), preview.obstacles.len()), (0, 0), "{preview:?}");
    tester(&cluster, "v6", &[("a", true), ("c", true)]);
    let said = refused(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(
        said.contains("2 pods of test/flagger-loadtester keep gates") && said.contains("scale it to one"),
        "{said}"
    );
    assert_eq!(gates(&cluster).len(), 0);
    let preview = soon(backend(&cluster).preview(&operation(Verb::Promote, "shop", &[TAKE]))).await.unwrap();
    assert!(preview.refused.iter().any(|why| why.contains("2 pods of")), "{preview:?}");
    // With one again, it goes on.
    tester(&cluster, "v6", &[("a", true)]);
    done(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(closed(&cluster));
}

#[tokio::test]
async fn whoever_may_not_see_how_many_pods_keep_gates_opens_none() {
    let cluster = waiting().await;
    cluster.state().denied.push("list endpointslices".to_owned());
    let grant = "grant list of endpointslices (discovery.k8s.io) in test";
    let preview = soon(backend(&cluster).preview(&operation(Verb::Promote, "shop", &[TAKE]))).await.unwrap();
    assert!(preview.refused.iter().any(|why| why.contains(grant)), "{preview:?}");
    let said = refused(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(said.contains("nothing is opened") && said.contains(grant), "{said}");
    assert_eq!(gates(&cluster).len(), 0);
    let doctor = soon(backend(&cluster).introduce()).await;
    let denied = |text: &str| text.starts_with("you may not list endpointslices in test");
    assert!(doctor.iter().any(|remark| !remark.ok && denied(&remark.text)), "{doctor:?}");
}

#[tokio::test]
async fn what_several_pods_keep_is_not_called_closed() {
    let with = [TAKE, ("version", "4.2.0")];
    let cluster = waiting().await;
    done(&cluster, Verb::Promote, "shop", &with).await;
    tester(&cluster, "v4", &[("a", true), ("b", true)]);
    // It serves already, and the pod that was asked says closed; the other was not asked.
    let said = lost(&cluster, Verb::Promote, "shop", &with).await;
    assert!(said.contains("MAY BE OPEN STILL: it looks closed, but 2 pods"), "{said}");
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "shop", &with), key())).await;
    assert!(
        matches!(&found, Ok(Found::Unknown { why }) if why.contains("a gate of canary payments/shop stands open: 2 pods")),
        "{found:?}"
    );
    // Left open, it is closed in the one that takes that.
    cluster.state().gates.insert("shop.payments".to_owned(), true);
    let said = lost(&cluster, Verb::Promote, "shop", &with).await;
    assert!(said.contains("MAY BE OPEN STILL: it was closed where that was taken, but 2 pods"), "{said}");
    // The same where it waits elsewhere.
    let cluster = stuck().await;
    cluster.change("canaries", "shop", |canary| canary["status"]["phase"] = "Failed".into());
    tester(&cluster, "v4", &[("a", true), ("b", true)]);
    cluster.state().gates.insert("shop.payments".to_owned(), true);
    let said = lost(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(said.contains("does not wait at") && said.contains("MAY BE OPEN STILL"), "{said}");
}

#[test]
fn only_gates_that_can_be_reached_are_doors() {
    let of = |url: &str| {
        let hook = json!({ "name": "x", "type": "confirm-promotion", "url": url });
        let found = doors(&json!({ "spec": { "analysis": { "webhooks": [hook, hook] } } }), Gate::Promotion);
        found.map(|doors| doors.into_iter().map(|door| door.path).collect::<Vec<_>>())
    };
    let path =
        |service: &str, rest: &str| Ok(vec![format!("/api/v1/namespaces/test/services/{service}/proxy{rest}/gate")]);
    assert_eq!(of("http://tester.test/gate/check"), path("http:tester:80", ""));
    assert_eq!(of("https://tester.test.svc:8443/x/gate/check"), path("https:tester:8443", "/x"));
    for (url, why) in [
        ("http://tester.test/gate/halt", "never opens"),
        ("http://tester.test/gate/approve", "is no gate of Flagger's"),
        ("http://tester/gate/check", "in which namespace"),
        ("https://gate.example.com/gate/check", "in which namespace"),
        ("http://tester.test:x/gate/check", "is no address"),
        ("tester.test/gate/check", "is no address"),
        ("http://tester.test/\u{1b}[2J\u{202e}", "is no gate of Flagger's"),
    ] {
        let said = of(url).unwrap_err();
        assert!(said.contains(why) && !said.contains(['\u{1b}', '\u{202e}']), "{url}: {said}");
    }
}

#[tokio::test]
async fn a_way_back_whose_second_half_is_not_done_says_so_and_is_closed() {
    for (does, certain) in [(Does::Status(403), true), (Does::CutBefore, false)] {
        let cluster = waiting().await;
        cluster.fault("PATCH", "/deployments/shop", does, 99);
        let back = operation(Verb::RollBack, "shop", &[("to", "4.1.9")]);
        let back = Operation { limit: Span::secs(60), ..back };
        let said = match (certain, soon(backend(&cluster).perform(back, key(), sink(None).0)).await) {
            (true, Ok(Done::Partly(1, 2, receipt))) => receipt.summary,
            (false, Err(Fault::Lost { why, .. })) => why,
            (_, other) => panic!("{other:?}"),
        };
        // What was done first is said with it.
        assert!(said.contains("has passed rollback; closed again; "), "{said}");
        assert_eq!(said.contains("the rest was certainly not done"), certain, "{said}");
        assert!(closed(&cluster));
        assert_eq!(gates(&cluster), ["rollback/open", "rollback/close"]);
    }
}
