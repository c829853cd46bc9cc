//! The plan of a scenario, as its file has it: steps and triggers in few words.

use super::Scenario;
use crate::{ground, seen, words};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{At, Escalate, Kind, Plan, Question, Start, Step, Work};
use holdpoint::domain::trigger::{RollsBack, Trigger};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    id: String,
    r#do: Option<String>,
    ask: Option<String>,
    watch: Option<String>,
    #[serde(default)]
    mark: bool,
    limit: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    start: Option<Start>,
    gate: Option<String>,
    verify: Option<String>,
    owner: Option<String>,
    backup: Option<String>,
    not_before: Option<String>,
    due: Option<String>,
    takes: Option<String>,
    at: Option<String>,
    #[serde(default)]
    no_return: bool,
    escalate: Option<Escalate>,
    diagnose: Option<String>,
    branch: Option<(String, String)>,
    may_skip: Option<bool>,
    #[serde(default)]
    idempotent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTrigger {
    id: String,
    signals: Vec<String>,
    from: String,
    until: Option<String>,
    back: String,
    countdown: Option<String>,
}

/// The plan of a day.
pub(super) fn plan(scenario: &Scenario) -> Plan {
    let mut plan = ground::plan("day", scenario.step.iter().map(step).collect());
    plan.triggers = scenario.trigger.iter().map(trigger).collect();
    plan.leaves_open.clone_from(&scenario.leaves_open);
    plan.signals
        .extend(seen::signals().into_iter().filter(|signal| scenario.derived.contains(&signal.name.to_string())));
    plan
}

fn step(planned: &PlannedStep) -> Step {
    let needs: Vec<_> = planned.needs.iter().map(String::as_str).collect();
    let (kind, work) = work(planned);
    let mut step = ground::step(&planned.id, kind, &needs, work);
    step.start = planned.start.unwrap_or(Start::Auto);
    step.gate = planned.gate.as_deref().map(words::gate);
    step.verify = planned.verify.as_deref().map(words::gate);
    step.owner = planned.owner.as_deref().map(Into::into);
    step.backup = planned.backup.as_deref().map(Into::into);
    step.takes = planned.takes.as_deref().map(ground::span);
    step.diagnose = planned.diagnose.as_deref().map(ground::span);
    step.escalate.clone_from(&planned.escalate);
    let offset = |t: &String| At::Offset(ground::span(t).as_millis() as i64);
    step.not_before = planned.not_before.as_ref().map(offset);
    step.due = planned.due.as_ref().map(offset);
    step.at = planned.at.as_ref().map(offset);
    step.point_of_no_return = planned.no_return;
    step.branch = planned.branch.as_ref().map(|(s, b)| (s.as_str().into(), b.clone()));
    step.may_skip = planned.may_skip.unwrap_or(true);
    step
}

fn work(planned: &PlannedStep) -> (Kind, Work) {
    if let Some(text) = &planned.r#do {
        let parts: Vec<_> = text.split_whitespace().collect();
        let verb = Verb::ALL.into_iter().find(|v| v.word() == parts[0]).unwrap_or_else(|| panic!("no verb: {text}"));
        let mut op = ground::operation(verb, parts[1], parts[2]);
        op.args = parts[3..].iter().filter_map(|p| p.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        op.idempotent = planned.idempotent;
        return (Kind::Action, Work::Do(op));
    }
    if let Some(text) = &planned.watch {
        let limit = planned.limit.as_deref().map(ground::span);
        return (Kind::Soak, Work::Watch { gate: words::gate(text), limit });
    }
    if planned.mark {
        return (Kind::Milestone, Work::Mark);
    }
    let text = planned.ask.as_deref().unwrap_or("done");
    let mut parts = text.split_whitespace();
    let roles = |list: &str| list.split(',').map(Into::into).collect::<Vec<_>>();
    let (kind, question) = match parts.next().unwrap_or_default() {
        "done" => (Kind::Manual, Question::Done),
        "approval" => (Kind::Approval, Question::Approval(parts.map(words::slot).collect())),
        "release" => {
            let roles = roles(parts.next().unwrap());
            let decide_by = parts.next().map(|t| At::Offset(ground::span(t).as_millis() as i64));
            (Kind::Hold, Question::Release { roles, decide_by })
        }
        "poll" => {
            let roles = roles(parts.next().unwrap());
            let closes = ground::span(parts.next().unwrap());
            (Kind::Poll, Question::Poll { roles, closes, evidence: parts.map(ground::signal_at).collect() })
        }
        "choice" => (Kind::Decision, Question::Choice { branches: parts.map(str::to_owned).collect() }),
        other => panic!("no question: {other}"),
    };
    (kind, Work::Ask(question))
}

fn trigger(planned: &PlannedTrigger) -> Trigger {
    let rolls_back = match planned.back.split_once(' ') {
        Some((service, environment)) => RollsBack::One(service.into(), environment.into()),
        None => RollsBack::Set,
    };
    Trigger {
        name: planned.id.as_str().into(),
        signals: planned.signals.iter().map(|s| ground::signal_at(s)).collect(),
        from: planned.from.as_str().into(),
        until: planned.until.as_deref().map(Into::into),
        rolls_back,
        countdown: planned.countdown.as_deref().map(ground::span),
        postpone: ground::span("2m"),
        agreed_at: None,
    }
}
