//! Looks at what an operation would do that nobody asked for: they only read, and judge by no answer
//! that judges nothing.

use super::ground::{back, backend, rolled, set_image, soon};
use crate::cluster::{Cluster, Does};
use crate::support::until;
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::report::Preview;
use std::time::Duration;

fn patches(cluster: &Cluster) -> usize {
    cluster.state().asked.iter().filter(|asked| asked.method == "PATCH").count()
}

async fn previewed(cluster: &Cluster) -> Preview {
    soon(backend(cluster).preview(&back("4.1.9"))).await.unwrap()
}

#[tokio::test]
async fn a_look_that_nobody_asked_for_sends_no_dry_run_and_says_what_is_forbidden() {
    let cluster = rolled().await;
    let glance = soon(backend(&cluster).glance(&back("4.1.9"))).await.unwrap();
    assert_eq!((patches(&cluster), glance.refused.len()), (0, 0), "{glance:?}");
    assert!(glance.effects.iter().any(|effect| effect.contains("4.1.9")), "{glance:?}");
    let asked = previewed(&cluster).await;
    assert_eq!((patches(&cluster), &asked.effects), (1, &glance.effects), "who asks has it tried");
    cluster.state().denied.push("patch deployments".to_owned());
    let glance = soon(backend(&cluster).glance(&back("4.1.9"))).await.unwrap();
    assert!(glance.refused.iter().any(|why| why.contains("you may not patch deployments")), "{glance:?}");
    assert_eq!(patches(&cluster), 1);
}

#[tokio::test]
async fn a_dry_run_that_a_change_has_overtaken_is_no_refusal() {
    let cluster = rolled().await;
    cluster.fault("GET", "/replicasets", Does::Slow(Duration::from_secs(3)), 1);
    let looked = || cluster.state().asked.iter().any(|asked| asked.path.ends_with("/replicasets"));
    let other = async {
        until("it has been looked at", looked).await;
        set_image(&cluster, "deployments", "api", "reg.example/api:5.0.0");
    };
    let (preview, ()) = futures_util::future::join(previewed(&cluster), other).await;
    assert!(preview.refused.is_empty(), "{preview:?}");
    let said = |why: &String| why.starts_with("whether the API would take it: ") && why.contains("422");
    assert!(preview.obstacles.is_empty() && preview.unknown.iter().any(said), "{preview:?}");
}

#[tokio::test]
async fn a_dry_run_that_is_not_judged_is_no_refusal() {
    let cluster = rolled().await;
    for (code, refused) in [(401, false), (409, false), (429, false), (403, true)] {
        cluster.fault("PATCH", "/deployments/api", Does::Status(code), 1);
        let preview = previewed(&cluster).await;
        assert_eq!(!preview.refused.is_empty(), refused, "{code}: {preview:?}");
        let (words, all) = match refused {
            true => ("the API would refuse it now", &preview.obstacles),
            false => ("whether the API would take it: ", &preview.unknown),
        };
        assert!(all.iter().any(|why| why.contains(words)), "{code}: {preview:?}");
        assert_eq!((preview.obstacles.is_empty(), preview.unknown.is_empty()), (!refused, refused), "{preview:?}");
    }
}

#[tokio::test]
async fn what_is_there_is_led_back_to_as_long_as_its_history_keeps_it_and_nobody_forbids_it() {
    let cluster = rolled().await;
    let ahead = async |to: &str, changes| soon(backend(&cluster).ahead(&back(to), changes)).await.unwrap();
    let fine = ahead("4.2.0", 1).await;
    assert_eq!((fine.obstacles.len(), fine.effects.len(), patches(&cluster)), (0, 0, 0), "{fine:?}");
    let limit = |n: u64| cluster.change("deployments", "api", |api| api["spec"]["revisionHistoryLimit"] = n.into());
    limit(1);
    assert_eq!(ahead("4.2.0", 1).await.refused.len(), 0);
    let gone = ahead("4.2.0", 2).await.refused;
    assert_eq!(gone, ["history keeps 1 earlier version (revisionHistoryLimit 1): 4.2.0 is gone by then"]);
    limit(0);
    let gone = ahead("4.2.0", 1).await.refused;
    assert!(gone[0].starts_with("history keeps no earlier version (revisionHistoryLimit 0): 4.2.0"), "{gone:?}");
    limit(10);
    let odd = ahead("3.0.0", 1).await.refused;
    assert!(odd[0].starts_with("no revision of version 3.0.0 is kept"), "{odd:?}");
    // That nothing would be sent now, because it is there, makes nobody allowed.
    cluster.state().denied.push("patch deployments".to_owned());
    let glance = soon(backend(&cluster).glance(&back("4.2.0"))).await.unwrap();
    let denied = ahead("4.2.0", 1).await.refused;
    assert_eq!((glance.refused.len(), denied.len(), patches(&cluster)), (0, 1, 0), "{denied:?}");
    assert!(denied[0].contains("you may not patch deployments"), "{denied:?}");
}
