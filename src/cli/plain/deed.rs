//! A typed verb as what it would do: the command, what is printed before, and
//! how much is asked.
//!
//! The commands are those of the verbs; nothing is done here.

use super::asked::Asks;
use super::{back, effect, saying, whom};
use crate::cli::args::{ConnVerb, RunVerb, StepVerb, TriggerVerb, Verb, WaiverVerb};
use crate::cli::look::Topics;
use crate::cli::outcome::Failure;
use crate::cli::session::Session;
use crate::cli::{act, adhoc, queue, rollback, run, sign, step, waiver};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Command, Consent, StepCommand};
use crate::domain::digest::Digest;
use crate::domain::name::{EnvironmentName, RunId, StepName};
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::{Plan, Question, Step, Work};
use crate::domain::span::Span;
use crate::engine::{self, consent, rules};
use crate::report::loss::lines;

/// What a typed line would do.
pub struct Deed {
    /// The command, before anyone has agreed.
    pub command: Command,
    /// What is printed of it, besides what is decided.
    pub shown: Vec<String>,
    /// What is sent at once when it is done.
    pub sends: Vec<Operation>,
    /// How much is asked.
    pub asks: Asks,
    /// The run whose conn is taken for it when nobody has it.
    pub drives: Option<RunId>,
    /// Whether only the decision is to be printed.
    pub dry_run: bool,
    /// Whether what is printed says all of it, so that the decision need not be.
    pub said: bool,
    /// The run of which is said what then begins.
    pub lets: Option<RunId>,
}

impl Deed {
    fn of(command: Command, asks: Asks) -> Self {
        let (shown, sends) = (Vec::new(), Vec::new());
        Self { command, shown, sends, asks, drives: None, dry_run: false, said: false, lets: None }
    }

    fn at_once(command: Command) -> Self {
        Self::of(command, Asks::Nothing)
    }

    fn after_yes(command: Command) -> Self {
        Self::of(command, Asks::Yes(Confirmation::Confirm, Digest::default()))
    }

    /// Whether it holds something back: then it may come in any way.
    pub fn holds(&self) -> bool {
        matches!(self.command, Command::Hold(..) | Command::Step(_, _, StepCommand::Hold(_)))
    }

    /// The command once it is agreed to.
    pub fn agreed(&self, consent: Option<Consent>) -> Command {
        match self.command.clone() {
            Command::Step(run, step, StepCommand::Start(_)) => Command::Step(run, step, StepCommand::Start(consent)),
            Command::Step(run, step, StepCommand::Retry(_)) => Command::Step(run, step, StepCommand::Retry(consent)),
            Command::RollBack { run, what, to, symptom, .. } => Command::RollBack { run, what, to, symptom, consent },
            Command::Do { what, reason, .. } => Command::Do { what, reason, consent },
            other => other,
        }
    }

    /// The command as if it were agreed to, for a preview.
    pub fn as_if(&self) -> Command {
        let saw = match &self.asks {
            Asks::Nothing => Digest::default(),
            Asks::Yes(_, saw) | Asks::Name(_, saw, ..) => *saw,
        };
        self.agreed(Some(Consent { level: Confirmation::Challenge, saw, how: "by what you type".to_owned() }))
    }
}

/// What a verb would do; none for verbs that only look.
///
/// # Errors
/// What the verb itself would say.
pub fn of(session: &mut Session, verb: Verb) -> Result<Option<Deed>, Failure> {
    Ok(Some(match verb {
        Verb::Step { verb } => on_step(session, verb)?,
        Verb::Resolve { run, step, outcome, reason } => {
            let command = Command::Step(RunId(run), StepName::new(&step), step::resolved(outcome, &reason));
            Deed::after_yes(command)
        }
        Verb::Vote { run, step, vote, role, condition, met, saw, spoken } => {
            session.look_at(RunId(run));
            let voting = queue::Voting { vote, role, condition, met, saw, spoken };
            Deed::after_yes(queue::ballot(session, RunId(run), &step, voting)?)
        }
        Verb::Approve(decision) => decided(session, &decision, true)?,
        Verb::Reject(decision) => decided(session, &decision, false)?,
        Verb::Hold { scope, until, reason } => Deed::at_once(act::held(session, &scope, until.as_deref(), &reason)?),
        Verb::Lift { hold, reason } => Deed::after_yes(Command::Lift(hold, reason)),
        Verb::Waiver(WaiverVerb::List) => return Ok(None),
        Verb::Waiver(verb) => Deed::after_yes(waiver::said(session, verb)?),
        Verb::Emergency(asked) => Deed::after_yes(waiver::declared(session, asked)?),
        Verb::Adopt { reason, saw, dry_run } => Deed { dry_run, ..adopted(session, reason, saw.as_deref())? },
        Verb::Rollback { service, env, to, set, reason, consent } => {
            let dry_run = dry(consent.confirm.as_ref(), consent.dry_run)?;
            let asked = rollback::Asked { service, env, to, set, reason, consent };
            Deed { dry_run, ..way_back(session, &asked)? }
        }
        Verb::Do { verb, service, env, args, reason, consent } => {
            let dry_run = dry(consent.confirm.as_ref(), consent.dry_run)?;
            let asked = adhoc::Asked { verb, service, env, args, reason, consent };
            Deed { dry_run, ..one_thing(session, &asked)? }
        }
        Verb::Trigger(verb @ TriggerVerb::Postpone(_)) => Deed::at_once(rollback::triggered(&verb)),
        Verb::Trigger(verb @ TriggerVerb::Disarm(_)) => Deed::after_yes(rollback::triggered(&verb)),
        Verb::Run(RunVerb::Start { runbook, dry_run, rehearse }) => {
            Deed { dry_run, ..begun(session, &runbook, rehearse)? }
        }
        Verb::Run(verb @ RunVerb::Abort { .. }) => Deed::after_yes(run::said(session, verb)?),
        Verb::Run(RunVerb::List | RunVerb::Show { .. }) => return Ok(None),
        Verb::Run(verb) => Deed::at_once(run::said(session, verb)?),
        Verb::Conn(ConnVerb::Take { run, reason }) | Verb::Drive { run, standby: false, reason } => {
            let epoch = session.run(RunId(run))?.epoch;
            // The first thing a driver does is judge; not before it has looked.
            session.look_at(RunId(run));
            Deed::at_once(Command::TakeConn(RunId(run), epoch, reason))
        }
        Verb::Conn(ConnVerb::Give { run, to }) => {
            let run = session.run(RunId(run))?.id;
            Deed::at_once(match to {
                Some(person) => Command::OfferConn(run, person.as_str().into()),
                None => Command::GiveConn(run),
            })
        }
        _ => return Ok(None),
    }))
}

/// Whether only a preview is asked for; an agreement that was not asked for is refused.
fn dry(confirm: Option<&String>, dry_run: bool) -> Result<bool, Failure> {
    match confirm {
        None => Ok(dry_run),
        Some(_) => Err(Failure::usage("--confirm is for scripts: leave it out, and answer once it is asked")),
    }
}

fn on_step(session: &mut Session, verb: StepVerb) -> Result<Deed, Failure> {
    let consent = verb.consent().cloned();
    let run = RunId(verb.which().run);
    let name = StepName::new(&verb.which().step);
    let dry_run = dry(consent.as_ref().and_then(|c| c.confirm.as_ref()), consent.as_ref().is_some_and(|c| c.dry_run))?;
    if consent.is_some() {
        session.look_at(run);
    }
    let found = session.run(run)?;
    let planned = found.plan.step(&name).ok_or_else(|| step::no_step(found, &name))?;
    let by_hand = matches!(planned.work, Work::Ask(Question::Done | Question::Announce { .. }));
    if let (StepVerb::Done { .. }, true) = (&verb, by_hand) {
        let shown = vec![done(session, planned)];
        return Ok(Deed { shown, said: true, ..Deed::after_yes(Command::Step(run, name, step::said(verb, None))) });
    }
    let passes = matches!(verb, StepVerb::Release(_) | StepVerb::Skip(_) | StepVerb::Waive(_));
    let lets = passes.then_some(run);
    let shown = match verb {
        StepVerb::Skip(_) => effect::bypassed(session, found, planned),
        _ => Vec::new(),
    };
    let needs_yes =
        matches!(verb, StepVerb::Release(_) | StepVerb::Skip(_) | StepVerb::Waive(_) | StepVerb::Choose { .. });
    let command = Command::Step(run, name, step::said(verb, None));
    let Some(operation) = planned.operation().filter(|_| consent.is_some()) else {
        return Ok(if needs_yes {
            Deed { shown, lets, ..Deed::after_yes(command) }
        } else {
            Deed { dry_run, ..Deed::at_once(command) }
        });
    };
    let saw = consent::digest(found, planned);
    let level = consent::needed(&session.given(), operation);
    let forward = operation.direction() == Direction::Forward;
    let asks = asks(level, saw, operation.environment.as_ref(), forward);
    let (shown, sends) = (sends(session, planned), vec![operation.clone()]);
    Ok(Deed { shown, sends, drives: Some(run), dry_run, ..Deed::of(command, asks) })
}

/// The one line before a step that people do by hand is called done, as the screens ask it.
fn done(session: &Session, step: &Step) -> String {
    let whose = step.owner.as_ref().map(|role| format!(", which is {role}'s: {}", whom::owns(session, role)));
    format!(
        "Done: {} {}{}? It is written down as done; nothing is sent.",
        step.name,
        step.title,
        whose.unwrap_or_default()
    )
}

/// How much is asked for an operation, as a dialog would.
fn asks(level: Confirmation, saw: Digest, environment: Option<&EnvironmentName>, forward: bool) -> Asks {
    let name = environment.map(ToString::to_string).unwrap_or_default();
    match level {
        Confirmation::None => Asks::Nothing,
        Confirmation::Confirm => Asks::Yes(level, saw),
        _ => Asks::Name(level, saw, name, forward),
    }
}

/// What a step's operation is, in full.
fn sends(session: &Session, step: &Step) -> Vec<String> {
    let given = session.given();
    let mut shown = vec![format!("Step {}, {}.", step.name, step.title)];
    if let Some(op) = step.operation() {
        shown.push(format!(
            "It sends {op} by {}; if it does not answer within {}, its outcome counts as unknown.",
            op.backend, op.limit
        ));
    }
    let live = step.target().and_then(|(s, e)| given.observed.deployment(&(s.clone(), e.clone())));
    if let (Some((service, _)), Some(seen)) = (step.target(), live) {
        let (at, state) = (Span::between(seen.at, given.now), &seen.value.state);
        shown.push(format!("Live now: {service} {}, {state}, seen {at} ago.", seen.value.version));
    }
    if !step.undo.is_empty() {
        shown.push(format!("To undo it: {}.", step.undo));
    }
    shown
}

fn decided(session: &Session, asked: &crate::cli::args::Decision, yes: bool) -> Result<Deed, Failure> {
    let [subject] = asked.subjects.as_slice() else {
        return Err(Failure::usage("one subject a line, for each is a decision of its own"));
    };
    if sign::asked_for(&asked.signing) {
        return Err(Failure::usage(
            "what is signed is given in a shell of its own: `holdpoint approve RUN/STEP --sign`",
        ));
    }
    let command = queue::decision(session, subject, asked, yes)?;
    Ok(if yes { Deed::after_yes(command) } else { Deed::at_once(command) })
}

fn adopted(session: &Session, reason: String, saw: Option<&str>) -> Result<Deed, Failure> {
    let Some(waiting) = rules::waiting(&session.given()) else {
        return Err(Failure::failed("the files have loosened nothing that waits to be adopted"));
    };
    let command = Command::Adopt(queue::seen(saw, waiting.digest)?, reason);
    let shown = waiting.what.iter().map(|what| format!("The files loosened: {what}.")).collect();
    Ok(Deed { shown, ..Deed::after_yes(command) })
}

fn way_back(session: &mut Session, asked: &rollback::Asked) -> Result<Deed, Failure> {
    if let (Some(service), Some(env), None) = (&asked.service, &asked.env, &asked.to) {
        // Going back once more would go back further than was meant.
        if let Some(begun) = back::begun(session, service, env).filter(|run| run.ended()) {
            return Err(back::quicker(session, begun));
        }
    }
    let way = rollback::way(session, asked);
    let way = way.map_err(|failure| back::instead(session, asked.service.as_deref(), asked.env.as_deref(), failure))?;
    let given = session.given();
    let level = way.plan.steps.iter().filter_map(|s| s.operation()).map(|op| consent::needed(&given, op)).max();
    let places = rollback::acts_in(&way.plan);
    let name = places.iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(",");
    let asks = match level.unwrap_or(Confirmation::None) {
        level if level <= Confirmation::Confirm => Asks::Yes(level, way.plan.digest()),
        level => Asks::Name(level, way.plan.digest(), name, false),
    };
    let costs = lines(&way.loss).into_iter().map(|(label, text)| format!("{label}: {text}."));
    let sends = rollback::sends(&way.plan);
    let held = sends.iter().filter_map(|op| engine::owner::told(&given, op)).map(|text| format!("  {text}."));
    let shown = planned(&way.plan).into_iter().chain(costs).chain(held).collect();
    Ok(Deed { shown, sends, ..Deed::of(way.command, asks) })
}

fn one_thing(session: &mut Session, asked: &adhoc::Asked) -> Result<Deed, Failure> {
    let adhoc::Planned { plan, command } = adhoc::planned(session, asked)?;
    let operation = plan.steps.first().and_then(Step::operation);
    let level = operation.map_or(Confirmation::None, |op| engine::adhoc::asks(&session.given(), op));
    let asks = match (level, operation) {
        (Confirmation::None | Confirmation::Confirm, _) | (_, None) => Asks::Yes(level, plan.digest()),
        (level, Some(op)) => {
            let forward = op.direction() == Direction::Forward;
            Asks::Name(level, plan.digest(), engine::adhoc::typed(op), forward)
        }
    };
    let (shown, sends) = (plan.steps.iter().flat_map(|s| self::sends(session, s)).collect(), rollback::sends(&plan));
    Ok(Deed { shown, sends, ..Deed::of(command, asks) })
}

fn begun(session: &mut Session, runbook: &str, rehearse: bool) -> Result<Deed, Failure> {
    let plan = run::planned(&session.workspace, runbook, rehearse)?;
    let topics = Topics::of_plan(&session.workspace, &plan);
    session.look(&topics);
    let shown = planned(&plan);
    Ok(Deed { shown, ..Deed::after_yes(Command::StartRun(Box::new(plan), Vec::new())) })
}

/// A plan, a step a line.
fn planned(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().map(|step| {
        let sends = step.operation().map(|op| format!(": {} by {}", saying::operation(op), op.backend));
        format!("  Step {}, {}{}.", step.name, step.title.trim_end_matches(['.', '?']), sends.unwrap_or_default())
    });
    std::iter::once(format!("{}, {} steps:", plan.title, plan.steps.len())).chain(steps).collect()
}
