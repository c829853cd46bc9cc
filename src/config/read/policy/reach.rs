//! Whether a rule can ever speak, and whether anybody would notice.
//!
//! The facts that a condition asks for are gone through with every value that they can have here, and with those that
//! the condition names. Where that is more than can be gone through, nothing is said.

use super::super::Reading;
use crate::domain::case::Case;
use crate::domain::condition::{Asked, Seen};
use crate::domain::facts::{Facts, Sort};
use crate::domain::operation::Verb;
use crate::domain::policy::{Effect, Policy, PolicyRule};
use crate::domain::workspace::Workspace;
use std::collections::BTreeSet;
use std::ops::Range;

/// How many cases are gone through for one rule.
const MOST: usize = 4_000;

/// The values that a fact can have, where they are known.
pub(super) fn closed(workspace: &Workspace, path: &str) -> Option<BTreeSet<String>> {
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    Some(match path {
        "environment.name" => workspace.environments.keys().map(ToString::to_string).collect(),
        "environment.tier" => words(&["development", "testing", "staging", "production"]),
        "environment.region" => workspace.environments.values().map(|e| e.region.clone()).collect(),
        "environment.zone" => workspace.environments.values().map(|e| e.zone.clone()).collect(),
        "environment.cohort" => workspace.cohorts.iter().map(ToString::to_string).collect(),
        "service.name" | "service.depends_on" | "service.reaches" => {
            workspace.services.keys().map(ToString::to_string).collect()
        }
        "service.data" => workspace.services.values().flat_map(|s| s.data.clone()).collect(),
        "service.regions" => workspace.services.values().flat_map(|s| s.regions.clone()).collect(),
        "service.owner" | "operator.roles" | "approvals.roles" => {
            workspace.roles.keys().map(ToString::to_string).collect()
        }
        "operator.name" | "approvals.people" | "run.by" => workspace.people.keys().map(ToString::to_string).collect(),
        "change.verb" => Verb::ALL.into_iter().map(|verb| verb.word().to_owned()).collect(),
        "change.direction" => words(&["forward", "back"]),
        "change.kind" => words(&["major", "minor", "patch", "same", "older", "other", "none"]),
        "risk.class" => words(&["low", "medium", "high"]),
        "release.impact" => words(&["low", "medium", "high"]),
        "local.weekday" | "utc.weekday" => words(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
        _ if Case::OPEN.iter().any(|table| path.starts_with(table)) && path.ends_with(".level") => {
            words(&["pass", "warn", "fail"])
        }
        _ => return None,
    })
}

/// Notes a rule that cannot speak here, always speaks, or is never noticed beside one that blocks.
pub(super) fn of_rule(r: &mut Reading<'_>, at: &Range<usize>, rule: &PolicyRule, all: &Policy) {
    let Some(cases) = cases(r.workspace, &rule.when.seen()) else { return };
    let speaks = |asked: &Asked<'_>| rule.when.holds(asked);
    let answers: Vec<Option<bool>> = cases.iter().map(|facts| speaks(&facts.ask()).ok()).collect();
    if answers.iter().all(|answer| *answer == Some(false)) {
        r.warning(at, format!("{} never speaks", rule.name), "no case that there can be here meets it");
        return;
    }
    if answers.len() > 1 && answers.iter().all(|answer| *answer == Some(true)) && rule.effect > Effect::Allow {
        r.warning(at, format!("{} always speaks", rule.name), "write when = \"true\" if that is meant");
        return;
    }
    if rule.effect != Effect::Block && rule.effect != Effect::Points {
        let blocks = all.values().filter(|other| other.effect == Effect::Block && other.name != rule.name);
        for other in blocks.filter(|other| other.stops_rollback || !rule.stops_rollback) {
            if shadowed(r.workspace, rule, other) {
                let help = format!("wherever it speaks, {} blocks", other.name);
                r.warning(at, format!("{} is never noticed", rule.name), &help);
                return;
            }
        }
    }
}

/// Whether one blocks wherever the other speaks.
fn shadowed(workspace: &Workspace, rule: &PolicyRule, block: &PolicyRule) -> bool {
    let mut seen = rule.when.seen();
    let other = block.when.seen();
    // A rule that asks for something else as well may speak where the other does not.
    seen.add(other);
    let Some(cases) = cases(workspace, &seen) else { return false };
    let mut spoke = false;
    cases.iter().all(|facts| {
        let asked = facts.ask();
        let speaks = rule.when.holds(&asked) == Ok(true);
        spoke |= speaks;
        !speaks || block.when.holds(&asked) == Ok(true)
    }) && spoke
}

/// Every case that tells apart what is asked for; none where they are too many, or a fact has no end of values.
fn cases(workspace: &Workspace, seen: &Seen) -> Option<Vec<Facts>> {
    if seen.functions.iter().any(|name| name != "size") {
        return None;
    }
    let blank = Facts::of(&Case::blank()).ok()?;
    let mut all = vec![blank.clone()];
    for path in &seen.paths {
        let values = candidates(workspace, &blank, seen, path)?;
        if all.len().saturating_mul(values.len()) > MOST {
            return None;
        }
        all = all.iter().flat_map(|facts| values.iter().map(|value| facts.clone().over(value))).collect();
    }
    Some(all)
}

/// The values that a fact is tried with, each as a set of facts of its own.
fn candidates(workspace: &Workspace, blank: &Facts, seen: &Seen, path: &str) -> Option<Vec<Facts>> {
    let one = |given: value::Given| given.at(path);
    if Case::OPEN.iter().any(|table| path.starts_with(table)) {
        return None;
    }
    let texts = || closed(workspace, path).unwrap_or_default().into_iter().chain(seen.texts.iter().cloned());
    let numbers =
        || seen.numbers.iter().flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)]).filter(|n| *n >= 0);
    let named: BTreeSet<String> = texts().chain([String::new()]).collect();
    Some(match blank.sort(path)? {
        // None of them, each alone, all of them; and one that nobody has named.
        Sort::List => {
            let named = named.into_iter().filter(|text| !text.is_empty());
            let all: Vec<String> = named.chain(["~".to_owned()]).collect();
            let each = all.iter().map(|text| one(value::Given::List(vec![text.clone()])));
            each.chain([one(value::Given::List(Vec::new())), one(value::Given::List(all.clone()))]).collect()
        }
        Sort::Yes => [true, false].map(|yes| one(value::Given::Yes(yes))).to_vec(),
        Sort::Number => {
            let all: BTreeSet<i64> = numbers().chain([0, 1]).collect();
            all.into_iter().map(|n| one(value::Given::Number(n))).collect()
        }
        Sort::Table => return None,
        Sort::Text => {
            // What compares as text is tried on either side of what is named.
            let above = named.iter().map(|text| format!("{text}~")).collect::<Vec<_>>();
            named.into_iter().chain(above).map(|text| one(value::Given::Text(text))).collect()
        }
    })
}

/// Values for facts, without the language.
mod value {
    use crate::domain::facts::Facts;
    use serde::Serialize;
    use std::collections::BTreeMap;

    /// A value that a fact is tried with.
    #[derive(Clone, Serialize)]
    #[serde(untagged)]
    pub(super) enum Given {
        Text(String),
        Number(i64),
        Yes(bool),
        List(Vec<String>),
    }

    #[derive(Serialize)]
    #[serde(untagged)]
    enum Tree {
        Leaf(Given),
        Table(BTreeMap<String, Tree>),
    }

    impl Given {
        /// As the fact of a dotted name.
        pub(super) fn at(self, path: &str) -> Facts {
            let nest = |tree, name: &str| Tree::Table(BTreeMap::from([(name.to_owned(), tree)]));
            let tree = path.rsplit('.').fold(Tree::Leaf(self), nest);
            Facts::of(&tree).unwrap_or_default()
        }
    }
}
