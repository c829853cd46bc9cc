//! How an operation ended and what a probe showed, as the tables of what goes wrong compare it; and the running of their cases.

use futures_util::StreamExt;
use holdpoint::backend::{Certainty, Done, Fault};
use holdpoint::domain::report::Found;
use std::future::Future;

/// How it ended, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Certainly not done.
    NotDone,
    /// Nobody knows.
    Unknown,
    /// Done in part, certainly.
    Partly,
    /// Done.
    Done,
}

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// It took effect.
    Applied,
    /// In part.
    Partly,
    /// No effect so far.
    NotYet,
    /// No effect, and there will be none.
    Never,
    /// It cannot be told.
    Unknown,
}

impl End {
    pub fn of(ended: &Result<Done, Fault>) -> Self {
        match ended {
            Ok(Done::Whole(_)) => Self::Done,
            Ok(Done::Partly(..)) => Self::Partly,
            Err(fault) if fault.certainty() == Certainty::NotDone => Self::NotDone,
            Err(_) => Self::Unknown,
        }
    }
}

impl Shows {
    pub fn of(found: &Found) -> Self {
        match found {
            Found::Applied(_) => Self::Applied,
            Found::Partly { .. } => Self::Partly,
            Found::NotApplied { r#final: false, .. } => Self::NotYet,
            Found::NotApplied { r#final: true, .. } => Self::Never,
            Found::Unknown { .. } => Self::Unknown,
        }
    }
}

/// Runs all cases, so many abreast, and tells of every one that does not hold.
pub async fn all<'a>(
    abreast: usize,
    cases: impl IntoIterator<Item = (String, impl Future<Output = Result<(), String>> + 'a)>,
) -> usize {
    let (mut all, mut wrong) = (0, Vec::new());
    let judged = |(name, case)| async move { (name, case.await) };
    let mut ended = futures_util::stream::iter(cases.into_iter().map(judged)).buffer_unordered(abreast);
    while let Some((name, held)) = ended.next().await {
        all += 1;
        wrong.extend(held.err().map(|why: String| format!("{name}: {why}")));
    }
    assert!(wrong.is_empty(), "{} of {all} cases do not hold:\n{}", wrong.len(), wrong.join("\n"));
    println!("{all} cases hold");
    all
}
