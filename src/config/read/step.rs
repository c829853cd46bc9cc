//! A step of a runbook: everything about it but its work.
//!
//! What a step does is in `work`, what it waits for in `gate`.

use super::Reading;
use super::gate::{About, gate};
use super::script::only;
use super::work::work;
use crate::config::moment;
use crate::config::names::Noun;
use crate::config::raw::runbook::{self as raw, Evidence};
use crate::config::spot::Spot;
use crate::config::words::{Planned, StepRef};
use crate::domain::catalogue::Tier;
use crate::domain::name::{RunbookName, StepName};
use crate::domain::operation::Direction;
use crate::domain::plan::{At, Escalate, Kind, Need, Question, Start, Step, Work};
use crate::domain::template;
use std::collections::BTreeMap;

/// What the names in braces stand for in one step.
#[derive(Clone, Debug)]
pub struct Texts {
    /// The runbook's variables.
    pub vars: BTreeMap<String, String>,
    /// The variables, and what the step names.
    all: BTreeMap<String, String>,
}

impl Texts {
    /// The texts of a step.
    pub fn of(vars: &BTreeMap<String, String>, raw: &raw::Step) -> Self {
        let named = [
            raw.service.as_ref().map(|name| ("service", name.to_string())),
            raw.environment.as_ref().map(|name| ("environment", name.to_string())),
            raw.verb.as_ref().map(|verb| ("verb", verb.to_string())),
        ];
        let named = named.into_iter().flatten().map(|(name, value)| (name.to_owned(), value));
        Self { vars: vars.clone(), all: vars.clone().into_iter().chain(named).collect() }
    }

    /// Fills a text; what nothing fills is noted.
    pub fn fill(&self, r: &mut Reading<'_>, text: &Spot<String>) -> String {
        let names: Vec<&str> = self.all.keys().map(String::as_str).collect();
        only(r, std::slice::from_ref(text), &names);
        template::filled(text, &self.all)
    }

    /// Fills the variables and leaves the rest to the backend.
    pub fn vars_only(&self, text: &str) -> String {
        template::filled(text, &self.vars)
    }
}

/// Reads a planned time; its form was checked.
pub fn planned(r: &mut Reading<'_>, raw: &Spot<Planned>) -> Option<At> {
    match moment::parse_at(&raw.0, &r.workspace.zone) {
        Ok(at) => Some(at),
        Err(wrong) => {
            r.mistake(&raw.at, wrong.what, wrong.help.unwrap_or_default());
            None
        }
    }
}

/// Resolves a step; none when its work cannot be, which was noted.
pub fn step(
    r: &mut Reading<'_>,
    runbook: &RunbookName,
    vars: &BTreeMap<String, String>,
    raw: &raw::Step,
) -> Option<Step> {
    let texts = Texts::of(vars, raw);
    let mut optional = |text: &Option<Spot<String>>| text.as_ref().map(|t| texts.fill(r, t)).unwrap_or_default();
    let (instructions, expect, undo) = (optional(&raw.instructions), optional(&raw.expect), optional(&raw.undo));
    let title = texts.fill(r, &raw.title);
    let owner = raw.owner.as_ref().map(|owner| r.name(Noun::Role, owner));
    let about = About {
        environment: raw.environment.as_ref().map(|environment| &environment.value),
        service: raw.service.as_ref().map(|service| &service.value),
        owner: owner.as_ref(),
    };
    named(r, raw);
    let work = work(r, raw, &texts, about);
    let gates = [&raw.gate, &raw.verify].map(|raw| raw.as_ref().map(|raw| gate(r, raw, about)));
    let [gate, verify] = gates;
    let times = [&raw.at, &raw.not_before, &raw.due].map(|at| at.as_ref().and_then(|at| planned(r, at)));
    let [at, not_before, due] = times;
    if let Some(point) = raw.point_of_no_return.as_ref().filter(|point| point.value && raw.owner.is_none()) {
        r.mistake(&point.at, "a point of no return without an owner", "name the role that decides to pass it");
    }
    r.once(&raw.needs.iter().map(|need| Spot { at: need.at.clone(), value: need.0.clone() }).collect::<Vec<_>>());
    let needs = raw.needs.iter().filter_map(|raw| need(r, runbook, raw)).collect();
    let escalate = raw.escalate.as_ref().map(|raw| Escalate { after: raw.after, to: r.name(Noun::Role, &raw.to) });
    let backup = raw.backup.as_ref().map(|backup| r.name(Noun::Role, backup));
    let work = work?;
    Some(Step {
        name: raw.id.value.clone(),
        title,
        kind: raw.kind,
        phase: raw.phase.clone(),
        stream: raw.stream.clone(),
        needs,
        backup,
        at,
        takes: raw.takes,
        not_before,
        due,
        escalate,
        instructions,
        expect,
        evidence: match &raw.evidence {
            Some(Evidence::Text(text)) => text.clone(),
            _ => String::new(),
        },
        undo,
        point_of_no_return: raw.point_of_no_return.as_ref().is_some_and(|point| point.value),
        start: raw.start.unwrap_or_else(|| usual_start(r, &work)),
        gate,
        verify,
        diagnose: raw.diagnose,
        branch: branch(r, runbook, raw, &work),
        may_skip: raw.may_skip.unwrap_or(raw.kind != Kind::Approval),
        owner,
        work,
    })
}

/// Looks up what the step is about where its work does not.
fn named(r: &mut Reading<'_>, raw: &raw::Step) {
    if matches!(raw.kind, Kind::Action | Kind::Command) || raw.argv.is_some() || raw.kind == Kind::Snapshot {
        return;
    }
    if let Some(service) = &raw.service {
        r.known(Noun::Service, service);
    }
    if let Some(environment) = &raw.environment {
        r.known(Noun::Environment, environment);
    }
}

/// A person starts what goes forward in production; the rest starts by itself.
fn usual_start(r: &Reading<'_>, work: &Work) -> Start {
    let Work::Do(op) = work else { return Start::Auto };
    let environment = op.environment.as_ref().and_then(|name| r.workspace.environments.get(name));
    let production = environment.is_some_and(|environment| environment.tier == Tier::Production);
    if production && op.direction() == Direction::Forward { Start::Person } else { Start::Auto }
}

/// Resolves what must be done before a step; none when there is no such step, which was noted.
pub fn need(r: &mut Reading<'_>, runbook: &RunbookName, raw: &Spot<StepRef>) -> Option<Need> {
    let Some((other, step)) = raw.0.split_once(':') else {
        let here = r.names.step(r.found, r.file, runbook.as_str(), &raw.0, &raw.at);
        return here.then(|| Need::Step(StepName::new(raw.0.clone())));
    };
    if other == runbook.as_str() {
        r.mistake(&raw.at, "this is the runbook itself", format!("write {step:?}"));
        return None;
    }
    let known = r.names.known(r.found, r.file, Noun::Runbook, other, &raw.at)
        && r.names.step(r.found, r.file, other, step, &raw.at);
    known.then(|| Need::Other(RunbookName::new(other), StepName::new(step)))
}

fn branch(r: &mut Reading<'_>, runbook: &RunbookName, raw: &raw::Step, work: &Work) -> Option<(StepName, String)> {
    let when = raw.when.as_ref()?;
    if matches!(work, Work::Ask(Question::Choice { .. })) && when.step.value == raw.id.value {
        r.mistake(&when.step.at, "a decision cannot depend on itself", "");
        return None;
    }
    let known = r.names.step(r.found, r.file, runbook.as_str(), when.step.as_str(), &when.step.at);
    known.then(|| (when.step.value.clone(), when.is.value.clone()))
}

/// Fills the title of a runbook.
pub fn title(r: &mut Reading<'_>, vars: &BTreeMap<String, String>, text: &Spot<String>) -> String {
    Texts { vars: vars.clone(), all: vars.clone() }.fill(r, text)
}
