//! What a person is awaited for, and the verbs that answer it.
//!
//! Every line says which step of which run, why, and what to type. It decides
//! nothing; a verb that is named here may still be refused.

use crate::domain::catalogue::Confirmation;
use crate::domain::name::{RoleName, StepName};
use crate::domain::plan::{Question, Step, Work};
use crate::domain::trigger::RollsBack;
use crate::engine::people::Ballot;
use crate::engine::run::{Run, State, TriggerState};
use crate::engine::show::{Waiting, Word};
use crate::engine::{Given, asked, consent, people, rules, show};
use std::fmt;

/// Something that waits for a person.
pub struct Awaited {
    /// What it is; the same words as long as it is the same thing.
    pub what: String,
    /// Why, as of now.
    pub why: String,
    /// The verbs that answer it.
    pub verbs: Vec<String>,
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.why)
    }
}

/// What waits for a person in a run: each with the verbs that answer it.
pub fn awaited(given: &Given<'_>, run: &Run) -> Vec<Awaited> {
    let steps = show::waiting(given, run).into_iter().map(|waiting| {
        let Waiting { step, title, word, why, .. } = &waiting;
        let what = format!("step {step} {title} [{}]", word.text());
        Awaited { what, why: why.clone(), verbs: of_step(given, run, &waiting) }
    });
    let triggers = run.plan.triggers.iter().filter_map(|trigger| {
        let why = match run.triggers.get(&trigger.name)? {
            TriggerState::Proposed { why, .. } => why.clone(),
            TriggerState::Tripped { acts_at: None, .. } => "it tripped".to_owned(),
            _ => return None,
        };
        let back = match &trigger.rolls_back {
            RollsBack::One(service, environment) => format!("rollback {service} --env {environment}"),
            RollsBack::Set => format!("rollback --set {}", run.id),
        };
        let verbs = vec![
            format!("{back} --reason SYMPTOM --confirm ENV"),
            format!("trigger disarm {} {} --reason WHY", run.id, trigger.name),
        ];
        Some(Awaited { what: format!("trigger {} proposes a rollback:", trigger.name), why, verbs })
    });
    let held = given.ledger.holds.values().filter(|h| given.ledger.overdue.contains_key(&h.id));
    let holds = held.map(|hold| {
        let what = format!("hold {} on {} by {} is PAST ITS TIME:", hold.id, hold.scope, hold.by);
        Awaited { what, why: hold.reason.clone(), verbs: vec![format!("lift {} --reason WHY", hold.id)] }
    });
    triggers.chain(steps).chain(holds).collect()
}

/// The verbs that answer what a step waits for.
fn of_step(given: &Given<'_>, run: &Run, waiting: &Waiting) -> Vec<String> {
    let name = StepName::new(&waiting.step);
    let Some(step) = run.plan.step(&name) else { return Vec::new() };
    let on = |verb: &str, rest: &str| format!("step {verb} {} {name}{rest}", run.id);
    let skip = step.may_skip.then(|| on("skip", " --reason WHY"));
    match (run.state(&name), waiting.word) {
        (State::Failed(_) | State::Partly(..), _) => {
            let (state, roles) = (run.steps.get(&name), asked::roles(given, run, step));
            // What somebody rejected is tried again once they have taken that back.
            let no = state.and_then(|state| people::rejected(state, roles.iter()));
            let back = no.map(|_| approve(given, run, step));
            back.into_iter().chain([on("retry", &confirm(given, step))]).chain(skip).collect()
        }
        (State::InDoubt(_), _) => {
            vec![on("probe", ""), format!("resolve {} {name} succeeded|failed|not-applied --reason WHY", run.id)]
        }
        (_, Word::Approval) => asked(given, run, step),
        (_, Word::Ready) => vec![on("start", &confirm(given, step))],
        (_, Word::Waiting) => match &step.work {
            Work::Ask(Question::Release { .. }) => vec![on("release", " --reason WHY")],
            Work::Ask(Question::Choice { branches }) => vec![on("choose", &format!(" {}", branches.join("|")))],
            _ => vec![on("done", "")],
        },
        (_, Word::Held) => lifts(given, run, step).into_iter().chain(confirms(given, step, run)).collect(),
        _ => Vec::new(),
    }
}

/// Votes that are missing, or the approval.
fn asked(given: &Given<'_>, run: &Run, step: &Step) -> Vec<String> {
    let open = *run.state(&step.name) == State::Running;
    let Some(poll) = people::poll(given, run, step).filter(|_| open) else {
        return vec![approve(given, run, step)];
    };
    let missing = poll.ballots.iter().filter(|(.., ballot)| matches!(ballot, Ballot::Silent | Ballot::Stale));
    let vote = |role: &RoleName| format!("vote {} {} go|no-go --role {role}", run.id, step.name);
    missing.map(|(role, ..)| vote(role)).collect()
}

/// The line that approves, signed where a role that is asked takes nothing less.
fn approve(given: &Given<'_>, run: &Run, step: &Step) -> String {
    let role = |name| rules::role(given, name);
    let signed = asked::roles(given, run, step).iter().filter_map(role).any(|role| role.proof.by_key());
    let how = if signed && !given.claims_count() { " --sign" } else { "" };
    format!("approve {}/{}{how}", run.id, step.name)
}

/// The holds in the way of a step, by number.
fn lifts(given: &Given<'_>, run: &Run, step: &Step) -> Vec<String> {
    let holds = given.ledger.holds.values().filter(|h| h.stops(run.id, &step.name, step.operation()));
    holds.map(|hold| format!("lift {} --reason WHY", hold.id)).collect()
}

/// What someone must confirm before a step is a decision of its role.
fn confirms(given: &Given<'_>, step: &Step, run: &Run) -> Option<String> {
    let asks = !asked::slots(given, run, step).is_empty();
    asks.then(|| approve(given, run, step))
}

fn confirm(given: &Given<'_>, step: &Step) -> String {
    let operation = step.operation().filter(|op| consent::needed(given, op) > Confirmation::None);
    let environment = operation.and_then(|op| op.environment.as_ref());
    environment.map(|environment| format!(" --confirm {environment}")).unwrap_or_default()
}
