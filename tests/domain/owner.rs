//! Who else holds a workload: how that is written, and which declared one is meant.

use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, CommandSpec};
use holdpoint::domain::owner::{Owner, OwnerKind};

#[test]
fn it_is_read_as_it_is_written() {
    for text in [
        "helm-release/shop/api",
        "flux-kustomization/flux-system/apps",
        "flux-helmrelease/shop/api",
        "argocd-application/pay",
    ] {
        let owner = Owner::read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(owner.to_string(), text);
        let json = serde_json::to_value(&owner).unwrap();
        assert_eq!(json["kind"], text.split('/').next().unwrap(), "one word for it everywhere");
        assert_eq!(serde_json::from_value::<Owner>(json).unwrap(), owner);
    }
    // Where it lies is not to be guessed, but for Argo CD's own namespace.
    for text in [
        "helm-release/api",
        "helm/shop/api",
        "api",
        "",
        "helm-release/shop/",
        "helm-release/s p/api",
        "helm-release/a/b/c",
    ] {
        assert_eq!(Owner::read(text), None, "{text}");
    }
    assert_eq!(Owner::named(OwnerKind::HelmRelease, Some("shop"), "\u{1b}[2J"), None);
}

#[test]
fn what_a_service_stands_for_is_its_scope() {
    let argo = BackendKind::ArgoCd(ArgoCdSpec::default());
    let of = |kind: &BackendKind, scope: &str| Owner::of_scope(kind, scope).map(|owner| owner.to_string());
    assert_eq!(of(&argo, "team-a/pay#reg.example/api").as_deref(), Some("argocd-application/team-a/pay"));
    assert_eq!(of(&argo, "pay").as_deref(), Some("argocd-application/pay"));
    let scripts = BackendKind::Command(CommandSpec::default());
    assert_eq!(of(&scripts, "helm-release/shop/api").as_deref(), Some("helm-release/shop/api"));
    assert_eq!(of(&scripts, "payments/deployment/api"), None);
    assert_eq!(of(&BackendKind::Files, "helm-release/shop/api"), None);
}

#[test]
fn an_application_of_argo_cds_own_namespace_may_be_declared_with_it() {
    let meant = |seen: &str, declared: &str| Owner::read(seen).unwrap().is(&Owner::read(declared).unwrap());
    assert!(meant("argocd-application/pay", "argocd-application/pay"));
    assert!(meant("argocd-application/pay", "argocd-application/argocd/pay"));
    assert!(!meant("argocd-application/team-a/pay", "argocd-application/pay"));
    assert!(!meant("argocd-application/pay", "argocd-application/ledger"));
    assert!(meant("helm-release/shop/api", "helm-release/shop/api"));
    assert!(!meant("helm-release/shop/api", "helm-release/other/api"));
    assert!(!meant("helm-release/shop/api", "flux-helmrelease/shop/api"));
}
