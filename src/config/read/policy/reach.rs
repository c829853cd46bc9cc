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
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

/// How many cases are gone through for one rule.
const MOST: usize = 4_000;
/// How many for all rules of a workspace: files are read anew for every verb.
const IN_ALL: usize = 20_000;

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
pub(super) fn of_rule(r: &mut Reading<'_>, at: &Range<usize>, rule: &PolicyRule, all: &Policy, tried: &Cell<usize>) {
    let Some(cases) = cases(r.workspace, &rule.when.seen(), tried) else { return };
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
            if shadowed(r.workspace, rule, other, tried) {
                let help = format!("wherever it speaks, {} blocks", other.name);
                r.warning(at, format!("{} is never noticed", rule.name), &help);
                return;
            }
        }
    }
}

/// Whether one blocks wherever the other speaks.
fn shadowed(workspace: &Workspace, rule: &PolicyRule, block: &PolicyRule, tried: &Cell<usize>) -> bool {
    let mut seen = rule.when.seen();
    let other = block.when.seen();
    // A rule that asks for something else as well may speak where the other does not.
    seen.add(other);
    let Some(cases) = cases(workspace, &seen, tried) else { return false };
    let mut spoke = false;
    cases.iter().all(|facts| {
        let asked = facts.ask();
        let speaks = rule.when.holds(&asked) == Ok(true);
        spoke |= speaks;
        !speaks || block.when.holds(&asked) == Ok(true)
    }) && spoke
}

/// Every case that tells apart what is asked for; none where they are too many, or a fact has no end of values.
fn cases(workspace: &Workspace, seen: &Seen, tried: &Cell<usize>) -> Option<Vec<Facts>> {
    if tried.get() >= IN_ALL || seen.reckons || seen.functions.iter().any(|name| name != "size") {
        return None;
    }
    let blank = Facts::of(&Case::blank()).ok()?;
    let values: Vec<_> =
        seen.paths.iter().map(|path| candidates(workspace, &blank, seen, path)).collect::<Option<_>>()?;
    let many = values.iter().fold(1_usize, |many, values| many.saturating_mul(values.len()));
    if many > MOST {
        return None;
    }
    tried.set(tried.get().saturating_add(many));
    let laid = |all: Vec<Facts>, values: &Vec<Facts>| {
        all.iter().flat_map(|facts| values.iter().map(|value| facts.clone().over(value))).collect()
    };
    let all = values.iter().fold(vec![blank], laid);
    Some(all)
}

/// The values that a fact is tried with, each as a set of facts of its own.
fn candidates(workspace: &Workspace, blank: &Facts, seen: &Seen, path: &str) -> Option<Vec<Facts>> {
    let one = |given: value::Given| given.at(path);
    if Case::OPEN.iter().any(|table| path.starts_with(table)) {
        return None;
    }
    // Facts that are compared with each other may lie one after another beyond all that is named.
    let beyond = if seen.between { seen.paths.len() } else { 1 };
    let named: BTreeSet<String> =
        closed(workspace, path).unwrap_or_default().into_iter().chain(seen.texts.iter().cloned()).collect();
    Some(match blank.sort(path)? {
        Sort::List => lists(seen, beyond)?.into_iter().map(|list| one(value::Given::List(list))).collect(),
        Sort::Yes => [true, false].map(|yes| one(value::Given::Yes(yes))).to_vec(),
        Sort::Number => {
            let steps = i64::try_from(beyond).unwrap_or(i64::MAX);
            let near = |n: i64| (-1..=steps).map(move |step| n.saturating_add(step));
            let all: BTreeSet<i64> =
                seen.numbers.iter().copied().chain([0, 1]).flat_map(near).filter(|n| *n >= 0).collect();
            all.into_iter().map(|n| one(value::Given::Number(n))).collect()
        }
        Sort::Table => return None,
        Sort::Text => {
            // What compares as text is tried right behind what is named: nothing lies between the two.
            let behind = |text: &String| (0..=beyond).map(|n| format!("{text}{}", nobody(n))).collect::<Vec<_>>();
            let all: BTreeSet<String> = named.iter().chain([&String::new()]).flat_map(behind).collect();
            all.into_iter().map(|text| one(value::Given::Text(text))).collect()
        }
    })
}

/// A text that nobody has written.
fn nobody(n: usize) -> String {
    "\0".repeat(n)
}

/// Every choice of the texts that are named, each with so many beside them that nobody has named; none where they are
/// too many.
fn lists(seen: &Seen, beyond: usize) -> Option<Vec<Vec<String>>> {
    let longest = seen.numbers.iter().copied().max().filter(|_| seen.functions.contains("size")).unwrap_or(0);
    let others = usize::try_from(longest).unwrap_or(0).saturating_add(1).max(beyond);
    let chosen = 1_usize.checked_shl(u32::try_from(seen.texts.len()).ok()?)?;
    if chosen.saturating_mul(others) > MOST {
        return None;
    }
    let choice =
        |of: usize| seen.texts.iter().enumerate().filter(move |(n, _)| of >> n & 1 == 1).map(|(_, text)| text.clone());
    let with = |of: usize| (0..=others).map(move |n| choice(of).chain((1..=n).map(nobody)).collect());
    Some((0..chosen).flat_map(with).collect())
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
