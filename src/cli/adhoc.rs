//! `do`: one thing that a backend offers, without a runbook.
//!
//! The plan is printed before anything is sent, and the one that is printed is the one that
//! runs. What the verb takes is checked before anything is written down.

use super::args::{Consenting, Global};
use super::context::{self, Context};
use super::look::Topics;
use super::outcome::{Ended, Exit, Failure};
use super::session::{Left, Session};
use super::{act, foresee, print, rollback, run, step};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Command, Consent};
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::one_off::OneOff;
use crate::domain::plan::{Plan, Step};
use crate::domain::workspace::Workspace;
use crate::engine::adhoc;
use crate::engine::run::{Phase, Run, State};
use crate::report::one_off::{self as read, Unread};

/// What is to be done.
pub struct Asked {
    /// The verb, as it was written.
    pub verb: String,
    /// The service.
    pub service: String,
    /// Where.
    pub env: String,
    /// Its arguments, `NAME=VALUE` each.
    pub args: Vec<String>,
    /// Why.
    pub reason: String,
    /// Confirmation and dry run.
    pub consent: Consenting,
}

/// What is done, as it is planned now.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The command, before anyone has agreed.
    pub command: Command,
}

/// Does one thing: shows the plan, or carries it out.
pub fn adhoc(global: &Global, asked: Asked) -> Ended {
    let context = Context::open(global)?;
    one_off(&context.workspace, &asked)?;
    let mut session = Session::open(&context, "do", true)?;
    let ended = within(&mut session, global, &asked);
    session.give_conn();
    session.close("done");
    ended
}

/// What was written, looked up; nearly right words are named.
fn one_off(workspace: &Workspace, asked: &Asked) -> Result<OneOff, Failure> {
    let words: Vec<&str> = asked.args.iter().map(String::as_str).collect();
    let named = (asked.verb.as_str(), asked.service.as_str(), asked.env.as_str());
    read::read(workspace, named, &words).map_err(|unread| match unread {
        Unread::Wrong(words) => Failure::usage(words),
        Unread::Unknown { what, name, all } => context::known(false, &what, &name, all.iter().map(String::as_str))
            .err()
            .unwrap_or_else(|| Failure::usage(format!("there is no {what} {name}"))),
    })
}

/// Plans it by what is live.
pub fn planned(session: &mut Session, asked: &Asked) -> Result<Planned, Failure> {
    let mut what = one_off(&session.workspace, asked)?;
    let live = Topics::default().and_live(&session.workspace, &what.service, &what.environment);
    session.look(&live);
    let plan = adhoc::plan(&session.given(), &what).map_err(Failure::refused)?;
    // What was looked up now is what is done, whatever is seen when it is sent.
    plan.steps.iter().filter_map(Step::operation).for_each(|operation| what.args.clone_from(&operation.args));
    session.look(&Topics::of_plan(&session.workspace.clone(), &plan));
    Ok(Planned { plan, command: Command::Do { what, reason: asked.reason.clone(), consent: None } })
}

impl Planned {
    /// The command once it is agreed to by typing what is asked for.
    pub fn agreed(self, consent: Option<Consent>) -> Command {
        match self.command {
            Command::Do { what, reason, .. } => Command::Do { what, reason, consent },
            other => other,
        }
    }
}

fn within(session: &mut Session, global: &Global, asked: &Asked) -> Ended {
    let planned = planned(session, asked)?;
    print::plan(&planned.plan, global.json);
    looked_up(&planned.plan, asked)?;
    let sends = rollback::sends(&planned.plan);
    let typed = sends.first().map(adhoc::typed).unwrap_or_default();
    let dry = asked.consent.dry_run;
    let consent = agreed(&planned.plan, asked.consent.confirm.as_deref(), &typed)?;
    let shown = consent
        .clone()
        .or_else(|| dry.then(|| consented(&planned.plan, format!("--confirm {typed}, which is asked for"))));
    if dry {
        let command = planned.agreed(shown);
        let decided = step::preview(session, global, &command);
        let asks = sends.first().map_or(Confirmation::None, |operation| adhoc::asks(&session.given(), operation));
        foresee::tell(session, global, sends);
        return decided.and_then(|exit| person(asks, asked.consent.confirm.is_some(), &typed).map_or(Ok(exit), Err));
    }
    let command = planned.agreed(consent);
    let seq = session.command(command)?;
    let id = started(session, seq);
    act::tell(session, global, seq);
    if let Left::Unwritten(why) = session.drive(id, |entry| print::entry(entry, global.json)) {
        return Err(Failure::journal(why));
    }
    ended(session, id)
}

/// What a person still has to say to it, where the same line without `--dry-run` would not be done.
fn person(asks: Confirmation, confirmed: bool, typed: &str) -> Option<Failure> {
    let words = match asks {
        Confirmation::None => return None,
        _ if !confirmed => format!("nothing was sent, and would not be as it stands: it asks for --confirm {typed}"),
        Confirmation::TwoPerson => {
            "nothing was sent, and would not be at once: another person approves it first".to_owned()
        }
        Confirmation::Confirm | Confirmation::Challenge => return None,
    };
    Some(Failure { exit: Exit::Person, words, refusal: None })
}

fn consented(plan: &Plan, how: String) -> Consent {
    Consent { level: Confirmation::Challenge, saw: plan.digest(), how }
}

/// Refuses to take `--confirm`, which was written beforehand, for a step that was looked up only now: written
/// twice, it would go on twice.
fn looked_up(plan: &Plan, asked: &Asked) -> Result<(), Failure> {
    let step = plan.steps.first().and_then(Step::operation).and_then(|operation| operation.args.get("step"));
    let named = asked.args.iter().any(|word| word.starts_with("step="));
    match step.filter(|_| !named && !asked.consent.dry_run && asked.consent.confirm.is_some()) {
        None => Ok(()),
        Some(step) => {
            let words = format!(
                "--confirm agrees to a step that you have seen: it is at step {step} now; name it: step={step}"
            );
            Err(Failure::usage(words))
        }
    }
}

/// The agreement that `--confirm` is, if it says what would be typed.
fn agreed(plan: &Plan, confirm: Option<&str>, typed: &str) -> Result<Option<Consent>, Failure> {
    match confirm {
        None => Ok(None),
        Some(said) if said == typed => Ok(Some(consented(plan, format!("--confirm {said}")))),
        Some(said) if rollback::sends(plan).iter().any(adhoc::leaves_out) => {
            let words = format!("it leaves checks out, and so is agreed to by --confirm {typed}, not {said}");
            Err(Failure::usage(words))
        }
        Some(said) => Err(Failure::usage(format!("--confirm {said} does not name where it acts: {typed}"))),
    }
}

/// The run that a line started.
fn started(session: &Session, seq: u64) -> RunId {
    let line = session.news.iter().find(|entry| entry.seq == seq);
    let run = |fact: &Fact| if let Fact::RunStarted { run, .. } = fact { Some(*run) } else { None };
    line.and_then(|entry| entry.facts.iter().find_map(run)).unwrap_or(RunId(session.ledger.last_run))
}

/// How it ended, as an exit status; what a person must do next is said.
fn ended(session: &Session, id: RunId) -> Ended {
    if let Some(trouble) = session.trouble() {
        return Err(Failure::journal(trouble));
    }
    let Some(found) = session.ledger.run(id) else { return forgotten(session, id) };
    match &found.phase {
        Phase::Completed(_) => Ok(Exit::Done),
        Phase::Aborted(_, why) => Err(Failure::failed(why.clone())),
        Phase::Live | Phase::Parked(_) => {
            run::people(session, id);
            Err(open(session, found))
        }
    }
}

/// The same was asked for again meanwhile, and only that is still kept: how this one ended.
fn forgotten(session: &Session, id: RunId) -> Ended {
    let closed = session.ledger.closed.iter().rev().find(|closed| closed.run == id);
    match closed.map(|closed| closed.how.as_str()) {
        Some("completed") => Ok(Exit::Done),
        _ => Err(Failure::failed(format!("run {id} has ended undone; see `holdpoint journal show`"))),
    }
}

/// What a person must do of one that has not ended.
fn open(session: &Session, found: &Run) -> Failure {
    let (id, step) = (found.id, found.plan.steps.first());
    let name = step.map(|step| step.name.to_string()).unwrap_or_default();
    let level = step.and_then(Step::operation).map(|operation| adhoc::asks(&session.given(), operation));
    let (exit, words) = match step.map(|step| found.state(&step.name)) {
        // As of any step.
        Some(State::Partly(done, of, why)) => {
            (Exit::Refused, format!("{name} of run {id} is partly done, {done} of {of}: {why}"))
        }
        Some(State::Pending) if level == Some(Confirmation::TwoPerson) => {
            let then = format!("then you: `holdpoint drive {id}`");
            (Exit::Person, format!("nothing is sent yet: another approves {id}/{name}; {then}"))
        }
        _ => (Exit::Person, format!("{name} of run {id} waits for a person; see `holdpoint run show {id}`")),
    };
    Failure { exit, words, refusal: None }
}
