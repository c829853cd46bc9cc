//! Gathers every reason against a command before refusing it.
//!
//! It judges nothing; it only keeps count of what others found.

use crate::domain::refusal::Refusal;
use crate::domain::verdict::{Level, Reason, Verdict};

/// Reasons against, so far.
#[derive(Default)]
pub(super) struct Gather {
    reasons: Vec<Reason>,
    failed: bool,
}

impl Gather {
    /// Takes a verdict's reasons unless it passes.
    pub(super) fn verdict(&mut self, verdict: Verdict) {
        if !verdict.passes() {
            self.failed |= verdict.level == Level::Fail;
            self.reasons.extend(verdict.reasons);
        }
    }

    /// Takes a plain no.
    pub(super) fn reason(&mut self, result: Result<(), Reason>) {
        if let Err(reason) = result {
            self.failed = true;
            self.reasons.push(reason);
        }
    }

    /// Takes something that a person or time can still mend.
    pub(super) fn hold(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    /// Takes another refusal's reasons.
    pub(super) fn refusal(&mut self, result: Result<(), Refusal>) {
        if let Err(refusal) = result {
            self.failed |= !refusal.held;
            let new: Vec<_> = refusal.reasons.into_iter().filter(|reason| !self.reasons.contains(reason)).collect();
            self.reasons.extend(new);
        }
    }

    /// Refuses if anything was gathered.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.reasons.is_empty() {
            return Ok(());
        }
        Err(Refusal { reasons: self.reasons, held: !self.failed })
    }
}
