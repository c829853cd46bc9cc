//! `runbooks/*.toml` resolved into plans: every name looked up, every operation
//! with its backend, every signal with its thresholds.
//!
//! Mistakes are said with their place; a runbook with mistakes gives no plan.

mod gate;
mod work;

use super::doc::Doc;
use super::raw::runbook as raw;
use super::tree::Step::{Index, Key};
use super::{graph, time};
use crate::domain::catalogue::Tier;
use crate::domain::name::{
    EnvironmentName, ReleaseName, RoleName, RunbookName, ServiceName, SignalName, StepName, TriggerName,
};
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::{At, Escalate, Kind, LeftOpen, Mode, Need, Plan, Start, Step};
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::trigger::{RollsBack, Trigger};
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;

type Path<'a> = [super::tree::Step<'a>];

/// Looks things up while a runbook is resolved.
struct Look<'a> {
    doc: &'a Doc,
    workspace: &'a Workspace,
    vars: &'a BTreeMap<String, String>,
    steps: Vec<&'a str>,
}

/// Resolves one runbook.
pub fn resolve(doc: &Doc, name: &str, file: &raw::File, workspace: &Workspace, runbooks: &[String]) -> Option<Plan> {
    let steps = file.steps.iter().map(|s| s.id.as_str()).collect();
    let look = Look { doc, workspace, vars: &file.vars, steps };
    doc.name(&[Key("title")], name, false);
    look.distinct();
    let release = file.release.as_ref().and_then(|r| look.release(r));
    let steps: Vec<Step> = file.steps.iter().enumerate().filter_map(|(n, step)| look.step(n, step, runbooks)).collect();
    if steps.len() != file.steps.len() {
        return None;
    }
    look.cycles(&steps);
    look.branches(&file.steps);
    let triggers: Vec<Trigger> = file.triggers.iter().enumerate().map(|(n, t)| look.trigger(n, t)).collect();
    let leaves_open = file.leaves_open.iter().enumerate().map(|(n, left)| look.left_open(n, left)).collect();
    let t0 = file.t0.as_ref().and_then(|text| time::instant(text).map_err(|why| doc.say(&[Key("t0")], why)).ok());
    let named = named_signals(&steps, &triggers);
    Some(Plan {
        runbook: RunbookName::new(name),
        title: look.filled(&[Key("title")], &file.title),
        mode: match file.mode {
            raw::Mode::Live => Mode::Live,
            raw::Mode::Rehearsal => Mode::Rehearsal,
        },
        bill: release.map(|r| r.bill.clone()).unwrap_or_default(),
        release: file.release.as_ref().map(ReleaseName::new),
        t0,
        signals: workspace.signals.values().filter(|s| named.contains(&s.name)).cloned().collect(),
        steps,
        triggers,
        reverts: None,
        leaves_open,
    })
}

fn named_signals(steps: &[Step], triggers: &[Trigger]) -> Vec<SignalName> {
    use crate::domain::plan::{Question, Work};
    let gates = steps.iter().flat_map(|s| s.gate.iter().chain(&s.verify)).flat_map(|g| g.signals());
    let watched = steps.iter().flat_map(|s| match &s.work {
        Work::Watch { gate, .. } => gate.signals(),
        Work::Ask(Question::Poll { evidence, .. }) => evidence.iter().collect(),
        _ => Vec::new(),
    });
    gates.chain(watched).chain(triggers.iter().flat_map(|t| &t.signals)).map(|at| at.signal.clone()).collect()
}

impl<'a> Look<'a> {
    fn distinct(&self) {
        for (n, id) in self.steps.iter().enumerate() {
            let at = [Key("steps"), Index(n), Key("id")];
            self.doc.name(&at, id, true);
            if self.steps.iter().take(n).any(|other| other == id) {
                self.doc.say(&at, format!("there is a step `{id}` already"));
            }
        }
    }

    fn release(&self, name: &str) -> Option<&'a crate::domain::release::Release> {
        let all = &self.workspace.calendar.releases;
        self.doc.refer(&[Key("release")], "release", name, all.iter().map(|r| r.name.as_str()));
        all.iter().find(|r| r.name.as_str() == name)
    }

    fn role(&self, path: &Path<'_>, name: &str) -> RoleName {
        self.doc.refer(path, "role", name, self.workspace.roles.keys().map(RoleName::as_str));
        RoleName::new(name)
    }

    fn step_name(&self, path: &Path<'_>, name: &str) -> StepName {
        self.doc.refer(path, "step", name, self.steps.iter().copied());
        StepName::new(name)
    }

    /// Fills `{name}` from the vars; what a backend fills is left as it is.
    fn filled(&self, path: &Path<'_>, text: &str) -> String {
        let later = ["service", "environment", "verb", "key", "to", "version", "weight"];
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let name = after
                .split_once('}')
                .map(|(name, _)| name)
                .filter(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)));
            match name {
                Some(name) => {
                    match self.vars.get(name) {
                        Some(value) => out.push_str(value),
                        None => {
                            if !later.contains(&name) {
                                let help = super::problem::suggest(name, self.vars.keys().map(String::as_str));
                                self.doc.say_with(path, format!("nothing fills `{{{name}}}`"), help);
                            }
                            out.push_str(&format!("{{{name}}}"));
                        }
                    }
                    rest = after.get(name.len() + 1..).unwrap_or("");
                }
                None => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn at(&self, path: &Path<'_>, text: Option<&String>) -> Option<At> {
        time::at(text?).map_err(|why| self.doc.say(path, why)).ok()
    }

    /// A signal by its name, in the step's environment or in the one it names.
    fn signal(&self, path: &Path<'_>, text: &str, environment: Option<&String>) -> Option<SignalAt> {
        let (name, place) = text.split_once('@').map_or((text, environment.map(String::as_str)), |(n, e)| (n, Some(e)));
        let signals = &self.workspace.signals;
        if !self.doc.refer(path, "signal", name, signals.keys().map(SignalName::as_str)) {
            return None;
        }
        let declared = signals.get(name)?;
        let known: Vec<_> = declared.environments.iter().map(EnvironmentName::as_str).collect();
        let place = match (place, known.as_slice()) {
            (Some(place), _) => place,
            (None, [only]) => only,
            (None, _) => {
                let what = format!("`{name}` is measured in several environments");
                self.doc.say_with(path, what, Some(format!("write {name}@{}", known.first().unwrap_or(&""))));
                return None;
            }
        };
        if !known.contains(&place) {
            let help = Some(format!("it is measured in {}", known.join(", ")));
            self.doc.say_with(path, format!("`{name}` is not measured in {place}"), help);
            return None;
        }
        Some(SignalAt { signal: SignalName::new(name), environment: EnvironmentName::new(place) })
    }

    fn signals(&self, path: &Path<'_>, texts: &[String], environment: Option<&String>) -> Vec<SignalAt> {
        let each = texts.iter().enumerate();
        each.filter_map(|(n, text)| self.signal(&[path, &[Index(n)]].concat(), text, environment)).collect()
    }

    fn step(&self, n: usize, raw: &raw::Step, runbooks: &[String]) -> Option<Step> {
        let path = |field| [Key("steps"), Index(n), Key(field)];
        let work = self.work(n, raw)?;
        let operation = match &work {
            crate::domain::plan::Work::Do(op) => Some(op),
            _ => None,
        };
        let start = match raw.start {
            Some(raw::Start::Auto) => Start::Auto,
            Some(raw::Start::Person) => Start::Person,
            None if operation.is_some_and(|op| self.forward_in_production(op)) => Start::Person,
            None => Start::Auto,
        };
        let environment = raw.environment.as_ref();
        let gate = |field, gate: &Option<raw::Gate>| gate.as_ref().map(|g| self.gate(&path(field), g, environment));
        let role = |field, name: &Option<String>| name.as_ref().map(|r| self.role(&path(field), r));
        if raw.point_of_no_return && raw.owner.is_none() {
            self.doc.say(&path("point_of_no_return"), "a point of no return needs an owner");
        }
        let evidence = match &raw.evidence {
            Some(raw::EvidenceKey::Words(text)) => text.clone(),
            _ => String::new(),
        };
        Some(Step {
            name: StepName::new(&raw.id),
            title: self.filled(&path("title"), &raw.title),
            kind: kind(raw.kind),
            phase: raw.phase.clone(),
            stream: raw.stream.clone(),
            needs: raw.needs.iter().enumerate().map(|(k, need)| self.need(n, k, need, runbooks)).collect(),
            owner: role("owner", &raw.owner),
            backup: role("backup", &raw.backup),
            at: self.at(&path("at"), raw.at.as_ref()),
            takes: self.doc.maybe_span(&path("takes"), raw.takes.as_ref()),
            not_before: self.at(&path("not_before"), raw.not_before.as_ref()),
            due: self.at(&path("due"), raw.due.as_ref()),
            escalate: raw.escalate.as_ref().and_then(|e| {
                let within = |field| [path("escalate").as_slice(), &[Key(field)]].concat();
                Some(Escalate {
                    after: self.doc.maybe_span(&within("after"), Some(&e.after))?,
                    to: self.role(&within("to"), &e.to),
                })
            }),
            instructions: self.filled(&path("instructions"), &raw.instructions),
            expect: self.filled(&path("expect"), &raw.expect),
            evidence,
            undo: raw.undo.clone(),
            point_of_no_return: raw.point_of_no_return,
            start,
            gate: gate("gate", &raw.gate),
            verify: gate("verify", &raw.verify),
            diagnose: self.doc.maybe_span(&path("diagnose"), raw.diagnose.as_ref()),
            branch: raw.when.as_ref().map(|when| {
                (self.step_name(&[path("when").as_slice(), &[Key("step")]].concat(), &when.step), when.is.clone())
            }),
            may_skip: raw.may_skip,
            work,
        })
    }

    fn need(&self, n: usize, k: usize, text: &str, runbooks: &[String]) -> Need {
        let path = [Key("steps"), Index(n), Key("needs"), Index(k)];
        match text.split_once(':') {
            Some((runbook, step)) => {
                self.doc.refer(&path, "runbook", runbook, runbooks.iter().map(String::as_str));
                Need::Other(RunbookName::new(runbook), StepName::new(step))
            }
            None => Need::Step(self.step_name(&path, text)),
        }
    }

    fn forward_in_production(&self, operation: &Operation) -> bool {
        let tier = operation.environment.as_ref().and_then(|e| self.workspace.environments.get(e)).map(|e| e.tier);
        operation.direction() == Direction::Forward && tier == Some(Tier::Production)
    }

    fn cycles(&self, steps: &[Step]) {
        let needs = |step: &'a str| {
            let found = steps.iter().find(|s| s.name.as_str() == step);
            let names = found.into_iter().flat_map(|s| &s.needs).filter_map(|need| match need {
                Need::Step(name) => self.steps.iter().copied().find(|s| *s == name.as_str()),
                Need::Other(..) => None,
            });
            names.collect::<Vec<_>>()
        };
        if let Some(cycle) = graph::cycle(self.steps.iter().map(|s| (*s, needs(s)))) {
            let first = self.steps.iter().position(|s| Some(s) == cycle.first()).unwrap_or(0);
            let what = format!("steps wait for each other for ever: {}", cycle.join(" needs "));
            self.doc.say(&[Key("steps"), Index(first), Key("needs")], what);
        }
    }

    /// A branch that its decision does not offer can never be reached.
    fn branches(&self, steps: &[raw::Step]) {
        for (n, step) in steps.iter().enumerate() {
            let Some(when) = &step.when else { continue };
            let Some(decision) = steps.iter().find(|s| s.id == when.step) else { continue };
            let path = [Key("steps"), Index(n), Key("when"), Key("is")];
            if decision.kind != raw::Kind::Decision {
                self.doc.say(&path, format!("step {} is no decision", when.step));
            } else {
                let offered = decision.branches.iter().map(String::as_str);
                self.doc.refer(&path, &format!("branch of decision {}", when.step), &when.is, offered);
            }
        }
    }

    fn trigger(&self, n: usize, raw: &raw::Trigger) -> Trigger {
        let path = |field| [Key("triggers"), Index(n), Key(field)];
        self.doc.name(&path("id"), &raw.id, true);
        let within = |field| [path("rolls_back").as_slice(), &[Key(field)]].concat();
        let rolls_back = match (&raw.rolls_back.service, &raw.rolls_back.environment, raw.rolls_back.set) {
            (None, None, true) => RollsBack::Set,
            (Some(service), Some(environment), false) => {
                let (services, places) = (&self.workspace.services, &self.workspace.environments);
                self.doc.refer(&within("service"), "service", service, services.keys().map(ServiceName::as_str));
                self.doc.refer(
                    &within("environment"),
                    "environment",
                    environment,
                    places.keys().map(EnvironmentName::as_str),
                );
                RollsBack::One(ServiceName::new(service), EnvironmentName::new(environment))
            }
            _ => {
                self.doc.say(&path("rolls_back"), "needs service and environment, or set = true");
                RollsBack::Set
            }
        };
        let signals = self.signals(&path("signals"), &raw.signals, raw.rolls_back.environment.as_ref());
        if let Some((k, _)) = signals
            .iter()
            .enumerate()
            .find(|(_, s)| self.workspace.signals.get(&s.signal).is_some_and(|d| d.fail.is_none()))
        {
            let what = "has no `fail` threshold and so can never trip it";
            self.doc.say(&[path("signals").as_slice(), &[Index(k)]].concat(), what);
        }
        Trigger {
            name: TriggerName::new(&raw.id),
            signals,
            from: self.step_name(&path("from"), &raw.from),
            until: raw.until.as_ref().map(|s| self.step_name(&path("until"), s)),
            rolls_back,
            countdown: self.doc.maybe_span(&path("countdown"), raw.countdown.as_ref()),
            postpone: self.doc.span(&path("postpone"), raw.postpone.as_ref(), Span::mins(2)),
            agreed_at: raw.agreed_at.as_ref().map(|s| self.step_name(&path("agreed_at"), s)),
        }
    }

    fn left_open(&self, n: usize, raw: &raw::LeftOpen) -> LeftOpen {
        let path = |field| [Key("leaves_open"), Index(n), Key(field)];
        LeftOpen {
            what: raw.what.clone(),
            owner: self.role(&path("owner"), &raw.owner),
            opened_by: self.step_name(&path("opened_by"), &raw.opened_by),
            closed_by: self.step_name(&path("closed_by"), &raw.closed_by),
        }
    }
}

fn kind(kind: raw::Kind) -> Kind {
    match kind {
        raw::Kind::Manual => Kind::Manual,
        raw::Kind::Command => Kind::Command,
        raw::Kind::Check => Kind::Check,
        raw::Kind::Action => Kind::Action,
        raw::Kind::Approval => Kind::Approval,
        raw::Kind::Hold => Kind::Hold,
        raw::Kind::Poll => Kind::Poll,
        raw::Kind::Soak => Kind::Soak,
        raw::Kind::Announce => Kind::Announce,
        raw::Kind::Snapshot => Kind::Snapshot,
        raw::Kind::RestorePoint => Kind::RestorePoint,
        raw::Kind::Decision => Kind::Decision,
        raw::Kind::Milestone => Kind::Milestone,
    }
}
