//! What is asked before anything is done: the dialog for each action, made from
//! the same decision that will be taken.
//!
//! A command that would be refused opens a card with every reason and when it
//! opens, and is written down as refused; nothing is sent to find out.

use super::dialog::{Ask, Card, Dialog, Question};
use super::ui::{Asked, Intent};
use super::update::waiver;
use super::view::View;
use crate::domain::approval::Vote;
use crate::domain::catalogue::{Confirmation, Tier};
use crate::domain::command::{Command, Consent, StepCommand};
use crate::domain::digest::Digest;
use crate::domain::hold::Scope;
use crate::domain::name::{EnvironmentName, PersonName, RunId};
use crate::domain::operation::{Direction, Operation};
use crate::domain::person::Actor;
use crate::domain::plan::Step;
use crate::domain::refusal::Refusal;
use crate::domain::trigger::RollsBack;
use crate::engine::incident::{self, Said};
use crate::engine::run::{Run, TriggerState};
use crate::engine::{comms, consent, decide, loss, owner, rollback};
use crate::report::ahead::heavy;
use crate::report::loss::lines;

/// A dialog with one line for a reason; Enter is enough.
pub fn reason(
    title: &str,
    place: &str,
    rows: Vec<(String, String)>,
    prefill: &str,
    needed: bool,
    intent: Intent,
) -> Asked {
    let card =
        Card { place: place.to_owned(), title: title.to_owned(), rows, accept: "Do it".to_owned(), ..Card::default() };
    let question = Question {
        card,
        ask: Ask::Key,
        level: Confirmation::Confirm,
        environment: String::new(),
        saw: Digest::default(),
        reason: Some((prefill.to_owned(), needed)),
        opened_by: None,
        random: random(),
    };
    Asked { dialog: Dialog::ask(question), intent: Some(intent), tried: None, basis: None }
}

/// A dialog with a field for a text that goes elsewhere, to edit before it does.
pub fn text(title: &str, rows: Vec<(String, String)>, text: &str, accept: &str, intent: Intent) -> Asked {
    let mut asked = reason(title, "", rows, "", true, intent);
    asked.dialog.holds_text(text);
    if let Dialog::Consent(dialog) = &mut asked.dialog {
        dialog.card.accept = accept.to_owned();
    }
    asked
}

/// A dialog that asks for a yes and nothing else.
pub fn agree(title: &str, rows: Vec<(String, String)>, intent: Intent) -> Asked {
    let card = Card { title: title.to_owned(), rows, accept: "Do it".to_owned(), ..Card::default() };
    let question = Question {
        card,
        ask: Ask::Key,
        level: Confirmation::Confirm,
        environment: String::new(),
        saw: Digest::default(),
        reason: None,
        opened_by: None,
        random: random(),
    };
    Asked { dialog: Dialog::ask(question), intent: Some(intent), tried: None, basis: None }
}

/// A card that only says something.
pub fn card(title: &str, rows: Vec<(String, String)>) -> Asked {
    let card = Card { title: title.to_owned(), rows, ..Card::default() };
    Asked { dialog: Dialog::Blocked(card), intent: None, tried: None, basis: None }
}

/// A card with every reason of a refusal.
pub fn blocked(title: &str, refusal: &Refusal) -> Asked {
    let rows = refusal.reasons.iter().map(|reason| ("why".to_owned(), reason.to_string())).collect();
    card(title, rows)
}

/// The same card for a command that was not given because it would be refused.
pub fn refused(title: &str, refusal: &Refusal, command: Command) -> Asked {
    Asked { tried: Some(Box::new(command)), ..blocked(title, refusal) }
}

/// The actor of this session.
pub fn actor(view: &View<'_>) -> Option<Actor> {
    let session = view.model.session?;
    let origin = &view.model.ledger.sessions.get(&session)?.origin;
    Some(Actor { person: origin.person.clone(), proof: origin.proof, session })
}

/// Asks whether a step's operation is to be sent, by how much it can hurt.
pub fn start(view: &View<'_>, run: &Run, step: &Step, again: bool) -> Option<Asked> {
    let given = view.given();
    let saw = consent::digest(run, step);
    let agreed = |level| Consent { level, saw, how: String::new() };
    let name = step.name.clone();
    let as_if = Some(agreed(Confirmation::Challenge));
    let command = if again { StepCommand::Retry(as_if) } else { StepCommand::Start(as_if) };
    let verb = if again { "Try again" } else { "Start" };
    let title = format!("{verb} {} {}", step.name, step.title);
    let command = Command::Step(run.id, name.clone(), command);
    if let Err(refusal) = decide(&given, &actor(view)?, &command) {
        return Some(refused(&title, &refusal, command));
    }
    let operation = step.operation();
    let level = operation.map_or(Confirmation::None, |op| consent::needed(&given, op));
    let environment = operation.and_then(|op| op.environment.clone());
    let ask = Ask::of(level, operation.map_or(Direction::Aside, Operation::direction));
    let mut rows = Vec::new();
    let mut say = |label: &str, text: String| rows.push((label.to_owned(), text));
    if let Some(op) = operation {
        say("will", format!("{} · {op}", op.backend));
        say("", format!("at most {}, then the outcome is unknown", op.limit));
    }
    if let Some(text) = live(view, step) {
        say("now", text);
    }
    operation.and_then(|op| owner::told(&given, op)).into_iter().for_each(|text| say("heed", text));
    // Said before it is begun: what cannot be led back is no way to try whether it goes well.
    let ahead = view.model.derived.ahead.get(&step.name).filter(|line| heavy(line));
    ahead.into_iter().for_each(|line| say("after", line.text.clone()));
    if !step.undo.is_empty() {
        say("undo", step.undo.clone());
    }
    let flag = environment.as_ref().map(|e| format!(" --confirm {e}")).unwrap_or_default();
    let word = if again { "retry" } else { "start" };
    say("same", format!("holdpoint step {word} {} {}{flag}", run.id, step.name));
    let intent = if again { Intent::Retry(run.id, name) } else { Intent::Start(run.id, name) };
    let mut asked = consenting(view, title, rows, (ask, level), environment.as_ref(), saw, None, intent);
    asked.dialog.sends(operation.cloned().into_iter());
    Some(asked)
}

/// What is live where a step acts, and how long ago that was seen.
pub fn live(view: &View<'_>, step: &Step) -> Option<String> {
    let (service, environment) = step.target()?;
    let seen = view.model.observed.deployment(&(service.clone(), environment.clone()))?;
    let age = crate::domain::span::Span::between(seen.at, view.now);
    let (version, state) = (&seen.value.version, &seen.value.state);
    let live = match (&seen.value.candidate, seen.value.weight) {
        (Some(candidate), Some(weight)) => format!("{version}, {state} {candidate} gets {weight} % of traffic"),
        (Some(candidate), None) => format!("{version}, {state} {candidate} is being rolled out"),
        (None, _) => format!("{version} {state}"),
    };
    Some(format!("{service} {live} ({age} ago)"))
}

/// Asks whether to roll back: the environment's name, the reason prefilled from the trigger.
pub fn roll_back(view: &View<'_>, run: Option<&Run>, what: RollsBack) -> Option<Asked> {
    let given = view.given();
    let plan = match rollback::plan(&given, run, &what, None) {
        Ok(plan) => plan,
        Err(refusal) => return Some(blocked("Roll back", &refusal)),
    };
    let saw = plan.digest();
    let as_if = Consent { level: Confirmation::Challenge, saw, how: String::new() };
    let symptom = symptom(run);
    let command = Command::RollBack {
        run: run.map(|r| r.id),
        what: what.clone(),
        to: None,
        symptom: if symptom.is_empty() { "?".to_owned() } else { symptom.clone() },
        consent: Some(as_if),
    };
    if let Err(refusal) = decide(&given, &actor(view)?, &command) {
        return Some(refused(&plan.title, &refusal, command));
    }
    let mut places: Vec<EnvironmentName> =
        plan.steps.iter().filter_map(|s| s.operation()?.environment.clone()).collect();
    places.sort_unstable();
    places.dedup();
    let all = places.iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(",");
    let mut rows: Vec<(String, String)> = by_itself(run, &what).into_iter().collect();
    let back = rollback::targets(&given, run, &what, None).unwrap_or_default();
    let costs = lines(&loss::of(&given, run, &back)).into_iter().map(|(label, text)| (label.to_owned(), text));
    // What the catalogue says does not go back stands before what would be sent.
    let (never, costs): (Vec<_>, Vec<_>) = costs.partition(|(label, _)| label == "heed");
    rows.extend(never);
    let steps: Vec<(String, String)> = plan
        .steps
        .iter()
        .enumerate()
        .map(|(n, s)| (if n == 0 { "will".to_owned() } else { String::new() }, format!("{} {}", s.name, s.title)))
        .collect();
    rows.extend(steps);
    rows.push((String::new(), "later promotions held until a diagnosis".to_owned()));
    rows.extend(costs);
    let sends = || plan.steps.iter().filter_map(|s| s.operation());
    rows.extend(sends().filter_map(|op| Some(("heed".to_owned(), owner::told(&given, op)?))));
    rows.push(("plan".to_owned(), saw.short()));
    let level = sends().map(|op| consent::needed(&given, op)).max();
    let level = level.unwrap_or(Confirmation::None);
    let ask = if level <= Confirmation::Confirm { Ask::Confirm } else { Ask::Name };
    let environment = EnvironmentName::new(all);
    let intent = Intent::RollBack(run.map(|r| r.id), what);
    let reason = Some((symptom, true));
    let mut asked = consenting(view, plan.title.clone(), rows, (ask, level), Some(&environment), saw, reason, intent);
    asked.dialog.sends(sends().cloned());
    Some(asked)
}

/// That a tripped trigger does the same by itself, and when.
fn by_itself(run: Option<&Run>, what: &RollsBack) -> Option<(String, String)> {
    let run = run?;
    let triggers = run.plan.triggers.iter().filter(|trigger| trigger.rolls_back == *what);
    let acts = triggers.filter_map(|trigger| match run.triggers.get(&trigger.name)? {
        TriggerState::Tripped { acts_at: Some(at), .. } => Some((at, &trigger.name)),
        _ => None,
    });
    let (at, name) = acts.min()?;
    Some(("else".to_owned(), format!("{name} does this by itself at {}", at.format("%H:%M:%SZ"))))
}

/// What a tripped trigger saw, as the first words of the symptom.
fn symptom(run: Option<&Run>) -> String {
    let tripped = run.into_iter().flat_map(|r| &r.triggers).find_map(|(name, state)| match state {
        TriggerState::Tripped { evidence, .. } => {
            let saw = evidence.iter().map(|e| e.signal.to_string()).collect::<Vec<_>>().join(", ");
            Some(format!("trigger {name}: {saw}"))
        }
        TriggerState::Proposed { why, .. } => Some(format!("trigger {name}: {why}")),
        _ => None,
    });
    tripped.unwrap_or_default()
}

/// Where something acts, for the frame, and whether that is production's, by what it asks for there.
pub fn place(view: &View<'_>, environment: Option<&EnvironmentName>, level: Confirmation) -> (String, bool) {
    let declared = environment.and_then(|e| view.model.workspace.environments.get(e));
    let production = declared.is_some_and(|e| e.tier == Tier::Production) || level >= Confirmation::Challenge;
    let place = match (environment, production) {
        (Some(environment), true) => format!("PRODUCTION · {environment}"),
        (Some(environment), false) => environment.to_string(),
        (None, _) => String::new(),
    };
    (place, production)
}

/// A dialog that asks for consent, by how much is at stake.
#[expect(clippy::too_many_arguments, reason = "each is a different noun of one dialog, gathered here once")]
pub fn consenting(
    view: &View<'_>,
    title: String,
    rows: Vec<(String, String)>,
    (ask, level): (Ask, Confirmation),
    environment: Option<&EnvironmentName>,
    saw: Digest,
    reason: Option<(String, bool)>,
    intent: Intent,
) -> Asked {
    let (place, production) = place(view, environment, level);
    let card = Card { place, production, title, rows, accept: "Do it".to_owned(), ..Card::default() };
    let question = Question {
        card,
        ask,
        level: level.min(Confirmation::Challenge),
        environment: environment.map(ToString::to_string).unwrap_or_default(),
        saw,
        reason,
        opened_by: None,
        random: random(),
    };
    Asked { dialog: Dialog::ask(question), intent: Some(intent), tried: None, basis: None }
}

/// The command that an agreed dialog becomes.
pub fn command(intent: Intent, consent: Consent, reason: Option<String>) -> Option<Command> {
    let text = reason.unwrap_or_default();
    Some(match intent {
        Intent::Start(run, step) => Command::Step(run, step, StepCommand::Start(Some(consent))),
        Intent::Retry(run, step) => Command::Step(run, step, StepCommand::Retry(Some(consent))),
        Intent::Done(run, step) => Command::Step(run, step, StepCommand::Done(text)),
        Intent::RollBack(run, what) => Command::RollBack { run, what, to: None, symptom: text, consent: Some(consent) },
        Intent::Do(what) => Command::Do { what, reason: text, consent: Some(consent) },
        Intent::Hold(scope) => Command::Hold(scope, text, None),
        Intent::Note(run, None) => Command::Note(run, text),
        Intent::Note(run, Some(step)) => Command::Step(run, step, StepCommand::Note(text)),
        Intent::Reason(command) => with_reason(*command, text),
        Intent::CloseIncident(run) => Command::Note(run, Said::Closed(text).note()),
        Intent::Sent(run, what, update) => Command::Note(run, comms::note(text.trim(), &what, &update)),
        Intent::OpenIncident(..) | Intent::Copy(_) | Intent::Quit => return None,
    })
}

/// The commands that opening an incident becomes: everything is held first, then it is noted.
pub fn incident(run: Option<RunId>, hold: bool, typed: &str) -> Vec<Command> {
    let (severity, title) = incident::severity(typed).unwrap_or((2, typed.trim()));
    let note = Said::Opened(severity, title.to_owned()).note();
    let hold = hold.then(|| Command::Hold(Scope::All, note.clone(), None));
    hold.into_iter().chain(run.map(|run| Command::Note(run, note))).collect()
}

/// Puts the typed reason into a command that waits for it.
fn with_reason(command: Command, text: String) -> Command {
    match command {
        Command::Step(run, step, StepCommand::Fail(_)) => Command::Step(run, step, StepCommand::Fail(text)),
        Command::Step(run, step, StepCommand::Skip(_)) => Command::Step(run, step, StepCommand::Skip(text)),
        Command::Step(run, step, StepCommand::Hold(_)) => Command::Step(run, step, StepCommand::Hold(text)),
        Command::Step(run, step, StepCommand::Release(_, c)) => Command::Step(run, step, StepCommand::Release(text, c)),
        Command::Step(run, step, StepCommand::Waive(_)) => Command::Step(run, step, StepCommand::Waive(text)),
        Command::Step(run, step, StepCommand::Assign(_)) => {
            Command::Step(run, step, StepCommand::Assign(PersonName::new(text)))
        }
        Command::Step(run, step, StepCommand::Resolve(how, _)) => {
            Command::Step(run, step, StepCommand::Resolve(how, text))
        }
        Command::TakeConn(run, epoch, _) => Command::TakeConn(run, epoch, text),
        Command::Adopt(saw, _) => Command::Adopt(saw, text),
        Command::Waive { run, of, lasts, .. } => waiver::declared(run, of, lasts, &text),
        Command::OfferConn(run, _) => Command::OfferConn(run, PersonName::new(text.trim())),
        Command::Lift(hold, _) => Command::Lift(hold, text),
        Command::Park(run, _) => Command::Park(run, text),
        Command::Abort(run, _) => Command::Abort(run, text),
        Command::TakeOver(run, what, _) => Command::TakeOver(run, what, text),
        Command::Postpone(run, trigger, _) => Command::Postpone(run, trigger, text),
        Command::Disarm(run, trigger, _) => Command::Disarm(run, trigger, text),
        Command::RootCause(run, _, category) => Command::RootCause(run, text, category),
        Command::Decide { run, step, role, yes, saw, said, signed, .. } => {
            Command::Decide { run, step, role, yes, reason: text, saw, said, signed }
        }
        Command::Vote { run, step, role, vote, saw, said } => {
            let vote = if let Vote::GoIf { met: false, .. } = vote { Vote::go_if(&text) } else { vote };
            let said = said.map(|s| crate::domain::command::Said { words: text, ..s });
            Command::Vote { run, step, role, vote, saw, said }
        }
        other => other,
    }
}

/// Fresh randomness for a challenge's code.
pub fn random() -> u64 {
    getrandom::u64().unwrap_or(0x9e37_79b9_7f4a_7c15)
}
