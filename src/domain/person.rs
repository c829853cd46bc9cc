//! Who may do what: people, roles, and how well a person is known.
//!
//! A person is not an account: two logins of one person count once, in every rule.

use super::name::{PersonName, RoleName};
use super::session::SessionId;
use super::ssh_key::Fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A person of `holdpoint.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The key of `[people]`.
    pub name: PersonName,
    /// How the person is called on screens.
    pub title: String,
    /// What is this person.
    pub accounts: Accounts,
    /// Telephone, chat or mail, in the order to try.
    pub contacts: Vec<String>,
}

/// By what a person is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Unix login names that are this person.
    pub logins: Vec<String>,
    /// SSH keys that are this person.
    pub keys: Vec<Fingerprint>,
}

/// A role: a duty that named people can fill, in the order to ask them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The key of `[roles]`.
    pub name: RoleName,
    /// How the role is called on screens.
    pub title: String,
    /// Who fills it: first the holder, then deputies in order.
    pub people: Vec<PersonName>,
    /// The least proof of identity that this role's decisions need.
    pub proof: Proof,
    /// Whether a spoken decision, heard by a second person, counts for this role.
    pub spoken: bool,
    /// Whether this role may decide a rollback and disarm its triggers.
    pub rollback: bool,
    /// How to reach whoever fills it, when that is not a person's own contact.
    pub contacts: Vec<String>,
}

/// How well an actor's identity is known, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Said with `--as`; only in a workspace marked demo or rehearsal.
    Claimed,
    /// The Unix login.
    Login,
    /// The SSH key that opened the session.
    SshKey,
    /// A signature over the decision itself.
    Signed,
}

impl Proof {
    /// Whether it takes a key; a signature is the stronger proof of one.
    pub fn by_key(self) -> bool {
        self >= Self::SshKey
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Proof::Claimed => "claimed",
            Proof::Login => "login",
            Proof::SshKey => "ssh-key",
            Proof::Signed => "signed",
        })
    }
}

/// Who gives a command: a person, how well known, in which session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person; separation of duties compares these.
    pub person: PersonName,
    /// How the person is known.
    pub proof: Proof,
    /// The session the command came from.
    pub session: SessionId,
}
