//! Manifests as a snapshot keeps them: without what looks like a secret, and no longer than tells.
//!
//! Pure but for the record that it writes to.

use super::super::super::hide::hide;
use super::super::super::record::Record;
use super::super::answer::line;
use crate::domain::text::visible_lines;
use serde_json::Value;

/// How much of one manifest is kept: one that is full of something else must not keep out all the rest.
const LONGEST: usize = 128 << 10;

/// Keeps an object, without what looks like a secret. Gives whether it is kept, and how many bytes
/// of its end were left out.
pub fn keep(record: &mut Record, what: &str, object: &Value) -> (bool, usize) {
    let mut object = object.clone();
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    hide(&mut object);
    let shown = visible_lines(&serde_json::to_string_pretty(&object).unwrap_or_default());
    let at = (0..=LONGEST.min(shown.len())).rev().find(|n| shown.is_char_boundary(*n)).unwrap_or(0);
    let (kept, left) = shown.split_at_checked(at).unwrap_or((&shown, ""));
    let end = if left.is_empty() { String::new() } else { format!("\n(left out: {} more bytes of it)", left.len()) };
    (record.keep(&format!("--- {}\n{kept}{end}\n", line(what))), left.len())
}
