//! docs/backends/argocd.md: the policy that it lists is what is needed, no more and no less.

use super::ground::{automated, back, backend, deploy, operation, other_key, preview, soon, synced, under};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::operation::Verb;
use std::collections::BTreeSet;

/// The actions on applications of the documented policy.
fn documented() -> BTreeSet<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backends/argocd.md");
    let page = std::fs::read_to_string(page).unwrap();
    let policy = page.lines().filter_map(|line| line.strip_prefix("p, role:holdpoint, applications, "));
    policy.map(|rest| rest.split(',').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_documented_policy_is_what_is_asked_after() {
    let server = automated().await;
    soon(backend(&server).introduce()).await;
    for operation in [back("aaaaaaa"), deploy("main"), operation(Verb::Pause, &[]), operation(Verb::Abort, &[])] {
        preview(&server, &operation).await;
    }
    let of = |path: &str| {
        let rest = path.strip_prefix("/api/v1/account/can-i/applications/")?;
        rest.split('/').next().map(str::to_owned)
    };
    let asked: BTreeSet<String> = server.state().asked.iter().filter_map(|asked| of(&asked.path)).collect();
    assert_eq!(asked, documented());
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn each_right_is_needed() {
    for action in documented() {
        let (plain, auto) = (synced().await, automated().await);
        plain.state().denied.push(action.clone());
        auto.state().denied.push(action.clone());
        let back = under(&plain, back("aaaaaaa"), other_key()).await;
        let pause = under(&auto, operation(Verb::Pause, &[]), other_key()).await;
        assert!(back.is_err() || pause.is_err(), "{action}");
    }
}
