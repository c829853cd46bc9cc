//! What a rollback costs besides, in words: for panes, dialogs, verbs and plain mode. `engine::loss` knows.
//! The gravest comes first.

use crate::engine::loss::Loss;

/// A label and what it says, the gravest first.
pub fn lines(loss: &Loss) -> Vec<(&'static str, String)> {
    let never = loss.never.iter().map(|text| ("heed", format!("CANNOT GO BACK by what the catalogue says: {text}")));
    let notes = match (loss.notes.is_empty(), loss.never.is_empty()) {
        (false, _) => Some(loss.notes.join(" · ")),
        (true, true) => Some("nothing that the catalogue knows of".to_owned()),
        (true, false) => None,
    };
    let stay = (!loss.stay.is_empty()).then(|| format!("{}: they stand on what goes back", loss.stay.join(", ")));
    never.chain(notes.map(|text| ("loses", text))).chain(stay.map(|text| ("stays", text))).collect()
}

/// What is lost in one line, what cannot go back first; empty where nothing is said of it.
pub fn short(loss: &Loss) -> String {
    let never = loss.never.iter().map(|text| format!("CANNOT GO BACK: {text}"));
    never.chain(loss.notes.iter().cloned()).collect::<Vec<_>>().join(" · ")
}
