//! `runbooks/*.toml`: one runbook a file.
//!
//! Shapes only; the steps are resolved against the workspace into a plan.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// runbooks/*.toml
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What it is.
    pub title: String,
    /// The release of the calendar that it carries out.
    pub release: Option<String>,
    /// Live or rehearsal.
    #[serde(default)]
    pub mode: Mode,
    /// Planned start.
    pub t0: Option<String>,
    /// {name} in titles, texts, args and argv.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// The steps.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The rollback triggers.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// What steps open and others must close.
    #[serde(default)]
    pub leaves_open: Vec<LeftOpen>,
}

/// What a run is for.
#[derive(Deserialize, JsonSchema, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The real thing.
    #[default]
    Live,
    /// A rehearsal.
    Rehearsal,
}

/// The kinds of step.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person does it.
    Manual,
    /// A program.
    Command,
    /// Signals are looked at.
    Check,
    /// An operation of a backend.
    Action,
    /// People approve.
    Approval,
    /// May not be passed without release authority.
    Hold,
    /// A go/no-go poll.
    Poll,
    /// Signals are watched for a time.
    Soak,
    /// A text goes out.
    Announce,
    /// Evidence is saved.
    Snapshot,
    /// A point to return to is made.
    RestorePoint,
    /// Someone chooses a branch.
    Decision,
    /// Everything before it is done.
    Milestone,
}

/// By itself or by a person.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// By itself.
    Auto,
    /// By a person.
    Person,
}

/// A step.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in the runbook.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// What kind of step.
    pub kind: Kind,
    /// The phase it belongs to.
    #[serde(default)]
    pub phase: String,
    /// The parallel stream it belongs to.
    #[serde(default)]
    pub stream: String,
    /// What must be done before it: STEP or RUNBOOK:STEP.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The role that does it.
    pub owner: Option<String>,
    /// The role that does it when the owner cannot.
    pub backup: Option<String>,
    /// Planned start: T+10m or a time with its zone.
    pub at: Option<String>,
    /// Planned length.
    pub takes: Option<String>,
    /// Never earlier than this.
    pub not_before: Option<String>,
    /// Should be done by this.
    pub due: Option<String>,
    /// Who is told when it is late.
    pub escalate: Option<Escalate>,
    /// By itself or by a person.
    pub start: Option<Start>,
    /// What to do.
    #[serde(default)]
    pub instructions: String,
    /// What should then be seen.
    #[serde(default)]
    pub expect: String,
    /// What is kept as evidence.
    #[serde(default)]
    pub evidence: Option<EvidenceKey>,
    /// The rollback step, in words.
    #[serde(default)]
    pub undo: String,
    /// Cannot be taken back.
    #[serde(default)]
    pub point_of_no_return: bool,
    /// May be skipped with a reason.
    #[serde(default = "yes")]
    pub may_skip: bool,
    /// Time-box after a failure.
    pub diagnose: Option<String>,
    /// Only on this branch of a decision.
    pub when: Option<When>,
    /// What must pass before it starts.
    pub gate: Option<Gate>,
    /// What must pass before it is done.
    pub verify: Option<Gate>,
    /// action: what to do.
    pub verb: Option<String>,
    /// action, command, snapshot: to which service.
    pub service: Option<String>,
    /// action, command, snapshot: where.
    pub environment: Option<String>,
    /// action: arguments by name.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// action, command, check, soak: how long it may take.
    pub limit: Option<String>,
    /// command: program and arguments.
    #[serde(default)]
    pub argv: Vec<String>,
    /// command: the backend that runs it.
    pub backend: Option<String>,
    /// command: doing it twice is the same as once.
    #[serde(default)]
    pub idempotent: bool,
    /// check, soak: which signals.
    #[serde(default)]
    pub signals: Vec<String>,
    /// check: what must pass, in place of signals.
    pub condition: Option<Gate>,
    /// soak: for how long.
    #[serde(rename = "for")]
    pub hold_for: Option<String>,
    /// approval: who must approve.
    #[serde(default)]
    pub slots: Vec<Slot>,
    /// hold, poll: which roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// hold: the last instant to decide.
    pub decide_by: Option<String>,
    /// poll: how long it is open.
    pub closes: Option<String>,
    /// announce: the text.
    pub text: Option<String>,
    /// announce: to whom.
    pub audience: Option<String>,
    /// decision: the answers.
    #[serde(default)]
    pub branches: Vec<String>,
}

fn yes() -> bool {
    true
}

/// Evidence: in words, or for a poll the signals that votes rest on.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EvidenceKey {
    /// In words.
    Words(String),
    /// A poll's signals.
    Signals(Vec<String>),
}

/// Who is told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// How long past its plan.
    pub after: String,
    /// The role.
    pub to: String,
}

/// Only on this branch.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The decision.
    pub step: String,
    /// The answer.
    pub is: String,
}

/// A place to be filled by people of a role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The role.
    pub role: String,
    /// How many distinct people.
    #[serde(default = "one")]
    pub need: u32,
}

fn one() -> u32 {
    1
}

/// A condition.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Gate {
    /// Every part must pass.
    All(Vec<Gate>),
    /// One part must pass.
    Any(Vec<Gate>),
    /// The change window is open.
    Window(bool),
    /// The signals are well now.
    Health(Vec<String>),
    /// The signals have been well for so long.
    Soak(Soak),
    /// People have approved.
    Approval(Vec<Slot>),
    /// Someone has said so.
    Manual(Manual),
}

/// Well for so long.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Soak {
    /// Which signals.
    pub signals: Vec<String>,
    /// For how long.
    #[serde(rename = "for")]
    pub hold_for: String,
}

/// Someone has said so.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Who.
    pub role: String,
    /// What they confirm.
    pub text: String,
}

/// A rollback trigger.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Its name.
    pub id: String,
    /// Any one of them trips it.
    pub signals: Vec<String>,
    /// Armed once this step has started.
    pub from: String,
    /// Armed until this step is done.
    pub until: Option<String>,
    /// What it rolls back.
    pub rolls_back: RollsBack,
    /// How long after tripping it acts; absent: it only proposes.
    pub countdown: Option<String>,
    /// How long one postponement lasts.
    pub postpone: Option<String>,
    /// The poll that agreed.
    pub agreed_at: Option<String>,
}

/// What a trigger rolls back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RollsBack {
    /// One service.
    pub service: Option<String>,
    /// Where.
    pub environment: Option<String>,
    /// Everything that the run has changed.
    #[serde(default)]
    pub set: bool,
}

/// What a step leaves open.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOpen {
    /// What.
    pub what: String,
    /// The role that sees to it.
    pub owner: String,
    /// The step that opens it.
    pub opened_by: String,
    /// The step that closes it.
    pub closed_by: String,
}
