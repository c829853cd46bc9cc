//! The risk register of a runbook: what could go wrong, who sees to it, and the trigger that takes it back.
//!
//! Written before the release by asking why it failed; read again in the night when it does.

use super::name::{RoleName, TriggerName};
use super::release::Impact;
use serde::{Deserialize, Serialize};

/// Why a runbook goes the way it does, and what could go wrong on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Why this strategy; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The risks, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
}

/// Something that could go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// What it is.
    pub what: String,
    /// How likely.
    pub likelihood: Impact,
    /// How bad.
    pub effect: Impact,
    /// What is done against it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mitigation: String,
    /// The role that sees to it; none where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<RoleName>,
    /// The trigger that notices it and takes it back; none where no signal shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerName>,
}

impl Register {
    /// Whether nothing is written down.
    pub fn is_empty(&self) -> bool {
        self.why.is_empty() && self.risks.is_empty()
    }

    /// The risks that nobody sees to.
    pub fn unowned(&self) -> impl Iterator<Item = &Risk> {
        self.risks.iter().filter(|risk| risk.owner.is_none())
    }
}

impl Risk {
    /// How likely and how bad, what, who sees to it, and how: `medium/high · it is slow · ops · a limit in front`.
    pub fn line(&self) -> String {
        let owner = self.owner.as_ref().map_or("NOBODY", RoleName::as_str);
        let line = format!("{}/{} · {} · {owner}", self.likelihood.text(), self.effect.text(), self.what);
        if self.mitigation.is_empty() { line } else { format!("{line} · {}", self.mitigation) }
    }
}
