//! What follows from a value alone and is dear to find, kept beside it.
//!
//! It is no part of the value: never written, never compared. Whoever changes the value puts a new one in its place.

use std::fmt;
use std::sync::OnceLock;

/// A result that is found when it is first asked for.
#[derive(Clone)]
pub struct Memo<T>(OnceLock<T>);

impl<T> Memo<T> {
    /// What was found, or is found now.
    pub fn get(&self, find: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(find)
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> PartialEq for Memo<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Memo<T> {}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}
