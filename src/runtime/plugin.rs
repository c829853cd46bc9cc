//! What the command line does with plugins outside a session: trust, try, serve as one.
//!
//! Nothing is journaled here, and no operation of a run is sent.

use crate::backend::launcher::Launcher;
use crate::backend::plugin::check::Trial;
use crate::backend::plugin::check::transcript::Transcript;
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

/// What is tried, and what becomes of its transcript.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// What it is told as its `config`, as JSON.
    pub config: Option<&'a str>,
    /// An operation that may really be performed, as JSON.
    pub operation: Option<&'a str>,
    /// Where the transcript is written to.
    pub record: Option<&'a Path>,
    /// The transcript that it is held against.
    pub against: Option<&'a Path>,
}

/// Tries a program against the protocol's page; `each` hears of every trial as it ends.
///
/// # Errors
/// What was given cannot be read, nothing can be started here, or the transcript cannot be written.
pub fn check(root: &Path, argv: Vec<String>, asked: Asked<'_>, each: impl FnMut(Tried)) -> Result<(), String> {
    let launcher = Launcher::ourselves().map_err(|e| format!("cannot tell which program this is: {e}"))?;
    let recorded = asked.against.map(recorded).transpose()?;
    let head = recorded.as_ref().map(|recorded| &recorded.head);
    let trial = Trial::new(root, argv, asked.config, asked.operation, head, launcher)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("cannot start a runtime: {e}"))?;
    let transcript = runtime.block_on(plugin::check::check(&trial, recorded.as_ref(), each));
    let Some(file) = asked.record else { return Ok(()) };
    std::fs::write(file, transcript.text())
        .map_err(|e| format!("the trials are over, but {} cannot be written: {e}", file.display()))
}

fn recorded(file: &Path) -> Result<Transcript, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    Transcript::read(&text).map_err(|e| format!("{} is no transcript of the kit: {e}", file.display()))
}
