//! A workspace and a run of any size, and a model that knows them: what screens
//! are drawn from in tests and measured with in benches.

use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::backend::{BackendKind, BackendSpec, CommandSpec, Script};
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::catalogue::{Confirmation, Environment, Service, Tier};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::entry::{By, Entry};
use holdpoint::domain::fact::{FORMAT, Fact};
use holdpoint::domain::journal_id::JournalId;
use holdpoint::domain::name::{EnvironmentName, RunId, ServiceName};
use holdpoint::domain::observed::{Deployment, Observation, Stamped};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::person::{Person, Proof, Role};
use holdpoint::domain::plan::{At, Kind, Need, Plan, Question, Start, Step, Work};
use holdpoint::domain::series::Reading;
use holdpoint::domain::session::{Origin, SessionId};
use holdpoint::domain::signal::{Bad, Query, Signal, SignalAt, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::{Given, Ledger, advance};
use holdpoint::runtime::input::{Opened, Update};
use holdpoint::tui::model::Model;
use std::sync::Arc;

/// The session that sits at the screens.
pub const ME: SessionId = SessionId(2);

/// The instant at which everything begins.
pub fn start() -> DateTime<Utc> {
    "2026-11-21T02:00:00Z".parse().unwrap()
}

/// `services` times `environments` places, one signal for every tenth service,
/// one window that is open and one freeze to come.
pub fn workspace(services: usize, environments: usize) -> Workspace {
    let places: Vec<EnvironmentName> = (0..environments).map(|n| format!("place-{n:02}").as_str().into()).collect();
    let names: Vec<ServiceName> = (0..services).map(|n| format!("svc-{n:03}").as_str().into()).collect();
    let event = |name: &str, kind, from: i64, hours: i64| Event {
        name: name.to_owned(),
        kind,
        title: name.to_owned(),
        services: vec![],
        environments: vec![],
        stops_rollback: false,
        contact: String::new(),
        waived_by: vec![],
        occurrences: vec![(start() + TimeDelta::hours(from), start() + TimeDelta::hours(from + hours))],
    };
    let mut workspace = Workspace {
        id: "w".to_owned(),
        name: "ground".to_owned(),
        zone: "Europe/Paris".to_owned(),
        environments: places.iter().map(|e| (e.clone(), environment(e))).collect(),
        services: names.iter().map(|s| (s.clone(), service(s, &places))).collect(),
        people: ["ana", "bo"].map(|p| (p.into(), person(p))).into(),
        roles: [("ops".into(), role("ops"))].into(),
        signals: names.iter().step_by(10).map(|s| signal(s, &places)).map(|s| (s.name.clone(), s)).collect(),
        ..Workspace::default()
    };
    workspace.calendar.events =
        vec![event("night window", EventKind::Window, -1, 4), event("Q4 close", EventKind::Freeze, 48, 24)];
    workspace.runbooks = [("train".into(), plan(30))].into();
    workspace
}

fn environment(name: &EnvironmentName) -> Environment {
    let (title, region, zone) = (name.to_string(), String::new(), "Europe/Paris".to_owned());
    let (tier, confirm) = (Tier::Production, Confirmation::Challenge);
    Environment { name: name.clone(), title, tier, region, zone, confirm, accent: None, cohort: None }
}

fn service(name: &ServiceName, places: &[EnvironmentName]) -> Service {
    Service {
        name: name.clone(),
        title: name.to_string(),
        owner: None,
        tier: 1,
        data: vec![],
        regions: vec![],
        depends_on: vec![],
        contacts: vec![],
        links: Default::default(),
        deployed_by: places.iter().map(|e| (e.clone(), "sh".into())).collect(),
        scopes: Default::default(),
        after_rollback: vec![],
        rto: None,
        back_within: None,
        reversible: Default::default(),
    }
}

fn person(name: &str) -> Person {
    let contacts = vec!["+46 70 555 0101".to_owned()];
    Person {
        name: name.into(),
        title: name.to_owned(),
        accounts: holdpoint::domain::person::Accounts::default(),
        contacts,
    }
}

fn role(name: &str) -> Role {
    let people = vec!["ana".into(), "bo".into()];
    Role {
        name: name.into(),
        title: name.to_owned(),
        people,
        proof: Proof::Claimed,
        spoken: true,
        rollback: true,
        contacts: vec![],
    }
}

fn signal(service: &ServiceName, places: &[EnvironmentName]) -> Signal {
    Signal {
        name: format!("errors-{service}").as_str().into(),
        title: "failed requests".to_owned(),
        service: service.clone(),
        environments: places.to_vec(),
        source: "sh".into(),
        query: Query::Tcp { address: "x:1".to_owned() },
        unit: Unit::Ratio,
        bad: Bad::Above,
        warn: None,
        fail: Some(0.05),
        hold_for: Span::secs(10),
        min_events: 10,
        every: Span::secs(5),
    }
}

/// A plan of so many steps, each after the one before: manual ones, every fourth an operation.
pub fn plan(steps: usize) -> Plan {
    let step = |n: usize| {
        let op = Operation {
            backend: "sh".into(),
            verb: Verb::Deploy,
            service: Some("svc-000".into()),
            environment: Some("place-00".into()),
            args: [("version".to_owned(), "4.2.0".to_owned())].into(),
            argv: vec![],
            limit: Span::mins(1),
            idempotent: false,
        };
        let sends = n.is_multiple_of(4);
        let work = if sends { Work::Do(op) } else { Work::Ask(Question::Done) };
        let kind = if sends { Kind::Action } else { Kind::Manual };
        Step {
            name: n.to_string().as_str().into(),
            title: format!("Shift the traffic of part {n} to the new version"),
            kind,
            phase: String::new(),
            stream: String::new(),
            needs: (n > 1).then(|| Need::Step((n - 1).to_string().as_str().into())).into_iter().collect(),
            owner: Some("ops".into()),
            backup: None,
            at: Some(At::Offset(i64::try_from(n).unwrap() * 60_000)),
            takes: Some(Span::mins(1)),
            not_before: None,
            due: None,
            escalate: None,
            instructions: "Do it by the book, and look twice.".to_owned(),
            expect: String::new(),
            evidence: String::new(),
            undo: String::new(),
            point_of_no_return: false,
            start: if sends { Start::Person } else { Start::Auto },
            gate: None,
            verify: None,
            diagnose: None,
            branch: None,
            may_skip: true,
            work,
        }
    };
    Plan {
        runbook: "train".into(),
        title: "train".to_owned(),
        mode: Default::default(),
        rehearses: None,
        release: None,
        bill: vec![],
        t0: None,
        steps: (1..=steps).map(step).collect(),
        triggers: vec![],
        signals: vec![],
        reverts: None,
        leaves_open: vec![],
        register: holdpoint::domain::register::Register::default(),
    }
}

/// Ana, who sits at the screens.
pub fn origin() -> Origin {
    Origin {
        person: "ana".into(),
        proof: Proof::Claimed,
        user: "ana".to_owned(),
        uid: 1000,
        login_uid: None,
        ssh_client: None,
        ssh_key: None,
        tty: None,
        host: "jump".to_owned(),
        pid: 1,
        program: "screens".to_owned(),
        version: "0".to_owned(),
    }
}

/// A ledger as the fold of lines that are written as they come.
#[derive(Default)]
pub struct Lines {
    pub ledger: Ledger,
    pub entries: Vec<Entry>,
}

impl Lines {
    /// A journal with ana's session open, number [`ME`].
    pub fn opened() -> Self {
        let mut lines = Self::default();
        let journal = JournalId::from_random([7; 8]);
        lines.write("genesis", vec![Fact::Genesis { format: FORMAT, journal, workspace: "w".to_owned() }]);
        lines.write("open", vec![Fact::SessionOpened(Box::new(origin()))]);
        lines
    }

    /// Appends a line and returns it.
    pub fn write(&mut self, cause: &str, facts: Vec<Fact>) -> Entry {
        let seq = self.ledger.seq + 1;
        let by = By { person: "ana".into(), session: ME };
        let at = start() + TimeDelta::seconds(i64::try_from(seq).unwrap());
        let cause = cause.to_owned();
        let entry = Entry { seq, at, by, cause, facts, refusal: None, keys: None, prev: Digest::default() };
        self.ledger.apply(&entry).unwrap();
        self.entries.push(entry.clone());
        entry
    }

    /// Starts a run of the plan, driven by ana, and lets what follows by itself follow.
    pub fn run(&mut self, workspace: &Workspace, plan: Plan) {
        let plan = Arc::new(plan);
        let (digest, t0) = (plan.digest(), start());
        let started = Fact::RunStarted { run: RunId(1), plan, digest, t0 };
        let conn = Fact::ConnTaken { run: RunId(1), session: ME, epoch: 1, reason: String::new() };
        self.write("run start train", vec![started, conn]);
        loop {
            let observed = Default::default();
            let given = Given { ledger: &self.ledger, workspace, observed: &observed, now: self.ledger.at };
            let facts = advance(&given, ME);
            if facts.is_empty() {
                return;
            }
            self.write("advance", facts);
        }
    }
}

/// A note on the run, as a fact.
pub fn note(text: &str) -> Fact {
    Fact::Noted { run: RunId(1), step: None, text: text.to_owned() }
}

/// What a watch of the backend `sh` says at an instant.
pub fn stamped(at: DateTime<Utc>, what: Observation) -> Stamped {
    Stamped { at, source: "sh".into(), every: Span::secs(5), what: Ok(what) }
}

/// A stable deployment of a version.
pub fn deployment(version: &str) -> Deployment {
    Deployment { version: version.to_owned(), state: "stable".to_owned(), ..Deployment::default() }
}

/// Every place of the workspace as deployed, and one reading of every signal.
pub fn everything_seen(workspace: &Workspace, at: DateTime<Utc>) -> Vec<Stamped> {
    let places = workspace.services.values().flat_map(|s| s.deployed_by.keys().map(|e| (s.name.clone(), e.clone())));
    let all = places.map(|place| (place, deployment("4.1.9").into())).collect();
    let signals = workspace.signals.values().flat_map(|s| s.environments.iter().map(|e| (s.name.clone(), e.clone())));
    let reading = |(signal, environment)| {
        let reading = Reading { at, value: 0.004, events: 1000 };
        stamped(at, Observation::Reading(SignalAt { signal, environment }, reading))
    };
    std::iter::once(stamped(at, Observation::Deployments(all))).chain(signals.map(reading)).collect()
}

/// A model that knows the workspace, the journal and everything that is seen.
pub fn model(workspace: Workspace, lines: &Lines) -> Model {
    let mut model = Model::default();
    let seen = everything_seen(&workspace, lines.ledger.at);
    model.take(Update::Opened(Box::new(Opened {
        ledger: lines.ledger.clone(),
        recent: lines.entries.clone(),
        workspace: Arc::new(workspace),
        session: ME,
    })));
    model.take(Update::Seen(Arc::new(seen)));
    model
}

/// The backend `sh`, which deploys and rolls back by a program.
pub fn scripts() -> BackendSpec {
    let script = Script { argv: vec!["sh".to_owned()], limit: Span::mins(1), not_applied: vec![], idempotent: false };
    let verbs = [Verb::Deploy, Verb::RollBack].map(|verb| (verb, script.clone())).into();
    let spec = CommandSpec { verbs, ..CommandSpec::default() };
    BackendSpec { name: "sh".into(), every: Span::secs(5), kind: BackendKind::Command(spec) }
}
