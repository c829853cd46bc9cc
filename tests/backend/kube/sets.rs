//! One verb for several services: each has its own result, and all are told.

use super::ground::soon;
use super::staged::{add, backend, done, index, lost, operation, perform, refused, steps, underway};
use crate::cluster::{Cluster, Does, HOSTILE};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Found;

/// `web`, `fx` and `pay`, each at its first stop.
async fn three() -> Cluster {
    let cluster = underway(steps()).await;
    add(&cluster, "fx", steps()).await;
    add(&cluster, "pay", steps()).await;
    cluster
}

const ALL: (&str, &str) = ("with", "fx, pay");

#[tokio::test]
async fn all_are_promoted_and_a_second_press_does_nothing() {
    let cluster = three().await;
    for _ in 0..2 {
        let Ok(Done::Whole(receipt)) = perform(&cluster, Verb::Promote, "web", &[("step", "2"), ALL]).await else {
            panic!("not all of them")
        };
        assert!(receipt.summary.starts_with("3 of 3 are done: "), "{receipt:?}");
        assert_eq!(receipt.detail.keys().collect::<Vec<_>>(), ["fx", "pay", "web"]);
        assert_eq!(receipt.detail["pay"], "done: rollout payments/pay is at step 4 of 4 (pause, 50 %)");
        assert_eq!(cluster.mutations().len(), 3);
    }
    for name in ["web", "fx", "pay"] {
        assert_eq!(index(&cluster, name), 3);
    }
}

#[tokio::test]
async fn forward_goes_nobody_unless_all_can() {
    let cluster = three().await;
    done(&cluster, Verb::Promote, "pay", &[("how", "full")]).await;
    let said = refused(&cluster, Verb::Promote, "web", &[("step", "2"), ALL]).await;
    assert!(
        said.starts_with("nothing was sent to any of 3") && said.contains("pay: nothing is being rolled out"),
        "{said}"
    );
    assert_eq!(cluster.mutations().len(), 1);
    // Nor to one that is not declared, nor by a verb that is done to one at a time.
    let said = refused(&cluster, Verb::Promote, "web", &[("step", "2"), ("with", "nobody")]).await;
    assert!(said.contains("does not know where nobody lies"), "{said}");
    assert!(refused(&cluster, Verb::RollBack, "web", &[("to", "4.1.9"), ALL]).await.contains("one service at a time"));
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn what_is_not_known_of_one_is_said_of_that_one() {
    let cluster = three().await;
    cluster.fault("POST", "selfsubjectaccessreviews", Does::Status(503), u32::MAX);
    let preview = soon(backend(&cluster).preview(&operation(Verb::Abort, "web", &[ALL]))).await.unwrap();
    for name in ["web", "pay", "fx"] {
        let said = format!("{name}: whether you may patch rollouts/status in payments: ");
        assert!(preview.unknown.iter().any(|why| why.starts_with(&said)), "{said}: {preview:?}");
    }
    // Of one that cannot be looked at at all nothing is known.
    cluster.heal();
    cluster.fault("GET", "/rollouts/pay", Does::Garbage, u32::MAX);
    let preview = soon(backend(&cluster).preview(&operation(Verb::Abort, "web", &[ALL]))).await.unwrap();
    assert!(preview.unknown.iter().any(|why| why.starts_with("pay: what would happen to it: ")), "{preview:?}");
}

#[tokio::test]
async fn back_goes_whoever_can() {
    let cluster = three().await;
    done(&cluster, Verb::Promote, "pay", &[("how", "full")]).await;
    let operation = operation(Verb::Abort, "web", &[ALL]);
    let preview = soon(backend(&cluster).preview(&operation)).await.unwrap();
    assert!(preview.obstacles.iter().any(|o| o.starts_with("pay: nothing is being rolled out")), "{preview:?}");
    assert!(preview.effects.iter().any(|e| e.starts_with("fx: rollout payments/fx gives up 4.2.0")), "{preview:?}");
    let Ok(Done::Partly(2, 3, receipt)) = perform(&cluster, Verb::Abort, "web", &[ALL]).await else {
        panic!("not two of three")
    };
    assert!(
        receipt.detail["pay"].starts_with("not done: ") && receipt.detail["fx"].starts_with("done: "),
        "{receipt:?}"
    );
    let found = soon(backend(&cluster).probe(&operation, key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { why }) if why.contains("fx done: ")), "{found:?}");
}

#[tokio::test]
async fn one_that_is_lost_leaves_all_in_doubt_and_each_is_told() {
    let cluster = three().await;
    cluster.fault("PATCH", "/rollouts/fx/status", Does::CutAfter, 1);
    cluster.fault("PATCH", "/rollouts/pay/status", Does::Status(403), 1);
    let said = lost(&cluster, Verb::Promote, "web", &[("step", "2"), ALL]).await;
    assert!(said.starts_with("1 of 3 are not known: fx unknown: "), "{said}");
    assert!(said.contains("pay not done: ") && said.contains("web done: "), "{said}");
    let promote = operation(Verb::Promote, "web", &[("step", "2"), ALL]);
    until("fx stands at the next stop", || index(&cluster, "fx") == 3).await;
    super::staged::phase(&cluster, "fx", "Paused").await;
    let found = soon(backend(&cluster).probe(&promote, key())).await;
    let Ok(Found::Unknown { why }) = &found else { panic!("{found:?}") };
    assert!(why.contains("pay not done so far: ") && why.contains("fx done: "), "{why}");
    // Sent again, it reaches the one that is left.
    assert!(matches!(perform(&cluster, Verb::Promote, "web", &[("step", "2"), ALL]).await, Ok(Done::Whole(_))));
    assert_eq!(cluster.mutations().len(), 4);
    assert!(matches!(soon(backend(&cluster).probe(&promote, key())).await, Ok(Found::Applied(_))));
}

#[tokio::test]
async fn a_name_that_nobody_knows_acts_on_no_terminal() {
    let cluster = three().await;
    let harmless = |text: &str| {
        assert!(!text.contains(|c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}')), "{text:?}");
        assert!(!text.contains("evil") || text.contains("evil\\u{1b}]52;c;aGk="), "{text:?}");
    };
    let with: &[_] = &[("with", HOSTILE)];
    let forward = [("step", "2"), ("with", HOSTILE)];
    let why = refused(&cluster, Verb::Promote, "web", &forward).await;
    assert!(why.contains("eu does not know where evil"), "{why}");
    harmless(&why);
    let shown = soon(backend(&cluster).preview(&operation(Verb::Promote, "web", &forward))).await.unwrap();
    assert!(shown.obstacles.iter().any(|why| why.starts_with("evil")), "{shown:?}");
    [shown.obstacles, shown.refused, shown.unknown, shown.effects, shown.loses]
        .concat()
        .iter()
        .for_each(|text| harmless(text));
    // What leads back goes to whoever is known.
    let (sink, mut lines) = sink(None);
    let done = soon(backend(&cluster).perform(operation(Verb::Abort, "web", with), key(), sink)).await;
    let Ok(Done::Partly(1, 2, receipt)) = done else { panic!("{done:?}") };
    harmless(&receipt.summary);
    receipt.detail.iter().for_each(|(name, said)| (harmless(name), harmless(said)).1);
    let lines: Vec<_> = std::iter::from_fn(|| lines.try_recv().ok()).collect();
    assert!(lines.iter().any(|line| line.starts_with("evil")), "{lines:?}");
    lines.iter().for_each(|line| harmless(line));
    let found = soon(backend(&cluster).probe(&operation(Verb::Abort, "web", with), key())).await;
    let Ok(Found::Unknown { why }) = found else { panic!("{found:?}") };
    harmless(&why);
}
