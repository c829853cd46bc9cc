//! Facts: what conditions are asked about, as values by dotted name: `environment.tier`.
//!
//! Built from anything that can be serialised; what is left out there is not known here.

use cel::Value;
use cel::objects::{Key, Map};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What kind of value a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A text.
    Text,
    /// A whole number, or another.
    Number,
    /// Yes or no.
    Yes,
    /// A list of texts.
    List,
    /// A table of facts.
    Table,
}

/// Facts by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(BTreeMap<String, Value>);

impl Facts {
    /// The facts that a record holds.
    ///
    /// # Errors
    /// It is no record, or holds something that has no name.
    pub fn of(record: &impl Serialize) -> Result<Self, String> {
        match cel::to_value(record).map_err(|e| e.to_string())? {
            Value::Map(map) => Ok(Self(map.map.iter().map(|(key, value)| (named(key), plain(value))).collect())),
            _ => Err("facts are a table".to_owned()),
        }
    }

    /// These facts with others over them, table by table.
    #[must_use]
    pub fn over(mut self, others: &Self) -> Self {
        for (name, value) in &others.0 {
            let had = self.0.remove(name);
            self.0.insert(name.clone(), had.map_or_else(|| value.clone(), |had| merged(&had, value)));
        }
        self
    }

    /// A fact by its dotted name.
    pub fn get(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = self.0.get(names.next()?)?;
        names.try_fold(first, |value, name| match value {
            Value::Map(map) => map.map.get(&Key::String(Arc::new(name.to_owned()))),
            _ => None,
        })
    }

    /// What kind of value a fact is; none where it is not known.
    pub fn sort(&self, path: &str) -> Option<Sort> {
        Some(match self.get(path)? {
            Value::String(_) => Sort::Text,
            Value::Int(_) | Value::UInt(_) | Value::Float(_) => Sort::Number,
            Value::Bool(_) => Sort::Yes,
            Value::List(_) => Sort::List,
            _ => Sort::Table,
        })
    }

    /// A fact in words; none where it is not known.
    pub fn words(&self, path: &str) -> Option<String> {
        self.get(path).map(words)
    }

    /// Every dotted name that leads to a value or to a table of them.
    pub fn paths(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.0.iter().for_each(|(name, value)| paths(name, value, &mut found));
        found
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }
}

fn table(of: impl IntoIterator<Item = (String, Value)>) -> Value {
    let map: HashMap<Key, Value> = of.into_iter().map(|(name, value)| (Key::String(Arc::new(name)), value)).collect();
    Value::Map(Map { map: Arc::new(map) })
}

fn named(key: &Key) -> String {
    match key {
        Key::Int(n) => n.to_string(),
        Key::Uint(n) => n.to_string(),
        Key::Bool(yes) => yes.to_string(),
        Key::String(text) => text.to_string(),
    }
}

/// Whole numbers are of one kind, so that they compare with those that are written.
fn plain(value: &Value) -> Value {
    match value {
        Value::UInt(n) => i64::try_from(*n).map_or(Value::UInt(*n), Value::Int),
        Value::List(all) => Value::List(Arc::new(all.iter().map(plain).collect())),
        Value::Map(map) => table(map.map.iter().map(|(key, value)| (named(key), plain(value)))),
        other => other.clone(),
    }
}

fn merged(under: &Value, over: &Value) -> Value {
    let (Value::Map(a), Value::Map(b)) = (under, over) else { return over.clone() };
    let mut all: BTreeMap<String, Value> = a.map.iter().map(|(key, value)| (named(key), value.clone())).collect();
    for (key, value) in b.map.iter() {
        let name = named(key);
        let had = all.remove(&name);
        all.insert(name, had.map_or_else(|| value.clone(), |had| merged(&had, value)));
    }
    table(all)
}

fn paths(name: &str, value: &Value, found: &mut BTreeSet<String>) {
    found.insert(name.to_owned());
    if let Value::Map(map) = value {
        map.map.iter().for_each(|(key, value)| paths(&format!("{name}.{}", named(key)), value, found));
    }
}

/// A value in words.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Int(n) => n.to_string(),
        Value::UInt(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Null => "nothing".to_owned(),
        Value::List(all) if all.is_empty() => "none".to_owned(),
        Value::List(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Map(map) => {
            let mut all: Vec<_> =
                map.map.iter().map(|(key, value)| format!("{} {}", named(key), words(value))).collect();
            all.sort_unstable();
            all.join(", ")
        }
        _ => "something else".to_owned(),
    }
}
