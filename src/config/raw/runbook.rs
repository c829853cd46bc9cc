//! A file of `runbooks/` as it is written.
//!
//! Shapes only; steps are resolved into a plan where they are read.

use super::super::spot::Spot;
use super::super::words::{Planned, SignalRef, StepRef, Time};
use super::workspace::Texts;
use super::{Belongs, depend_on};
use crate::domain::name::{BackendName, EnvironmentName, ReleaseName, RoleName, ServiceName, StepName, TriggerName};
use crate::domain::operation::Verb;
use crate::domain::plan::{Kind, Mode, Start};
use crate::domain::release::Impact;
use crate::domain::span::Span;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;

/// A runbook.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunbookFile {
    /// What it is, in one line.
    pub title: Spot<String>,
    /// The release of the calendar that it carries out.
    pub release: Option<Spot<ReleaseName>>,
    /// `live` when absent.
    #[serde(default)]
    pub mode: Mode,
    /// Planned start; the moment of starting when absent.
    pub t0: Option<Spot<Time>>,
    /// Texts that `{name}` stands for.
    #[serde(default)]
    pub vars: Texts,
    /// The steps, in the order they are shown.
    #[schemars(length(min = 1, max = 5000))]
    pub steps: Vec<Spot<Step>>,
    /// The rollback triggers.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub triggers: Vec<Trigger>,
    /// What a step opens and another must close.
    #[serde(default)]
    pub leaves_open: Vec<LeftOpen>,
    /// Why it goes this way and no other.
    pub why: Option<Spot<String>>,
    /// What could go wrong.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub risks: Vec<Risk>,
}

/// A step. Which further keys it has depends on its kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = by_kind)]
pub struct Step {
    /// Its name, unique in the runbook.
    pub id: Spot<StepName>,
    /// What it is, in one line.
    pub title: Spot<String>,
    /// What there is to do.
    pub kind: Kind,
    /// The phase it belongs to.
    #[serde(default)]
    pub phase: String,
    /// The parallel stream it belongs to.
    #[serde(default)]
    pub stream: String,
    /// What must be done before it.
    #[serde(default)]
    pub needs: Vec<Spot<StepRef>>,
    /// The role that does it.
    pub owner: Option<Spot<RoleName>>,
    /// The role that does it when the owner cannot.
    pub backup: Option<Spot<RoleName>>,
    /// Planned start.
    pub at: Option<Spot<Planned>>,
    /// Planned length.
    pub takes: Option<Span>,
    /// Never earlier than this.
    pub not_before: Option<Spot<Planned>>,
    /// Should be done by this.
    pub due: Option<Spot<Planned>>,
    /// Who is told when it is late.
    pub escalate: Option<Escalate>,
    /// By itself or by a person; a person for forward operations on production, else by itself.
    pub start: Option<Start>,
    /// What to do.
    pub instructions: Option<Spot<String>>,
    /// What should then be seen.
    pub expect: Option<Spot<String>>,
    /// What is to be kept; for a poll, the signals that the votes rest on.
    pub evidence: Option<Evidence>,
    /// The rollback step, in words.
    pub undo: Option<Spot<String>>,
    /// Whether what it does cannot be taken back.
    pub point_of_no_return: Option<Spot<bool>>,
    /// Whether it may be skipped with a reason; so when absent, unless it is an approval.
    pub may_skip: Option<bool>,
    /// How long to diagnose after a failure.
    pub diagnose: Option<Span>,
    /// The branch of a decision that it belongs to.
    pub when: Option<When>,
    /// What must pass before it starts.
    pub gate: Option<Spot<Gate>>,
    /// What must pass before it is done.
    pub verify: Option<Spot<Gate>>,
    /// The service it is about.
    pub service: Option<Spot<ServiceName>>,
    /// The environment it is about; signals without a place are looked up there.
    pub environment: Option<Spot<EnvironmentName>>,

    /// What the backend is asked to do.
    pub verb: Option<Spot<Verb>>,
    /// Arguments for the backend, by name.
    #[serde(default)]
    pub args: Texts,
    /// The step with which a silence ends, by itself.
    pub ends_with: Option<Spot<StepRef>>,
    /// How long it may take or be waited for.
    pub limit: Option<Spot<Span>>,
    /// Program and arguments; never a shell line.
    #[schemars(length(min = 1))]
    pub argv: Option<Vec<Spot<String>>>,
    /// The command backend that runs it; the only one when absent.
    pub backend: Option<Spot<BackendName>>,
    /// Whether twice is the same as once.
    pub idempotent: Option<bool>,
    /// What is looked at or watched.
    #[schemars(length(min = 1))]
    pub signals: Option<Vec<Spot<SignalRef>>>,
    /// What must pass.
    pub condition: Option<Spot<Gate>>,
    /// How long it must have been well.
    #[serde(rename = "for")]
    pub hold_for: Option<Span>,
    /// Whose approval it takes.
    #[schemars(length(min = 1))]
    pub slots: Option<Vec<Slot>>,
    /// Who may release it, or who votes.
    #[schemars(length(min = 1))]
    pub roles: Option<Vec<Spot<RoleName>>>,
    /// The last moment at which every option still fits.
    pub decide_by: Option<Spot<Planned>>,
    /// How long a poll is open; silence then is NO-GO.
    pub closes: Option<Spot<Span>>,
    /// The text that goes out.
    pub text: Option<Spot<String>>,
    /// To whom it goes.
    pub audience: Option<String>,
    /// The answers to choose from.
    #[schemars(length(min = 1))]
    pub branches: Option<Vec<Spot<String>>>,
}

const KINDS: &[Belongs] = &[
    ("manual", &[], &[]),
    ("command", &["argv"], &["backend", "limit", "idempotent"]),
    ("check", &[], &["signals", "condition", "limit"]),
    ("action", &["verb", "service", "environment"], &["args", "backend", "limit", "ends_with"]),
    ("approval", &["slots"], &[]),
    ("hold", &["roles"], &["decide_by"]),
    ("poll", &["roles", "closes"], &[]),
    ("soak", &["signals", "for"], &["limit"]),
    ("announce", &["text"], &["audience"]),
    ("snapshot", &[], &["argv", "backend", "args", "limit", "idempotent"]),
    ("restore-point", &[], &["argv", "backend", "limit", "idempotent"]),
    ("decision", &["branches"], &[]),
    ("milestone", &[], &[]),
];

/// Says which keys belong to which kind; every step may name a service and an environment.
fn by_kind(schema: &mut Schema) {
    depend_on(schema, "kind", KINDS);
    for rule in schema.get_mut("allOf").and_then(|rules| rules.as_array_mut()).into_iter().flatten() {
        let poll = rule.pointer("/if/properties/kind/const") == Some(&json!("poll"));
        if let Some(keys) = rule.pointer_mut("/then/properties").and_then(|keys| keys.as_object_mut()) {
            keys.remove("service");
            keys.remove("environment");
            keys.insert("evidence".to_owned(), json!({ "type": if poll { "array" } else { "string" } }));
        }
    }
}

/// Who is told when a step is late.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// How long past its planned end.
    pub after: Span,
    /// The role.
    pub to: Spot<RoleName>,
}

/// The branch of a decision.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The decision.
    pub step: Spot<StepName>,
    /// Its answer.
    pub is: Spot<String>,
}

/// A place in an approval.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Whose approval it is.
    pub role: Spot<RoleName>,
    /// How many different people; 1 when absent.
    #[schemars(range(min = 1, max = 99))]
    pub need: Option<u32>,
}

/// A condition: exactly one of its keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Gate {
    /// Every part must pass.
    #[schemars(length(min = 1))]
    pub all: Option<Vec<Spot<Gate>>>,
    /// One part must pass.
    #[schemars(length(min = 1))]
    pub any: Option<Vec<Spot<Gate>>>,
    /// The change window is open.
    #[schemars(extend("const" = true))]
    pub window: Option<bool>,
    /// The signals are fresh and within their thresholds.
    #[schemars(length(min = 1))]
    pub health: Option<Vec<Spot<SignalRef>>>,
    /// The new version does no worse by these signals than the old one.
    #[schemars(length(min = 1))]
    pub versions: Option<Vec<Spot<SignalRef>>>,
    /// The signals have been so for a time, without a gap.
    pub soak: Option<Soak>,
    /// People have approved the step.
    #[schemars(length(min = 1))]
    pub approval: Option<Vec<Slot>>,
    /// Someone has said so.
    pub manual: Option<Manual>,
}

/// Signals that must have been well for a time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Soak {
    /// What is watched.
    #[schemars(length(min = 1))]
    pub signals: Vec<Spot<SignalRef>>,
    /// For how long.
    #[serde(rename = "for")]
    pub hold_for: Span,
}

/// What someone must say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Who.
    pub role: Spot<RoleName>,
    /// What they confirm.
    pub text: Spot<String>,
}

/// A rollback trigger.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Its name.
    pub id: Spot<TriggerName>,
    /// Any of these, failing for its guard time, trips it.
    #[schemars(length(min = 1))]
    pub signals: Vec<Spot<SignalRef>>,
    /// Armed once this step has started.
    pub from: Spot<StepName>,
    /// Armed until this step is done; until the run ends when absent.
    pub until: Option<Spot<StepName>>,
    /// What it rolls back.
    pub rolls_back: Spot<RollsBack>,
    /// How long after tripping it acts; absent, it only proposes.
    pub countdown: Option<Span>,
    /// How long one postponement lasts; 2m when absent.
    pub postpone: Option<Span>,
    /// The poll that agreed to it in advance.
    pub agreed_at: Option<Spot<StepName>>,
}

/// What is rolled back: one service in one environment, or the whole set.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RollsBack {
    /// The service.
    pub service: Option<Spot<ServiceName>>,
    /// The environment.
    pub environment: Option<Spot<EnvironmentName>>,
    /// Everything that the run has changed.
    #[schemars(extend("const" = true))]
    pub set: Option<bool>,
}

/// Something that could go wrong.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// What it is, in one line.
    pub what: Spot<String>,
    /// How likely.
    pub likelihood: Impact,
    /// How bad.
    pub effect: Impact,
    /// What is done against it.
    pub mitigation: Option<String>,
    /// The role that sees to it.
    pub owner: Option<Spot<RoleName>>,
    /// The trigger that notices it and takes it back.
    pub trigger: Option<Spot<TriggerName>>,
}

/// Something that is opened and must be closed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOpen {
    /// What it is.
    pub what: String,
    /// The role that sees to it.
    pub owner: Spot<RoleName>,
    /// The step that opens it.
    pub opened_by: Spot<StepName>,
    /// The step that closes it.
    pub closed_by: Spot<StepName>,
}

/// What is kept, in words, or the signals that votes rest on.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// In words.
    Text(String),
    /// Of a poll.
    Signals(Vec<Spot<SignalRef>>),
}

impl<'de> Deserialize<'de> for Evidence {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Evidence;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of signals")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Evidence, E> {
                Ok(Evidence::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Evidence, A::Error> {
                let mut signals = Vec::new();
                while let Some(signal) = seq.next_element()? {
                    signals.push(signal);
                }
                Ok(Evidence::Signals(signals))
            }
        }
        d.deserialize_any(Either)
    }
}

impl JsonSchema for Evidence {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Evidence".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array"], "items": generator.subschema_for::<SignalRef>() })
    }
}
