//! How a backend is declared in `holdpoint.toml`.
//!
//! What a backend is asked at run time is `crate::backend`; here are only words of a file.

use super::name::BackendName;
use super::operation::Verb;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A declared backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendSpec {
    /// Its name.
    pub name: BackendName,
    /// How often it is asked.
    pub every: Span,
    /// What it is.
    pub kind: BackendKind,
}

/// The kinds of backend that ship inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackendKind {
    /// Calendar and catalogue from the workspace's own files.
    Files,
    /// HTTP, TCP, command and scrape signals.
    Probe,
    /// Scripts of the team.
    Command(CommandSpec),
}

/// Scripts of the team as a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The script behind each verb.
    pub verbs: BTreeMap<Verb, Script>,
    /// Prints deployments as JSON; asked every interval.
    pub status: Option<Script>,
    /// Prints what became of an operation as JSON; asked when one is in doubt.
    pub probe: Option<Script>,
    /// Names of environment variables that scripts may see, besides `PATH`, `HOME`, `LANG` and `TZ`.
    pub pass_env: Vec<String>,
}

/// One program with a template for its arguments.
///
/// Each element is filled on its own and stays one argument whatever it holds:
/// `{service}`, `{environment}`, `{key}`, `{verb}` and the operation's arguments by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Program and arguments; never a shell line. A relative program with a
    /// slash is looked for in the workspace.
    pub argv: Vec<String>,
    /// How long it may take.
    pub limit: Span,
    /// Exit codes that mean: certainly nothing was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applied: Vec<i32>,
    /// Whether running it twice is declared to be the same as once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
}
