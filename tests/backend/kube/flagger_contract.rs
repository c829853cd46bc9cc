//! What holds for every backend, held to a canary of Flagger's (`contract` has what else lies in a cluster).

use super::flagger::{TAKE, closed, gates};
use super::ground::{Watched, operation, other_key, placed, settled, soon};
use super::staged::{backend, shop, shopping};
use crate::cluster::Cluster;
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Topic};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;

const BOTH: &[&str] = &["confirm-promotion", "rollback"];
/// What Flagger does by itself, so that nobody else may.
const NOT: [Verb; 3] = [Verb::Scale, Verb::Shift, Verb::Mend];

/// An operation by each verb that can be done to `shop`.
fn each(verb: Verb) -> Operation {
    let args: &[(&str, &str)] = match verb {
        Verb::Deploy => &[("version", "4.2.0")],
        Verb::RollBack => &[("to", "4.1.9")],
        Verb::Promote => &[TAKE, ("version", "4.2.0")],
        Verb::Scale => &[("replicas", "3")],
        Verb::Shift => &[("weight", "25")],
        _ => &[],
    };
    operation(verb, "shop", args)
}

/// `shop` as that verb needs it: at rest, or with 4.2.0 at its last gate.
async fn made(verb: Verb) -> Cluster {
    let cluster = match verb {
        Verb::Deploy | Verb::Restart => shop(BOTH).await,
        _ => shopping(BOTH, "WaitingPromotion").await,
    };
    if verb == Verb::Resume {
        cluster.change("canaries", "shop", |canary| canary["spec"]["suspend"] = true.into());
    }
    settled(&cluster, "deployments", "shop-primary").await;
    cluster
}

#[tokio::test]
async fn the_manifest_is_what_it_does_to_a_canary() {
    for verb in Verb::ALL {
        let cluster = made(verb).await;
        let backend = backend(&cluster);
        let preview = soon(backend.preview(&each(verb))).await;
        let done = soon(backend.perform(each(verb), other_key(), sink(None).0)).await;
        if !backend.manifest().verbs.contains_key(&verb) {
            assert!(matches!(preview, Err(Fault::Cannot(..))), "{verb}");
            assert!(matches!(&done, Err(f @ Fault::Cannot(..)) if f.certainty() == Certainty::NotDone), "{verb}");
        } else if NOT.contains(&verb) {
            match preview {
                Ok(preview) => assert!(!preview.refused.is_empty(), "{verb}"),
                Err(fault) => assert!(matches!(fault, Fault::Refused { .. }), "{verb}: {fault}"),
            }
            assert!(matches!(&done, Err(f) if f.certainty() == Certainty::NotDone), "{verb}: {done:?}");
        } else {
            let preview = preview.unwrap();
            assert_eq!((preview.refused, preview.obstacles), (vec![], vec![]), "{verb}");
            assert!(matches!(done, Ok(Done::Whole(_))), "{verb}: {done:?}");
            let reads = verb == Verb::Snapshot;
            assert_eq!(cluster.mutations().is_empty(), reads, "{verb} sends what it says");
            continue;
        }
        assert_eq!(cluster.mutations().len(), 0, "{verb}");
    }
}

#[tokio::test]
async fn a_watch_of_a_canary_begins_with_it_each_time() {
    let cluster = made(Verb::Promote).await;
    for _ in 0..2 {
        let mut watched = Watched::of(&backend(&cluster));
        watched.until("a snapshot", |w| w.snapshots == 1).await;
        let row = &watched.rows[&placed("shop")];
        assert_eq!((row.version.as_str(), row.candidate.as_deref()), ("4.1.9", Some("4.2.0")), "{row:?}");
        watched.until("life", |w| w.heartbeats >= 1).await;
    }
    assert_eq!(backend(&cluster).manifest().topics, [Topic::Deployments]);
}

#[tokio::test]
async fn previews_and_probes_of_a_canary_send_nothing_and_a_call_that_nobody_waits_for_is_not_made() {
    let cluster = made(Verb::Promote).await;
    let backend = backend(&cluster);
    for verb in backend.manifest().verbs.keys() {
        let shown = soon(backend.preview(&each(*verb))).await;
        assert!(shown.is_ok() || NOT.contains(verb), "{verb}: {shown:?}");
        // What cannot be asked for was never done.
        let found = soon(backend.probe(&each(*verb), key())).await;
        assert!(found.is_ok() || NOT.contains(verb), "{verb}: {found:?}");
        drop(backend.perform(each(*verb), key(), sink(None).0));
    }
    assert_eq!(cluster.mutations().len(), 0);
    assert!(closed(&cluster));
}

#[tokio::test]
async fn a_call_on_a_canary_that_is_dropped_can_be_probed() {
    let cluster = made(Verb::Promote).await;
    let take = each(Verb::Promote);
    cluster.state().controllers = false;
    let performing = tokio::spawn(backend(&cluster).perform(take.clone(), key(), sink(None).0));
    until("it was sent", || gates(&cluster) == ["gate/open"]).await;
    performing.abort();
    until("its gate is closed again", || closed(&cluster)).await;
    let found = soon(backend(&cluster).probe(&take, key())).await.unwrap();
    assert!(!matches!(found, Found::Applied(_) | Found::NotApplied { r#final: true, .. }), "{found:?}");
    // It was never passed, so that it has to be asked for anew; and then it is found.
    cluster.state().controllers = true;
    let done = soon(backend(&cluster).perform(take.clone(), other_key(), sink(None).0)).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    let found = soon(backend(&cluster).probe(&take, other_key())).await.unwrap();
    assert!(matches!(found, Found::Applied(_)), "{found:?}");
}
