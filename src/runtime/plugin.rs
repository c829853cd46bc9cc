//! What the command line does with plugins outside a session: trust one, serve a backend as one.
//!
//! Nothing is journaled here, and no operation of a run is sent.

use crate::backend::launcher::Launcher;
pub use crate::backend::plugin::trust::{LOCK, Pinned, trust};
use crate::backend::{plugin, registry};
use crate::domain::workspace::Workspace;

/// Serves one of the workspace's backends over standard input and output.
///
/// # Errors
/// There is no such backend, or this process was not started as a plugin.
pub fn serve(workspace: &Workspace, name: &str) -> Result<(), String> {
    let launcher = Launcher::ourselves().map_err(|e| format!("cannot tell which program this is: {e}"))?;
    let backend = registry::open(workspace, launcher).remove(name);
    plugin::serve(backend.ok_or_else(|| format!("there is no backend {name}"))?)
}
