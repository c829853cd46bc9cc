//! The keymap in use, and its keys as the screens name them.
//!
//! No text on a screen knows a key by itself: it asks here, so that keys which
//! were moved or taken away are named as they are.

use super::Keymap;
use super::sequence::Sequence;
use crate::tui::action::{Action, TABLE};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

static SHIPPED: LazyLock<Arc<Keymap>> = LazyLock::new(|| Arc::new(Keymap::shipped()));

/// The keymap in use; what ships unless something else was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys(Arc<Keymap>);

impl Default for Keys {
    fn default() -> Self {
        Self(Arc::clone(&SHIPPED))
    }
}

impl From<Keymap> for Keys {
    fn from(keymap: Keymap) -> Self {
        Self(Arc::new(keymap))
    }
}

impl Deref for Keys {
    type Target = Keymap;

    fn deref(&self) -> &Keymap {
        &self.0
    }
}

impl Keys {
    /// The key of an action, as one presses it; the line of the palette where it has none.
    pub fn of(&self, action: Action) -> String {
        match self.first(action) {
            Some(keys) => keys.to_string(),
            None => self.line(action.binding().map_or("", |row| row.name)),
        }
    }

    /// A line of the palette with the key that opens it: `:arm`.
    pub fn line(&self, text: &str) -> String {
        match self.first(Action::Palette).map(ToString::to_string) {
            Some(key) if key != ":" => format!("{key} {text}"),
            _ => format!(":{text}"),
        }
    }

    /// The keys that move the hand: `up and down`.
    pub fn moving(&self) -> String {
        format!("{} and {}", self.of(Action::Up), self.of(Action::Down))
    }

    /// The first of the shipped keys that still means it, else any other.
    fn first(&self, action: Action) -> Option<&Sequence> {
        let shipped = TABLE.iter().filter(|row| row.action == action).flat_map(|row| row.keys);
        let mut shipped = shipped.filter_map(|keys| keys.parse::<Sequence>().ok());
        let kept = shipped.find_map(|keys| self.keys_of(action).find(|known| **known == keys));
        kept.or_else(|| self.keys_of(action).next())
    }
}
