//! An answer: read whole, within its limits, before anybody looks at it.
//! What it means is for the adapter that asked.

use super::super::Fault;
use super::super::secret::Secret;
use crate::domain::text;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// How deep JSON may be nested.
const DEEPEST: usize = 64;

/// An answer of a host, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text; none when it is missing or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Lost`: what it is cannot be told.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        if depth(&self.body) > DEEPEST {
            return Err(lost(format!("the answer is JSON nested deeper than {DEEPEST}")));
        }
        // The parser quotes what it did not expect, however long that is.
        let said = |e: serde_json::Error| text::shortened(&text::visible(&e.to_string()), 200);
        serde_json::from_slice(&self.body)
            .map_err(|e| lost(format!("the answer is not the JSON it should be: {}", said(e))))
    }

    /// What the body says in one line, harmless and without the secret that was sent: a JSON
    /// text, the `message`, `error` or `detail` of a JSON object, or the beginning of anything else.
    pub fn said(&self, secret: Option<&Secret>) -> String {
        let value: Option<serde_json::Value> =
            if depth(&self.body) > DEEPEST { None } else { serde_json::from_slice(&self.body).ok() };
        let told = value.as_ref().and_then(|value| match value {
            serde_json::Value::String(text) => Some(text.as_str()),
            serde_json::Value::Object(keys) => {
                let keys = ["message", "error", "detail", "title"].iter().filter_map(|key| keys.get(*key)?.as_str());
                keys.into_iter().find(|text| !text.is_empty())
            }
            _ => None,
        });
        let whole = told.map_or_else(|| String::from_utf8_lossy(&self.body), Cow::Borrowed);
        // Before it is cut: a part of a secret is one too.
        let whole = secret.map_or(whole.to_string(), |secret| secret.redacted(&whole));
        let beginning: String = whole.trim().chars().take(400).collect();
        text::shortened(&text::visible(&beginning), 200)
    }
}

fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}

/// How deep brackets are nested outside of texts. Cheap, so that it can go before parsing.
pub fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
