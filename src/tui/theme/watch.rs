//! Looking at the files of themes, so that a change is taken up while running.
//!
//! It says which files those are; how they are looked at is [`crate::tui::watch`]'s.

use super::collection::{Themes, files};
use crate::tui::watch;
use std::io;
use std::path::PathBuf;

/// Reads all themes now and whenever a file changes, and tells them until nobody
/// listens; `tell` returns whether somebody does.
///
/// # Errors
/// When the thread cannot be started.
pub fn watch(
    dir: Option<PathBuf>,
    also: Option<PathBuf>,
    tell: impl Fn(Themes) -> bool + Send + 'static,
) -> io::Result<()> {
    let (all, one) = (dir.clone(), also.clone());
    let watched = move || files(all.as_deref()).into_iter().chain(one.clone()).collect();
    watch::watch("themes", watched, move || Themes::read(dir.as_deref(), also.as_deref()), tell)
}
