//! Policy: rules of `policy/*.toml` that say what a change needs, and what may not be done.
//!
//! Rules are data. Each that speaks is heard: the heaviest decides, and one that is in doubt is not a yes.

use super::approval::Slot;
use super::condition::{Asked, Condition};
use super::facts::Facts;
use super::name::{PolicyName, RoleName};
use super::rehearsal::Rehearsed;
use super::text::harmless;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The rules by name.
pub type Policy = BTreeMap<PolicyName, PolicyRule>;

/// What a rule does where its condition holds, lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It adds points to the risk, and says nothing else.
    Points,
    /// It is approved beforehand: the rules that it lifts do not speak.
    Allow,
    /// It may be done, knowing this.
    Warn,
    /// It may be done once what the rule needs is there.
    Needs,
    /// It may not be done.
    Block,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// Its name.
    pub name: PolicyName,
    /// What it does.
    pub effect: Effect,
    /// Where it speaks.
    pub when: Condition,
    /// Why, as the operator reads it.
    pub say: Saying,
    /// How many points it adds to the risk.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub points: u32,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<RoleName>,
    /// The controls that it carries out: `SOC2 CC8.1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Whose approval it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Slot>,
    /// Whether any second person must approve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_person: bool,
    /// What must have been rehearsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsed: Option<Rehearsed>,
    /// The rules that it lifts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifts: Vec<PolicyName>,
    /// Whose word waives it for one run; nobody's when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived_by: Vec<RoleName>,
    /// Whether it stops the way back too. Almost never right; shown loudly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stops_rollback: bool,
}

/// A test of rules: what they say of a case that somebody made up.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyTest {
    /// Its name.
    pub name: String,
    /// Where it is written: file and line.
    pub place: String,
    /// The case.
    pub facts: Facts,
    /// What is to come out: the heaviest effect; none where no rule is to speak.
    pub expect: Option<Effect>,
    /// Exactly the rules that are to speak, where that is said.
    pub rules: Option<Vec<PolicyName>>,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Points => "points",
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Needs => "needs",
            Self::Block => "block",
        })
    }
}

impl PolicyRule {
    /// Whether it decides as another does; words, owner and controls aside.
    pub fn decides_as(&self, other: &Self) -> bool {
        (self.effect, self.points, &self.when, self.second_person, self.stops_rollback)
            == (other.effect, other.points, &other.when, other.second_person, other.stops_rollback)
            && (&self.approvals, &self.rehearsed, &self.lifts, &self.waived_by)
                == (&other.approvals, &other.rehearsed, &other.lifts, &other.waived_by)
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A sentence with conditions in braces, which are filled with what they come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Saying(String);

impl Saying {
    /// Takes a sentence as it is written; `config` has checked what is in braces.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is in braces, with where it begins in bytes.
    pub fn blanks(&self) -> Vec<(usize, &str)> {
        let blank = |part: Part<'_>| if let Part::Blank(at, text) = part { Some((at, text.len())) } else { None };
        let places: Vec<_> = parts(&self.0).filter_map(blank).collect();
        places.into_iter().filter_map(|(at, len)| Some((at, self.0.get(at..at + len)?))).collect()
    }

    /// The sentence filled, in one line and harmless; what cannot be told is `??`.
    pub fn filled(&self, facts: &Asked<'_>) -> String {
        let filled: String = parts(&self.0)
            .map(|part| match part {
                Part::Text(text) => text.replace('\n', " "),
                Part::Blank(_, text) => {
                    let read = Condition::read(text).ok();
                    read.and_then(|read| read.words(facts).ok()).unwrap_or_else(|| "??".to_owned())
                }
            })
            .collect();
        harmless(&filled).into_owned()
    }
}

enum Part<'a> {
    Text(&'a str),
    Blank(usize, &'a str),
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if let Some(inner) = rest.strip_prefix('{')
            && let Some(end) = inner.find('}')
        {
            let from = at + 1;
            at = from + end + 1;
            return Some(Part::Blank(from, inner.get(..end).unwrap_or_default()));
        }
        let skip = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest.get(skip..).and_then(|tail| tail.find('{')).map_or(rest.len(), |found| found + skip);
        at += end;
        Some(Part::Text(rest.get(..end).unwrap_or_default()))
    })
}
