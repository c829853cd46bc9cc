//! One trial of a transcript, sorted by what belongs together: what was asked and answered,
//! what watches told, what was said besides, how processes ended.
//!
//! Order counts only within the first picture of a watch; everything else may come as it likes.

use super::transcript::{End, Said, Told};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A request: which process of the trial, and its id.
type At = (u32, String);

/// A trial, sorted.
#[derive(Debug, Default)]
pub struct Picture {
    /// The method of each request of the kit.
    pub asked: BTreeMap<At, String>,
    /// What was answered to it.
    pub answers: BTreeMap<At, Value>,
    /// What each watch told.
    pub watches: BTreeMap<At, Watched>,
    /// The first of everything else that the plugin said, by method.
    pub said: BTreeMap<String, Value>,
    /// How each process ended.
    pub ended: BTreeMap<u32, String>,
}

/// What one watch told.
#[derive(Debug, Default)]
pub struct Watched {
    /// The words of the first picture in order, each once in a row.
    pub picture: Vec<String>,
    /// Whether that picture came to its end.
    pub whole: bool,
    /// The words after it.
    pub after: BTreeSet<String>,
    /// The first of each row, by what it is.
    pub rows: BTreeMap<String, Value>,
}

impl Picture {
    /// Of one trial.
    pub fn of(told: &Told) -> Self {
        let mut all = Self::default();
        for line in &told.lines {
            if let Said::Ended(how) = &line.said {
                all.ended.insert(line.process, how.clone());
            }
            line.messages().for_each(|message| all.take(line.process, line.from, message));
        }
        all
    }

    fn take(&mut self, process: u32, from: End, message: Value) {
        let method = message.get("method").and_then(Value::as_str).map(str::to_owned);
        let id = message.get("id").map(|id| (process, id.to_string()));
        match (from, method, id) {
            (End::Host, Some(method), Some(at)) => drop(self.asked.insert(at, method)),
            (End::Plugin, None, Some(at)) => drop(self.answers.entry(at).or_insert(message)),
            (End::Plugin, Some(method), _) => {
                let params = message.get("params").cloned().unwrap_or_default();
                match method.as_str() {
                    "watch/event" => self.event(process, params),
                    _ => drop(self.said.entry(method).or_insert(params)),
                }
            }
            _ => {}
        }
    }

    fn event(&mut self, process: u32, mut params: Value) {
        let text = |key: &str| params.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (watch, op) = (text("watch"), text("op"));
        let item = params.get_mut("item").map(Value::take).unwrap_or_default();
        let watched = self.watches.entry((process, watch)).or_default();
        if watched.whole || (watched.picture.is_empty() && op != "begin") {
            watched.after.insert(op.clone());
        } else {
            watched.whole |= op == "end";
            if watched.picture.last() != Some(&op) {
                watched.picture.push(op.clone());
            }
        }
        if item.is_object() {
            watched.rows.entry(row(&op, &item)).or_insert(item);
        }
    }
}

/// Which row it is: what it is called, and where.
fn row(op: &str, item: &Value) -> String {
    let names = ["service", "signal", "name", "title", "environment"];
    let names: Vec<&str> = names.iter().filter_map(|key| item.get(key).and_then(Value::as_str)).collect();
    format!("{op} {}", names.join("@"))
}
