//! How far a change that is not done has come: counted low, never all of it.

use holdpoint::backend::kubernetes::place::Kind;
use holdpoint::backend::kubernetes::status::reached;
use serde_json::{Value, json};

fn deployment(wanted: u64, all: u64, updated: u64, serving: u64) -> Value {
    json!({ "metadata": { "generation": 2 }, "spec": { "replicas": wanted }, "status": { "observedGeneration": 2,
        "replicas": all, "updatedReplicas": updated, "availableReplicas": serving } })
}

#[test]
fn of_those_that_serve_as_many_may_be_old_as_there_are() {
    let of = |object: Value| reached(Kind::Deployment, &object);
    assert_eq!(of(deployment(4, 5, 2, 4)), (1, 4), "three of the four that serve may be old");
    assert_eq!(of(deployment(4, 5, 2, 3)), (0, 4));
    assert_eq!(of(deployment(4, 6, 4, 6)), (3, 4), "never all of them: it is not done");
    assert_eq!(of(deployment(4, 2, 2, 3)), (2, 4), "no more than there are new ones");
    assert_eq!(of(deployment(0, 0, 0, 0)), (0, 1));
    let mut unseen = deployment(4, 4, 3, 4);
    assert_eq!(of(unseen.clone()), (3, 4));
    unseen["metadata"]["generation"] = 3.into();
    assert_eq!(of(unseen), (0, 4), "what its controller has not seen is told by no count");
}

#[test]
fn of_a_daemon_set_its_own_counts_are_read() {
    let set = json!({ "metadata": { "generation": 1 }, "status": { "observedGeneration": 1, "numberAvailable": 4,
        "desiredNumberScheduled": 5, "currentNumberScheduled": 5, "updatedNumberScheduled": 3 } });
    assert_eq!(reached(Kind::DaemonSet, &set), (2, 5));
}
