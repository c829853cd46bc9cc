//! What ends by itself: arming, what is being asked when the ground it stands on
//! moves, and a rollback that somebody waits for.
//!
//! Looked at before every key and after every batch of news, so that no key
//! agrees to something that is no more.

use super::Seen;
use super::overtaken;
use crate::tui::arming::End;
use crate::tui::basis::Basis;
use crate::tui::ui::Ui;

/// Ends what has ended, and says so.
pub fn watch(ui: &mut Ui, seen: &Seen<'_>) {
    ui.stray.tick(seen.uptime);
    overtaken::returned(ui, seen);
    if let Some(end) = ui.arming.tick(seen.uptime) {
        ui.disarmed(end);
    }
    if seen.model.conned().is_some_and(|run| !seen.model.drives(run)) {
        ui.disarm(End::ConnLost);
    }
    ui.pending.tick(seen.uptime);
    let Some(asked) = ui.asked.as_ref() else { return };
    if asked.basis.as_ref().is_some_and(|basis| basis.stands(seen.model, seen.now)) {
        return;
    }
    let now = Basis::of(&seen.view(ui), asked.intent.as_ref());
    let was = asked.basis.clone().unwrap_or_else(|| now.clone());
    if was.about != now.about {
        let title = asked.dialog.card().title.clone();
        let (role, text) = overtaken::words(seen, asked.intent.as_ref(), was.seq, &title);
        ui.asked = None;
        ui.stray.begin(title);
        ui.stray.tick(seen.uptime);
        return ui.say(role, text);
    }
    if was.conn && !now.conn {
        ui.disturb("the conn is not yours any more: look again");
    }
    if let Some(asked) = &mut ui.asked {
        asked.basis = Some(now.since(was.seq));
    }
}
