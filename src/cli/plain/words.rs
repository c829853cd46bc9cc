//! What is typed at the prompt, as a verb of the command line: the short forms
//! name no run and take a reason without its flag.
//!
//! Words only: nothing is looked up but which run and roles are meant.

use crate::cli::session::Session;
use crate::domain::name::{RoleName, RunId, StepName};
use crate::domain::span::Span;
use crate::engine::adhoc;
use crate::engine::people::{self, Ballot};
use crate::engine::run::Run;

/// Splits a line into words; a text in quotes is one word.
///
/// # Errors
/// When a quote is not closed.
pub fn split(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"') => quote = Some(c),
            // Within a word it is an apostrophe.
            (None, '\'') if word.is_none() => quote = Some(c),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
        if quote == Some(c) {
            word.get_or_insert_default();
        }
    }
    if let Some(open) = quote {
        return Err(format!("a {open} is not closed: nothing was done"));
    }
    words.extend(word);
    Ok(words)
}

/// The words of the command line that a typed line stands for.
///
/// # Errors
/// When it leaves open which run or role is meant.
pub fn verb(session: &Session, typed: &[String]) -> Result<Vec<String>, String> {
    let words: Vec<&str> = typed.iter().map(String::as_str).collect();
    let short = match words.as_slice() {
        ["hold", "step", step, why @ ..] => on_step(session, "hold", step, why)?,
        [
            verb @ ("start" | "done" | "undo" | "fail" | "retry" | "skip" | "release" | "note" | "waive"),
            step,
            rest @ ..,
        ]
        | [verb @ ("assign" | "choose" | "probe"), step, rest @ ..] => on_step(session, verb, step, rest)?,
        ["vote", step, vote @ ("go" | "no-go" | "go-if"), rest @ ..] => ballot(session, step, vote, rest)?,
        ["resolve", step, outcome @ ("succeeded" | "failed" | "not-applied"), why @ ..] => {
            let (run, step) = at(session, step)?;
            [vec!["resolve".to_owned(), run, step, (*outcome).to_owned()], reason(why)].concat()
        }
        [verb @ ("approve" | "reject"), step, why @ ..] => {
            let (run, step) = at(session, step)?;
            [vec![(*verb).to_owned(), format!("{run}/{step}")], reason(why)].concat()
        }
        ["rollback", "all" | "set", why @ ..] => {
            let run = changed(session)?.id.to_string();
            [vec!["rollback".to_owned(), "--set".to_owned(), run], reason(why)].concat()
        }
        ["rollback", service, place, why @ ..] if !flagged(&[service, place]) => {
            [owned(&["rollback", service, "--env", place]), reason(why)].concat()
        }
        ["do", verb, service, place, rest @ ..] if !flagged(&[service, place]) => {
            let args = rest.iter().take_while(|word| word.contains('=') && !word.starts_with('-')).count();
            let (args, why) = rest.split_at(args);
            [owned(&["do", verb, service, "--env", place]), owned(args), reason(why)].concat()
        }
        [verb @ ("hold" | "lift"), what, why @ ..] => [owned(&[verb, what]), reason(why)].concat(),
        [verb @ ("park" | "unpark" | "abort" | "complete"), why @ ..] => {
            [vec!["run".to_owned(), (*verb).to_owned(), newest(session)?.id.to_string()], reason(why)].concat()
        }
        ["log", text @ ..] => {
            vec!["run".to_owned(), "note".to_owned(), newest(session)?.id.to_string(), text.join(" ")]
        }
        ["take", why @ ..] => [conn(session, "take")?, reason(why)].concat(),
        ["give", "to", person] => [conn(session, "give")?, owned(&["--to", person])].concat(),
        ["give"] => conn(session, "give")?,
        ["spoken", step, word, sayer, "heard", "by", heard, said @ ..] => {
            spoken(session, step, word, (sayer, heard), said)?
        }
        [verb @ ("postpone" | "disarm"), trigger, why @ ..] => {
            let run = watched(session, trigger)?.id.to_string();
            [vec!["trigger".to_owned(), (*verb).to_owned(), run, (*trigger).to_owned()], reason(why)].concat()
        }
        ["waiver", "ask", what, lasts, why @ ..] if !flagged(&[what, lasts]) && lasts.parse::<Span>().is_ok() => {
            let run = newest(session)?.id.to_string();
            [owned(&["waiver", "ask", &run, what, "--for", lasts]), reason(why)].concat()
        }
        ["waiver", verb @ ("grant" | "refuse" | "end" | "review"), which, why @ ..] => {
            [owned(&["waiver", verb, which]), reason(why)].concat()
        }
        ["emergency", ticket, why @ ..] if !flagged(&[ticket]) && !flagged(why) => {
            let run = newest(session)?.id.to_string();
            [owned(&["emergency", &run, "--ticket", ticket]), reason(why)].concat()
        }
        ["adopt", why @ ..] => [owned(&["adopt"]), reason(why)].concat(),
        _ => typed.to_vec(),
    };
    Ok(short)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn flagged(words: &[&str]) -> bool {
    words.iter().any(|word| word.starts_with("--"))
}

/// The rest of a line as a reason, unless it has flags of its own.
fn reason(why: &[&str]) -> Vec<String> {
    match why {
        [] => Vec::new(),
        why if flagged(why) => owned(why),
        why => vec!["--reason".to_owned(), why.join(" ")],
    }
}

fn on_step(session: &Session, verb: &str, step: &str, rest: &[&str]) -> Result<Vec<String>, String> {
    let (run, step) = at(session, step)?;
    let head = owned(&["step", verb, &run, &step]);
    let rest = match verb {
        _ if flagged(rest) => owned(rest),
        "note" | "choose" | "assign" if rest.is_empty() => Vec::new(),
        "note" | "choose" | "assign" => vec![rest.join(" ")],
        "done" | "fail" | "skip" | "release" | "waive" | "hold" => reason(rest),
        _ => owned(rest),
    };
    Ok([head, rest].concat())
}

/// `STEP` of the newest live run that has it, or `RUN/STEP`.
fn at(session: &Session, text: &str) -> Result<(String, String), String> {
    if let Some((run, step)) = text.split_once('/') {
        return Ok((run.to_owned(), step.to_owned()));
    }
    let step = StepName::new(text);
    let found = live(session).find(|r| r.plan.step(&step).is_some()).map_or_else(|| newest(session), Ok)?;
    Ok((found.id.to_string(), text.to_owned()))
}

fn newest(session: &Session) -> Result<&Run, String> {
    let none = || "no run is live; start one with `run start RUNBOOK`".to_owned();
    live(session).next().ok_or_else(none)
}

/// The runs that have not ended, the newest first; what is done without a runbook stands behind all others.
fn live(session: &Session) -> impl Iterator<Item = &Run> {
    adhoc::newest_first(&session.ledger).filter(|run| !run.ended())
}

/// How a step is typed: its name alone where that means this run.
pub fn short(session: &Session, run: RunId, step: &StepName) -> String {
    let means = live(session).find(|r| r.plan.step(step).is_some()).map(|r| r.id);
    if means == Some(run) { step.to_string() } else { format!("{run}/{step}") }
}

/// The newest live run that has a trigger of this name.
fn watched<'a>(session: &'a Session, trigger: &str) -> Result<&'a Run, String> {
    let has = |r: &&Run| r.plan.triggers.iter().any(|t| t.name.as_str() == trigger);
    live(session).find(has).map_or_else(|| newest(session), Ok)
}

/// What somebody said, as they would have typed it, with who else heard it.
fn spoken(
    session: &Session,
    step: &str,
    word: &str,
    (sayer, heard): (&str, &str),
    said: &[&str],
) -> Result<Vec<String>, String> {
    let (run, step) = at(session, step)?;
    let flags = ["--said-by", sayer, "--heard-by", heard, "--words"];
    let flags = [owned(&flags), vec![said.join(" ")]].concat();
    let head = match word {
        "go" | "no-go" => {
            let role = spoken_role(session, &run, &step, sayer)?;
            vec!["vote".to_owned(), run, step, word.to_owned(), "--role".to_owned(), role]
        }
        "approve" | "reject" => vec![word.to_owned(), format!("{run}/{step}")],
        _ => return Err(format!("{word} is nothing that is said here: go, no-go, approve or reject")),
    };
    Ok([head, flags].concat())
}

/// The role for which somebody's spoken vote is missing.
fn spoken_role(session: &Session, run: &str, step: &str, sayer: &str) -> Result<String, String> {
    let given = session.given();
    let found = run.parse().ok().and_then(|run| session.ledger.run(RunId(run)));
    let poll = found.and_then(|run| people::poll(&given, run, run.plan.step(&StepName::new(step))?));
    let poll = poll.ok_or_else(|| format!("step {step} of run {run} is no poll"))?;
    let theirs = |role: &&RoleName| session.workspace.fills(&sayer.into(), role);
    let missing = poll.ballots.iter().filter(|(.., b)| matches!(b, Ballot::Silent | Ballot::Stale)).map(|(r, ..)| *r);
    let all = poll.ballots.iter().map(|(role, ..)| *role);
    let role = missing.chain(all).find(theirs);
    role.map(ToString::to_string).ok_or_else(|| format!("{sayer} has no vote in poll {step}"))
}

/// The newest run with something to take back.
fn changed(session: &Session) -> Result<&Run, String> {
    let changed = |r: &&Run| !r.takes_back() && r.changed.iter().any(|c| c.taken_back.is_none());
    adhoc::newest_first(&session.ledger).find(changed).ok_or_else(|| "no run has changed anything".to_owned())
}

fn conn(session: &Session, verb: &str) -> Result<Vec<String>, String> {
    Ok(vec!["conn".to_owned(), verb.to_owned(), newest(session)?.id.to_string()])
}

/// A vote, for the one role whose vote is missing and this person's to give.
fn ballot(session: &Session, step: &str, vote: &str, rest: &[&str]) -> Result<Vec<String>, String> {
    let (run, step) = at(session, step)?;
    let mut words = owned(&["vote", &run, &step, vote]);
    if !rest.contains(&"--role") {
        words.extend(["--role".to_owned(), role(session, &run, &step)?]);
    }
    match rest {
        [] => {}
        rest if flagged(rest) => words.extend(owned(rest)),
        rest => words.extend(["--if".to_owned(), rest.join(" ")]),
    }
    Ok(words)
}

fn role(session: &Session, run: &str, step: &str) -> Result<String, String> {
    let given = session.given();
    let found = run.parse().ok().and_then(|run| session.ledger.run(RunId(run)));
    let poll = found.and_then(|run| people::poll(&given, run, run.plan.step(&StepName::new(step))?));
    let poll = poll.ok_or_else(|| format!("step {step} of run {run} is no poll"))?;
    let mine: Vec<_> =
        poll.ballots.iter().filter(|(role, ..)| session.workspace.fills(session.person(), role)).collect();
    let open: Vec<_> = mine.iter().filter(|(.., b)| matches!(b, Ballot::Silent | Ballot::Stale)).collect();
    match (open.as_slice(), mine.as_slice()) {
        ([(role, ..)], _) | ([], [(role, ..)]) => Ok(role.to_string()),
        _ => {
            let all: Vec<_> = poll.ballots.iter().map(|(role, ..)| role.to_string()).collect();
            Err(format!("say for which role: --role {}", all.join(" or --role ")))
        }
    }
}
