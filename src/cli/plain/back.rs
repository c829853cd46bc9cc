//! The way back in sentences: what a trigger does by itself and when, what would
//! stop it, and what was begun before somebody asked for the same.
//!
//! It plans nothing; the way back itself is the engine's.

use crate::cli::outcome::Failure;
use crate::cli::session::Session;
use crate::domain::Timestamp;
use crate::domain::command::Command;
use crate::domain::name::{EnvironmentName, ServiceName, TriggerName};
use crate::domain::span::Span;
use crate::domain::trigger::{RollsBack, Trigger};
use crate::engine::people;
use crate::engine::run::{Phase, Run, TriggerState};

/// Within this a rollback that is asked for again was meant for the one that was begun.
const JUST: Span = Span::mins(2);

/// `payments in eu-north back to 4.1.9`.
pub fn what(run: &Run, rolls_back: &RollsBack) -> String {
    match rolls_back {
        RollsBack::One(service, environment) => {
            let to = run.previous(service, environment).map(|to| format!(" to {to}")).unwrap_or_default();
            format!("{service} in {environment} back{to}")
        }
        RollsBack::Set => format!("everything back that run {} has changed", run.id),
    }
}

/// What is typed for it.
pub fn typed(rolls_back: &RollsBack) -> String {
    match rolls_back {
        RollsBack::One(service, environment) => format!("`rollback {service} {environment} WHY`"),
        RollsBack::Set => "`rollback all WHY`".to_owned(),
    }
}

/// What a trigger that has tripped does, when, and what one may do about it.
pub fn trips(session: &Session, run: &Run, trigger: &Trigger, acts_at: Option<Timestamp>) -> String {
    let (name, what) = (&trigger.name, what(run, &trigger.rolls_back));
    let given = session.given();
    let now = people::may_roll_back(&given, &session.actor)
        .map(|()| format!(" {} does it now.", typed(&trigger.rolls_back)))
        .unwrap_or_default();
    let Some(at) = acts_at else {
        return format!(
            "Trigger {name} proposes to roll {what}, and does nothing by itself.{now} `disarm {name} WHY` leaves it as it is."
        );
    };
    let within = Span::secs(Span::between(given.now, at).as_secs());
    let unattended = match given.ledger.driver(run) {
        Some(_) => String::new(),
        None => format!(" Nobody drives run {}: unless you `take` it, the trigger only proposes.", run.id),
    };
    format!(
        "Trigger {name} rolls {what} at {}, in {within}, by itself, unless somebody postpones it: \
         `postpone {name} WHY` puts it off by {}.{now}{unattended}",
        at.format("%H:%M:%SZ"),
        trigger.postpone
    )
}

/// What a trigger that watches would do.
pub fn watches(run: &Run, trigger: &Trigger) -> String {
    let signals: Vec<_> = trigger.signals.iter().map(ToString::to_string).collect();
    let what = what(run, &trigger.rolls_back);
    let then = match trigger.countdown {
        Some(countdown) => format!("rolls {what}, {countdown} later"),
        None => format!("proposes to roll {what}"),
    };
    format!("trigger {} watches from now on: when {} fails, it {then}", trigger.name, signals.join(" or "))
}

/// The trigger of a run that would take this back, and how it stands.
pub fn answers<'a>(
    run: &'a Run,
    service: &ServiceName,
    environment: &EnvironmentName,
) -> Option<(&'a Trigger, &'a TriggerState)> {
    let covers = |trigger: &&Trigger| match &trigger.rolls_back {
        RollsBack::One(s, e) => s == service && e == environment,
        RollsBack::Set => true,
    };
    run.plan.triggers.iter().filter(covers).find_map(|trigger| Some((trigger, run.triggers.get(&trigger.name)?)))
}

/// The run that takes back, or has just taken back, what is asked for.
pub fn begun<'a>(session: &'a Session, service: &str, environment: &str) -> Option<&'a Run> {
    let now = session.given().now;
    let mut runs = session.ledger.runs.values().rev().filter(|r| r.takes_back());
    runs.find(|run| {
        let about = |(s, e): (&ServiceName, &EnvironmentName)| s.as_str() == service && e.as_str() == environment;
        let same = run.plan.steps.iter().filter_map(|s| s.operation()?.changes()).any(about);
        let done = matches!(run.phase, Phase::Completed(_)) && Span::between(run.started, now) <= JUST;
        same && (done || !run.ended())
    })
}

/// Says that somebody was quicker: who began it, when, and that nothing was sent.
pub fn quicker(session: &Session, begun: &Run) -> Failure {
    let who = by_trigger(session, begun).map_or_else(|| begun.by.to_string(), |name| format!("trigger {name}"));
    let ago = Span::secs(Span::between(begun.started, session.given().now).as_secs());
    let run = begun.id;
    let does = if begun.ended() { "has done what you asked" } else { "does what you asked" };
    let further = if begun.ended() { ". To go further back name the version with --to" } else { "" };
    Failure::failed(format!("{who} began it {ago} ago: run {run} {does}; nothing was sent by you{further}."))
}

/// What is said in place of a refusal, where that came because somebody was quicker.
pub fn instead(session: &Session, service: Option<&str>, environment: Option<&str>, failure: Failure) -> Failure {
    let refused = failure.refusal.is_some();
    let begun = service.zip(environment).filter(|_| refused).and_then(|(s, e)| begun(session, s, e));
    begun.map_or(failure, |run| quicker(session, run))
}

/// The same for a command that was refused.
pub fn of_command(session: &Session, command: &Command, failure: Failure) -> Failure {
    match command {
        Command::RollBack { what: RollsBack::One(service, environment), to: None, .. } => {
            instead(session, Some(service.as_str()), Some(environment.as_str()), failure)
        }
        _ => failure,
    }
}

/// The trigger that started this rollback by itself, as its symptom says.
pub fn by_trigger(session: &Session, begun: &Run) -> Option<TriggerName> {
    let reverted = session.ledger.run(begun.plan.reverts?)?;
    let symptom = begun.symptom.as_deref().unwrap_or_default();
    let began = |name: &&TriggerName| symptom.starts_with(&format!("trigger {name}: "));
    reverted.triggers.keys().find(began).cloned()
}
