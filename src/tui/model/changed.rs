//! What changed at what is bad and upstream of it in the last hours, likeliest first.
//!
//! The incident screen alone shows it, and gathering it takes long: it is worked out when somebody
//! first looks after something has moved, and not again for every picture.

use crate::domain::span::Span;
use crate::engine::Given;
use crate::engine::ailing::ailing;
use crate::engine::changes::{Asked, Change, Deeds, changes, upstream};

/// How far back it looks.
pub const BACK: Span = Span::mins(6 * 60);

/// Of the worst signal's service; of everything that is bad where that is several.
pub fn changed(given: &Given<'_>) -> Vec<Change> {
    let bad = ailing(given);
    let deeds = Deeds::of(given.ledger);
    let since = given.now - BACK.delta();
    let mut all: Vec<Change> = Vec::new();
    let mut places: Vec<_> = bad.iter().map(|ail| (&ail.signal.service, ail.environment)).collect();
    // Where nothing is bad (any more), what our own runs touched is what one asks about.
    if places.is_empty() {
        let changed = given.ledger.runs.values().flat_map(|run| &run.changed);
        places.extend(changed.map(|change| (&change.service, &change.environment)));
    }
    for (service, place) in places {
        let near = upstream(given.workspace, service);
        let mine = bad.iter().filter(|b| b.environment == place && near.contains_key(&b.signal.service));
        let first_bad = mine.filter_map(|b| b.since).min();
        let here = changes(given, &deeds, &Asked { service, environment: Some(place), since, first_bad });
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
