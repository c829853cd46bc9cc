//! What changed here and upstream in the last hours, likeliest first.
//!
//! Of the runs that the ledger keeps; the verb `changes` reads the whole journal.

use super::part::{Part, Row};
use crate::domain::span::Span;
use crate::engine::ailing::Ail;
use crate::engine::changes::{Asked, Change, Deeds, Origin, changes, upstream};
use crate::report::changes as words;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::table::Column;

/// How far back it looks.
const BACK: Span = Span::mins(6 * 60);

const COLUMNS: &[Column] =
    &[Column::numbers(6), Column::rest(30), Column::words(8).optional(1), Column::words(16).optional(2)];

/// The part that says what changed.
pub fn part(view: &View<'_>, bad: &[Ail<'_>]) -> Part {
    let all = found(view, bad);
    let mut rows: Vec<Row> = all.iter().map(|change| row(view, change)).collect();
    let right = if all.len() > 1 { "likeliest first".to_owned() } else { String::new() };
    if rows.is_empty() {
        let text = "nothing that the journal or a backend knows of; `holdpoint changes SERVICE` looks further back";
        rows.push(Row::text(Role::Dim, text));
    }
    let title = format!("what changed here and upstream, {}h", BACK.as_secs() / 3600);
    Part { title, right, columns: COLUMNS, rows, least: 3, ..Part::default() }
}

/// Of the worst signal's service; of everything that is bad where that is several.
fn found(view: &View<'_>, bad: &[Ail<'_>]) -> Vec<Change> {
    let given = view.given();
    let deeds = Deeds::of(&view.model.ledger);
    let since = view.now - BACK.delta();
    let mut all: Vec<Change> = Vec::new();
    let mut places: Vec<_> = bad.iter().map(|ail| (&ail.signal.service, ail.environment)).collect();
    // Where nothing is bad (any more), what our own runs touched is what one asks about.
    if places.is_empty() {
        let changed = view.model.ledger.runs.values().flat_map(|run| &run.changed);
        places.extend(changed.map(|change| (&change.service, &change.environment)));
    }
    for (service, place) in places {
        let near = upstream(&view.model.workspace, service);
        let mine = bad.iter().filter(|b| b.environment == place && near.contains_key(&b.signal.service));
        let first_bad = mine.filter_map(|b| b.since).min();
        let here = changes(&given, &deeds, &Asked { service, environment: Some(place), since, first_bad });
        for change in here {
            let same = |c: &&mut Change| {
                c.origin == change.origin && c.service == change.service && c.environment == change.environment
            };
            match all.iter_mut().find(same) {
                Some(known) if known.score < change.score => *known = change,
                Some(_) => {}
                None => all.push(change),
            }
        }
    }
    all.sort_by(|a, b| b.score.cmp(&a.score).then(b.at.cmp(&a.at)));
    all
}

fn row(view: &View<'_>, change: &Change) -> Row {
    let [at, what, by, origin] = words::row(change, view.now);
    let role = if matches!(change.origin, Origin::Outside(_)) { Role::Warn } else { Role::Dim };
    Row(vec![(Role::Text, at), (Role::Text, what), (Role::Dim, by), (role, origin)])
}
