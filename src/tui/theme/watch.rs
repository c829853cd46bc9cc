//! Looking at the files of themes, so that a change is taken up while running.
//!
//! It says which files those are; how they are looked at is [`crate::tui::watch`]'s.

use super::collection::{Themes, files};
use crate::tui::watch::{self, Watched};
use std::path::PathBuf;

/// Reads all themes at the first look and when a file has changed, and tells them; `tell` returns whether
/// somebody listens.
pub fn watched(dir: Option<PathBuf>, also: Option<PathBuf>, tell: impl Fn(Themes) -> bool + Send + 'static) -> Watched {
    let (all, one) = (dir.clone(), also.clone());
    let those = move || files(all.as_deref()).into_iter().chain(one.clone()).collect();
    watch::watched(those, move || Themes::read(dir.as_deref(), also.as_deref()), tell)
}
