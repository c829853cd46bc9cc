//! What a step that is left out, passed or decided lets begin, before it is agreed
//! to: the same fold that would follow it, on a copy.
//!
//! Nothing is decided here, and nothing is written.

use crate::cli::session::Session;
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::plan::{Question, Step, Work};
use crate::engine::people::{self, Ballot};
use crate::engine::run::Run;
use crate::engine::show::{self, Word};
use crate::engine::{Given, Ledger};

/// What leaving a step out passes by.
pub fn bypassed(session: &Session, run: &Run, step: &Step) -> Vec<String> {
    let mut told = vec![format!("Left out: {} {}.", step.name, step.title.trim_end_matches('.'))];
    told.extend(missing(session, run, step).map(|what| format!("This passes by {what}.")));
    let agreed: Vec<_> = run.plan.triggers.iter().filter(|t| t.agreed_at.as_ref() == Some(&step.name)).collect();
    if !agreed.is_empty() {
        let names: Vec<_> = agreed.iter().map(|t| t.name.as_str()).collect();
        told.push(format!("It would also have agreed to {}, which nobody agrees to then.", names.join(" and ")));
    }
    told
}

fn missing(session: &Session, run: &Run, step: &Step) -> Option<String> {
    let given = session.given();
    Some(match &step.work {
        Work::Ask(Question::Poll { .. }) => {
            let poll = people::poll(&given, run, step)?;
            let open = poll.ballots.iter().filter(|(.., ballot)| *ballot != Ballot::Go);
            let open: Vec<_> = open.map(|(role, ..)| role.as_str()).collect();
            match open.as_slice() {
                [] => "a go or no-go in which every role has said go".to_owned(),
                open => format!("a go or no-go: {} did not say go", open.join(", ")),
            }
        }
        Work::Ask(Question::Release { roles, .. }) => {
            let roles: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            format!("a hold point, which {} would have had to release", roles.join(" or "))
        }
        Work::Ask(Question::Approval(slots)) => {
            let roles: Vec<_> = slots.iter().map(|slot| slot.role.as_str()).collect();
            format!("the approval by {}", roles.join(" and "))
        }
        Work::Watch { .. } => {
            let shown = show::step(&given, run, step)?;
            let why: Vec<_> = shown.verdict.reasons.iter().map(ToString::to_string).collect();
            let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
            format!("a check{why}")
        }
        Work::Do(operation) => format!("an operation: {} is not done", super::saying::operation(operation)),
        Work::Ask(Question::Done | Question::Announce { .. }) => "what people should have done by hand".to_owned(),
        _ => return None,
    })
}

/// What begins, or may begin, once these facts are true.
pub fn begins(
    session: &Session,
    run: RunId,
    facts: &[Fact],
    entry: impl Fn(Vec<Fact>) -> crate::domain::entry::Entry,
) -> Vec<String> {
    let given = session.given();
    let mut ledger: Ledger = session.ledger.clone();
    if ledger.apply(&entry(facts.to_vec())).is_err() {
        return Vec::new();
    }
    let then = Given { ledger: &ledger, ..given };
    let (Some(before), Some(after)) = (given.ledger.run(run), ledger.run(run)) else { return Vec::new() };
    let waited = |step: &Step| show::step(&given, before, step).is_some_and(|s| s.word == Word::Pending);
    let begun: Vec<_> = show::steps(&then, after)
        .filter(|shown| shown.word != Word::Pending && !shown.state.state.ended() && waited(shown.step))
        .map(|shown| {
            let how = match shown.word {
                Word::Ready if matches!(shown.step.work, Work::Ask(_)) => "is asked next",
                Word::Ready if show::starts_by_itself(&then, after, shown.step) => "starts by itself, at once",
                Word::Ready => "can then be started",
                Word::Held => "comes next, and is still held",
                _ => "comes next",
            };
            format!("step {}, {}, {how}", shown.step.name, shown.step.title.trim_end_matches(['.', '?']))
        })
        .collect();
    match begun.as_slice() {
        [] => vec!["Nothing begins because of it yet.".to_owned()],
        begun => vec![format!("Because of it: {}.", begun.join("; "))],
    }
}
