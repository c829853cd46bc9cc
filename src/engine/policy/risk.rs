//! Risk: the points that rules give a change, all shown, and the class that they come to.
//!
//! A rule of effect `points` whose condition cannot be told counts in full: what is not known is never a low risk.

use crate::domain::case::Risk as Fact;
use crate::domain::facts::Facts;
use crate::domain::policy::{Effect, Policy, PolicyRule};
use std::collections::BTreeMap;

/// From so many points on the class is medium.
pub const MEDIUM: u32 = 4;
/// From so many on it is high.
pub const HIGH: u32 = 8;

/// What a change comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Risk {
    /// The rules that give points, in order of name: how many, why, and whether that is not known.
    pub parts: Vec<Part>,
}

/// The points of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub points: u32,
    /// Why, as the rule says it.
    pub text: String,
    /// Whether it is not known that it applies.
    pub unknown: bool,
}

impl Risk {
    /// What the rules say of facts; none where no rule gives points.
    pub fn of(rules: &Policy, facts: &Facts) -> Option<Self> {
        let giving: Vec<&PolicyRule> = rules.values().filter(|rule| rule.effect == Effect::Points).collect();
        if giving.is_empty() {
            return None;
        }
        let asked = facts.ask();
        let part = |rule: &PolicyRule| {
            let speaks = rule.when.holds(&asked);
            let unknown = speaks.is_err();
            let text = || if unknown { rule.name.to_string() } else { rule.say.filled(&asked) };
            (speaks != Ok(false)).then(|| Part { points: rule.points, text: text(), unknown })
        };
        Some(Self { parts: giving.into_iter().filter_map(part).collect() })
    }

    /// The sum.
    pub fn points(&self) -> u32 {
        self.parts.iter().map(|part| part.points).fold(0, u32::saturating_add)
    }

    /// `low`, `medium` or `high`.
    pub fn class(&self) -> &'static str {
        match self.points() {
            HIGH.. => "high",
            MEDIUM.. => "medium",
            _ => "low",
        }
    }

    /// The class, the sum, and every part of it.
    pub fn told(&self) -> String {
        let part =
            |part: &Part| format!("+{} {}{}", part.points, part.text, if part.unknown { " (not known)" } else { "" });
        let parts: Vec<_> = self.parts.iter().map(part).collect();
        let parts = if parts.is_empty() { "nothing speaks".to_owned() } else { parts.join(" · ") };
        format!("{} {}: {parts}", self.class(), self.points())
    }
}

/// Facts with the risk that these rules give them; those that have one keep it.
pub fn with(rules: &Policy, facts: &Facts) -> Facts {
    if facts.get("risk").is_some() {
        return facts.clone();
    }
    let risk = Risk::of(rules, facts).unwrap_or_default();
    let told = Fact { points: i64::from(risk.points()), class: risk.class().to_owned() };
    facts.clone().over(&Facts::of(&BTreeMap::from([("risk", told)])).unwrap_or_default())
}
