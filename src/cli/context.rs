//! Where a verb acts: the workspace, its state directory, and who sits here.
//!
//! Read once at the start of a verb. It opens no journal and no session.

use super::args::Global;
use super::outcome::Failure;
use crate::config;
use crate::domain::session::Origin;
use crate::domain::workspace::Workspace;
use crate::journal::Access;
use crate::runtime::clock::now;
use crate::runtime::identity;
use std::path::{Path, PathBuf};

/// A workspace that was read, and where its state lies.
pub struct Context {
    /// The options of every verb.
    pub global: Global,
    /// What people declared.
    pub workspace: Workspace,
    /// The state directory.
    pub state: PathBuf,
}

impl Context {
    /// Finds and reads the workspace.
    pub fn open(global: &Global) -> Result<Self, Failure> {
        let root = root(global)?;
        let loaded = config::load(&root, now()).map_err(|problems| Failure::usage(problems.to_string()))?;
        Self::of(global, loaded.workspace)
    }

    /// The context of a workspace that was read already.
    pub fn of(global: &Global, workspace: Workspace) -> Result<Self, Failure> {
        let nowhere = "cannot tell where the state lies: neither HOME nor XDG_STATE_HOME is set; give --state DIR";
        let state =
            global.state.clone().or_else(|| config::state_dir(&workspace)).ok_or_else(|| Failure::usage(nowhere))?;
        Ok(Self { global: global.clone(), workspace, state })
    }

    /// Who may read and write the state directory.
    pub fn access(&self) -> Access {
        match (&self.workspace.state_dir, &self.global.state) {
            (Some(_), None) => Access::Shared,
            _ => Access::Private,
        }
    }

    /// Describes this process as a session that runs `program`.
    pub fn origin(&self, program: &str) -> Result<Origin, Failure> {
        identity::origin(&self.workspace, self.global.person.as_deref(), program)
            .map_err(|stranger| Failure::usage(stranger.to_string()))
    }
}

/// The directory with `holdpoint.toml`, from `-C` or upwards from here.
pub fn root(global: &Global) -> Result<PathBuf, Failure> {
    let start = match &global.directory {
        Some(dir) => dir.clone(),
        None => std::env::current_dir().map_err(|e| Failure::usage(format!("cannot tell where I stand: {e}")))?,
    };
    let missing = |start: &Path| {
        format!(
            "there is no holdpoint.toml in {} or above it; make a workspace with `holdpoint init`, or name one with -C DIR",
            start.display()
        )
    };
    config::find(&start).ok_or_else(|| Failure::usage(missing(&start)))
}

/// Refuses a name that is not declared, with those that are.
pub fn known<'a>(is: bool, what: &str, name: &str, all: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    if is {
        return Ok(());
    }
    let all: Vec<&str> = all.collect();
    let near = config::nearest::nearest(name, all.iter().copied()).map(|near| format!("; did you mean {near:?}?"));
    let there = if all.is_empty() { "none is declared".to_owned() } else { format!("there are {}", all.join(", ")) };
    Err(Failure::usage(format!("there is no {what} {name}{}", near.unwrap_or_else(|| format!("; {there}")))))
}
