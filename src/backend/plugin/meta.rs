//! `_meta`: what goes with each request besides its own parameters.
//!
//! As with messages, every comment on a key here is for authors of plugins. Nothing secret is ever in
//! it, and a plugin that passes it over does as well as before.

use super::super::Sink;
use crate::domain::text::shortened;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// The key that it stands under in `params`.
pub const KEY: &str = "_meta";
/// The longest reason that is passed on, in characters.
const REASON: usize = 500;
/// The longest name that is passed on, in characters.
const NAME: usize = 100;

/// What goes with each request of the host, as `_meta` in its `params`. More keys may come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// How many milliseconds are left until nobody waits for the answer any longer. Answer before, with what is
    /// known by then: of a `perform` that has begun, -32015 where it may or may not have happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// The person by whose word it is done, where that is known; for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why it is done, where somebody said so: the symptom of a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Meta {
    /// What goes with a request that is waited for so long, and for whom it is made where it acts.
    pub fn of(left: Duration, sink: Option<&Sink>) -> Self {
        Self {
            deadline_ms: Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            by: sink.and_then(|sink| sink.by.as_ref()).map(|by| shortened(by.as_str(), NAME)),
            reason: sink.and_then(|sink| sink.reason.as_deref()).map(|why| shortened(why, REASON)),
        }
    }

    /// Parameters with it; what is no object has none.
    pub fn put(&self, mut params: Value) -> Value {
        if let Value::Object(params) = &mut params {
            params.insert(KEY.to_owned(), json!(self));
        }
        params
    }

    /// What came with a request; what cannot be read of it is as if it had not come.
    pub fn read(params: &Value) -> Self {
        let text = |key: &str| params.pointer(&format!("/{KEY}/{key}")).and_then(Value::as_str);
        Self {
            deadline_ms: params.pointer(&format!("/{KEY}/deadlineMs")).and_then(Value::as_u64),
            by: text("by").map(|by| shortened(by, NAME)),
            reason: text("reason").map(|why| shortened(why, REASON)),
        }
    }

    /// How long is left; for ever where nothing is said.
    pub fn left(&self) -> Duration {
        self.deadline_ms.map_or(Duration::MAX, Duration::from_millis)
    }
}
