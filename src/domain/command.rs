//! Commands: what an operator asks holdpoint to do. Each may be refused.
//!
//! A command says what is wanted and by what right, never whether it may be.

use super::Timestamp;
use super::approval::Vote;
use super::catalogue::Confirmation;
use super::digest::Digest;
use super::hold::Scope;
use super::name::{EnvironmentName, PersonName, PolicyName, RoleName, RunId, ServiceName, StepName, TriggerName};
use super::one_off::OneOff;
use super::plan::{Plan, Step};
use super::signed::Signed;
use super::span::Span;
use super::trigger::RollsBack;
use super::waiver::{Answer, Waives};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How an operator agreed to what was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// How much was asked of the operator.
    pub level: Confirmation,
    /// Digest of what was shown.
    pub saw: Digest,
    /// How it was given, such as `typed eu-west 7KQ` or `--confirm eu-west`.
    pub how: String,
}

/// What is done to one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepCommand {
    /// Start it.
    Start(Option<Consent>),
    /// Say that it is done.
    Done(String),
    /// Take a manual *done* back within ten seconds.
    Undo,
    /// Say that it failed.
    Fail(String),
    /// Try it again after a certain failure.
    Retry(Option<Consent>),
    /// Leave it out, with a reason.
    Skip(String),
    /// Place a hold on it, with a reason.
    Hold(String),
    /// Release it: a hold point, or a hold placed on it.
    Release(String, Option<Consent>),
    /// Write something down about it.
    Note(String),
    /// Accept a verification that does not pass, with a reason.
    Waive(String),
    /// Give it to someone.
    Assign(PersonName),
    /// Choose a branch of a decision.
    Choose(String),
    /// Ask the backend what became of an operation in doubt.
    Probe,
    /// Decide what became of an operation in doubt.
    Resolve(Resolution, String),
}

/// What an operator decides about an operation in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// It was done.
    Succeeded,
    /// It was done and went wrong.
    Failed,
    /// It was certainly not done and never will be.
    NotApplied,
}

/// Who said and who heard a spoken decision, and the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who said it.
    pub by: PersonName,
    /// Who else heard it.
    pub heard_by: PersonName,
    /// The exact words.
    pub words: String,
}

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Start a run of a plan; the named steps are consented to, up to the next hold.
    StartRun(Box<Plan>, Vec<(StepName, Consent)>),
    /// Do something to a step of a run.
    Step(RunId, StepName, StepCommand),
    /// Vote in a poll for a role.
    Vote {
        /// The run.
        run: RunId,
        /// The poll.
        step: StepName,
        /// For which role.
        role: RoleName,
        /// How.
        vote: Vote,
        /// Digest of the evidence the voter saw.
        saw: Digest,
        /// When it was spoken.
        said: Option<Said>,
    },
    /// Approve (`yes`) or reject a step's approval.
    Decide {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// For which role; the only fitting one when none.
        role: Option<RoleName>,
        /// Approve or reject.
        yes: bool,
        /// Why.
        reason: String,
        /// Digest of the step that was shown.
        saw: Digest,
        /// When it was spoken.
        said: Option<Said>,
        /// When it is signed; then what the text says stands for all of this.
        signed: Option<Box<Signed>>,
    },
    /// Take the conn of a run; with the epoch that was shown.
    TakeConn(RunId, u64, String),
    /// Lay the conn down: the run is unattended until somebody takes it.
    GiveConn(RunId),
    /// Offer the conn to a person; whoever has it keeps it until they take it.
    OfferConn(RunId, PersonName),
    /// Place a hold.
    Hold(Scope, String, Option<Timestamp>),
    /// Lift the hold of this number, with a reason; a lock asks for a diagnosis.
    Lift(u32, String),
    /// Write something down about a run.
    Note(RunId, String),
    /// Add a step to a run as a visible deviation, with a reason.
    AddStep(RunId, Box<Step>, String),
    /// Stop a run for good, with a reason.
    Abort(RunId, String),
    /// Set a run aside until its next window, with a reason.
    Park(RunId, String),
    /// Go on with a parked run.
    Unpark(RunId),
    /// Close a run in which every step has ended.
    Complete(RunId),
    /// Take over something left open, by name and with a reason.
    TakeOver(RunId, String, String),
    /// Roll back; the plan is made by the engine and must have this digest.
    RollBack {
        /// The run whose changes are taken back, if it is known.
        run: Option<RunId>,
        /// What.
        what: RollsBack,
        /// To which version; the one before when none.
        to: Option<String>,
        /// Why: the symptom, mandatory at once.
        symptom: String,
        /// The operator's agreement to the plan.
        consent: Option<Consent>,
    },
    /// Do one thing that a backend offers, without a runbook; it is planned by the engine.
    Do {
        /// What.
        what: OneOff,
        /// Why; mandatory.
        reason: String,
        /// The operator's agreement to the plan.
        consent: Option<Consent>,
    },
    /// Postpone a tripped trigger, with a reason.
    Postpone(RunId, TriggerName, String),
    /// Disarm a trigger, with a reason.
    Disarm(RunId, TriggerName, String),
    /// Say what a rollback's cause was: text and category.
    RootCause(RunId, String, String),
    /// Adopt what the files have loosened, as it was shown, with a reason.
    Adopt(Digest, String),
    /// Ask that a rule, freeze or window does not hold a run back for so long; or declare an emergency.
    Waive {
        /// The run.
        run: RunId,
        /// What is waived.
        of: Waives,
        /// Why; mandatory.
        reason: String,
        /// Where it is written down; mandatory for an emergency.
        ticket: String,
        /// For how long, from now.
        lasts: Span,
    },
    /// Trust a rule again that a failed use has revoked, with a reason.
    Trust(PolicyName, String),
    /// Say something of a waiver, by its number, in words.
    AnswerWaiver(u32, Answer, String),
    /// End the session: `quit`, `hang-up`, `signal 15`.
    Close(String),
}

impl fmt::Display for Command {
    /// The name of the command and its subject, as the journal's `cause` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::StartRun(plan, _) => write!(f, "run.start {}", plan.runbook),
            Command::Step(run, step, command) => write!(f, "step.{} {run} {step}", command.word()),
            Command::Vote { run, step, role, .. } => write!(f, "vote {run} {step} {role}"),
            Command::Decide { run, step, yes: true, .. } => write!(f, "approve {run}/{step}"),
            Command::Decide { run, step, .. } => write!(f, "reject {run}/{step}"),
            Command::TakeConn(run, ..) => write!(f, "conn.take {run}"),
            Command::GiveConn(run) => write!(f, "conn.give {run}"),
            Command::OfferConn(run, to) => write!(f, "conn.give {run} {to}"),
            Command::Hold(scope, ..) => write!(f, "hold {scope}"),
            Command::Lift(hold, _) => write!(f, "lift {hold}"),
            Command::Note(run, _) => write!(f, "note {run}"),
            Command::AddStep(run, step, _) => write!(f, "step.add {run} {}", step.name),
            Command::Abort(run, _) => write!(f, "run.abort {run}"),
            Command::Park(run, _) => write!(f, "run.park {run}"),
            Command::Unpark(run) => write!(f, "run.unpark {run}"),
            Command::Complete(run) => write!(f, "run.complete {run}"),
            Command::TakeOver(run, what, _) => write!(f, "take-over {run} {what}"),
            Command::RollBack { what: RollsBack::One(service, env), .. } => write!(f, "rollback {service} {env}"),
            Command::RollBack { run: Some(run), .. } => write!(f, "rollback run {run}"),
            Command::RollBack { .. } => write!(f, "rollback"),
            Command::Do { what, .. } => write!(f, "do {what}"),
            Command::Postpone(run, trigger, _) => write!(f, "trigger.postpone {run} {trigger}"),
            Command::Disarm(run, trigger, _) => write!(f, "trigger.disarm {run} {trigger}"),
            Command::RootCause(run, ..) => write!(f, "root-cause {run}"),
            Command::Adopt(saw, _) => write!(f, "adopt {}", saw.short()),
            Command::Waive { run, of: Waives::Emergency, .. } => write!(f, "emergency {run}"),
            Command::Waive { run, of, .. } => write!(f, "waiver.ask {run} {of}"),
            Command::Trust(policy, _) => write!(f, "policy.trust {policy}"),
            Command::AnswerWaiver(id, answer, _) => write!(f, "waiver.{} {id}", answer.word()),
            Command::Close(how) => write!(f, "close {how}"),
        }
    }
}

impl StepCommand {
    /// The word of the verb, as `holdpoint step WORD` writes it.
    pub fn word(&self) -> &'static str {
        match self {
            StepCommand::Start(_) => "start",
            StepCommand::Done(_) => "done",
            StepCommand::Undo => "undo",
            StepCommand::Fail(_) => "fail",
            StepCommand::Retry(_) => "retry",
            StepCommand::Skip(_) => "skip",
            StepCommand::Hold(_) => "hold",
            StepCommand::Release(..) => "release",
            StepCommand::Note(_) => "note",
            StepCommand::Waive(_) => "waive",
            StepCommand::Assign(_) => "assign",
            StepCommand::Choose(_) => "choose",
            StepCommand::Probe => "probe",
            StepCommand::Resolve(..) => "resolve",
        }
    }
}

/// A service in an environment, as verbs name it.
pub type Target = (ServiceName, EnvironmentName);
