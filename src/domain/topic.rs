//! What can be watched of a system, each topic by a watch of its own.
//!
//! A fault of one says nothing of the others.

/// What can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Versions, rollouts, weights.
    Deployments,
    /// Readings of signals.
    Signals,
    /// Approvals that live there.
    Approvals,
    /// Alerts, and whether they are silenced.
    Alerts,
    /// Windows in which changes are taken, or are not.
    Windows,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Topic; 5] = [Topic::Deployments, Topic::Signals, Topic::Approvals, Topic::Alerts, Topic::Windows];

    /// What it is called where topics are named: in grants and over the wire of plugins.
    pub const fn name(self) -> &'static str {
        match self {
            Topic::Deployments => "deployments",
            Topic::Signals => "signals",
            Topic::Approvals => "approvals",
            Topic::Alerts => "alerts",
            Topic::Windows => "windows",
        }
    }

    /// The topic in words.
    pub const fn word(self) -> &'static str {
        match self {
            Topic::Deployments => "watch deployments",
            Topic::Signals => "watch signals",
            Topic::Approvals => "watch approvals",
            Topic::Alerts => "watch alerts",
            Topic::Windows => "watch windows",
        }
    }
}
