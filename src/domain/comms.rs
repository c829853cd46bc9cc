//! Who is told how a release goes, and how often.
//!
//! Data only; when the next update is due is the engine's to reckon.

use super::span::Span;
use serde::{Deserialize, Serialize};

/// People who are kept informed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Its name, such as `stakeholders`.
    pub name: String,
    /// How long at most between two updates of a live run.
    pub every: Span,
    /// The same while an incident is open.
    pub in_incident: Span,
    /// Where the update goes, for whoever sends it.
    pub contacts: Vec<String>,
}

impl Audience {
    /// How often an audience is told that says nothing else.
    pub const EVERY: Span = Span::mins(30);
    /// The same while an incident is open.
    pub const IN_INCIDENT: Span = Span::mins(15);

    /// Whom a workspace informs that declares nobody.
    pub fn usual() -> Self {
        let name = "stakeholders".to_owned();
        Self { name, every: Self::EVERY, in_incident: Self::IN_INCIDENT, contacts: Vec::new() }
    }
}
