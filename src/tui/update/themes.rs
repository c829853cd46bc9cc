//! Choosing a theme: moving through the list wears each at once, Enter keeps
//! it for the session, Esc brings the old one back.
//!
//! It only says which theme is wanted; the loop puts it on.

use super::Seen;
use crate::tui::action::Action;
use crate::tui::theme::{Depth, Role};
use crate::tui::ui::Ui;

/// The list of themes while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chooser {
    /// The names, in the order they are shown.
    pub names: Vec<String>,
    /// Which of them has the hand.
    pub at: usize,
}

impl Chooser {
    /// The theme that has the hand.
    pub fn name(&self) -> Option<&str> {
        self.names.get(self.at).map(String::as_str)
    }
}

/// Opens the list at the theme that is worn.
pub(super) fn open(ui: &mut Ui, seen: &Seen<'_>) {
    let names: Vec<_> = ui.themes.0.iter().map(|entry| entry.name.clone()).collect();
    if names.is_empty() {
        return ui.say(Role::Text, "the themes are still being read: press the key again");
    }
    let worn = ui.theme.as_deref().unwrap_or(&seen.theme.name);
    let at = names.iter().position(|name| name == worn).unwrap_or(0);
    if seen.theme.depth() == Depth::None {
        ui.say(Role::Text, "this terminal is without colours (NO_COLOR, TERM or --color): every theme looks like mono");
    }
    ui.chooser = Some(Chooser { names, at });
}

/// What an action does while the list is open; false when it goes through to what lies below.
pub(super) fn on_chooser(ui: &mut Ui, action: Action) -> bool {
    let Some(chooser) = &mut ui.chooser else { return false };
    let last = chooser.names.len().saturating_sub(1);
    match action {
        Action::Up => chooser.at = chooser.at.saturating_sub(1),
        Action::Down => chooser.at = (chooser.at + 1).min(last),
        Action::PageUp => chooser.at = chooser.at.saturating_sub(5),
        Action::PageDown => chooser.at = (chooser.at + 5).min(last),
        Action::First => chooser.at = 0,
        Action::Last => chooser.at = last,
        Action::Open | Action::Right => keep(ui),
        Action::Back | Action::Left | Action::Quit | Action::Theme => ui.chooser = None,
        Action::Go(_) => {
            ui.chooser = None;
            return false;
        }
        _ => return false,
    }
    true
}

/// Keeps the theme that has the hand for this session.
fn keep(ui: &mut Ui) {
    let Some(name) = ui.chooser.as_ref().and_then(Chooser::name).map(str::to_owned) else { return };
    wear(ui, &name);
}

/// Wears a theme by its name for this session, or says why not.
pub fn wear(ui: &mut Ui, name: &str) {
    let name = name.to_owned();
    match ui.themes.get(&name).map(|entry| &entry.read) {
        Some(Ok(_)) => {
            ui.chooser = None;
            ui.say(
                Role::Text,
                format!("theme {name} for this session; `holdpoint theme use {name}` keeps it for good"),
            );
            ui.theme = Some(name);
        }
        Some(Err(bad)) => {
            let text = bad.to_string();
            if ui.messages.back().is_none_or(|message| message.text != text) {
                ui.say(Role::Fail, text);
            }
        }
        None => ui.say(Role::Warn, format!("there is no theme {name} any more; nothing was changed")),
    }
}
