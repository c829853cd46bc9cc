//! `status`, `run list` and `run show`: what is going on, from the journal and without
//! opening a session. What is shown is as old as the last line of the journal; only
//! `status` asks beyond it, for alerts and for what is off because of us, where somebody tells of either.

use super::args::Global;
use super::context::Context;
use super::heard::Heard;
use super::outcome::{Ended, Exit, Failure};
use super::{next, print};
use crate::domain::hold::Hold;
use crate::domain::name::{RoleName, RunId};
use crate::domain::observed::Observed;
use crate::domain::sample::Kept;
use crate::domain::verdict::Level;
use crate::engine::run::{Phase, Run, TriggerState};
use crate::engine::{Given, Ledger, rules, show, standard};
use crate::journal::samples::Match;
use crate::journal::{self, Journal, JournalError, Layout};
use crate::report::waivers;
use crate::runtime::clock::now;
use serde::Serialize;
use serde_json::json;

/// Reads the ledger without taking part: no session, no lock, nothing written.
pub fn ledger(context: &Context) -> Result<Ledger, Failure> {
    match Journal::view(&context.state) {
        Ok(journal) => match journal.broken() {
            Some(broken) => Err(Failure::journal(format!("the journal is unsound: {broken}"))),
            None => Ok(journal.ledger().clone()),
        },
        Err(JournalError::Absent(_)) => Ok(Ledger::default()),
        Err(error) => Err(Failure::journal(error.to_string())),
    }
}

/// What is going on.
pub fn status(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let ledger = ledger(&context)?;
    let observed = Observed::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let live: Vec<&Run> = ledger.runs.values().filter(|r| !r.ended()).collect();
    let heard = Heard::ask(&context.workspace);
    if global.json {
        let ((told, unheard), (off, off_unheard)) = (heard.json(&given), heard.left_off_json());
        let (rules, untold) = heard.rules();
        let runs: Vec<_> = live.iter().map(|run| as_json(&given, run)).collect();
        print::json(&json!({
            "workspace": context.workspace.name, "runs": runs, "holds": holds(&given), "loosened": loosened(&given),
            "waivers": waivers::open(&given).collect::<Vec<_>>(), "revoked": standard::revoked(&given),
            "alerts": told, "alerts_unknown": unheard, "left_off": off, "left_off_unknown": off_unheard,
            "alert_rules": rules, "alert_rules_unknown": untold,
        }));
        return Ok(Exit::Done);
    }
    if live.is_empty() {
        print::line("no run is live");
    }
    for run in live {
        header(&given, run);
        let rows: Vec<_> = show::steps(&given, run)
            .filter(|s| s.word != show::Word::Pending && !s.state.state.ended())
            .map(row)
            .collect();
        print::table(&rows);
        for awaited in next::awaited(&given, run) {
            print::line(&format!("  waiting  {awaited}"));
            awaited.verbs.iter().for_each(|verb| print::line(&format!("     next  holdpoint {verb}")));
        }
    }
    for what in loosened(&given) {
        print::line(&format!("loosened in the files, waits for `holdpoint adopt`: {what}"));
    }
    ledger.holds.values().for_each(|hold| print::line(&hold_line(&given, hold)));
    waivers::open(&given).for_each(|waiver| print::line(&waivers::line(&given, waiver)));
    for (name, why) in standard::revoked(&given) {
        print::line(&format!("policy {name} lifts nothing since {why}; `holdpoint policy trust {name}`"));
    }
    heard.left_off().iter().chain(&heard.lines(&given)).for_each(|line| print::line(line));
    Ok(Exit::Done)
}

/// What the files no longer demand and live runs still go by.
fn loosened(given: &Given<'_>) -> Vec<String> {
    rules::waiting(given).map(|waiting| waiting.what).unwrap_or_default()
}

/// A hold in one line.
pub fn hold_line(given: &Given<'_>, hold: &Hold) -> String {
    let what = if hold.lock { "lock" } else { "hold" };
    let (Hold { id, scope, by, reason, .. }, since) = (hold, print::clock(hold.since));
    let to = given.ledger.overdue.get(id).into_iter().flatten().map(|role| format!(", escalated to {role}"));
    let until = match hold.until {
        Some(until) if given.now >= until => {
            format!(", PAST ITS TIME since {}{}", print::clock(until), to.collect::<String>())
        }
        Some(until) => format!(" until {}", print::clock(until)),
        None => String::new(),
    };
    format!("{what} {id} on {scope} by {by} since {since}{until}: {reason}")
}

/// A hold, whether its time is over, and to whom that was escalated.
#[derive(Serialize)]
struct Held<'a> {
    #[serde(flatten)]
    hold: &'a Hold,
    overdue: bool,
    escalated_to: Option<&'a RoleName>,
}

/// The holds in force.
fn holds<'a>(given: &Given<'a>) -> Vec<Held<'a>> {
    let overdue = |hold: &Hold| hold.until.is_some_and(|until| given.now >= until);
    let role = |hold: &Hold| given.ledger.overdue.get(&hold.id).and_then(Option::as_ref);
    let one = |hold| Held { hold, overdue: overdue(hold), escalated_to: role(hold) };
    given.ledger.holds.values().map(one).collect()
}

/// All runs that the ledger still knows.
pub fn list(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let ledger = ledger(&context)?;
    if global.json {
        let runs = ledger.runs.values().map(
            |r| json!({ "run": r.id, "runbook": r.plan.runbook, "phase": r.phase, "started": r.started, "by": r.by }),
        );
        print::json(&runs.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    if ledger.last_run == 0 {
        print::words("no run has been started yet; start one with `holdpoint run start RUNBOOK`");
    }
    let known = ledger.runs.values().map(|run| {
        let (done, of) = run.progress();
        vec![
            run.id.to_string(),
            phase(run),
            format!("{done} of {of}"),
            print::date(run.started),
            run.by.to_string(),
            run.plan.title.clone(),
        ]
    });
    let old = ledger.closed.iter().filter(|c| ledger.run(c.run).is_none()).map(|c| {
        vec![c.run.to_string(), c.how.clone(), String::new(), print::date(c.at), String::new(), c.runbook.to_string()]
    });
    print::table(&old.chain(known).collect::<Vec<_>>());
    Ok(Exit::Done)
}

/// One run with all its steps.
pub fn show(global: &Global, run: u32) -> Ended {
    let context = Context::open(global)?;
    let ledger = ledger(&context)?;
    let observed = Observed::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let run = ledger.run(RunId(run)).ok_or_else(|| no_run(&ledger, RunId(run)))?;
    if global.json {
        print::json(&as_json(&given, run));
        return Ok(Exit::Done);
    }
    header(&given, run);
    registered(run);
    print::table(&show::steps(&given, run).map(row).collect::<Vec<_>>());
    if let Some(kept) = &run.samples {
        print::line(&format!("signals: {}", samples(&context, run.id, kept)));
    }
    for left in run.left_open() {
        print::line(&format!("left open: {} ({}), closed by step {}", left.what, left.owner, left.closed_by));
    }
    Ok(Exit::Done)
}

/// Why the run goes the way it does, and what could go wrong on it.
fn registered(run: &Run) {
    let register = &run.plan.register;
    for line in register.why.lines() {
        print::line(&format!("  why {line}"));
    }
    for risk in &register.risks {
        let trigger = risk.trigger.as_ref().map_or("no trigger".to_owned(), |trigger| format!("trigger {trigger}"));
        print::line(&format!("  risk {} · {trigger}", risk.line()));
    }
}

/// How the file of a run's samples stands to what the journal says of it.
fn samples(context: &Context, run: RunId, kept: &Kept) -> String {
    let layout = Layout::new(&context.state, context.access());
    let what = format!("{} bytes, digest {}", kept.bytes, kept.digest.short());
    match journal::samples::matches(&layout, run, kept) {
        Ok(Match::Same) => format!("kept, as the journal says: {what}; `holdpoint replay {run}` shows them"),
        Ok(Match::Changed) => {
            format!("CHANGED: {} is not what the journal says, {what}", layout.samples(run).display())
        }
        Ok(Match::Missing) => format!("gone: {} is not there; it was {what}", layout.samples(run).display()),
        Err(e) => format!("cannot be compared with the journal, which says {what}: {e}"),
    }
}

/// There is no such run; there are others, or none.
pub fn no_run(ledger: &Ledger, run: RunId) -> Failure {
    let known: Vec<_> = ledger.runs.keys().map(ToString::to_string).collect();
    let hint = if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) };
    let gone = if run.0 > 0 && run.0 <= ledger.last_run {
        format!("run {run} is in the journal only, its runbook was started again; `holdpoint replay {run}` shows it; ")
    } else {
        format!("there is no run {run}; ")
    };
    Failure::usage(format!("{gone}{hint}"))
}

fn header(given: &Given<'_>, run: &Run) {
    let conn = match (given.ledger.driver(run), &run.conn) {
        (Some(_), Some(conn)) => match &run.offered {
            Some(to) => format!("conn {}, offered to {to}", conn.person),
            None => format!("conn {}", conn.person),
        },
        (None, Some(conn)) => format!("UNATTENDED, {} was lost or left", conn.person),
        _ => "UNATTENDED".to_owned(),
    };
    print::line(&format!("run {} · {} · {} · {} · {conn}", run.id, run.plan.title, phase(run), run.tally()));
    for (name, state) in &run.triggers {
        print::line(&format!("  trigger {name} {}", trigger(state)));
    }
}

/// A trigger in a few words.
pub fn trigger(state: &TriggerState) -> String {
    match state {
        TriggerState::Armed => "armed".to_owned(),
        TriggerState::Tripped { acts_at: Some(at), .. } => format!("TRIPPED, acts at {}", print::clock(*at)),
        TriggerState::Tripped { .. } => "TRIPPED, proposes a rollback".to_owned(),
        TriggerState::Postponed { until, reason } => format!("postponed until {}: {reason}", print::clock(*until)),
        TriggerState::Proposed { why, .. } => format!("proposes a rollback: {why}"),
        TriggerState::Fired(run) => format!("answered by run {run}"),
        TriggerState::Disarmed(person, reason) => format!("disarmed by {person}: {reason}"),
    }
}

fn phase(run: &Run) -> String {
    match &run.phase {
        Phase::Live if run.takes_back() => "ROLLING BACK".to_owned(),
        Phase::Live => "LIVE".to_owned(),
        Phase::Parked(why) => format!("parked: {why}"),
        Phase::Completed(_) => "completed".to_owned(),
        Phase::Aborted(_, why) => format!("aborted: {why}"),
    }
}

fn row(shown: show::Shown<'_>) -> Vec<String> {
    // Nothing is read here: what was judged last says more than that.
    let judged = shown.state.verdict.as_ref().filter(|_| shown.verdict.level == Level::Unknown);
    let verdict = judged.unwrap_or(&shown.verdict);
    let why: Vec<_> = verdict.reasons.iter().filter(|_| !verdict.passes()).map(ToString::to_string).collect();
    let owner = shown.step.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    let late = if shown.pace == show::Pace::Late { " LATE" } else { "" };
    vec![
        format!("  {}", shown.step.name),
        format!("{}{late}", shown.word.text()),
        owner,
        shown.step.title.clone(),
        why.join(" · "),
    ]
}

fn as_json(given: &Given<'_>, run: &Run) -> serde_json::Value {
    let steps = show::steps(given, run).map(|shown| {
        json!({
            "step": shown.step.name, "title": shown.step.title, "kind": shown.step.kind, "owner": shown.step.owner,
            "state": shown.word, "attempt": shown.state.attempt, "started": shown.state.started, "ended": shown.state.ended,
            "due": shown.due, "pace": shown.pace, "verdict": shown.verdict,
        })
    });
    json!({
        "run": run.id, "title": run.plan.title, "runbook": run.plan.runbook, "phase": run.phase, "reverts": run.plan.reverts,
        "started": run.started, "by": run.by, "conn": run.conn, "offered": run.offered, "attended": given.ledger.driver(run).is_some(),
        "steps": steps.collect::<Vec<_>>(), "waiting": show::waiting(given, run), "triggers": run.triggers, "register": run.plan.register,
        "changed": run.changed, "left_open": run.left_open().collect::<Vec<_>>(),
    })
}
