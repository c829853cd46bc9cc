//! `rollback` and `trigger`: the way back to the last good state.
//!
//! The plan is printed before anything is sent, and the one that is printed is
//! the one that runs.

use super::args::{Consenting, Global, TriggerArgs, TriggerVerb};
use super::context::{self, Context};
use super::look::Topics;
use super::outcome::{Ended, Exit, Failure};
use super::session::{Left, Session};
use super::{act, foresee, print, run, step};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Command, Consent};
use crate::domain::name::{EnvironmentName, RunId, ServiceName, TriggerName};
use crate::domain::operation::Operation;
use crate::domain::plan::Plan;
use crate::domain::trigger::RollsBack;
use crate::domain::workspace::Workspace;
use crate::engine::loss::{self, Loss};
use crate::engine::run::Phase;
use crate::engine::{Run, owner, rollback, show};
use crate::report::loss::lines;
use crate::report::part;

/// What is to be rolled back.
pub struct Asked {
    /// The service.
    pub service: Option<String>,
    /// Where.
    pub env: Option<String>,
    /// To which version.
    pub to: Option<String>,
    /// Everything that this run has changed.
    pub set: Option<u32>,
    /// The symptom.
    pub reason: String,
    /// Confirmation and dry run.
    pub consent: Consenting,
}

/// Rolls back: shows the plan, or carries it out.
pub fn rollback(global: &Global, asked: Asked) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "rollback", true)?;
    let ended = within(&mut session, global, &asked);
    session.give_conn();
    session.close("done");
    ended
}

/// A way back, as it is planned now.
pub struct Way {
    /// The plan.
    pub plan: Plan,
    /// What it costs besides.
    pub loss: Loss,
    /// The command that follows it, before anyone has agreed.
    pub command: Command,
}

impl Way {
    /// The command once it is agreed to.
    pub fn agreed(self, consent: Option<Consent>) -> Command {
        match self.command {
            Command::RollBack { run, what, to, symptom, .. } => Command::RollBack { run, what, to, symptom, consent },
            other => other,
        }
    }
}

/// Plans the way back, by what is live.
pub fn way(session: &mut Session, asked: &Asked) -> Result<Way, Failure> {
    let what = match (&asked.service, &asked.env) {
        (Some(service), Some(env)) => RollsBack::One(ServiceName::new(service), EnvironmentName::new(env)),
        _ => RollsBack::Set,
    };
    if let RollsBack::One(service, environment) = &what {
        let Workspace { services, environments, .. } = &*session.workspace;
        let known = services.contains_key(service);
        context::known(known, "service", service.as_str(), services.keys().map(ServiceName::as_str))?;
        let known = environments.contains_key(environment);
        let all = environments.keys().map(EnvironmentName::as_str);
        context::known(known, "environment", environment.as_str(), all)?;
    }
    let run = asked.set.map(RunId).or_else(|| changed_by(session, &what));
    look(session, run, &what)?;
    let given = session.given();
    let found = run.map(|run| session.run(run)).transpose()?;
    let plan = rollback::plan(&given, found, &what, asked.to.as_deref()).map_err(Failure::refused)?;
    let back = rollback::targets(&given, found, &what, asked.to.as_deref()).unwrap_or_default();
    let loss = loss::of(&given, found, &back);
    let command = Command::RollBack { run, what, to: asked.to.clone(), symptom: asked.reason.clone(), consent: None };
    Ok(Way { plan, loss, command })
}

fn within(session: &mut Session, global: &Global, asked: &Asked) -> Ended {
    let way = way(session, asked)?;
    let plan = &way.plan;
    print::plan(plan, global.json);
    if !global.json {
        lines(&way.loss).into_iter().for_each(|(label, text)| print::line(&format!("  {label}  {text}")));
        let given = session.given();
        sends(plan).iter().filter_map(|op| owner::told(&given, op)).for_each(|text| print::words(&format!("  {text}")));
    }
    let consent = agreed(plan, asked.consent.confirm.as_deref())?;
    let sends = sends(plan);
    let command = way.agreed(consent);
    if asked.consent.dry_run {
        step::preview(session, global, &command)?;
        foresee::tell(session, global, sends);
        return Ok(Exit::Done);
    }
    let seq = session.command(command)?;
    act::tell(session, global, seq);
    let back = RunId(session.ledger.last_run);
    let mine = session.ledger.run(back).and_then(|r| session.ledger.driver(r)) == Some(session.me());
    if mine {
        if let Left::Unwritten(why) = session.drive(back, |entry| print::entry(entry, global.json)) {
            return Err(Failure::journal(why));
        }
        run::people(session, back);
    } else {
        let limit = crate::domain::span::Span::mins(30);
        session.wait(limit, |s| {
            let gone = |r: &Run| s.ledger.driver(r).is_none() || !show::moves(&s.given(), r);
            s.ledger.run(back).is_none_or(|r| r.ended() || gone(r))
        });
    }
    let ended = session.run(back)?;
    match &ended.phase {
        Phase::Completed(_) => {
            part::evidence(ended).iter().for_each(|what| print::words(what));
            Ok(Exit::Done)
        }
        _ => Err(Failure {
            exit: Exit::Person,
            words: format!("run {back} waits for a person; see `holdpoint status`"),
            refusal: None,
        }),
    }
}

/// Waits for what the plan of the way back rests on: the versions that are live.
fn look(session: &mut Session, run: Option<RunId>, what: &RollsBack) -> Result<(), Failure> {
    let found = run.map(|run| session.run(run)).transpose()?;
    let set = found.filter(|_| *what == RollsBack::Set).into_iter().flat_map(|run| &run.changed);
    let set = set.map(|change| (&change.service, &change.environment));
    let one = match what {
        RollsBack::One(service, environment) => Some((service, environment)),
        RollsBack::Set => None,
    };
    let topics = set
        .chain(one)
        .fold(Topics::default(), |all, (service, place)| all.and_live(&session.workspace, service, place));
    session.look(&topics);
    Ok(())
}

/// The newest run that changed the target, if one did.
fn changed_by(session: &Session, what: &RollsBack) -> Option<RunId> {
    let RollsBack::One(service, environment) = what else { return None };
    session.ledger.changed_by(service, environment).map(|run| run.id)
}

/// `--confirm` names every environment that the plan acts in.
fn agreed(plan: &Plan, confirm: Option<&str>) -> Result<Option<Consent>, Failure> {
    let Some(typed) = confirm else { return Ok(None) };
    let acts_in = acts_in(plan);
    let wanted: Vec<_> = acts_in.iter().map(EnvironmentName::as_str).collect();
    let mut named: Vec<_> = typed.split(',').map(str::trim).collect();
    named.sort_unstable();
    if named != wanted {
        return Err(Failure::usage(format!("--confirm {typed} does not name where it acts: {}", wanted.join(","))));
    }
    let level = Confirmation::Challenge;
    Ok(Some(Consent { level, saw: plan.digest(), how: format!("--confirm {typed}") }))
}

/// Every operation that a plan sends, in order.
pub fn sends(plan: &Plan) -> Vec<Operation> {
    plan.steps.iter().filter_map(|s| s.operation()).cloned().collect()
}

/// Every environment that a plan acts in, in order.
pub fn acts_in(plan: &Plan) -> Vec<EnvironmentName> {
    let mut all: Vec<_> = plan.steps.iter().filter_map(|s| s.operation()?.environment.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Postpones or disarms a trigger.
pub fn trigger(global: &Global, verb: TriggerVerb) -> Ended {
    act::once(global, "trigger", |_| Ok(triggered(&verb)))
}

/// The command that does so.
pub fn triggered(verb: &TriggerVerb) -> Command {
    let name = |args: &TriggerArgs| (RunId(args.run), TriggerName::new(&args.trigger), args.reason.clone());
    match verb {
        TriggerVerb::Postpone(args) => {
            let (run, trigger, reason) = name(args);
            Command::Postpone(run, trigger, reason)
        }
        TriggerVerb::Disarm(args) => {
            let (run, trigger, reason) = name(args);
            Command::Disarm(run, trigger, reason)
        }
    }
}
