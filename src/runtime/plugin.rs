//! What the command line does with plugins outside a session: trust, try, serve as one.
//!
//! Nothing is journaled here, and no operation of a run is sent.

use crate::backend::launcher::Launcher;
use crate::backend::plugin::check::Trial;
pub use crate::backend::plugin::check::{Outcome, Tried};
pub use crate::backend::plugin::trust::{LOCK, Pinned, trust};
use crate::backend::{plugin, registry};
use crate::domain::workspace::Workspace;
use std::path::Path;

/// Serves one of the workspace's backends over standard input and output.
///
/// # Errors
/// There is no such backend, or this process was not started as a plugin.
pub fn serve(workspace: &Workspace, name: &str) -> Result<(), String> {
    let launcher = Launcher::ourselves().map_err(|e| format!("cannot tell which program this is: {e}"))?;
    let backend = registry::open(workspace, launcher).remove(name);
    plugin::serve(backend.ok_or_else(|| format!("there is no backend {name}"))?)
}

/// Tries a program against the protocol's page; `each` hears of every trial as it ends. `config`
/// and `operation` are JSON.
///
/// # Errors
/// What was given cannot be read, or nothing can be started here.
pub fn check(
    root: &Path,
    argv: Vec<String>,
    config: &str,
    operation: Option<&str>,
    each: impl FnMut(Tried),
) -> Result<(), String> {
    let launcher = Launcher::ourselves().map_err(|e| format!("cannot tell which program this is: {e}"))?;
    let trial = Trial::new(root, argv, config, operation, launcher)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("cannot start a runtime: {e}"))?;
    runtime.block_on(plugin::check::check(&trial, each));
    Ok(())
}
