//! What the first line of a further segment of the journal carries.
//!
//! Only the engine knows what is in it; here it is text that is kept as it is.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A ledger as JSON, opaque to everything but the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Carried(pub Box<RawValue>);

impl PartialEq for Carried {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}
