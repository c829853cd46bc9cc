//! Facts: what has happened. Never refused, always stored, folded into the ledger.
//!
//! Its JSON is the journal's format, unknown fields refused; a new kind needs a `FormatRaised` line before it.

use super::Timestamp;
use super::approval::{Cast, Decision};
use super::command::{Consent, Resolution};
use super::name::{EnvironmentName, PersonName, PolicyName, RoleName, RunId, ServiceName, StepName, TriggerName};
use super::plan::{Plan, Step};
use super::report::{Found, Report};
use super::rules::Rules;
use super::sample::Kept;
use super::session::{Origin, SessionId};
use super::verdict::{Reason, Verdict};
use super::waiver::{Answered, Waiver};
pub use super::{carried::Carried, evidence::Evidence, intent::Intent};
use super::{digest::Digest, hold::Hold, journal_id::JournalId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The journal format that this version writes.
pub const FORMAT: u32 = 1;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fact {
    /// The journal begins.
    Genesis {
        /// Its format, [`FORMAT`].
        format: u32,
        /// Its random id.
        journal: JournalId,
        /// The workspace it belongs to.
        workspace: String,
    },
    /// Kinds of fact newer than `format` may follow; older programs stop driving.
    FormatRaised {
        /// The new format.
        format: u32,
    },
    /// First line of a further segment: the ledger as it stood.
    Carried(Carried),
    /// A session opened; its id is this line's number.
    SessionOpened(Box<Origin>),
    /// A session ended, and how.
    SessionClosed {
        /// The session.
        session: SessionId,
        /// `quit`, `hang-up`, `signal 15`, ….
        how: String,
    },
    /// A session was proved dead: its liveness file could be locked.
    SessionLost {
        /// The session.
        session: SessionId,
    },
    /// A run started.
    RunStarted {
        /// Its number.
        run: RunId,
        /// What it will do.
        plan: Arc<Plan>,
        /// Digest of that plan, as the operator saw it.
        digest: Digest,
        /// What offsets count from.
        t0: Timestamp,
    },
    /// A session took the conn of a run; operations of older epochs are void.
    ConnTaken {
        /// The run.
        run: RunId,
        /// The session that now drives.
        session: SessionId,
        /// Counts take-overs of this run from 1.
        epoch: u64,
        /// Why, when it was taken from someone.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// The conn of a run was given back; it is unattended.
    ConnGiven {
        /// The run.
        run: RunId,
    },
    /// The conn of a run was offered to someone, who may take it without a reason.
    ConnOffered {
        /// The run.
        run: RunId,
        /// To whom.
        to: PersonName,
    },
    /// A person agreed in advance to a step.
    Consented {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// How.
        consent: Consent,
    },
    /// A step without an operation started: a watch, a question.
    StepStarted {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
    },
    /// An operation is about to be sent; this line's number is its key. One a line.
    Announced(Box<Intent>),
    /// The sender of an operation reported how it ended.
    Settled {
        /// The line that announced it.
        intent: u64,
        /// How it ended.
        report: Report,
    },
    /// Whether an operation took effect is not known.
    InDoubt {
        /// The line that announced it.
        intent: u64,
        /// What was lost.
        why: String,
    },
    /// A session is to ask the backend what became of an operation.
    ProbeAsked {
        /// The line that announced it.
        intent: u64,
        /// Who asks.
        session: SessionId,
    },
    /// What that probe found.
    Probed {
        /// The line that announced it.
        intent: u64,
        /// What was found.
        found: Found,
    },
    /// A person decided what became of an operation in doubt.
    Resolved {
        /// The line that announced it.
        intent: u64,
        /// What became of it.
        resolution: Resolution,
        /// Why the person is sure.
        reason: String,
    },
    /// The operation of a step is done and its verification runs.
    Verifying {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
    },
    /// A step is done.
    StepDone {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// A person's words, or how it came about.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        /// What was seen when it was judged done.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// A step failed.
    StepFailed {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The cause, verbatim.
        why: String,
        /// Done to so many of so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partly: Option<(u32, u32)>,
        /// What was seen when it was judged failed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// A step was left out.
    StepSkipped {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// Why.
        reason: String,
    },
    /// A failed step is to be tried again.
    StepRetried {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
    },
    /// A manual *done* was taken back within its ten seconds.
    StepReopened {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
    },
    /// A step was given to someone.
    Assigned {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// To whom.
        to: PersonName,
    },
    /// A step was added mid-run: a deviation.
    StepAdded {
        /// The run.
        run: RunId,
        /// The step.
        step: Box<Step>,
        /// Why.
        reason: String,
    },
    /// What a gate or watch says changed its level; the evidence it rests on.
    Judged {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// What it says now.
        verdict: Verdict,
        /// The readings it rests on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// A soak counts from this line on.
    SoakRestarted {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// Why: a gap in the evidence, a breach, a change of driver.
        why: String,
    },
    /// A verification that does not pass was accepted.
    Waived {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// Why.
        reason: String,
    },
    /// A branch was chosen.
    Chosen {
        /// The run.
        run: RunId,
        /// The decision.
        step: StepName,
        /// The branch.
        branch: String,
    },
    /// Something was written down.
    Noted {
        /// The run.
        run: RunId,
        /// The step it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepName>,
        /// The words.
        text: String,
    },
    /// A vote was cast.
    Voted {
        /// The run.
        run: RunId,
        /// The poll.
        step: StepName,
        /// For which role.
        role: RoleName,
        /// The vote.
        cast: Cast,
    },
    /// A poll closed.
    PollClosed {
        /// The run.
        run: RunId,
        /// The poll.
        step: StepName,
        /// Whether it says go.
        go: bool,
        /// Why not; empty for a go.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reasons: Vec<Reason>,
    },
    /// Someone approved or rejected.
    Decided {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The decision.
        decision: Decision,
    },
    /// A hold point was passed.
    Released {
        /// The run.
        run: RunId,
        /// The hold point.
        step: StepName,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// A hold is in force.
    HoldPlaced(Hold),
    /// A hold was lifted.
    HoldLifted {
        /// Its number.
        hold: u32,
        /// Why; for a lock the diagnosis.
        reason: String,
    },
    /// A hold is past the time it should have ended at. It stays; someone must look.
    HoldOverdue {
        /// Its number.
        hold: u32,
        /// Who is told besides whoever placed it: a role that may end it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<RoleName>,
    },
    /// Someone is to be told that a step is late or undecided.
    Escalated {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// Whom.
        to: RoleName,
        /// Why.
        why: String,
    },
    /// A trigger watches from now on.
    TriggerArmed {
        /// The run.
        run: RunId,
        /// The trigger.
        trigger: TriggerName,
    },
    /// A trigger tripped.
    TriggerTripped {
        /// The run.
        run: RunId,
        /// The trigger.
        trigger: TriggerName,
        /// When it acts; none when it only proposes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acts_at: Option<Timestamp>,
        /// What it saw.
        evidence: Vec<Evidence>,
    },
    /// A tripped trigger was postponed; it trips again.
    TriggerPostponed {
        /// The run.
        run: RunId,
        /// The trigger.
        trigger: TriggerName,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// A trigger was disarmed.
    TriggerDisarmed {
        /// The run.
        run: RunId,
        /// The trigger.
        trigger: TriggerName,
        /// Why.
        reason: String,
    },
    /// A countdown could not act and became a proposal.
    TriggerProposed {
        /// The run.
        run: RunId,
        /// The trigger.
        trigger: TriggerName,
        /// Why: nobody drove, or the evidence was no longer fresh.
        why: String,
    },
    /// A trigger's rollback was started.
    TriggerFired {
        /// The run.
        run: RunId,
        /// The trigger.
        trigger: TriggerName,
        /// The run that rolls back.
        by: RunId,
    },
    /// A change of a run was taken back.
    TakenBack {
        /// The run whose change it was.
        run: RunId,
        /// The service.
        service: ServiceName,
        /// The environment.
        environment: EnvironmentName,
        /// The version that serves again.
        to: String,
        /// The run that took it back.
        by: RunId,
    },
    /// Why a rollback was started.
    Symptom {
        /// The rollback's run.
        run: RunId,
        /// What was seen.
        text: String,
    },
    /// What a rollback's cause was.
    RootCause {
        /// The rollback's run.
        run: RunId,
        /// The cause.
        text: String,
        /// Its category.
        category: String,
    },
    /// Something left open was taken over by name.
    TakenOver {
        /// The run.
        run: RunId,
        /// What.
        what: String,
        /// Why it may stay open.
        reason: String,
    },
    /// A run was set aside.
    RunParked {
        /// The run.
        run: RunId,
        /// Why.
        reason: String,
    },
    /// A parked run goes on.
    RunUnparked {
        /// The run.
        run: RunId,
    },
    /// A run was stopped for good.
    RunAborted {
        /// The run.
        run: RunId,
        /// Why.
        reason: String,
    },
    /// Every step of a run has ended and nothing is left open.
    RunCompleted {
        /// The run.
        run: RunId,
    },
    /// What keeps changes back was read from the files: at the start of a run, or because it changed.
    RulesRead {
        /// What they say now; it binds from here on.
        rules: Arc<Rules>,
        /// What the rules read before demanded and these do not; the older go on to bind.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        loosened: Vec<String>,
        /// Which of the rules in force, counted from 0, these are at least as strict as; they bind no longer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drops: Vec<u32>,
    },
    /// A person let go of stricter rules: only what the files say now binds.
    RulesAdopted {
        /// What they say now.
        rules: Arc<Rules>,
        /// What is no longer demanded.
        loosened: Vec<String>,
        /// Why.
        reason: String,
    },
    /// The signals in the scope of a run that has ended are kept in a file beside the journal.
    SamplesKept {
        /// The run.
        run: RunId,
        /// How long the file is, and what is in it.
        kept: Kept,
    },
    /// Somebody asked that a rule, freeze or window does not hold a run back; or declared an emergency.
    WaiverAsked(Box<Waiver>),
    /// Somebody's word on a waiver.
    WaiverAnswered(Box<Answered>),
    /// A rule that a failed use had revoked is trusted again, and why.
    Trusted(PolicyName, String),
    /// A file of the workspace changed what is live.
    WorkspaceChanged {
        /// What changed, in words.
        what: String,
    },
}
