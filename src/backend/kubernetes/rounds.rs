//! Which namespace is asked for its Warning events next: those in which a service is not well, in turn.
//!
//! Pure. However many are not well, they take a small share of what may be asked of the API; one that says
//! nothing new is asked less often, and one that may not be read is left alone for long.

use super::answer::Unanswered;
use crate::domain::observed::Placed;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// How long after something goes wrong it is asked for: what is said of it is written a moment later.
const FIRST: Duration = Duration::from_secs(2);
/// How often the same is asked for at most.
const OFTEN: Duration = Duration::from_secs(10);
/// How often it is asked for while it says nothing new.
const SELDOM: Duration = Duration::from_secs(60);
/// How long one is left alone that was not answered.
const FAILED: Duration = Duration::from_secs(20);
/// How long at most.
const LONGEST: Duration = Duration::from_secs(300);
/// How long one is left alone that may not be read.
const REFUSED: Duration = Duration::from_secs(600);
/// The least time between any two: a tenth of what may be asked of an API in all.
pub const SHARE: Duration = Duration::from_millis(200);

/// Whose turn it is.
#[derive(Default)]
pub struct Rounds {
    all: BTreeMap<String, Turn>,
    /// When any may be asked next.
    free: Option<Instant>,
}

/// A namespace in which something is not well, or was.
struct Turn {
    /// What is not well there.
    unwell: BTreeSet<Placed>,
    /// When it became so.
    since: Instant,
    /// When it was last asked for.
    asked: Option<Instant>,
    /// How long it is left alone after that.
    rest: Duration,
    /// How long it is left alone when it is not answered again.
    failed: Duration,
}

/// What an answer came to.
pub enum Went {
    /// It says something new.
    New,
    /// It says what it said before.
    Same,
    /// It may not be read.
    Refused,
    /// It was not answered; the API asks for so much patience.
    Failed(Duration),
}

impl Went {
    /// What a question came to that was not answered.
    pub fn of(error: &Unanswered) -> Self {
        match error {
            Unanswered::Api { code: 403..=405, .. } => Self::Refused,
            error => Self::Failed(error.patience()),
        }
    }
}

impl Rounds {
    /// Takes note of whether a service is well.
    pub fn note(&mut self, namespace: &str, placed: &Placed, unwell: bool, now: Instant) {
        if !unwell {
            if let Some(turn) = self.all.get_mut(namespace) {
                turn.unwell.remove(placed);
            }
            return;
        }
        let fresh = || Turn { unwell: BTreeSet::new(), since: now, asked: None, rest: OFTEN, failed: FAILED };
        let turn = self.all.entry(namespace.to_owned()).or_insert_with(fresh);
        if turn.unwell.is_empty() {
            turn.since = now;
        }
        // What has just gone wrong is looked for soon, whatever the others there say.
        if turn.unwell.insert(placed.clone()) && turn.rest == SELDOM {
            turn.rest = OFTEN;
        }
    }

    /// Nothing is known any more of who is well.
    pub fn forget(&mut self) {
        self.all.values_mut().for_each(|turn| turn.unwell.clear());
    }

    /// Who is asked next, and when; none where all are well.
    pub fn next(&self) -> Option<(Instant, &str)> {
        let due = |turn: &Turn| turn.asked.map(|at| at + turn.rest).max(Some(turn.since + FIRST)).max(self.free);
        let unwell = self.all.iter().filter(|(_, turn)| !turn.unwell.is_empty());
        // Of several that are due, whoever has waited longest.
        let all = unwell.filter_map(|(name, turn)| Some((due(turn)?, turn.asked, name.as_str())));
        all.min().map(|(at, _, name)| (at, name))
    }

    /// One is asked now.
    pub fn asked(&mut self, namespace: &str, now: Instant) {
        self.free = Some(now + SHARE);
        if let Some(turn) = self.all.get_mut(namespace) {
            turn.asked = Some(now);
        }
    }

    /// What came of it.
    pub fn went(&mut self, namespace: &str, went: &Went) {
        let Some(turn) = self.all.get_mut(namespace) else { return };
        turn.rest = match went {
            Went::New => OFTEN,
            Went::Same => (turn.rest * 2).clamp(OFTEN, SELDOM),
            Went::Refused => REFUSED,
            Went::Failed(patience) => turn.failed.max(*patience),
        };
        turn.failed = match went {
            Went::Failed(_) => (turn.failed * 2).min(LONGEST),
            _ => FAILED,
        };
    }
}
