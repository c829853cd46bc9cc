//! Who a backend says it is: a program, its version, and whom it acts as in the system behind it.
//!
//! What was not told is said to be not told; nothing is made up for it.

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// Before the end of a credential it is said that it ends soon.
const SOON: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// What a backend says of itself, made harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduced {
    /// What it is called.
    pub name: String,
    /// Its version; empty where it does not tell.
    #[serde(default)]
    pub version: String,
    /// Whom it acts as.
    #[serde(default)]
    pub identity: Identity,
}

/// Whom a backend acts as in the system behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// It does not tell.
    #[default]
    Untold,
    /// It tells something that cannot be read; why.
    Unread(String),
    /// As this one, and until when where it says so.
    Told {
        /// Who.
        who: String,
        /// When the credential ends.
        until: Option<Timestamp>,
    },
}

impl Introduced {
    /// The program and its version.
    pub fn program(&self) -> String {
        let name = if self.name.is_empty() { "a program without a name" } else { &self.name };
        match self.version.as_str() {
            "" => format!("{name}, whose version it does not tell"),
            version => format!("{name} {version}"),
        }
    }

    /// All of it in one line, and whether it is as it should be.
    pub fn line(&self, now: Timestamp) -> (bool, String) {
        let (ok, who) = self.identity.words(now);
        (ok, format!("{}; {who}", self.program()))
    }
}

impl Identity {
    /// In words, and whether it is as it should be: one that cannot be read or ends soon is not.
    pub fn words(&self, now: Timestamp) -> (bool, String) {
        match self {
            Self::Untold => (true, "whom it acts as it does not tell".to_owned()),
            Self::Unread(why) => (false, format!("whom it says it acts as cannot be read: {why}")),
            Self::Told { who, until: None } => (true, format!("acts as {who}, until when it does not tell")),
            Self::Told { who, until: Some(end) } => {
                let text = format!("acts as {who}, until {}", end.format("%F %H:%M:%SZ"));
                match *end - now {
                    left if left <= chrono::TimeDelta::zero() => (false, format!("{text}: it has ended; renew it")),
                    left if left < SOON => (false, format!("{text}: it ends soon; renew it")),
                    _ => (true, text),
                }
            }
        }
    }
}
