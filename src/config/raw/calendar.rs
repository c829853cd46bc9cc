//! A file of `calendar/` as it is written.
//!
//! Shapes only; times and references are checked where they are read.

use super::super::spot::{Named, Spot};
use super::super::words::{EventName, Time, ZoneName};
use super::secret::{Secret, Written};
use crate::domain::name::{EnvironmentName, ReleaseName, RoleName, RunbookName, ServiceName};
use crate::domain::release::Impact;
use crate::domain::span::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// Releases, windows, freezes and the rest.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// The releases, by name.
    #[serde(default)]
    pub releases: Named<ReleaseName, Release>,
    /// Changes are allowed only inside one.
    #[serde(default)]
    pub windows: Named<EventName, Event>,
    /// No forward change.
    #[serde(default)]
    pub freezes: Named<EventName, Event>,
    /// Ours or a vendor's work.
    #[serde(default)]
    pub maintenance: Named<EventName, Event>,
    /// The environment is someone's.
    #[serde(default)]
    pub reservations: Named<EventName, Event>,
    /// Worth knowing.
    #[serde(default)]
    pub notices: Named<EventName, Event>,
    /// Calendars of other programs (iCalendar), each with what its events are.
    #[serde(default)]
    pub feeds: Named<EventName, Feed>,
}

/// A calendar of another program: its events are entries of this one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// The file, in this folder: vendor.ics.
    pub file: Option<Spot<String>>,
    /// Its address in place of a file: https:// or webcal://, or where that is kept when it is a secret.
    pub url: Option<Spot<Written>>,
    /// How often the address is asked; 15m when absent.
    pub every: Option<Spot<Span>>,
    /// How old what was read there may be, and still count; four times `every` when absent.
    pub max_age: Option<Spot<Span>>,
    /// Who asks, where it wants a user and a password.
    pub user: Option<Spot<String>>,
    /// Where the token is kept that it wants; the password, where there is a user.
    pub token: Option<Secret>,
    /// The certificates that its own must be signed by, as PEM; the system's when absent.
    pub ca: Option<Spot<String>>,
    /// The proxy that it is asked through; none when absent.
    pub proxy: Option<Spot<String>>,
    /// What its events are.
    pub kind: Kind,
    /// Only events with one of these words in title, place or categories; all when empty.
    #[serde(default)]
    pub only: Vec<String>,
    /// Which services; all when empty.
    #[serde(default)]
    pub services: Vec<Spot<ServiceName>>,
    /// Which environments; all when empty.
    #[serde(default)]
    pub environments: Vec<Spot<EnvironmentName>>,
    /// Who answers for it.
    #[serde(default)]
    pub contact: String,
    /// The zone of whole days and of times without one; that of the file, else of the workspace, when absent.
    pub zone: Option<ZoneName>,
    /// What names of zones mean that the file uses and nobody else knows.
    #[serde(default)]
    pub zones: Named<String, Spot<ZoneName>>,
}

/// What the events of a feed are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Changes are allowed only inside one.
    Window,
    /// No forward change.
    Freeze,
    /// Ours or a vendor's work.
    Maintenance,
    /// The environment is someone's.
    Reservation,
    /// Worth knowing.
    Notice,
}

/// A release: what goes where, and when.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// What it is, in one line; the key when absent.
    pub title: Option<String>,
    /// Planned start.
    pub starts: Spot<Time>,
    /// Planned end.
    pub ends: Spot<Time>,
    /// Where it goes.
    #[serde(default)]
    pub environments: Vec<Spot<EnvironmentName>>,
    /// How much it can hurt; `medium` when absent.
    #[serde(default)]
    pub impact: Impact,
    /// The runbook that carries it out.
    pub runbook: Option<Spot<RunbookName>>,
    /// Tickets and changes.
    #[serde(default)]
    pub tickets: Vec<String>,
    /// What it is made of.
    #[serde(default)]
    pub bill: Vec<Item>,
}

/// One line of a bill of materials.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The service.
    pub service: Spot<ServiceName>,
    /// The version it gets.
    pub version: String,
    /// Digest of the artifact.
    pub digest: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// Schema or configuration that comes with it.
    pub schema: Option<String>,
    /// Known issues.
    #[serde(default)]
    pub known_issues: Vec<String>,
}

/// A window, freeze or other entry.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// How it is called; the key when absent.
    pub title: Option<String>,
    /// Which services; all when empty.
    #[serde(default)]
    pub services: Vec<Spot<ServiceName>>,
    /// Which environments; all when empty.
    #[serde(default)]
    pub environments: Vec<Spot<EnvironmentName>>,
    /// Who answers for it.
    #[serde(default)]
    pub contact: String,
    /// When it begins, the first time.
    pub starts: Spot<Time>,
    /// When it ends, the first time.
    pub ends: Option<Spot<Time>>,
    /// How long it lasts, in place of `ends`.
    pub lasts: Option<Spot<Span>>,
    /// An RFC 5545 recurrence rule, daily or longer.
    pub repeat: Option<Spot<String>>,
    /// Whether a freeze stops the way back too; not when absent.
    pub stops_rollback: Option<Spot<bool>>,
    /// Whose word waives a freeze or window for one run; nobody's when empty.
    #[serde(default)]
    pub waived_by: Vec<Spot<RoleName>>,
}
