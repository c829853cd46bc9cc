//! What in a journal one jumps to: decisions, holds, triggers, failures.
//!
//! A word for each kind; what a fact does is in the fold.

use super::Timeline;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::report::Report;

/// A kind of entry that someone looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notable {
    /// Someone decided: a vote, an approval, a release, a waiver, a branch.
    Decision,
    /// A hold was placed, lifted, or is past its time.
    Hold,
    /// A trigger tripped, acted, was postponed or disarmed; or a rollback began.
    Trigger,
    /// Something failed, is in doubt, or was lost.
    Failed,
}

impl Notable {
    /// Every kind, in order.
    pub const ALL: [Notable; 4] = [Notable::Decision, Notable::Hold, Notable::Trigger, Notable::Failed];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Notable::Decision => "decision",
            Notable::Hold => "hold",
            Notable::Trigger => "trigger",
            Notable::Failed => "failed",
        }
    }

    /// What an entry is; none when it is none of these. What failed comes first.
    pub fn of(entry: &Entry) -> Option<Self> {
        let found = entry.facts.iter().filter_map(of_fact);
        found.max_by_key(|kind| *kind as u8)
    }
}

fn of_fact(fact: &Fact) -> Option<Notable> {
    Some(match fact {
        Fact::Decided { .. }
        | Fact::Voted { .. }
        | Fact::PollClosed { .. }
        | Fact::Chosen { .. }
        | Fact::Released { .. }
        | Fact::Waived { .. }
        | Fact::Resolved { .. }
        | Fact::StepSkipped { .. }
        | Fact::StepRetried { .. }
        | Fact::RulesAdopted { .. }
        | Fact::Trusted(..)
        | Fact::WaiverAsked(_)
        | Fact::WaiverAnswered(_)
        | Fact::RunParked { .. }
        | Fact::RunAborted { .. } => Notable::Decision,
        Fact::HoldPlaced(_) | Fact::HoldLifted { .. } | Fact::HoldOverdue { .. } => Notable::Hold,
        Fact::TriggerTripped { .. }
        | Fact::TriggerPostponed { .. }
        | Fact::TriggerDisarmed { .. }
        | Fact::TriggerProposed { .. }
        | Fact::TriggerFired { .. }
        | Fact::Symptom { .. } => Notable::Trigger,
        Fact::StepFailed { .. } | Fact::InDoubt { .. } | Fact::SessionLost { .. } => Notable::Failed,
        Fact::Settled { report, .. } if !matches!(report, Report::Done(_)) => Notable::Failed,
        _ => return None,
    })
}

impl Timeline {
    /// How many entries there are up to and with the next notable one after the first
    /// `n`, of one kind or of any; none when there is none.
    pub fn next(&self, n: usize, kind: Option<Notable>) -> Option<usize> {
        let mut rest = self.entries.iter().enumerate().skip(n);
        rest.find(|(_, entry)| is(entry, kind)).map(|(at, _)| at + 1)
    }

    /// The same before the last of the first `n`.
    pub fn previous(&self, n: usize, kind: Option<Notable>) -> Option<usize> {
        let mut before = self.entries.iter().take(n.saturating_sub(1));
        before.rposition(|entry| is(entry, kind)).map(|at| at + 1)
    }
}

fn is(entry: &Entry, kind: Option<Notable>) -> bool {
    Notable::of(entry).is_some_and(|of| kind.is_none_or(|kind| kind == of))
}
