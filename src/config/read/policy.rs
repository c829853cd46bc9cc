//! Files of `policy/`: rules whose conditions can be read, name what there is, and can be met.
//!
//! A rule that could never speak, or could not be told, would look like one that keeps something back.

mod reach;

use super::Reading;
use super::gate::slots;
use super::script::positive;
use crate::config::names::Noun;
use crate::config::nearest;
use crate::config::raw::policy::{self as raw, PolicyFile};
use crate::config::spot::Spot;
use crate::domain::case::Case;
use crate::domain::condition::{Condition, Seen};
use crate::domain::facts::Facts;
use crate::domain::name::{PolicyName, SignalName};
use crate::domain::policy::{Effect, Policy, PolicyRule, PolicyTest, Saying};
use crate::domain::rehearsal::Rehearsed;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The functions of the language that conditions may call.
const FUNCTIONS: [&str; 10] =
    ["size", "startsWith", "endsWith", "contains", "matches", "int", "double", "string", "min", "max"];

/// What was declared so far, to find what is used twice and to look at rules beside each other.
#[derive(Debug, Default)]
pub struct SoFar {
    rules: Policy,
    places: BTreeMap<PolicyName, (String, Range<usize>)>,
    /// How many cases were gone through.
    tried: Cell<usize>,
}

/// Reads the rules of one file.
pub fn rules(r: &mut Reading<'_>, raw: &PolicyFile, so_far: &mut SoFar) {
    for (name, raw) in &raw.rules.0 {
        if let Some((other, _)) = so_far.places.insert(name.value.clone(), (r.file.name.clone(), name.at.clone())) {
            let what = format!("the policy {:?} is declared twice, in {other} too", name.as_str());
            r.mistake(&name.at, what, "give one of them another name");
        }
        if let Some(rule) = rule(r, &name.value, raw) {
            so_far.rules.insert(name.value.clone(), rule);
        }
    }
}

/// Looks at the rules of one file once all are known: what lifts what, what can never speak, what nobody would notice.
pub fn beside(r: &mut Reading<'_>, raw: &PolicyFile, so_far: &SoFar) {
    for (name, raw) in &raw.rules.0 {
        for lifted in &raw.lifts {
            let found = so_far.rules.get(&lifted.value).map(|rule| rule.effect);
            if r.known(Noun::Policy, lifted) && matches!(found, Some(Effect::Block | Effect::Allow)) {
                let help = "only rules that warn or need something can be lifted";
                r.mistake(&lifted.at, format!("{:?} cannot be lifted", lifted.as_str()), help);
            }
        }
        if let Some(rule) = so_far.rules.get(&name.value) {
            reach::of_rule(r, &raw.when.at, rule, &so_far.rules, &so_far.tried);
        }
    }
}

/// The tests of one file.
pub fn tests(r: &mut Reading<'_>, raw: &PolicyFile) -> Vec<PolicyTest> {
    raw.tests.0.iter().filter_map(|(name, raw)| test(r, name, raw)).collect()
}

impl SoFar {
    /// All rules that were read.
    pub fn finish(self) -> Policy {
        self.rules
    }
}

fn rule(r: &mut Reading<'_>, name: &PolicyName, raw: &raw::Rule) -> Option<PolicyRule> {
    let when = condition(r, &raw.when)?;
    let say = saying(r, &raw.say);
    let effect = raw.effect.value;
    if effect == Effect::Needs && raw.approvals.is_empty() && !raw.second_person && raw.rehearsed.is_none() {
        let help = "say whose approval: approvals = [{ role = \"…\" }], second_person = true, or rehearsed = { within = \"14d\" }";
        r.mistake(&raw.effect.at, format!("nothing is needed by {name}"), help);
    }
    if let Some(stops) = raw.stops_rollback.as_ref().filter(|stops| stops.value && effect > Effect::Warn) {
        let help = "the way back is what ends an incident; say so only where going back is worse";
        r.warning(&stops.at, format!("{name} stops the way back"), help);
    }
    for control in raw.controls.iter().filter(|control| control.trim().is_empty()) {
        r.mistake(&control.at, "the control has no name", "write what your auditors call it, such as SOC2 CC8.1");
    }
    if effect == Effect::Points && when.seen().paths.iter().any(|path| path.starts_with("risk")) {
        r.mistake(&raw.when.at, "points are not given by the risk, which is their sum", "ask for what makes it risky");
    }
    if let Some(none) = raw.points.as_ref().filter(|points| points.value == 0 || points.value > 100) {
        r.mistake(&none.at, "a rule gives from 1 to 100 points", "4 are a medium risk, 8 a high one");
    }
    Some(PolicyRule {
        name: name.clone(),
        points: raw.points.as_ref().map_or(0, |points| points.value),
        effect,
        when,
        say,
        owner: raw.owner.as_ref().map(|owner| r.name(Noun::Role, owner)),
        controls: raw.controls.iter().map(|control| control.value.clone()).collect(),
        approvals: slots(r, &raw.approvals, None),
        second_person: raw.second_person,
        rehearsed: raw.rehearsed.as_ref().map(|raw| Rehearsed { within: positive(r, &raw.within), back: raw.back }),
        lifts: raw.lifts.iter().map(|lifted| lifted.value.clone()).collect(),
        waived_by: r.list(Noun::Role, &raw.waived_by),
        stops_rollback: raw.stops_rollback.as_ref().is_some_and(|stops| stops.value),
    })
}

/// A condition that can be read, asks for facts that there are and names what is declared.
fn condition(r: &mut Reading<'_>, text: &Spot<String>) -> Option<Condition> {
    let read = match Condition::read(&text.value) {
        Ok(read) => read,
        Err(wrong) => {
            let at = wrong.at.map_or_else(|| text.at.clone(), |at| within(r, text, at, 1));
            r.mistake(&at, wrong.what, "docs/policy.md tells the facts, and what can be written of them");
            return None;
        }
    };
    let seen = read.seen();
    let sound = names(r, text, &seen) & values(r, text, &seen);
    if !sound {
        return None;
    }
    match read.holds(&Facts::of(&Case::blank()).unwrap_or_default().ask()) {
        Err(why) if !why.ends_with("is not known") => {
            r.mistake(&text.at, format!("no condition: {why}"), "compare a text with a text, a number with a number");
            None
        }
        _ => Some(read),
    }
}

/// Where a part of a text stands in the file, as far as it is written there as it is read.
fn within(r: &Reading<'_>, text: &Spot<String>, at: usize, len: usize) -> Range<usize> {
    let written = r.file.text.get(text.at.clone()).unwrap_or_default();
    match written.find(text.value.as_str()).filter(|_| !text.value.is_empty()) {
        Some(from) => {
            let start = text.at.start + from + at;
            start..start + len
        }
        None => text.at.clone(),
    }
}

/// Where a word of a text stands in the file: not within another word, where it stands alone too.
fn word(r: &Reading<'_>, text: &Spot<String>, word: &str) -> Range<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let alone = |at: &usize| {
        let (before, after) = (text.value.get(..*at), text.value.get(at + word.len()..));
        !before.is_some_and(|before| before.ends_with(part)) && !after.is_some_and(|after| after.starts_with(part))
    };
    let all = || text.value.match_indices(word).map(|(at, _)| at);
    let found = all().find(alone).or_else(|| all().next());
    found.map_or_else(|| text.at.clone(), |at| within(r, text, at, word.len()))
}

/// Whether every fact and function that it asks for exists; what does not is noted.
fn names(r: &mut Reading<'_>, text: &Spot<String>, seen: &Seen) -> bool {
    let known = Facts::of(&Case::blank()).unwrap_or_default().paths();
    let mut sound = true;
    for path in &seen.paths {
        let open = Case::OPEN.iter().find_map(|table| path.strip_prefix(table)?.strip_prefix('.'));
        if Case::OPEN.contains(&path.as_str()) {
            let help =
                "name a signal: health.signals[\"errors\"].level; one that is lost would be passed over otherwise";
            r.mistake(&word(r, text, path), format!("{path} is asked as a whole"), help);
            sound = false;
        } else if let Some(entry) = open {
            sound &= of_open(r, text, path, entry);
        } else if !known.contains(path) {
            let leaf = path.rsplit('.').next().unwrap_or(path);
            let at = if text.value.contains(path.as_str()) { word(r, text, path) } else { word(r, text, leaf) };
            let help = nearest::help(path, "the facts are in docs/policy.md; near it", near(&known, path));
            r.mistake(&at, format!("there is no fact {path:?}"), help.unwrap_or_default());
            sound = false;
        }
    }
    for function in seen.functions.iter().filter(|name| !FUNCTIONS.contains(&name.as_str())) {
        let at = word(r, text, function);
        let help = nearest::help(function, "functions", FUNCTIONS);
        r.mistake(&at, format!("there is no function {function:?}"), help.unwrap_or_default());
        sound = false;
    }
    sound
}

/// The facts of the same table, or the tables where there is none of that name.
fn near<'a>(known: &'a BTreeSet<String>, path: &str) -> impl Iterator<Item = &'a str> {
    let table = path.split('.').next().unwrap_or_default().to_owned();
    let there = known.contains(&table);
    known.iter().map(String::as_str).filter(move |name| match there {
        true => name.split('.').next() == Some(table.as_str()) && name.contains('.'),
        false => !name.contains('.'),
    })
}

/// Whether an entry of a table that people name is one that they have declared.
fn of_open(r: &mut Reading<'_>, text: &Spot<String>, path: &str, entry: &str) -> bool {
    let of = Case::OF_OPEN.iter().find_map(|of| entry.strip_suffix(of)?.strip_suffix('.'));
    let name = of.unwrap_or(entry);
    let at = word(r, text, name);
    if of.is_none() && entry.contains('.') && !r.workspace.signals.contains_key(&SignalName::new(entry)) {
        let help = format!("of a signal there are {}", Case::OF_OPEN.join(" and "));
        r.mistake(&at, format!("there is no fact {path:?}"), help);
        return false;
    }
    r.known(Noun::Signal, &Spot { at, value: name.to_owned() })
}

/// Whether values that facts are compared with can be theirs; a slip there makes a rule that never speaks.
fn values(r: &mut Reading<'_>, text: &Spot<String>, seen: &Seen) -> bool {
    let mut sound = true;
    for (path, value) in &seen.compared {
        let Some(all) = reach::closed(r.workspace, path) else { continue };
        if !all.contains(value) && !value.is_empty() {
            let at = word(r, text, value);
            let help = nearest::help(value, "it can be", all.iter().map(String::as_str)).unwrap_or_default();
            r.mistake(&at, format!("{path} is never {value:?}"), help);
            sound = false;
        }
    }
    sound
}

/// A sentence; what is in its braces is looked at as conditions are.
fn saying(r: &mut Reading<'_>, text: &Spot<String>) -> Saying {
    let say = Saying::new(text.value.clone());
    if text.value.trim().is_empty() {
        r.mistake(&text.at, "it does not say why", "write one sentence for whoever is held at two in the morning");
    }
    if text.value.matches('{').count() != say.blanks().len() {
        r.mistake(&text.at, "a brace is not closed", "in braces stands a fact, such as {environment.name}");
    }
    for (at, blank) in say.blanks() {
        let spot = Spot { at: within(r, text, at, blank.len().max(1)), value: blank.to_owned() };
        match Condition::read(blank) {
            Ok(read) => drop(names(r, &spot, &read.seen())),
            Err(wrong) => r.mistake(&spot.at, wrong.what, "in braces stands a fact, such as {environment.name}"),
        }
    }
    say
}

fn test(r: &mut Reading<'_>, name: &Spot<PolicyName>, raw: &raw::Test) -> Option<PolicyTest> {
    let blank = Facts::of(&Case::blank()).unwrap_or_default();
    // The risk is reckoned, unless the case gives it.
    let base = Facts::of(&Case { risk: None, ..Case::blank() }).unwrap_or_default();
    let mut sound = true;
    let given = Facts::of(&raw.given.0).map_err(|why| r.mistake(&raw.given.at, format!("no facts: {why}"), "")).ok()?;
    let known = blank.paths();
    for path in given.paths() {
        let open = Case::OPEN.iter().any(|table| path == *table || path.starts_with(&format!("{table}.")));
        if !open && !known.contains(&path) {
            let help = nearest::help(&path, "the facts are in docs/policy.md; near it", near(&known, &path));
            r.mistake(&raw.given.at, format!("there is no fact {path:?}"), help.unwrap_or_default());
            sound = false;
        } else if blank.sort(&path).is_some_and(|sort| given.sort(&path) != Some(sort)) {
            r.mistake(&raw.given.at, format!("{path} is a value of another kind"), "the facts are in docs/policy.md");
            sound = false;
        }
    }
    for rule in raw.rules.iter().flatten() {
        sound &= r.known(Noun::Policy, rule);
    }
    let place = r.file.problem(name.at.clone(), "", None);
    let named = raw.rules.as_ref().map(|all| all.iter().map(|rule| rule.value.clone()).collect());
    sound.then(|| PolicyTest {
        name: name.to_string(),
        place: format!("{}:{}", place.file, place.line),
        facts: base.over(&given),
        expect: raw.expect.effect(),
        rules: named,
    })
}
