//! When events of a cluster are taken: for a moment as they come, then those that came meanwhile.
//!
//! What many events are about is looked at once, a quiet cluster's event at once. A flood is taken in
//! small parts with pauses between them: it waits where it comes from and leaves the processor to others.

use std::time::Duration;
use tokio::time::Instant;

/// How long a turn of taking events is.
const TURN: Duration = Duration::from_millis(100);
/// How long a part of it is.
const PART: Duration = Duration::from_millis(10);
/// How many are taken in a part at most.
const MOST: u32 = 20;
/// How often connections may read on before a part is over.
const READS: usize = 3;

/// The turn of taking events that has begun last.
#[derive(Debug)]
pub struct Flow {
    began: Instant,
    taken: u32,
    shut: bool,
}

impl Flow {
    /// A turn that is open.
    pub fn new() -> Self {
        Self { began: Instant::now(), taken: 0, shut: false }
    }

    /// An event has been taken.
    pub fn taken(&mut self) {
        if self.began.elapsed() >= TURN {
            *self = Self::new();
        }
        self.taken += 1;
    }

    /// From when on the next one may be taken.
    pub fn opens(&self) -> Instant {
        self.began + if self.shut { TURN } else { TURN.min(PART * (self.taken / MOST)) }
    }

    /// Whether what has been taken is still to be looked at.
    pub fn is_open(&self) -> bool {
        !self.shut
    }

    /// Comes back when those of this turn are to be looked at: nothing more is there to be taken.
    pub async fn over(&self) {
        let last = TURN - PART;
        tokio::time::sleep_until(self.began + last.min(PART * (self.taken / MOST).max(1))).await;
        // What the connections have meanwhile read comes first.
        for _ in 0..READS {
            tokio::task::yield_now().await;
        }
    }

    /// They have been.
    pub fn shut(&mut self) {
        self.shut = true;
    }
}
