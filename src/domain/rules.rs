//! Rules: what of the workspace's files keeps changes back, as it stood once.
//!
//! Windows, freezes, who fills a role, what an environment asks for and whether
//! it is for real. They are written down, so that files which loosen them change nothing by themselves.

use super::Timestamp;
use super::calendar::Calendar;
use super::catalogue::Confirmation;
use super::feed::Declared;
use super::name::{BackendName, EnvironmentName, PersonName, RoleName};
use super::person::{Accounts, Role};
use super::policy::Policy;
use super::waiver::Emergency;
use super::workspace::Purpose;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules of the files at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// When the files were read that say so; an older reading never replaces a later one.
    pub read: Timestamp,
    /// Windows and freezes from then until `calendar.until`.
    pub calendar: Calendar,
    /// The windows and freezes that are read by their addresses: where, and as what.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub feeds: BTreeMap<BackendName, Declared>,
    /// Who may speak for what.
    pub roles: BTreeMap<RoleName, Role>,
    /// By which logins and keys people are known.
    #[serde(default)]
    pub people: BTreeMap<PersonName, Accounts>,
    /// What an operation in an environment asks of a person.
    pub confirm: BTreeMap<EnvironmentName, Confirmation>,
    /// What the rules of `policy/` said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policy: Policy,
    /// How the files called what rules ask for: `environment prod`, and its tier, region and zone in words. None in
    /// journals of before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, String>,
    /// Who may declare an emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
    /// How seriously the workspace is to be taken; for real, a claimed identity counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
}
