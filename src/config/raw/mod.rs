//! The files as they are written: shapes and nothing else.
//!
//! Doc comments here are the descriptions of the JSON Schemas. Where keys
//! depend on a word of the same table (`kind`, `of`), one list says which.

pub mod calendar;
pub mod deployed_by;
pub mod policy;
pub mod runbook;
pub mod secret;
pub mod services;
pub mod signals;
pub mod workspace;

use schemars::Schema;
use serde_json::{Map, Value, json};

/// A file as it is written.
pub trait Filed {
    /// The word of its kind.
    const KIND: &'static str;
}

impl Filed for workspace::WorkspaceFile {
    const KIND: &'static str = "workspace";
}

impl Filed for services::ServicesFile {
    const KIND: &'static str = "services";
}

impl Filed for signals::SignalsFile {
    const KIND: &'static str = "signals";
}

impl Filed for calendar::CalendarFile {
    const KIND: &'static str = "calendar";
}

impl Filed for policy::PolicyFile {
    const KIND: &'static str = "policy";
}

impl Filed for runbook::RunbookFile {
    const KIND: &'static str = "runbook";
}

/// The keys that belong to one word: the word, keys it needs, keys it may have.
pub type Belongs = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Writes into a schema which keys belong to which word of `tag`; keys that no
/// line names belong to every word.
pub(super) fn depend_on(schema: &mut Schema, tag: &str, lines: &[Belongs]) {
    let all = || lines.iter().flat_map(|(_, needed, allowed)| needed.iter().chain(allowed.iter()));
    let rules: Vec<Value> = lines
        .iter()
        .map(|(word, needed, allowed)| {
            let foreign = all().filter(|key| !needed.contains(key) && !allowed.contains(key));
            let refused: Map<String, Value> = foreign.map(|key| ((*key).to_owned(), Value::Bool(false))).collect();
            json!({
                "if": { "properties": { tag: { "const": word } }, "required": [tag] },
                "then": { "required": needed, "properties": refused },
            })
        })
        .collect();
    schema.insert("allOf".to_owned(), Value::Array(rules));
}
