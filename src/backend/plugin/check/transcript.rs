//! A transcript: the whole conversation of a run of the kit as lines of JSON, for a plugin's
//! author to keep beside the plugin.
//!
//! Text in, text out. The first line says what was tried; then each trial says its name and how
//! it ended, and its messages follow, without times. Equal messages whose number goes up by one
//! are one line with `times`.

use super::super::message::{Deed, Program};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the file.
const FORMAT: u32 = 1;
/// What stands for the directory that the kit stood in.
pub const HERE: &str = "WORKSPACE";

/// What a transcript begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the file.
    pub transcript: u32,
    /// Who was tried.
    pub plugin: Program,
    /// What it was told as its `config`.
    pub config: Map<String, Value>,
    /// The operation that was performed, if one was.
    #[serde(default)]
    pub operation: Option<Deed>,
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The kit.
    Host,
    /// The program under trial.
    Plugin,
}

/// What is said, or happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// A message.
    Message(Value),
    /// A line that is none; why, and how it begins.
    Garbage(String),
    /// The process ended, in words.
    Ended(String),
}

/// One line of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Which process of the trial: 1, 2, …
    pub process: u32,
    /// Who.
    pub from: End,
    /// What.
    #[serde(flatten)]
    pub said: Said,
    /// So many in a row, each with the next number as its `id` or `seq`.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_once(times: &u64) -> bool {
    *times == 1
}

/// One trial: its name, how it ended, and what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// What was tried.
    pub trial: String,
    /// `ok`, `NOT OK` or `skipped`.
    pub outcome: String,
    /// So many lines too many were not kept.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
    /// What was said.
    #[serde(skip)]
    pub lines: Vec<Line>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_none(left_out: &u64) -> bool {
    *left_out == 0
}

/// The whole conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// What was tried.
    pub head: Head,
    /// The trials in order.
    pub trials: Vec<Told>,
}

impl Head {
    /// Of this plugin, told that.
    pub fn new(plugin: Program, config: Map<String, Value>, operation: Option<Deed>) -> Self {
        Self { transcript: FORMAT, plugin, config, operation }
    }
}

impl Line {
    /// Whether the other is the next of these.
    pub fn followed_by(&self, other: &Line) -> bool {
        let next = match (&self.said, &other.said) {
            (Said::Message(first), Said::Message(next)) => advanced(first, self.times) == *next,
            _ => false,
        };
        next && self.process == other.process && self.from == other.from
    }

    /// The messages that the line stands for.
    pub fn messages(&self) -> impl Iterator<Item = Value> {
        let first = match &self.said {
            Said::Message(first) => Some(first),
            _ => None,
        };
        first.into_iter().flat_map(|first| (0..self.times).map(|nth| advanced(first, nth)))
    }
}

/// The message with its number so many higher.
fn advanced(message: &Value, by: u64) -> Value {
    let mut next = message.clone();
    let place = if next.get("id").is_some() { next.get_mut("id") } else { next.pointer_mut("/params/seq") };
    if let Some((place, number)) = place.and_then(|place| place.as_u64().map(|number| (place, number))) {
        *place = Value::from(number.saturating_add(by));
    }
    next
}

impl Transcript {
    /// As lines of JSON.
    pub fn text(&self) -> String {
        let line = |value: Result<String, serde_json::Error>| value.unwrap_or_default() + "\n";
        let mut text = line(serde_json::to_string(&self.head));
        for told in &self.trials {
            text += &line(serde_json::to_string(told));
            told.lines.iter().for_each(|said| text += &line(serde_json::to_string(said)));
        }
        text
    }

    /// Reads it again.
    ///
    /// # Errors
    /// Which line is none of a transcript, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let head = lines.next().ok_or("it is empty")?;
        let head: Head = read(head)?;
        if head.transcript != FORMAT {
            return Err(format!("it is of format {}, and {FORMAT} is read here", head.transcript));
        }
        let mut trials: Vec<Told> = Vec::new();
        for (nth, line) in lines {
            let value: Value = read((nth, line))?;
            if value.get("trial").is_some() {
                trials.push(read((nth, line))?);
                continue;
            }
            let said = read((nth, line))?;
            trials.last_mut().ok_or_else(|| format!("line {}: a message before any trial", nth + 1))?.lines.push(said);
        }
        Ok(Self { head, trials })
    }
}

fn read<T: serde::de::DeserializeOwned>((nth, line): (usize, &str)) -> Result<T, String> {
    serde_json::from_str(line).map_err(|e| format!("line {}: {e}", nth + 1))
}
