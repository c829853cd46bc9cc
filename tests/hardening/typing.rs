//! Streams of keys on every screen and every armed dialog: nothing leaves without what was
//! asked for, typed after it was shown.

use crate::chance::Chance;
use crate::count;
use crate::desk::Desk;
use crate::streams::{Read, bound, made};
use holdpoint::tui::action::Pane;
use holdpoint::tui::terminal::keys::Parser;
use holdpoint::tui::terminal::{Code, Key, What};
use std::time::{Duration, Instant};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn every_binding_split_at_every_byte_is_itself_at_most_after_an_escape() {
    for (key, bytes) in bound() {
        for at in 0..=bytes.len() {
            for gap in [1, 10, 30, 49, 51, 80, 120, 200] {
                let (mut parser, mut found, start) = (Parser::default(), Vec::new(), Instant::now());
                parser.feed(&bytes[..at], start, &mut found);
                parser.feed(&bytes[at..], start + ms(gap), &mut found);
                parser.expire(start + ms(9000), &mut found);
                let escape = What::Key(Key::new(Code::Esc));
                let late = at == 1 && gap > 50 && bytes.len() > 1;
                let mut wanted = vec![What::Key(key)];
                if late {
                    wanted.insert(0, escape);
                    // What comes late behind a lone ESC is a key by itself, no longer with Alt.
                    wanted[1] = What::Key(Key { alt: key.alt && bytes[1] == b'[', ..key });
                }
                assert_eq!(found, wanted, "{key} {bytes:?} cut at {at}, {gap} ms");
            }
        }
    }
}

fn play(desk: &mut Desk, reads: &[Read]) -> usize {
    reads.iter().map(|(gap, bytes)| desk.bytes(bytes, ms(*gap))).sum()
}

#[test]
fn no_stream_sends_anything_without_what_was_asked_for_typed_after_it_was_shown() {
    let keys = bound();
    let mut desk = Desk::new();
    let mut seen_code = 0;
    for seed in 0..count(12_000, 200_000) {
        let mut chance = Chance::new(seed as u64);
        desk.again();
        // On every screen; then in every dialog.
        match seed % 4 {
            0 => desk.ui.pane = Pane::ALL[seed / 4 % Pane::ALL.len()],
            n => desk.open(n - 1, &mut chance),
        }
        let asked = desk.asks().unwrap_or_else(|| "place-00 A3C".to_owned());
        seen_code += usize::from(asked.len() > 9);
        let reads = made(&mut chance, &keys, &asked);
        // `Desk` fails the test when something leaves that should not.
        play(&mut desk, &reads);
        if seed % 400 == 0 {
            desk.picture(100, 30);
        }
        // It does not hang: after Escapes the dialog is gone, and a key acts.
        for _ in 0..4 {
            desk.bytes(b"\x1b", ms(2500));
        }
        desk.bytes(b"", ms(400));
        assert!(desk.ui.asked.is_none() && desk.ui.menu.is_none() && desk.ui.prompt.is_none(), "seed {seed}");
    }
    assert!(seen_code > 1000, "challenges were open");
}

#[test]
fn the_right_answer_typed_by_a_person_is_taken_whatever_came_before() {
    let keys = bound();
    let mut desk = Desk::new();
    let mut tried = 0;
    for seed in 0..count(300, 3000) {
        let mut chance = Chance::new(seed as u64);
        desk.again();
        desk.open(seed, &mut chance);
        let asked = desk.asks().unwrap();
        if chance.one_in(2) {
            play(&mut desk, &made(&mut chance, &keys, &asked));
        }
        desk.bytes(b"", ms(2500));
        // The dialog may have been closed; else its line is emptied and typed into.
        let Some(asked) = desk.asks().filter(|_| in_challenge(&mut desk)) else { continue };
        desk.bytes(b"\x1b[F", ms(300));
        desk.bytes(b"\x15", ms(300));
        for c in asked.chars() {
            assert_eq!(desk.bytes(c.to_string().as_bytes(), ms(120)), 0);
        }
        let taken = desk.bytes(b"\r", ms(300));
        if taken == 0 {
            // The stream may have emptied the reason that there must be.
            assert!(lacks_reason(&desk), "seed {seed}: {:?}", desk.ui.asked.map(|asked| asked.dialog));
            continue;
        }
        tried += 1;
    }
    assert!(tried >= count(150, 1500), "{tried}");
}

/// Whether the open dialog wants a reason and has none.
fn lacks_reason(desk: &Desk) -> bool {
    use holdpoint::tui::dialog::Dialog;
    match desk.ui.asked.as_ref().map(|asked| &asked.dialog) {
        Some(Dialog::Consent(asked)) => {
            asked.reason.as_ref().is_some_and(|reason| reason.needed && reason.input.value().trim().is_empty())
        }
        _ => false,
    }
}

/// Moves the hand into the line of the challenge.
fn in_challenge(desk: &mut Desk) -> bool {
    use holdpoint::tui::dialog::{Dialog, Focus};
    for _ in 0..5 {
        match desk.ui.asked.as_ref().map(|asked| &asked.dialog) {
            Some(Dialog::Consent(consenting)) if consenting.focus == Focus::Challenge => return true,
            Some(_) => desk.bytes(b"\t", ms(300)),
            None => return false,
        };
    }
    false
}

#[test]
fn what_disturbs_makes_a_half_typed_answer_worth_nothing() {
    let mut desk = Desk::new();
    for what in [What::Resized, What::Focus(false), What::Stop, What::Continue] {
        desk.again();
        desk.open(2, &mut Chance::new(5));
        let asked = desk.asks().unwrap();
        assert!(in_challenge(&mut desk));
        for c in asked.chars() {
            desk.bytes(c.to_string().as_bytes(), ms(120));
        }
        desk.what(what.clone());
        assert_ne!(desk.asks().unwrap(), asked, "{what:?}: another code");
        assert_eq!(desk.bytes(b"\r", ms(300)), 0, "{what:?}");
    }
}

#[test]
fn what_is_typed_into_something_that_closes_by_itself_reaches_nothing() {
    use holdpoint::tui::arming::End;
    let mut desk = Desk::new();
    for seed in 0..count(300, 3000) {
        let mut chance = Chance::new(seed as u64);
        desk.again();
        desk.open(seed, &mut chance);
        let asked = desk.asks().unwrap();
        let letters: Vec<char> = asked.chars().chain("thHN2q:x".chars()).collect();
        let until = 1 + chance.below(asked.len() - 1);
        for (n, c) in letters.iter().enumerate() {
            if n == until {
                // Arming ends under the hand, or the screen becomes one line.
                if seed % 3 != 1 && chance.one_in(2) {
                    let _ = desk.ui.disarm(End::Time);
                } else {
                    desk.ui.too_small()
                }
                assert!(desk.ui.asked.is_none(), "seed {seed}: it has closed");
            }
            let before = (desk.ui.pane, desk.ui.zone, desk.ui.focus, desk.ui.zoomed);
            assert_eq!(desk.bytes(c.to_string().as_bytes(), ms(60 + chance.below(100) as u64)), 0);
            if n >= until {
                assert_eq!(before, (desk.ui.pane, desk.ui.zone, desk.ui.focus, desk.ui.zoomed), "seed {seed}: {c:?}");
                let nothing = desk.ui.asked.is_none() && desk.ui.menu.is_none() && desk.ui.prompt.is_none();
                assert!(nothing && !desk.ui.leaving, "seed {seed}: {c:?} after {until} of {asked:?}");
            }
        }
        desk.bytes(b"2", ms(1100));
        assert_eq!(desk.ui.pane, Pane::Runbook, "seed {seed}: after a pause keys act");
    }
}
