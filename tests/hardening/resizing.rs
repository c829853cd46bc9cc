//! Windows of every size, one after the other: no panic, the right picture at the end,
//! and no dialog that still holds what was typed before.

use crate::chance::Chance;
use crate::desk::Desk;
use crate::ground::{arm, conned, focus, screens, started};
use crate::support::pty::Pty;
use crate::support::until;
use crate::{count, side_by_side};
use holdpoint::tui::action::Pane;
use holdpoint::tui::terminal::What;
use holdpoint::tui::terminal::painter::Painter;
use std::num::NonZero;
use std::time::Duration;

const ODD: [(u16, u16); 8] = [(0, 0), (1, 1), (10000, 5), (500, 200), (1, 200), (500, 1), (39, 9), (80, 24)];

/// A size; one of the odd ones now and then, and small ones mostly, as they are the hard ones.
fn size(chance: &mut Chance) -> (u16, u16) {
    match chance.below(8) {
        0 => *chance.of(&ODD),
        1 => (chance.below(500) as u16, chance.below(200) as u16),
        _ => (chance.below(130) as u16, chance.below(50) as u16),
    }
}

#[test]
fn a_storm_of_sizes_draws_without_a_panic_and_ends_as_a_fresh_picture() {
    let mut chance = Chance::new(11);
    let mut desk = Desk::new();
    let mut painter = Painter::default();
    let mut terminal = vt100::Parser::new(NonZero::new(24).unwrap(), NonZero::new(80).unwrap(), 0);
    for n in 0..count(500, 10_000) {
        if n % 50 == 0 {
            desk.again();
            desk.ui.pane = Pane::ALL[n / 50 % Pane::ALL.len()];
        }
        if n % 50 == 25 {
            desk.open(1 + n / 50 % 2, &mut chance);
        }
        let asked = desk.asks();
        desk.what(What::Resized);
        if asked.as_ref().is_some_and(|asked| asked.len() > 9) {
            assert_ne!(desk.asks(), asked, "the code is another after a resize");
        }
        let (width, height) = size(&mut chance);
        // The terminal's file says no more than this of what it is told.
        let (width, height) = (width.min(1000), height.min(500));
        if width == 0 || height == 0 {
            continue;
        }
        terminal.screen_mut().set_size(NonZero::new(height).unwrap(), NonZero::new(width).unwrap());
        let buffer = desk.picture(width, height);
        terminal.process(painter.paint(buffer.clone(), None).0);
        if n % 25 == 0 {
            let mut fresh = vt100::Parser::new(NonZero::new(height).unwrap(), NonZero::new(width).unwrap(), 0);
            fresh.process(Painter::default().paint(buffer, None).0);
            assert!(
                cells(terminal.screen()) == cells(fresh.screen()),
                "{width}×{height}:\n{}",
                terminal.screen().contents()
            );
        }
    }
}

/// Every cell as it looks.
fn cells(screen: &vt100::Screen) -> Vec<&vt100::Cell> {
    let (rows, columns) = screen.size();
    (0..rows.get()).flat_map(|row| (0..columns.get()).filter_map(move |column| screen.cell(row, column))).collect()
}

/// So many windows are resized beside each other.
const AT_ONCE: usize = 4;

#[test]
fn a_window_that_shrinks_and_grows_back_at_once_is_painted_whole() {
    let windows = count(1, AT_ONCE);
    side_by_side(windows, windows, |_| shrinks(count(6, 200) / windows));
}

fn shrinks(rounds: usize) {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    for round in 0..rounds {
        pty.resize(30 + round as u16 % 60, 11);
        pty.resize(100, 30);
        pty.wait_for("── journal");
        exact(&mut pty, &format!("round {round}"));
    }
}

/// The screen as it is, and as it is after being painted anew, but for the clocks in it.
#[track_caller]
pub fn exact(pty: &mut Pty, what: &str) {
    let still = |screen: &str| screen.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let agrees = until(Duration::from_secs(30), || {
        let before = still(&pty.screen());
        let sent = pty.emitted().len();
        pty.keys("<F12>");
        until(Duration::from_secs(5), || (pty.emitted().len() > sent + 500).then_some(()))?;
        until(Duration::from_secs(2), || (still(&pty.screen()) == before).then_some(()))
    });
    assert!(agrees.is_some(), "{what}: not as painted anew:\n{}", pty.screen());
}

#[test]
fn a_storm_of_sizes_in_a_real_terminal_ends_in_the_right_picture_and_disarms() {
    let windows = count(1, AT_ONCE);
    side_by_side(windows, windows, |n| storms(n as u64, count(4, 100) / windows));
}

/// So many storms of a hundred sizes each.
fn storms(seed: u64, rounds: usize) {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    let mut chance = Chance::new(12 + seed);
    for round in 0..rounds {
        arm(&mut pty);
        pty.opens("s", "▸ Cancel");
        focus(&mut pty);
        for n in 0..100 {
            let (columns, rows) = if n % 10 == 0 { ODD[n / 10 % ODD.len()] } else { size(&mut chance) };
            pty.resize_line(columns, rows);
        }
        // Too small for a dialog: whatever was open is gone, or asks anew.
        pty.resize(100, 30);
        pty.wait_for("Deploy web to lab");
        pty.wait_screen("it is disarmed or asks anew", Duration::from_secs(20), |screen| !screen.contains("▸ Do it"));
        pty.keys("<Esc>");
        pty.wait_gone("▸ Cancel");
        exact(&mut pty, &format!("round {round}"));
    }
    assert_eq!(crate::ground::begun(&sandbox), 0);
}
