//! What an operation means for an application as it was read: the requests in their order,
//! what must be seen after each, and what stands in the way.
//!
//! Pure; preview and perform make the same plan, so what is shown is what is sent.

mod back;
mod forward;
mod switch;

use super::app;
use super::goal::Goal;
use super::past::Entry;
use super::place::Place;
use super::windows::Windows;
use crate::domain::Timestamp;
use crate::domain::backend::ArgoCdSpec;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use serde_json::Value;

/// One request that changes something.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// A merge patch of the application.
    Patch(Value),
    /// Back to an entry of its history.
    RollBack {
        /// The entry.
        id: i64,
        /// Whether what is not in it is deleted.
        prune: bool,
    },
    /// A sync; the body without who and where.
    Sync(Value),
    /// The end of what is under way.
    Terminate,
}

/// A request, what it is in words, and what must be seen before the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is sent.
    pub call: Call,
    /// What happens, in words.
    pub effect: String,
    /// What must be seen then.
    pub goal: Goal,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The requests in their order; none when all is as it should be.
    pub steps: Vec<Step>,
    /// What must be seen at the end.
    pub goal: Goal,
    /// Why it is not sent now.
    pub blocks: Vec<String>,
    /// What happens, in words, in order.
    pub effects: Vec<String>,
    /// What is not taken back with it, or lost.
    pub loses: Vec<String>,
    /// What was deployed before it, as its history names it; empty where that is not known.
    pub previous: String,
}

/// Everything that a plan is made of.
pub struct Read<'a> {
    /// Which application.
    pub place: &'a Place,
    /// The application.
    pub app: &'a Value,
    /// Its past, newest first.
    pub past: &'a [Entry],
    /// Its windows.
    pub windows: &'a Windows,
    /// When it was read.
    pub now: Timestamp,
}

/// The plan for an operation; without a key it is only looked at.
///
/// # Errors
/// Why there can be none.
pub fn plan(operation: &Operation, key: Option<&Key>, read: &Read<'_>) -> Result<Plan, String> {
    let known: Vec<&str> = ArgoCdSpec::arguments(operation.verb).iter().map(|(name, _)| *name).collect();
    if let Some(other) = operation.args.keys().find(|name| !known.contains(&name.as_str())) {
        let takes = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let other = super::json::line(other);
        return Err(format!("{} takes no argument {other}; it takes {takes}", operation.verb));
    }
    let key = key.map_or("{key}".to_owned(), Key::to_string);
    let mut plan = match operation.verb {
        Verb::RollBack => back::roll_back(operation, &key, read)?,
        Verb::Deploy => forward::deploy(operation, &key, read)?,
        Verb::Pause => switch::off(&key, read),
        Verb::Resume => switch::on(operation, read)?,
        Verb::Abort => switch::abort(read),
        verb => return Err(format!("an Argo CD cannot {verb}")),
    };
    if app::deleting(read.app) {
        plan.blocks.insert(0, "it is being deleted".to_owned());
    }
    plan.previous = read.past.first().map(|entry| super::past::name(read.past, entry)).unwrap_or_default();
    if plan.effects.is_empty() {
        plan.effects = plan.steps.iter().map(|step| step.effect.clone()).collect();
    }
    Ok(plan)
}

/// An argument that is not empty.
fn arg<'a>(operation: &'a Operation, name: &str) -> Option<&'a str> {
    operation.args.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// An argument that is `true` or `false`.
fn flag(operation: &Operation, name: &str) -> Result<Option<bool>, String> {
    match arg(operation, name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(format!("{name} is true or false, not {}", super::json::line(other))),
    }
}

/// A plan with nothing said yet.
fn begun(steps: Vec<Step>, goal: Goal) -> Plan {
    Plan { steps, goal, blocks: Vec::new(), effects: Vec::new(), loses: Vec::new(), previous: String::new() }
}
