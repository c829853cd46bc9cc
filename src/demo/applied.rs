//! What a router goes by, in its own word: who waits for a change to be so asks
//! this, and not the clock. The router alone writes it.

use super::failure::Failure;
use super::files;
use super::layout::Layout;
use super::place::Place;
use serde::{Deserialize, Serialize};

/// What a router has taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The generation of what is wanted at its place.
    pub generation: u64,
    /// The revision of what runs.
    pub revision: u64,
}

impl Applied {
    /// What the router of a place goes by; nothing before it has said so.
    pub fn load(layout: &Layout, place: &Place) -> Self {
        files::read(&layout.applied(place)).unwrap_or_default()
    }

    /// Says it for a place.
    pub fn tell(self, layout: &Layout, place: &Place) -> Result<(), Failure> {
        files::write(&layout.applied(place), &self)
    }
}
