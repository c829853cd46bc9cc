//! The file of a keymap of one's own: a table for each place, keys on the left,
//! the action's name on the right; an empty name unbinds.
//!
//! One mistake makes the whole file unusable; all of them are said at once, with
//! line and column.

use super::check::{Fault, faults};
use super::sequence::Sequence;
use super::{Keymap, Line};
use crate::config::{Problem, Source, nearest};
use crate::tui::action::{Action, Binding, Place, TABLE};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The largest file that is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// A keymap made of files, and what is worth knowing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlaid {
    /// The keymap.
    pub keymap: Keymap,
    /// What is no mistake and may still surprise.
    pub warnings: Vec<Problem>,
}

/// Lays files over the keymap that ships, the last on top.
///
/// # Errors
/// Every mistake of every file, in the order of files and lines.
pub fn overlay(sources: &[Source]) -> Result<Overlaid, Vec<Problem>> {
    let (mut lines, mut wrong) = (Keymap::lines(), Vec::new());
    for (n, source) in sources.iter().enumerate() {
        match read(n, source) {
            Ok(more) => lines.extend(more),
            Err(problems) => wrong.extend(problems),
        }
    }
    // What cannot be read would be said twice, as what it leaves unbound.
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let problem = |fault: &Fault| {
        let (n, at) = lines.get(fault.line)?.from.clone()?;
        Some(sources.get(n)?.problem(at, &fault.what, Some(fault.help.clone())))
    };
    let found = faults(&lines);
    let (slight, grave): (Vec<_>, Vec<_>) = found.iter().partition(|fault| fault.slight);
    let wrong: Vec<_> = grave.into_iter().filter_map(problem).collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Overlaid { keymap: Keymap::of(&lines), warnings: slight.into_iter().filter_map(problem).collect() })
}

fn read(n: usize, source: &Source) -> Result<Vec<Line>, Vec<Problem>> {
    let problem = |at: Range<usize>, what: &str, help: Option<String>| source.problem(at, what, help);
    if source.text.len() > LARGEST {
        let what = format!("is larger than {} KiB", LARGEST / 1024);
        return Err(vec![Problem::of_file(source.name.as_str(), what, None)]);
    }
    let table = DeTable::parse(&source.text).map_err(|e| {
        vec![problem(e.span().unwrap_or(0..0), e.message(), Some("a key stands once in a place".into()))]
    })?;
    let (mut lines, mut wrong) = (Vec::<Line>::new(), Vec::new());
    for (name, value) in table.get_ref() {
        let place = Place::ALL.into_iter().find(|place| place.word() == name.get_ref().as_ref());
        let (Some(place), DeValue::Table(keys)) = (place, value.get_ref()) else {
            wrong.push(problem(name.span(), &no_place(name.get_ref()), place_help(name.get_ref())));
            continue;
        };
        // A table comes in the order of its keys; what stands twice is wrong where it stands again.
        let mut keys: Vec<_> = keys.iter().collect();
        keys.sort_by_key(|(keys, _)| keys.span().start);
        for (keys, action) in keys {
            match line(place, keys.get_ref(), action.get_ref()) {
                Ok((sequence, action)) => {
                    if lines.iter().any(|l| l.place == place && l.keys == sequence) {
                        let what = format!("`{sequence}` stands in [{}] twice", place.word());
                        wrong.push(problem(keys.span(), &what, Some("keep one of the two".to_owned())));
                    }
                    lines.push(Line { place, keys: sequence, action, from: Some((n, keys.span())) });
                }
                Err((on_keys, what, help)) => {
                    wrong.push(problem(if on_keys { keys.span() } else { action.span() }, &what, help));
                }
            }
        }
    }
    // Tables come in the order of their names.
    wrong.sort_by_key(|p| (p.line, p.column));
    if wrong.is_empty() { Ok(lines) } else { Err(wrong) }
}

/// Whether it is the keys that are wrong, what is, and what helps.
type Wrong = (bool, String, Option<String>);

/// Keys and action of a line; the error says whether the keys are wrong, what, and what helps.
fn line(place: Place, keys: &str, action: &DeValue<'_>) -> Result<(Sequence, Option<Action>), Wrong> {
    let sequence: Sequence = keys.parse().map_err(|e: super::sequence::NoSequence| {
        let names = crate::tui::terminal::key_names().chain(["ctrl-x", "alt-x", "shift-tab"]);
        (true, e.to_string(), keys.split_whitespace().find_map(|word| near(word, names.clone())))
    })?;
    let DeValue::String(name) = action else {
        return Err((false, "no name of an action".to_owned(), Some("write \"start\", or \"\" to unbind".to_owned())));
    };
    if name.is_empty() {
        return Ok((sequence, None));
    }
    // An action may have a name for each place.
    let rows = || TABLE.iter().filter(|row| row.name == name.as_ref());
    let row: Option<&Binding> = rows().find(|row| row.place == place).or_else(|| rows().next());
    match row {
        Some(row) => Ok((sequence, Some(row.action))),
        None => {
            let help = nearest::help(name, "`holdpoint keys` lists the actions", TABLE.iter().map(|row| row.name));
            Err((false, format!("there is no action `{name}`"), help))
        }
    }
}

fn near<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest::nearest(word, names).map(|name| format!("did you mean {name:?}?"))
}

fn no_place(name: &str) -> String {
    match name {
        "dialog" => "keys of dialogs cannot be changed: what agrees to something is the same everywhere".to_owned(),
        _ => format!("there is no place `{name}`"),
    }
}

fn place_help(name: &str) -> Option<String> {
    if name == "dialog" { None } else { nearest::help(name, "the places are", Place::ALL.iter().map(|p| p.word())) }
}
