//! One file from text to its raw shape: syntax, then shape, then values.
//!
//! Names that a file declares are taken even from one with mistakes, so that a
//! slip in one file does not make every reference in the others look wrong.

use super::findings::Findings;
use super::shape::Shape;
use super::source::Source;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// Files longer than this are read only up to their first syntax error.
const RECOVERED: usize = 1024 * 1024;

/// A file, as far as it could be read.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The text.
    pub file: Source,
    /// What it says; none when its syntax or shape is wrong.
    pub raw: Option<T>,
    /// The keys of each top-level table, and under `steps` the ids of steps.
    pub declared: BTreeMap<String, BTreeSet<String>>,
    /// Whether all of the file was understood, so that `declared` is all there is.
    pub complete: bool,
}

/// Reads a text against a schema and notes every mistake.
pub fn parse<T: DeserializeOwned>(file: Source, schema: &Value, here: &str, found: &mut Findings) -> Parsed<T> {
    let (table, complete) = syntax(&file, found);
    let declared = declared(table.get_ref());
    let mut raw = None;
    if complete {
        Shape { root: schema, file: &file, here }.check(found, table.get_ref());
        if !found.any_in(&file.name) {
            match T::deserialize(Deserializer::from(table)) {
                Ok(value) => raw = Some(value),
                Err(e) => found.mistake(&file, &e.span().unwrap_or(0..0), e.message(), || None),
            }
        }
    }
    Parsed { raw, declared, complete, file }
}

/// What can be understood of a text, and whether that is all of it.
fn syntax<'a>(file: &'a Source, found: &mut Findings) -> (Spanned<DeTable<'a>>, bool) {
    let (table, errors) = if file.text.len() <= RECOVERED {
        DeTable::parse_recoverable(&file.text)
    } else {
        match DeTable::parse(&file.text) {
            Ok(table) => (table, Vec::new()),
            Err(e) => (Spanned::new(0..0, DeTable::new()), vec![e]),
        }
    };
    for error in &errors {
        found.mistake(file, &error.span().unwrap_or(0..0), format!("no valid TOML: {}", error.message()), || None);
    }
    (table, errors.is_empty())
}

fn declared(table: &DeTable<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (key, value) in table {
        let names: BTreeSet<String> = match value.get_ref() {
            DeValue::Table(names) => names.keys().map(|name| name.get_ref().to_string()).collect(),
            DeValue::Array(items) => items.iter().filter_map(id).collect(),
            _ => continue,
        };
        all.insert(key.get_ref().to_string(), names);
    }
    all
}

fn id(item: &Spanned<DeValue<'_>>) -> Option<String> {
    Some(item.get_ref().as_table()?.get("id")?.get_ref().as_str()?.to_owned())
}
