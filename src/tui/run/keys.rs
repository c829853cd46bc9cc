//! Taking up the keymap's files: at the start, and whenever one changes.
//!
//! A file with a mistake changes nothing: at the start the keys that ship are
//! used, later those of the last good reading. Either is said until put away.

use super::dress::Look;
use super::{Message, Screen};
use crate::config::Problem;
use crate::tui::keymap::overlay::Overlaid;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::watch::{self, Watched};
use std::sync::mpsc::Sender;

/// What the files said last.
pub(super) type Said = Result<Overlaid, Vec<Problem>>;

/// Reads the keymap of the first picture; what is wrong with it is said.
pub(super) fn first(look: &Look, ui: &mut Ui) -> Said {
    let said = look.keys.read();
    match &said {
        Ok(overlaid) => {
            warn(ui, &overlaid.warnings);
            ui.keys = overlaid.keymap.clone().into();
        }
        Err(problems) => tell(ui, problems, "the keys that ship are used"),
    }
    said
}

/// Reads the keymap again whenever one of its files changes.
pub(super) fn files(look: &Look, messages: Sender<Message>) -> Watched {
    let (files, read) = (look.keys.0.clone(), look.keys.clone());
    watch::watched(move || files.clone(), move || read.read(), move |said| messages.send(Message::Keys(said)).is_ok())
}

impl Screen {
    /// Takes what was read of the keymap's files.
    pub(super) fn keys(&mut self, said: Said) {
        if said == self.said {
            return;
        }
        self.ui.pending.clear();
        match &said {
            Ok(overlaid) => {
                self.ui.keys = overlaid.keymap.clone().into();
                self.ui.say(Role::Text, "your keys were read again");
                warn(&mut self.ui, &overlaid.warnings);
            }
            Err(problems) => tell(&mut self.ui, problems, "the keys stay as they were"),
        }
        self.said = said;
    }
}

fn tell(ui: &mut Ui, problems: &[Problem], what_then: &str) {
    let Some(first) = problems.first() else { return };
    let more = match problems.len() {
        1 => String::new(),
        n => format!("; {} more: `holdpoint keys --check`", n - 1),
    };
    ui.say(Role::Fail, format!("keymap: {}{more}; {what_then}", in_a_line(first)));
}

fn warn(ui: &mut Ui, warnings: &[Problem]) {
    for warning in warnings.iter().take(3) {
        ui.say(Role::Warn, format!("keymap: {}", in_a_line(warning)));
    }
}

/// A problem without the line that it is in.
fn in_a_line(problem: &Problem) -> String {
    let Problem { file, line, column, what, .. } = problem;
    let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    match line {
        0 => format!("{file}: {what}{help}"),
        _ => format!("{file}:{line}:{column}: {what}{help}"),
    }
}
