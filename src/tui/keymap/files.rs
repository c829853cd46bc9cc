//! The files that lie over the keymap: the workspace's, and on top the user's own.
//!
//! Neither has to be there. Reading them changes nothing; the loop decides what
//! becomes of what they say.

use super::overlay::{Overlaid, overlay};
use crate::config::{Problem, Source};
use std::path::{Path, PathBuf};

/// The file's name, in a workspace and in the user's own directory.
pub const FILE: &str = "keys.toml";

/// Where keymaps are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(pub Vec<PathBuf>);

impl Files {
    /// The files of a workspace and of a user, as far as there are such places.
    pub fn of(workspace: Option<&Path>, user: Option<&Path>) -> Self {
        Self(workspace.into_iter().chain(user).map(|dir| dir.join(FILE)).collect())
    }

    /// Reads those that are there and lays them over what ships.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn read(&self) -> Result<Overlaid, Vec<Problem>> {
        let (mut sources, mut wrong) = (Vec::new(), Vec::new());
        for path in &self.0 {
            match Source::read(path, &path.to_string_lossy()) {
                Ok(source) => sources.extend(source),
                Err(problem) => wrong.push(*problem),
            }
        }
        if wrong.is_empty() { overlay(&sources) } else { Err(wrong) }
    }
}
