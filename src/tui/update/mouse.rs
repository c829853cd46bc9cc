//! What the mouse points at: a row is selected, a pane shown, a list or sheet moved.
//!
//! It never acts, agrees, arms, or closes what is asked: while something lies
//! over the screen and takes the keys, it does nothing at all.

use super::{Seen, guard, look, select};
use crate::tui::action::{Action, Pane};
use crate::tui::hand::Id;
use crate::tui::terminal::Mouse;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Asks for the mouse, or leaves it to the terminal.
pub(super) fn switch(ui: &mut Ui) {
    ui.mouse = !ui.mouse;
    let words = match ui.mouse {
        true => "the mouse points and scrolls here; the terminal selects text with shift held, if it can",
        false => "the mouse is the terminal's again",
    };
    ui.say(Role::Text, words);
}

/// Takes what was done with the mouse; in a few words what that did, for the key log.
pub fn take(ui: &mut Ui, seen: &Seen<'_>, mouse: Mouse) -> Option<String> {
    if !ui.mouse || ui.busy() {
        return None;
    }
    match mouse {
        Mouse::Click(at) => {
            let id = ui.hand.at(at).map(|mark| mark.id.clone()).find(|id| id.row() || section(id).is_some())?;
            let under = ui.hand.at(at).find_map(|mark| section(&mark.id));
            click(ui, id, under)
        }
        Mouse::Wheel(at, down) => {
            let action = if down { Action::Down } else { Action::Up };
            if ui.sheet.is_some() {
                let _ = look::on_sheet(ui, seen, action);
            } else {
                let under = ui.hand.at(at).find_map(|mark| section(&mark.id))?;
                focus(ui, under);
                select::step(ui, seen, action);
            }
            Some(if down { "down" } else { "up" }.to_owned())
        }
    }
}

/// The pane of a section, or of a name in the footer.
fn section(id: &Id) -> Option<Pane> {
    match id {
        Id::Section(pane) | Id::Tab(pane) => Some(*pane),
        _ => None,
    }
}

fn click(ui: &mut Ui, id: Id, under: Option<Pane>) -> Option<String> {
    let words = id.words();
    match id {
        Id::Tab(pane) => {
            (ui.pane, ui.sheet) = (pane, None);
            (ui.row, ui.zoomed) = (0, false);
            ui.hand.let_go();
        }
        _ if ui.sheet.is_some() => return None,
        id => {
            under.into_iter().for_each(|pane| focus(ui, pane));
            guard::select(ui, &id);
        }
    }
    Some(words)
}

/// Gives the hand to a section of the bridge; a pane has it already.
fn focus(ui: &mut Ui, pane: Pane) {
    if ui.pane == Pane::Bridge && !ui.zoomed && ui.focus != pane {
        (ui.focus, ui.row) = (pane, 0);
        ui.hand.let_go();
    }
}
