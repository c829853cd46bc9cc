//! `{name}` in texts. Anything else in braces, such as JSON, is left as it is.
//!
//! It only finds and fills; what may be filled is said by who asks.

use std::collections::BTreeMap;

/// What an operation fills by itself, besides its arguments.
pub const OF_OPERATION: [&str; 4] = ["service", "environment", "verb", "key"];

/// The names in braces, in order, with repetitions.
pub fn placeholders(text: &str) -> Vec<&str> {
    parts(text).filter_map(|part| if let Part::Name(name) = part { Some(name) } else { None }).collect()
}

/// Replaces the names that have a value and leaves the others.
pub fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    parts(text)
        .map(|part| match part {
            Part::Text(text) => text.to_owned(),
            Part::Name(name) => values.get(name).cloned().unwrap_or_else(|| format!("{{{name}}}")),
        })
        .collect()
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, tail)) = rest.strip_prefix('{').and_then(name) {
            rest = tail;
            return Some(Part::Name(name));
        }
        let skip = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest.get(skip..).and_then(|t| t.find('{')).map_or(rest.len(), |at| at + skip);
        let (text, tail) = rest.split_at(end);
        rest = tail;
        Some(Part::Text(text))
    })
}

/// A name and the text after its closing brace; looks no further than the name goes.
fn name(text: &str) -> Option<(&str, &str)> {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let (name, tail) = text.split_at(text.find(|c| !inside(c))?);
    let tail = tail.strip_prefix('}')?;
    name.starts_with(|c: char| c.is_ascii_lowercase()).then_some((name, tail))
}
