//! A look at the backends without a session: watches only, for a bounded time.
//!
//! For verbs that only want to see: nothing is journaled and nothing is sent.

use super::input::Input;
use super::observer;
use crate::backend::launcher::Launcher;
use crate::backend::registry;
use crate::domain::name::BackendName;
use crate::domain::observed::Observed;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use std::sync::mpsc;
use std::time::Instant;

/// Watches every backend until `enough`, at most for `limit`.
pub fn observe_for(workspace: &Workspace, limit: Span, enough: impl Fn(&Observed) -> bool) -> Observed {
    let mut observed = Observed::default();
    let (inbox, taken) = mpsc::channel();
    let Ok((watches, stop)) = super::start::watches() else { return observed };
    let Ok(launcher) = Launcher::ourselves() else { return observed };
    observer::start(&registry::open(workspace, launcher), workspace, inbox, &watches);
    let end = Instant::now() + limit.std();
    while !enough(&observed) {
        match taken.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Input::Seen(batch)) => batch.iter().for_each(|seen| observed.apply(seen)),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let _ = stop.send(());
    observed
}

/// Asks every backend what `doctor` should know of the way to it; each has `limit` for that.
pub fn examine(workspace: &Workspace, limit: Span) -> Vec<(BackendName, bool, String)> {
    let Ok(launcher) = Launcher::ourselves() else { return Vec::new() };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, backend) in registry::open(workspace, launcher) {
        let late = || vec![(false, format!("it could not be looked into within {limit}"))];
        let said = runtime.block_on(async { tokio::time::timeout(limit.std(), backend.examine()).await });
        found.extend(said.unwrap_or_else(|_| late()).into_iter().map(|(ok, text)| (name.clone(), ok, text)));
    }
    runtime.shutdown_background();
    found
}
