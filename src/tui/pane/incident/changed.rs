//! What changed here and upstream in the last hours, likeliest first.
//!
//! Of the runs that the ledger keeps; the verb `changes` reads the whole journal.

use super::part::{Part, Row};
use crate::engine::changes::{Change, Origin};
use crate::report::changes as words;
use crate::tui::model::changed::BACK;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::table::Column;

const COLUMNS: &[Column] =
    &[Column::numbers(6), Column::rest(30), Column::words(8).optional(1), Column::words(16).optional(2)];

/// The part that says what changed.
pub fn part(view: &View<'_>) -> Part {
    let all = view.model.changed();
    let mut rows: Vec<Row> = all.iter().map(|change| row(view, change)).collect();
    let right = if all.len() > 1 { "likeliest first".to_owned() } else { String::new() };
    if rows.is_empty() {
        let text = "nothing that the journal or a backend knows of; `holdpoint changes SERVICE` looks further back";
        rows.push(Row::text(Role::Dim, text));
    }
    let title = format!("what changed here and upstream, {}h", BACK.as_secs() / 3600);
    Part { title, right, columns: COLUMNS, rows, least: 3, ..Part::default() }
}

fn row(view: &View<'_>, change: &Change) -> Row {
    let [at, what, by, origin] = words::row(change, view.now);
    let role = if matches!(change.origin, Origin::Outside(_)) { Role::Warn } else { Role::Dim };
    Row(vec![(Role::Text, at), (Role::Text, what), (Role::Dim, by), (role, origin)])
}
