//! The shape of a file against its published schema: unknown keys, wrong types,
//! missing keys, words that are not offered. All of them, each at its place.
//!
//! The schema is the one that `holdpoint schema` prints, so editors and
//! `holdpoint check` never disagree. Only what schemas of our own structs use is
//! understood here.

use super::problem::suggest;
use super::tree::{Key, Node, Place, Value};
use serde_json::Value as Json;

/// A mistake before it knows its file.
pub type Found = (Place, String, Option<String>);

/// How deep values may be nested.
const DEEPEST: usize = 64;

/// Checks a whole file.
pub fn check(schema: &Json, root: &Node) -> Vec<Found> {
    let mut found = Vec::new();
    let walk = Walk { root: schema };
    walk.value(schema, root, 0, &mut found);
    found
}

struct Walk<'a> {
    root: &'a Json,
}

impl<'a> Walk<'a> {
    fn value(&self, schema: &'a Json, node: &Node, depth: usize, out: &mut Vec<Found>) {
        if depth > DEEPEST {
            return out.push((node.place.clone(), "is nested too deeply".to_owned(), None));
        }
        let schema = self.resolve(schema);
        if let Some(choices) = choices(schema) {
            return self.one_of(choices, node, depth, out);
        }
        if let Some(words) = words(schema) {
            return word(&words, node, out);
        }
        let Some(wanted) = schema.get("type") else { return };
        if !types(wanted).any(|t| fits(t, node)) {
            return out.push(wrong_type(wanted, node));
        }
        match &node.value {
            Value::Table(entries) => self.table(schema, node, entries, depth, out),
            Value::Array(items) => {
                if let Some(each) = schema.get("items") {
                    items.iter().for_each(|item| self.value(each, item, depth + 1, out));
                }
            }
            _ => {}
        }
    }

    fn table(&self, schema: &'a Json, node: &Node, entries: &[(Key, Node)], depth: usize, out: &mut Vec<Found>) {
        let known = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        for (key, value) in entries {
            let property = known.and_then(|k| k.get(&key.text));
            match (property, others) {
                (Some(schema), _) => self.value(schema, value, depth + 1, out),
                (None, Some(schema @ Json::Object(_))) => self.value(schema, value, depth + 1, out),
                (None, Some(Json::Bool(false))) => {
                    let names = known.into_iter().flat_map(|k| k.keys().map(String::as_str));
                    let help = suggest(&key.text, names);
                    out.push((key.place.clone(), format!("unknown key `{}`", key.text), help));
                }
                _ => {}
            }
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten();
        for name in required.filter_map(Json::as_str).filter(|name| node.get(name).is_none()) {
            out.push((head(node), format!("the key `{name}` is missing"), None));
        }
    }

    /// Picks the alternative that the value means and checks that one only.
    fn one_of(&self, choices: Vec<&'a Json>, node: &Node, depth: usize, out: &mut Vec<Found>) {
        let choices: Vec<_> = choices.into_iter().map(|c| self.resolve(c)).collect();
        if let [only] = choices.as_slice() {
            return self.value(only, node, depth + 1, out);
        }
        let fitting: Vec<_> = choices.iter().copied().filter(|c| self.means(c, node)).collect();
        if let Some(first) = fitting.first() {
            return self.value(first, node, depth + 1, out);
        }
        if let Some((field, offered)) = tag(&choices) {
            let said = node.get(field);
            let place = said.map_or_else(|| head(node), |n| n.place.clone());
            let what = match said.map(|n| &n.value) {
                Some(Value::Text(text)) => format!("`{text}` is no {field}"),
                _ => format!("the key `{field}` is missing or not one of the words offered"),
            };
            let help = Some(format!("one of {}", offered.join(", ")));
            return out.push((place, what, help));
        }
        let keys: Vec<_> = choices.iter().filter_map(|c| only_key(c)).collect();
        if let (Value::Table(entries), false) = (&node.value, keys.is_empty()) {
            let (place, wrong) = entries.first().map_or((node.place.clone(), ""), |(k, _)| (k.place.clone(), &k.text));
            let help = suggest(wrong, keys.iter().copied());
            return out.push((place, format!("`{wrong}` is not one of {}", keys.join(", ")), help));
        }
        let all: Vec<_> = choices.iter().filter_map(|c| c.get("type")).flat_map(types).collect();
        out.push((node.place.clone(), format!("is {}, and {} is needed here", node.kind(), all.join(" or ")), None));
    }

    /// Whether a value means this alternative: by its tag, its only key, or its type.
    fn means(&self, choice: &Json, node: &Node) -> bool {
        let property = |name: &str| choice.get("properties").and_then(|p| p.get(name));
        if let Some(field) = ["kind", "of"].into_iter().find(|f| property(f).and_then(|p| p.get("const")).is_some()) {
            let wanted = property(field).and_then(|p| p.get("const")).and_then(Json::as_str);
            return matches!(node.get(field).map(|n| &n.value), Some(Value::Text(t)) if Some(t.as_str()) == wanted);
        }
        if let Some(key) = only_key(choice) {
            return node.get(key).is_some();
        }
        if let Some(words) = words(choice) {
            return matches!(&node.value, Value::Text(t) if words.contains(&t.as_str()));
        }
        choice.get("type").is_none_or(|wanted| types(wanted).any(|t| fits(t, node)))
    }

    fn resolve(&self, schema: &'a Json) -> &'a Json {
        let name = schema.get("$ref").and_then(Json::as_str).and_then(|r| r.strip_prefix("#/$defs/"));
        let target = name.and_then(|n| self.root.get("$defs").and_then(|d| d.get(n)));
        target.map_or(schema, |t| self.resolve(t))
    }
}

/// The alternatives of a schema, without null.
fn choices(schema: &Json) -> Option<Vec<&Json>> {
    let all = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
    if words(schema).is_some() {
        return None;
    }
    Some(all.iter().filter(|c| c.get("type").and_then(Json::as_str) != Some("null")).collect())
}

/// The words that a schema of plain words offers.
fn words(schema: &Json) -> Option<Vec<&str>> {
    if let Some(all) = schema.get("enum").and_then(Json::as_array) {
        return Some(all.iter().filter_map(Json::as_str).collect());
    }
    if let Some(one) = schema.get("const").and_then(Json::as_str) {
        return Some(vec![one]);
    }
    let all = schema.get("oneOf").and_then(Json::as_array)?;
    let lists: Option<Vec<_>> = all.iter().map(words).collect();
    Some(lists?.into_iter().flatten().collect())
}

fn word(words: &[&str], node: &Node, out: &mut Vec<Found>) {
    match &node.value {
        Value::Text(text) if words.contains(&text.as_str()) => {}
        Value::Text(text) => {
            let help = suggest(text, words.iter().copied());
            out.push((node.place.clone(), format!("`{text}` is not one of {}", words.join(", ")), help));
        }
        _ => out.push((
            node.place.clone(),
            format!("is {}, and one of {} is needed here", node.kind(), words.join(", ")),
            None,
        )),
    }
}

fn types(wanted: &Json) -> impl Iterator<Item = &str> {
    let one = wanted.as_str();
    let many = wanted.as_array().into_iter().flatten().filter_map(Json::as_str);
    one.into_iter().chain(many).filter(|t| *t != "null")
}

fn fits(wanted: &str, node: &Node) -> bool {
    match (wanted, &node.value) {
        ("object", Value::Table(_))
        | ("array", Value::Array(_))
        | ("string", Value::Text(_))
        | ("integer", Value::Integer(_))
        | ("boolean", Value::Boolean(_))
        | ("number", Value::Integer(_)) => true,
        ("number", Value::Float(n)) => n.is_finite(),
        _ => false,
    }
}

fn wrong_type(wanted: &Json, node: &Node) -> Found {
    let wanted: Vec<_> = types(wanted).map(|t| if t == "object" { "table" } else { t }).collect();
    let what = format!("is {}, and a {} is needed here", node.kind(), wanted.join(" or "));
    let help = match (&node.value, wanted.contains(&"string")) {
        (Value::Integer(_) | Value::Float(_) | Value::Date(_), true) => Some("write it in quotes".to_owned()),
        _ => None,
    };
    (node.place.clone(), what, help)
}

/// The tag that alternatives are told apart by, and its words.
fn tag<'a>(choices: &[&'a Json]) -> Option<(&'static str, Vec<&'a str>)> {
    ["kind", "of"].into_iter().find_map(|field| {
        let word = |c: &'a Json| c.get("properties")?.get(field)?.get("const")?.as_str();
        let words: Option<Vec<_>> = choices.iter().map(|c| word(c)).collect();
        words.map(|w| (field, w))
    })
}

/// The one key that an alternative of the form `{ key = … }` has.
fn only_key(choice: &Json) -> Option<&str> {
    let required = choice.get("required")?.as_array()?;
    let properties = choice.get("properties")?.as_object()?;
    match required.as_slice() {
        [one] if properties.len() == 1 => one.as_str(),
        _ => None,
    }
}

/// The first line of a table: where something is missing from it.
fn head(node: &Node) -> Place {
    match &node.value {
        Value::Table(entries) if node.place.len() > 200 => entries
            .first()
            .map_or(node.place.clone(), |(k, _)| node.place.start..k.place.start.max(node.place.start + 1)),
        _ => node.place.clone(),
    }
}
