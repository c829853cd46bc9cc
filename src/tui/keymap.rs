//! Which key asks for which action, as data.
//!
//! Footer, help, palette and the documentation read it; nothing else knows a
//! key by name. A key is looked up for the places that are in focus, most
//! particular first, and two actions that could meet on one key are an error.

use super::action::{Action, Binding, Place, TABLE};
use super::terminal::Key;
use std::collections::BTreeMap;

/// Keys by place, checked for conflicts.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    keys: BTreeMap<(Place, Key), Action>,
}

/// Says why a keymap cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeymap {
    /// Two actions on one key in places that can be in focus together.
    #[error("key {0} means both `{1}` and `{2}`; give one of them another key")]
    Conflict(Key, &'static str, &'static str),
    /// A text that names no key.
    #[error("`{0}`: {1}")]
    NoSuchKey(&'static str, String),
    /// A key that other programs on the way would take, or that does harm by habit.
    #[error("key {0} of `{1}` is taken by terminals, tmux or screen; choose another")]
    Taken(Key, &'static str),
    /// An override for an action that there is not.
    #[error("there is no action `{0}`; `holdpoint keys` lists them")]
    NoSuchAction(String),
}

impl Keymap {
    /// The keymap that ships.
    ///
    /// # Errors
    /// Never for the table as it is; a test holds that.
    pub fn shipped() -> Result<Self, Vec<BadKeymap>> {
        Self::with(&[])
    }

    /// The keymap with the keys of some actions, by name, replaced.
    ///
    /// # Errors
    /// Every conflict, every key that is none and every unknown action at once.
    pub fn with(overrides: &[(String, Vec<Key>)]) -> Result<Self, Vec<BadKeymap>> {
        let mut wrong = Vec::new();
        for (name, _) in overrides {
            if TABLE.iter().all(|row| row.name != name) {
                wrong.push(BadKeymap::NoSuchAction(name.clone()));
            }
        }
        let mut all: Vec<(Key, &Binding)> = Vec::new();
        for row in TABLE {
            match overrides.iter().find(|(name, _)| name == row.name) {
                Some((_, keys)) => all.extend(keys.iter().map(|key| (*key, row))),
                None => all.extend(row.keys.iter().filter_map(|text| match text.parse::<Key>() {
                    Ok(key) => Some((key, row)),
                    Err(error) => {
                        wrong.push(BadKeymap::NoSuchKey(row.name, error.to_string()));
                        None
                    }
                })),
            }
        }
        wrong.extend(conflicts(&all));
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Self { keys: all.into_iter().map(|(key, row)| ((row.place, key), row.action)).collect() })
    }

    /// What a key asks for in these places, most particular first; everywhere is always added.
    pub fn action(&self, places: &[Place], key: Key) -> Option<Action> {
        let mut places = places.iter().copied().chain([Place::Everywhere]);
        places.find_map(|place| self.keys.get(&(place, key)).copied())
    }

    /// The keys of an action, in order.
    pub fn keys_of(&self, action: Action) -> impl Iterator<Item = Key> + '_ {
        self.keys.iter().filter(move |(_, known)| **known == action).map(|((_, key), _)| *key)
    }
}

/// Every pair of actions that could meet on one key, and every key that is not ours to take.
pub fn conflicts(all: &[(Key, &'static Binding)]) -> Vec<BadKeymap> {
    let mut wrong = Vec::new();
    for (n, (key, row)) in all.iter().enumerate() {
        let taken = key.ctrl && "abjhklqsz".chars().any(|c| *key == Key::ctrl(c));
        if taken {
            wrong.push(BadKeymap::Taken(*key, row.name));
        }
        for (other_key, other) in all.iter().skip(n + 1) {
            if key == other_key && row.place.meets(other.place) {
                wrong.push(BadKeymap::Conflict(*key, row.name, other.name));
            }
        }
    }
    wrong
}
