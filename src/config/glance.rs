//! A glance at a workspace, for the first picture: its name and what it is for.
//!
//! It checks nothing and never fails; what cannot be read is named by its
//! directory and taken seriously. The whole is read by `load`.

use super::FILE;
use crate::domain::text::visible;
use crate::domain::workspace::Purpose;
use std::path::Path;

/// The name of the workspace in `root`, and how seriously it is to be taken.
pub fn glance(root: &Path) -> (String, Purpose) {
    let text = std::fs::read_to_string(root.join(FILE)).unwrap_or_default();
    let file: toml::Table = text.parse().unwrap_or_default();
    let about = |key: &str| file.get("workspace").and_then(|w| w.get(key)).and_then(toml::Value::as_str);
    let directory = || root.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = about("name").map(str::to_owned).or_else(directory).unwrap_or_default();
    let purpose = match about("purpose") {
        Some("demo") => Purpose::Demo,
        Some("rehearsal") => Purpose::Rehearsal,
        _ => Purpose::Real,
    };
    (visible(&name), purpose)
}
