//! The workspace as it was read: everything that people declared in files.
//!
//! Reading and checking them is `config`; whoever holds this value need not doubt it.

use super::Timestamp;
use super::backend::BackendSpec;
use super::calendar::Calendar;
use super::catalogue::{Environment, Service};
use super::comms::Audience;
use super::name::{
    BackendName, CohortName, EnvironmentName, PersonName, RoleName, RunbookName, ServiceName, SignalName, SloName,
};
use super::operation::Verb;
use super::person::{Person, Role};
use super::plan::Plan;
use super::policy::{Policy, PolicyTest};
use super::rehearsal::Stage;
use super::signal::Signal;
use super::slo::Slo;
use super::waiver::Emergency;
use super::way::Way;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How seriously a workspace is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// For real.
    #[default]
    Real,
    /// For rehearsals: watermarked, `--as` allowed.
    Rehearsal,
    /// The demo: watermarked, `--as` allowed.
    Demo,
}

/// Everything declared, resolved and checked.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// Its random id, which names its state directory.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How seriously it is to be taken.
    pub purpose: Purpose,
    /// The IANA zone shown beside UTC.
    pub zone: String,
    /// The directory that holds `holdpoint.toml`.
    pub root: PathBuf,
    /// Where the state lies when it is not the user's own: shared by a Unix group.
    pub state_dir: Option<PathBuf>,
    /// Environments by name.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// The cohorts that environments are in, in the order in which the file names them first.
    pub cohorts: Vec<CohortName>,
    /// Backends by name.
    pub backends: BTreeMap<BackendName, BackendSpec>,
    /// People by name.
    pub people: BTreeMap<PersonName, Person>,
    /// Roles by name.
    pub roles: BTreeMap<RoleName, Role>,
    /// Services by name.
    pub services: BTreeMap<ServiceName, Service>,
    /// Signals by name.
    pub signals: BTreeMap<SignalName, Signal>,
    /// Service level objectives by name.
    pub slos: BTreeMap<SloName, Slo>,
    /// Ways out of an incident that were declared beforehand, by service.
    pub ways: BTreeMap<ServiceName, Vec<Way>>,
    /// Who is told how a release goes; one usual audience when empty.
    pub comms: Vec<Audience>,
    /// The calendar, expanded.
    pub calendar: Calendar,
    /// Runbooks by name, each already a plan.
    pub runbooks: BTreeMap<RunbookName, Plan>,
    /// Where runs are rehearsed, if that is said.
    pub stage: Option<Stage>,
    /// Each runbook as it is rehearsed, or why it cannot be.
    pub rehearsals: BTreeMap<RunbookName, Result<Plan, String>>,
    /// The rules of `policy/`.
    pub policy: Policy,
    /// What those rules are tested with.
    pub policy_tests: Vec<PolicyTest>,
    /// Who may declare an emergency; nobody where none.
    pub emergency: Option<Emergency>,
    /// Bridge details: dial-in and the like, shown on the contacts card.
    pub bridge: Vec<String>,
    /// When the files were read; of two readings the later one counts.
    pub read: Timestamp,
    /// Where heads of the journal are published, if anywhere: a git remote.
    pub anchor: Option<String>,
}

impl Workspace {
    /// A runbook as it is rehearsed.
    ///
    /// # Errors
    /// Why it cannot be, in words.
    pub fn rehearsal(&self, runbook: &RunbookName) -> Result<Plan, String> {
        let staged =
            self.rehearsals.get(runbook).cloned().unwrap_or_else(|| Err("there is no such runbook".to_owned()));
        staged.map_err(|why| format!("{runbook} cannot be rehearsed: {why}"))
    }
}

impl Workspace {
    /// The roles that a person fills, in order of name.
    pub fn roles_of<'a>(&'a self, person: &'a PersonName) -> impl Iterator<Item = &'a Role> {
        self.roles.values().filter(move |role| role.people.contains(person))
    }

    /// The only backend besides those that deploy which has a verb, where a service's own has not.
    pub fn done_elsewhere(
        &self,
        service: &ServiceName,
        environment: &EnvironmentName,
        verb: Verb,
    ) -> Option<&BackendName> {
        let deployer = self.services.get(service).and_then(|declared| declared.deployed_by.get(environment));
        let has = |name: &BackendName| self.backends.get(name).is_some_and(|spec| spec.kind.offer(verb).is_some());
        if deployer.is_some_and(has) {
            return None;
        }
        let beside = |name: &BackendName| self.backends.get(name).is_some_and(|spec| !spec.kind.deploys());
        let mut others = self.backends.keys().filter(|name| beside(name) && has(name));
        others.next().filter(|_| others.next().is_none())
    }

    /// Whether a person fills a role.
    pub fn fills(&self, person: &PersonName, role: &RoleName) -> bool {
        self.roles.get(role).is_some_and(|r| r.people.contains(person))
    }
}
