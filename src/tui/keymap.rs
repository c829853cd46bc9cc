//! Which keys ask for which action, as data.
//!
//! Footer, help, palette and the documentation read it; nothing else knows a
//! key by name. Keys are looked up for the places that are in focus, most
//! particular first. What ships can be overlaid by files; actions that could
//! meet on one sequence are an error.

pub mod check;
pub mod files;
pub mod keys;
pub mod overlay;
pub mod sequence;

use super::action::{Action, Place, TABLE};
use super::terminal::Key;
use sequence::Sequence;
use std::collections::BTreeMap;
use std::ops::Range;

/// Sequences of keys by place, checked for conflicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    keys: BTreeMap<(Place, Sequence), Action>,
    /// The same the other way round, in the same order.
    actions: BTreeMap<Action, Vec<(Place, Sequence)>>,
}

/// One line of a keymap: what a sequence means in a place, and where that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where the keys act.
    pub place: Place,
    /// The keys.
    pub keys: Sequence,
    /// What they ask for; nothing when they are to do nothing.
    pub action: Option<Action>,
    /// The overlay that says so and the bytes there; none for what ships.
    pub from: Option<(usize, Range<usize>)>,
}

/// What keys mean so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An action.
    Action(Action),
    /// The beginning of longer sequences: what may follow, and what it asks for.
    Begun(Vec<(Sequence, Action)>),
    /// Nothing.
    Nothing,
}

impl Keymap {
    /// The keymap that ships; without faults, a test holds that.
    pub fn shipped() -> Self {
        Self::of(&Self::lines())
    }

    /// The lines of the table of actions.
    pub fn lines() -> Vec<Line> {
        let keyed = TABLE.iter().flat_map(|row| row.keys.iter().map(move |keys| (row, keys)));
        let line = |(row, keys): (&super::action::Binding, &&str)| {
            let keys = keys.parse().ok()?;
            Some(Line { place: row.place, keys, action: Some(row.action), from: None })
        };
        keyed.filter_map(line).collect()
    }

    /// The keymap of lines; a later one stands over an earlier one for the same keys in the same place.
    pub fn of(lines: &[Line]) -> Self {
        let mut keys = BTreeMap::new();
        for line in lines {
            let at = (line.place, line.keys.clone());
            match line.action {
                Some(action) => drop(keys.insert(at, action)),
                None => drop(keys.remove(&at)),
            }
        }
        let mut actions = BTreeMap::<Action, Vec<_>>::new();
        for (at, action) in &keys {
            actions.entry(*action).or_default().push(at.clone());
        }
        Self { keys, actions }
    }

    /// What keys ask for in these places, most particular first; everywhere is always added.
    pub fn action(&self, places: &[Place], keys: impl AsRef<[Key]>) -> Option<Action> {
        match self.found(places, keys.as_ref()) {
            Found::Action(action) => Some(action),
            Found::Begun(_) | Found::Nothing => None,
        }
    }

    /// What keys mean so far in these places.
    pub fn found(&self, places: &[Place], keys: &[Key]) -> Found {
        let begin = Sequence::begun(keys);
        // What begins with these keys stands together, they themselves first.
        let of = |place: Place| {
            let from = self.keys.range((place, begin.clone())..);
            from.take_while(move |((of, known), _)| *of == place && known.keys().starts_with(keys))
        };
        let places = || places.iter().copied().chain([Place::Everywhere]);
        let exact = |place| of(place).next().filter(|((_, known), _)| known.keys() == keys);
        if let Some((_, action)) = places().find_map(exact) {
            return Found::Action(*action);
        }
        let begun: Vec<_> = places().flat_map(of).map(|((_, keys), action)| (keys.clone(), *action)).collect();
        if begun.is_empty() { Found::Nothing } else { Found::Begun(begun) }
    }

    /// The sequences of an action, in order.
    pub fn keys_of(&self, action: Action) -> impl Iterator<Item = &Sequence> + '_ {
        self.actions.get(&action).into_iter().flatten().map(|(_, keys)| keys)
    }

    /// The sequences of an action in one place, in order.
    pub fn keys_in(&self, place: Place, action: Action) -> impl Iterator<Item = &Sequence> + '_ {
        let known = self.actions.get(&action).into_iter().flatten();
        known.filter(move |(of, _)| *of == place).map(|(_, keys)| keys)
    }

    /// Every line of it.
    pub fn iter(&self) -> impl Iterator<Item = (Place, &Sequence, Action)> {
        self.keys.iter().map(|((place, keys), action)| (*place, keys, *action))
    }
}
