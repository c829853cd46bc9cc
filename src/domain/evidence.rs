//! Evidence: what was seen, copied into the fact that rested on it.
//!
//! The live value moves on; this is the one that was judged, and stays.

use super::Timestamp;
use super::observed::Quality;
use super::signal::SignalAt;
use super::verdict::Level;
use super::versions::Compared;
use serde::{Deserialize, Serialize};

/// One reading that a decision rested on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The signal and the place.
    pub signal: SignalAt,
    /// The number, in the signal's base unit; none when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// How many events it rested on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How old it was, in words.
    pub quality: Quality,
    /// What it said.
    pub level: Level,
    /// The old version against the new one, where that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}
