//! May this step start now? Every reason at once, and when it opens.
//!
//! Judged again in the line that starts the step: nothing is checked first and
//! used later. A rollback is never held by a window or a hold, and by a freeze
//! only where its file says so.

use super::run::{Phase, Run, State};
use super::{Given, calendar, capability, clocks, gate, policy, rules};
use crate::domain::Timestamp;
use crate::domain::fact::Evidence;
use crate::domain::name::StepName;
use crate::domain::operation::Direction;
use crate::domain::plan::{Need, Question, Step, Work};
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use std::collections::BTreeSet;

/// A judgement with the readings it rests on.
pub struct Readiness {
    /// Pass when the step may start.
    pub verdict: Verdict,
    /// The readings that its gate looked at.
    pub evidence: Vec<Evidence>,
}

/// Judges whether a step may start, apart from consent and authority.
pub fn judge(given: &Given<'_>, run: &Run, step: &Step) -> Readiness {
    let mut parts = vec![life(run, step)];
    parts.extend(step.needs.iter().map(|need| needs(given, run, step, need)));
    parts.push(branch(run, step));
    parts.push(time(given, run, step));
    if !run.takes_back() {
        parts.push(holds(given, run, step));
    }
    // Of a rollback only what leads back is judged, by freezes and rules that say they stop that too.
    if !run.takes_back() || step.operation().is_some_and(|op| op.direction() == Direction::Back) {
        parts.push(dates(given, run, step));
        parts.push(policy::of_step(given, run, step));
    }
    parts.push(able(given, step));
    parts.push(busy(given, step));
    let (gate, evidence) = match &step.gate {
        Some(gate) => gate::judge(given, run, step, gate, gate::Since::ready(run, step)),
        None => (Verdict::pass(), Vec::new()),
    };
    parts.push(gate);
    Readiness { verdict: Verdict::all(parts), evidence }
}

/// Whether everything that the step needs is done, so that only gates, holds
/// and people stand between it and its start.
pub fn needs_met(given: &Given<'_>, run: &Run, step: &Step) -> bool {
    step.needs.iter().all(|need| needs(given, run, step, need).passes()) && branch(run, step).passes()
}

/// From when a step's gate counts: when the last thing it needs was done, or the
/// driver or its evidence last changed; the run's start when it needs nothing.
pub fn ready_at(run: &Run, step: &Step) -> Timestamp {
    let ended = step.needs.iter().filter_map(|need| match need {
        Need::Step(name) => run.steps.get(name)?.ended,
        Need::Other(..) => None,
    });
    let conn = run.conn.as_ref().map(|c| c.since);
    let restarted = run.steps.get(&step.name).and_then(|s| s.soak_from.filter(|_| s.state == State::Pending));
    ended.chain([run.started]).chain(conn).chain(restarted).max().unwrap_or(run.started)
}

fn life(run: &Run, step: &Step) -> Verdict {
    let fail = |text: String| Verdict::new(Level::Fail, Reason::new(Rule::State, text));
    match &run.phase {
        Phase::Live => {}
        Phase::Parked(why) => {
            let reason = Reason::new(Rule::State, format!("run {} is parked: {why}", run.id));
            return Verdict::new(Level::Hold, reason);
        }
        Phase::Completed(_) => return fail(format!("run {} is completed", run.id)),
        Phase::Aborted(..) => return fail(format!("run {} was aborted", run.id)),
    }
    match run.state(&step.name) {
        State::Pending => Verdict::pass(),
        State::Failed(_) | State::Partly(..) => fail(format!("step {} failed; retry it", step.name)),
        State::InDoubt(_) => fail(format!("step {} is in doubt; probe or resolve it", step.name)),
        State::Running | State::Verifying => fail(format!("step {} is already running", step.name)),
        State::Done | State::Skipped(_) | State::RolledBack => fail(format!("step {} has ended", step.name)),
    }
}

fn needs(given: &Given<'_>, run: &Run, step: &Step, need: &Need) -> Verdict {
    let state = match need {
        Need::Step(name) => Some(run.state(name)),
        Need::Other(runbook, name) => {
            let newest = given.ledger.runs.values().rfind(|r| r.plan.runbook == *runbook);
            newest.map(|r| r.state(name))
        }
    };
    if state.is_some_and(State::satisfied) {
        return Verdict::pass();
    }
    if matches!((&step.work, need), (Work::Ask(Question::Choice { .. }), Need::Step(name)) if over(run, name)) {
        return Verdict::pass();
    }
    if let Some(text) = lost_evidence(run, need) {
        return Verdict::new(Level::Warn, Reason::new(Rule::Needs, text));
    }
    let what = match need {
        Need::Step(name) => format!("needs step {name}"),
        Need::Other(runbook, name) => format!("needs step {name} of {runbook}"),
    };
    Verdict::new(Level::Hold, Reason::new(Rule::Needs, what))
}

/// Whether a step has come to its end for whoever decides how things ended: it is done, or
/// taken back, or can never be reached, because something that it needs was taken back.
fn over(run: &Run, name: &StepName) -> bool {
    let ahead = |state: &State| *state == State::Pending || state.failed();
    if !ahead(run.state(name)) {
        return run.state(name).ended();
    }
    let (mut next, mut found) = (vec![name], BTreeSet::from([name]));
    while let Some(name) = next.pop() {
        for need in run.plan.step(name).into_iter().flat_map(|step| &step.needs) {
            let Need::Step(before) = need else { continue };
            match run.state(before) {
                State::RolledBack => return true,
                state if ahead(state) && found.insert(before) => next.push(before),
                _ => {}
            }
        }
    }
    false
}

/// Saving evidence comes before the way back, and never stops it: what could not
/// be saved, or may not have been, is lost.
fn lost_evidence(run: &Run, need: &Need) -> Option<String> {
    let Need::Step(name) = need else { return None };
    let state = Some(run.state(name)).filter(|s| s.failed() || matches!(s, State::InDoubt(_)))?;
    let aside = run.takes_back()
        && run.plan.step(name).and_then(Step::operation).is_some_and(|op| op.direction() == Direction::Aside);
    aside.then(|| {
        let how = match state {
            State::Partly(..) => "saved in part",
            state if state.failed() => "not saved",
            _ => "in doubt",
        };
        format!("step {name}: the evidence may be lost, it is {how}")
    })
}

fn branch(run: &Run, step: &Step) -> Verdict {
    let Some((decision, wanted)) = &step.branch else { return Verdict::pass() };
    match run.steps.get(decision).and_then(|s| s.chosen.as_ref()) {
        Some(chosen) if chosen == wanted => Verdict::pass(),
        Some(chosen) => {
            let text = format!("decision {decision} chose {chosen}, not {wanted}");
            Verdict::new(Level::Fail, Reason::new(Rule::State, text))
        }
        None => Verdict::new(Level::Hold, Reason::new(Rule::Needs, format!("needs decision {decision}"))),
    }
}

fn time(given: &Given<'_>, run: &Run, step: &Step) -> Verdict {
    match step.not_before.map(|at| at.resolve(run.t0)) {
        Some(at) if given.now < at => {
            let text = format!("not before {}", at.format("%H:%M:%SZ"));
            Verdict::new(Level::Hold, Reason::until(Rule::Time, text, Some(at)))
        }
        _ => Verdict::pass(),
    }
}

fn holds(given: &Given<'_>, run: &Run, step: &Step) -> Verdict {
    let holds = given.ledger.holds.values().filter(|h| h.stops(run.id, &step.name, step.operation()));
    Verdict::all(holds.map(|hold| {
        let what = if hold.lock { "lock" } else { "hold" };
        let over = hold.until.filter(|until| given.now >= *until);
        let over = over.map(|until| format!(", PAST ITS TIME since {}", until.format("%H:%M:%SZ"))).unwrap_or_default();
        let text = format!("{what} {} on {} by {}: {}{over}", hold.id, hold.scope, hold.by, hold.reason);
        Verdict::new(Level::Hold, Reason::new(Rule::Hold, text))
    }))
}

/// Freezes and windows are judged for every forward operation with a target.
fn dates(given: &Given<'_>, run: &Run, step: &Step) -> Verdict {
    let Some(operation) = step.operation() else { return Verdict::pass() };
    if operation.environment.is_none() || operation.direction() == Direction::Aside {
        return Verdict::pass();
    }
    let ask = calendar::Question::of(operation).within(run.id);
    reopening(given, ask, rules::may(given, ask, given.now))
}

/// When the reasons of now have gone, others may have come: a freeze that ends
/// outside the window. Then the verdict says when it really opens.
fn reopening(given: &Given<'_>, ask: calendar::Question<'_>, verdict: Verdict) -> Verdict {
    let Some(first) = verdict.opens().filter(|_| verdict.level == Level::Hold) else { return verdict };
    let opens = rules::opens(given, ask, first);
    if opens == Some(first) {
        return verdict;
    }
    let later = ask.backend.and_then(|by| clocks::later(given, ask, by, &verdict));
    if let Some(later) = later.filter(|later| later.opens() == opens) {
        return Verdict::all([verdict, later]);
    }
    let text = match opens {
        Some(_) => "and is then closed by another rule of the calendar",
        None if rules::may(given, ask, first).level == Level::Unknown => "and whether it is open then is not known",
        None => "and nothing in the calendar opens it after that",
    };
    let reason = Reason::until(Rule::Window, text, opens);
    Verdict::all([verdict, Verdict::new(Level::Hold, reason)])
}

fn able(given: &Given<'_>, step: &Step) -> Verdict {
    let asked = step.operation().map_or(Ok(()), |operation| capability::able(given, operation));
    asked.err().map_or_else(Verdict::pass, |reason| Verdict::new(Level::Fail, reason))
}

fn busy(given: &Given<'_>, step: &Step) -> Verdict {
    match step.operation().and_then(|op| given.ledger.busy(op)) {
        Some(sent) => {
            let text = format!(
                "run {} step {} is at work there: {} (#{})",
                sent.intent.run, sent.intent.step, sent.intent.operation, sent.seq
            );
            Verdict::new(Level::Hold, Reason::new(Rule::Busy, text))
        }
        None => Verdict::pass(),
    }
}
