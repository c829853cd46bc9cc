//! The state as a few plain sentences, and lists of steps and of what is seen.
//!
//! Text only, from the same judgements as the screens.

use crate::cli::session::Session;
use crate::cli::{next, status};
use crate::domain::observed::Deployment;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::domain::workspace::Purpose;
use crate::engine::run::{Phase, Run, TriggerState};
use crate::engine::show::{self, Pace, Word};
use crate::engine::{Given, forecast, rules, signal};
use crate::report::forecast as words;

/// What is going on.
pub fn state(session: &Session) -> Vec<String> {
    let given = session.given();
    let mut told = vec![place(session)];
    let live: Vec<&Run> = given.ledger.runs.values().filter(|r| !r.ended()).collect();
    if live.is_empty() {
        let known: Vec<_> = given.workspace.runbooks.keys().map(ToString::to_string).collect();
        told.push(format!("No run is live. `run start NAME` starts one of: {}.", known.join(", ")));
    }
    live.iter().for_each(|run| told.extend(of_run(session, &given, run)));
    told.extend(given.ledger.holds.values().map(|hold| format!("In force: {}.", status::hold_line(&given, hold))));
    if let Some(waiting) = rules::waiting(&given) {
        told.push(format!("The files loosened {}; `adopt WHY` lets it count.", waiting.what.join("; ")));
    }
    told.extend(signals(&given).into_iter().filter(|(_, level, _)| *level >= Level::Warn).map(|(.., line)| line));
    told
}

/// Where one stands, and who one is.
fn place(session: &Session) -> String {
    let kind = match session.workspace.purpose {
        Purpose::Real => "",
        Purpose::Rehearsal => ", a REHEARSAL",
        Purpose::Demo => ", a DEMO",
    };
    let at = session.given().now.format("%H:%M:%SZ");
    format!("{at}. Workspace {}{kind}. You are {}.", session.workspace.name, session.person())
}

fn of_run(session: &Session, given: &Given<'_>, run: &Run) -> Vec<String> {
    let all = forecast::forecast(given, run);
    let standing = forecast::standing(given, run, &all);
    let phase = match &run.phase {
        Phase::Parked(why) => format!("parked: {why}"),
        _ if run.takes_back() => "ROLLING BACK".to_owned(),
        _ => "live".to_owned(),
    };
    let (done, of) = run.progress();
    let outlook = words::outlook(&all).replace("  ", ", ");
    let outlook = if outlook.is_empty() { outlook } else { format!(": {outlook}") };
    let mut told = vec![
        format!("Run {}, {}, is {phase}. It stands {standing}{outlook}.", run.id, run.plan.title),
        format!("{done} of {of} steps are done. {}", conn(session, run)),
    ];
    told.extend(words::rollback(&all).map(|text| format!("Rollback: {text}.")));
    let busy = |word: Word| matches!(word, Word::Running | Word::Verifying);
    told.extend(show::steps(given, run).filter(|s| busy(s.word)).map(|s| step(&s)));
    told.extend(run.triggers.iter().filter_map(|(name, state)| tripped(name.as_str(), state)));
    for awaited in next::awaited(given, run) {
        told.extend(waiting(run, &awaited));
    }
    told
}

fn conn(session: &Session, run: &Run) -> String {
    match (session.ledger.driver(run), &run.conn) {
        (Some(driver), _) if driver == session.me() => "You have the conn.".to_owned(),
        (Some(_), Some(conn)) => format!("{} has the conn.", conn.person),
        _ => "UNATTENDED: nothing goes on by itself until someone takes the conn; `take`.".to_owned(),
    }
}

fn tripped(name: &str, state: &TriggerState) -> Option<String> {
    match state {
        TriggerState::Tripped { .. } | TriggerState::Proposed { .. } => {
            Some(format!("Trigger {name} {}.", status::trigger(state)))
        }
        _ => None,
    }
}

/// What waits for a person: why, and what answers it.
pub fn waiting(run: &Run, awaited: &next::Awaited) -> Vec<String> {
    // Here the agreement is asked for, not written ahead.
    let verbs = awaited.verbs.iter().map(|verb| verb.split(" --confirm ").next().unwrap_or(verb));
    let verbs: Vec<_> = verbs.map(|verb| format!("`{verb}`")).collect();
    let answer = if verbs.is_empty() { String::new() } else { format!("; answer with {}", verbs.join(" or ")) };
    vec![format!("Waiting, run {}: {awaited}{answer}.", run.id)]
}

/// Everything that waits for a person.
pub fn awaited(session: &Session) -> Vec<String> {
    let given = session.given();
    let live = given.ledger.runs.values().filter(|r| !r.ended());
    let all = live.flat_map(|run| next::awaited(&given, run).into_iter().flat_map(|a| waiting(run, &a)));
    let all: Vec<_> = all.collect();
    if all.is_empty() { vec!["Nothing waits for a person.".to_owned()] } else { all }
}

/// The steps of every live run, one a line.
pub fn steps(session: &Session) -> Vec<String> {
    let given = session.given();
    let live = given.ledger.runs.values().filter(|r| !r.ended());
    let all: Vec<_> = live
        .flat_map(|run| {
            let steps: Vec<_> = show::steps(&given, run).map(|s| step(&s)).collect();
            std::iter::once(format!("Run {}, {}:", run.id, run.plan.title)).chain(steps)
        })
        .collect();
    if all.is_empty() { vec!["No run is live.".to_owned()] } else { all }
}

fn step(shown: &show::Shown<'_>) -> String {
    let owner = shown.step.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
    let late = if shown.pace == Pace::Late && !shown.state.state.ended() { ", LATE" } else { "" };
    let why: Vec<_> =
        shown.verdict.reasons.iter().filter(|_| !shown.verdict.passes()).map(ToString::to_string).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
    format!("Step {}, {}, is {}{late}{owner}{why}.", shown.step.name, shown.step.title, shown.word.text())
}

/// What is live and how every signal is.
pub fn health(session: &Session) -> Vec<String> {
    let given = session.given();
    let live = given.observed.deployments().map(|((service, environment), seen)| {
        let age = Span::between(seen.at, given.now);
        format!("{service} in {environment}: {}, seen {age} ago.", deployed(seen.value))
    });
    let live: Vec<_> = live.collect();
    live.into_iter().chain(signals(&given).into_iter().map(|(.., line)| line)).collect()
}

/// A deployment in a few words.
pub fn deployed(live: &Deployment) -> String {
    let weight = live.weight.map(|w| format!(" at {w} %")).unwrap_or_default();
    let candidate = live.candidate.as_ref().map(|c| format!(", {c}{weight}")).unwrap_or_default();
    let trouble = if live.trouble.is_empty() { String::new() } else { format!(", {}", live.trouble.join(", ")) };
    format!("{} {}{candidate}{trouble}", live.version, live.state)
}

/// Every signal where it is declared, with its level and a line about it.
pub fn signals(given: &Given<'_>) -> Vec<(SignalAt, Level, String)> {
    let declared = given.workspace.signals.values();
    let places = declared.flat_map(|signal| {
        let place = |e: &_| SignalAt { signal: signal.name.clone(), environment: Clone::clone(e) };
        signal.environments.iter().map(move |e| (place(e), signal))
    });
    places
        .map(|(at, declared)| {
            let (verdict, evidence) = signal::judge(given.observed, Some(declared), &at, given.now);
            let value = evidence.value.map(|v| format!(" {}", declared.unit.show(v))).unwrap_or_default();
            // The reasons name the signal.
            let why: Vec<_> = verdict.reasons.iter().map(|r| r.text.clone()).collect();
            let why = if why.is_empty() { format!("{at}{value}") } else { why.join("; ") };
            let line = format!("Signal {}: {why}.", verdict.level);
            (at, verdict.level, line)
        })
        .collect()
}
