//! Commands about one step: start, done, fail, retry, skip and the rest.
//!
//! What a step does by itself is `advance`, not decided here.

use super::gather::Gather;
use super::{doubt, find_step, hold, needed, run};
use crate::domain::catalogue::Confirmation;
use crate::domain::command::{Consent, StepCommand};
use crate::domain::fact::Fact;
use crate::domain::name::{PersonName, RunId, StepName};
use crate::domain::person::Actor;
use crate::domain::plan::{Need, Question, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::span::Span;
use crate::domain::verdict::{Reason, Rule};
use crate::engine::announce::announce;
use crate::engine::run::{Fate, Run, State, StepState};
use crate::engine::{Given, Ledger, adhoc, consent, people, policy, readiness};

/// How long a manual *done* can be taken back.
pub const UNDO: Span = Span::secs(10);

type Facts = Result<Vec<Fact>, Refusal>;

/// Decides a command about a step.
pub(super) fn decide(given: &Given<'_>, actor: &Actor, run: RunId, name: &StepName, command: &StepCommand) -> Facts {
    let found @ (run, step, _) = find_step(given, run, name)?;
    let mine = || people::may_work(given, run, step, actor).map_err(|r| Refusal { reasons: vec![r], held: false });
    match command {
        StepCommand::Start(consent) => start(given, actor, run, step, consent.as_ref(), None),
        StepCommand::Done(note) => mine().and_then(|()| done(given, found, note)),
        StepCommand::Undo => undo(given, actor, found),
        StepCommand::Fail(why) => mine().and_then(|()| fail(found, why)),
        StepCommand::Retry(consent) => retry(given, actor, found, consent.as_ref()),
        StepCommand::Skip(reason) => mine().and_then(|()| skip(given, actor, found, reason)),
        StepCommand::Hold(reason) => hold::on_step(given, actor, run, step, reason),
        StepCommand::Release(reason, consent) => hold::release(given, actor, found, reason, consent.as_ref()),
        StepCommand::Note(text) => run::note(given, run.id, Some(name), text),
        StepCommand::Waive(reason) => mine().and_then(|()| waive(found, reason)),
        StepCommand::Assign(to) => mine().and_then(|()| assign(given, found, to)),
        StepCommand::Choose(branch) => mine().and_then(|()| choose(found, branch)),
        StepCommand::Probe => doubt::probe(given, actor, found),
        StepCommand::Resolve(resolution, reason) => {
            mine().and_then(|()| doubt::resolve(given, found, *resolution, reason))
        }
    }
}

/// Starts a step: sends its operation, or opens its watch or question.
pub(super) fn start(
    given: &Given<'_>,
    actor: &Actor,
    run: &Run,
    step: &Step,
    agreed: Option<&Consent>,
    resend_of: Option<u64>,
) -> Facts {
    let mut against = Gather::default();
    against.reason(people::may_work(given, run, step, actor));
    against.verdict(readiness::judge(given, run, step).verdict);
    let Work::Do(operation) = &step.work else {
        against.finish()?;
        let (run, step, mark) = (run.id, step.name.clone(), step.work == Work::Mark);
        let done = Fact::StepDone { run, step: step.clone(), note: String::new(), evidence: Vec::new() };
        return Ok(vec![if mark { done } else { Fact::StepStarted { run, step } }]);
    };
    let what = format!("step {}", step.name);
    let level = consent::needed(given, operation);
    let earlier = run.steps.get(&step.name).and_then(|s| s.consent.as_ref());
    against.refusal(consent::check(level, agreed.or(earlier), consent::digest(run, step), &what));
    // Only the verb that it was asked for by takes the word that leaving checks out asks for.
    if adhoc::is(&run.plan) && adhoc::leaves_out(operation) && (agreed.is_some() || earlier.is_none()) {
        let text = format!("{what} leaves checks out, and so is asked for anew: end run {}, then `do` it", run.id);
        against.reason(Err(Reason::new(Rule::Consent, text)));
    }
    if level == Confirmation::TwoPerson || policy::second_person(given, run, step) {
        against.refusal(consent::second_person(given, run, step, Some(&actor.person)));
    }
    let driver = given.ledger.driver(run);
    if driver.is_none() {
        let text = format!("nobody drives run {}; take the conn first", run.id);
        against.hold(Reason::new(Rule::Conn, text));
    }
    against.finish()?;
    let Some(session) = driver else { return Ok(Vec::new()) };
    let consented = agreed.map(|c| Fact::Consented { run: run.id, step: step.name.clone(), consent: c.clone() });
    let announced = announce(given, run, step, operation, session, resend_of);
    Ok(consented.into_iter().chain([announced]).collect())
}

fn done(given: &Given<'_>, (run, step, state): (&Run, &Step, &StepState), note: &str) -> Facts {
    let by_hand = matches!(step.work, Work::Ask(Question::Done | Question::Announce { .. }));
    if !by_hand {
        let text = format!("step {} is not done by hand; skip, waive or resolve it", step.name);
        return Err(Refusal::one(Rule::State, text));
    }
    let (id, name) = (run.id, step.name.clone());
    let mut facts = Vec::new();
    match &state.state {
        State::Running => {}
        State::Pending => {
            Refusal::from_verdict(readiness::judge(given, run, step).verdict)?;
            facts.push(Fact::StepStarted { run: id, step: name.clone() });
        }
        other => return Err(wrong(step, other, "done")),
    }
    facts.push(match step.verify {
        Some(_) => Fact::Verifying { run: id, step: name },
        None => Fact::StepDone { run: id, step: name, note: note.to_owned(), evidence: Vec::new() },
    });
    Ok(facts)
}

fn undo(given: &Given<'_>, actor: &Actor, (run, step, state): (&Run, &Step, &StepState)) -> Facts {
    let by_hand = matches!(step.work, Work::Ask(Question::Done | Question::Announce { .. }));
    let recent = state.ended.is_some_and(|at| Span::between(at, given.now) <= UNDO);
    let mine = state.by.as_ref() == Some(&actor.person);
    let follower = run.plan.steps.iter().find(|later| {
        later.needs.contains(&Need::Step(step.name.clone())) && *run.state(&later.name) != State::Pending
    });
    let no = |text: String| Err(Refusal::one(Rule::State, text));
    match follower {
        _ if state.state != State::Done || !by_hand => no(format!("step {} was not marked done by hand", step.name)),
        _ if !mine || !recent => no(format!("only who marked it done can take that back, within {UNDO}")),
        Some(later) => no(format!("step {} has started since", later.name)),
        None => Ok(vec![Fact::StepReopened { run: run.id, step: step.name.clone() }]),
    }
}

fn fail((run, step, state): (&Run, &Step, &StepState), why: &str) -> Facts {
    needed(why, "a failure")?;
    let under_way = matches!((&step.work, &state.state), (Work::Do(_), State::Running));
    match &state.state {
        State::Running | State::Verifying if !under_way => Ok(vec![Fact::StepFailed {
            run: run.id,
            step: step.name.clone(),
            why: why.to_owned(),
            partly: None,
            evidence: Vec::new(),
        }]),
        State::Running => {
            let text = format!("step {} is with its backend; its report decides", step.name);
            Err(Refusal::one(Rule::State, text))
        }
        other => Err(wrong(step, other, "marked failed")),
    }
}

/// A new try after a certain failure is a new operation. One in doubt is sent
/// again only where it is declared idempotent, and then under its old key.
fn retry(
    given: &Given<'_>,
    actor: &Actor,
    (run, step, state): (&Run, &Step, &StepState),
    agreed: Option<&Consent>,
) -> Facts {
    let resend_of = match (&state.state, &step.work) {
        (State::Failed(_) | State::Partly(..), _) => None,
        (State::InDoubt(_), Work::Do(op)) if op.idempotent => first_sent(given.ledger, state),
        (State::InDoubt(_), _) => {
            let text = format!("step {} is in doubt and not declared idempotent; probe it or resolve it", step.name);
            return Err(Refusal::one(Rule::State, text));
        }
        (other, _) => return Err(wrong(step, other, "retried")),
    };
    let scratch = as_pending(given.ledger, run, step, state.intent.filter(|_| resend_of.is_some()));
    let judged = Given { ledger: &scratch, ..*given };
    let again = scratch.run(run.id).unwrap_or(run);
    let started = start(&judged, actor, again, step, agreed, resend_of)?;
    let retried = Fact::StepRetried { run: run.id, step: step.name.clone() };
    // A re-send keeps the doubtful step; anything else begins anew.
    let begin = if resend_of.is_some() { Vec::new() } else { vec![retried] };
    Ok(begin.into_iter().chain(started).collect())
}

/// The line whose key the step's newest operation was sent under.
fn first_sent(ledger: &Ledger, state: &StepState) -> Option<u64> {
    let sent = ledger.sent.get(&state.intent?)?;
    Some(sent.intent.resend_of.unwrap_or(sent.seq))
}

/// The ledger as if the step had not been tried yet, and `doubtful` were settled.
fn as_pending(ledger: &Ledger, run: &Run, step: &Step, doubtful: Option<u64>) -> Ledger {
    let mut scratch = ledger.clone();
    if let Some(state) = scratch.runs.get_mut(&run.id).and_then(|r| r.steps.get_mut(&step.name)) {
        state.state = State::Pending;
        state.consent = None;
    }
    if let Some(sent) = doubtful.and_then(|seq| scratch.sent.get_mut(&seq)) {
        sent.fate = Fate::Resolved;
    }
    scratch
}

fn skip(given: &Given<'_>, actor: &Actor, (run, step, state): (&Run, &Step, &StepState), reason: &str) -> Facts {
    let mut against = Gather::default();
    against.refusal(needed(reason, "skipping a step"));
    if !step.may_skip {
        against.reason(Err(Reason::new(Rule::State, format!("step {} may not be skipped", step.name))));
    }
    against.reason(people::may_leave_out(given, run, step, actor));
    against.finish()?;
    match (&state.state, &step.work) {
        (State::Running, Work::Do(_)) => Err(wrong(step, &state.state, "skipped")),
        (State::Pending | State::Running | State::Verifying | State::Failed(_) | State::Partly(..), _) => {
            Ok(vec![Fact::StepSkipped { run: run.id, step: step.name.clone(), reason: reason.to_owned() }])
        }
        (other, _) => Err(wrong(step, other, "skipped")),
    }
}

fn waive((run, step, state): (&Run, &Step, &StepState), reason: &str) -> Facts {
    needed(reason, "waiving a verification")?;
    if state.state != State::Verifying {
        return Err(wrong(step, &state.state, "waived"));
    }
    let (run, step) = (run.id, step.name.clone());
    let waived = Fact::Waived { run, step: step.clone(), reason: reason.to_owned() };
    let note = format!("verification waived: {reason}");
    Ok(vec![waived, Fact::StepDone { run, step, note, evidence: state.evidence.clone() }])
}

fn assign(given: &Given<'_>, (run, step, state): (&Run, &Step, &StepState), to: &PersonName) -> Facts {
    if !given.workspace.people.contains_key(to) {
        return Err(Refusal::one(Rule::Authority, format!("{to} is not a person of this workspace")));
    }
    if state.state.ended() {
        return Err(wrong(step, &state.state, "given to someone"));
    }
    Ok(vec![Fact::Assigned { run: run.id, step: step.name.clone(), to: to.clone() }])
}

fn choose((run, step, state): (&Run, &Step, &StepState), branch: &str) -> Facts {
    let Work::Ask(Question::Choice { branches }) = &step.work else {
        return Err(Refusal::one(Rule::State, format!("step {} is no decision", step.name)));
    };
    if !branches.iter().any(|b| b == branch) {
        let text = format!("step {} offers {}, not {branch}", step.name, branches.join(", "));
        return Err(Refusal::one(Rule::State, text));
    }
    if state.state != State::Running {
        return Err(wrong(step, &state.state, "decided"));
    }
    let (run, step) = (run.id, step.name.clone());
    let chosen = Fact::Chosen { run, step: step.clone(), branch: branch.to_owned() };
    Ok(vec![chosen, Fact::StepDone { run, step, note: branch.to_owned(), evidence: Vec::new() }])
}

/// A step is not in a state that allows this.
pub(super) fn wrong(step: &Step, state: &State, what: &str) -> Refusal {
    let is = match state {
        State::Pending => "has not started",
        State::Running => "is running",
        State::Verifying => "is being verified",
        State::Done => "is done",
        State::Failed(_) => "failed",
        State::Partly(..) => "is partly done",
        State::Skipped(_) => "was skipped",
        State::InDoubt(_) => "is in doubt",
        State::RolledBack => "was rolled back",
    };
    let text = match state {
        State::Done if what == "done" => format!("step {} is done already", step.name),
        _ => format!("step {} {is} and cannot be {what}", step.name),
    };
    Refusal::one(Rule::State, text)
}
