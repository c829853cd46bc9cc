//! What makes a keymap unusable, and what is only worth knowing of it.
//!
//! Pure: it looks at lines and says which of them are at fault. Dialogs never
//! ask the keymap, so nothing here can make consent weaker.

use super::{Line, sequence::Sequence};
use crate::tui::action::{Action, Place, Reach, TABLE};
use crate::tui::terminal::{Code, Key};

/// A fault, and which line of those that were given has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The position of the line.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub help: String,
    /// Whether the keymap can be used all the same.
    pub slight: bool,
}

/// Every fault of lines that stand over each other as [`super::Keymap::of`] reads them.
pub fn faults(lines: &[Line]) -> Vec<Fault> {
    let standing = standing(lines);
    let mut all: Vec<Fault> = lines.iter().enumerate().filter_map(|(n, line)| of_keys(n, line)).collect();
    all.extend(lines.iter().enumerate().filter_map(|(n, line)| unreachable(n, line)));
    for (n, one) in standing.iter().enumerate() {
        all.extend(standing.iter().skip(n + 1).filter_map(|other| meeting(*one, *other)));
    }
    all.extend(without_keys(lines, &standing));
    all.sort_by_key(|fault| fault.line);
    all
}

type Numbered<'a> = (usize, &'a Line);

/// The lines that nothing later stands over, those that unbind left out.
fn standing(lines: &[Line]) -> Vec<Numbered<'_>> {
    let covered =
        |n: usize, line: &Line| lines.iter().skip(n + 1).any(|l| l.place == line.place && l.keys == line.keys);
    lines.iter().enumerate().filter(|(n, line)| line.action.is_some() && !covered(*n, line)).collect()
}

/// Two lines that cannot both be meant.
fn meeting((a, one): Numbered<'_>, (b, other): Numbered<'_>) -> Option<Fault> {
    if !one.place.meets(other.place) {
        return None;
    }
    // The line that someone wrote is at fault, not the one that ships.
    let (at, line, known) = if other.from.is_some() || one.from.is_none() { (b, other, one) } else { (a, one, other) };
    let (name, place) = (named(known), known.place.word());
    let what = if one.keys == other.keys {
        format!("`{}` means `{name}` in [{place}] already", line.keys)
    } else if one.keys.begins(&other.keys) || other.keys.begins(&one.keys) {
        let (short, long) = if one.keys.begins(&other.keys) { (one, other) } else { (other, one) };
        let (short_is, long_is) = (named(short), named(long));
        format!(
            "`{}` ({long_is}) can never be reached: it begins with `{}`, which is `{short_is}`",
            long.keys, short.keys
        )
    } else {
        return None;
    };
    let help = format!("take other keys, or unbind: [{place}] \"{}\" = \"\"", known.keys);
    Some(Fault { line: at, what, help, slight: false })
}

/// Keys that are not anyone's to give away, or that something on the way may take.
fn of_keys(n: usize, line: &Line) -> Option<Fault> {
    let fault = |what: String, help: &str, slight| Some(Fault { line: n, what, help: help.to_owned(), slight });
    let shipped = line.from.is_none();
    let action = line.action.map(Action::reach);
    let is = |code: Code| line.keys.keys().iter().any(|key| *key == Key::new(code));
    if line.keys.keys().contains(&Key::ctrl('c')) {
        return fault(
            "ctrl-c is reserved: it stops what cannot be stopped otherwise".into(),
            "take another key",
            false,
        );
    }
    if is(Code::Esc) && !(line.keys == Sequence::from(Key::new(Code::Esc)) && line.action == Some(Action::Back)) {
        return fault("esc is reserved: it closes, clears and drops, everywhere".into(), "take another key", false);
    }
    if is(Code::Enter) && (action.is_some_and(|reach| reach != Reach::View) || line.keys.keys().len() > 1) {
        return fault(
            "enter is reserved: it agrees in dialogs, and may never begin what it agrees to".into(),
            "take another key; outside dialogs enter may have an action that only looks",
            false,
        );
    }
    let taken = line.keys.keys().iter().find(|key| key.ctrl && "absqzhjkl".chars().any(|c| **key == Key::ctrl(c)));
    if let Some(key) = taken.filter(|_| line.action.is_some()) {
        let what = format!("{key} may never arrive: tmux, screen or the terminal's flow control take it");
        return fault(what, "take another key, or be sure of every terminal you sit at", !shipped);
    }
    None
}

/// An action bound where it does nothing.
fn unreachable(n: usize, line: &Line) -> Option<Fault> {
    let action = line.action?;
    let rows = || TABLE.iter().filter(move |row| row.action == action);
    if rows().any(|row| row.place == line.place || row.place == Place::Everywhere) {
        return None;
    }
    let row = rows().next()?;
    let what =
        format!("`{}` cannot be reached in [{}]: it acts in [{}] only", row.name, line.place.word(), row.place.word());
    Some(Fault { line: n, what, help: format!("write it under [{}]", row.place.word()), slight: false })
}

/// Actions that the lines have taken every key from.
fn without_keys<'a>(lines: &'a [Line], standing: &'a [Numbered<'a>]) -> impl Iterator<Item = Fault> + 'a {
    let left = |action: Action| standing.iter().any(|(_, line)| line.action == Some(action));
    let robbed = |row: &'static crate::tui::action::Binding| {
        let mine = |line: &Line| row.keys.iter().any(|k| k.parse() == Ok(line.keys.clone())) && line.place == row.place;
        lines.iter().enumerate().rev().find(|(_, line)| line.from.is_some() && mine(line)).map(|(n, _)| n)
    };
    TABLE.iter().filter(move |row| !row.keys.is_empty() && !left(row.action)).filter_map(move |row| {
        let line = robbed(row)?;
        let needed = matches!(row.action, Action::Palette | Action::Back | Action::Open);
        let (what, help) = match needed {
            true => (format!("nothing would mean `{}` any more", row.name), "give it another key first".to_owned()),
            false => (format!("`{}` has no key any more", row.name), format!(":{} still does it", row.name)),
        };
        Some(Fault { line, what, help, slight: !needed })
    })
}

fn named(line: &Line) -> &'static str {
    line.action.and_then(Action::binding).map_or("nothing", |row| row.name)
}
