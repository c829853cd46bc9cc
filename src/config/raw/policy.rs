//! A file of `policy/` as it is written.
//!
//! Shapes only; conditions and names are checked where they are read.

use super::super::spot::{Named, Spot};
use super::runbook::Slot;
use super::{Belongs, depend_on};
use crate::domain::name::{PolicyName, RoleName};
use crate::domain::policy::Effect;
use crate::domain::span::Span;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// Rules for changes, and what they are tested with.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// The rules, by name.
    #[serde(default)]
    pub rules: Named<PolicyName, Rule>,
    /// Cases that somebody made up, with what is to come out, by name.
    #[serde(default)]
    pub tests: Named<PolicyName, Test>,
}

/// A rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = by_effect)]
pub struct Rule {
    /// What it does where it speaks.
    pub effect: Spot<Effect>,
    /// Where it speaks: a CEL expression over the facts of docs/policy.md.
    pub when: Spot<String>,
    /// Why, as the operator reads it; may hold expressions in braces.
    pub say: Spot<String>,
    /// How many points it adds to the risk: 4 are medium, 8 high.
    pub points: Option<Spot<u32>>,
    /// Who answers for it.
    pub owner: Option<Spot<RoleName>>,
    /// The controls that it carries out, such as SOC2 CC8.1.
    #[serde(default)]
    pub controls: Vec<Spot<String>>,
    /// Whose approval it needs.
    #[serde(default)]
    pub approvals: Vec<Slot>,
    /// Whether any second person must approve.
    #[serde(default)]
    pub second_person: bool,
    /// What must have been rehearsed: the very runbook, as it stands.
    pub rehearsed: Option<Rehearsed>,
    /// The rules that it lifts: those that warn or need something.
    #[serde(default)]
    pub lifts: Vec<Spot<PolicyName>>,
    /// Whose word waives it for one run; nobody's when empty.
    #[serde(default)]
    pub waived_by: Vec<Spot<RoleName>>,
    /// Whether it stops the way back too.
    #[serde(default)]
    pub stops_rollback: Option<Spot<bool>>,
}

/// What must have been rehearsed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rehearsed {
    /// How long ago at most.
    pub within: Spot<Span>,
    /// Whether it must have been taken back too.
    #[serde(default)]
    pub back: bool,
}

/// A test of rules.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The facts of the case; those that are not given are empty.
    pub given: Spot<Given>,
    /// The heaviest effect that is to come out; none when no rule is to speak.
    pub expect: Spot<Expect>,
    /// Exactly the rules that are to speak; not looked at when absent.
    pub rules: Option<Vec<Spot<PolicyName>>>,
}

/// Facts by name, table by table.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Given(pub toml::Table);

impl JsonSchema for Given {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Given".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// What is to come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// Nothing is said.
    None,
    /// It is approved beforehand.
    Allow,
    /// It may be done, knowing something.
    Warn,
    /// Something is needed first.
    Needs,
    /// It may not be done.
    Block,
}

impl Expect {
    /// As the effect that it is; none where nothing is to be said.
    pub fn effect(self) -> Option<Effect> {
        Some(match self {
            Self::None => return None,
            Self::Allow => Effect::Allow,
            Self::Warn => Effect::Warn,
            Self::Needs => Effect::Needs,
            Self::Block => Effect::Block,
        })
    }
}

const BY_EFFECT: &[Belongs] = &[
    ("points", &["points"], &[]),
    ("allow", &[], &["lifts"]),
    ("warn", &[], &["stops_rollback"]),
    ("needs", &[], &["approvals", "second_person", "rehearsed", "stops_rollback", "waived_by"]),
    ("block", &[], &["stops_rollback", "waived_by"]),
];

fn by_effect(schema: &mut Schema) {
    depend_on(schema, "effect", BY_EFFECT);
}
