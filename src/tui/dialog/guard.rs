//! Which keys are an answer to a dialog or a menu: those a person pressed one
//! by one after it had been painted.

use super::Focus;
use crate::tui::terminal::{Code, Event, FrameId, Key};
use std::time::{Duration, Instant};

/// The same key again within this is the keyboard repeating itself.
pub const REPEAT: Duration = Duration::from_millis(45);
/// More inputs than this in one read were poured in, not typed.
pub const TYPED_AT_ONCE: usize = 3;

/// Why a key that came before the first picture does nothing.
const TOO_EARLY: &str = "keys typed before this was shown are not taken";

/// What a dialog or a menu remembers to tell answers from accidents.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    drawn: Option<FrameId>,
    painted: Option<Instant>,
    last: Option<(Key, Instant)>,
}

/// Whether a key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It does.
    Yes,
    /// It does not, the challenge starts again, and the operator is told why.
    No(&'static str),
    /// It is the key before, held down.
    Repeat,
}

impl Guard {
    /// Says in which frame it was drawn; only the first counts.
    pub fn drawn(&mut self, frame: FrameId) {
        self.drawn.get_or_insert(frame);
    }

    /// A frame from before the dialog, or from before a disturbance, does not count.
    pub fn painted(&mut self, frame: FrameId, at: Instant) {
        if self.drawn.is_some_and(|drawn| frame >= drawn) {
            self.painted.get_or_insert(at);
        }
    }

    /// Whether no frame that shows it has left yet.
    pub fn unpainted(&self) -> bool {
        self.painted.is_none()
    }

    /// Whether a key counts where one key alone chooses: it must have come alone.
    pub fn choice(&mut self, key: Key, event: &Event) -> Taken {
        match self.seen(key, event) {
            None => Taken::No(TOO_EARLY),
            Some(true) => Taken::Repeat,
            Some(false) if event.burst > 1 => Taken::No("that key came with others: once more"),
            Some(false) => Taken::Yes,
        }
    }

    /// Takes note of a key; whether it is the one before, held down. None before it was painted.
    fn seen(&mut self, key: Key, event: &Event) -> Option<bool> {
        let last = self.last.replace((key, event.at));
        let repeated = |(before, at): (Key, Instant)| before == key && event.at.saturating_duration_since(at) <= REPEAT;
        self.painted.filter(|painted| event.at > *painted).map(|_| last.is_some_and(repeated))
    }

    pub(super) fn take(&mut self, key: Key, event: &Event, focus: Focus) -> Taken {
        let Some(repeated) = self.seen(key, event) else { return Taken::No(TOO_EARLY) };
        let answers = key.code == Code::Enter || matches!(focus, Focus::Challenge);
        let edits = matches!(key.code, Code::Backspace | Code::Delete | Code::Left | Code::Right);
        match (answers, event.burst) {
            (true, burst) if burst > TYPED_AT_ONCE => Taken::No("that came too fast to be typed: type it again"),
            (true, burst) if burst > 1 && key.code == Code::Enter => Taken::No("Enter came with other keys: once more"),
            (true, _) if repeated && !edits => Taken::Repeat,
            _ => Taken::Yes,
        }
    }
}
