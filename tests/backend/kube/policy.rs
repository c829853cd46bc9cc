//! The one policy of all adapters that speak HTTP, kept by that of clusters: breaker, patience, clocks, redirects.

use super::ground::{NEW, Watched, back, backend, image, rolled, soon};
use crate::cluster::{Cluster, Does};
use crate::server::{Server, reply};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use holdpoint::backend::{Backend, Certainty, Done};
use std::time::{Duration, Instant};

/// A header with a time that is so far from now.
fn at(name: &str, from_now: TimeDelta) -> String {
    format!("{name}: {}\r\n", (Utc::now() + from_now).format("%a, %d %b %Y %H:%M:%S GMT"))
}

fn asked(cluster: &Cluster) -> usize {
    cluster.state().asked.len()
}

/// How often the workload itself was read.
fn read(cluster: &Cluster) -> usize {
    cluster.state().asked.iter().filter(|asked| asked.path.ends_with("/deployments/api")).count()
}

/// Lets the user of the kubeconfig be this one.
fn user(cluster: &Cluster, says: &str) {
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    std::fs::write(cluster.kubeconfig(), config.replace("token: not-a-secret", says)).unwrap();
}

async fn introduced(cluster: &Cluster) -> String {
    let remarks = soon(backend(cluster).introduce()).await;
    remarks.iter().map(|remark| format!("{} {}\n", if remark.ok { "ok" } else { "no" }, remark.text)).collect()
}

#[tokio::test]
async fn a_cluster_that_fails_is_left_alone_and_a_person_is_not_kept_from_it() {
    let cluster = rolled().await;
    cluster.fault("GET", "", Does::Status(500), u32::MAX);
    let backend = backend(&cluster);
    let mut watched = Watched::of(&backend);
    let open = |w: &Watched| w.faults.iter().any(|fault| fault.contains("failed too often in a row"));
    watched.until("it is left alone", open).await;
    let before = read(&cluster);
    soon(backend.preview(&back("4.1.9"))).await.unwrap_err();
    assert!(read(&cluster) > before, "a person's question is always sent");
    cluster.heal();
    watched.until("it is tried, and found well", |w| w.heartbeats >= 1).await;
    // What a person reads shows as well that it is back.
    cluster.fault("GET", "", Does::Status(500), u32::MAX);
    let faults = watched.faults.len();
    cluster.cut_streams();
    watched.until("it is left alone again", |w| w.faults[faults..].iter().any(|f| f.contains("too often"))).await;
    cluster.heal();
    soon(backend.preview(&back("4.1.9"))).await.unwrap();
    let before = watched.heartbeats;
    watched.until("life", |w| w.heartbeats > before).await;
}

#[tokio::test]
async fn a_read_waits_as_long_as_it_is_asked_to_in_seconds_or_until_a_date() {
    let cluster = rolled().await;
    // Within what is waited for, and long enough that a slow machine has not passed it when it is read.
    let (hour, soon_) = (TimeDelta::hours(1), TimeDelta::seconds(8));
    for n in 0..3 {
        let does = match n {
            0 => Does::TooMany(2),
            1 => Does::Says(503, at("retry-after", soon_)),
            // A date is one of the clock that tells it.
            _ => Does::Says(429, format!("{}{}", at("date", hour), at("retry-after", hour + soon_))),
        };
        let backend = backend(&cluster);
        cluster.fault("GET", "/deployments/api", does.clone(), 1);
        let began = Instant::now();
        soon(backend.preview(&back("4.1.9"))).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(1500), "{does:?}: {:?}", began.elapsed());
    }
    // Too long to wait for: it is told, and not asked again.
    cluster.fault("GET", "/deployments/api", Does::TooMany(600), 1);
    let before = read(&cluster);
    let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    assert!(fault.to_string().contains("600 s of patience"), "{fault}");
    assert_eq!(read(&cluster), before + 1);
}

#[tokio::test]
async fn a_look_that_nobody_asked_for_leaves_alone_what_wants_to_be_and_does_not_end_that() {
    let cluster = rolled().await;
    let backend = backend(&cluster);
    cluster.fault("GET", "/deployments/api", Does::TooMany(600), 1);
    soon(backend.preview(&back("4.1.9"))).await.unwrap_err();
    let before = asked(&cluster);
    for _ in 0..2 {
        let said = soon(backend.glance(&back("4.1.9"))).await;
        let said = said.map_or_else(|fault| fault.to_string(), |preview| preview.obstacles.join("; "));
        assert!(said.contains("it asked not to be asked again"), "{said}");
    }
    assert_eq!(asked(&cluster), before, "nothing was sent");
}

#[tokio::test]
async fn a_question_of_what_is_allowed_is_asked_again_as_every_other() {
    let cluster = rolled().await;
    cluster.fault("POST", "selfsubjectaccessreviews", Does::Status(503), 1);
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert_eq!((preview.obstacles.len(), preview.unknown.len()), (0, 0), "{preview:?}");
    cluster.fault("POST", "selfsubjectaccessreviews", Does::Status(503), u32::MAX);
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    let said = |why: &String| why.starts_with("whether you may patch deployments in payments: ") && why.contains("503");
    assert!(preview.obstacles.is_empty() && preview.unknown.iter().any(said), "{preview:?}");
}

#[tokio::test]
async fn a_token_out_of_a_file_is_read_again_when_it_rotates() {
    let cluster = rolled().await;
    user(&cluster, "tokenFile: token");
    let rotate = |token: &str| {
        std::fs::write(cluster.dir().join("next"), format!("{token}\n")).unwrap();
        std::fs::rename(cluster.dir().join("next"), cluster.dir().join("token")).unwrap();
        cluster.state().token = Some(token.to_owned());
    };
    rotate("one");
    let mut watched = Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    rotate("two");
    let borne = || cluster.state().asked.iter().filter(|asked| asked.authorization == "Bearer two").count();
    watched.until("the new one is borne", |_| borne() > 0).await;
    let before = watched.heartbeats;
    watched.until("life with it", |w| w.heartbeats >= before + 4).await;
    assert_eq!((watched.faults.as_slice(), watched.snapshots), (&[][..], 1));
    assert!(introduced(&cluster).await.contains("which is read again as it changes"));
    // One that is not there is no way in.
    std::fs::remove_file(cluster.dir().join("token")).unwrap();
    let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    assert!(fault.to_string().contains("cannot read the token file"), "{fault}");
}

#[tokio::test]
async fn clocks_that_do_not_agree_are_told() {
    let cluster = rolled().await;
    cluster.fault("GET", "", Does::With(at("date", TimeDelta::hours(-1))), u32::MAX);
    let said = introduced(&cluster).await;
    assert!(said.contains("no its clock is 3") && said.contains("s behind ours"), "{said}");
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert!(preview.obstacles.iter().any(|why| why.contains("behind ours")), "{preview:?}");
    cluster.heal();
    cluster.fault("GET", "", Does::With(at("date", TimeDelta::zero())), u32::MAX);
    let said = introduced(&cluster).await;
    assert!(said.contains("ok clocks agree within"), "{said}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_credentials_stay_here() {
    let cluster = rolled().await;
    let other = Server::new(|_, _, stream| reply(stream, "200 OK", b"{}"));
    for code in [301, 307] {
        let there = || Does::Says(code, format!("location: {}\r\n", other.url("/api/v1")));
        cluster.fault("PATCH", "/deployments/api", there(), 1);
        let fault = soon(backend(&cluster).perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
        assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
        assert!(fault.to_string().contains("never followed"), "{fault}");
        cluster.fault("GET", "/deployments/api", there(), 1);
        let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
        assert!(fault.to_string().contains("never followed"), "{fault}");
    }
    assert_eq!((other.asked(), image(&cluster, "deployments", "api").as_str()), (0, NEW));
}

#[tokio::test]
async fn what_is_cut_before_it_is_answered_is_read_again_and_never_changed_again() {
    let cluster = rolled().await;
    cluster.fault("GET", "/deployments/api", Does::CutBefore, 2);
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    cluster.fault("PATCH", "/deployments/api", Does::CutBefore, u32::MAX);
    let fault = soon(backend(&cluster).perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
    assert_eq!((fault.certainty(), cluster.mutations().len()), (Certainty::Unknown, 1), "{fault}");
}

#[tokio::test]
async fn doctor_says_what_is_borne_and_until_when() {
    let cluster = rolled().await;
    assert!(introduced(&cluster).await.contains("ok token in the kubeconfig, without a known end"));
    let token = |exp: i64| {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        format!("{}.{}.x", part(r#"{"alg":"none"}"#), part(&format!(r#"{{"sub":"robot","exp":{exp}}}"#)))
    };
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    user(&cluster, &format!("token: {}", token(32_503_680_000)));
    let said = introduced(&cluster).await;
    assert!(said.contains("ok token in the kubeconfig of robot, until 3000-01-01 00:00:00Z"), "{said}");
    // What time it is for the API is not known: it is asked, and nothing is changed with one that has ended by ours.
    std::fs::write(cluster.kubeconfig(), &config).unwrap();
    user(&cluster, &format!("token: {}", token(1_000_000_000)));
    let said = introduced(&cluster).await;
    assert!(said.contains("until 2001-09-09 01:46:40Z: it has ended; renew it"), "{said}");
    let fault = soon(backend(&cluster).perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
    assert!(fault.to_string().contains("has ended at 2001-09-09 01:46:40Z; log in"), "{fault}");
    assert_eq!((fault.certainty(), cluster.mutations().len()), (Certainty::NotDone, 0), "{fault}");
    // A password, whose user the API is told.
    std::fs::write(cluster.kubeconfig(), &config).unwrap();
    user(&cluster, "username: ana\n    password: hunter2");
    let said = introduced(&cluster).await;
    assert!(said.contains("ok password in the kubeconfig, without a known end") && !said.contains("hunter2"), "{said}");
    assert_eq!(cluster.state().asked.last().unwrap().authorization, "Basic YW5hOmh1bnRlcjI=");
    // What a program brings ends when it says so.
    std::fs::write(cluster.kubeconfig(), &config).unwrap();
    let brings = r#"{"kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2999-01-01T00:00:00Z"}}"#;
    std::fs::write(cluster.dir().join("brings"), brings).unwrap();
    let path = cluster.dir().join("brings");
    user(&cluster, &format!("exec:\n      apiVersion: v1\n      command: cat\n      args: [{path:?}]"));
    let said = introduced(&cluster).await;
    assert!(said.contains("ok token that a program brings, until 2999-01-01 00:00:00Z"), "{said}");
}

#[tokio::test]
async fn whoever_asks_in_anothers_place_says_so_and_a_known_token_is_not_repeated() {
    let cluster = rolled().await;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let keep = std::sync::Arc::clone(&seen);
    let server = Server::new(move |_, request, stream| {
        *keep.lock().unwrap() = request.to_lowercase();
        reply(stream, "403 Forbidden", b"{\"message\":\"not-a-secret may not\"}")
    });
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let there = config.replace(&cluster.address.to_string(), &server.address.to_string());
    std::fs::write(cluster.kubeconfig(), there).unwrap();
    user(&cluster, "token: not-a-secret\n    as: bo\n    as-groups: [release, night]\n    as-user-extra: {why: [x]}");
    let fault = soon(backend(&cluster).perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
    assert!(fault.to_string().contains("[secret] may not"), "{fault}");
    let said = seen.lock().unwrap().clone();
    for header in ["impersonate-user: bo", "group: release", "group: night", "extra-why: x", "bearer not-a-secret"] {
        assert!(said.contains(header), "{header}: {said}");
    }
    let done: Result<Done, _> = Err(fault);
    assert!(done.is_err_and(|fault| fault.certainty() == Certainty::NotDone));
}
