//! JSON Schemas of the files, for editors and for our own check of shapes.
//!
//! They come from the types in `raw`; nothing here knows a key. What is checked and printed is the text that
//! docs/workspace-schema.json holds of them, which a test keeps so: the program need not make them anew.

use super::raw::{Filed, calendar, policy, runbook, services, signals, workspace};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const HELD: &str = include_str!("../../docs/workspace-schema.json");

/// The schema of every kind of file, by the kind's name.
pub fn schemas() -> BTreeMap<&'static str, Value> {
    let read = |text: &RawValue| serde_json::from_str(text.get()).unwrap_or_default();
    texts().into_iter().map(|(kind, text)| (kind, read(text))).collect()
}

/// The one of a kind of file.
pub(super) fn of<T: Filed>() -> Value {
    texts().get(T::KIND).and_then(|text| serde_json::from_str(text.get()).ok()).unwrap_or_default()
}

fn texts() -> BTreeMap<&'static str, &'static RawValue> {
    serde_json::from_str(HELD).unwrap_or_default()
}

/// All of them made anew from the types.
pub fn made() -> BTreeMap<&'static str, Value> {
    fn one<T: Filed + JsonSchema>() -> (&'static str, Value) {
        let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
        plain(&mut schema);
        (T::KIND, schema)
    }
    BTreeMap::from([
        one::<workspace::WorkspaceFile>(),
        one::<services::ServicesFile>(),
        one::<signals::SignalsFile>(),
        one::<calendar::CalendarFile>(),
        one::<policy::PolicyFile>(),
        one::<runbook::RunbookFile>(),
    ])
}

/// Takes out what TOML has not (null) and writes lists of words as lists.
fn plain(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(plain),
        Value::Object(keys) => {
            keys.retain(|key, value| key != "default" && !(key == "format" && value.is_string() && value != "uri"));
            without_null(keys);
            words(keys);
            keys.values_mut().for_each(plain);
        }
        _ => {}
    }
}

fn without_null(keys: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = keys.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            keys.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(words)) = keys.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    let Some(Value::Array(either)) = keys.get("anyOf") else { return };
    let real: Vec<&Value> = either.iter().filter(|part| part.get("type") != Some(&Value::from("null"))).collect();
    if let [Value::Object(only)] = real.as_slice() {
        let only = only.clone();
        keys.remove("anyOf");
        for (key, value) in only {
            keys.entry(key).or_insert(value);
        }
    }
}

fn words(keys: &mut Map<String, Value>) {
    let Some(Value::Array(either)) = keys.get("oneOf") else { return };
    let words: Option<Vec<Value>> = either.iter().map(|part| part.get("const").cloned()).collect();
    if let Some(words) = words {
        keys.remove("oneOf");
        keys.insert("type".to_owned(), Value::from("string"));
        keys.insert("enum".to_owned(), Value::Array(words));
    }
}
