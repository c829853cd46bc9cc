//! Sessions: one process of holdpoint that has opened the journal to act.
//!
//! What it says of its person is what the operating system said, never what was typed.

use super::name::PersonName;
use super::person::Proof;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A session: the sequence number of the journal line that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What the operating system says of a session, written in its first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The person the session acts for.
    pub person: PersonName,
    /// How that person is known.
    pub proof: Proof,
    /// Unix login name of the process.
    pub user: String,
    /// Real user id.
    pub uid: u32,
    /// Login uid of the audit system, which `su` does not change; absent where unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_uid: Option<u32>,
    /// Address and port of the SSH client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_client: Option<String>,
    /// SHA-256 fingerprint of the SSH key that was used, where the server exposes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_key: Option<String>,
    /// Terminal device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    /// Host name.
    pub host: String,
    /// Process id.
    pub pid: u32,
    /// What was started: `tui`, or the verb.
    pub program: String,
    /// Version of holdpoint.
    pub version: String,
}
