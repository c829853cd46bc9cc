//! What there is to do in a step: the file's kinds as the engine's four.
//!
//! The engine knows only Do, Watch, Ask and Mark; the file's words end here.

use super::Reading;
use super::gate::{About, gate, signals, slots};
use super::script::{only, positive, program};
use super::step::{Texts, planned};
use super::workspace::VERB_LIMIT;
use crate::config::names::Noun;
use crate::config::nearest;
use crate::config::raw::runbook::{self as raw, Evidence};
use crate::config::spot::Spot;
use crate::domain::backend::{BackendKind, Offer, Script};
use crate::domain::gate::Gate;
use crate::domain::name::{BackendName, EnvironmentName, RoleName, ServiceName};
use crate::domain::operation::{Operation, Verb};
use crate::domain::plan::{Kind, Question, Work};
use crate::domain::span::Span;
use crate::domain::template::{OF_OPERATION, placeholders};
use crate::domain::workspace::Purpose;
use std::collections::BTreeMap;

/// Resolves the work of a step; none when it cannot be, which was noted.
pub fn work(r: &mut Reading<'_>, raw: &raw::Step, texts: &Texts, about: About<'_>) -> Option<Work> {
    let ask = |question| Some(Work::Ask(question));
    let roles = raw.roles.as_deref().unwrap_or_default();
    match raw.kind {
        Kind::Manual => ask(Question::Done),
        Kind::Milestone => Some(Work::Mark),
        Kind::Command => run(r, raw, Verb::Run, texts).map(Work::Do),
        Kind::RestorePoint if raw.argv.is_none() => {
            without_argv(r, raw);
            ask(Question::Done)
        }
        // What saves something leads nowhere: no freeze and no hold stands in its way.
        Kind::RestorePoint => run(r, raw, Verb::Snapshot, texts).map(Work::Do),
        Kind::Snapshot if raw.argv.is_some() => run(r, raw, Verb::Snapshot, texts).map(Work::Do),
        Kind::Snapshot => {
            without_argv(r, raw);
            if raw.service.is_none() || raw.environment.is_none() {
                let help = "give it `argv`, or `service` and `environment` for their backend's verb `snapshot`";
                r.mistake(&raw.id.at, "what is to be saved?", help);
                return None;
            }
            operation(r, raw, Verb::Snapshot, &raw.id.at, texts).map(Work::Do)
        }
        Kind::Action => {
            let verb = raw.verb.as_ref()?;
            operation(r, raw, verb.value, &verb.at, texts).map(Work::Do)
        }
        Kind::Check => check(r, raw, about),
        Kind::Soak => {
            let watched = signals(r, raw.signals.as_deref().unwrap_or_default(), about.environment);
            let gate = Gate::Soak { signals: watched, hold_for: raw.hold_for.unwrap_or_default() };
            Some(Work::Watch { gate, limit: limit(r, raw) })
        }
        Kind::Approval => ask(Question::Approval(slots(r, raw.slots.as_deref().unwrap_or_default(), about.owner))),
        Kind::Hold => {
            let decide_by = raw.decide_by.as_ref().and_then(|at| planned(r, at));
            let roles_read = r.list(Noun::Role, roles);
            typed(r, roles, roles_read.len());
            ask(Question::Release { roles: roles_read, decide_by })
        }
        Kind::Poll => {
            let evidence = match &raw.evidence {
                Some(Evidence::Signals(evidence)) => signals(r, evidence, about.environment),
                _ => Vec::new(),
            };
            let closes = raw.closes.as_ref().map_or(Span::ZERO, |closes| positive(r, closes));
            typed(r, roles, 1);
            ask(Question::Poll { roles: r.list(Noun::Role, roles), evidence, closes })
        }
        Kind::Announce => {
            let text = raw.text.as_ref().map(|text| texts.fill(r, text)).unwrap_or_default();
            ask(Question::Announce { text, audience: raw.audience.clone().unwrap_or_default() })
        }
        Kind::Decision => {
            let branches = raw.branches.as_deref().unwrap_or_default();
            r.once(branches);
            ask(Question::Choice { branches: branches.iter().map(|branch| branch.value.clone()).collect() })
        }
    }
}

/// Notes what could never be answered: votes and hold points are typed, and this many of the roles take nothing typed.
fn typed(r: &mut Reading<'_>, roles: &[Spot<RoleName>], too_many: usize) {
    let workspace = r.workspace;
    let by_key = |name: &&Spot<RoleName>| {
        let role = workspace.roles.get(&name.value);
        workspace.purpose == Purpose::Real && role.is_some_and(|role| role.proof.by_key() && !role.spoken)
    };
    let signed: Vec<_> = roles.iter().filter(by_key).collect();
    if let Some(first) = signed.first().filter(|_| signed.len() >= too_many) {
        let what = format!("{} decides by signature, and this is answered by typing", first.value);
        r.mistake(&first.at, what, "name a role with proof = \"login\", or make it a step of kind `approval`");
    }
}

fn limit(r: &mut Reading<'_>, raw: &raw::Step) -> Option<Span> {
    raw.limit.as_ref().map(|limit| positive(r, limit))
}

/// Notes keys that mean nothing without a program.
fn without_argv(r: &mut Reading<'_>, raw: &raw::Step) {
    if let Some(backend) = &raw.backend {
        r.mistake(&backend.at, "`backend` runs a program, and the step has no `argv`", "add `argv`, or remove this");
    }
}

fn check(r: &mut Reading<'_>, raw: &raw::Step, about: About<'_>) -> Option<Work> {
    let gate = match (&raw.signals, &raw.condition) {
        (Some(watched), None) => Gate::Health(signals(r, watched, about.environment)),
        (None, Some(condition)) => gate(r, condition, about),
        (Some(_), Some(condition)) => {
            r.mistake(&condition.at, "it has both `signals` and `condition`", "put the signals in { health = […] }");
            return None;
        }
        (None, None) => {
            r.mistake(&raw.id.at, "what is to be checked?", "give it `signals`, or a gate as `condition`");
            return None;
        }
    };
    Some(Work::Watch { gate, limit: limit(r, raw) })
}

fn target(r: &mut Reading<'_>, raw: &raw::Step) -> (Option<ServiceName>, Option<EnvironmentName>) {
    (
        raw.service.as_ref().map(|service| r.name(Noun::Service, service)),
        raw.environment.as_ref().map(|environment| r.name(Noun::Environment, environment)),
    )
}

/// The operation of a program that the runbook names.
fn run(r: &mut Reading<'_>, raw: &raw::Step, verb: Verb, texts: &Texts) -> Option<Operation> {
    let backend = command_backend(r, raw);
    let (service, environment) = target(r, raw);
    let argv = raw.argv.as_deref().unwrap_or_default();
    let args = args(r, raw, texts);
    let fills: Vec<&str> = ["verb", "key"]
        .into_iter()
        .chain(service.as_ref().map(|_| "service"))
        .chain(environment.as_ref().map(|_| "environment"))
        .chain(texts.vars.keys().map(String::as_str).filter(|name| !OF_OPERATION.contains(name)))
        .chain(args.keys().map(String::as_str))
        .collect();
    program(r, argv);
    only(r, argv, &fills);
    Some(Operation {
        backend: backend?,
        verb,
        service,
        environment,
        argv: argv.iter().map(|word| texts.vars_only(word)).collect(),
        args,
        limit: limit(r, raw).unwrap_or(VERB_LIMIT),
        idempotent: raw.idempotent.unwrap_or(false),
    })
}

/// The command backend that a step names, or the only one.
fn command_backend(r: &mut Reading<'_>, raw: &raw::Step) -> Option<BackendName> {
    let workspace = r.workspace;
    let all: Vec<&BackendName> =
        workspace.backends.values().filter(|spec| spec.kind.runs()).map(|spec| &spec.name).collect();
    let listed = || all.iter().map(|name| name.as_str());
    if let Some(named) = &raw.backend {
        let name = r.name(Noun::Backend, named);
        if workspace.backends.contains_key(&name) && !all.contains(&&name) {
            let help = nearest::help(name.as_str(), "those that do", listed()).unwrap_or_default();
            r.mistake(&named.at, format!("the backend {:?} runs no programs", name.as_str()), help);
        }
        return Some(name);
    }
    let at = raw.argv.as_ref().and_then(|argv| argv.first()).map_or(raw.id.at.clone(), |word| word.at.clone());
    match all.as_slice() {
        [only] => return Some((*only).clone()),
        // The file that declares them had mistakes of its own.
        [] if workspace.backends.is_empty() => {}
        [] => r.mistake(&at, "no backend runs programs", "declare one of kind `command` in holdpoint.toml"),
        _ => {
            let help = format!("add backend = one of {}", listed().collect::<Vec<_>>().join(", "));
            r.mistake(&at, "which backend runs it? there are several of kind `command`", help);
        }
    }
    None
}

/// The arguments of a step, filled; what names nothing is noted.
fn args(r: &mut Reading<'_>, raw: &raw::Step, texts: &Texts) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, value) in &raw.args.0 {
        if OF_OPERATION.contains(&name.0.as_str()) {
            let what = format!("{{{}}} is filled by the operation itself", name.0);
            r.mistake(&name.at, what, "choose another name for the argument");
        }
        all.insert(name.0.clone(), texts.fill(r, value));
    }
    all
}

/// The operation of a verb that the service's backend has.
fn operation(
    r: &mut Reading<'_>,
    raw: &raw::Step,
    verb: Verb,
    at: &std::ops::Range<usize>,
    texts: &Texts,
) -> Option<Operation> {
    let (service, environment) = target(r, raw);
    let args = args(r, raw, texts);
    let workspace = r.workspace;
    let (service, environment) = (service?, environment?);
    let backend = match &raw.backend {
        Some(named) => workspace.backends.get_key_value(&r.name(Noun::Backend, named))?.0,
        None => match workspace.done_elsewhere(&service, &environment, verb) {
            Some(only) => only,
            None => deployer(r, &service, &environment, raw.environment.as_ref()?)?,
        },
    };
    let kind = &workspace.backends.get(backend)?.kind;
    let offer = declared(r, kind, backend, verb, at)?;
    if verb == Verb::Mend && matches!(kind, BackendKind::Kubernetes(_)) {
        let help = "ask for it by hand, when `holdpoint drift` has shown what differs: it prints the line";
        r.mistake(at, "what differs is not known when a runbook is written, so that no step can mend it", help);
    }
    if let Some(script) = offer.script {
        arguments(r, raw, script, &args, at);
    }
    Some(Operation {
        backend: backend.clone(),
        verb,
        service: Some(service),
        environment: Some(environment),
        args,
        argv: Vec::new(),
        limit: limit(r, raw).unwrap_or(offer.limit),
        idempotent: offer.idempotent,
    })
}

/// The backend that deploys a service somewhere; notes that there is none.
pub fn deployer<'a>(
    r: &mut Reading<'a>,
    service: &ServiceName,
    environment: &EnvironmentName,
    place: &Spot<EnvironmentName>,
) -> Option<&'a BackendName> {
    let workspace = r.workspace;
    let declared = workspace.services.get(service)?;
    let by = declared.deployed_by.get(environment);
    if by.is_none() && workspace.environments.contains_key(environment) {
        let where_else = declared.deployed_by.keys().map(EnvironmentName::as_str).collect::<Vec<_>>().join(", ");
        let help = match where_else.is_empty() {
            true => format!("say in services.toml: [services.{service}] deployed_by = {{ {environment} = \"…\" }}"),
            false => format!("deployed_by in services.toml names {where_else}"),
        };
        r.mistake(&place.at, format!("no backend deploys {service} in {environment}"), help);
    }
    by
}

/// What a backend offers by a verb; notes that it does not. One that deploys nothing has been noted
/// where the service names it.
pub fn declared<'a>(
    r: &mut Reading<'_>,
    kind: &'a BackendKind,
    backend: &BackendName,
    verb: Verb,
    at: &std::ops::Range<usize>,
) -> Option<Offer<'a>> {
    let offer = kind.offer(verb);
    if offer.is_none() && kind.deploys() {
        let help = nearest::help(verb.word(), "its verbs are", kind.verbs().map(Verb::word));
        let declare = || match kind {
            BackendKind::Plugin(_) => format!("grant it act:{verb}"),
            _ => format!("declare [backends.{backend}.verbs.{verb}]"),
        };
        r.mistake(at, format!("the backend {backend} cannot {verb}"), help.unwrap_or_else(declare));
    }
    offer
}

/// Notes arguments that the script needs and does not get, or gets and never uses.
fn arguments(
    r: &mut Reading<'_>,
    raw: &raw::Step,
    script: &Script,
    args: &BTreeMap<String, String>,
    at: &std::ops::Range<usize>,
) {
    let used: Vec<&str> = script.argv.iter().flat_map(|word| placeholders(word)).collect();
    for name in &used {
        if !OF_OPERATION.contains(name) && !args.contains_key(*name) {
            let help = format!("add args = {{ {name} = \"…\" }}");
            r.mistake(at, format!("the script needs {{{name}}}, and the step gives no such argument"), help);
        }
    }
    for (name, _) in raw.args.0.iter().filter(|(name, _)| !used.contains(&name.0.as_str())) {
        let help = nearest::help(&name.0, "the script takes", used.iter().copied()).unwrap_or_default();
        r.warning(&name.at, format!("the script has no {{{}}}; the argument goes nowhere", name.0), &help);
    }
}
