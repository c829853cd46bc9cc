//! The end of what backends keep running: whoever leaves waits for it, and never for long.
//!
//! It ends nothing itself. What runs holds an `Alive` for as long as it does.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often one looks.
const LOOK: Duration = Duration::from_millis(10);

/// Held, in any number of copies, by what runs.
#[derive(Clone, Debug, Default)]
pub struct Alive(Arc<()>);

impl Alive {
    /// How its end is waited for.
    pub fn ending(&self) -> Ending {
        Ending(Arc::downgrade(&self.0))
    }
}

/// Tells when no copy is held any longer.
#[derive(Clone, Debug)]
pub struct Ending(Weak<()>);

/// Waits until all have ended, at most for `limit` altogether; whether they have. It blocks.
pub fn wait(all: &[Ending], limit: Duration) -> bool {
    let until = Instant::now() + limit;
    while all.iter().any(|ending| ending.0.strong_count() > 0) {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(LOOK);
    }
    true
}
