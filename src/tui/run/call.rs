//! Calling a person from the loop: what has begun to need one, and the title.
//!
//! At most one call a turn; nothing is called for in a replay or without colours.

use super::Screen;
use crate::runtime::clock::now;
use crate::tui::attention::settings::{self, Settings};
use crate::tui::attention::{self, Attention, Call};
use crate::tui::theme::Role;
use crate::tui::theme::user::Place;
use crate::tui::ui::Ui;
use crate::tui::uptime::uptime;

/// How this session calls.
pub(super) struct Caller {
    attention: Attention,
    settings: Settings,
    titled: String,
}

impl Caller {
    /// By the user's settings; a mistake in them is said.
    pub(super) fn of(place: &Place, ui: &mut Ui) -> Self {
        let settings = settings::read(place).unwrap_or_else(|problem| {
            ui.say(Role::Fail, format!("{problem}; the bell rings as usual"));
            Settings::default()
        });
        Self { attention: Attention::default(), settings, titled: String::new() }
    }

    /// The title is gone with the terminal, and is to be written anew.
    pub(super) fn untitled(&mut self) {
        self.titled.clear();
    }
}

impl Screen {
    /// Calls for what is new, and names the window by what is drawn.
    pub(super) fn call(&mut self) {
        if !self.worn.calls() {
            return;
        }
        let caller = &mut self.caller;
        if let Some(call) = caller.attention.take(&self.model, &caller.settings, now(), uptime()) {
            let text = self.theme.glyphs.text(&call.text).into_owned();
            self.terminal.call(attention::bytes(&Call { text, ..call }, &caller.settings));
        }
        let title = self.theme.glyphs.text(&attention::title(&self.model)).into_owned();
        if title != caller.titled {
            self.terminal.name(&title);
            caller.titled = title;
        }
    }
}
