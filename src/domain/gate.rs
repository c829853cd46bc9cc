//! Gates: conditions that must hold before a step may start, or be done.
//!
//! Only their shape is here; what they say at an instant is the engine's verdict.

use super::approval::Slot;
use super::name::{EnvironmentName, RoleName, ServiceName};
use super::signal::SignalAt;
use super::span::Span;
use serde::{Deserialize, Serialize};

/// A condition. `All` of none passes; `Any` of none is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Gate {
    /// Every part must pass.
    All(Vec<Gate>),
    /// One part must pass.
    Any(Vec<Gate>),
    /// The change window of the service in the environment is open.
    Window {
        /// The service; windows of any service count when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceName>,
        /// The environment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        environment: Option<EnvironmentName>,
    },
    /// The signals are fresh and within their thresholds now; of what verifies or checks, by readings since then.
    Health(Vec<SignalAt>),
    /// The signals have been so for this long without a gap, counted from when
    /// the step became ready or started, or from the last change of driver.
    Soak {
        /// What is watched.
        signals: Vec<SignalAt>,
        /// For how long.
        hold_for: Span,
    },
    /// The version that is being rolled out does no worse by these signals than the one that serves.
    Versions(Vec<SignalAt>),
    /// People of these roles have approved the step as it was shown.
    Approval(Vec<Slot>),
    /// Someone of this role has said so.
    Manual {
        /// Who.
        role: RoleName,
        /// What they confirm.
        text: String,
    },
}

impl Gate {
    /// Every signal that the gate looks at, in order, with repetitions.
    pub fn signals(&self) -> Vec<&SignalAt> {
        match self {
            Gate::All(parts) | Gate::Any(parts) => parts.iter().flat_map(Gate::signals).collect(),
            Gate::Health(signals) | Gate::Versions(signals) | Gate::Soak { signals, .. } => signals.iter().collect(),
            Gate::Window { .. } | Gate::Approval(_) | Gate::Manual { .. } => Vec::new(),
        }
    }

    /// Every slot that the gate asks people to fill.
    pub fn slots(&self) -> Vec<&Slot> {
        match self {
            Gate::All(parts) | Gate::Any(parts) => parts.iter().flat_map(Gate::slots).collect(),
            Gate::Approval(slots) => slots.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Every role of which somebody must say something, with repetitions.
    pub fn manual(&self) -> Vec<&RoleName> {
        match self {
            Gate::All(parts) | Gate::Any(parts) => parts.iter().flat_map(Gate::manual).collect(),
            Gate::Manual { role, .. } => vec![role],
            _ => Vec::new(),
        }
    }
}
