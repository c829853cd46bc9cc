//! Standard changes: what a rule approves beforehand is counted, and a failed use revokes the rule.
//!
//! Revoked, it lifts nothing until somebody else trusts it again. A step that failed before anything was done has used
//! nothing.

use super::Given;
use super::ledger::Ledger;
use super::run::Fate;
use crate::domain::Timestamp;
use crate::domain::intent::Intent;
use crate::domain::name::{PersonName, PolicyName, RunId, StepName};
use crate::domain::report::Report;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a rule that approves beforehand has been used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    /// How many operations it let pass.
    pub used: u32,
    /// The use that revoked it; none where it is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
}

/// A use that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// When it failed, or was taken back.
    pub at: Timestamp,
    /// Who started the step.
    pub by: PersonName,
    /// Whether it was taken back; else it failed.
    pub taken_back: bool,
}

impl Revoked {
    /// Why, in words.
    pub fn why(&self) -> String {
        format!("run {} step {} {}", self.run, self.step, if self.taken_back { "was taken back" } else { "failed" })
    }
}

/// Counts what an operation was approved by.
pub(super) fn used(ledger: &mut Ledger, intent: &Intent) {
    for name in &intent.approved {
        let standard = ledger.standards.entry(name.clone()).or_default();
        standard.used = standard.used.saturating_add(1);
    }
}

/// Revokes what let a step pass that went wrong.
pub(super) fn revoke(ledger: &mut Ledger, run: RunId, step: &StepName, taken_back: bool) {
    let Some(state) = ledger.run(run).and_then(|run| run.steps.get(step)) else { return };
    let Some(sent) = state.intent.and_then(|seq| ledger.sent.get(&seq)) else { return };
    let nothing = matches!(sent.fate, Fate::Settled(Report::NotDone { .. } | Report::NotSent { .. }));
    let Some(by) = state.by.clone().filter(|_| !nothing) else { return };
    let revoked = Revoked { run, step: step.clone(), at: ledger.at, by, taken_back };
    for name in sent.intent.approved.clone() {
        let standard = ledger.standards.entry(name).or_default();
        standard.revoked.get_or_insert_with(|| revoked.clone());
    }
}

/// The rules that lift nothing, each with why.
pub fn revoked(given: &Given<'_>) -> BTreeMap<PolicyName, String> {
    let all = given.ledger.standards.iter();
    all.filter_map(|(name, standard)| Some((name.clone(), standard.revoked.as_ref()?.why()))).collect()
}
