//! The verbs of Argo Rollouts: each is sent once, is read back, and pressed twice does nothing twice.

use super::ground::{other_key, soon};
use super::staged::{
    NEW, OLD, analysed, backend, coloured, done, image, index, operation, perform, phase, refused, steps, underway,
};
use crate::cluster::Cluster;
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::Found;

fn sent(cluster: &Cluster) -> usize {
    cluster.mutations().len()
}

#[tokio::test]
async fn a_canary_is_promoted_from_stop_to_stop_and_a_second_press_does_nothing() {
    let cluster = underway(steps()).await;
    let said = done(&cluster, Verb::Promote, "web", &[("step", "2"), ("version", "4.2.0")]).await;
    assert_eq!(said, "rollout payments/web is at step 4 of 4 (pause, 50 %)");
    assert_eq!((index(&cluster, "web"), sent(&cluster)), (3, 1));
    // The same press again, by another key: it names the step that it leaves.
    let said = done(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
    assert_eq!(said, "rollout payments/web is at step 4 of 4 (pause, 50 %)");
    assert_eq!((index(&cluster, "web"), sent(&cluster)), (3, 1));
    assert_eq!(
        done(&cluster, Verb::Promote, "web", &[("step", "4")]).await,
        "rollout payments/web is promoted in full"
    );
    assert_eq!(sent(&cluster), 2);
    // What is named and stable is there; what is not named is nothing.
    done(&cluster, Verb::Promote, "web", &[("step", "4"), ("version", "4.2.0")]).await;
    let said = refused(&cluster, Verb::Promote, "web", &[("step", "4")]).await;
    assert!(said.contains("nothing is being rolled out: 4.2.0 is stable"), "{said}");
    assert_eq!(sent(&cluster), 2);
}

#[tokio::test]
async fn a_promotion_names_its_step_or_the_share_that_it_leads_to() {
    let cluster = underway(steps()).await;
    for (args, words) in [
        (&[][..], "say which step it is to leave"),
        (&[("step", "4")], "it is at step 2 of 4 (pause, 20 %), not yet at step 4"),
        (&[("step", "9")], "9 is none of its 4 steps"),
        (&[("weight", "70")], "no pause of it leads to 70 %"),
        (&[("step", "2"), ("version", "4.3.0")], "4.2.0 is being rolled out, not 4.3.0"),
        (&[("how", "sideways")], "knows no promote sideways"),
    ] {
        let said = refused(&cluster, Verb::Promote, "web", args).await;
        assert!(said.contains(words), "{args:?}: {said}");
    }
    assert_eq!((index(&cluster, "web"), sent(&cluster)), (1, 0));
    let said = done(&cluster, Verb::Promote, "web", &[("weight", "50")]).await;
    assert!(said.contains("50 %"), "{said}");
    done(&cluster, Verb::Promote, "web", &[("weight", "50")]).await;
    assert_eq!((index(&cluster, "web"), sent(&cluster)), (3, 1));
    done(&cluster, Verb::Promote, "web", &[("weight", "100")]).await;
    phase(&cluster, "web", "Healthy").await;
}

#[tokio::test]
async fn what_runs_is_not_promoted_and_is_only_left_out_by_name() {
    let cluster = underway(analysed("running")).await;
    let said = refused(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
    assert!(said.contains("does not wait; to leave that out is args = { how = \"skip\" }"), "{said}");
    let said = refused(&cluster, Verb::Promote, "web", &[("how", "skip")]).await;
    assert!(said.contains("say which step is left out"), "{said}");
    assert_eq!(sent(&cluster), 0);
    let skip = [("how", "skip"), ("step", "2")];
    let preview = soon(backend(&cluster).preview(&operation(Verb::Promote, "web", &skip))).await.unwrap();
    assert!(preview.effects[0].contains("leaves out step 2 of 4 (analysis, 20 %)"), "{preview:?}");
    for _ in 0..2 {
        let said = done(&cluster, Verb::Promote, "web", &skip).await;
        assert!(said.contains("step 4 of 4"), "{said}");
        assert_eq!((index(&cluster, "web"), sent(&cluster)), (3, 1));
    }
    let said = refused(&cluster, Verb::Promote, "web", &[("how", "skip"), ("step", "4")]).await;
    assert!(said.contains("promote it, without how"), "{said}");
}

#[tokio::test]
async fn an_inconclusive_analysis_waits_for_a_person_and_is_not_measured_again() {
    let cluster = underway(analysed("inconclusive")).await;
    done(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
    assert_eq!((index(&cluster, "web"), sent(&cluster)), (3, 1));
    assert!(cluster.mutations()[0].body.contains("controllerPause"));
}

#[tokio::test]
async fn promoted_in_full_leaves_all_steps_out_once() {
    let cluster = underway(analysed("running")).await;
    for args in [&[("how", "full")][..], &[("how", "full"), ("version", "4.2.0")]] {
        assert_eq!(done(&cluster, Verb::Promote, "web", args).await, "rollout payments/web is promoted in full");
    }
    assert_eq!(sent(&cluster), 1);
    let said = refused(&cluster, Verb::Promote, "web", &[("how", "full")]).await;
    assert!(said.contains("nothing is being rolled out"), "{said}");
}

#[tokio::test]
async fn blue_green_is_switched_over_once() {
    let cluster = coloured().await;
    assert_eq!(done(&cluster, Verb::Promote, "web", &[]).await, "rollout payments/web is promoted in full");
    assert!(refused(&cluster, Verb::Promote, "web", &[]).await.contains("4.2.0 is stable"));
    assert_eq!(sent(&cluster), 1);
}

#[tokio::test]
async fn what_is_aborted_can_be_tried_again_and_led_back() {
    let cluster = underway(steps()).await;
    let abort = [("version", "4.2.0")];
    let preview = soon(backend(&cluster).preview(&operation(Verb::Abort, "web", &abort))).await.unwrap();
    assert!(preview.loses[0].contains("goes on wanting 4.2.0"), "{preview:?}");
    for _ in 0..2 {
        let said = done(&cluster, Verb::Abort, "web", &abort).await;
        assert_eq!(said, "rollout payments/web is aborted: what was stable serves");
        assert_eq!(sent(&cluster), 1);
    }
    let said = refused(&cluster, Verb::Promote, "web", &[("step", "2")]).await;
    assert!(said.contains("it is aborted"), "{said}");
    let said = refused(&cluster, Verb::Resume, "web", &[]).await;
    assert!(said.contains("to try again is args = { how = \"retry\" }"), "{said}");
    done(&cluster, Verb::Resume, "web", &[("how", "retry")]).await;
    assert!(refused(&cluster, Verb::Resume, "web", &[("how", "retry")]).await.contains("not aborted"));
    assert_eq!(sent(&cluster), 2);
    done(&cluster, Verb::Abort, "web", &abort).await;
    // The way back to what is stable takes no steps.
    assert_eq!(done(&cluster, Verb::RollBack, "web", &[("to", "4.1.9")]).await, "rollout payments/web runs 4.1.9");
    assert!(refused(&cluster, Verb::Abort, "web", &[]).await.contains("nothing is being rolled out"));
    assert_eq!(sent(&cluster), 4);
}

#[tokio::test]
async fn a_way_back_that_takes_the_steps_again_is_done_in_part_until_it_is_promoted() {
    let cluster = underway(steps()).await;
    done(&cluster, Verb::Promote, "web", &[("how", "full")]).await;
    let back = operation(Verb::RollBack, "web", &[("to", "4.1.9")]);
    let preview = soon(backend(&cluster).preview(&back)).await.unwrap();
    assert!(preview.loses.iter().any(|loss| loss.contains("all 4 steps once more")), "{preview:?}");
    let Ok(Done::Partly(1, 4, receipt)) = perform(&cluster, Verb::RollBack, "web", &[("to", "4.1.9")]).await else {
        panic!("the whole way, or none")
    };
    assert!(receipt.summary.contains("waits for a person to promote it"), "{receipt:?}");
    assert_eq!(receipt.detail["previous"], "4.2.0");
    let found = soon(backend(&cluster).probe(&back, key())).await;
    assert!(matches!(&found, Ok(Found::Partly { done: 1, of: 4, .. })), "{found:?}");
    done(&cluster, Verb::Promote, "web", &[("how", "full"), ("version", "4.1.9")]).await;
    let found = soon(backend(&cluster).probe(&back, key())).await;
    assert!(matches!(&found, Ok(Found::Applied(_))), "{found:?}");
}

#[tokio::test]
async fn a_deploy_is_done_at_its_first_stop() {
    let cluster = underway(steps()).await;
    done(&cluster, Verb::Promote, "web", &[("how", "full")]).await;
    let said = done(&cluster, Verb::Deploy, "web", &[("version", "4.3.0")]).await;
    assert_eq!(said, "rollout payments/web has 4.3.0 at step 2 of 4 (pause, 20 %)");
    done(&cluster, Verb::Deploy, "web", &[("version", "4.3.0")]).await;
    assert_eq!(sent(&cluster), 2);
}

#[tokio::test]
async fn a_pause_by_hand_is_one_of_its_own() {
    let cluster = underway(steps()).await;
    assert_eq!(done(&cluster, Verb::Pause, "web", &[]).await, "rollout payments/web is paused");
    done(&cluster, Verb::Pause, "web", &[]).await;
    assert!(refused(&cluster, Verb::Promote, "web", &[("step", "2")]).await.contains("resume it first"));
    done(&cluster, Verb::Resume, "web", &[]).await;
    phase(&cluster, "web", "Paused").await;
    // Resumed, and at its stop again: that is another thing.
    let said = refused(&cluster, Verb::Resume, "web", &[]).await;
    assert!(said.contains("nobody paused it by hand") && said.contains("promote it"), "{said}");
    assert_eq!(sent(&cluster), 2);
    done(&cluster, Verb::Scale, "web", &[("replicas", "12")]).await;
    // The way back needs no resuming before, which would bring more of what is led back from.
    done(&cluster, Verb::Pause, "web", &[]).await;
    done(&cluster, Verb::RollBack, "web", &[("to", "4.1.9")]).await;
    assert_eq!(cluster.get("rollouts", "web").unwrap()["spec"]["paused"], false);
    assert_eq!(sent(&cluster), 5);
}

#[tokio::test]
async fn a_probe_tells_what_is_seen_and_changes_nothing() {
    let cluster = underway(steps()).await;
    let promote = operation(Verb::Promote, "web", &[("step", "2"), ("version", "4.2.0")]);
    let probe = || soon(backend(&cluster).probe(&promote, key()));
    assert!(matches!(probe().await, Ok(Found::NotApplied { r#final: false, .. })));
    let abort = operation(Verb::Abort, "web", &[]);
    assert!(matches!(soon(backend(&cluster).probe(&abort, key())).await, Ok(Found::NotApplied { r#final: false, .. })));
    assert_eq!(sent(&cluster), 0);
    soon(backend(&cluster).perform(promote.clone(), other_key(), sink(None).0)).await.unwrap();
    let Ok(Found::Applied(receipt)) = probe().await else { panic!("it is beyond") };
    assert!(receipt.summary.contains("though not by this key"), "{receipt:?}");
    // Another version on its way says nothing of this one.
    image(&cluster, "rollouts", "web", "reg.example/web:5.0.0");
    phase(&cluster, "web", "Paused").await;
    let found = probe().await;
    assert!(matches!(found, Ok(Found::Unknown { .. })), "{found:?}");
    assert_ne!(OLD, NEW);
}

#[tokio::test]
async fn a_snapshot_keeps_the_analysis_too() {
    let cluster = underway(analysed("inconclusive")).await;
    let file = cluster.dir().join("kept.log");
    let snapshot = operation(Verb::Snapshot, "web", &[]);
    soon(backend(&cluster).perform(snapshot, key(), sink(Some(file.clone())).0)).await.unwrap();
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept.contains("analysisruns web-1") && kept.contains("Inconclusive"), "{kept}");
}

#[tokio::test]
async fn a_rollout_that_somebody_paused_goes_on_with_what_leads_back() {
    let cluster = underway(steps()).await;
    done(&cluster, Verb::Pause, "web", &[]).await;
    let paused = || cluster.get("rollouts", "web").unwrap()["spec"]["paused"] == true;
    let before = sent(&cluster);
    assert!(paused());
    done(&cluster, Verb::RollBack, "web", &[("to", "4.1.9")]).await;
    assert!(!paused());
    assert_eq!(sent(&cluster), before + 1);
    // Paused where it is to return to: something may stand there half.
    done(&cluster, Verb::Pause, "web", &[]).await;
    soon(backend(&cluster).perform(operation(Verb::RollBack, "web", &[("to", "4.1.9")]), other_key(), sink(None).0))
        .await
        .unwrap();
    assert!(!paused());
    assert_eq!(sent(&cluster), before + 3);
}

#[tokio::test]
async fn what_is_let_go_on_leads_back_to_what_serves() {
    let cluster = underway(steps()).await;
    done(&cluster, Verb::Pause, "web", &[]).await;
    for (verb, args) in [(Verb::Resume, &[][..]), (Verb::Promote, &[("step", "2")])] {
        let Ok(Done::Whole(receipt)) = perform(&cluster, verb, "web", args).await else { panic!("{verb}") };
        assert_eq!(receipt.detail["previous"], "4.1.9", "{verb}");
    }
}
