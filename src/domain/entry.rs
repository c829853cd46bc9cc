//! Entries: one line of the journal, one decision.
//!
//! Its bytes are what the chain hashes, so its fields and their order are the journal's format.

use super::Timestamp;
use super::digest::Digest;
use super::fact::Fact;
use super::name::PersonName;
use super::refusal::Refusal;
use super::session::SessionId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One line of the journal. Its facts become true together or not at all; a
/// refused command has a refusal in place of facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Counts lines of the whole journal from 1.
    pub seq: u64,
    /// When it was decided; never earlier than the line before.
    pub at: Timestamp,
    /// Who decided, in which session.
    pub by: By,
    /// What led to it: a command, `report #412`, `advance`, `recover`, `open`.
    pub cause: String,
    /// What is true from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Why nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// Head of the session's chain of navigation keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Digest>,
    /// SHA-256 of the previous line's exact bytes with its newline; zeros in the first.
    pub prev: Digest,
}

/// Who decided: `ana#17` is ana in the session that line 17 opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// The person.
    pub person: PersonName,
    /// The session.
    pub session: SessionId,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.person, self.session.0)
    }
}

impl Serialize for By {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        let wrong = || serde::de::Error::custom("`by` must be PERSON#LINE");
        let (person, session) = text.rsplit_once('#').ok_or_else(wrong)?;
        Ok(By { person: person.into(), session: SessionId(session.parse().map_err(|_| wrong())?) })
    }
}

/// What is to become the next line: everything but its place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What led to it.
    pub cause: String,
    /// What is true from now on, or why nothing is.
    pub outcome: Result<Vec<Fact>, Refusal>,
}
