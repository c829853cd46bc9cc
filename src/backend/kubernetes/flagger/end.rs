//! How a verb on a canary ended, when what was opened for it has been closed, or has not.
//!
//! A gate that may be open still is never a success, whatever else was done: the next release
//! would pass it unseen.

use super::super::super::{Done, Fault};
use crate::domain::report::Receipt;

/// What became of what was asked, before anything was closed.
pub enum Went {
    /// It was seen.
    Done(String),
    /// Nothing of it was begun.
    Not(String),
    /// It cannot be told, or is not over.
    Unknown(String),
}

/// The end of it, with what closing came to.
pub fn ended(went: Went, closed: Result<(), String>) -> Result<Done, Fault> {
    let lost = |why| Err(Fault::Lost { why, output: None });
    match (went, closed) {
        (Went::Done(summary), Ok(())) => {
            let summary = format!("{summary}; closed again");
            Ok(Done::Whole(Receipt { summary, ..Receipt::default() }))
        }
        (Went::Not(why), Ok(())) => Err(Fault::Refused { why, output: None }),
        (Went::Unknown(why), Ok(())) => lost(format!("{why}; what was opened is closed again")),
        (Went::Done(why) | Went::Not(why) | Went::Unknown(why), Err(open)) => {
            lost(format!("{why}; BUT WHAT WAS OPENED MAY BE OPEN STILL: {open}"))
        }
    }
}
