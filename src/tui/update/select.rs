//! Moving the hand: to another row, and on the bridge to another section.
//!
//! What is selected is named, never counted, so a list that moves keeps it.

use super::Seen;
use crate::tui::action::{Action, Pane};
use crate::tui::hand::{Id, Order};
use crate::tui::pane::{approvals, calendar, health, journal, now, runbook};
use crate::tui::ui::Ui;

/// The sections of the bridge that the hand goes through; the bridge is its steps.
const SECTIONS: [Pane; 4] = [Pane::Bridge, Pane::Health, Pane::Approvals, Pane::Journal];

/// Moves to the next or previous section of the bridge, else to the pane beside.
pub(super) fn focus(ui: &mut Ui, forward: bool) {
    let next = |all: &[Pane], from: Pane| {
        let at = all.iter().position(|p| *p == from).unwrap_or(0);
        let step = if forward { 1 } else { all.len().saturating_sub(1) };
        all.get((at + step) % all.len().max(1)).copied().unwrap_or(from)
    };
    match ui.pane {
        Pane::Bridge => ui.focus = next(&SECTIONS, ui.focus),
        pane => ui.pane = next(&Pane::ALL, pane),
    }
    ui.row = 0;
    ui.hand.let_go();
}

/// Moves to another row of the section or pane in focus.
pub(super) fn step(ui: &mut Ui, seen: &Seen<'_>, action: Action) {
    let page = ui.hand.page(|id| match ui.acting() {
        Pane::Bridge | Pane::Runbook => matches!(id, Id::Step(..)),
        Pane::Health => matches!(id, Id::Place(..)),
        Pane::Approvals => matches!(id, Id::Ask(..)),
        Pane::Calendar => matches!(id, Id::Slot(_)),
        Pane::Journal => matches!(id, Id::Line(_)),
        Pane::Rollback => false,
    });
    let to = |at: usize, len: usize| match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(len.saturating_sub(1)),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => (at + page).min(len.saturating_sub(1)),
        Action::First => 0,
        _ => len.saturating_sub(1),
    };
    match ui.acting() {
        Pane::Bridge | Pane::Runbook => {
            let Some(run) = seen.model.run() else { return };
            let view = seen.view(ui);
            let all = view.steps(run);
            let shown =
                if ui.acting() == Pane::Runbook { runbook::kept(&view, &all) } else { (0..all.len()).collect() };
            let name = |n: &usize| all.get(*n).map(|s| s.step.name.clone());
            let here = ui.step.as_ref().and_then(|step| shown.iter().position(|n| name(n).as_ref() == Some(step)));
            let open = now::first_open(&all);
            let at = here.unwrap_or_else(|| shown.iter().position(|n| *n >= open).unwrap_or(0));
            let first = here.is_none() && matches!(action, Action::Up | Action::Down);
            let next = if first { at } else { to(at, shown.len()) };
            ui.step = shown.get(next).and_then(name);
        }
        Pane::Health => {
            ui.hand.hold_still(seen.uptime, || Order::Places(seen.model.places.order().collect()));
            let view = seen.view(ui);
            let (places, all) = (&seen.model.places, health::numbers(&view).collect::<Vec<_>>());
            let hand = ui.target.as_ref().and_then(|target| places.position(target));
            let at = hand.and_then(|hand| all.iter().position(|n| *n == hand));
            let next = at.map_or(0, |at| to(at, all.len()));
            let place = all.get(next).and_then(|n| places.at(*n));
            ui.target = place.map(|p| (p.service.clone(), p.environment.clone()));
        }
        Pane::Journal => {
            ui.hand.hold_still(seen.uptime, || Order::Lines(seen.model.ledger.seq));
            let lines: Vec<u64> = journal::kept(&seen.view(ui)).iter().map(|t| t.entry.seq).collect();
            let last = lines.len().saturating_sub(1);
            let at = ui.line.and_then(|seq| lines.iter().position(|l| *l == seq)).unwrap_or(last);
            // On the bridge the newest stand on top.
            let flip = |n: usize| if ui.pane == Pane::Bridge && !ui.zoomed { last.saturating_sub(n) } else { n };
            let next = flip(to(flip(at), lines.len()));
            // At the end the newest stays selected as lines come.
            ui.line = if next == last { None } else { lines.get(next).copied() };
        }
        Pane::Approvals => {
            ui.hand.hold_still(seen.uptime, || Order::Asks(seen.model.derived.queue.clone()));
            let view = seen.view(ui);
            let all = approvals::kept(&view);
            let hand = approvals::selected(&view).map(|(run, step)| (run.id, &step.name));
            let at = all.iter().position(|(run, step)| Some((run.id, &step.name)) == hand);
            let next = at.map_or(0, |at| to(at, all.len()));
            ui.ask = all.get(next).map(|(run, step)| (run.id, step.name.clone()));
        }
        Pane::Calendar => {
            ui.hand.hold_still(seen.uptime, || Order::Slots(seen.model.derived.agenda.slots.clone()));
            let view = seen.view(ui);
            let all = calendar::kept(&view).slots;
            let at = calendar::position(&view, &all);
            let next = at.map_or(0, |at| to(at, all.len()));
            ui.slot = all.get(next).map(|slot| (*slot).clone());
        }
        Pane::Rollback => ui.row = to(ui.row, crate::tui::pane::rollback::lines(&seen.view(ui)).len()),
    }
}
