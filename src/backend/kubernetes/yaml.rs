//! YAML read as JSON: what kubeconfigs are written in, and some programs print credentials in. Pure.
//!
//! What is not written as JSON would write it stays text, so that `1.10` is no `1.1`. Aliases and `<<` are
//! followed, depth and size have limits. What cannot be read is never repeated: it may be a secret.
//!
//! `serde-saphyr` stands on the same parser, but makes numbers of an unquoted `1.10`, `1e3` and `0x10` where, as here,
//! no type says that a text is wanted.

use granit_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// How deep it may be nested.
const DEEPEST: usize = 64;
/// How many values there may be in all, those that aliases stand for counted each time.
const MOST: usize = 100_000;
/// How many bytes of text may be repeated in all: what is anchored, and what aliases stand for, each time.
const REPEATED: usize = 32 << 20;

/// That it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The documents of a text, one after the other.
///
/// # Errors
/// When it is no YAML, names a key twice, or passes a limit.
pub fn documents(text: &str) -> Result<Vec<Value>, Unreadable> {
    let mut reading = Reading::default();
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, _) = event.map_err(|_| Unreadable)?;
        reading.take(event)?;
    }
    if reading.open.is_empty() { Ok(reading.whole) } else { Err(Unreadable) }
}

#[derive(Default)]
struct Reading {
    whole: Vec<Value>,
    open: Vec<Open>,
    /// What aliases stand for.
    anchors: BTreeMap<usize, Value>,
    values: usize,
    repeated: usize,
}

/// A list or an object whose end has not come, and the anchor that it bears.
enum Open {
    List(Vec<Value>, usize),
    Object(Object, usize),
}

#[derive(Default)]
struct Object {
    all: Map<String, Value>,
    /// What `<<` names: it stands where the object itself says nothing.
    merged: Vec<Value>,
    key: Option<Key>,
}

enum Key {
    Name(String),
    Merge,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) -> Result<(), Unreadable> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                if plain && text == "<<" && self.awaits_key() {
                    return self.key(Key::Merge);
                }
                let value = if plain && !tag.as_deref().is_some_and(is_text) { plainly(&text) } else { None };
                // A key is text, however it looks.
                let value = value.filter(|_| !self.awaits_key()).unwrap_or_else(|| text.into_owned().into());
                self.put(value, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(Open::List(Vec::new(), anchor)),
            Event::MappingStart(_, anchor, _) => self.begin(Open::Object(Object::default(), anchor)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(all, anchor)) => self.put(Value::Array(all), anchor),
                Some(Open::Object(object, anchor)) => self.put(object.whole()?, anchor),
                None => Err(Unreadable),
            },
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).ok_or(Unreadable)?;
                let Extent { values, deep, bytes } = extent(value);
                self.values = self.values.saturating_add(values);
                self.repeated = self.repeated.saturating_add(bytes);
                if self.open.len() + deep > DEEPEST || self.values > MOST || self.repeated > REPEATED {
                    return Err(Unreadable);
                }
                let value = value.clone();
                self.put(value, 0)
            }
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            Event::UnresolvedAlias(_) => Err(Unreadable),
            _ => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Object(Object { key: None, .. }, _)))
    }

    fn begin(&mut self, open: Open) -> Result<(), Unreadable> {
        if self.open.len() >= DEEPEST || self.awaits_key() {
            return Err(Unreadable);
        }
        self.open.push(open);
        Ok(())
    }

    fn key(&mut self, key: Key) -> Result<(), Unreadable> {
        let Some(Open::Object(object, _)) = self.open.last_mut() else { return Err(Unreadable) };
        object.key = Some(key);
        Ok(())
    }

    fn put(&mut self, value: Value, anchor: usize) -> Result<(), Unreadable> {
        self.values = self.values.saturating_add(1);
        if self.values > MOST {
            return Err(Unreadable);
        }
        if anchor != 0 {
            self.repeated = self.repeated.saturating_add(extent(&value).bytes);
            if self.repeated > REPEATED {
                return Err(Unreadable);
            }
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.whole.push(value),
            Some(Open::List(all, _)) => all.push(value),
            Some(Open::Object(object, _)) => return object.put(value),
        }
        Ok(())
    }
}

impl Object {
    fn put(&mut self, value: Value) -> Result<(), Unreadable> {
        match self.key.take() {
            None => match value {
                Value::String(name) => self.key = Some(Key::Name(name)),
                _ => return Err(Unreadable),
            },
            Some(Key::Name(name)) => {
                if self.all.insert(name, value).is_some() {
                    return Err(Unreadable);
                }
            }
            Some(Key::Merge) => match value {
                Value::Array(all) => self.merged.extend(all),
                value => self.merged.push(value),
            },
        }
        Ok(())
    }

    fn whole(mut self) -> Result<Value, Unreadable> {
        for other in self.merged {
            let Value::Object(other) = other else { return Err(Unreadable) };
            for (name, value) in other {
                self.all.entry(name).or_insert(value);
            }
        }
        Ok(Value::Object(self.all))
    }
}

fn is_text(tag: &Tag) -> bool {
    tag.suffix() == "str" || tag.handle() == "!"
}

/// What plain text means, where it is no text.
fn plainly(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => {
            let number: Number = serde_json::from_str(text).ok()?;
            (number.to_string() == text).then_some(Value::Number(number))
        }
    }
}

/// How many values there are in one, how deep they lie, and how long their texts are together.
struct Extent {
    values: usize,
    deep: usize,
    bytes: usize,
}

fn extent(value: &Value) -> Extent {
    let of = |whole: Extent, one: &Value| {
        let Extent { values, deep, bytes } = extent(one);
        Extent { values: whole.values + values, deep: whole.deep.max(deep + 1), bytes: whole.bytes + bytes }
    };
    let one = Extent { values: 1, deep: 0, bytes: 0 };
    match value {
        Value::Array(all) => all.iter().fold(Extent { deep: 1, ..one }, of),
        Value::Object(all) => {
            let names = all.keys().map(String::len).sum();
            all.values().fold(Extent { deep: 1, bytes: names, ..one }, of)
        }
        Value::String(text) => Extent { bytes: text.len(), ..one },
        _ => one,
    }
}
