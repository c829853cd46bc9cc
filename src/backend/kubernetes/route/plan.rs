//! What giving traffic by hand means for a route as it was read: the one request, and the weights that must be seen.
//!
//! Pure. Of a rule that shares traffic between the canary and one other backend both weights are written. What would
//! have to be guessed is refused: a third backend, or a canary that stands there twice.

use super::super::cause::marking;
use super::super::history::CAUSE;
use super::super::lock;
use super::super::object::{annotation, name};
use super::super::undo::{JSON_PATCH, Patch};
use super::Route;
use super::shares::{Backend, Rule, rules};
use crate::domain::text::visible;
use crate::domain::traffic::{Share, words};
use serde_json::{Value, json};

/// What stands in a mark before the weights that there were.
const FROM: &str = ", from ";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// So much for the canary, in percent.
    Share(u64),
    /// The weights that were there before, as [`Plan::before`] writes them.
    Exactly(String),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The request, sent with PATCH; none when all is as it should be.
    pub patch: Option<Patch>,
    /// What must be seen afterwards, rule by rule.
    pub wants: Vec<Want>,
    /// What happens, in words.
    pub effects: Vec<String>,
    /// What stays, or is lost.
    pub loses: Vec<String>,
    /// The weights as they are now, so that they can be returned to: `rules/0 web=90 web-canary=10; …`.
    pub before: String,
}

/// What a rule must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The rule in words.
    pub rule: String,
    /// Where its backends stand.
    pub at: String,
    /// Its backends and their weights.
    pub shares: Vec<Share>,
}

/// The plan for a wish; `cause` is what is left on the route, so that it is found again.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(route: &Route, object: &Value, wish: &Wish, cause: &str) -> Result<Plan, String> {
    let all = rules(route.kind, object)?;
    let mut loses = Vec::new();
    let wants = match wish {
        Wish::Share(percent) => shared(route, &all, *percent, &mut loses)?,
        Wish::Exactly(before) => exactly(&all, before)?,
    };
    let changed: Vec<(&Rule, &Want)> = wants.iter().filter_map(|want| Some((find(&all, want)?, want))).collect();
    let effects = changed.iter().map(|(rule, want)| {
        let (now, then) = (words(&rule.shares()), words(&want.shares));
        let stays = if same(&rule.shares(), &want.shares) { ", as it is" } else { "" };
        format!("{}, {}: {now} → {then}{stays}", route.words(), want.rule)
    });
    let mut effects: Vec<String> = effects.collect();
    let ahead: Vec<_> = changed.iter().filter(|(rule, want)| !same(&rule.shares(), &want.shares)).collect();
    if ahead.is_empty() {
        effects.push("nothing is sent".to_owned());
    }
    // Gateways write the status of a route all the time: that refuses no way back.
    let mut steps = lock::same(object);
    steps.extend(ahead.iter().flat_map(|(rule, want)| written(rule, want)));
    let before: Vec<_> = changed.iter().map(|(rule, _)| kept(rule)).collect();
    let before = before.join("; ");
    steps.extend(marking(object, &format!("{cause}{FROM}{before}")));
    let patch = (!ahead.is_empty()).then_some(Patch { kind: JSON_PATCH, body: Value::Array(steps) });
    Ok(Plan { patch, effects, loses, before, wants })
}

/// What was there before, as a mark that an operation has left says it.
pub fn before(object: &Value) -> Option<String> {
    annotation(object, CAUSE)?.rsplit_once(FROM).map(|(_, before)| visible(before))
}

/// What each rule must say for the canary to have so much.
fn shared(route: &Route, all: &[Rule], percent: u64, loses: &mut Vec<String>) -> Result<Vec<Want>, String> {
    let canary = route.canary.as_deref().ok_or("which backend is given traffic is not declared (canary)")?;
    let rest = 100_u64.checked_sub(percent).ok_or_else(|| format!("{percent} is no share in percent"))?;
    let mut wants = Vec::new();
    for rule in all {
        match rule.backends.iter().filter(|backend| backend.is(canary)).count() {
            0 => continue,
            1 => {}
            n => return Err(format!("{} has {canary} {n} times; change it by hand", rule.name)),
        }
        match rule.backends.len() {
            1 => loses.push(format!("{} sends all of its traffic to {canary}, and goes on doing so", rule.name)),
            2 => {
                let share = |backend: &Backend| Share {
                    to: backend.name.clone(),
                    weight: if backend.is(canary) { percent } else { rest },
                };
                let shares = rule.backends.iter().map(share).collect();
                wants.push(Want { rule: rule.name.clone(), at: rule.at.clone(), shares });
            }
            n => {
                let why = format!("{} shares traffic among {n} backends", rule.name);
                return Err(format!("{why}, and which of them is to give it is not known; change it by hand"));
            }
        }
    }
    if wants.is_empty() {
        let there: Vec<_> = all.iter().flat_map(|rule| &rule.backends).map(|backend| backend.name.as_str()).collect();
        return Err(format!("no rule shares traffic between {canary} and another; there are {}", there.join(", ")));
    }
    Ok(wants)
}

/// What each rule must say to be as it was.
fn exactly(all: &[Rule], before: &str) -> Result<Vec<Want>, String> {
    let mut wants = Vec::new();
    for part in before.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let no = || format!("{part:?} are no weights; write rules/0 NAME=WEIGHT NAME=WEIGHT");
        let mut written = part.split_whitespace();
        let key = written.next().ok_or_else(no)?;
        let share = |word: &str| {
            let (to, weight) = word.rsplit_once('=')?;
            Some(Share { to: to.to_owned(), weight: weight.parse::<u64>().ok().filter(|weight| *weight <= 1_000_000)? })
        };
        let shares: Option<Vec<Share>> = written.map(share).collect();
        let shares = shares.filter(|shares| !shares.is_empty()).ok_or_else(no)?;
        let rule = all.iter().find(|rule| self::key(rule) == key);
        let rule = rule
            .filter(|rule| rule.backends.iter().map(|backend| &backend.name).eq(shares.iter().map(|share| &share.to)));
        let rule = rule.ok_or_else(|| format!("{key} has other backends now than the weights {part:?} are of"))?;
        wants.push(Want { rule: rule.name.clone(), at: rule.at.clone(), shares });
    }
    if wants.is_empty() { Err("it names no weights".to_owned()) } else { Ok(wants) }
}

/// The steps of the patch that write the weights of a rule, each after a test of what it was.
fn written(rule: &Rule, want: &Want) -> Vec<Value> {
    let mut steps = Vec::new();
    for (n, (backend, share)) in rule.backends.iter().zip(&want.shares).enumerate() {
        let path = format!("{}/{n}/weight", rule.at);
        let op = match backend.written {
            Some(old) => {
                steps.push(json!({ "op": "test", "path": path, "value": old }));
                "replace"
            }
            None => "add",
        };
        if backend.written != Some(share.weight) {
            steps.push(json!({ "op": op, "path": path, "value": share.weight }));
        }
    }
    steps
}

/// A rule as [`Plan::before`] keeps it.
fn kept(rule: &Rule) -> String {
    let all: Vec<_> = rule.backends.iter().map(|backend| format!("{}={}", backend.name, backend.weight)).collect();
    format!("{} {}", key(rule), all.join(" "))
}

/// A rule by where it stands: `rules/0`.
fn key(rule: &Rule) -> &str {
    let at = rule.at.strip_prefix("/spec/").unwrap_or(&rule.at);
    at.rsplit_once('/').map_or(at, |(key, _)| key)
}

fn find<'a>(all: &'a [Rule], want: &Want) -> Option<&'a Rule> {
    all.iter().find(|rule| rule.at == want.at)
}

/// Whether two say the same of the same backends.
fn same(now: &[Share], wanted: &[Share]) -> bool {
    let sum = |all: &[Share]| all.iter().map(|share| u128::from(share.weight)).sum::<u128>();
    let (of_now, of_wanted) = (sum(now), sum(wanted));
    let alike = |(a, b): (&Share, &Share)| {
        let (a_of, b_of) = (u128::from(a.weight).checked_mul(of_wanted), u128::from(b.weight).checked_mul(of_now));
        a.to == b.to && a_of.is_some() && a_of == b_of
    };
    now.len() == wanted.len() && (of_now == 0) == (of_wanted == 0) && now.iter().zip(wanted).all(alike)
}

/// What a route says in place of what it must; none when it says that.
///
/// # Errors
/// Why its weights cannot be read.
pub fn differs(route: &Route, object: &Value, wants: &[Want]) -> Result<Option<String>, String> {
    let all = rules(route.kind, object)?;
    let now = |want: &Want| find(&all, want).map(Rule::shares).unwrap_or_default();
    let odd = wants.iter().find(|want| !same(&now(want), &want.shares));
    Ok(odd.map(|want| format!("{} of {} has {}", want.rule, name(object), words(&now(want)))))
}
