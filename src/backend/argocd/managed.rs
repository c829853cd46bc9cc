//! A resource as Argo CD compares it: what is live, and what a sync would make of it.
//!
//! Pure. A hook is no part of what is compared.

use super::json::{named, text};
use serde_json::Value;

/// An item of `…/managed-resources`.
pub struct Managed {
    /// The resource as people write it.
    pub name: String,
    /// What is live, without what does not count; null where nothing is.
    pub live: Value,
    /// What a sync would make of it; null where git has nothing.
    pub wanted: Value,
}

impl Managed {
    /// Reads an item; none of a hook.
    pub fn read(item: &Value) -> Option<Self> {
        if item.get("hook") == Some(&Value::Bool(true)) {
            return None;
        }
        let (live, wanted) = (state(item, "/normalizedLiveState"), state(item, "/predictedLiveState"));
        Some(Self { name: named(item), live, wanted })
    }
}

/// One of its states, which are JSON in a text; null where it is missing or cannot be read.
pub fn state(item: &Value, key: &str) -> Value {
    serde_json::from_str(text(item, key)).unwrap_or_default()
}
