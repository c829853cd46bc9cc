//! What goes wrong with a rollout's verbs, and how certain it is then.

use super::ground::soon;
use super::staged::{
    analysed, backend, done, image, index, lost, operation, part, perform, phase, refused, steps, underway,
};
use crate::cluster::{Cluster, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Certainty, Done};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use serde_json::json;

const STEP: &[(&str, &str)] = &[("step", "2")];

#[tokio::test]
async fn every_answer_has_its_certainty() {
    for (does, certainty) in [
        (Does::Status(401), Certainty::NotDone),
        (Does::Status(403), Certainty::NotDone),
        (Does::Status(409), Certainty::NotDone),
        (Does::Status(422), Certainty::NotDone),
        (Does::TooMany(7), Certainty::NotDone),
        (Does::Status(500), Certainty::Unknown),
        (Does::Status(504), Certainty::Unknown),
        (Does::CutBefore, Certainty::Unknown),
        (Does::CutAfter, Certainty::Unknown),
        (Does::Garbage, Certainty::Unknown),
    ] {
        let cluster = underway(steps()).await;
        cluster.fault("PATCH", "/rollouts/web/status", does.clone(), 1);
        let fault = perform(&cluster, Verb::Promote, "web", STEP).await.unwrap_err();
        assert_eq!(fault.certainty(), certainty, "{does:?}: {fault}");
        assert_eq!(cluster.mutations().len(), 1, "{does:?}");
        if does == Does::TooMany(7) {
            assert!(fault.to_string().contains("7 s of patience"), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_after_it_was_sent_is_found_out_and_not_sent_again() {
    let cluster = underway(steps()).await;
    cluster.fault("PATCH", "/rollouts/web/status", Does::CutAfter, 1);
    lost(&cluster, Verb::Promote, "web", STEP).await;
    until("it stands at the next stop", || index(&cluster, "web") == 3).await;
    phase(&cluster, "web", "Paused").await;
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "web", STEP), key())).await;
    assert!(matches!(&found, Ok(Found::Applied(_))), "{found:?}");
    done(&cluster, Verb::Promote, "web", STEP).await;
    assert_eq!((index(&cluster, "web"), cluster.mutations().len()), (3, 1));
}

/// Does it while another changes something between our look and our request.
async fn beside(
    cluster: &Cluster,
    verb: Verb,
    args: &[(&str, &str)],
    other: impl FnOnce(&Cluster),
) -> Result<Done, String> {
    cluster.state().asked.clear();
    cluster.fault("GET", "/replicasets", Does::Held, 1);
    let performing = perform(cluster, verb, "web", args);
    let looked = || cluster.state().asked.iter().any(|asked| asked.path.ends_with("/replicasets"));
    let other = async {
        until("it has been looked at", looked).await;
        other(cluster);
        cluster.release();
    };
    let (ended, ()) = futures_util::future::join(performing, other).await;
    ended.map_err(|fault| {
        assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
        fault.to_string()
    })
}

#[tokio::test]
async fn of_two_operators_one_is_refused() {
    let promoted = |cluster: &Cluster| {
        cluster.change("rollouts", "web", |r| drop(r["status"].as_object_mut().unwrap().remove("pauseConditions")));
    };
    let another = |cluster: &Cluster| image(cluster, "rollouts", "web", "reg.example/web:5.0.0");
    for (verb, args) in [
        (Verb::Promote, STEP),
        (Verb::Abort, &[]),
        (Verb::Restart, &[]),
        (Verb::RollBack, &[("to", "4.1.9")]),
        (Verb::Deploy, &[("version", "4.3.0")]),
    ] {
        let cluster = underway(steps()).await;
        let said = beside(&cluster, verb, args, another).await.unwrap_err();
        assert!(said.contains("422") && said.contains("somebody changed it meanwhile"), "{verb}: {said}");
    }
    let cluster = underway(steps()).await;
    let said = beside(&cluster, Verb::Promote, STEP, promoted).await.unwrap_err();
    assert!(said.contains("422"), "{said}");
    until("it stands at the next stop", || index(&cluster, "web") == 3).await;
    let cluster = underway(analysed("running")).await;
    let skip = [("how", "skip"), ("step", "2")];
    let skipped = |cluster: &Cluster| cluster.change("rollouts", "web", |r| r["status"]["currentStepIndex"] = 2.into());
    beside(&cluster, Verb::Promote, &skip, skipped).await.unwrap_err();
    until("it stands at the next stop", || index(&cluster, "web") == 3).await;
}

#[tokio::test]
async fn what_the_controller_writes_every_moment_refuses_nothing() {
    let written = |cluster: &Cluster| {
        cluster.change("rollouts", "web", |r| r["status"]["HPAReplicas"] = 7.into());
    };
    for (verb, args) in [
        (Verb::Abort, &[][..]),
        (Verb::Pause, &[]),
        (Verb::Restart, &[]),
        (Verb::RollBack, &[("to", "4.1.9")]),
        (Verb::Deploy, &[("version", "4.3.0")]),
        (Verb::Scale, &[("replicas", "12")]),
    ] {
        let cluster = underway(steps()).await;
        let ended = beside(&cluster, verb, args, written).await;
        assert!(matches!(ended, Ok(Done::Whole(_))), "{verb}: {ended:?}");
    }
}

#[tokio::test]
async fn accepted_is_not_done() {
    let cluster = underway(steps()).await;
    cluster.fault("PATCH", "/rollouts/web/status", Does::Nothing, 1);
    let short = |verb, args| Operation { limit: Span::secs(6), ..operation(verb, "web", args) };
    let perform = |operation| soon(backend(&cluster).perform(operation, key(), sink(None).0));
    let fault = perform(short(Verb::Promote, STEP)).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown);
    assert!(fault.to_string().contains("not seen to happen in time"), "{fault}");
    // Or it is stored, and nobody looks at it: the probe knows that it was taken.
    cluster.state().controllers = false;
    let fault = perform(short(Verb::Promote, STEP)).await.unwrap_err();
    assert!(fault.to_string().contains("waiting for rollout to unpause"), "{fault}");
    let found = soon(backend(&cluster).probe(&operation(Verb::Promote, "web", STEP), key())).await;
    assert!(matches!(&found, Ok(Found::Unknown { .. })), "{found:?}");
}

#[tokio::test]
async fn what_is_let_go_on_and_fails_is_in_part() {
    let steps =
        json!([{ "pause": {} }, { "analysis": { "templates": [{ "templateName": "fail" }] } }, { "pause": {} }]);
    let cluster = underway(steps).await;
    let told = part(&cluster, Verb::Promote, "web", &[("step", "1")]).await;
    let said = &told.summary;
    assert!(said.contains("was let go on, and failed") && said.contains("RolloutAborted"), "{said}");
    // The way back is to what serves, not to what was let go on.
    assert_eq!(told.detail["previous"], "4.1.9");
}

#[tokio::test]
async fn what_was_not_observed_yet_is_not_decided_on() {
    let cluster = underway(steps()).await;
    cluster.state().controllers = false;
    image(&cluster, "rollouts", "web", "reg.example/web:5.0.0");
    for (verb, args) in [(Verb::Promote, STEP), (Verb::Abort, &[]), (Verb::Promote, &[("how", "full")])] {
        let said = refused(&cluster, verb, "web", args).await;
        assert!(said.contains("has not seen the last change yet"), "{verb}: {said}");
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn a_template_that_lies_where_nothing_is_written_is_said() {
    let cluster = underway(steps()).await;
    cluster.state().controllers = false;
    cluster.change("rollouts", "web", |r| {
        r["spec"]["workloadRef"] = json!({ "apiVersion": "v1", "kind": "PodTemplate", "name": "web" });
        r["spec"].as_object_mut().unwrap().remove("template");
    });
    for (verb, args) in [(Verb::RollBack, [("to", "4.1.9")]), (Verb::Deploy, [("version", "5")])] {
        let said = refused(&cluster, verb, "web", &args).await;
        assert!(said.contains("its template lies in PodTemplate web (workloadRef)"), "{verb}: {said}");
    }
}

#[tokio::test]
async fn what_is_in_no_steps_is_not_promoted() {
    let cluster = super::ground::rolled().await;
    let said = refused(&cluster, Verb::Promote, "api", STEP).await;
    assert!(said.contains("a deployment goes in no steps"), "{said}");
}
