//! The dialog: what counts as an answer, and what never does.

use super::widget::rollback;
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::tui::dialog::{Ask, Card, Consenting, Dialog, Focus, Outcome, Question};
use holdpoint::tui::terminal::{Code, Event, FrameId, Key, Paste, What};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// An operator in front of a dialog, with a clock of their own.
struct Desk {
    dialog: Dialog,
    now: Instant,
}

impl Desk {
    /// Opens a dialog and lets it be painted.
    fn at(question: Question) -> Self {
        let mut desk = Self { dialog: Dialog::ask(question), now: Instant::now() };
        desk.paint(FrameId(5));
        desk
    }

    fn paint(&mut self, frame: FrameId) {
        self.dialog.drawn(frame);
        self.dialog.painted(frame, self.now);
    }

    fn what(&mut self, what: What, after: u64, burst: usize) -> Outcome {
        self.now += Duration::from_millis(after);
        self.dialog.update(&Event { what, at: self.now, burst })
    }

    fn press(&mut self, code: Code) -> Outcome {
        self.what(What::Key(Key::new(code)), 120, 1)
    }

    fn type_in(&mut self, text: &str) {
        for c in text.chars() {
            assert_eq!(self.what(What::Key(Key::char(c)), 120, 1), Outcome::Open);
        }
    }

    fn asked(&self) -> &Consenting {
        let Dialog::Consent(asked) = &self.dialog else { panic!("it asks nothing") };
        asked
    }

    fn expected(&self) -> String {
        self.asked().expected.as_ref().unwrap().to_string()
    }
}

fn asking(ask: Ask) -> Question {
    Question { ask, reason: None, ..rollback() }
}

fn forward() -> Question {
    Question { ask: Ask::NameAndCode, reason: None, ..rollback() }
}

fn agreed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Consented(_))
}

#[test]
fn towards_the_last_good_state_the_name_is_enough() {
    let mut desk = Desk::at(rollback());
    assert_eq!(desk.asked().focus, Focus::Challenge, "the reason is prefilled");
    desk.type_in("eu-west");
    let Outcome::Consented(consented) = desk.press(Code::Enter) else { panic!("not taken") };
    assert_eq!(consented.consent.level, Confirmation::Challenge);
    assert_eq!(consented.consent.saw, rollback().saw);
    assert_eq!(consented.consent.how, "typed eu-west");
    assert_eq!(consented.reason.as_deref(), Some("error budget burn 14x"));
}

#[test]
fn forward_in_production_needs_the_fresh_code_too() {
    let mut desk = Desk::at(forward());
    desk.type_in("eu-west");
    assert_eq!(desk.press(Code::Enter), Outcome::Open);
    assert!(desk.asked().note.is_some());
    let rest = desk.expected()["eu-west".len()..].to_lowercase();
    desk.type_in(&rest);
    let expected = desk.expected();
    let Outcome::Consented(consented) = desk.press(Code::Enter) else { panic!("not taken") };
    assert_eq!(consented.consent.how, format!("typed {expected}"));
    assert_eq!(consented.reason, None);
}

#[test]
fn wrong_texts_are_not_taken() {
    let code = Desk::at(forward()).expected();
    for wrong in [
        "eu-wes",
        "eu-west ",
        "EU-WEST",
        "eu-north",
        "eu-westx",
        &code[8..],
        &format!("eu-west{}", &code[8..]),
        &format!("{code} "),
        &format!("eu-north{}", &code[7..]),
    ] {
        let mut desk = Desk::at(forward());
        desk.type_in(wrong);
        assert_eq!(desk.press(Code::Enter), Outcome::Open, "{wrong:?}");
        desk.press(Code::Tab);
        desk.press(Code::Tab);
        assert_eq!(desk.asked().focus, Focus::Accept);
        assert_eq!(desk.press(Code::Enter), Outcome::Open, "{wrong:?} with the button");
    }
}

#[test]
fn cancel_is_the_default_and_escape_always_cancels() {
    assert_eq!(Desk::at(asking(Ask::Confirm)).press(Code::Enter), Outcome::Cancelled);
    for ask in [Ask::Key, Ask::Confirm, Ask::Name, Ask::NameAndCode] {
        assert_eq!(Desk::at(asking(ask)).press(Code::Esc), Outcome::Cancelled);
        let mut unpainted = Desk { dialog: Dialog::ask(asking(ask)), now: Instant::now() };
        assert_eq!(unpainted.press(Code::Esc), Outcome::Cancelled);
    }
}

#[test]
fn enter_before_the_challenge_is_typed_says_what_is_missing_and_leaves_it_open() {
    for ask in [Ask::Name, Ask::NameAndCode] {
        let mut desk = Desk::at(asking(ask));
        for _ in 0..3 {
            assert_eq!(desk.press(Code::Enter), Outcome::Open, "{ask:?}");
            let missing = format!("type {} first · Esc leaves", desk.expected());
            assert_eq!(desk.asked().note.as_deref(), Some(missing.as_str()));
        }
        // The button does not get past it either.
        desk.press(Code::Tab);
        desk.press(Code::Tab);
        assert_eq!((desk.asked().focus, desk.press(Code::Enter)), (Focus::Accept, Outcome::Open));
        assert_eq!(desk.asked().focus, Focus::Challenge);
        assert!(desk.asked().note.as_deref().unwrap().contains("first"));
        // Typed too fast: the word of it stays until something is typed.
        desk.what(What::Key(Key::char('e')), 500, 8);
        for _ in 0..2 {
            assert_eq!(desk.press(Code::Enter), Outcome::Open);
            assert!(desk.asked().note.as_deref().unwrap().contains("too fast"), "{:?}", desk.asked().note);
        }
        let expected = desk.expected();
        desk.type_in(&expected);
        assert_eq!(desk.asked().note, None);
        assert!(agreed(&desk.press(Code::Enter)));
    }
}

#[test]
fn confirming_is_a_choice_and_one_key() {
    let mut desk = Desk::at(asking(Ask::Confirm));
    desk.press(Code::Tab);
    assert!(agreed(&desk.press(Code::Enter)));
    let mut desk = Desk::at(asking(Ask::Confirm));
    desk.press(Code::Right);
    desk.press(Code::Left);
    assert_eq!(desk.press(Code::Enter), Outcome::Cancelled);
}

#[test]
fn what_is_safe_takes_a_key_and_enter() {
    let opened = |by| Question { opened_by: Some(by), ..asking(Ask::Key) };
    assert!(agreed(&Desk::at(opened(Key::char('H'))).press(Code::Enter)));
    // Opened by Enter, an Enter held down reaches cancel and nothing else.
    assert_eq!(Desk::at(opened(Key::new(Code::Enter))).press(Code::Enter), Outcome::Cancelled);
    let mut desk = Desk::at(Question { reason: Some((String::new(), false)), ..opened(Key::new(Code::Enter)) });
    assert_eq!(desk.what(What::Key(Key::new(Code::Enter)), 500, 1), Outcome::Open);
    for _ in 0..50 {
        assert_eq!(desk.what(What::Key(Key::new(Code::Enter)), 30, 1), Outcome::Open);
    }
}

#[test]
fn keys_before_the_painting_are_not_taken() {
    let mut desk = Desk { dialog: Dialog::ask(rollback()), now: Instant::now() };
    desk.type_in("eu-west");
    assert_eq!(desk.press(Code::Enter), Outcome::Open);
    assert!(desk.asked().typed.value().is_empty() && desk.asked().note.is_some() && desk.dialog.unpainted());
    // A frame from before the dialog was drawn is not its painting.
    desk.dialog.drawn(FrameId(9));
    desk.dialog.painted(FrameId(8), desk.now);
    assert!(desk.dialog.unpainted());
    desk.dialog.painted(FrameId(9), desk.now);
    assert!(!desk.dialog.unpainted());
    // Received before the frame left, looked at after.
    let early = Event { what: What::Key(Key::char('e')), at: desk.now - Duration::from_millis(1), burst: 1 };
    desk.dialog.update(&early);
    assert!(desk.asked().typed.value().is_empty());
    desk.type_in("eu-west");
    assert!(agreed(&desk.press(Code::Enter)));
}

#[test]
fn a_paste_is_refused_in_the_challenge_and_taken_as_a_reason() {
    let paste = |text: &str| What::Paste(Paste { text: text.into(), ..Paste::default() });
    let mut desk = Desk::at(rollback());
    desk.type_in("eu-");
    desk.what(paste("eu-west\n"), 500, 1);
    assert!(desk.asked().typed.value().is_empty());
    assert_eq!(desk.asked().note.as_deref(), Some("a paste is not taken here: type it"));
    assert_eq!(desk.press(Code::Enter), Outcome::Open);
    assert_eq!(desk.asked().note.as_deref(), Some("a paste is not taken here: type it"), "it stays until one types");
    desk.type_in("e");
    assert_eq!(desk.asked().note, None);

    let mut desk = Desk::at(Question { reason: Some((String::new(), true)), ..rollback() });
    assert_eq!(desk.asked().focus, Focus::Reason);
    desk.what(paste(" INC0098812\nsales\u{202e} down "), 500, 1);
    assert_eq!(desk.asked().reason.as_ref().unwrap().input.value(), "INC0098812\nsales\\u{202e} down");
    desk.what(paste(&"x".repeat(9000)), 500, 1);
    assert!(desk.asked().reason.as_ref().unwrap().input.value().len() <= 600);
}

#[test]
fn what_is_poured_in_is_no_typing() {
    let mut desk = Desk::at(rollback());
    // Long after the painting, so that nothing but the pouring speaks against it.
    desk.now += Duration::from_secs(1);
    for c in "eu-west".chars() {
        desk.what(What::Key(Key::char(c)), 0, 8);
        assert!(desk.asked().typed.value().is_empty());
    }
    assert_eq!(desk.what(What::Key(Key::new(Code::Enter)), 0, 8), Outcome::Open);
    assert!(desk.asked().typed.value().is_empty() && desk.asked().note.is_some());
    // Enter that comes in one read with others does not agree.
    desk.type_in("eu-wes");
    desk.what(What::Key(Key::char('t')), 100, 2);
    assert_eq!(desk.what(What::Key(Key::new(Code::Enter)), 0, 2), Outcome::Open);
}

#[test]
fn a_key_held_down_counts_once() {
    let mut desk = Desk::at(rollback());
    for _ in 0..20 {
        desk.what(What::Key(Key::char('e')), 30, 1);
    }
    assert_eq!(desk.asked().typed.value(), "e");
    let mut desk = Desk::at(Question { environment: "aab".into(), ..rollback() });
    desk.type_in("aab");
    assert!(agreed(&desk.press(Code::Enter)), "letters typed twice are two");
}

#[test]
fn disturbances_make_it_ask_anew() {
    for what in [What::Resized, What::Focus(false), What::Stop, What::Continue] {
        let mut desk = Desk::at(forward());
        let before = desk.expected();
        desk.type_in(&before);
        assert_eq!(desk.what(what.clone(), 10, 1), Outcome::Open);
        assert!(desk.asked().typed.value().is_empty() && desk.dialog.unpainted(), "{what:?}");
        assert_ne!(desk.expected(), before, "{what:?} draws a fresh code");
        desk.type_in(&before);
        assert_eq!(desk.press(Code::Enter), Outcome::Open);
        // The frame that was under way does not count either.
        desk.dialog.drawn(FrameId(12));
        desk.dialog.painted(FrameId(11), desk.now);
        assert!(desk.dialog.unpainted());
        desk.paint(FrameId(12));
        let fresh = desk.expected();
        desk.type_in(&fresh);
        assert!(agreed(&desk.press(Code::Enter)), "{what:?}");
    }
    let mut desk = Desk::at(asking(Ask::Confirm));
    desk.press(Code::Tab);
    desk.dialog.disturb("the conn is someone else's");
    desk.paint(FrameId(13));
    assert_eq!(desk.press(Code::Enter), Outcome::Cancelled, "the choice is back at cancel");
}

#[test]
fn a_needed_reason_is_needed() {
    let mut desk = Desk::at(Question { reason: Some(("  ".into(), true)), ..rollback() });
    desk.type_in("eu-west");
    assert_eq!(desk.press(Code::Enter), Outcome::Open);
    assert_eq!((desk.asked().focus, desk.asked().note.as_deref()), (Focus::Reason, Some("a reason is needed")));
    desk.type_in("burn");
    desk.press(Code::Enter);
    assert_eq!(desk.asked().focus, Focus::Challenge);
    let Outcome::Consented(consented) = desk.press(Code::Enter) else { panic!("not taken") };
    assert_eq!(consented.reason.as_deref(), Some("burn"));
}

#[test]
fn tab_goes_round_in_both_directions() {
    let mut desk = Desk::at(rollback());
    let mut seen = Vec::new();
    for _ in 0..4 {
        desk.press(Code::Tab);
        seen.push(desk.asked().focus);
    }
    assert_eq!(seen, [Focus::Cancel, Focus::Accept, Focus::Reason, Focus::Challenge]);
    desk.what(What::Key(Key::new(Code::Tab).with_shift()), 120, 1);
    assert_eq!(desk.asked().focus, Focus::Reason);
}

#[test]
fn editing_works_and_hidden_characters_are_not_taken() {
    let mut desk = Desk::at(rollback());
    desk.type_in("eu-wext\u{200b}");
    desk.press(Code::Left);
    desk.press(Code::Backspace);
    desk.type_in("s");
    assert_eq!(desk.asked().typed.value(), "eu-west");
    desk.what(What::Key(Key::ctrl('u')), 120, 1);
    desk.what(What::Key(Key::char('x').with_alt()), 120, 1);
    assert_eq!(desk.asked().typed.value(), "t", "what stood right of the hand");
}

#[test]
fn a_blocked_action_only_closes() {
    let mut dialog = Dialog::Blocked(Card { title: "blocked".into(), ..Card::default() });
    let event = |code| Event::now(What::Key(Key::new(code)));
    assert_eq!(dialog.update(&event(Code::Char('y'))), Outcome::Open);
    for code in [Code::Enter, Code::Esc, Code::Char('q')] {
        assert_eq!(dialog.update(&event(code)), Outcome::Cancelled);
    }
}

#[test]
fn codes_are_unambiguous_and_differ() {
    let mut codes = std::collections::BTreeSet::new();
    let mut random = 42;
    for _ in 0..500 {
        let (code, next) = holdpoint::tui::dialog::Code::draw(random);
        let text = code.to_string();
        assert!(text.len() == 3 && text.chars().all(|c| !"IL1O0S5B8Z2UV".contains(c)), "{text}");
        codes.insert(text);
        random = next;
    }
    assert!(codes.len() > 450, "{}", codes.len());
}

proptest! {
    /// Whatever comes, nothing agrees unless the right text stood in the field,
    /// typed key by key after the painting.
    #[test]
    fn no_stream_of_events_agrees_by_accident(
        events in prop::collection::vec((0_u8..14, 0_u64..200, 1_usize..6), 0..60), seed: u64, painted: bool,
    ) {
        let question = Question { random: seed, ..forward() };
        let mut desk = Desk { dialog: Dialog::ask(question), now: Instant::now() };
        if painted {
            desk.paint(FrameId(1));
        }
        for (kind, after, burst) in events {
            let what = match kind {
                0 => What::Key(Key::new(Code::Enter)),
                1 => What::Key(Key::new(Code::Tab)),
                2 => What::Paste(Paste { text: format!("{}\n", desk.expected()), ..Paste::default() }),
                3 => What::Resized,
                4 => What::Focus(false),
                5 => What::Key(Key::new(Code::Right)),
                _ => What::Key(Key::char(char::from(b'a' + kind))),
            };
            let outcome = desk.what(what, after, burst);
            prop_assert!(!agreed(&outcome));
            if outcome == Outcome::Cancelled {
                break;
            }
        }
    }
}

#[test]
fn a_reason_has_several_lines_and_only_enter_alone_leaves_it() {
    let mut desk = Desk::at(Question { reason: Some((String::new(), true)), ..rollback() });
    desk.type_in("one");
    assert_eq!(desk.what(What::Key(Key::new(Code::Enter).with_alt()), 120, 1), Outcome::Open);
    desk.type_in("two");
    desk.what(What::Key(Key::ctrl('j')), 120, 1);
    desk.press(Code::Up);
    desk.press(Code::Home);
    desk.type_in(">");
    desk.press(Code::Up);
    desk.press(Code::End);
    desk.type_in("<");
    assert_eq!(desk.asked().reason.as_ref().unwrap().input.value(), "one<\n>two\n");
    assert_eq!(desk.asked().focus, Focus::Reason);
    desk.press(Code::Up);
    assert_eq!(desk.asked().focus, Focus::Accept, "above the first line is what is above the field");
}
