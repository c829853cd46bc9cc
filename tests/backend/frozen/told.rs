//! What tells alerts or windows, when it freezes.

use super::{ANEW, FRESH, Now, Source, argo_cd, failed, judged, place, relayed, trials};
use crate::argocd::ground::synced;
use crate::server::{Server, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::backend::{AlertmanagerSpec, ArgoCdSpec, BackendKind, BackendSpec};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::Observed;
use holdpoint::domain::operation::Direction;
use holdpoint::domain::signal::{Query, Signal};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Verdict;
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::calendar::Question;
use holdpoint::engine::{Given, Ledger, rules, windows};
use std::net::SocketAddr;
use std::sync::Arc;

/// After so many intervals windows are lost; until then they count as known.
const LOST: u32 = 5;

/// Whether no alert fires: it follows from the alerts that are told.
pub fn quiet() -> Signal {
    Signal { name: "firing".into(), query: Query::Alerts { severity: None, watchdog: None }, ..failed() }
}

/// The gate that rests on alerts.
fn calm(observed: &Observed, now: Now) -> (Verdict, bool) {
    judged(&quiet(), observed, now)
}

/// The gate of a deployment, which rests on windows; and whether they are known.
fn open(observed: &Observed, now: Now) -> (Verdict, bool) {
    let (ledger, mut workspace, (service, environment)) = (Ledger::default(), Workspace::default(), place());
    let (name, kind) = ("far".into(), BackendKind::ArgoCd(ArgoCdSpec::default()));
    let far = BackendSpec { name, every: Span::millis(500), kind };
    let by = far.name.clone();
    workspace.backends.insert(by.clone(), far);
    let given = Given { ledger: &ledger, workspace: &workspace, observed, now };
    let (service, environment, backend) = (Some(&service), Some(&environment), Some(&by));
    let ask = Question { service, environment, direction: Direction::Forward, told: true, backend, run: None };
    (rules::may(&given, ask, now), windows::heard(observed, &by, now).is_ok())
}

#[tokio::test]
async fn an_alertmanager_that_freezes_passes_nothing() {
    let server = Server::new(|_, _, stream| reply(stream, "200 OK\r\ncontent-type: application/json", b"[]"));
    let every = Span::millis(500);
    let open = move |address: SocketAddr| -> Arc<dyn Backend> {
        let endpoint = Endpoint { url: format!("http://{address}"), ..Endpoint::default() };
        let spec = AlertmanagerSpec { endpoint, ..AlertmanagerSpec::default() };
        Arc::new(AlertmanagerBackend::new("far".into(), every, spec, "/".into(), launcher()))
    };
    let begin = relayed(server.address, open);
    trials(Source { begin, topic: Topic::Alerts, every, limit: FRESH, judge: calm, after: ANEW }).await;
}

#[tokio::test]
async fn windows_of_an_argo_cd_that_freezes_let_nothing_through() {
    let server = synced().await;
    let (every, topic) = (Span::millis(500), Topic::Windows);
    let begin = argo_cd(&server, every);
    trials(Source { begin, topic, every, limit: LOST, judge: open, after: ANEW }).await;
}
