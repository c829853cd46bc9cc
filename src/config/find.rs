//! Where a workspace is, and where its state lies.
//!
//! It looks and names; nothing is read and nothing is made.

use super::FILE;
use crate::domain::workspace::Workspace;
use std::path::{Path, PathBuf};

/// Looks upwards from `start` for the directory that holds `holdpoint.toml`.
pub fn find(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    start.ancestors().find(|dir| dir.join(FILE).is_file()).map(Path::to_path_buf)
}

/// The directory of the workspace's state: the one it declares, else the
/// user's own, named by the workspace's id. None when the user has no home.
pub fn state_dir(workspace: &Workspace) -> Option<PathBuf> {
    if let Some(dir) = &workspace.state_dir {
        return Some(dir.clone());
    }
    let dirs = directories::ProjectDirs::from("", "", "holdpoint")?;
    Some(dirs.state_dir()?.join(&workspace.id))
}

/// The directory of what a user keeps for all workspaces: settings and themes.
/// None when the user has no home.
pub fn user_dir() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "holdpoint")?.config_dir().to_path_buf())
}
