//! The verbs of Flagger's canaries: gates are opened, passed and closed again, once.

use super::ground::soon;
use super::staged::{backend, done, image, operation, refused, shop, shopping, stands};
use crate::cluster::Cluster;
use crate::support::key;
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Found;

pub const BEGIN: (&str, &str) = ("gate", "confirm-rollout");
pub const MORE: (&str, &str) = ("gate", "confirm-traffic-increase");
pub const TAKE: (&str, &str) = ("gate", "confirm-promotion");
pub const GATES: [&str; 4] = ["confirm-rollout", "confirm-traffic-increase", "confirm-promotion", "rollback"];

/// What was sent to gates, by its last two words.
pub fn gates(cluster: &Cluster) -> Vec<String> {
    let sent = cluster.mutations();
    let of = |path: &str| path.rsplit('/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
    sent.iter().filter(|asked| asked.path.contains("/proxy/")).map(|asked| of(&asked.path)).collect()
}

pub fn closed(cluster: &Cluster) -> bool {
    cluster.state().gates.values().all(|open| !open)
}

fn weight(cluster: &Cluster) -> u64 {
    cluster.get("canaries", "shop").unwrap()["status"]["canaryWeight"].as_u64().unwrap_or(0)
}

fn serves(cluster: &Cluster) -> String {
    super::ground::image(cluster, "deployments", "shop-primary")
}

#[tokio::test]
async fn a_canary_passes_gate_by_gate_and_each_is_closed_again() {
    let cluster = shopping(&GATES, "Waiting").await;
    let said = done(&cluster, Verb::Promote, "shop", &[BEGIN, ("version", "4.2.0")]).await;
    assert_eq!(said, "canary payments/shop has passed confirm-rollout; closed again");
    assert_eq!(gates(&cluster), ["gate/open", "gate/close"]);
    assert!(closed(&cluster));
    // Behind a gate that is closed again nothing goes on by itself.
    assert_eq!(weight(&cluster), 0);
    for n in [25, 50] {
        done(&cluster, Verb::Promote, "shop", &[MORE, ("weight", &n.to_string())]).await;
        assert!(closed(&cluster));
    }
    stands(&cluster, "WaitingPromotion").await;
    let said = done(&cluster, Verb::Promote, "shop", &[TAKE, ("version", "4.2.0")]).await;
    assert_eq!(said, "canary payments/shop serves 4.2.0; closed again");
    assert_eq!(serves(&cluster), "reg.example/web:4.2.0");
    assert!(closed(&cluster));
    assert_eq!(gates(&cluster).len(), 8);
}

#[tokio::test]
async fn a_second_press_opens_nothing() {
    let cluster = shopping(&GATES, "Waiting").await;
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    done(&cluster, Verb::Promote, "shop", &[MORE, ("weight", "25")]).await;
    let before = gates(&cluster).len();
    for args in [&[BEGIN][..], &[MORE, ("weight", "25")]] {
        let said = done(&cluster, Verb::Promote, "shop", args).await;
        assert!(said.contains("already; nothing is sent"), "{said}");
    }
    let said = refused(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    assert!(said.contains("does not wait at confirm-promotion"), "{said}");
    assert_eq!(gates(&cluster).len(), before);
}

#[tokio::test]
async fn a_promotion_names_its_gate() {
    let cluster = shopping(&GATES, "Waiting").await;
    for (args, words) in [
        (&[][..], "say which gate is opened"),
        (&[("gate", "rollback")], "rollback is no gate"),
        (&[MORE], "say how much traffic"),
        (&[MORE, ("weight", "much")], "much is no share"),
        (&[BEGIN, ("version", "9")], "4.2.0 is being analysed, not 9"),
        (&[("how", "skip")], "knows no promote skip"),
    ] {
        let said = refused(&cluster, Verb::Promote, "shop", args).await;
        assert!(said.contains(words), "{args:?}: {said}");
    }
    assert!(refused(&cluster, Verb::Scale, "shop", &[("replicas", "3")]).await.contains("Flagger scales it"));
    assert_eq!(cluster.mutations().len(), 0);
    let other = shopping(&["confirm-promotion"], "WaitingPromotion").await;
    assert!(refused(&other, Verb::Promote, "shop", &[BEGIN]).await.contains("no webhook of type confirm-rollout"));
    assert!(refused(&other, Verb::Abort, "shop", &[]).await.contains("no webhook of type rollback"));
}

#[tokio::test]
async fn it_is_given_up_through_its_own_hook_which_is_closed_again() {
    let cluster = shopping(&["confirm-promotion", "rollback"], "WaitingPromotion").await;
    let preview = soon(backend(&cluster).preview(&operation(Verb::Abort, "shop", &[]))).await.unwrap();
    assert!(preview.obstacles.is_empty() && preview.effects[0].contains("gives it up"), "{preview:?}");
    let said = done(&cluster, Verb::Abort, "shop", &[]).await;
    assert_eq!(said, "canary payments/shop has passed rollback; closed again");
    stands(&cluster, "Failed").await;
    assert_eq!(gates(&cluster), ["rollback/open", "rollback/close"]);
    assert!(closed(&cluster));
    done(&cluster, Verb::Abort, "shop", &[]).await;
    assert_eq!(gates(&cluster).len(), 2);
    // What is wanted is taken back too: what serves never left.
    let said = done(&cluster, Verb::RollBack, "shop", &[("to", "4.1.9")]).await;
    assert_eq!(said, "canary payments/shop serves 4.1.9, and wants nothing else any more");
    // The next release is asked about again.
    image(&cluster, "deployments", "shop", "reg.example/web:4.3.0");
    stands(&cluster, "WaitingPromotion").await;
}

#[tokio::test]
async fn what_has_not_begun_is_not_given_up() {
    let cluster = shopping(&GATES, "Waiting").await;
    // Its phase flickers, and once it says so: it waits.
    let said = refused(&cluster, Verb::Abort, "shop", &[]).await;
    assert!(said.contains("it has not begun"), "{said}");
    assert_eq!(gates(&cluster).len(), 0);
}

#[tokio::test]
async fn an_analysis_is_skipped_once_and_not_for_ever() {
    let cluster = shopping(&["confirm-rollout", "confirm-promotion"], "Waiting").await;
    let full = [("how", "full"), ("version", "4.2.0")];
    let said = refused(&cluster, Verb::Promote, "shop", &full).await;
    assert!(said.contains("open that gate first") || said.contains("does not show yet"), "{said}");
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    stands(&cluster, "WaitingPromotion").await;
    let said = done(&cluster, Verb::Promote, "shop", &full).await;
    assert_eq!(said, "canary payments/shop serves 4.2.0, its analysis skipped; closed again");
    let canary = cluster.get("canaries", "shop").unwrap();
    assert_eq!(canary["spec"]["skipAnalysis"], false);
    let before = cluster.mutations().len();
    done(&cluster, Verb::Promote, "shop", &full).await;
    assert_eq!(cluster.mutations().len(), before);
}

#[tokio::test]
async fn it_is_suspended_and_resumed() {
    let cluster = shopping(&["confirm-promotion"], "WaitingPromotion").await;
    let said = done(&cluster, Verb::Pause, "shop", &[]).await;
    assert_eq!(said, "canary payments/shop is suspended: it stays where it is");
    assert!(refused(&cluster, Verb::Promote, "shop", &[TAKE]).await.contains("resume it first"));
    done(&cluster, Verb::Pause, "shop", &[]).await;
    assert_eq!(cluster.mutations().len(), 1);
    done(&cluster, Verb::Resume, "shop", &[]).await;
    assert_eq!(cluster.mutations().len(), 2);
}

#[tokio::test]
async fn a_deploy_is_taken_and_a_way_back_is_a_new_analysis() {
    let cluster = shop(&["confirm-promotion"]).await;
    let said = done(&cluster, Verb::Deploy, "shop", &[("version", "4.2.0")]).await;
    assert_eq!(said, "canary payments/shop analyses 4.2.0");
    let said = refused(&cluster, Verb::RollBack, "shop", &[("to", "4.1.9")]).await;
    assert!(said.contains("4.2.0 is being analysed, and it has no webhook of type rollback"), "{said}");
    stands(&cluster, "WaitingPromotion").await;
    done(&cluster, Verb::Promote, "shop", &[TAKE]).await;
    let cluster = shop(&[]).await;
    image(&cluster, "deployments", "shop", "reg.example/web:4.2.0");
    stands(&cluster, "Succeeded").await;
    let back = operation(Verb::RollBack, "shop", &[("to", "4.1.9")]);
    let preview = soon(backend(&cluster).preview(&back)).await.unwrap();
    assert!(preview.loses.iter().any(|loss| loss.contains("Flagger analyses it as a new canary")), "{preview:?}");
    let said = done(&cluster, Verb::RollBack, "shop", &[("to", "4.1.9")]).await;
    assert_eq!(said, "canary payments/shop serves 4.1.9");
    assert_eq!(serves(&cluster), "reg.example/web:4.1.9");
    assert!(matches!(soon(backend(&cluster).probe(&back, key())).await, Ok(Found::Applied(_))));
}

#[tokio::test]
async fn a_way_back_in_the_middle_gives_it_up_and_takes_its_wish_back() {
    let cluster = shopping(&GATES, "Waiting").await;
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    done(&cluster, Verb::Promote, "shop", &[MORE, ("weight", "25")]).await;
    let before = cluster.mutations().len();
    let back = operation(Verb::RollBack, "shop", &[("to", "4.1.9")]);
    let preview = soon(backend(&cluster).preview(&back)).await.unwrap();
    assert!(preview.effects[0].contains("rollback is opened, so that Flagger gives it up"), "{preview:?}");
    assert!(preview.effects[1].starts_with("then deployment payments/shop returns to 4.1.9"), "{preview:?}");
    assert_eq!(preview.refused, [""; 0]);
    assert!(matches!(soon(backend(&cluster).probe(&back, key())).await, Ok(Found::NotApplied { r#final: false, .. })));
    assert_eq!(cluster.mutations().len(), before, "nothing of that sends anything");
    let said = done(&cluster, Verb::RollBack, "shop", &[("to", "4.1.9")]).await;
    assert!(said.contains("has passed rollback; closed again; canary payments/shop serves 4.1.9"), "{said}");
    assert!(closed(&cluster));
    assert_eq!(gates(&cluster)[4..], ["rollback/open", "rollback/close"]);
    assert_eq!(cluster.mutations().len(), before + 3);
    assert_eq!(super::ground::image(&cluster, "deployments", "shop"), "reg.example/web:4.1.9");
    assert_eq!(serves(&cluster), "reg.example/web:4.1.9");
    // The same key again sends nothing.
    done(&cluster, Verb::RollBack, "shop", &[("to", "4.1.9")]).await;
    assert_eq!(cluster.mutations().len(), before + 3);
}

#[tokio::test]
async fn nothing_else_is_deployed_in_the_middle() {
    let cluster = shopping(&GATES, "Waiting").await;
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    let before = cluster.mutations().len();
    let said = refused(&cluster, Verb::Deploy, "shop", &[("version", "4.3.0")]).await;
    assert!(said.contains("4.2.0 is being analysed; abort that first"), "{said}");
    assert_eq!(cluster.mutations().len(), before);
}

#[tokio::test]
async fn a_snapshot_keeps_the_canary_and_its_workload() {
    let cluster = shopping(&["confirm-promotion"], "WaitingPromotion").await;
    let file = cluster.dir().join("kept.log");
    let snapshot = operation(Verb::Snapshot, "shop", &[]);
    let sink = crate::support::sink(Some(file.clone())).0;
    soon(backend(&cluster).perform(snapshot, key(), sink)).await.unwrap();
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept.contains("--- canary payments/shop") && kept.contains("--- deployment payments/shop"), "{kept}");
}

/// The gates themselves, where the real load tester is: `HOLDPOINT_TEST_LOADTESTER` says where.
#[tokio::test]
async fn the_real_load_tester_is_opened_and_closed() {
    let program = std::env::var_os("HOLDPOINT_TEST_LOADTESTER").unwrap_or_else(|| "loadtester".into());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = std::process::Command::new(program)
        .arg(format!("-port={port}"))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let Ok(mut tester) = started else {
        crate::wanted::skipped("loadtester");
        return;
    };
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    crate::support::until("it listens", || std::net::TcpStream::connect(address).is_ok()).await;
    let cluster = shop(&GATES).await;
    cluster.state().tester = Some(address);
    image(&cluster, "deployments", "shop", "reg.example/web:4.2.0");
    stands(&cluster, "Waiting").await;
    done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
    done(&cluster, Verb::Promote, "shop", &[MORE, ("weight", "25")]).await;
    done(&cluster, Verb::Abort, "shop", &[]).await;
    let open = soon(backend(&cluster).introduce()).await;
    let ended = tester.kill();
    let _ = tester.wait();
    ended.unwrap();
    assert!(open.iter().all(|remark| !remark.text.contains("stands open")), "{open:?}");
    assert_eq!(gates(&cluster).len(), 6);
}
