//! Variables and arguments of containers whose values stand in the object itself, in place of a ConfigMap or Secret.
//!
//! Pure. It only collects; `engine::hard_coded` says which of them should not stand there.

use super::hide::says;
use crate::domain::drift::Literal;
use crate::domain::text::visible;
use serde_json::Value;

/// Where the pods of an object are described.
const PODS: [&str; 3] = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"];

/// The variables and arguments of an object whose pods it describes; `object` as people write it.
pub fn literals(object: &str, live: &Value) -> Vec<Literal> {
    let Some(pods) = PODS.iter().find_map(|at| live.pointer(at).filter(|pods| pods.get("containers").is_some())) else {
        return Vec::new();
    };
    let all = ["initContainers", "containers"].into_iter().filter_map(|kind| pods.get(kind)?.as_array());
    all.flatten().flat_map(|container| of(object, container)).collect()
}

fn of(object: &str, container: &Value) -> Vec<Literal> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |key: &str| container.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let within = format!("{object} containers[{}]", visible(&text(container, "name")));
    let literal = |argument, name: String, value: String| Literal {
        within: within.clone(),
        argument,
        secret: says(&name),
        name,
        value,
    };
    let variables = list("env").iter().map(|one| literal(None, text(one, "name"), text(one, "value")));
    // What a command ends with goes on in its arguments.
    let words = ["command", "args"]
        .into_iter()
        .flat_map(|key| list(key).iter().enumerate().map(move |(at, word)| ((key, at), word)));
    let words: Vec<_> = words.map(|(at, word)| (at, word.as_str().unwrap_or_default())).collect();
    let before = std::iter::once("").chain(words.iter().map(|(_, word)| *word));
    let arguments = words.iter().zip(before).map(|((at, word), before)| (*at, option(before, word)));
    let arguments = arguments.map(|(at, (name, value))| literal(Some(at), name.to_owned(), value.to_owned()));
    variables.chain(arguments).filter(|one| !one.value.is_empty()).collect()
}

/// An argument as the option whose value it is, and that value: `--host=a`, or `a` behind `--host`.
fn option<'a>(before: &'a str, word: &'a str) -> (&'a str, &'a str) {
    let option = |word: &str| word.starts_with('-') && !word.contains(char::is_whitespace);
    match word.split_once('=') {
        Some((name, value)) if option(name) => (name, value),
        _ if option(word) => (word, ""),
        _ if option(before) && !before.contains('=') => (before, word),
        _ => ("", word),
    }
}
