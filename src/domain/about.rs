//! What a fact is about: the step of a run, or the operation that it names.
//!
//! It only reads; what a fact does is in the engine's fold.

use super::fact::Fact;
use super::name::{RunId, StepName};

impl Fact {
    /// The run and the step that it names; none for a fact about something else,
    /// or about an operation, which [`Fact::sent`] names.
    pub fn step(&self) -> Option<(RunId, &StepName)> {
        match self {
            Self::Announced(intent) => Some((intent.run, &intent.step)),
            Self::StepAdded { run, step, .. } => Some((*run, &step.name)),
            Self::Noted { run, step, .. } => Some((*run, step.as_ref()?)),
            Self::Consented { run, step, .. }
            | Self::StepStarted { run, step }
            | Self::Verifying { run, step }
            | Self::StepDone { run, step, .. }
            | Self::StepFailed { run, step, .. }
            | Self::StepSkipped { run, step, .. }
            | Self::StepRetried { run, step }
            | Self::StepReopened { run, step }
            | Self::Assigned { run, step, .. }
            | Self::Judged { run, step, .. }
            | Self::SoakRestarted { run, step, .. }
            | Self::Waived { run, step, .. }
            | Self::Chosen { run, step, .. }
            | Self::Voted { run, step, .. }
            | Self::PollClosed { run, step, .. }
            | Self::Decided { run, step, .. }
            | Self::Released { run, step, .. }
            | Self::Escalated { run, step, .. } => Some((*run, step)),
            _ => None,
        }
    }

    /// The line that announced the operation whose outcome it is about.
    pub fn sent(&self) -> Option<u64> {
        match self {
            Self::Settled { intent, .. }
            | Self::InDoubt { intent, .. }
            | Self::ProbeAsked { intent, .. }
            | Self::Probed { intent, .. }
            | Self::Resolved { intent, .. } => Some(*intent),
            _ => None,
        }
    }
}
