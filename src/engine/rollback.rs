//! Rollbacks: an ordinary run of a planned runbook that takes another back.
//!
//! Evidence first, then the way back in reverse dependency order, then what the
//! catalogue says must follow. Preview, verb, key and trigger use this one plan.

use super::Given;
use super::before::{before, coming};
use super::ledger::Ledger;
use super::owner::{self, Pause};
use super::run::{Phase, Run};
use crate::domain::backend::Offer;
use crate::domain::catalogue::{AfterRollback, Service, roll_back};
use crate::domain::gate::Gate;
use crate::domain::hold::{Hold, Scope};
use crate::domain::name::{BackendName, EnvironmentName, PersonName, RunId, RunbookName, ServiceName, StepName};
use crate::domain::observed::{Placed, Quality};
use crate::domain::operation::{Direction, Operation, Verb};
use crate::domain::plan::{Kind, Need, Plan, Question, Step, Work};
use crate::domain::refusal::Refusal;
use crate::domain::register::Register;
use crate::domain::session::SessionId;
use crate::domain::signal::{Query, Rollout, Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::{Reason, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// How long the signals may take to become well again after a rollback.
const VALIDATE: Span = Span::mins(5);

/// What traffic that was shifted returns to, in words.
pub(super) const TRAFFIC: &str = "the traffic it had";

/// One thing to take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The version it has, if that is known.
    pub from: Option<String>,
    /// The version it gets; [`TRAFFIC`] where it keeps the one that it has.
    pub to: String,
    /// The weights that its traffic returns to first, where it was shifted; empty where they are not known.
    pub weights: Option<String>,
    /// Whether the version goes back too.
    pub version: bool,
}

/// What a rollback takes back, in the order it does: dependents before what they need.
pub fn targets(given: &Given<'_>, run: Option<&Run>, what: &RollsBack, to: Option<&str>) -> Result<Vec<Back>, Refusal> {
    let pairs: Vec<(ServiceName, EnvironmentName)> = match (what, run) {
        (RollsBack::One(service, environment), _) => vec![(service.clone(), environment.clone())],
        (RollsBack::Set, Some(run)) => changed(given, run),
        (RollsBack::Set, None) => Vec::new(),
    };
    if pairs.is_empty() {
        return Err(Refusal::one(Rule::State, "nothing has been changed that could be taken back"));
    }
    let mut reasons = Vec::new();
    let mut back = Vec::new();
    for (service, environment) in pairs {
        if let Some(by) = run.filter(|_| to.is_none()).and_then(|r| taken_back(r, &service, &environment)) {
            let text = format!("run {by} has taken back {service} in {environment}; name a version with --to");
            reasons.push(Reason::new(Rule::State, text));
            continue;
        }
        let seen = given.observed.deployment(&(service.clone(), environment.clone()));
        let seen = seen.filter(|s| s.quality(given.now) != Quality::Lost).map(|s| s.value);
        let from = seen.map(|d| d.candidate.clone().unwrap_or_else(|| d.version.clone()));
        let stands = || run.into_iter().flat_map(|run| run.standing(&service, &environment));
        let mut under_way = run.into_iter().flat_map(|run| shifts(given, run));
        let under_way = under_way.any(|pair| pair == (&service, &environment));
        let weights = stands().find_map(|change| change.weights.clone()).or(under_way.then(String::new));
        let comes = coming(given).any(|(sent, _)| {
            run.is_some_and(|run| sent.intent.run == run.id)
                && sent.intent.operation.target() == Some((&service, &environment))
        });
        let stays = weights.is_some() && !comes && stands().all(|change| change.weights.is_some());
        let version = to.is_some() || !stays;
        let known = run.and_then(|r| r.previous(&service, &environment)).cloned();
        let to = match to.map(str::to_owned).or(known) {
            Some(to) => Ok(to),
            None if !version => Ok(TRAFFIC.to_owned()),
            None => before(given, &service, &environment, seen.map(|d| &**d)).map(str::to_owned),
        };
        match to {
            Ok(to) => back.push(Back { service, environment, from, to, weights, version }),
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() { Ok(back) } else { Err(Refusal { reasons, held: true }) }
}

/// Everything a run has changed or may have, dependents first, the latest change first among equals.
pub(super) fn changed(given: &Given<'_>, run: &Run) -> Vec<(ServiceName, EnvironmentName)> {
    let mut pairs: Vec<(ServiceName, EnvironmentName)> = Vec::new();
    let own = coming(given).filter(|(sent, ..)| sent.intent.run == run.id);
    let own = own.filter_map(|(sent, _)| sent.intent.operation.target()).map(|(s, e)| (s.clone(), e.clone()));
    let own = own.chain(shifts(given, run).map(|(service, environment)| (service.clone(), environment.clone())));
    let changes = run.changed.iter().rev().filter(|c| c.taken_back.is_none());
    for pair in own.chain(changes.map(|change| (change.service.clone(), change.environment.clone()))) {
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    let below: BTreeMap<_, _> = pairs.iter().map(|(service, _)| (service.clone(), below(given, service))).collect();
    // What stands on more stands above: a service has all that is below its needs, and them.
    pairs.sort_by_key(|(service, _)| std::cmp::Reverse(below.get(service).map_or(0, BTreeSet::len)));
    pairs
}

/// Where a run is shifting traffic now, or may have.
fn shifts<'a>(given: &Given<'a>, run: &Run) -> impl Iterator<Item = (&'a ServiceName, &'a EnvironmentName)> + use<'a> {
    let (id, open) = (run.id, given.ledger.sent.values().filter(|sent| sent.open()));
    let mine = open.filter(move |sent| sent.intent.run == id && sent.intent.operation.verb == Verb::Shift);
    mine.filter_map(|sent| sent.intent.operation.target())
}

/// Every service that this one stands on, near and far.
fn below<'a>(given: &Given<'a>, service: &ServiceName) -> BTreeSet<&'a ServiceName> {
    let needs = |name: &ServiceName| given.workspace.services.get(name).map_or([].as_slice(), |s| &s.depends_on);
    let mut ahead: Vec<&ServiceName> = needs(service).iter().collect();
    let mut found = BTreeSet::new();
    while let Some(name) = ahead.pop() {
        if found.insert(name) {
            ahead.extend(needs(name));
        }
    }
    found
}

/// The run that has taken a change of this run back, when none of it stands.
fn taken_back(run: &Run, service: &ServiceName, environment: &EnvironmentName) -> Option<RunId> {
    run.taken_back(&RollsBack::One(service.clone(), environment.clone()))
}

/// The plan of a rollback.
pub fn plan(given: &Given<'_>, run: Option<&Run>, what: &RollsBack, to: Option<&str>) -> Result<Plan, Refusal> {
    let back = targets(given, run, what, to)?;
    let mut signals = Vec::new();
    let mut reasons = Vec::new();
    let mut parts = Vec::new();
    for one in &back {
        match steps_of(given, one, &mut signals) {
            Ok(part) => parts.push((one, part)),
            Err(reason) => reasons.push(reason),
        }
    }
    if !reasons.is_empty() {
        return Err(Refusal { reasons, held: false });
    }
    let steps = in_order(given, owner::pauses(given, &back), parts);
    let names: Vec<_> = back.iter().map(|b| format!("{} {} to {}", b.service, b.environment, b.to)).collect();
    Ok(Plan {
        runbook: RunbookName::new("rollback"),
        title: format!("Roll back {}", names.join(", ")),
        mode: run.map(|r| r.plan.mode).unwrap_or_default(),
        rehearses: None,
        release: run.and_then(|r| r.plan.release.clone()),
        bill: Vec::new(),
        t0: None,
        steps,
        triggers: Vec::new(),
        signals,
        reverts: run.map(|r| r.id),
        leaves_open: Vec::new(),
        register: Register::default(),
    })
}

/// What would be sent to take back all that the live runs have changed which a session drives; nothing of a run
/// that cannot be taken back, or is being.
pub fn operations(given: &Given<'_>, me: SessionId) -> Vec<Operation> {
    let plans = driven(given, me).filter_map(|run| plan(given, Some(run), &RollsBack::Set, None).ok());
    let sent = plans.flat_map(|plan| plan.steps).filter_map(|step| step.operation().cloned());
    sent.filter(|operation| operation.direction() == Direction::Back).collect()
}

/// The live runs that a session drives and that nothing takes back.
pub(super) fn driven<'a>(given: &Given<'a>, me: SessionId) -> impl Iterator<Item = &'a Run> + use<'a> {
    let ledger = given.ledger;
    ledger.runs.values().filter(move |run| asked(ledger, run, me))
}

/// Whether it is asked for a session how open the way back of a run is: it lives, the session drives it, and
/// nothing takes it back.
pub fn asked(ledger: &Ledger, run: &Run, me: SessionId) -> bool {
    let mut live = ledger.runs.values().filter(|run| !run.ended());
    let free = !run.takes_back() && live.all(|back| back.plan.reverts != Some(run.id));
    matches!(run.phase, Phase::Live) && !run.ended() && ledger.driver(run) == Some(me) && free
}

/// What keeps later promotions off what is taken back: a lock on each target
/// that has none, and for a whole run a hold on what it would still bring.
pub fn locks(
    given: &Given<'_>,
    run: Option<&Run>,
    what: &RollsBack,
    back: &[Back],
    by: &PersonName,
    symptom: &str,
) -> Vec<Hold> {
    let whole = run.filter(|r| *what == RollsBack::Set && !r.ended());
    let whole = whole.map(|r| (Scope::Run(r.id), format!("is being rolled back: {symptom}"), false));
    let targets = back.iter().map(|one| {
        let scope = Scope::Target(one.service.clone(), one.environment.clone());
        (scope, format!("rolled back to {}: {symptom}", one.to), true)
    });
    // What holds them would bring back what they go back from.
    let taken = |by: &Placed| back.iter().any(|one| (&one.service, &one.environment) == (&by.0, &by.1));
    let holders = owner::pauses(given, back).into_iter().map(|pause| pause.by).filter(|by| !taken(by));
    let holders = holders.map(|(service, environment)| {
        (Scope::Target(service, environment), format!("holds what is rolled back: {symptom}"), true)
    });
    let held = |scope: &Scope, lock: bool| given.ledger.holds.values().any(|h| h.scope == *scope && h.lock == lock);
    let new = targets.chain(holders).chain(whole).filter(|(scope, _, lock)| !held(scope, *lock));
    let hold =
        |(id, (scope, reason, lock))| Hold { id, scope, by: by.clone(), since: given.now, reason, lock, until: None };
    (given.ledger.last_hold + 1..).zip(new).map(hold).collect()
}

/// The steps for one target: what takes it back, and what follows from that.
struct Part {
    back: Vec<Step>,
    then: Vec<Step>,
}

/// Names and orders the steps: first what would undo a way back is stopped; then every
/// way back, each after those of the
/// services that stand on it and otherwise side by side; then, for each target
/// on its own, what shows that it is well and what must be put right. Nothing
/// that a person does by hand stands before the next way back.
fn in_order(given: &Given<'_>, pauses: Vec<Pause>, parts: Vec<(&Back, Part)>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let stopped: Vec<_> = pauses.into_iter().map(|p| (push(&mut steps, p.step, Vec::new()), p.of)).collect();
    let mut last: Vec<(&Back, StepName, Vec<Step>)> = Vec::new();
    for (one, part) in parts {
        let stands_on_it = |other: &Back| below(given, &other.service).contains(&one.service);
        let mut needs: Vec<_> = last.iter().filter(|(b, ..)| stands_on_it(b)).map(|(_, n, _)| n.clone()).collect();
        let holds = |of: &[Placed]| of.iter().any(|(s, e)| (s, e) == (&one.service, &one.environment));
        for step in part.back {
            // Evidence waits for nobody who could undo what comes after it.
            if step.operation().is_some_and(|op| op.verb == Verb::RollBack) {
                needs.extend(stopped.iter().filter(|(_, of)| holds(of)).map(|(name, _)| name.clone()));
            }
            needs = vec![push(&mut steps, step, needs)];
        }
        last.extend(needs.pop().map(|name| (one, name, part.then)));
    }
    for (_, name, then) in last {
        then.into_iter().fold(name, |before, step| push(&mut steps, step, vec![before]));
    }
    steps
}

fn push(steps: &mut Vec<Step>, step: Step, needs: Vec<StepName>) -> StepName {
    let name = StepName::new(format!("R{}", steps.len() + 1));
    steps.push(Step { name: name.clone(), needs: needs.into_iter().map(Need::Step).collect(), ..step });
    name
}

fn steps_of(given: &Given<'_>, one: &Back, signals: &mut Vec<Signal>) -> Result<Part, Reason> {
    let Back { service, environment, to, .. } = one;
    let missing = |text: String| Reason::new(Rule::Capability, text);
    let declared = given.workspace.services.get(service);
    let backend = declared.and_then(|s| s.deployed_by.get(environment));
    let backend = backend.ok_or_else(|| missing(format!("no backend deploys {service} in {environment}")))?;
    let offer = offer(given, backend, Verb::RollBack);
    if offer.is_none() && one.version {
        return Err(missing(format!("{backend} cannot roll back")));
    }

    let (mut back, mut then) = (Vec::new(), Vec::new());
    // Traffic leaves at once, and takes no pod with it that evidence is saved of.
    if let Some(weights) = &one.weights {
        match traffic(given, one, backend, weights) {
            step if step.kind == Kind::Manual && one.version => then.push(step),
            step => back.push(step),
        }
    }
    if let Some(save) = self::offer(given, backend, Verb::Snapshot) {
        let mut op = roll_back(backend, service, environment, to, save.limit);
        (op.verb, op.args) = (Verb::Snapshot, Default::default());
        back.push(Step::plain(Kind::Snapshot, format!("Save evidence of {service} {environment}"), Work::Do(op)));
    }
    if let Some(offer) = offer.filter(|_| one.version) {
        let op = roll_back(backend, service, environment, to, offer.limit);
        let title = match one.from.as_deref() {
            Some(from) if from == to => format!("Roll back {service} {environment} to {to}, which it says it has"),
            from => format!("Roll back {service} {environment} from {} to {to}", from.unwrap_or("what it has")),
        };
        back.push(Step::plain(Kind::Action, title, Work::Do(op)));
    }
    let watched = watched(given, service, environment);
    if !watched.is_empty() {
        let health: Vec<_> =
            watched.iter().map(|s| SignalAt { signal: s.name.clone(), environment: environment.clone() }).collect();
        signals.extend(
            watched.into_iter().filter(|s| !signals.iter().any(|t| t.name == s.name)).cloned().collect::<Vec<_>>(),
        );
        let work = Work::Watch { gate: Gate::Health(health), limit: Some(VALIDATE) };
        then.push(Step::plain(Kind::Check, format!("{service} {environment} is well again"), work));
    }
    then.extend(declared.into_iter().flat_map(|s| after(given, s, one, backend)));
    Ok(Part { back, then })
}

/// What gives traffic back: the weights before or, where they are not known, whatever giving it up means there; by
/// hand where the backend does not.
fn traffic(given: &Given<'_>, one: &Back, backend: &BackendName, weights: &str) -> Step {
    let Back { service, environment, .. } = one;
    let Some(offer) = offer(given, backend, Verb::Abort) else {
        let title = format!("Give {service} {environment} back {TRAFFIC}, by hand: {backend} cannot");
        return Step::plain(Kind::Manual, title, Work::Ask(Question::Done));
    };
    let mut op = roll_back(backend, service, environment, weights, offer.limit);
    op.verb = Verb::Abort;
    op.args.retain(|_, weights| !weights.is_empty());
    let title = match weights {
        "" => format!("Take the traffic of {service} {environment} off what is new"),
        _ => format!("Give {service} {environment} back {TRAFFIC}"),
    };
    // Where the version goes back too, that does not wait for it for ever.
    Step { may_skip: one.version, ..Step::plain(Kind::Action, title, Work::Do(op)) }
}

fn after<'a>(
    given: &'a Given<'_>,
    service: &'a Service,
    one: &'a Back,
    backend: &'a BackendName,
) -> impl Iterator<Item = Step> + 'a {
    service.after_rollback.iter().map(move |after: &AfterRollback| {
        let title = format!("{} ({})", after.title, one.environment);
        if after.argv.is_empty() {
            return Step { owner: after.owner.clone(), ..Step::plain(Kind::Manual, title, Work::Ask(Question::Done)) };
        }
        let runs = given.workspace.backends.get(backend).is_some_and(|declared| declared.kind.runs());
        let backend = if runs { backend.clone() } else { BackendName::new("files") };
        let op = Operation {
            backend,
            verb: Verb::Run,
            service: Some(one.service.clone()),
            environment: Some(one.environment.clone()),
            args: [("to".to_owned(), one.to.clone())].into(),
            argv: after.argv.clone(),
            limit: after.limit,
            idempotent: false,
        };
        Step::plain(Kind::Command, title, Work::Do(op))
    })
}

fn watched<'a>(given: &Given<'a>, service: &ServiceName, environment: &EnvironmentName) -> Vec<&'a Signal> {
    let all = given.workspace.signals.values();
    // What lags would keep a rollback open that has long done its work.
    let now = all.filter(|s| s.fail.is_some() && !s.query.lags());
    // Where no instance is wanted, or none is counted, no share of them will ever be ready.
    let live = given.observed.deployment(&(service.clone(), environment.clone()));
    let counts = live.is_none_or(|live| live.value.wanted.is_some_and(|wanted| wanted > 0));
    let now = now.filter(move |s| counts || !matches!(s.query, Query::Rollout { of: Rollout::Ready }));
    now.filter(|s| s.service == *service && s.environments.contains(environment)).collect()
}

pub(super) fn offer<'a>(given: &Given<'a>, backend: &BackendName, verb: Verb) -> Option<Offer<'a>> {
    given.workspace.backends.get(backend)?.kind.offer(verb)
}

/// The number that the next run gets.
pub fn next_run(given: &Given<'_>) -> RunId {
    RunId(given.ledger.last_run + 1)
}
