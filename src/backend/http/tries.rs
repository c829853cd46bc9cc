//! What to do with the outcome of a read: take it, give up, or try again. Pure.
//! What a mutation's status means is told here too, and nothing of it is ever tried again.

use std::time::Duration;

/// How often a read is tried in all.
pub const MOST: u32 = 3;
/// The longest `Retry-After` that is waited out; a longer one is told.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What became of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status, and how long it asks to wait.
    Status(u16, Option<Duration>),
    /// No whole answer.
    Broken,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is the answer.
    Take,
    /// The host says no, and would again.
    GiveUp,
    /// Again, after at least so long.
    Again(Duration),
}

/// What follows from a try's outcome.
pub fn next(outcome: Outcome) -> Next {
    match outcome {
        Outcome::Status(200..=299 | 304, _) => Next::Take,
        Outcome::Status(408 | 425 | 429 | 500 | 502 | 503 | 504, wait) => match wait {
            Some(wait) if wait > PATIENCE => Next::GiveUp,
            wait => Next::Again(wait.unwrap_or_default()),
        },
        Outcome::Status(..) => Next::GiveUp,
        Outcome::Broken => Next::Again(Duration::ZERO),
    }
}

/// Whether a status is the host's failure, which the breaker counts, rather than its no.
pub fn is_failure(status: u16) -> bool {
    status >= 500 || status == 408
}

/// What a status means for a mutation that was sent once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken,
    /// It was refused: certainly not done.
    Refused,
    /// It may have been done all the same.
    Unknown,
}

/// What a status means for a mutation. A 408 and a 303 may come after the deed.
pub fn sent(status: u16) -> Sent {
    match status {
        200..=299 => Sent::Taken,
        303 | 408 => Sent::Unknown,
        300..=499 => Sent::Refused,
        _ => Sent::Unknown,
    }
}

/// Whether a no came before anything was begun, of what may be done in part: it was sent elsewhere, or whoever
/// asked is not known or not allowed to, in the words of the host's own door. Every other no may be passed on from
/// behind it.
pub fn is_before(status: u16, said: &str) -> bool {
    match status {
        300..=399 => true,
        401 => said.contains("session"),
        403 => said.contains("permission denied"),
        _ => false,
    }
}
