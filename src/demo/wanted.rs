//! What is wanted at a place. Control writes it in one step, and that step is
//! the commit point of every operation: before it nothing has been done, after
//! it the supervisor and the router make it so. The rules are pure.

use super::failure::Failure;
use super::files;
use super::layout::Layout;
use super::place::Place;
use super::{clock, versions};
use crate::domain::Timestamp;
use crate::domain::span::Span;
use serde::{Deserialize, Serialize};

/// What is wanted at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The version that has the traffic, but for the candidate's share.
    pub stable: String,
    /// The version that is tried.
    pub candidate: Option<String>,
    /// The candidate's share in percent, 0 to 99.
    pub weight: u8,
    /// Whether the rollout stands still.
    pub paused: bool,
    /// Versions that were stable and not taken back, newest first, the present one included.
    pub history: Vec<String>,
    /// Since when it is wanted.
    pub since: Timestamp,
    /// Who asked for it, where they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Counts the changes.
    pub generation: u64,
}

/// For how long the estate has had its first versions.
const SETTLED: Span = Span::mins(9 * 24 * 60);

/// Whether an operation had to change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was so already.
    Already,
    /// It is changed now.
    Made,
}

impl Wanted {
    /// What the estate begins with.
    pub fn at_first(service: &str) -> Self {
        let (stable, before) = (versions::first(service), versions::before_first(service));
        Self {
            stable: stable.to_owned(),
            candidate: None,
            weight: 0,
            paused: false,
            history: vec![stable.to_owned(), before.to_owned()],
            since: clock::now() - SETTLED.delta(),
            by: None,
            generation: 1,
        }
    }

    /// What is wanted at a place now.
    pub fn load(layout: &Layout, place: &Place) -> Result<Self, Failure> {
        files::read(&layout.wanted(place))
    }

    /// Changes what is wanted, under the place's lock, in one step.
    pub fn change(
        layout: &Layout,
        place: &Place,
        change: impl FnOnce(&mut Wanted) -> Result<Change, Failure>,
    ) -> Result<(Wanted, Change), Failure> {
        let path = layout.wanted(place);
        let _lock = files::lock(&path.with_extension("lock"))?;
        let mut wanted = Self::load(layout, place)?;
        let changed = change(&mut wanted)?;
        if changed == Change::Made {
            wanted.generation += 1;
            wanted.since = clock::now();
            files::write(&path, &wanted)?;
        }
        Ok((wanted, changed))
    }

    /// The versions that must run.
    pub fn versions(&self) -> Vec<&str> {
        [Some(self.stable.as_str()), self.candidate.as_deref()].into_iter().flatten().collect()
    }

    /// Wants a version beside the stable one, or in its place when its share is all.
    pub fn deploy(&mut self, version: &str, weight: u8) -> Result<Change, Failure> {
        if let Some(other) = self.candidate.as_deref().filter(|other| *other != version) {
            return Err(Failure::refused(format!("a rollout of {other} is under way; abort it first")));
        }
        if self.stable == version && self.candidate.is_none() {
            return Ok(Change::Already);
        }
        if weight == 100 {
            self.settle_on(version);
            return Ok(Change::Made);
        }
        let same = self.candidate.as_deref() == Some(version) && self.weight == weight;
        (self.candidate, self.weight, self.paused) = (Some(version.to_owned()), weight, false);
        Ok(if same { Change::Already } else { Change::Made })
    }

    /// Wants a share of the traffic for the candidate.
    pub fn promote(&mut self, version: &str, weight: u8) -> Result<Change, Failure> {
        if self.stable == version && self.candidate.is_none() && weight == 100 {
            return Ok(Change::Already);
        }
        if self.candidate.as_deref() != Some(version) {
            return Err(Failure::refused(format!("{version} is not deployed beside {}; deploy it first", self.stable)));
        }
        self.deploy(version, weight)
    }

    /// Wants an earlier version back, and nothing else. What came after it is no
    /// version to go back to.
    pub fn roll_back(&mut self, to: &str) -> Result<Change, Failure> {
        if self.stable == to {
            return self.abort();
        }
        let since = self.history.iter().position(|was| was == to).map_or(0, |at| at + 1);
        self.history.drain(..since);
        self.settle_on(to);
        Ok(Change::Made)
    }

    /// Wants the stable version alone.
    pub fn abort(&mut self) -> Result<Change, Failure> {
        let had = self.candidate.take().is_some() || self.paused;
        (self.weight, self.paused) = (0, false);
        Ok(if had { Change::Made } else { Change::Already })
    }

    /// Wants the rollout to stand still.
    pub fn pause(&mut self) -> Result<Change, Failure> {
        if self.candidate.is_none() {
            return Err(Failure::refused("no rollout is under way; there is nothing to pause"));
        }
        let was = std::mem::replace(&mut self.paused, true);
        Ok(if was { Change::Already } else { Change::Made })
    }

    /// The state in one word, as screens show it.
    pub fn word(&self) -> &'static str {
        match (&self.candidate, self.paused) {
            (Some(_), true) => "paused",
            (Some(_), false) => "canary",
            (None, _) => "stable",
        }
    }

    fn settle_on(&mut self, version: &str) {
        self.history.insert(0, version.to_owned());
        self.history.truncate(10);
        (self.stable, self.candidate) = (version.to_owned(), None);
        (self.weight, self.paused) = (0, false);
    }
}
