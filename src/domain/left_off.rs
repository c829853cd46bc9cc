//! What holdpoint switched off in a system and nobody has switched on again: Argo CD's
//! auto-sync after a rollback.
//!
//! It is read from the system itself, so that it is told whoever looks, from wherever.

use super::Timestamp;
use super::name::BackendName;
use super::observed::{Observed, Placed, Quality};
use super::topic::Topic;
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
    /// When it was last seen to be so.
    pub seen: Timestamp,
    /// Whether that still holds; `lost` where nobody knows.
    pub quality: Quality,
    /// Whether its source no longer tells of it at all: it may be on again, or gone.
    pub gone: bool,
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
        let words = match self.quality {
            Quality::Fresh => self.off.words(),
            Quality::Late => format!("{}; last seen {}", self.off.words(), self.seen.format("%H:%M:%SZ")),
            Quality::Lost => self.unknown(),
        };
        format!("{} ({}): {words}", self.off.of, places.join(", "))
    }

    /// That nobody knows: since when, and what was known last.
    fn unknown(&self) -> String {
        let LeftOff { since, what, key, .. } = &self.off;
        let since = since.map(|at| at.format(" since %F %H:%M:%SZ").to_string()).unwrap_or_default();
        let seen = self.seen.format("%F %H:%M:%SZ");
        let may = if self.gone { "it may be on again, or gone" } else { "it may be on again" };
        format!("{what} is unknown, not seen since {seen}: it was OFF{since} (holdpoint {key}), {may}")
    }
}

/// Everything that is off because of us as far as was seen, each once, what is off longest first. What is not seen any
/// more stays, as not known.
pub fn still_off(observed: &Observed, now: Timestamp) -> Vec<StillOff> {
    let mut all: Vec<StillOff> = Vec::new();
    let mut add = |place: &Placed, off: &LeftOff, (source, seen): (&BackendName, Timestamp), quality, gone| {
        let same = all.iter_mut().find(|one| one.off == *off && one.source == *source && one.gone == gone);
        match same {
            Some(same) => same.places.push(place.clone()),
            None => {
                let (off, source, places) = (off.clone(), source.clone(), vec![place.clone()]);
                all.push(StillOff { off, source, places, seen, quality, gone });
            }
        }
    };
    for (place, seen) in observed.deployments() {
        let Some(off) = &seen.value.left_off else { continue };
        // A source that fails is late at once.
        let fails = observed.sources.get(seen.source).is_some_and(|source| source.why(Topic::Deployments).is_some());
        let least = if fails { Quality::Late } else { Quality::Fresh };
        add(place, off, (seen.source, seen.at), seen.quality(now).max(least), false);
    }
    for (place, seen) in observed.unseen_off() {
        add(place, &seen.value, (&seen.source, seen.at), Quality::Lost, true);
    }
    all.sort_by(|a, b| (&a.off, &a.source).cmp(&(&b.off, &b.source)));
    all
}
