//! Answers that scripts print: read whole, bounded, made harmless.
//!
//! It reads; what is certain and what is not is `Fault`'s to say.

use super::super::Fault;
use super::super::child::{self, Capture, End, Wanted};
use super::lost;
use crate::domain::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// The largest document a script may print.
const LARGEST: usize = 1024 * 1024;
/// How many named results are taken.
const MOST: usize = 64;

/// Runs a script that only reads and gives back what it printed.
pub async fn document(wanted: &Wanted, what: &str) -> Result<Vec<u8>, Fault> {
    let capture = Capture { sink: None, document: LARGEST };
    let ended = child::run(wanted, capture).await.map_err(|e| Fault::Unreachable(e.to_string()))?;
    let said = ended.last_err.map(|said| format!(": {said}")).unwrap_or_default();
    match ended.end {
        End::Exited(0) if ended.document.1 => Err(lost(format!("the {what} script printed more than 1 MiB"))),
        End::Exited(0) => Ok(ended.document.0),
        End::Exited(code) => Err(lost(format!("the {what} script ended with exit {code}{said}"))),
        End::Signalled(signal) => Err(lost(format!("the {what} script was killed by signal {signal}{said}"))),
        End::OutOfTime => Err(lost(format!("the {what} script did not end in {:?}{said}", wanted.limit))),
        End::Unknown => Err(lost(format!("the end of the {what} script could not be waited for"))),
    }
}

/// One line of foreign text: visible, at most 200 characters.
pub fn line(bytes: &[u8]) -> String {
    text::shortened(&text::visible_bytes(bytes), 200)
}

/// Named results as text; anything but text is kept as its JSON.
pub fn texts(detail: Option<&Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(detail)) = detail else { return BTreeMap::new() };
    let text = |value: &Value| match value {
        Value::String(text) => line(text.as_bytes()),
        other => line(other.to_string().as_bytes()),
    };
    detail.iter().take(MOST).map(|(name, value)| (line(name.as_bytes()), text(value))).collect()
}
