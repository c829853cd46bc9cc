//! What a change of ours leaves in `kubernetes.io/change-cause`: its key, what was asked for, and who asked.
//!
//! Pure. An operation is found again by the beginning of it, so that the person stands at its end. Anybody may write
//! such a text: whether it is believed is for `writer` to judge.

use super::history::CAUSE;
use super::lock;
use super::object::annotation;
use crate::domain::journal_id::Key;
use crate::domain::name::PersonName;
use crate::domain::operation::{Operation, Verb};
use serde_json::Value;

/// What a cause of ours begins with.
const OURS: &str = "holdpoint ";
/// What stands before the person.
const BY: &str = " by ";
/// The longest name of a person, in characters.
const LONG: usize = 64;

/// Who asks for it, and by which key; neither where it is only looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker<'a> {
    /// The key of the operation.
    pub key: Option<&'a Key>,
    /// The person by whose word it is done, where that is known.
    pub by: Option<&'a PersonName>,
}

/// What is said of an operation; the key is how a probe finds it again.
pub fn cause(operation: &Operation, asker: Asker<'_>) -> String {
    let key = asker.key.map_or("{key}".to_owned(), Key::to_string);
    let to = operation.args.get("to").or_else(|| operation.args.get("version")).cloned().unwrap_or_default();
    let said = format!("{OURS}{key}: {} {to}", operation.verb);
    match asker.by.map(|by| plain(by.as_str())).filter(|by| !by.is_empty()) {
        Some(by) => format!("{}{BY}{by}", said.trim_end()),
        None => said.trim_end().to_owned(),
    }
}

/// What a cause begins with that an operation of this key has left.
pub fn mark(verb: Verb, key: &Key) -> String {
    format!("{OURS}{key}: {verb}")
}

/// Whether an operation of this key has left its mark on a workload.
pub fn marked(object: &Value, verb: Verb, key: &Key) -> bool {
    annotation(object, CAUSE).is_some_and(|cause| cause.starts_with(&mark(verb, key)))
}

/// The steps of a patch that leave a cause.
pub fn marking(object: &Value, cause: &str) -> Vec<Value> {
    lock::noting(object, "/metadata/annotations", CAUSE, cause)
}

/// The verb and the person that a text names which has the form of ours.
pub fn person(cause: &str) -> Option<(&str, &str)> {
    let (_, said) = cause.strip_prefix(OURS)?.split_once(": ")?;
    let (done, by) = said.rsplit_once(BY)?;
    let named = !by.is_empty() && by.len() <= LONG && by.chars().all(fits);
    named.then(|| (done.split(' ').next().unwrap_or_default(), by))
}

/// A name as it is written: one short word, which can hold nothing else.
fn plain(name: &str) -> String {
    name.chars().take(LONG).map(|c| if fits(c) { c } else { '_' }).collect()
}

fn fits(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._@+-".contains(c)
}
