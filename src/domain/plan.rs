//! A plan: a runbook resolved for one run, embedded in the run at its start.
//!
//! Every name in it is already looked up: operations know their backend,
//! thresholds are written out. The file is never read into a run again.

use super::Timestamp;
use super::approval::Slot;
use super::digest::Digest;
use super::gate::Gate;
use super::name::{EnvironmentName, ReleaseName, RoleName, RunId, RunbookName, ServiceName, StepName};
use super::operation::Operation;
use super::register::Register;
use super::release::Item;
use super::signal::{Signal, SignalAt};
use super::span::Span;
use super::trigger::Trigger;
use serde::{Deserialize, Serialize};

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The real thing.
    #[default]
    Live,
    /// Against rehearsal backends, watermarked.
    Rehearsal,
}

/// A runbook resolved for one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The runbook it comes from.
    pub runbook: RunbookName,
    /// Its title.
    pub title: String,
    /// Live or rehearsal.
    #[serde(default)]
    pub mode: Mode,
    /// What of the real thing a rehearsal rehearses: [`Plan::rehearsable`] of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearses: Option<Digest>,
    /// The release it carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseName>,
    /// What that release is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bill: Vec<Item>,
    /// Planned start; offsets of steps count from it. The moment of starting when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t0: Option<Timestamp>,
    /// The steps in the file's order.
    pub steps: Vec<Step>,
    /// The rollback triggers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// The signals that gates and triggers of this plan refer to, with thresholds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
    /// The run that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<RunId>,
    /// Things that the run leaves open and must close: silences, paused jobs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves_open: Vec<LeftOpen>,
    /// Why it goes this way, and what could go wrong.
    #[serde(default, skip_serializing_if = "Register::is_empty")]
    pub register: Register,
}

/// Something a step opens that another must close before the run may end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOpen {
    /// What it is.
    pub what: String,
    /// Who sees to it.
    pub owner: RoleName,
    /// The step that opens it.
    pub opened_by: StepName,
    /// The step that closes it.
    pub closed_by: StepName,
}

/// Whether a step starts by itself once it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// By itself.
    Auto,
    /// When a person says so.
    Person,
}

/// A planned time of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// So many milliseconds before (negative) or after T0.
    Offset(i64),
    /// At this instant.
    Instant(Timestamp),
}

impl At {
    /// The instant, given T0.
    pub fn resolve(self, t0: Timestamp) -> Timestamp {
        match self {
            At::Offset(ms) => t0 + chrono::TimeDelta::milliseconds(ms),
            At::Instant(at) => at,
        }
    }
}

/// The file's word for a kind of step. The engine knows only [`Work`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person does it and says so.
    Manual,
    /// A program of the runbook.
    Command,
    /// Signals are looked at once.
    Check,
    /// An operation of a backend.
    Action,
    /// People of given roles approve.
    Approval,
    /// A place that may not be passed without release authority.
    Hold,
    /// A go/no-go poll by role.
    Poll,
    /// Signals are watched for a time.
    Soak,
    /// A text goes out, here as text to copy.
    Announce,
    /// Evidence is saved.
    Snapshot,
    /// A point to return to is made.
    RestorePoint,
    /// Someone chooses a branch.
    Decision,
    /// Nothing to do; everything before it is done.
    Milestone,
}

impl Kind {
    /// The word of the file.
    pub fn text(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Command => "command",
            Self::Check => "check",
            Self::Action => "action",
            Self::Approval => "approval",
            Self::Hold => "hold",
            Self::Poll => "poll",
            Self::Soak => "soak",
            Self::Announce => "announce",
            Self::Snapshot => "snapshot",
            Self::RestorePoint => "restore-point",
            Self::Decision => "decision",
            Self::Milestone => "milestone",
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in the plan.
    pub name: StepName,
    /// What it is, in one line.
    pub title: String,
    /// The file's word for it.
    pub kind: Kind,
    /// The phase it belongs to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// The parallel stream it belongs to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stream: String,
    /// What must be done before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<RoleName>,
    /// Who does it when the owner cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<RoleName>,
    /// Planned start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// Planned length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<Span>,
    /// Never earlier than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<At>,
    /// Should be done by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<At>,
    /// Who is told when it is this much past its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Escalate>,
    /// What to do, as the person reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instructions: String,
    /// What should then be seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expect: String,
    /// What is to be kept as evidence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// The step of a rollback that takes it back, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub undo: String,
    /// Whether what it does cannot be taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub point_of_no_return: bool,
    /// By itself or by a person.
    pub start: Start,
    /// What must pass before it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// What must pass before it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Gate>,
    /// After a failure: how long to diagnose before its owner must choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnose: Option<Span>,
    /// For a decision's branch: the decision and the answer this step belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<(StepName, String)>,
    /// Whether it may be skipped with a reason.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub may_skip: bool,
    /// What there is to do.
    pub work: Work,
}

fn yes() -> bool {
    true
}

/// What must be done before a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A step of the same run.
    Step(StepName),
    /// A step of the newest run of another runbook.
    Other(RunbookName, StepName),
}

/// Who is told when a step is late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// How long past its planned end.
    pub after: Span,
    /// Whom.
    pub to: RoleName,
}

/// What there is to do in a step: all that the engine knows of kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Work {
    /// Send an operation to its backend.
    Do(Operation),
    /// Watch until the gate passes, or fails, or the limit is reached.
    Watch {
        /// What must pass.
        gate: Gate,
        /// How long to wait for it; without one it waits until it passes or fails.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Span>,
    },
    /// Ask people.
    Ask(Question),
    /// Nothing: it is done when everything it needs is.
    Mark,
}

/// What people are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Question {
    /// Have you done it?
    Done,
    /// Do you approve?
    Approval(Vec<Slot>),
    /// May this point be passed? Any one of these roles may release it.
    Release {
        /// Who may release it.
        roles: Vec<RoleName>,
        /// The last instant at which every option still fits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decide_by: Option<At>,
    },
    /// Go or no go, by role? Silence at closing time is no.
    Poll {
        /// Who votes; every one must.
        roles: Vec<RoleName>,
        /// The evidence that the votes rest on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<SignalAt>,
        /// How long it is open; silence then is NO-GO.
        closes: Span,
    },
    /// Which way?
    Choice {
        /// The answers to choose from.
        branches: Vec<String>,
    },
    /// Has this text gone out?
    Announce {
        /// The text, with `{…}` already filled where it can be.
        text: String,
        /// To whom.
        audience: String,
    },
}

impl Plan {
    /// The step of this name.
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|s| s.name == *name)
    }

    /// The signal of this name as the plan froze it.
    pub fn signal(&self, at: &SignalAt) -> Option<&Signal> {
        self.signals.iter().find(|s| s.name == at.signal)
    }

    /// Digest of everything that the plan will do, and of the risks that were taken with it; thresholds enter as text, and derived signals with what they follow from,
    /// which decides as thresholds do.
    pub fn digest(&self) -> Digest {
        let threshold = |of: Option<f64>| of.map(|value| value.to_string());
        let judged = |s: &Signal| (s.bad, threshold(s.warn), threshold(s.fail), s.hold_for, s.min_events, s.every);
        let thresholds: Vec<_> = self.signals.iter().map(|s| (&s.name, judged(s))).collect();
        let derived = self.signals.iter().filter(|s| s.query.derived()).map(|s| (&s.name, &s.query));
        let derived: Vec<_> = derived.collect();
        let all = (
            (&self.runbook, self.mode, &self.bill, self.t0, self.reverts),
            (&self.steps, &self.triggers, thresholds, &self.leaves_open),
        );
        match (derived.is_empty(), self.register.is_empty()) {
            (true, true) => Digest::of("plan", &all),
            (false, true) => Digest::of("plan", &(all, derived)),
            (_, false) => Digest::of("plan", &(all, derived, &self.register)),
        }
    }
}

impl Plan {
    /// Digest of everything that a rehearsal of this plan shows: all that it does, but not when, and not for which release.
    pub fn rehearsable(&self) -> Digest {
        let times = |step: &Step| Step { at: None, not_before: None, due: None, takes: None, ..step.clone() };
        let steps = self.steps.iter().map(times).collect();
        let mode = Mode::Live;
        Plan { mode, bill: Vec::new(), t0: None, steps, register: Register::default(), ..self.clone() }.digest()
    }

    /// Whether one of its steps sends just this operation.
    pub fn sends(&self, operation: &Operation) -> bool {
        self.steps.iter().any(|step| step.operation() == Some(operation))
    }
}

impl Step {
    /// A step of which nothing else is said: it has no name yet, and starts by itself.
    pub fn plain(kind: Kind, title: String, work: Work) -> Self {
        Self {
            name: StepName::new(""),
            title,
            kind,
            phase: String::new(),
            stream: String::new(),
            needs: Vec::new(),
            owner: None,
            backup: None,
            at: None,
            takes: None,
            not_before: None,
            due: None,
            escalate: None,
            instructions: String::new(),
            expect: String::new(),
            evidence: String::new(),
            undo: String::new(),
            point_of_no_return: false,
            start: Start::Auto,
            gate: None,
            verify: None,
            diagnose: None,
            branch: None,
            may_skip: !matches!(kind, Kind::Action | Kind::Approval),
            work,
        }
    }

    /// The operation the step sends, if it sends one.
    pub fn operation(&self) -> Option<&Operation> {
        match &self.work {
            Work::Do(op) => Some(op),
            _ => None,
        }
    }

    /// The service and environment the step is about, if it names both.
    pub fn target(&self) -> Option<(&ServiceName, &EnvironmentName)> {
        self.operation().and_then(Operation::target)
    }

    /// Digest of what an approver or voter of this step is shown.
    pub fn digest(&self) -> Digest {
        Digest::of("step", self)
    }
}
