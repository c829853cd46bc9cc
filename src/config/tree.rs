//! A TOML file as an owned tree in which every key and value knows its place.
//!
//! It only parses; what the values mean is checked elsewhere. Syntax errors are
//! all reported, not only the first.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Bytes of the file.
pub type Place = Range<usize>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its bytes.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// A table, in the file's order.
    Table(Vec<(Key, Node)>),
    /// An array.
    Array(Vec<Node>),
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// true or false.
    Boolean(bool),
    /// A date or time without quotes.
    Date(String),
}

/// A key and where it stands.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Its bytes.
    pub place: Place,
}

/// Parses a file; the tree of what could be read, and what could not.
pub fn parse(text: &str) -> (Node, Vec<(Place, String)>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let place = table.span();
    let node = Node { place, value: self::table(table.get_ref()) };
    let errors = errors.iter().map(|e| (e.span().unwrap_or(0..0), e.message().to_owned())).collect();
    (node, errors)
}

fn table(table: &DeTable<'_>) -> Value {
    let mut entries: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| (Key { text: key.get_ref().to_string(), place: key.span() }, node(value)))
        .collect();
    entries.sort_by_key(|(key, _)| key.place.start);
    Value::Table(entries)
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let inner = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(n) => match i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()) {
            Ok(n) => Value::Integer(n),
            Err(_) => Value::Float(f64::NAN),
        },
        DeValue::Float(n) => Value::Float(n.as_str().replace('_', "").parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Value::Boolean(*b),
        DeValue::Datetime(at) => Value::Date(at.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(node).collect()),
        DeValue::Table(inner) => table(inner),
    };
    Node { place: value.span(), value: inner }
}

impl Node {
    /// The value of a key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The node at a path of keys and indices, or the nearest one above it.
    pub fn at<'a>(&'a self, path: &[Step<'_>]) -> &'a Node {
        let Some((first, rest)) = path.split_first() else { return self };
        let below = match (first, &self.value) {
            (Step::Key(key), _) => self.get(key),
            (Step::Index(n), Value::Array(items)) => items.get(*n),
            _ => None,
        };
        below.map_or(self, |node| node.at(rest))
    }

    /// What kind of value it is, in a word.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Table(_) => "a table",
            Value::Array(_) => "an array",
            Value::Text(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Boolean(_) => "true or false",
            Value::Date(_) => "a bare date or time",
        }
    }

    /// The value as JSON, for deserialising once its shape is right.
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Table(entries) => entries.iter().map(|(k, v)| (k.text.clone(), v.json())).collect(),
            Value::Array(items) => items.iter().map(Node::json).collect(),
            Value::Text(text) | Value::Date(text) => text.as_str().into(),
            Value::Integer(n) => (*n).into(),
            Value::Float(n) => (*n).into(),
            Value::Boolean(b) => (*b).into(),
        }
    }
}

/// One step of a path.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// Into a table.
    Key(&'a str),
    /// Into an array.
    Index(usize),
}
