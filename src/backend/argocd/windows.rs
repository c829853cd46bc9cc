//! Sync windows: whether one keeps a sync from happening now, and which; and when each is on,
//! as a project declares it.
//!
//! Pure. Argo CD refuses a sync outside of them; a rollback it takes, and parks it until a
//! window opens, when nobody expects it any more. So neither is sent then.

pub mod cron;
pub mod duration;
pub mod glob;
pub mod rule;
mod spans;

use super::json::{line, list, text};
use serde_json::Value;

/// What the windows of an application say now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Whether a person may sync now.
    pub open: bool,
    /// Every window that applies to it, made harmless; those that are on now first.
    pub all: Vec<String>,
}

impl Windows {
    /// Reads `…/syncwindows`. What does not say that it is open is closed, where there are windows.
    pub fn read(said: &Value) -> Self {
        let (active, assigned) = (list(said, "/activeWindows"), list(said, "/assignedWindows"));
        let now = active.iter().map(|window| format!("{}, on now", words(window)));
        let other = assigned.iter().filter(|window| !active.contains(window)).map(words);
        let all: Vec<String> = now.chain(other).collect();
        let open = said.get("canSync").and_then(Value::as_bool).unwrap_or(all.is_empty());
        Self { open, all }
    }

    /// Why nothing is synced now, if that is so.
    pub fn closed(&self) -> Option<String> {
        let all = if self.all.is_empty() { "none is named".to_owned() } else { self.all.join("; ") };
        (!self.open).then(|| format!("the sync window is closed ({all})"))
    }
}

/// A window in words: `deny \`0 22 * * *\` for 8h, people too`.
fn words(window: &Value) -> String {
    line(&declared(window))
}

/// The same as it came, to be made harmless once.
fn declared(window: &Value) -> String {
    let of = |key: &str| text(window, key);
    let people = if window.get("manualSync") == Some(&Value::Bool(true)) { "not for people" } else { "people too" };
    let zone = if of("/timeZone").is_empty() { String::new() } else { format!(" {}", of("/timeZone")) };
    format!("{} `{}`{zone} for {}, {people}", of("/kind"), of("/schedule"), of("/duration"))
}
