//! Rehearsals: where runs are rehearsed, and each runbook as it is rehearsed there.
//!
//! A rehearsal must reach nothing of the real thing. A runbook of which that cannot be told from the files is not
//! rehearsed, and why is kept for whoever wants to; it is no mistake of the file.

use super::Reading;
use super::runbook::runbook;
use crate::config::findings::Findings;
use crate::config::names::Noun;
use crate::config::raw::runbook::{Evidence, Gate, RunbookFile, Step};
use crate::config::raw::workspace::{Rehearsal, WorkspaceFile};
use crate::config::spot::Spot;
use crate::config::words::SignalRef;
use crate::domain::catalogue::Tier;
use crate::domain::name::{EnvironmentName, RunbookName};
use crate::domain::operation::Operation;
use crate::domain::plan::{Mode, Plan};
use crate::domain::rehearsal::Stage;
use crate::domain::workspace::Purpose;
use std::collections::BTreeMap;

/// Reads where runs are rehearsed.
pub fn stage(r: &mut Reading<'_>, file: &WorkspaceFile, raw: &Rehearsal) -> Stage {
    let real = |name: &EnvironmentName| {
        file.environments.0.iter().any(|(other, raw)| other.value == *name && raw.tier == Tier::Production)
    };
    let mut environments = BTreeMap::new();
    for (name, stand_in) in &raw.environments.0 {
        r.known(Noun::Environment, name);
        let elsewhere = |other: &EnvironmentName, to: &EnvironmentName| *other == stand_in.value && other != to;
        if r.known(Noun::Environment, stand_in) && real(stand_in) {
            let help = "a rehearsal never goes to production; name another environment, or its true tier";
            r.mistake(&stand_in.at, format!("{} is production", stand_in.value), help);
        } else if raw.environments.0.iter().any(|(other, to)| elsewhere(&other.value, &to.value)) {
            let help = "what stands for another is where it ends";
            r.mistake(&stand_in.at, format!("{} is itself rehearsed elsewhere", stand_in.value), help);
        }
        environments.insert(name.value.clone(), stand_in.value.clone());
    }
    Stage { environments, shared: r.list(Noun::Backend, &raw.shared).into_iter().collect() }
}

/// A runbook as it is rehearsed.
///
/// # Errors
/// Why it cannot be.
pub fn rehearsal(r: &Reading<'_>, raw: &RunbookFile, real: &Plan) -> Result<Plan, String> {
    let stage = match (&r.workspace.stage, r.workspace.purpose) {
        (Some(stage), _) => stage.clone(),
        // There all of it is for rehearsals.
        (None, Purpose::Rehearsal | Purpose::Demo) => return Ok(rehearsing(real.clone(), real)),
        (None, Purpose::Real) => {
            return Err("`[rehearsal]` of holdpoint.toml does not say where runs are rehearsed".to_owned());
        }
    };
    let (mut found, staged) = (Findings::default(), staged(raw, &stage));
    let mut own = Reading { file: r.file, names: r.names, workspace: r.workspace, found: &mut found };
    let plan = runbook(&mut own, &RunbookName::new(real.runbook.as_str()), &staged);
    let (problems, _) = found.finish(None);
    if let Some(problem) = problems.0.first() {
        return Err(format!("as it is rehearsed, {}:{}: {}", problem.file, problem.line, problem.what));
    }
    for step in &plan.steps {
        if let Some(operation) = step.operation() {
            harmless(&stage, operation).map_err(|why| format!("step {}: {why}", step.name))?;
        }
    }
    Ok(rehearsing(plan, real))
}

fn rehearsing(plan: Plan, real: &Plan) -> Plan {
    let title = format!("REHEARSAL of {}", plan.title);
    Plan { title, mode: Mode::Rehearsal, rehearses: Some(real.rehearsable()), ..plan }
}

/// Whether an operation reaches nothing of the real thing.
fn harmless(stage: &Stage, operation: &Operation) -> Result<(), String> {
    let Some(environment) = &operation.environment else {
        let shared = stage.shared.contains(&operation.backend);
        let help = "give the step an environment, or name the backend in `shared` of `[rehearsal]`";
        return if shared { Ok(()) } else { Err(format!("{} does it in no environment; {help}", operation.backend)) };
    };
    if !stage.environments.values().any(|stand_in| stand_in == environment) {
        return Err(format!("nothing stands for {environment} in `[rehearsal.environments]`"));
    }
    let texts = || operation.args.values().chain(&operation.argv);
    let away = stage.environments.iter().filter(|(name, stand_in)| name != stand_in).map(|(name, _)| name);
    match away.into_iter().find(|name| texts().any(|text| names(text, name.as_str()))) {
        Some(name) => Err(format!("its arguments name {name}, which would be reached; write {{environment}}")),
        None => Ok(()),
    }
}

/// Whether a text has a name in it as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + name.len()..));
        !before.is_some_and(|text| text.ends_with(part)) && !after.is_some_and(|text| text.starts_with(part))
    })
}

/// The file with what stands for each environment in its place.
fn staged(raw: &RunbookFile, stage: &Stage) -> RunbookFile {
    let mut raw = raw.clone();
    for step in &mut raw.steps {
        self::step(&mut step.value, stage);
    }
    for trigger in &mut raw.triggers {
        signals(&mut trigger.signals, stage);
        place(&mut trigger.rolls_back.value.environment, stage);
    }
    raw
}

fn step(step: &mut Step, stage: &Stage) {
    place(&mut step.environment, stage);
    step.signals.iter_mut().for_each(|all| signals(all, stage));
    let gates = [&mut step.gate, &mut step.verify, &mut step.condition];
    gates.into_iter().flatten().for_each(|found| gate(&mut found.value, stage));
    if let Some(Evidence::Signals(all)) = &mut step.evidence {
        signals(all, stage);
    }
}

fn gate(raw: &mut Gate, stage: &Stage) {
    for part in raw.all.iter_mut().chain(&mut raw.any).flatten() {
        gate(&mut part.value, stage);
    }
    let soak = raw.soak.iter_mut().map(|soak| &mut soak.signals);
    raw.health.iter_mut().chain(&mut raw.versions).chain(soak).for_each(|all| signals(all, stage));
}

fn place(environment: &mut Option<Spot<EnvironmentName>>, stage: &Stage) {
    if let Some(named) = environment
        && let Some(stand_in) = stage.environments.get(&named.value)
    {
        named.value.clone_from(stand_in);
    }
}

fn signals(all: &mut [Spot<SignalRef>], stage: &Stage) {
    for signal in all {
        if let Some((name, place)) = signal.value.0.split_once('@')
            && let Some(stand_in) = stage.environments.get(&EnvironmentName::new(place))
        {
            signal.value = SignalRef(format!("{name}@{stand_in}"));
        }
    }
}
