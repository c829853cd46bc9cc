//! A look at the backends without a session: watches only, for a bounded time.
//!
//! For verbs that only want to see: nothing is journaled and nothing is sent.

use super::clock::now;
use super::input::Input;
use super::observer;
use crate::backend::launcher::Launcher;
use crate::backend::{ending, registry};
use crate::domain::drift::Drift;
use crate::domain::introduced::Introduced;
use crate::domain::name::BackendName;
use crate::domain::observed::{Observed, Placed, Stamped};
use crate::domain::report::Remark;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::engine::derived;
use crate::fault;
use futures_util::{StreamExt, stream};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Instant;

/// Watches every backend until `enough`, at most for `limit`. Where none can be asked, each has that as its fault.
pub fn observe_for(workspace: &Workspace, limit: Span, enough: impl Fn(&Observed) -> bool) -> Observed {
    let mut observed = Observed::default();
    let (inbox, taken) = mpsc::channel();
    let ((watches, stop), launcher) = match begin() {
        Ok(begun) => begun,
        Err(why) => return unseen(workspace, &why),
    };
    let backends = registry::open(workspace, launcher);
    let endings = registry::endings(&backends);
    observer::start(&backends, workspace, inbox, &watches);
    drop(backends);
    let end = Instant::now() + limit.std();
    while !enough(&observed) {
        match taken.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Input::Seen(batch)) => drop(derived::take_in(&mut observed, &workspace.signals, batch)),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let _ = stop.send(());
    ending::wait(&endings, super::start::ENDING);
    observed
}

type Begun = ((tokio::runtime::Handle, tokio::sync::oneshot::Sender<()>), Launcher);

/// What a look needs, or why nobody can be asked.
fn begin() -> Result<Begun, String> {
    let no_thread = |e: std::io::Error| format!("nobody was asked: the thread that watches cannot be started: {e}");
    let watches = fault::at("look.begin").and_then(|()| super::start::watches()).map_err(no_thread)?;
    let no_program =
        |e: std::io::Error| format!("nobody was asked: no child can be started, as this program is not found: {e}");
    Ok((watches, Launcher::ourselves().map_err(no_program)?))
}

/// Nothing is seen of any backend, for this reason.
fn unseen(workspace: &Workspace, why: &str) -> Observed {
    let mut observed = Observed::default();
    for (name, spec) in &workspace.backends {
        let what = Err(why.to_owned());
        observed.apply(&Stamped { at: now(), source: name.clone(), every: spec.every, what });
    }
    observed
}

/// What a backend says of what it is talking to, and who it says it is itself.
pub type Introduction = (BackendName, Vec<Remark>, Option<Arc<Introduced>>);

/// What every backend says of what it is talking to; one that does not answer in time says that.
pub fn introductions(workspace: &Workspace, limit: Span) -> Vec<Introduction> {
    let Ok(launcher) = Launcher::ourselves() else { return Vec::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Vec::new() };
    let silent = move || vec![Remark::wrong(format!("no answer within {limit}"))];
    let backends = registry::open(workspace, launcher);
    let endings = registry::endings(&backends);
    let asked = backends.into_iter().map(|(name, backend)| async move {
        let said = tokio::time::timeout(limit.std(), backend.introduce()).await;
        (name, said.unwrap_or_else(|_| silent()), backend.introduced())
    });
    let said = runtime.block_on(futures_util::future::join_all(asked));
    drop(runtime);
    ending::wait(&endings, super::start::ENDING);
    said
}

/// How many places are asked about at once.
const AT_ONCE: usize = 4;

/// How what is live at each place differs from what was declared, as its backend says; one that does not answer
/// in time, or cannot, is not known.
pub fn drifts(
    workspace: &Workspace,
    asked: Vec<(Placed, BackendName)>,
    limit: Span,
) -> Vec<(Placed, BackendName, Drift)> {
    let unknown = |why: &str| asked.iter().map(|(at, by)| (at.clone(), by.clone(), Drift::unknown(why))).collect();
    let launcher = match Launcher::ourselves() {
        Ok(launcher) => launcher,
        Err(error) => return unknown(&format!("nobody was asked: this program is not found: {error}")),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return unknown(&format!("nobody was asked: {error}")),
    };
    let backends = registry::open(workspace, launcher);
    let endings = registry::endings(&backends);
    let told = runtime.block_on(async {
        let until = tokio::time::Instant::now() + limit.std();
        let one = |(at, by): (Placed, BackendName)| {
            let backend = backends.get(&by).cloned();
            async move {
                let Some(backend) = backend else { return (at, by, Drift::unknown("there is no such backend")) };
                let drift = match tokio::time::timeout_at(until, backend.drift(&at)).await {
                    Ok(Ok(drift)) => drift,
                    Ok(Err(fault)) => Drift::unknown(fault.to_string()),
                    Err(_) => Drift::unknown(format!("no answer within {limit}")),
                };
                (at, by, drift)
            }
        };
        stream::iter(asked.clone()).map(one).buffered(AT_ONCE).collect().await
    });
    drop((backends, runtime));
    ending::wait(&endings, super::start::ENDING);
    told
}
