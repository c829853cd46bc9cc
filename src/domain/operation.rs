//! Operations: what a step asks a backend to do.
//!
//! The same value is previewed in a dialog, judged by policy, written in the
//! journal and handed to the backend. It is resolved once, when a run starts.

use super::name::{BackendName, EnvironmentName, ServiceName};
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What a backend can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Bring a version to an environment.
    Deploy,
    /// Give the new version more traffic, or all of it.
    Promote,
    /// Stop a rollout where it is.
    Pause,
    /// Let a paused rollout go on.
    Resume,
    /// Give up a rollout.
    Abort,
    /// Return to an earlier version.
    RollBack,
    /// Change the number of instances.
    Scale,
    /// Replace every instance by a new one of the same version.
    Restart,
    /// Give a version another share of the traffic, by hand.
    Shift,
    /// Bring back what differs from what was declared.
    Mend,
    /// Run what a system offers for one of its resources, by the system's own name for it.
    Action,
    /// Switch a feature flag.
    Toggle,
    /// Silence an alert for a time.
    Silence,
    /// Tell people.
    Announce,
    /// Save evidence before it goes.
    Snapshot,
    /// Run a program that the runbook names.
    Run,
}

/// Whether an operation goes away from the last good state or towards it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Away from the last good state: held by freezes, locks and gates.
    Forward,
    /// Towards the last good state: never held by a freeze or a lock.
    Back,
    /// Neither: evidence and announcements.
    Aside,
}

impl Verb {
    /// Every verb, in the order of help texts.
    pub const ALL: [Verb; 16] = [
        Verb::Deploy,
        Verb::Promote,
        Verb::Pause,
        Verb::Resume,
        Verb::Abort,
        Verb::RollBack,
        Verb::Scale,
        Verb::Restart,
        Verb::Shift,
        Verb::Mend,
        Verb::Action,
        Verb::Toggle,
        Verb::Silence,
        Verb::Announce,
        Verb::Snapshot,
        Verb::Run,
    ];

    /// The verb as files and screens write it.
    pub const fn word(self) -> &'static str {
        match self {
            Verb::Deploy => "deploy",
            Verb::Promote => "promote",
            Verb::Pause => "pause",
            Verb::Resume => "resume",
            Verb::Abort => "abort",
            Verb::RollBack => "roll-back",
            Verb::Scale => "scale",
            Verb::Restart => "restart",
            Verb::Shift => "shift",
            Verb::Mend => "mend",
            Verb::Action => "action",
            Verb::Toggle => "toggle",
            Verb::Silence => "silence",
            Verb::Announce => "announce",
            Verb::Snapshot => "snapshot",
            Verb::Run => "run",
        }
    }

    /// Which way the verb leads; a program of the runbook counts as forward.
    pub const fn direction(self) -> Direction {
        match self {
            Verb::Pause | Verb::Abort | Verb::RollBack => Direction::Back,
            Verb::Announce | Verb::Snapshot | Verb::Silence => Direction::Aside,
            _ => Direction::Forward,
        }
    }

    /// Whether it brings what is declared: the windows of who deploys bear on it.
    pub const fn deploys(self) -> bool {
        matches!(self, Verb::Deploy | Verb::Mend)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One thing to do, resolved: nothing in it is looked up again later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The backend that does it.
    pub backend: BackendName,
    /// What to do.
    pub verb: Verb,
    /// The service it is done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceName>,
    /// The environment it is done in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// Arguments by name (`version`, `weight`, `to`), as the step gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// For [`Verb::Run`], and for [`Verb::Snapshot`] by the runbook's own program: the program and its
    /// arguments, never a shell line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// How long it may take before it is given up as *unknown*.
    pub limit: Span,
    /// Whether doing it twice is declared to be the same as once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
}

impl Operation {
    /// Which way the operation leads.
    pub fn direction(&self) -> Direction {
        self.verb.direction()
    }

    /// The service and environment it changes: at most one open or doubtful
    /// operation may exist for such a pair. Evidence and announcements change none.
    pub fn changes(&self) -> Option<(&ServiceName, &EnvironmentName)> {
        self.target().filter(|_| self.direction() != Direction::Aside)
    }

    /// Every service that it is done to: its own, and for what several rollouts are told at once
    /// those of its argument `with`.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        let several = matches!(self.verb, Verb::Promote | Verb::Abort | Verb::Pause | Verb::Resume);
        let with = self.args.get("with").map(String::as_str).filter(|_| several).unwrap_or_default();
        let with = with.split([',', ' ']).filter(|name| !name.is_empty());
        self.service.iter().map(ServiceName::as_str).chain(with)
    }

    /// Whether it and another change a service in the same environment.
    pub fn meets(&self, other: &Self) -> bool {
        let changes = self.changes().is_some() && other.changes().is_some();
        changes
            && self.environment == other.environment
            && self.services().any(|mine| other.services().any(|it| it == mine))
    }

    /// The service and environment it is about, if it names both.
    pub fn target(&self) -> Option<(&ServiceName, &EnvironmentName)> {
        self.service.as_ref().zip(self.environment.as_ref())
    }
}

impl fmt::Display for Operation {
    /// `promote payments eu-west weight=25`; for programs the argv.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verb)?;
        for part in
            self.service.iter().map(ServiceName::as_str).chain(self.environment.iter().map(EnvironmentName::as_str))
        {
            write!(f, " {part}")?;
        }
        self.args.iter().try_for_each(|(k, v)| write!(f, " {k}={v}"))?;
        self.argv.iter().try_for_each(|word| write!(f, " {word}"))
    }
}
