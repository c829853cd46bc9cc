//! What came now against what was recorded: the same in shape and meaning, or not.
//!
//! Keys, kinds of values, error codes and words of the protocol mean something; texts, numbers
//! and how often something was said may differ, and are named when they do.

use super::picture::Picture;
use super::transcript::{Told, Transcript};
use serde_json::Value;
use std::collections::BTreeSet;

/// Keys whose texts and numbers are words of the protocol.
const WORDS: [&str; 6] = ["op", "found", "code", "protocol", "effect", "jsonrpc"];

/// What differs in one trial.
#[derive(Debug, Default)]
pub struct Apart {
    /// In shape or meaning.
    pub meaning: Vec<String>,
    /// Where values differ, as they may.
    pub values: BTreeSet<String>,
}

/// Each trial of either, in the order of what was recorded, with what differs in it. `timed`
/// names the trials in which more may differ, since it depends on the moment.
pub fn apart<'a>(was: &'a Transcript, is: &'a Transcript, timed: &[&str]) -> Vec<(&'a str, Apart)> {
    let mut all = Vec::new();
    for old in &was.trials {
        let mut found = Apart::default();
        match is.trials.iter().find(|new| new.trial == old.trial) {
            Some(new) => trial(old, new, &mut found),
            None => found.meaning.push("it was tried when it was recorded, and is not now".to_owned()),
        }
        // Where it fails both times it depends on the moment how far it came.
        let failed = |told: &Told| told.outcome == "NOT OK";
        let both = failed(old) && is.trials.iter().any(|new| new.trial == old.trial && failed(new));
        if both || timed.contains(&old.trial.as_str()) {
            found.values.extend(std::mem::take(&mut found.meaning));
        }
        all.push((old.trial.as_str(), found));
    }
    for new in is.trials.iter().filter(|new| !was.trials.iter().any(|old| old.trial == new.trial)) {
        // Trials are the kit's: one that knows more than the kit of then says nothing of the plugin.
        let values = [format!("{} is tried now, and was not when it was recorded", new.trial)].into();
        all.push((new.trial.as_str(), Apart { meaning: Vec::new(), values }));
    }
    all
}

fn trial(old: &Told, new: &Told, found: &mut Apart) {
    if old.outcome != new.outcome {
        found.meaning.push(format!("{} where {} was recorded", new.outcome, old.outcome));
    }
    let (was, is) = (Picture::of(old), Picture::of(new));
    for (at, method) in &was.asked {
        match is.asked.get(at) {
            Some(other) if other == method => {}
            _ => found.meaning.push(format!("{method} was asked when it was recorded, and is not now")),
        }
    }
    for (at, answer) in &was.answers {
        let Some(method) = was.asked.get(at).filter(|method| is.asked.get(at) == Some(method)) else { continue };
        // Compared once, in the trial that is about it.
        if method == "initialize" && old.trial != "initialize" && answer.get("result").is_some() {
            continue;
        }
        match is.answers.get(at) {
            Some(now) => answers(method, answer, now, found),
            None => found.meaning.push(format!("{method}: no answer where one was recorded")),
        }
    }
    for (process, how) in &was.ended {
        match is.ended.get(process) {
            Some(now) if now == how => {}
            Some(now) => found.meaning.push(format!("{now:?} where {how:?} was recorded")),
            None => found.meaning.push(format!("no end where {how:?} was recorded")),
        }
    }
    watches(&was, &is, found);
    for (method, params) in &was.said {
        match is.said.get(method) {
            Some(now) => values(method, params, now, found),
            None => drop(found.values.insert(format!("{method} is not said"))),
        }
    }
    let more = is.said.keys().filter(|method| !was.said.contains_key(*method));
    found.values.extend(more.map(|method| format!("{method} is said")));
}

fn answers(method: &str, was: &Value, is: &Value, found: &mut Apart) {
    let kind = |answer: &Value| if answer.get("error").is_some() { "an error" } else { "a result" };
    if kind(was) != kind(is) {
        let code = is.pointer("/error/code").map(|code| format!(" {code}")).unwrap_or_default();
        return found.meaning.push(format!("{method}: {}{code} where {} was recorded", kind(is), kind(was)));
    }
    for key in ["result", "error"] {
        if let Some((was, is)) = was.get(key).zip(is.get(key)) {
            values(&format!("{method}: {key}"), was, is, found);
        }
    }
}

fn watches(was: &Picture, is: &Picture, found: &mut Apart) {
    for (at, old) in &was.watches {
        let Some(new) = is.watches.get(at) else {
            found.values.insert("watch/event is not said".to_owned());
            continue;
        };
        // A first picture that was cut short by the clock says nothing.
        let whole = old.whole && new.whole;
        if whole && old.picture != new.picture {
            found.meaning.push(format!(
                "a picture of {} where {} was recorded",
                new.picture.join(", "),
                old.picture.join(", ")
            ));
        }
        if new.after.contains("error") && !old.after.contains("error") {
            found.meaning.push("an error of a watch where none was recorded".to_owned());
        }
        for (row, item) in &old.rows {
            match new.rows.get(row) {
                Some(now) => values(row, item, now, found),
                None if whole => found.meaning.push(format!("{row} is not told")),
                None => drop(found.values.insert(format!("{row} is not told"))),
            }
        }
        let more = new.rows.keys().filter(|row| !old.rows.contains_key(*row));
        found.values.extend(more.map(|row| format!("{row} is told")));
    }
}

/// How two values differ.
fn values(at: &str, was: &Value, is: &Value, found: &mut Apart) {
    match (was, is) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, old) in old {
                match new.get(key) {
                    Some(new) => values(&format!("{at}.{key}"), old, new, found),
                    None => found.meaning.push(format!("{at}.{key} is missing")),
                }
            }
            let more = new.keys().filter(|key| !old.contains_key(*key));
            found.meaning.extend(more.map(|key| format!("{at}.{key} is new")));
        }
        (Value::Array(old), Value::Array(new)) => {
            if old.len() != new.len() {
                found.values.insert(format!("how many {at}"));
            }
            for (nth, new) in new.iter().enumerate() {
                if let Some(old) = old.get(nth).or(old.last()) {
                    values(&format!("{at}[]"), old, new, found);
                }
            }
        }
        _ if was == is => {}
        _ if kind(was) != kind(is) => found.meaning.push(format!("{at}: {} where {} was", kind(is), kind(was))),
        _ => {
            let word = was.is_boolean() || at.rsplit('.').next().is_some_and(|key| WORDS.contains(&key));
            match word {
                true => found.meaning.push(format!("{at}: {is} where {was} was")),
                false => drop(found.values.insert(at.to_owned())),
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
