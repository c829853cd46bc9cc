//! One thing done without a runbook: an ordinary run of a planned runbook of one step.
//!
//! What the verb takes is looked up here, before anything is written down. Preview, verb, key
//! and dialog use this one plan; it goes the way that every step goes.

use super::ledger::Ledger;
use super::run::{Run, State};
use super::{Given, consent};
use crate::domain::backend::{BackendKind, Offer};
use crate::domain::catalogue::Confirmation;
use crate::domain::name::{BackendName, EnvironmentName, RunbookName, ServiceName, StepName};
use crate::domain::observed::Quality;
use crate::domain::one_off::OneOff;
use crate::domain::operation::{Operation, Verb};
use crate::domain::parameter::{Parameters, workload};
use crate::domain::plan::{Kind, Mode, Plan, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::register::Register;
use crate::domain::verdict::{Reason, Rule};
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;

/// What the name of such a runbook begins with: no file's name has a blank in it.
const PREFIX: &str = "do ";

/// Whether a plan was made of one thing, and is no runbook's.
pub fn is(plan: &Plan) -> bool {
    plan.runbook.as_str().starts_with(PREFIX)
}

/// All runs, the newest first; what was done without a runbook stands behind every other.
pub fn newest_first(ledger: &Ledger) -> impl Iterator<Item = &Run> + Clone {
    let runs = |one_off: bool| ledger.runs.values().rev().filter(move |run| is(&run.plan) == one_off);
    runs(false).chain(runs(true))
}

/// The name of its runbook, by which an ended run makes room for the next.
///
/// The run that brought what the place has now must not be the one that goes: were this one to fail, the
/// way back would lead past it. So there are two names, and the other one is taken then.
fn named(given: &Given<'_>, what: &OneOff) -> RunbookName {
    let OneOff { verb, service, environment, .. } = what;
    let name = RunbookName::new(format!("{PREFIX}{verb} {service} {environment}"));
    let standing = given.ledger.changed_by(service, environment).filter(|run| run.plan.runbook == name);
    standing.map_or(name, |run| RunbookName::new(format!("{}, again", run.plan.runbook)))
}

/// Why a run of one thing is over because that failed for certain, or was never sent; none for any other.
pub fn failed(run: &Run) -> Option<String> {
    let mut steps = run.steps.iter().filter(|_| is(&run.plan));
    steps.find_map(|(name, step)| match &step.state {
        State::Failed(why) => Some(format!("{name} failed: {why}")),
        // What was agreed to, or asked for, was the try that came to nothing.
        State::Pending if step.attempt > 0 => Some(format!("{name} was not sent; ask for it anew")),
        _ => None,
    })
}

/// Whether a verb may be asked for by hand: a way back is planned by its own rules, and a script has no place.
pub fn askable(verb: Verb) -> bool {
    !matches!(verb, Verb::RollBack | Verb::Run)
}

/// The verbs that may be asked for there, each with what it takes.
pub fn offered(workspace: &Workspace, service: &ServiceName, environment: &EnvironmentName) -> Vec<(Verb, Parameters)> {
    let all = Verb::ALL.into_iter().filter(|verb| askable(*verb));
    all.filter_map(|verb| Some((verb, found(workspace, service, environment, verb)?.takes))).collect()
}

/// What does a verb somewhere, and how.
struct Found<'a> {
    backend: &'a BackendName,
    kind: &'a BackendKind,
    offer: Offer<'a>,
    takes: Parameters,
}

/// What does a verb there; none where nothing does.
fn found<'a>(
    workspace: &'a Workspace,
    service: &ServiceName,
    environment: &EnvironmentName,
    verb: Verb,
) -> Option<Found<'a>> {
    let declared = workspace.services.get(service)?;
    let deployer = declared.deployed_by.get(environment);
    let backend = workspace.done_elsewhere(service, environment, verb).or(deployer)?;
    let scope = declared.scopes.get(environment).map(String::as_str);
    let kind = &workspace.backends.get(backend)?.kind;
    let takes = Parameters::of(kind, scope.filter(|_| deployer == Some(backend)), verb)?;
    Some(Found { backend, kind, offer: kind.offer(verb)?, takes })
}

/// Whether an operation leaves out what would be measured or waited for on the way.
pub fn leaves_out(operation: &Operation) -> bool {
    let how = operation.args.get("how").map(String::as_str);
    operation.verb == Verb::Promote && matches!(how, Some("skip" | "full"))
}

/// How much a person is asked for it: what leaves checks out is never done on a key alone.
pub fn asks(given: &Given<'_>, operation: &Operation) -> Confirmation {
    let least = if leaves_out(operation) { Confirmation::Challenge } else { Confirmation::None };
    consent::needed(given, operation).max(least)
}

/// What is typed to agree to it: the environment's name, after that of the service where checks are left out.
pub fn typed(operation: &Operation) -> String {
    let Some((service, environment)) = operation.target() else { return String::new() };
    if leaves_out(operation) { format!("{service}@{environment}") } else { environment.to_string() }
}

/// The plan of one thing.
///
/// # Errors
/// Every reason why it cannot be asked for there, with what can be.
pub fn plan(given: &Given<'_>, what: &OneOff) -> Result<Plan, Refusal> {
    let OneOff { verb, service, environment, .. } = what;
    let refused = |reasons| Refusal { reasons, held: false };
    let found = found(given.workspace, service, environment, *verb).filter(|_| askable(*verb));
    let found = found.ok_or_else(|| refused(vec![not_offered(given.workspace, what)]))?;
    let wrong = wrong(what, &found);
    if !wrong.is_empty() {
        return Err(refused(wrong));
    }
    let operation = Operation {
        backend: found.backend.clone(),
        verb: *verb,
        service: Some(service.clone()),
        environment: Some(environment.clone()),
        args: resolved(given, what, found.kind).map_err(|reason| refused(vec![reason]))?,
        argv: Vec::new(),
        limit: found.offer.limit,
        idempotent: found.offer.idempotent,
    };
    let title = operation.to_string();
    let mut step = Step::plain(Kind::Action, title.clone(), Work::Do(operation));
    step.name = StepName::new(verb.word());
    step.undo = undo(given.workspace, what);
    Ok(Plan {
        runbook: named(given, what),
        title,
        mode: Mode::default(),
        rehearses: None,
        release: None,
        bill: Vec::new(),
        t0: None,
        steps: vec![step],
        triggers: Vec::new(),
        signals: Vec::new(),
        reverts: None,
        leaves_open: Vec::new(),
        register: Register::default(),
    })
}

/// That a verb is not to be had there, and what is.
fn not_offered(workspace: &Workspace, what: &OneOff) -> Reason {
    let OneOff { verb, service, environment, .. } = what;
    let all = offered(workspace, service, environment);
    let all: Vec<_> = all.iter().map(|(verb, takes)| with(*verb, takes)).collect();
    let deployer = workspace.services.get(service).and_then(|declared| declared.deployed_by.get(environment));
    let text = match (verb, deployer) {
        (Verb::RollBack, Some(_)) => {
            format!("the way back is `holdpoint rollback {service} --env {environment} --reason WHY`")
        }
        (_, None) if all.is_empty() => format!("no backend deploys {service} in {environment}"),
        _ if all.is_empty() => format!("nothing can be asked for {service} in {environment}"),
        (_, Some(backend)) => {
            format!("{backend} offers no {verb} for {service} in {environment}; it offers {}", all.join("; "))
        }
        (_, None) => format!("no {verb} is offered for {service} in {environment}; there are {}", all.join("; ")),
    };
    Reason::new(Rule::Capability, text)
}

/// A verb with what it takes: `scale replicas=N`.
pub fn with(verb: Verb, takes: &Parameters) -> String {
    let each = takes.each().iter();
    let each = each.map(|p| if p.needed { format!(" {}", p.written()) } else { format!(" [{}]", p.written()) });
    format!("{verb}{}", each.collect::<String>())
}

/// What is wrong with the arguments: all of it at once.
fn wrong(what: &OneOff, Found { kind, takes, .. }: &Found<'_>) -> Vec<Reason> {
    let Parameters::These(known) = takes else { return Vec::new() };
    let verb = what.verb;
    let find = |name: &String| known.iter().find(|p| p.means(name));
    let lists = || match known.is_empty() {
        true => "it takes none".to_owned(),
        false => format!("it takes {}", known.iter().map(|p| p.written()).collect::<Vec<_>>().join(", ")),
    };
    let given = what.args.iter().filter_map(|(name, value)| match find(name) {
        None => Some(format!("{verb} takes no argument {name}; {}", lists())),
        Some(parameter) => parameter.wrong(value),
    });
    let missing = known.iter().filter(|p| p.needed && !what.args.contains_key(p.name.as_ref()));
    let missing = missing.map(|p| format!("{verb} needs {}", p.written()));
    let together = together(what, kind);
    given.chain(missing).chain(together).map(|text| Reason::new(Rule::Capability, text)).collect()
}

/// What is wrong with arguments that are right each alone: one would be ignored, or one of two is needed.
fn together(what: &OneOff, kind: &BackendKind) -> Option<String> {
    let (verb, has) = (what.verb, |name: &str| what.args.contains_key(name));
    let how = what.args.get("how").map(String::as_str);
    match (kind, verb) {
        (BackendKind::Kubernetes(_), Verb::Promote) if how == Some("full") => {
            let odd = ["step", "weight", "gate"].into_iter().find(|name| has(name))?;
            Some(format!("how=full goes all the way, and takes no {odd}; leave one of them out"))
        }
        (BackendKind::Kubernetes(_), Verb::Resume) if has("version") && how.is_none() => {
            Some("resume takes a version only with how=retry".to_owned())
        }
        (BackendKind::Alertmanager(_), _) if !has("duration") && !has("end") => {
            Some(format!("{verb} needs duration=30m, or end=now"))
        }
        _ => None,
    }
}

/// The arguments as they are sent. Of a rollout the step that it is at is looked up now, so that what
/// is agreed to names it, and a second press of the same dialog does nothing.
fn resolved(given: &Given<'_>, what: &OneOff, kind: &BackendKind) -> Result<BTreeMap<String, String>, Reason> {
    let (placed, mut args) = ((what.service.clone(), what.environment.clone()), what.args.clone());
    let scope = given.workspace.services.get(&placed.0).and_then(|declared| declared.scopes.get(&placed.1));
    let how = args.get("how").map(String::as_str);
    let asked = what.verb == Verb::Promote && matches!(how, Some("step" | "skip"));
    let asked = asked && matches!(kind, BackendKind::Kubernetes(_));
    if !asked || scope.is_none_or(|scope| workload(scope) != "rollout") {
        return Ok(args);
    }
    let one = how == Some("step");
    if one && args.contains_key("weight") {
        let text = "how=step leaves the step that it is at; leave out how, or weight".to_owned();
        return Err(Reason::new(Rule::Capability, text));
    }
    if !args.contains_key("step") {
        let seen = given.observed.deployment(&placed).filter(|seen| seen.quality(given.now) != Quality::Lost);
        let step = seen.and_then(|seen| seen.value.stages.as_ref()?.step);
        let Some((step, _)) = step else {
            let text = format!("which step {} in {} is at is not known; name it with step=N", placed.0, placed.1);
            return Err(Reason::new(Rule::Evidence, text));
        };
        args.insert("step".to_owned(), step.to_string());
    }
    if one {
        args.remove("how");
    }
    Ok(args)
}

/// How it is taken back, in words; empty where that is not one word.
fn undo(workspace: &Workspace, what: &OneOff) -> String {
    let OneOff { verb, service, environment, .. } = what;
    let offers = |verb: Verb| found(workspace, service, environment, verb).map(|found| found.takes);
    let again = |verb: &str| format!("holdpoint do {verb} {service} --env {environment}");
    let retries = || offers(Verb::Resume).is_some_and(|takes| takes.takes("how", "retry"));
    match verb {
        Verb::Pause if offers(Verb::Resume).is_some() => again("resume"),
        Verb::Resume if offers(Verb::Pause).is_some() && !what.args.contains_key("how") => again("pause"),
        Verb::Abort if retries() => format!("{} how=retry", again("resume")),
        // What is mended without another version is put back by hand.
        Verb::Mend if !what.args.contains_key("version") => String::new(),
        Verb::Deploy | Verb::Mend | Verb::Promote | Verb::Shift if offers(Verb::RollBack).is_some() => {
            format!("holdpoint rollback {service} --env {environment}")
        }
        _ => String::new(),
    }
}
