//! One hold: hold point, hold all, lock after a rollback and circuit breaker
//! are the same thing. A hold stops forward operations in its scope; the way
//! back to the last good state is never held.

use super::Timestamp;
use super::name::{EnvironmentName, PersonName, RunId, ServiceName, StepName};
use super::operation::{Direction, Operation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a hold stops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every forward operation of the workspace.
    All,
    /// Every forward operation and every automatic start of one run.
    Run(RunId),
    /// One step of one run.
    Step(RunId, StepName),
    /// Forward operations on one service in one environment.
    Target(ServiceName, EnvironmentName),
}

/// A hold that is in force until it is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Its number in the journal, counted from 1.
    pub id: u32,
    /// What it stops.
    pub scope: Scope,
    /// Who placed it.
    pub by: PersonName,
    /// When.
    pub since: Timestamp,
    /// Why.
    pub reason: String,
    /// Whether only a diagnosis by name ends it: the lock after a rollback.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lock: bool,
    /// When it should have ended; passing it escalates, it never ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Hold {
    /// Whether it stops this operation of this step.
    pub fn stops(&self, run: RunId, step: &StepName, op: Option<&Operation>) -> bool {
        let forward = op.is_none_or(|op| op.direction() == Direction::Forward);
        forward
            && match &self.scope {
                Scope::All => true,
                Scope::Run(held) => *held == run,
                Scope::Step(held, name) => *held == run && name == step,
                Scope::Target(service, environment) => op.and_then(Operation::target) == Some((service, environment)),
            }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::All => write!(f, "everything"),
            Scope::Run(run) => write!(f, "run {run}"),
            Scope::Step(run, step) => write!(f, "run {run} step {step}"),
            Scope::Target(service, environment) => write!(f, "{service} in {environment}"),
        }
    }
}
