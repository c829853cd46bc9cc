//! Lists by ear: the forecast, approvals and the journal, a sentence a row, what
//! matters first, and how many rows there are besides.
//!
//! The same judgements as the verbs of these names; their tables are for eyes.

use super::{awaited, saying};
use crate::cli::context::Context;
use crate::cli::outcome::Failure;
use crate::cli::session::Session;
use crate::domain::fact::Fact;
use crate::domain::foreseen::Foreseen;
use crate::domain::name::StepName;
use crate::domain::trigger::RollsBack;
use crate::engine::ahead::{self, Way};
use crate::engine::forecast::{self, Forecast, Level, StepForecast};
use crate::engine::rollback;
use crate::engine::run::Run;
use crate::report;
use crate::report::forecast as words;
use crate::report::foreseen::{Line, Weight, counts, headline};

/// How many lines of the journal are said when no number is.
pub const LINES: usize = 10;
/// How many steps ahead are said.
const AHEAD: usize = 5;

/// When each live run lands, what it crosses, and its next steps; every open step when `all`.
pub fn forecast(session: &Session, all: bool) -> Vec<String> {
    let live: Vec<_> = session.ledger.runs.values().filter(|r| !r.ended()).collect();
    if live.is_empty() {
        return vec!["No run is live: there is nothing to look ahead to.".to_owned()];
    }
    live.into_iter().flat_map(|run| of_run(session, run, all)).collect()
}

fn of_run(session: &Session, run: &Run, every: bool) -> Vec<String> {
    let given = session.given();
    let all = forecast::forecast(&given, run);
    let standing = forecast::standing(&given, run, &all);
    let mut told = vec![format!("Run {} stands {standing}: {}.", run.id, words::why(&given, run, &all))];
    if let Some(landing) = all.landing {
        told.push(format!("It lands {}, most likely and at the latest.", spoken(&words::between(landing, all.at))));
    }
    told.extend(all.edges.iter().filter(|e| e.level > Level::Clear).map(|edge| format!("{}.", edge.line())));
    told.extend(words::clocks(&all).into_iter().chain(words::unknown(&all)).map(|text| format!("Unknown: {text}.")));
    told.extend(way_back(&all));
    told.extend(no_way_back(session, run).into_iter().map(|(.., text)| text));
    if all.no_return.as_ref().is_some_and(|point| !point.passed) {
        told.extend(all.no_return.iter().map(|point| format!("After step {} there is no way back.", point.step)));
    }
    let open: Vec<_> = all.steps.iter().filter(|s| s.ended.is_none() && !s.left_out).collect();
    let shown = if every { open.len() } else { AHEAD };
    told.extend(open.iter().take(shown).map(|step| of_step(run, &all, step)));
    let rest = open.len().saturating_sub(shown);
    told.extend((rest > 0).then(|| format!("{rest} more steps come later; `forecast all` says every one.")));
    told
}

fn of_step(run: &Run, all: &Forecast, step: &StepForecast) -> String {
    let title = run.plan.step(&step.step).map(|s| s.title.trim_end_matches(['.', '?'])).unwrap_or_default();
    let when = match (step.started, step.end) {
        (Some(_), Some(end)) => format!("has begun and ends {}", spoken(&words::between(end, all.at))),
        (None, Some(end)) => format!("ends {}", spoken(&words::between(end, all.at))),
        (_, None) => "never ends: the calendar does not open again".to_owned(),
    };
    let critical = if step.critical { ", and when it is late, all is" } else { "" };
    format!("Step {}, {title}, {when}{critical}.", step.step)
}

/// `03:21-03:34Z` read aloud.
fn spoken(between: &str) -> String {
    between.replace('-', " to ")
}

/// What is in the way back, as far as backends say so.
pub fn in_the_way(line: &Line) -> String {
    let blocked = if line.weight == Weight::Refused { " BLOCKED" } else { "" };
    format!("WAY BACK{blocked}: {}.", line.text)
}

/// The heaviest of what backends say of the way back of all that is driven here, where that is more than nothing.
pub fn heavy(session: &Session) -> Option<Line> {
    heaviest(&session.way_back)
}

/// The same of one run's.
pub fn heavy_of(session: &Session, run: &Run) -> Option<Line> {
    let plan = rollback::plan(&session.given(), Some(run), &RollsBack::Set, None).ok()?;
    let said: Vec<_> = session.way_back.iter().filter(|it| plan.sends(&it.operation)).cloned().collect();
    heaviest(&said)
}

/// Each step of a run that is ahead and cannot be led back, or of which that is not known: the step, how much that
/// matters, and in words.
pub fn no_way_back(session: &Session, run: &Run) -> Vec<(StepName, Weight, String)> {
    let given = session.given();
    let mine = session.ledger.driver(run) == Some(session.me());
    let here = |way: &Way| mine || matches!(way, Way::None(_) | Way::Unknown(_));
    let ways = ahead::ways(&given, run).into_iter().filter(|(_, way)| here(way));
    let said = ways.map(|(step, way)| (step, report::ahead::line(&way, &session.ahead)));
    let heavy = said.filter(|(_, line)| report::ahead::heavy(line));
    heavy
        .map(|(step, line)| (step.clone(), line.weight, format!("Step {step} of run {}: {}.", run.id, line.text)))
        .collect()
}

fn heaviest(said: &[Foreseen]) -> Option<Line> {
    let line = headline(said)?;
    match line.weight {
        Weight::Refused | Weight::Heed => Some(line),
        Weight::Unknown => Some(Line { text: format!("{}: {}", counts(said).join(", "), line.text), ..line }),
        Weight::Plain | Weight::Awaited => None,
    }
}

/// How long everything takes to take back, and until when that may begin.
pub fn way_back(all: &Forecast) -> Option<String> {
    let takes = all.rollback?;
    let within = words::within(all);
    let by = all.horizon.map(|by| match words::is_past(all) {
        true => format!("; since {} it is TOO LATE for that within {within}", words::clock(by, all.at)),
        false => format!("; to end within {within} it must begin by {}", words::clock(by, all.at)),
    });
    Some(format!("To take everything back that was changed would take {takes}{}.", by.unwrap_or_default()))
}

/// What waits for votes and approvals.
pub fn approvals(session: &Session) -> Vec<String> {
    let all: Vec<_> = awaited::all(session).into_iter().filter(|wait| wait.word).map(|wait| wait.line).collect();
    if all.is_empty() { vec!["Nothing waits for approval or votes.".to_owned()] } else { all }
}

/// The last lines of the journal, newest last, each with its number behind it.
///
/// # Errors
/// When the journal cannot be read.
pub fn journal(global: &crate::cli::args::Global, session: &Session, lines: usize) -> Result<Vec<String>, Failure> {
    let context = Context::open(global)?;
    // Comings and goings are left out, so more is read than said.
    let read = lines.saturating_mul(3).saturating_add(20);
    let entries = crate::journal::tail(&context.state, read).map_err(|e| Failure::journal(e.to_string()))?;
    let passing = |fact: &Fact| matches!(fact, Fact::SessionOpened(_) | Fact::SessionClosed { .. });
    let told = entries.iter().filter(|e| e.facts.is_empty() || !e.facts.iter().all(passing)).flat_map(|entry| {
        let mut said = saying::news(session, entry);
        if let Some(last) = said.last_mut() {
            *last = format!("{} Line {}.", last, entry.seq);
        }
        said
    });
    let told: Vec<_> = told.collect();
    let from = told.len().saturating_sub(lines);
    Ok(told.into_iter().skip(from).collect())
}
