//! The release calendar as the engine judges it: instants only.
//!
//! Recurrence and zones are expanded when the files are read, so nothing here
//! or later asks a zone rule.

use super::Timestamp;
use super::name::{EnvironmentName, RoleName, ServiceName};
use super::release::Release;
use serde::{Deserialize, Serialize};

/// What a calendar entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Changes are allowed only inside one.
    Window,
    /// No forward change.
    Freeze,
    /// Ours or a vendor's work.
    Maintenance,
    /// The environment is someone's.
    Reservation,
    /// Worth knowing: a peak, an audit, a campaign.
    Notice,
}

/// One entry of the calendar with its occurrences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its name in its file.
    pub name: String,
    /// What it is.
    pub kind: EventKind,
    /// What it is called on screens.
    pub title: String,
    /// Which services it is about; all when empty.
    pub services: Vec<ServiceName>,
    /// Which environments it is about; all when empty.
    pub environments: Vec<EnvironmentName>,
    /// Whether a freeze stops the way back too. Almost never right; shown loudly.
    pub stops_rollback: bool,
    /// Who answers for it.
    pub contact: String,
    /// Whose word waives a freeze or window for one run; nobody's when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived_by: Vec<RoleName>,
    /// When it is on: start and end, ordered, from a month ago to a year ahead.
    pub occurrences: Vec<(Timestamp, Timestamp)>,
}

/// All that the calendar files say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Windows, freezes and the rest.
    pub events: Vec<Event>,
    /// The releases.
    pub releases: Vec<Release>,
    /// Until when occurrences were expanded; nothing is known beyond.
    pub until: Option<Timestamp>,
}

impl Event {
    /// Whether it is about this service and environment. What names no service, or
    /// no environment, may touch any of them, and so is covered by what is about any.
    pub fn covers(&self, service: Option<&ServiceName>, environment: Option<&EnvironmentName>) -> bool {
        (self.services.is_empty() || service.is_none_or(|s| self.services.contains(s)))
            && (self.environments.is_empty() || environment.is_none_or(|e| self.environments.contains(e)))
    }

    /// The occurrence that is on at `at`; its end is exclusive.
    pub fn on(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        self.occurrences.iter().copied().find(|(from, to)| *from <= at && at < *to)
    }

    /// The first occurrence that starts after `at`.
    pub fn next(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        self.occurrences.iter().copied().find(|(from, _)| *from > at)
    }
}
