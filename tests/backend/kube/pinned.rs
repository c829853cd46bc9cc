//! The cluster that is shown is the one that is changed, wherever the kubeconfig leads by then.

use super::ground::{back, placed, rolled, soon};
use crate::cluster::Cluster;
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::kubernetes::KubernetesBackend;
use holdpoint::backend::{Backend, Certainty, Done, Fault};
use holdpoint::domain::backend::KubernetesSpec;
use holdpoint::domain::span::Span;

/// A kubeconfig with the contexts `one` and `two`; this one of them is the current one.
fn lead(to: &str, [one, two]: [&Cluster; 2]) {
    let entry = |name: &str, cluster: &Cluster, namespace: &str| {
        let cluster = format!("- name: {name}\n  cluster:\n    server: http://{}\n", cluster.address);
        let context =
            format!("- name: {name}\n  context:\n    cluster: {name}\n    user: ana\n    namespace: {namespace}\n");
        (cluster, context)
    };
    let namespace = if to == "one elsewhere" { "elsewhere" } else { "payments" };
    let (one_, two_) = (entry("one", one, namespace), entry("two", two, "payments"));
    let current = to.split(' ').next().unwrap();
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {current}\nclusters:\n{}{}contexts:\n{}{}users:\n- name: ana\n  user:\n    token: x\n",
        one_.0, two_.0, one_.1, two_.1
    );
    std::fs::write(one.kubeconfig(), text).unwrap();
}

#[tokio::test]
async fn what_was_decided_on_one_cluster_is_not_done_to_another() {
    let (one, two) = (rolled().await, rolled().await);
    lead("one", [&one, &two]);
    let spec = KubernetesSpec { kubeconfig: Some(one.kubeconfig()), ..KubernetesSpec::default() };
    let scopes = [(placed("api"), "deployment/api".to_owned())].into();
    let backend = KubernetesBackend::new("eu".into(), Span::secs(1), spec, scopes);
    let preview = soon(backend.preview(&back("4.1.9"))).await.unwrap();
    // Somebody switches, between the look and the word to go; or moves the namespace.
    for (to, word) in [("two", "context two"), ("one elsewhere", "namespace elsewhere")] {
        lead(to, [&one, &two]);
        let fault = soon(backend.perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
        assert_eq!((one.mutations().len(), two.mutations().len()), (0, 0), "{fault}");
        assert_eq!(fault.certainty(), Certainty::NotDone, "{fault}");
        let said = fault.to_string();
        assert!(said.contains(word) && said.contains("is shown is of context one"), "{said}");
        // Nor is it looked for there.
        let found = soon(backend.probe(&back("4.1.9"), key())).await;
        assert!(matches!(&found, Err(Fault::Unreachable(_))), "{found:?}");
    }
    lead("one", [&one, &two]);
    let done = soon(backend.perform(back("4.1.9"), key(), sink(None).0)).await;
    let Ok(Done::Whole(receipt)) = done else { panic!("{done:?}") };
    assert!(receipt.detail["cluster"].starts_with("context one (http://"), "{receipt:?}");
    assert_eq!((one.mutations().len(), two.mutations().len()), (1, 0));
    assert!(preview.effects.last().unwrap().starts_with("all of it in context one (http://"), "{preview:?}");
}

#[tokio::test]
async fn the_same_address_with_another_authority_is_another_cluster() {
    use base64::Engine;
    let cluster = rolled().await;
    let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let pem = || {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap().pem()
    };
    let bundle = |pem: &str| {
        let data = base64::engine::general_purpose::STANDARD.encode(pem);
        let server = format!("server: http://{}", cluster.address);
        config.replace(&server, &format!("{server}\n    certificate-authority-data: {data}"))
    };
    let (old, new) = (pem(), pem());
    let (one, two) = (bundle(&old), bundle(&new));
    let backend = super::ground::backend(&cluster);
    std::fs::write(cluster.kubeconfig(), &one).unwrap();
    let preview = soon(backend.preview(&back("4.1.9"))).await.unwrap();
    assert!(preview.effects.last().unwrap().contains(", CA "), "{preview:?}");
    // Another tunnel under the same name and port.
    std::fs::write(cluster.kubeconfig(), &two).unwrap();
    let fault = soon(backend.perform(back("4.1.9"), key(), sink(None).0)).await.unwrap_err();
    assert!(fault.to_string().contains("is shown is of context fake") && cluster.mutations().is_empty(), "{fault}");
    std::fs::write(cluster.kubeconfig(), &one).unwrap();
    assert!(matches!(soon(backend.perform(back("4.1.9"), key(), sink(None).0)).await, Ok(Done::Whole(_))));
    // An authority that is being renewed stands beside the next one for a while, and then is gone.
    for renewed in [bundle(&format!("{old}{new}")), two] {
        std::fs::write(cluster.kubeconfig(), &renewed).unwrap();
        soon(backend.preview(&back("4.1.9"))).await.unwrap();
    }
    std::fs::write(cluster.kubeconfig(), &one).unwrap();
    soon(backend.preview(&back("4.1.9"))).await.unwrap_err();
}
