//! Feeds: calendars of others, and what their events are here.
//!
//! The address of one may be all that keeps it private. It has no text form here but scheme and host; whoever
//! exposes it puts it into a request and nowhere else.

use super::Timestamp;
use super::calendar::{Event, EventKind};
use super::digest::Digest;
use super::endpoint::Endpoint;
use super::name::{EnvironmentName, ServiceName};
use super::observed::Seen;
use super::secret::SecretRef;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What the events of a feed are, and where they count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// How it is called in the files.
    pub name: String,
    /// What its events are.
    pub kind: EventKind,
    /// Only events with one of these words; all when empty.
    pub only: Vec<String>,
    /// Which services they are about; all when empty.
    pub services: Vec<ServiceName>,
    /// Which environments they are about; all when empty.
    pub environments: Vec<EnvironmentName>,
    /// Who answers for it.
    pub contact: String,
    /// The zone of whole days, and of times that name none, where the files say it.
    pub zone: Option<String>,
    /// What names of zones mean that nobody else knows.
    pub zones: BTreeMap<String, String>,
    /// The workspace's zone, for what is said nowhere.
    pub here: String,
}

/// A feed that is read by its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSpec {
    /// What its events are.
    pub feed: Feed,
    /// Where it is.
    pub address: Address,
    /// How it is spoken to; without an address, which may be a secret.
    pub endpoint: Endpoint,
    /// How old what was read may be, and still count.
    pub max_age: Span,
}

/// What the files say of a feed that is read by its address; the address itself is not among it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// What its events are.
    pub feed: Feed,
    /// Digest of where it is.
    pub address: Digest,
    /// How old what was read may be, and still count.
    pub max_age: Span,
}

/// Where a feed is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Address {
    /// As it stands in the files.
    Written(Url),
    /// Kept elsewhere, because whoever knows it may read.
    Kept(SecretRef),
}

/// The address of a calendar; shown by scheme and host alone.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Url(String);

/// What was read of a feed: all of it, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it was read as.
    pub feed: Feed,
    /// Its events that are meant.
    pub events: Vec<Event>,
    /// Until when their times were worked out; nothing is known beyond.
    pub until: Timestamp,
}

/// What is known of a feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fed {
    /// What was read last and understood, if anything was.
    pub told: Option<Seen<Arc<Told>>>,
    /// Whether what stands there by now could not be understood.
    pub misread: bool,
}

impl Fed {
    /// Takes in what was read; what could not be understood leaves what was.
    pub fn take<E>(&mut self, read: Result<Seen<Arc<Told>>, E>) {
        self.misread = read.is_err();
        self.told = read.ok().or_else(|| self.told.take());
    }
}

impl FeedSpec {
    /// What is kept of it beside a run.
    pub fn declared(&self) -> Declared {
        let address = match &self.address {
            Address::Written(url) => Digest::of("address", &url.expose()),
            Address::Kept(reference) => Digest::of("kept-address", reference),
        };
        Declared { feed: self.feed.clone(), address, max_age: self.max_age }
    }
}

impl Feed {
    /// Whether its events let something in or keep it back; what else is in a calendar only warns.
    pub fn binds(&self) -> bool {
        matches!(self.kind, EventKind::Window | EventKind::Freeze)
    }

    /// What its events are, in a sentence.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            EventKind::Window => "windows",
            EventKind::Freeze => "freezes",
            EventKind::Maintenance => "times of maintenance",
            EventKind::Reservation => "reservations",
            EventKind::Notice => "notices",
        }
    }

    /// Whether its events may be about this service and environment, as of one event.
    pub fn covers(&self, service: Option<&ServiceName>, environment: Option<&EnvironmentName>) -> bool {
        (self.services.is_empty() || service.is_none_or(|s| self.services.contains(s)))
            && (self.environments.is_empty() || environment.is_none_or(|e| self.environments.contains(e)))
    }
}

impl Url {
    /// Takes an address as people write it; `webcal://` is `https://`.
    ///
    /// # Errors
    /// What is wrong, and what to write; nothing of the address.
    pub fn read(text: &str) -> Result<Self, (&'static str, &'static str)> {
        const NONE: (&str, &str) =
            ("this is no address of a calendar", "begin with https:// or webcal://, then the host");
        let (scheme, rest) = text.trim().split_once("://").ok_or(NONE)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" | "webcal" | "webcals" => "https",
            "http" => "http",
            _ => return Err(NONE),
        };
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        if host.is_empty() || rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(NONE);
        }
        if host.contains('@') {
            return Err(("a password is never written in an address", "use `user`, and `token` for the password"));
        }
        if rest.contains('#') {
            return Err(("an address ends before `#`", "remove what follows it"));
        }
        Ok(Self(format!("{scheme}://{rest}")))
    }

    /// All of it, for the request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it leaves this machine unencrypted.
    pub fn crosses(&self) -> bool {
        let host = self.0.strip_prefix("http://").map(|rest| rest.split(['/', '?', ':']).next().unwrap_or_default());
        host.is_some_and(|host| host != "localhost" && !host.starts_with("127.") && !self.0.starts_with("http://[::1]"))
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.split_once("://").map_or(0, |(scheme, _)| scheme.len() + 3);
        let rest = self.0.get(host..).unwrap_or_default();
        let end = rest.find(['/', '?']).map_or(self.0.len(), |at| host + at);
        write!(f, "{}/…", self.0.get(..end).unwrap_or_default())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Url {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl TryFrom<String> for Url {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::read(&text).map_err(|(what, _)| what)
    }
}

impl fmt::Display for Address {
    /// Where it is, as far as that may be said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(url) => write!(f, "{url}"),
            Self::Kept(reference) => write!(f, "the address in {reference}"),
        }
    }
}
