//! A plan that somebody keeps elsewhere, as a runbook: a sheet in CSV, or a checklist in Markdown.
//!
//! Nothing is guessed that could be meant two ways, and nothing is dropped: what has no place of its own stays in the
//! instructions. Every step is a person's; what a backend could do of it is for whoever reads it through.

mod cells;
mod checklist;
mod columns;
mod runbook;
mod sheet;
mod tasks;

pub use columns::Field;
pub use runbook::Imported;

use super::moment;
use super::problem::{Problem, Problems};
use crate::domain::text::{harmless, shortened};
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;

/// At most so much is read.
pub const LIMIT: u64 = 8 * 1024 * 1024;

/// What the file does not say of itself.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The file, as it is named in mistakes.
    pub file: String,
    /// Which column is what, by its head.
    pub columns: BTreeMap<String, Field>,
    /// The head of columns that are left out.
    pub dropped: Vec<String>,
    /// Which role is meant by what stands there.
    pub roles: BTreeMap<String, String>,
    /// The zone of times that name none; the workspace's when empty.
    pub zone: String,
    /// Whether 01/02 is the first of February; none where nobody said.
    pub day_first: Option<bool>,
}

/// A file's name as that of a runbook.
pub fn runbook_name(stem: &str) -> String {
    tasks::mended(stem).to_lowercase()
}

/// Reads a file into a runbook.
///
/// # Errors
/// Every mistake of the file, with its line.
pub fn import(workspace: &Workspace, text: &str, told: &Told) -> Result<Imported, Problems> {
    let markdown = [".md", ".markdown"].iter().any(|end| told.file.to_lowercase().ends_with(end));
    let zone = if told.zone.is_empty() { &workspace.zone } else { &told.zone };
    moment::parse_zone(zone)
        .map_err(|wrong| Problems(vec![Problem::of_file(zone.as_str(), wrong.what, wrong.help)]))?;
    let table = if markdown { checklist::read(text, told) } else { sheet::read(text, told) };
    let read = table.and_then(|table| Ok((tasks::of(&table, told, zone)?, table)));
    let (list, table) = read.map_err(|problems| shown(problems, text))?;
    Ok(runbook::of(workspace, &table, list, told, zone))
}

/// Mistakes with the lines in which they are.
fn shown(mut problems: Problems, text: &str) -> Problems {
    for problem in &mut problems.0 {
        let line = problem.line.checked_sub(1).and_then(|n| text.lines().nth(n)).unwrap_or_default();
        problem.line_text = shortened(&harmless(line), 100);
        problem.span_len = problem.line_text.chars().count().max(1);
    }
    problems
}
