//! Keys of a replay: each becomes a move for the loop, which has the player.
//!
//! Outside a replay they only say how to begin one.

use super::Seen;
use crate::engine::timeline::jump::Jump;
use crate::engine::timeline::notable::Notable;
use crate::tui::action::Action;
use crate::tui::menu::{Choice, Menu};
use crate::tui::replay::Move;
use crate::tui::request::Request;
use crate::tui::theme::Role;
use crate::tui::ui::{Prompt, PromptKind, Ui};

/// What an action asks of the replay; nothing where none is played.
pub fn update(ui: &mut Ui, seen: &Seen<'_>, action: Action) -> Option<Request> {
    if seen.model.replay.is_none() {
        ui.say(Role::Text, "this is now: `holdpoint replay RUN` plays a past run");
        return None;
    }
    Some(Request::Replay(match action {
        Action::Play => Move::Play,
        Action::Faster => Move::Faster,
        Action::Slower => Move::Slower,
        Action::LineOn => Move::On,
        Action::LineBack => Move::Back,
        Action::EventOn => Move::Next(None),
        Action::EventBack => Move::Previous(None),
        Action::EventOf => {
            let keys = ['d', 'h', 't', 'f'];
            let items = keys.into_iter().zip(Notable::ALL);
            let items = items.map(|(key, kind)| (key, kind.word().to_owned(), Choice::Replay(Move::Next(Some(kind)))));
            ui.menu = Some(Menu::new("to the next".to_owned(), items.collect()));
            return None;
        }
        Action::Jump => {
            ui.prompt = Some(Prompt::new(PromptKind::Jump, ""));
            return None;
        }
        _ => return None,
    }))
}

/// Goes where a typed text says.
pub fn typed(ui: &mut Ui, seen: &Seen<'_>, text: &str) -> Option<Request> {
    if seen.model.replay.is_none() || text.is_empty() {
        return None;
    }
    match Jump::parse(text) {
        Ok(jump) => Some(Request::Replay(Move::To(jump))),
        Err(why) => {
            ui.say(Role::Warn, why);
            None
        }
    }
}
