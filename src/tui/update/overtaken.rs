//! What overtook a dialog: who did what it was about while it was open, in the
//! words of the journal; and how a rollback ended that was under way.
//!
//! It only tells. Nothing was sent by a dialog that was overtaken.

use super::Seen;
use crate::domain::command::Command;
use crate::domain::fact::Fact;
use crate::domain::name::{RunId, StepName};
use crate::domain::text::harmless;
use crate::engine::adhoc;
use crate::engine::run::{Changed, Phase, Run};
use crate::report::story;
use crate::tui::model::told::Told;
use crate::tui::theme::Role;
use crate::tui::ui::{Intent, Ui};
use std::collections::BTreeSet;

/// Why a dialog that was open since a line of the journal has closed.
pub fn words(seen: &Seen<'_>, intent: Option<&Intent>, since: u64, title: &str) -> (Role, String) {
    let news = || seen.model.recent.iter().rev().take_while(|told| told.entry.seq > since);
    let me = seen.model.person.as_ref();
    if matches!(intent, Some(Intent::RollBack(..)))
        && let Some((run, told)) = news().find_map(|told| Some((begun(seen, told)?, told)))
    {
        let (who, person) = (story::who(&told.entry), &told.entry.by.person);
        let who = if story::by_itself(&told.entry) {
            format!("{who} began this rollback by itself")
        } else if me == Some(person) {
            "this rollback has begun".to_owned()
        } else {
            format!("{who} began this rollback")
        };
        return (Role::Warn, format!("{who}: run {run}; your dialog sent nothing"));
    }
    let line = about(intent).and_then(|about| news().find_map(|told| Some((told, of_step(seen, told, about)?))));
    match line {
        Some((told, line)) => {
            let who = story::who(&told.entry);
            (Role::Warn, format!("{who}: {line}; your dialog sent nothing: {title}"))
        }
        None => (Role::Warn, format!("closed, nothing was sent: what it was about has changed: {title}")),
    }
}

/// The step that a dialog is about.
fn about(intent: Option<&Intent>) -> Option<(RunId, &StepName)> {
    match intent? {
        Intent::Start(run, step) | Intent::Retry(run, step) | Intent::Done(run, step) => Some((*run, step)),
        Intent::Reason(command) => match &**command {
            Command::Step(run, step, _) | Command::Decide { run, step, .. } | Command::Vote { run, step, .. } => {
                Some((*run, step))
            }
            _ => None,
        },
        _ => None,
    }
}

/// What an entry says of a step, if it moves it: words about it alone do not.
fn of_step(seen: &Seen<'_>, told: &Told, about: (RunId, &StepName)) -> Option<String> {
    let sent = |fact: &Fact| {
        let sent = seen.model.ledger.sent.get(&fact.sent()?)?;
        Some((sent.intent.run, &sent.intent.step) == about)
    };
    // Nor do what was agreed to and how it was judged: what came of them follows.
    let words = |fact: &Fact| {
        use Fact::{Assigned, Consented, Escalated, Judged, Noted};
        matches!(fact, Noted { .. } | Escalated { .. } | Assigned { .. } | Consented { .. } | Judged { .. })
    };
    let of = |fact: &&Fact| !words(fact) && (fact.step() == Some(about) || sent(fact) == Some(true));
    let line = told.entry.facts.iter().filter(of).find_map(|fact| story::fact(fact, told.entry.at))?;
    Some(harmless(&line).into_owned())
}

/// The rollback that an entry began.
fn begun(seen: &Seen<'_>, told: &Told) -> Option<RunId> {
    let started = |fact: &Fact| if let Fact::RunStarted { run, .. } = fact { Some(*run) } else { None };
    let run = told.entry.facts.iter().find_map(started)?;
    seen.model.ledger.run(run).filter(|run| run.takes_back()).map(|run| run.id)
}

/// Says of each rollback that was under way, and of what is done without a runbook, how it ended.
pub fn returned(ui: &mut Ui, seen: &Seen<'_>) {
    let runs = &seen.model.ledger.runs;
    let ended: Vec<RunId> = ui.returning.iter().filter(|id| runs.get(id).is_none_or(Run::ended)).copied().collect();
    for id in ended {
        ui.returning.remove(&id);
        match runs.get(&id).map(|run| (run, &run.phase)) {
            Some((run, Phase::Aborted(_, why))) if adhoc::is(&run.plan) => {
                ui.say(Role::Fail, format!("run {id}, {}: {why}", run.plan.title));
            }
            Some((run, _)) if adhoc::is(&run.plan) => ui.announce(Role::Ok, format!("done: {}", run.plan.title)),
            Some((_, Phase::Aborted(_, why))) => ui.say(Role::Warn, format!("rollback aborted: run {id}: {why}")),
            Some((run, _)) => ui.announce(Role::Ok, format!("rolled back: run {id} completed{}", at(seen, run))),
            None => ui.announce(Role::Text, format!("run {id} has ended")),
        }
    }
    let told = |r: &&Run| (r.takes_back() || adhoc::is(&r.plan)) && !r.ended();
    let open: BTreeSet<RunId> = runs.values().filter(told).map(|r| r.id).collect();
    if seen.model.replay.is_none() {
        ui.returning.extend(open);
    }
}

/// Where things stand again: ` · payments eu-north is at 4.1.9`.
fn at(seen: &Seen<'_>, back: &Run) -> String {
    let reverted = back.plan.reverts.and_then(|id| seen.model.ledger.run(id));
    let changed = reverted.into_iter().flat_map(|run| &run.changed).filter(|c| c.taken_back == Some(back.id));
    // The first change of a place knows what was there before all of them.
    let mut places: Vec<&Changed> = Vec::new();
    for change in changed {
        if !places.iter().any(|c| c.service == change.service && c.environment == change.environment) {
            places.push(change);
        }
    }
    let Some((first, more)) = places.split_first() else { return String::new() };
    let to = first.from.as_deref().unwrap_or("the version before");
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    format!(" · {} {} is at {to}{more}", first.service, first.environment)
}
