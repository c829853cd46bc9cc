//! How far a service is in a cohort: a group of environments that get a version together.
//!
//! Only what is certain now counts as a version: a rollout that is not over is under way, and what is late, lost
//! or was never seen is not known.

use super::name::CohortName;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

/// What serves in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live<'a> {
    /// This version, and no other beside it.
    At(&'a str),
    /// A rollout that is not over.
    UnderWay,
    /// Nobody knows now.
    Unknown,
}

/// So many environments at a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The version.
    pub version: String,
    /// How many have it.
    pub places: usize,
}

/// How far a service is in a cohort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The cohort.
    pub cohort: CohortName,
    /// How many environments of it the service is deployed in.
    pub places: usize,
    /// The version that is counted: the one that is wanted, else the one that most have; none where none is known.
    pub version: Option<String>,
    /// How many have that version.
    pub at: usize,
    /// In how many it is not known now what they have.
    pub unknown: usize,
    /// In how many a rollout is not over.
    pub under_way: usize,
    /// The other versions, those that most have first.
    pub others: Vec<Elsewhere>,
}

impl Standing {
    /// Counts what serves in the environments of a cohort.
    pub fn count<'a>(cohort: &CohortName, wanted: Option<&str>, live: impl IntoIterator<Item = Live<'a>>) -> Self {
        let (mut places, mut unknown, mut under_way) = (0, 0, 0);
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for one in live {
            places += 1;
            match one {
                Live::At(version) => *known.entry(version).or_default() += 1,
                Live::UnderWay => under_way += 1,
                Live::Unknown => unknown += 1,
            }
        }
        let mut known: Vec<_> = known.into_iter().collect();
        known.sort_by_key(|(_, places)| Reverse(*places));
        let version = wanted.or(known.first().map(|(version, _)| *version)).map(str::to_owned);
        let (mine, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|(one, _)| Some(*one) == version.as_deref());
        let elsewhere = |(version, places): (&str, usize)| Elsewhere { version: version.to_owned(), places };
        Self {
            cohort: cohort.clone(),
            places,
            version,
            at: mine.iter().map(|(_, places)| places).sum(),
            unknown,
            under_way,
            others: others.into_iter().map(elsewhere).collect(),
        }
    }

    /// How many of how many have the version, `1/5`; nothing where none is known.
    pub fn share(&self) -> String {
        self.version.as_ref().map(|_| format!("{}/{}", self.at, self.places)).unwrap_or_default()
    }

    /// What is to be said beside that, what matters most first: `1 ?`, `1 under way`, `3 at 4.1.9`.
    pub fn rest(&self) -> Vec<String> {
        self.beside("?")
    }

    /// The same as [`fmt::Display`], to be read aloud: `1 of 5 at 4.2.0, 1 not known, 3 at 4.1.9`.
    pub fn spoken(&self) -> String {
        let lead = self.version.as_ref().map(|version| format!("{} of {} at {version}", self.at, self.places));
        lead.into_iter().chain(self.beside("not known")).collect::<Vec<_>>().join(", ")
    }

    fn beside(&self, unknown: &str) -> Vec<String> {
        let some = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
        let others = self.others.iter().map(|other| format!("{} at {}", other.places, other.version));
        [some(self.unknown, unknown), some(self.under_way, "under way")].into_iter().flatten().chain(others).collect()
    }
}

impl fmt::Display for Standing {
    /// `1/5 4.2.0, 1 ?, 3 at 4.1.9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lead = self.version.as_ref().map(|version| format!("{} {version}", self.share()));
        f.write_str(&lead.into_iter().chain(self.rest()).collect::<Vec<_>>().join(", "))
    }
}
