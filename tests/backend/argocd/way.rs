//! Who only looks on at what was taken makes way for what leads back; and whether a way back will be there.

use super::ground::{automated, back, backend, deploy, operation, perform, soon, synced};
use crate::argo_server::commit;
use crate::support::{key, sink, until};
use crate::undisturbed as tokio;
use holdpoint::backend::leave::Leave;
use holdpoint::backend::{Backend, Done, Sink};
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;

#[tokio::test]
async fn who_looks_on_makes_way_for_what_leads_back() {
    let server = synced().await;
    // While it runs, and once it has ended and is not well.
    for (n, hangs) in [(0, true), (1, false)] {
        let (bad, key) = (commit(if hangs { 'd' } else { 'e' }).to_string(), Key { seq: 500 + n, ..key() });
        server.merge("main", &bad);
        match hangs {
            true => server.state().hanging.push(bad),
            false => server.state().bad.push(bad),
        }
        let (giver, leave) = Leave::new();
        let deploy = Operation { limit: Span::secs(600), ..deploy("main") };
        let deploying = tokio::spawn(backend(&server).perform(deploy, key, Sink { leave, ..sink(None).0 }));
        let health = move |app: &serde_json::Value| match hangs {
            true => app["status"]["operationState"]["phase"] == "Running",
            false => app["status"]["health"]["status"] == "Degraded",
        };
        until("it was taken", || health(&server.get("api"))).await;
        assert!(!deploying.is_finished());
        giver.give();
        let Done::Partly(0, 1, told) = soon(deploying).await.unwrap().unwrap() else { panic!() };
        assert!(told.summary.contains("left for what leads back"), "{told:?}");
        assert!(told.detail.contains_key("previous"), "{told:?}");
        if hangs {
            perform(&server, operation(Verb::Abort, &[])).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_runs_is_led_back_to_as_long_as_its_history_keeps_it_and_the_token_may() {
    let server = automated().await;
    let ahead = async |to: &str, changes| soon(backend(&server).ahead(&back(to), changes)).await.unwrap();
    let fine = ahead("bbbbbbb", 1).await;
    assert_eq!((fine.obstacles.len(), fine.effects.len()), (0, 0), "auto-sync is switched off by it: {fine:?}");
    let limit = |n: u64| server.change("api", |app| app["spec"]["revisionHistoryLimit"] = n.into());
    limit(2);
    assert_eq!(ahead("bbbbbbb", 1).await.refused.len(), 0);
    let gone = ahead("bbbbbbb", 2).await.refused;
    assert_eq!(gone, ["history keeps 2 entries (revisionHistoryLimit 2): bbbbbbb is gone by then"]);
    limit(1);
    let gone = ahead("bbbbbbb", 1).await.refused;
    assert_eq!(gone, ["history keeps 1 entry (revisionHistoryLimit 1): bbbbbbb is gone by then"]);
    limit(10);
    assert!(ahead("ccccccc", 1).await.refused[0].starts_with("its history has no version ccccccc"));
    server.state().denied.push("update".to_owned());
    let denied = ahead("bbbbbbb", 1).await.refused;
    assert!(denied.len() == 1 && denied[0].contains("the token may not update"), "{denied:?}");
    assert_eq!(server.sent(), [""; 0]);
}
