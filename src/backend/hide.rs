//! What looks like a secret is taken out of an object before anybody is shown it or it is kept.
//!
//! Pure. By names: of an element of a list with its value, and of the key that a value stands under; and within a
//! text, of which the rest stays, by `domain::in_the_open`. What refers to a secret by its name is none.

use crate::domain::in_the_open::{HIDDEN, follows, without};
use serde_json::{Map, Value};

/// Names that say their value is a secret.
const SECRET: [&str; 7] = ["SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH"];
/// Keys that hold such a word, and no secret.
const PLAIN: [&str; 5] = ["secretName", "secretKeyRef", "key", "topologyKey", "automountServiceAccountToken"];
/// The annotation that holds what was applied, whole.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Whether a name says that its value is a secret.
pub fn says(name: &str) -> bool {
    let name = name.to_uppercase();
    SECRET.iter().any(|word| name.contains(word))
}

/// Whether what stands under this key is a secret.
fn is_key(key: &str) -> bool {
    !PLAIN.contains(&key) && says(key)
}

/// Whether a command announces a secret that is the first of its arguments.
fn leads(container: &Map<String, Value>) -> bool {
    let list = |key: &str| container.get(key).and_then(Value::as_array);
    let flag = list("command").and_then(|all| all.last()?.as_str());
    let first = list("args").and_then(|all| all.first()?.as_str());
    flag.zip(first).is_some_and(|(flag, value)| follows(flag, value))
}

/// What of a value is secret by where it stands, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// What its own keys name.
    #[default]
    Plain,
    /// The same, of a map whose keys are anybody's: annotations, the data of a map of configuration.
    Free,
    /// The same, and the first of it: a command ends with what announces it.
    Led,
    /// All of what its own keys name: values of a chart.
    Values,
    /// Its texts and numbers; what is an object tells its parts apart itself.
    Named,
    /// The same, under every key of it.
    Data,
    /// All of it.
    Whole,
}

impl Within {
    /// The same for what stands under a key of an object that stands here.
    pub fn under(self, map: &Map<String, Value>, key: &str) -> Self {
        let named = |by| map.get(by).and_then(Value::as_str).is_some_and(says);
        match (self, key) {
            (Self::Whole, _) | (_, APPLIED) => Self::Whole,
            (_, "value" | "string" | "array" | "map") if named("name") || named("key") => Self::Whole,
            // One text of YAML, in which nothing is told apart.
            (_, "values") if map.get(key).is_some_and(Value::is_string) => Self::Whole,
            (_, "stringData") => Self::Data,
            (Self::Values, key) if says(key) => Self::Whole,
            (Self::Values, _) | (_, "valuesObject" | "map") => Self::Values,
            (Self::Data, _) => Self::Named,
            (Self::Free, key) if says(key) => Self::Named,
            (_, "annotations" | "data") => Self::Free,
            (_, "args") if leads(map) => Self::Led,
            (_, key) if is_key(key) => Self::Named,
            _ => Self::Plain,
        }
    }

    /// The same for an element, by its number, of a list that stands here.
    pub fn item(self, list: &[Value], at: usize) -> Self {
        let word = |at: usize| list.get(at).and_then(Value::as_str);
        match (at.checked_sub(1).and_then(word), word(at)) {
            (Some(flag), Some(value)) if follows(flag, value) => Self::Whole,
            (None, _) if self == Self::Led => Self::Whole,
            _ if matches!(self, Self::Free | Self::Led) => Self::Plain,
            _ => self,
        }
    }

    /// Whether a value is told in no part, when it stands alone.
    pub fn is_secret(self) -> bool {
        self >= Self::Named
    }
}

/// Takes out what looks like a secret, however deep; also a chart's values that are one text, and
/// the copy of everything that `kubectl apply` leaves.
pub fn hide(value: &mut Value) {
    hide_within(value, Within::Plain);
}

/// The same of what stands somewhere in an object.
pub fn hide_within(value: &mut Value, within: Within) {
    match value {
        _ if within == Within::Whole => *value = Value::from(HIDDEN),
        Value::Object(map) => {
            let each: Vec<Within> = map.keys().map(|key| within.under(map, key)).collect();
            map.values_mut().zip(each).for_each(|(value, within)| hide_within(value, within));
        }
        Value::Array(all) => {
            let each: Vec<Within> = (0..all.len()).map(|at| within.item(all, at)).collect();
            all.iter_mut().zip(each).for_each(|(value, within)| hide_within(value, within));
        }
        Value::String(_) | Value::Number(_) if within.is_secret() => *value = Value::from(HIDDEN),
        Value::String(text) => {
            if let Some(shown) = without(text) {
                *text = shown
            }
        }
        _ => {}
    }
}
