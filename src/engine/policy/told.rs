//! What each rule says of facts: whether it speaks, in which words, and whether another lifts it.
//!
//! The tests of a workspace, `policy explain` and every verdict ask here.

use super::risk;
use crate::domain::facts::Facts;
use crate::domain::name::PolicyName;
use crate::domain::operation::Direction;
use crate::domain::policy::{Effect, Policy, PolicyRule};
use std::collections::BTreeMap;

/// What one rule says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said<'a> {
    /// The rule.
    pub rule: &'a PolicyRule,
    /// Whether it speaks, or why that cannot be told.
    pub speaks: Result<bool, String>,
    /// Its sentence, filled; empty where it does not speak.
    pub text: String,
    /// The rule that lifts it.
    pub lifted: Option<&'a PolicyName>,
    /// Why it lifts nothing, where a failed use has revoked it.
    pub revoked: Option<String>,
}

impl Said<'_> {
    /// Whether it needs something, or may: whether it speaks need not be known.
    pub fn may_need(&self) -> bool {
        self.rule.effect == Effect::Needs && self.lifted.is_none() && self.speaks != Ok(false)
    }

    /// Whether it certainly speaks to this effect, and nothing lifts it.
    pub fn speaks(&self, effect: Effect) -> bool {
        self.speaks == Ok(true) && self.rule.effect == effect && self.lifted.is_none()
    }
}

/// What the rules say of a change that leads this way, in order of name.
pub fn told<'a>(rules: &'a Policy, facts: &Facts, direction: Direction) -> Vec<Said<'a>> {
    told_but(rules, facts, direction, &BTreeMap::new())
}

/// The same where these rules lift nothing, each with why.
pub fn told_but<'a>(
    rules: &'a Policy,
    facts: &Facts,
    direction: Direction,
    revoked: &BTreeMap<PolicyName, String>,
) -> Vec<Said<'a>> {
    let asked = risk::with(rules, facts).ask();
    let bears = |rule: &&PolicyRule| direction == Direction::Forward || rule.stops_rollback;
    let mut all: Vec<Said<'a>> = rules
        .values()
        .filter(bears)
        .map(|rule| {
            let speaks = rule.when.holds(&asked).map_err(|why| unknown(rule, facts).unwrap_or(why));
            let text = if speaks == Ok(true) { rule.say.filled(&asked) } else { String::new() };
            Said { rule, speaks, text, lifted: None, revoked: revoked.get(&rule.name).cloned() }
        })
        .collect();
    let lifts = |said: &&Said<'a>| said.speaks(Effect::Allow) && said.revoked.is_none();
    let lifting: Vec<&'a PolicyRule> = all.iter().filter(lifts).map(|said| said.rule).collect();
    for said in &mut all {
        // What nobody may do, nobody has approved beforehand.
        let liftable = matches!(said.rule.effect, Effect::Warn | Effect::Needs);
        let by = lifting.iter().find(|rule| liftable && rule.lifts.contains(&said.rule.name));
        said.lifted = by.map(|rule| &rule.name);
    }
    all
}

/// Which facts that a rule asks for are not known; none where all are.
fn unknown(rule: &PolicyRule, facts: &Facts) -> Option<String> {
    let paths =
        rule.when.seen().paths.into_iter().filter(|path| facts.get(path).is_none() && !path.starts_with("risk"));
    let all: Vec<String> = paths.collect();
    let is = if all.len() == 1 { "is" } else { "are" };
    (!all.is_empty()).then(|| format!("{} {is} not known", all.join(", ")))
}

/// The heaviest effect of what certainly speaks; none where nothing does.
pub fn heaviest(all: &[Said<'_>]) -> Option<Effect> {
    let speaks = |said: &&Said<'_>| said.speaks(said.rule.effect) && said.rule.effect != Effect::Points;
    all.iter().filter(speaks).map(|said| said.rule.effect).max()
}
