//! What holdpoint switched off in a system and nobody has switched on again: Argo CD's
//! auto-sync after a rollback.
//!
//! It is read from the system itself, so that it is told whoever looks, from wherever.

use super::Timestamp;
use super::name::BackendName;
use super::observed::{Observed, Placed, Quality};
use serde::{Deserialize, Serialize};

/// What is to be done about it.
pub const NEXT: &str = "put git right, then resume";

/// Something that is off because of us.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOff {
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// What is off: `auto-sync`.
    pub what: String,
    /// Of what: `application api`.
    pub of: String,
    /// The key of the operation that switched it off.
    pub key: String,
}

/// Something that is off, with where it matters and how old that knowledge is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StillOff {
    /// What is off.
    #[serde(flatten)]
    pub off: LeftOff,
    /// Who tells.
    pub source: BackendName,
    /// The services and environments that it is about.
    pub places: Vec<Placed>,
    /// Whether it is still heard.
    pub quality: Quality,
}

impl LeftOff {
    /// In words, without of what: that it is off, since when, by which operation, and what to do.
    pub fn words(&self) -> String {
        let since = self.since.map(|at| at.format(" since %F %H:%M:%SZ").to_string()).unwrap_or_default();
        format!("{} is OFF{since} (holdpoint {}): {NEXT}", self.what, self.key)
    }
}

impl StillOff {
    /// In one line: of what, where it matters, and the rest.
    pub fn line(&self) -> String {
        let places: Vec<_> = self.places.iter().map(|(service, place)| format!("{service}@{place}")).collect();
        let age = match self.quality {
            Quality::Fresh => "",
            Quality::Late => "; heard of a while ago",
            Quality::Lost => "; not heard of any more, so it may be on again",
        };
        format!("{} ({}): {}{age}", self.off.of, places.join(", "), self.off.words())
    }
}

/// Everything that is seen to be off because of us, each once, what is off longest first.
pub fn still_off(observed: &Observed, now: Timestamp) -> Vec<StillOff> {
    let mut all: Vec<StillOff> = Vec::new();
    for (place, seen) in observed.deployments() {
        let Some(off) = &seen.value.left_off else { continue };
        match all.iter_mut().find(|one| one.off == *off && one.source == *seen.source) {
            Some(same) => same.places.push(place.clone()),
            None => all.push(StillOff {
                off: off.clone(),
                source: seen.source.clone(),
                places: vec![place.clone()],
                quality: seen.quality(now),
            }),
        }
    }
    all.sort_by(|a, b| (&a.off, &a.source).cmp(&(&b.off, &b.source)));
    all
}
