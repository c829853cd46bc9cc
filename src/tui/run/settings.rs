//! How a user wants the screens to behave: `[screens]` in `config.toml` of their own
//! directory.
//!
//! It reads that one table; everything else in the file is others'.

use crate::config::{Problem, Source};
use crate::tui::theme::user::Place;
use std::ops::Range;
use toml::de::DeTable;

/// Reads whether the mouse is to be reported; it is not, unless the file says so.
///
/// # Errors
/// When the table has a mistake, with its place.
pub fn read(place: &Place) -> Result<bool, Box<Problem>> {
    let Some(path) = place.file() else { return Ok(false) };
    let Some(source) = Source::read(&path, &path.to_string_lossy())? else { return Ok(false) };
    let problem = |at: Range<usize>, what: &str, help: &str| Box::new(source.problem(at, what, Some(help.to_owned())));
    let table =
        DeTable::parse(&source.text).map_err(|e| problem(e.span().unwrap_or(0..0), e.message(), "mend the file"))?;
    let Some(screens) = table.get_ref().get("screens") else { return Ok(false) };
    let Some(keys) = screens.get_ref().as_table() else {
        return Err(problem(screens.span(), "no table", "write [screens] and below it mouse = true"));
    };
    let mut mouse = false;
    for (key, value) in keys {
        match (key.get_ref().as_ref(), value.get_ref().as_bool()) {
            ("mouse", Some(on)) => mouse = on,
            ("mouse", None) => return Err(problem(value.span(), "neither true nor false", "write true or false")),
            _ => return Err(problem(key.span(), "no setting of [screens]", "there is mouse")),
        }
    }
    Ok(mouse)
}
