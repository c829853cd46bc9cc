//! Programs that bring credentials: run once for all, and never in the way of a person.

use super::ground::{back, backend, operation, other_key, rolled, soon};
use crate::cluster::{Cluster, Does};
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::kubernetes::badge::{Badge, Whose};
use holdpoint::backend::kubernetes::kubeconfig::user::Program;
use holdpoint::backend::{Backend, Done, Topic};
use holdpoint::domain::operation::Verb;

/// Lets a script bring the credentials.
fn brings(cluster: &Cluster, script: &str) {
    let path = cluster.dir().join("brings");
    std::fs::write(&path, script).unwrap();
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let exec =
        "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: sh\n      interactiveMode: Never";
    let user = format!("{exec}\n      args: [\"{}\"]", path.display());
    std::fs::write(cluster.kubeconfig(), config.replace("token: not-a-secret", &user)).unwrap();
}

/// A script that counts its runs in a file and brings a token; `more` stands beside it.
fn counts(cluster: &Cluster, more: &str) -> String {
    let ran = cluster.dir().join("ran");
    let status = format!(r#"{{"token":"t"{more}}}"#);
    let said =
        format!(r#"{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{status}}}"#);
    format!("echo x >> {}\nprintf '%s' '{said}'\n", ran.display())
}

fn runs(cluster: &Cluster) -> usize {
    std::fs::read_to_string(cluster.dir().join("ran")).unwrap_or_default().lines().count()
}

async fn looks(backend: &KubernetesBackend) {
    soon(backend.preview(&back("4.1.9"))).await.unwrap();
}

#[tokio::test]
async fn a_program_runs_once_until_what_it_brought_is_not_taken() {
    let cluster = rolled().await;
    brings(&cluster, &counts(&cluster, r#","expirationTimestamp":"2999-01-01T00:00:00Z""#));
    let backend = backend(&cluster);
    looks(&backend).await;
    looks(&backend).await;
    assert_eq!(runs(&cluster), 1);
    // The API does not take it any more: a read is sent again with what is brought then.
    cluster.fault("GET", "/deployments/api", Does::Status(401), 1);
    let done = soon(backend.perform(back("4.1.9"), key(), sink(None).0)).await;
    assert!(matches!(done, Ok(Done::Whole(_))), "{done:?}");
    assert_eq!(runs(&cluster), 2);
    // A change is never sent again.
    cluster.fault("PATCH", "/deployments/api", Does::Status(401), 1);
    let deploy = operation(Verb::RollBack, "api", &[("to", "4.2.0")]);
    soon(backend.perform(deploy, other_key(), sink(None).0)).await.unwrap_err();
    assert_eq!(cluster.mutations().len(), 2);
}

#[tokio::test]
async fn what_expires_is_brought_anew() {
    let cluster = rolled().await;
    brings(&cluster, &counts(&cluster, r#","expirationTimestamp":"2001-01-01T00:00:00Z""#));
    let backend = backend(&cluster);
    looks(&backend).await;
    let before = runs(&cluster);
    looks(&backend).await;
    assert!(runs(&cluster) > before);
}

#[tokio::test]
async fn programs_print_yaml_too() {
    let cluster = rolled().await;
    brings(&cluster, "printf 'kind: ExecCredential\\nstatus:\\n  token: t\\n'");
    looks(&backend(&cluster)).await;
}

#[tokio::test]
async fn watches_stand_in_line_for_their_programs_and_people_do_not() {
    let clusters: Vec<Cluster> = (0..8).map(|_| Cluster::start()).collect();
    let dir = tempfile::TempDir::new().unwrap();
    let (begun, go) = (dir.path().join("begun"), dir.path().join("go"));
    let script =
        format!("echo x >> {}\nwhile [ ! -e {} ]; do sleep 0.05; done\nexit 1\n", begun.display(), go.display());
    let began = || std::fs::read_to_string(&begun).unwrap_or_default().lines().count();
    let watches: Vec<_> = clusters
        .iter()
        .map(|cluster| {
            brings(cluster, &script);
            let mut watch = backend(cluster).watch(Topic::Deployments);
            tokio::spawn(async move { watch.next().await })
        })
        .collect();
    until("four are asked", || began() == 4).await;
    // Whoever does something is not behind them.
    let mine = rolled().await;
    brings(&mine, &counts(&mine, ""));
    looks(&backend(&mine)).await;
    assert_eq!(began(), 4);
    std::fs::write(go, "").unwrap();
    for watch in watches {
        assert!(matches!(soon(watch).await, Ok(Some(Err(_)))));
    }
    assert!(began() >= 8);
}

#[tokio::test]
async fn a_program_that_brings_nothing_lets_nobody_ask_without_a_name() {
    let cluster = rolled().await;
    let before = cluster.state().asked.len();
    for (status, why) in [
        (r#"{"expirationTimestamp":"2999-01-01T00:00:00Z"}"#, "brought none"),
        (r#"{"token":""}"#, "brought none"),
        (r#"{"token":" ","clientCertificateData":"","clientKeyData":""}"#, "brought none"),
        (r#"{"token":"t","clientCertificateData":"x"}"#, "a certificate without its key"),
    ] {
        std::fs::write(cluster.dir().join("said"), format!(r#"{{"kind":"ExecCredential","status":{status}}}"#))
            .unwrap();
        let script = format!("cat {}", cluster.dir().join("said").display());
        brings(&cluster, &script);
        let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
        assert!(fault.to_string().contains(why), "{status}: {fault}");
    }
    assert_eq!(cluster.state().asked.len(), before);
}

#[tokio::test]
async fn whoever_hears_late_that_credentials_are_not_taken_finds_those_that_others_had_brought() {
    let said = r#"{"kind":"ExecCredential","status":{"token":"t"}}"#;
    let program = Program {
        command: "echo".to_owned(),
        args: vec![said.to_owned()],
        env: Vec::new(),
        version: None,
        cluster: None,
    };
    let badge = Badge::new(program, Default::default(), Whose::Person);
    let (worn, began) = (badge.get().await.unwrap(), tokio::time::Instant::now());
    // Another one heard it first, and the program ran again.
    badge.forget(&worn);
    let newer = badge.get().await.unwrap();
    assert!(badge.renews(Some(&worn), began), "there is another one than was worn");
    assert!(!badge.renews(Some(&newer), began), "this one was brought since");
    assert!(badge.renews(Some(&newer), tokio::time::Instant::now()), "it may bring another one");
}

#[tokio::test]
async fn many_watches_go_on_when_what_a_program_brought_is_not_taken_any_more() {
    let cluster = rolled().await;
    let (file, ran) = (cluster.dir().join("now"), cluster.dir().join("ran"));
    let rotate = |token: &str| {
        let said = format!(r#"{{"kind":"ExecCredential","status":{{"token":"{token}"}}}}"#);
        std::fs::write(&file, said).unwrap();
        cluster.state().token = Some(token.to_owned());
    };
    rotate("one");
    brings(&cluster, &format!("echo x >> {}\ncat {}", ran.display(), file.display()));
    let mut watched = super::ground::Watched::new(&cluster);
    watched.until("life", |w| w.heartbeats >= 1).await;
    rotate("two");
    let borne = || cluster.state().asked.iter().any(|asked| asked.authorization == "Bearer two");
    watched.until("the new one is borne", |_| borne()).await;
    let before = watched.heartbeats;
    watched.until("life with it", |w| w.heartbeats >= before + 2).await;
    assert_eq!((watched.faults.as_slice(), watched.snapshots, runs(&cluster)), (&[][..], 1, 2));
}
