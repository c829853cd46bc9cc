//! What ends by itself: arming, and what is being asked when the ground it
//! stands on moves.
//!
//! Looked at before every key and after every batch of news, so that no key
//! agrees to something that is no more.

use super::Seen;
use crate::tui::arming::End;
use crate::tui::basis::Basis;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Ends what has ended, and says so.
pub fn watch(ui: &mut Ui, seen: &Seen<'_>) {
    if let Some(end) = ui.arming.tick(seen.uptime) {
        ui.disarmed(end);
    }
    if seen.model.run().is_some_and(|run| !run.ended() && !seen.model.drives(run)) {
        ui.disarm(End::ConnLost);
    }
    ui.pending.tick(seen.uptime);
    let Some(asked) = ui.asked.as_ref() else { return };
    let now = Basis::of(&seen.view(ui), asked.intent.as_ref());
    let was = asked.basis.clone().unwrap_or_else(|| now.clone());
    if was.about != now.about {
        let title = asked.dialog.card().title.clone();
        ui.asked = None;
        return ui.say(Role::Warn, format!("closed, nothing was sent: what it was about has changed: {title}"));
    }
    if was.conn && !now.conn {
        ui.disturb("the conn is not yours any more: look again");
    }
    if let Some(asked) = &mut ui.asked {
        asked.basis = Some(now);
    }
}
