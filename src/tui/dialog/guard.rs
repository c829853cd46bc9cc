//! Which keys are an answer to a dialog: those a person pressed one by one
//! after it had been painted.

use super::Focus;
use crate::tui::terminal::{Code, Event, FrameId, Key};
use std::time::{Duration, Instant};

/// The same key again within this is the keyboard repeating itself.
pub const REPEAT: Duration = Duration::from_millis(45);
/// More inputs than this in one read were poured in, not typed.
pub const TYPED_AT_ONCE: usize = 3;

/// What a dialog remembers to tell answers from accidents.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    drawn: Option<FrameId>,
    painted: Option<Instant>,
    last: Option<(Key, Instant)>,
}

/// Whether a key counts.
pub(super) enum Taken {
    Yes,
    /// It does not, the challenge starts again, and the operator is told why.
    No(&'static str),
    /// It is the key before, held down.
    Repeat,
}

impl Guard {
    pub(super) fn drawn(&mut self, frame: FrameId) {
        self.drawn.get_or_insert(frame);
    }

    /// A frame from before the dialog, or from before a disturbance, does not count.
    pub(super) fn painted(&mut self, frame: FrameId, at: Instant) {
        if self.drawn.is_some_and(|drawn| frame >= drawn) {
            self.painted.get_or_insert(at);
        }
    }

    pub(super) fn unpainted(&self) -> bool {
        self.painted.is_none()
    }

    pub(super) fn take(&mut self, key: Key, event: &Event, focus: Focus) -> Taken {
        if self.painted.is_none_or(|painted| event.at <= painted) {
            self.last = Some((key, event.at));
            return Taken::No("keys typed before this was shown are not taken");
        }
        let last = self.last.replace((key, event.at));
        let repeated =
            last.is_some_and(|(before, at)| before == key && event.at.saturating_duration_since(at) <= REPEAT);
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
