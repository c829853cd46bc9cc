//! When events of a cluster are taken: for a moment as they come, then those that came meanwhile.
//!
//! What many events are about is looked at once, a quiet cluster's event at once, and a flood
//! waits where it comes from and leaves the processor to others.

use std::time::Duration;
use tokio::time::Instant;

/// How long a turn of taking events is.
const TURN: Duration = Duration::from_millis(100);
/// For how long of it they are taken as they come.
const OPEN: Duration = Duration::from_millis(10);
/// How often connections may read on before it is over.
const READS: usize = 3;
/// How many are taken in it at most.
const MOST: u32 = 200;

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
        if self.shut || self.taken >= MOST { self.began + TURN } else { self.began }
    }

    /// Whether what has been taken is still to be looked at.
    pub fn is_open(&self) -> bool {
        !self.shut
    }

    /// Comes back when those of this turn are to be looked at: nothing more is there to be taken.
    pub async fn over(&self) {
        tokio::time::sleep_until(self.began + OPEN).await;
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
