//! `holdpoint.toml`: the workspace itself, people, roles, environments, backends.
//!
//! Shapes only; what refers to what is checked where it is resolved.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// holdpoint.toml
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The workspace itself.
    pub workspace: Workspace,
    /// Where the state lies when several Unix users share it.
    pub state: Option<State>,
    /// Where heads of the journal are published.
    pub anchor: Option<Anchor>,
    /// People by name.
    #[serde(default)]
    pub people: BTreeMap<String, Person>,
    /// Roles by name.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// Environments by name.
    #[serde(default)]
    pub environments: BTreeMap<String, Environment>,
    /// Backends by name.
    #[serde(default)]
    pub backends: BTreeMap<String, Backend>,
}

/// The workspace itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// Written by init; names the state directory.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The IANA time zone shown beside UTC.
    #[serde(default = "utc")]
    pub zone: String,
    /// How seriously it is to be taken.
    #[serde(default)]
    pub purpose: Purpose,
    /// Dial-in and the like.
    #[serde(default)]
    pub bridge: Vec<String>,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// How seriously a workspace is to be taken.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// For real.
    #[default]
    Real,
    /// For rehearsals.
    Rehearsal,
    /// The demo.
    Demo,
}

/// Where the state lies.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// A directory owned by a Unix group, mode 2770.
    pub dir: String,
}

/// Where heads are published.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// A git remote.
    pub git: String,
}

/// A person.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// How the person is called on screens.
    pub title: Option<String>,
    /// Unix login names.
    #[serde(default)]
    pub logins: Vec<String>,
    /// SSH key fingerprints.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Telephone, chat or mail, in the order to try.
    #[serde(default)]
    pub contacts: Vec<String>,
}

/// A role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// How the role is called on screens.
    pub title: Option<String>,
    /// The holder, then deputies in order.
    pub people: Vec<String>,
    /// The least proof of identity its decisions need.
    pub proof: Option<Proof>,
    /// Whether a spoken decision counts.
    #[serde(default)]
    pub spoken: bool,
    /// Whether it may decide a rollback.
    #[serde(default)]
    pub rollback: bool,
    /// Contacts of the role itself.
    #[serde(default)]
    pub contacts: Vec<String>,
}

/// How well a person is known.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Said with --as.
    Claimed,
    /// The Unix login.
    Login,
    /// The SSH key.
    SshKey,
    /// A signature.
    Signed,
}

/// An environment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// How it is called on screens.
    pub title: Option<String>,
    /// How close to users it is.
    pub tier: Tier,
    /// Where it is.
    pub region: Option<String>,
    /// Its people's IANA time zone.
    pub zone: Option<String>,
    /// What it takes to act there.
    pub confirm: Option<Confirm>,
}

/// How close to users an environment is.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// A developer's.
    Development,
    /// For tests.
    Testing,
    /// Like production, without users.
    Staging,
    /// Users.
    Production,
}

/// What it takes to act in an environment.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// Nothing.
    None,
    /// See it and press a key.
    #[serde(rename = "confirm")]
    Key,
    /// Type the environment's name.
    Challenge,
    /// And a second person approves.
    TwoPerson,
}

/// A backend.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// What it is.
    pub kind: BackendKind,
    /// How often it is asked.
    pub every: Option<String>,
    /// Environment variables that scripts may see.
    #[serde(default)]
    pub pass_env: Vec<String>,
    /// Prints deployments as JSON.
    pub status: Option<Script>,
    /// Prints what became of an operation as JSON.
    pub probe: Option<Script>,
    /// The script behind each verb.
    #[serde(default)]
    pub verbs: BTreeMap<String, Script>,
}

/// The kinds of backend.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum BackendKind {
    /// The workspace's own files.
    Files,
    /// HTTP, TCP, command and scrape signals.
    Probe,
    /// Scripts of the team.
    Command,
}

/// A script: program and arguments, never a shell line.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// How long it may take.
    pub limit: Option<String>,
    /// Exit codes that mean: certainly nothing was done.
    #[serde(default)]
    pub not_applied: Vec<i32>,
    /// Whether running it twice is the same as once.
    #[serde(default)]
    pub idempotent: bool,
}
