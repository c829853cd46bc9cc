//! Rollback triggers: what trips them, what they do, and who may stop them.
//!
//! What one agrees to is written here beforehand, so that tripping decides nothing new.

use super::name::{EnvironmentName, ServiceName, StepName, TriggerName};
use super::signal::SignalAt;
use super::span::Span;
use serde::{Deserialize, Serialize};

/// A trigger of a plan. It is armed while its steps are under way or after them,
/// trips when one of its signals fails for its guard time, and then proposes a
/// rollback or starts it after a countdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Its name, such as `T2`.
    pub name: TriggerName,
    /// Any one of these trips it; thresholds and guard times are the signals' own.
    pub signals: Vec<SignalAt>,
    /// Armed once this step has started.
    pub from: StepName,
    /// Armed until this step is done; until the run ends when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<StepName>,
    /// What it rolls back.
    pub rolls_back: RollsBack,
    /// How long after tripping it acts; none only proposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countdown: Option<Span>,
    /// How long one postponement lasts.
    pub postpone: Span,
    /// The poll that agreed to it in advance, shown beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<StepName>,
}

/// What a rollback takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RollsBack {
    /// One service in one environment, to the version before.
    One(ServiceName, EnvironmentName),
    /// Everything the run has changed, in reverse dependency order.
    Set,
}
