//! Keys that were meant for something that has closed by itself: a dialog under
//! the hand of someone who types. They must not meet what lies beneath it.
//!
//! They are swallowed until the hand rests or presses Esc or Enter, and never for
//! long. Instants are readings of the clock that never jumps ([`super::uptime`]).

use super::terminal::{Code, What};
use std::time::Duration;

/// No key for so long: whoever types has looked up.
pub const PAUSE: Duration = Duration::from_secs(1);
/// Keys are never swallowed for longer.
pub const LONGEST: Duration = Duration::from_secs(5);

/// What is said while keys are swallowed.
pub const WORDS: &str = "keys are not taken: they were meant for what has closed · pause for 1 s, or Esc";

/// Which keys are nobody's, if any.
#[derive(Clone, Debug, Default)]
pub struct Stray {
    closed: Option<Closed>,
}

#[derive(Clone, Debug)]
struct Closed {
    what: String,
    /// When it closed, and the newest key since; none until a clock was at hand.
    since: Option<(Duration, Duration)>,
}

impl Stray {
    /// Something has closed by itself; its title.
    pub fn begin(&mut self, what: impl Into<String>) {
        self.closed = Some(Closed { what: what.into(), since: None });
    }

    /// Takes note of the time: it ends by itself.
    pub fn tick(&mut self, uptime: Duration) {
        let Some(closed) = &mut self.closed else { return };
        let (begun, last) = *closed.since.get_or_insert((uptime, uptime));
        if uptime.saturating_sub(last) >= PAUSE || uptime.saturating_sub(begun) >= LONGEST {
            self.closed = None;
        }
    }

    /// Whether a key or paste is swallowed; the title of what it was meant for.
    pub fn takes(&mut self, what: &What, uptime: Duration) -> Option<String> {
        self.tick(uptime);
        let ends = match what {
            What::Key(key) => matches!(key.code, Code::Esc | Code::Enter),
            What::Paste(_) => false,
            _ => return None,
        };
        let closed = self.closed.as_mut()?;
        let title = closed.what.clone();
        if let Some((_, last)) = &mut closed.since {
            *last = uptime;
        }
        if ends {
            self.closed = None;
        }
        Some(title)
    }

    /// Whether keys are swallowed.
    pub fn holds(&self) -> bool {
        self.closed.is_some()
    }
}
