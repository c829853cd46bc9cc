//! Which series a signal means: a metric's name and labels it must have or not have.
//!
//! What it does not understand it refuses, before anything is asked.

use super::openmetrics::{Sample, quoted};
use std::str::FromStr;

/// `name{a="b",c!="d"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The metric's name.
    pub name: String,
    /// All must hold.
    pub matchers: Vec<Matcher>,
}

/// One condition on a label. A label that is absent is the same as an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
    /// Whether it must have the value, or must not.
    pub equal: bool,
}

/// Why a text names no series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no series: {why}")]
pub struct NotASelector {
    text: String,
    why: &'static str,
}

impl Selector {
    /// Whether the sample is one of those meant.
    pub fn matches(&self, sample: &Sample<'_>) -> bool {
        sample.name == self.name && self.matchers.iter().all(|matcher| matcher.holds(sample))
    }
}

impl Matcher {
    fn holds(&self, sample: &Sample<'_>) -> bool {
        let found = sample.labels.iter().find(|(name, _)| *name == self.label);
        (found.map_or("", |(_, value)| value) == self.value) == self.equal
    }
}

impl FromStr for Selector {
    type Err = NotASelector;

    fn from_str(text: &str) -> Result<Self, NotASelector> {
        read(text.trim()).map_err(|why| NotASelector { text: text.to_owned(), why })
    }
}

fn read(text: &str) -> Result<Selector, &'static str> {
    let (name, rest) = text.split_once('{').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let name = name.trim();
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    if name.is_empty() || !name.chars().all(known) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("write a metric's name, with labels in braces where needed");
    }
    let matchers = rest.map_or(Ok(Vec::new()), matchers)?;
    Ok(Selector { name: name.to_owned(), matchers })
}

fn matchers(mut text: &str) -> Result<Vec<Matcher>, &'static str> {
    let mut all = Vec::new();
    loop {
        text = text.trim_start();
        if let Some(rest) = text.strip_prefix('}') {
            return if rest.trim().is_empty() { Ok(all) } else { Err("something follows the closing brace") };
        }
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').ok_or("the closing brace is missing")?;
        let (label, rest) = text.split_at_checked(end).ok_or("the closing brace is missing")?;
        let rest = rest.trim_start();
        if rest.starts_with("=~") || rest.starts_with("!~") {
            return Err("regular expressions are not known here; use = and !=");
        }
        let (equal, rest) = match (rest.strip_prefix("!="), rest.strip_prefix('=')) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return Err("a label must be followed by = or !="),
        };
        let rest = rest.trim_start().strip_prefix('"').ok_or("a label's value must be in double quotes")?;
        let (value, rest) = quoted(rest)?;
        if label.is_empty() {
            return Err("a label has no name");
        }
        all.push(Matcher { label: label.to_owned(), value: value.into_owned(), equal });
        text = rest.trim_start();
        text = match text.strip_prefix(',') {
            Some(rest) => rest,
            None if text.starts_with('}') => text,
            None => return Err("labels must have commas between them"),
        };
    }
}
