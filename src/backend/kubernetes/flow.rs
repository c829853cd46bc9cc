//! When events of a cluster are taken: for a moment as they come, then those that came meanwhile.
//!
//! What many events are about is looked at once, a quiet cluster's event at once. A flood is taken in
//! small parts with pauses between them: it waits where it comes from and leaves the processor to others.
//! Every turn ends with a look at what was taken in it, however late anybody comes to ask.

use std::time::Duration;
use tokio::time::Instant;

/// How long a turn of taking events is.
const TURN: Duration = Duration::from_millis(100);
/// How long a part of it is.
const PART: Duration = Duration::from_millis(10);
/// How many are taken in a part at most.
const MOST: u32 = 20;
/// How many are taken in a turn at most.
const ALL: u32 = 200;
/// How often connections may read on before a part is over.
const READS: usize = 3;

/// The turn of taking events that has begun last.
#[derive(Debug)]
pub struct Flow {
    began: Instant,
    taken: u32,
    shut: bool,
}

impl Default for Flow {
    /// A turn that is open.
    fn default() -> Self {
        Self { began: Instant::now(), taken: 0, shut: false }
    }
}

impl Flow {
    /// An event has been taken.
    pub fn taken(&mut self) {
        if self.shut {
            *self = Self::default();
        }
        self.taken += 1;
    }

    /// Whether another one is taken before those of this turn are looked at.
    pub fn takes(&self) -> bool {
        self.shut || self.taken < ALL
    }

    /// From when on the next one may be taken.
    pub fn opens(&self) -> Instant {
        self.began + if self.shut { TURN } else { PART * (self.taken / MOST) }
    }

    /// Whether what has been taken is still to be looked at.
    pub fn is_open(&self) -> bool {
        !self.shut
    }

    /// Comes back when those of this turn are to be looked at: nothing more is there to be taken.
    pub async fn over(&self) {
        tokio::time::sleep_until(self.began + (TURN - PART).min(PART * (self.taken / MOST + 1))).await;
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
