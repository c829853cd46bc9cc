//! Who only looks on at what was taken makes way for what leads back.

use super::ground::{backend, deploy, operation, perform, soon, synced};
use crate::argo_server::commit;
use crate::support::{key, sink, until};
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
