//! The workspace that every test stands on, and plans written in few words.
//!
//! web stands on api, api on db. `prod` asks for a challenge, `twin` for a
//! second person, `stage` for nothing.

use chrono::{DateTime, Utc};
use holdpoint::domain::backend::{BackendKind, BackendSpec, CommandSpec, Script};
use holdpoint::domain::catalogue::{AfterRollback, Confirmation, Environment, Reversible, Service, Tier};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::person::{Accounts, Person, Proof, Role};
use holdpoint::domain::plan::{Kind, Need, Plan, Start, Step, Work};
use holdpoint::domain::signal::{Bad, Query, Signal, SignalAt, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::{RollsBack, Trigger};
use holdpoint::domain::versions::{Count, Rule, Versions};
use holdpoint::domain::workspace::Workspace;
use std::collections::BTreeMap;

pub fn start() -> DateTime<Utc> {
    "2026-11-21T02:00:00Z".parse().unwrap()
}

pub fn span(text: &str) -> Span {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

pub fn workspace() -> Workspace {
    let people = ["ana", "kim", "bo", "tom", "sam"];
    let roles: [(&str, &[&str], bool, bool); 4] = [
        ("release-manager", &["ana", "kim"], false, true),
        ("ops", &["kim", "sam"], false, false),
        ("business", &["bo"], true, false),
        ("qa", &["tom", "sam"], false, false),
    ];
    let environments =
        [("prod", Confirmation::Challenge), ("twin", Confirmation::TwoPerson), ("stage", Confirmation::None)];
    let services: [(&str, &[&str]); 3] = [("web", &["api"]), ("api", &["db"]), ("db", &[])];
    Workspace {
        id: "w".to_owned(),
        people: people.iter().map(|p| ((*p).into(), person(p))).collect(),
        roles: roles.iter().map(|(n, who, spoken, back)| ((*n).into(), role(n, who, *spoken, *back))).collect(),
        environments: environments.iter().map(|(n, c)| ((*n).into(), environment(n, *c))).collect(),
        services: services.iter().map(|(n, needs)| ((*n).into(), service(n, needs))).collect(),
        backends: [("sh".into(), backend())].into(),
        signals: [("errors".into(), signal("errors")), ("slow".into(), signal("slow"))].into(),
        ..Workspace::default()
    }
}

fn person(name: &str) -> Person {
    Person {
        name: name.into(),
        title: name.to_owned(),
        accounts: Accounts { logins: vec![name.to_owned()], keys: vec![] },
        contacts: vec![],
    }
}

fn role(name: &str, who: &[&str], spoken: bool, rollback: bool) -> Role {
    Role {
        name: name.into(),
        title: name.to_owned(),
        people: who.iter().map(|p| (*p).into()).collect(),
        proof: Proof::Login,
        spoken,
        rollback,
        contacts: vec![],
    }
}

fn environment(name: &str, confirm: Confirmation) -> Environment {
    let tier = if name == "stage" { Tier::Staging } else { Tier::Production };
    let (title, region, zone) = (name.to_owned(), String::new(), "UTC".to_owned());
    Environment { name: name.into(), title, tier, region, zone, confirm, accent: None, cohort: None }
}

fn service(name: &str, needs: &[&str]) -> Service {
    let after =
        AfterRollback { title: "reconcile".to_owned(), owner: Some("qa".into()), argv: vec![], limit: Span::mins(5) };
    Service {
        name: name.into(),
        title: name.to_owned(),
        owner: None,
        tier: 1,
        data: vec![],
        regions: vec![],
        depends_on: needs.iter().map(|n| (*n).into()).collect(),
        contacts: vec![],
        links: Default::default(),
        deployed_by: ["prod", "twin", "stage"].map(|e| (e.into(), "sh".into())).into(),
        scopes: Default::default(),
        after_rollback: if name == "db" { vec![after] } else { vec![] },
        rto: None,
        back_within: None,
        reversible: if name == "web" { reversible() } else { Default::default() },
    }
}

/// From 9.0 of web nothing goes back; from 8.0 something is lost.
fn reversible() -> BTreeMap<String, Reversible> {
    let of = |ok, note: &str| Reversible { ok, note: note.to_owned() };
    [("9.0", of(false, "1.0 cannot read its rows")), ("8.0", of(true, "reconcile afterwards"))]
        .map(|(version, said)| (version.to_owned(), said))
        .into()
}

fn backend() -> BackendSpec {
    let script = |verb: Verb| Script {
        argv: vec![verb.word().to_owned()],
        limit: Span::mins(1),
        not_applied: vec![],
        idempotent: false,
    };
    let verbs = [Verb::Deploy, Verb::Promote, Verb::RollBack, Verb::Snapshot].map(|v| (v, script(v)));
    let kind = BackendKind::Command(CommandSpec { verbs: verbs.into(), ..CommandSpec::default() });
    BackendSpec { name: "sh".into(), every: Span::secs(5), kind }
}

/// Bad above 5 % once seen for 10 s; read every 5 s; under 10 events says nothing.
/// A query that counts versions too, judged by the usual rule.
fn by_version() -> Query {
    let count = Count::Share { bad: "bad".to_owned(), all: "all".to_owned() };
    let versions = Some(Versions { label: "version".to_owned(), count, rule: Rule::default() });
    Query::Prometheus { expr: "x".to_owned(), events: None, stale: None, baseline: None, versions }
}

fn signal(name: &str) -> Signal {
    Signal {
        name: name.into(),
        title: name.to_owned(),
        service: if name == "errors" { "web" } else { "db" }.into(),
        environments: vec!["prod".into()],
        source: "sh".into(),
        query: if name == "errors" { by_version() } else { Query::Tcp { address: "x:1".to_owned() } },
        unit: Unit::Ratio,
        bad: Bad::Above,
        warn: None,
        fail: Some(0.05),
        hold_for: Span::secs(10),
        min_events: 10,
        every: Span::secs(5),
    }
}

pub fn signal_at(text: &str) -> SignalAt {
    let (signal, environment) = text.split_once('@').unwrap_or_else(|| panic!("{text:?} is not SIGNAL@PLACE"));
    SignalAt { signal: signal.into(), environment: environment.into() }
}

pub fn step(name: &str, kind: Kind, needs: &[&str], work: Work) -> Step {
    Step {
        name: name.into(),
        needs: needs.iter().map(|n| Need::Step((*n).into())).collect(),
        may_skip: true,
        ..Step::plain(kind, format!("step {name}"), work)
    }
}

pub fn operation(verb: Verb, service: &str, environment: &str) -> Operation {
    Operation {
        backend: "sh".into(),
        verb,
        service: Some(service.into()),
        environment: Some(environment.into()),
        args: Default::default(),
        argv: vec![],
        limit: Span::mins(1),
        idempotent: false,
    }
}

/// A step that brings a service in production to version 2, once a person starts it.
pub fn deploys(name: &str, service: &str, needs: &[&str]) -> Step {
    let mut op = operation(Verb::Deploy, service, "prod");
    op.args = [("version".to_owned(), "2".to_owned()), ("weight".to_owned(), "100".to_owned())].into();
    Step { start: Start::Person, ..step(name, Kind::Action, needs, Work::Do(op)) }
}

/// A trigger that takes web in production back five minutes after its errors rise, from step 2 on.
pub fn trigger() -> Trigger {
    Trigger {
        name: "T1".into(),
        signals: vec![signal_at("errors@prod")],
        from: "2".into(),
        until: None,
        rolls_back: RollsBack::One("web".into(), "prod".into()),
        countdown: Some(span("5m")),
        postpone: span("2m"),
        agreed_at: None,
    }
}

pub fn plan(name: &str, steps: Vec<Step>) -> Plan {
    Plan {
        runbook: name.into(),
        title: name.to_owned(),
        mode: Default::default(),
        rehearses: None,
        release: None,
        bill: vec![],
        t0: None,
        steps,
        triggers: vec![],
        signals: vec![signal("errors"), signal("slow")],
        reverts: None,
        leaves_open: vec![],
        register: holdpoint::domain::register::Register::default(),
    }
}
