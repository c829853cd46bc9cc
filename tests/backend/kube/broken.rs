//! What goes wrong on the way: what is certain, what is not, and that nothing is sent twice.

use super::ground::{NEW, OLD, back, backend, image, operation, other_key, perform, rolled, set_image, settled, soon};
use crate::cluster::{Cluster, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::leave::Leave;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Sink};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// An operation that has been sent.
type Sent = tokio::task::JoinHandle<Result<Done, Fault>>;

async fn fault(cluster: &Cluster) -> Fault {
    perform(cluster, back("4.1.9")).await.unwrap_err()
}

#[tokio::test]
async fn refusals_are_certain_and_are_not_sent_again() {
    let cluster = rolled().await;
    let all = [
        (Does::Status(401), "log in"),
        (Does::Status(403), "role"),
        (Does::TooMany(7), "7 s"),
        (Does::Status(409), "anew"),
    ];
    for (n, (does, word)) in all.into_iter().enumerate() {
        cluster.fault("PATCH", "/deployments/api", does.clone(), 1);
        let fault = fault(&cluster).await;
        assert_eq!(fault.certainty(), Certainty::NotDone, "{does:?}: {fault}");
        assert!(fault.to_string().contains(word), "{does:?}: {fault}");
        assert_eq!(cluster.mutations().len(), n + 1, "{does:?}");
    }
    assert_eq!(image(&cluster, "deployments", "api"), NEW);
}

#[tokio::test]
async fn what_may_have_arrived_is_unknown_and_is_not_sent_again() {
    let cluster = rolled().await;
    let all = [Does::Status(500), Does::Status(503), Does::Status(504), Does::CutBefore, Does::Garbage];
    for (n, does) in all.into_iter().enumerate() {
        cluster.fault("PATCH", "/deployments/api", does.clone(), 1);
        let fault = fault(&cluster).await;
        assert_eq!(fault.certainty(), Certainty::Unknown, "{does:?}: {fault}");
        assert_eq!(cluster.mutations().len(), n + 1, "{does:?}");
    }
    let found = soon(backend(&cluster).probe(&back("4.1.9"), key())).await;
    assert!(matches!(&found, Ok(Found::NotApplied { r#final: false, .. })), "{found:?}");
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_send_is_found_and_not_sent_twice() {
    let cluster = rolled().await;
    cluster.fault("PATCH", "/deployments/api", Does::CutAfter, 1);
    assert_eq!(fault(&cluster).await.certainty(), Certainty::Unknown);
    settled(&cluster, "deployments", "api").await;
    assert_eq!(image(&cluster, "deployments", "api"), OLD);
    let found = soon(backend(&cluster).probe(&back("4.1.9"), key())).await;
    assert!(matches!(&found, Ok(Found::Applied(_))), "{found:?}");
    // The same key again, as a person may order it: only read back.
    assert!(matches!(perform(&cluster, back("4.1.9")).await, Ok(Done::Whole(_))));
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_it_unknown() {
    let cluster = rolled().await;
    cluster.fault("PATCH", "/deployments/api", Does::Hang, 1);
    let fault = fault(&cluster).await;
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn accepted_and_nothing_happens_is_unknown() {
    let cluster = rolled().await;
    cluster.fault("PATCH", "/deployments/api", Does::Nothing, 1);
    let back = holdpoint::domain::operation::Operation { limit: Span::secs(6), ..back("4.1.9") };
    let fault = perform(&cluster, back.clone()).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown);
    assert!(fault.to_string().contains("not seen to happen"), "{fault}");
    // Or it is stored, and no controller looks at it.
    cluster.state().controllers = false;
    let (done, of, why) = part(perform(&cluster, back).await);
    assert_eq!((done, of), (0, 2), "what the status says is of before: {why}");
    assert!(why.contains("not happened in time") && why.contains("to be observed"), "{why}");
}

/// What was done in part: on how many of how many, and its words.
fn part(ended: Result<Done, Fault>) -> (u32, u32, String) {
    match ended {
        Ok(Done::Partly(done, of, receipt)) => {
            assert_eq!(receipt.detail.get("previous").map(String::as_str), Some("4.2.0"), "{receipt:?}");
            (done, of, receipt.summary)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rollout_that_fails_is_in_part_and_is_led_back() {
    let cluster = rolled().await;
    let deploy = |version| operation(Verb::Deploy, "api", &[("version", version)]);
    let (done, of, why) = part(perform(&cluster, deploy("4.3.0-deadline")).await);
    assert_eq!((done, of), (0, 2), "{why}");
    assert!(why.contains("accepted, and failed") && why.contains("exceeded its progress deadline"), "{why}");
    // Whoever asks later what became of it is told the same: it has our key.
    let found = soon(backend(&cluster).probe(&deploy("4.3.0-deadline"), key())).await.unwrap();
    assert!(matches!(&found, Found::Partly { done: 0, of: 2, .. }), "{found:?}");
    // By another key that is not ours to say.
    let found = soon(backend(&cluster).probe(&deploy("4.3.0-deadline"), other_key())).await.unwrap();
    assert!(matches!(&found, Found::Unknown { .. }), "{found:?}");
    let ended = soon(backend(&cluster).perform(back("4.2.0"), other_key(), sink(None).0)).await;
    assert!(matches!(ended, Ok(Done::Whole(_))), "{ended:?}");
    assert_eq!(image(&cluster, "deployments", "api"), NEW);
}

/// `api` after a deploy that missed its deadline, and the next operation on it, sent and not yet acted on.
async fn sent_after_a_failure(next: Operation) -> (Cluster, Sent, Receiver<String>) {
    let cluster = rolled().await;
    part(perform(&cluster, operation(Verb::Deploy, "api", &[("version", "4.3.0-deadline")])).await);
    cluster.state().controllers = false;
    let (out, lines) = sink(None);
    let next = Operation { limit: Span::secs(60), ..next };
    let sent = tokio::spawn(backend(&cluster).perform(next, other_key(), out));
    until("it was sent", || cluster.mutations().len() == 2).await;
    (cluster, sent, lines)
}

#[tokio::test]
async fn a_deadline_that_was_missed_before_is_not_held_against_the_way_back() {
    let (cluster, sent, mut lines) = sent_after_a_failure(back("4.2.0")).await;
    // Its controller has seen the change, and has moved nothing yet.
    cluster.change("deployments", "api", |d| d["status"]["observedGeneration"] = d["metadata"]["generation"].clone());
    while !soon(lines.recv()).await.expect("it ended").contains("as it had before") {}
    cluster.state().controllers = true;
    let ended = soon(sent).await.unwrap();
    assert!(matches!(ended, Ok(Done::Whole(_))), "{ended:?}");
}

#[tokio::test]
async fn a_deadline_that_is_missed_once_more_is_a_failure_at_once() {
    let deploy = operation(Verb::Deploy, "api", &[("version", "4.4.0")]);
    let (cluster, sent, mut lines) = sent_after_a_failure(deploy).await;
    cluster.change("deployments", "api", |d| {
        d["status"]["observedGeneration"] = d["metadata"]["generation"].clone();
        d["status"]["conditions"][0]["message"] = "has timed out progressing again.".into();
    });
    let Ok(Done::Partly(.., told)) = soon(sent).await.unwrap() else { panic!("it has failed, certainly") };
    assert!(told.summary.contains("accepted, and failed"), "{told:?}");
    while let Some(line) = lines.recv().await {
        assert!(!line.contains("as it had before"), "{line}");
    }
}

#[tokio::test]
async fn what_is_under_way_is_neither_done_nor_undone() {
    let cluster = rolled().await;
    let deploy = operation(Verb::Deploy, "api", &[("version", "4.3.0-hang")]);
    let deploying = tokio::spawn(backend(&cluster).perform(deploy.clone(), key(), sink(None).0));
    let underway = || {
        let api = cluster.get("deployments", "api").unwrap();
        let seen = api["status"]["observedGeneration"] == api["metadata"]["generation"];
        seen && api["spec"]["template"].to_string().contains("4.3.0-hang")
    };
    until("it is under way", underway).await;
    deploying.abort();
    // By our key, and by another that would lead to the same.
    for key in [key(), other_key()] {
        let found = soon(backend(&cluster).probe(&deploy, key)).await.unwrap();
        assert!(matches!(&found, Found::Unknown { why } if why.contains("taken and is under way")), "{found:?}");
    }
}

#[tokio::test]
async fn who_looks_on_makes_way_for_what_leads_back() {
    let cluster = rolled().await;
    let deploy = operation(Verb::Deploy, "api", &[("version", "4.4.0-crash")]);
    let deploy = Operation { limit: Span::secs(600), ..deploy };
    let (giver, leave) = Leave::new();
    let deploying = tokio::spawn(backend(&cluster).perform(deploy, key(), Sink { leave, ..sink(None).0 }));
    let crashes = || cluster.state().store.objects.values().any(|o| o.to_string().contains("CrashLoopBackOff"));
    until("it crashes", crashes).await;
    assert!(!deploying.is_finished());
    giver.give();
    let (done, of, why) = part(soon(deploying).await.unwrap());
    assert_eq!((done, of), (0, 2), "{why}");
    assert!(why.contains("left for what leads back") && why.contains("CrashLoopBackOff"), "{why}");
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn of_two_operators_one_is_refused() {
    let cluster = rolled().await;
    // Whoever was slower: it changes between our look and our request.
    cluster.fault("GET", "/replicasets", Does::Held, 1);
    let performing = perform(&cluster, back("4.1.9"));
    let looked = || cluster.state().asked.iter().any(|asked| asked.path.ends_with("/replicasets"));
    let other = async {
        until("it has been looked at", looked).await;
        set_image(&cluster, "deployments", "api", "reg.example/api:5.0.0");
        cluster.release();
    };
    let (ended, ()) = futures_util::future::join(performing, other).await;
    let fault = ended.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert!(fault.to_string().contains("somebody changed it"), "{fault}");
    assert_eq!(image(&cluster, "deployments", "api"), "reg.example/api:5.0.0");
}

#[tokio::test]
async fn nothing_is_sent_to_a_cluster_that_is_not_there() {
    let cluster = rolled().await;
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    std::fs::write(cluster.kubeconfig(), config.replace(&cluster.address.to_string(), "127.0.0.1:1")).unwrap();
    let fault = fault(&cluster).await;
    assert!(matches!(fault, Fault::Unreachable(_)), "{fault}");
    std::fs::write(cluster.kubeconfig(), "users:\n- token: [hunter2").unwrap();
    let fault = perform(&cluster, back("4.1.9")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone);
    assert!(!fault.to_string().contains("hunter2"), "{fault}");
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn reads_are_patient() {
    let cluster = rolled().await;
    cluster.fault("GET", "/deployments/api", Does::TooMany(0), 1);
    cluster.fault("GET", "/replicasets", Does::Status(503), 2);
    assert!(matches!(perform(&cluster, back("4.1.9")).await, Ok(Done::Whole(_))));
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn credentials_that_hang_or_ask_end() {
    let cluster = rolled().await;
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let exec = |line: &str| {
        let user = format!(
            "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: sh\n      args: [-c, '{line}']\n      interactiveMode: IfAvailable"
        );
        std::fs::write(cluster.kubeconfig(), config.replace("token: not-a-secret", &user)).unwrap();
    };
    // It would wait for a person at the terminal; there is none.
    exec("read answer || echo no person here >&2; exit 1");
    let fault = perform(&cluster, back("4.1.9")).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    exec(
        r#"printf "%s" "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"t\"}}""#,
    );
    assert!(matches!(perform(&cluster, back("4.1.9")).await, Ok(Done::Whole(_))));
    // It is in a session of its own, so that it cannot open our terminal either.
    let file = cluster.dir().join("session");
    exec(&format!("cut -d \" \" -f 6 /proc/self/stat > {}; exit 1", file.display()));
    perform(&cluster, back("4.2.0")).await.unwrap_err();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ours = stat.split(' ').nth(5).unwrap();
    let theirs = std::fs::read_to_string(file).unwrap();
    assert!(!theirs.trim().is_empty() && theirs.trim() != ours, "{theirs:?} {ours}");
}

#[tokio::test]
async fn what_a_credentials_program_prints_or_is_given_is_never_told() {
    let cluster = rolled().await;
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let programs = [
        // It fails with the token on its output, or prints what cannot be read.
        ("echo hunter2; echo no session >&2; exit 1", "no session"),
        ("printf \"{kind: ExecCredential, status: {token: [hunter2]}}\"", "no ExecCredential"),
        ("echo hunter2", "no ExecCredential"),
        ("printf \"{kind: ExecCredential, apiVersion: client.authentication.k8s.io/v1}\"", "brought none"),
    ];
    for (script, reason) in programs {
        let user = format!(
            "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: sh\n      args: [-c, '{script}', hunter2]\n      env:\n      - name: SECRET\n        value: hunter2\n      interactiveMode: Never"
        );
        std::fs::write(cluster.kubeconfig(), config.replace("token: not-a-secret", &user)).unwrap();
        let fault = perform(&cluster, back("4.1.9")).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
        assert!(!fault.to_string().contains("hunter2") && fault.to_string().contains(reason), "{script}: {fault}");
    }
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn what_took_its_whole_limit_to_look_at_is_not_sent() {
    let cluster = rolled().await;
    cluster.fault("GET", "/replicasets", Does::Slow(Duration::from_secs(4)), 1);
    let late = holdpoint::domain::operation::Operation { limit: Span::secs(2), ..back("4.1.9") };
    let fault = perform(&cluster, late).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
    assert!(fault.to_string().contains("nothing was sent"), "{fault}");
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn what_was_decided_too_long_ago_is_not_sent() {
    let cluster = rolled().await;
    let late = holdpoint::backend::Sink { not_after: Some(holdpoint::domain::Timestamp::UNIX_EPOCH), ..sink(None).0 };
    let fault = soon(backend(&cluster).perform(back("4.1.9"), key(), late)).await.unwrap_err();
    assert!(matches!(&fault, Fault::Unreachable(why) if why.contains("nothing was sent")), "{fault:?}");
    assert_eq!(cluster.mutations().len(), 0);
}

#[tokio::test]
async fn a_label_that_was_not_set_is_not_seen() {
    use holdpoint::backend::kubernetes::KubernetesBackend;
    use holdpoint::domain::backend::KubernetesSpec;
    let cluster = rolled().await;
    let version_label = Some("release".to_owned());
    let spec = KubernetesSpec { kubeconfig: Some(cluster.kubeconfig()), version_label, ..KubernetesSpec::default() };
    let scopes = [(super::ground::placed("api"), "deployment/api".to_owned())].into();
    let own = KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes);
    // The image is there already; accepted, and nothing happens.
    cluster.fault("PATCH", "/deployments/api", Does::Nothing, 1);
    let labels = operation(Verb::Deploy, "api", &[("version", "7"), ("image", NEW)]);
    let labels = holdpoint::domain::operation::Operation { limit: Span::secs(6), ..labels };
    let fault = soon(own.perform(labels, key(), sink(None).0)).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn hostile_words_are_harmless() {
    let cluster = rolled().await;
    cluster.change("deployments", "api", |object| {
        object["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] =
            "\u{1b}]52;c;evil\u{7}\u{202e}:apps/Deployment:payments/api".into();
    });
    let mut said = Vec::new();
    for to in ["4.1.9\u{1b}[2J\u{202e}", "4.1.9"] {
        let preview = soon(backend(&cluster).preview(&back(to))).await.unwrap();
        said.extend([preview.obstacles, preview.unknown, preview.effects, preview.loses].concat());
    }
    let said = said.join("\n");
    assert!(!said.contains(['\u{202e}', '\u{1b}', '\u{7}']), "{said:?}");
    // No application has such a name.
    assert!(!said.contains("evil") && said.contains("no revision of version 4.1.9"), "{said}");
}

/// A deploy that was taken and then overwritten by hand, so that what was sent is not what is wanted; looked on at for so long.
async fn overwritten(cluster: &Cluster, limit: Span, leave: Leave) -> Sent {
    let deploy = operation(Verb::Deploy, "api", &[("version", "4.3.0-hang")]);
    let (out, mut lines) = sink(None);
    let deploying = tokio::spawn(backend(cluster).perform(Operation { limit, ..deploy }, key(), Sink { leave, ..out }));
    until("it was sent", || cluster.mutations().len() == 1).await;
    set_image(cluster, "deployments", "api", "reg.example/api:5.0.0");
    while let Some(line) = lines.recv().await {
        if line.contains("not the 4.3.0-hang that was sent") {
            break;
        }
    }
    deploying
}

#[tokio::test]
async fn what_was_taken_and_is_not_seen_makes_way_too() {
    let cluster = rolled().await;
    let (giver, leave) = Leave::new();
    let deploying = overwritten(&cluster, Span::secs(600), leave).await;
    giver.give();
    let (done, of, why) = part(soon(deploying).await.unwrap());
    assert_eq!((done, of), (0, 1), "{why}");
    assert!(why.contains("left for what leads back") && why.contains("not the 4.3.0-hang"), "{why}");
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn what_nothing_says_was_taken_is_looked_on_at_no_faster_once_it_may_make_way() {
    let cluster = rolled().await;
    let (giver, leave) = Leave::new();
    let looks = || cluster.state().asked.iter().filter(|asked| asked.path.ends_with("/deployments/api")).count();
    let deploying = overwritten(&cluster, Span::secs(4), leave).await;
    // Whoever overwrote it took our mark away as well.
    cluster.change("deployments", "api", |object| {
        object["metadata"]["annotations"]["kubernetes.io/change-cause"] = "theirs".into();
    });
    let before = looks();
    giver.give();
    let fault = soon(deploying).await.unwrap().unwrap_err();
    assert_eq!(fault.certainty(), Certainty::Unknown, "{fault}");
    let more = looks() - before;
    assert!(more < 20, "{more} looks in less than 4 s");
    assert_eq!(cluster.mutations().len(), 1);
}

#[tokio::test]
async fn what_is_sent_again_under_its_key_says_nothing_of_the_version_before() {
    let cluster = rolled().await;
    let deploy = operation(Verb::Deploy, "api", &[("version", "4.3.0")]);
    let first = perform(&cluster, deploy.clone()).await;
    assert!(matches!(&first, Ok(Done::Whole(told)) if told.detail["previous"] == "4.2.0"), "{first:?}");
    let again = perform(&cluster, deploy).await;
    assert!(matches!(&again, Ok(Done::Whole(told)) if !told.detail.contains_key("previous")), "{again:?}");
    assert_eq!(cluster.mutations().len(), 1);
}
