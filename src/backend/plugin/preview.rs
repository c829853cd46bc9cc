//! What is said of a preview: the question, and what a plugin may answer to it.
//!
//! As with messages, every comment here is for authors of plugins, and keys that are not known
//! are ignored.

use super::message::Deed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `preview`: what would it do? It must change nothing.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PreviewAsk {
    /// What would be done.
    pub operation: Deed,
}

/// The answer to `preview`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct PreviewAnswer {
    /// What stands in the way.
    #[serde(default)]
    pub obstacles: Vec<String>,
    /// Those of the obstacles for which `perform` would certainly refuse, as things stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// What could not be found out, and why. It forbids nothing, but is never called ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// What will happen, in order.
    #[serde(default)]
    pub effects: Vec<String>,
    /// What cannot be taken back, or is lost.
    #[serde(default)]
    pub loses: Vec<String>,
    /// How long it is expected to take.
    #[serde(default)]
    pub takes_ms: Option<u64>,
    /// What the preview rests on, in the plugin's own words; comes back with `perform`.
    #[serde(default)]
    pub expect: Value,
    /// True where the system was not looked at: what is in the way there is not known.
    #[serde(default)]
    pub blind: bool,
    /// Whether it can be taken back; not told when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversible: Option<ReversibleRow>,
}

/// Whether what would be done can be taken back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReversibleRow {
    /// Whether it can.
    pub ok: bool,
    /// How, or why not; in words.
    #[serde(default)]
    pub note: String,
}
