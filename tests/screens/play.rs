//! Playing a script: the next key from the steps, the screen and the instant.

use holdpoint::tui::script::{Next, Picture, Player, Ran, Seen, parse};
use holdpoint::tui::terminal::Key;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::time::{Duration, Instant};

fn player(text: &str) -> Player {
    Player::new(parse("tour.keys", text).unwrap())
}

fn next(player: &mut Player, picture: &Picture, at: Instant) -> Next {
    player.next(Seen { picture, settled: true }, at)
}

/// Asks every 5 ms until there is something to do; what, and when.
fn soon(player: &mut Player, picture: &Picture, from: Instant) -> (Next, Instant) {
    let mut at = from;
    loop {
        match next(player, picture, at) {
            Next::Wait(_) if at < from + Duration::from_secs(120) => at += Duration::from_millis(5),
            next => return (next, at),
        }
    }
}

fn key(text: &str) -> Next {
    Next::Press(text.parse::<Key>().unwrap())
}

fn dialog(expected: &str, typed: &str, cursor: bool) -> Picture {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 70, 3));
    buffer.set_string(0, 0, "日本 fx ┃ type something: it is asked for [here]", ratatui::style::Style::new());
    let row = format!("ledger ┃ type   {expected}      [{typed:<20}] ┃ ok");
    buffer.set_string(0, 1, &row, ratatui::style::Style::new());
    let column = row.split_once('[').unwrap().0.chars().count() + 1 + typed.chars().count();
    Picture::of(&buffer, cursor.then(|| Position::new(column as u16, 1)))
}

#[test]
fn keys_are_pressed_at_a_hands_pace() {
    let start = Instant::now();
    let mut player = player("key: a b c d e f g h\n");
    let (mut at, mut gaps) = (start, Vec::new());
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let (found, pressed) = soon(&mut player, &Picture::default(), at);
        assert_eq!(found, key(name));
        gaps.push(pressed - at);
        at = pressed;
    }
    assert!(gaps[0] >= Duration::from_millis(250), "{gaps:?}");
    assert!(gaps[1..].iter().all(|gap| (60..=130).contains(&gap.as_millis())), "{gaps:?}");
    assert!(gaps[1..].windows(2).any(|two| two[0] != two[1]), "a machine's pace: {gaps:?}");
    assert_eq!(next(&mut player, &Picture::default(), at), Next::End);
}

#[test]
fn no_key_is_pressed_before_what_was_drawn_is_on_the_screen() {
    let mut player = player("key: a\n");
    let picture = Picture::default();
    let later = Instant::now() + Duration::from_secs(5);
    assert!(matches!(player.next(Seen { picture: &picture, settled: true }, Instant::now()), Next::Wait(_)));
    assert!(matches!(player.next(Seen { picture: &picture, settled: false }, later), Next::Wait(_)));
    assert_eq!(player.next(Seen { picture: &picture, settled: true }, later), key("a"));
}

#[test]
fn a_text_is_waited_for_on_one_line_in_order() {
    let now = Instant::now();
    let mut player = player("wait: 6 Deploy ... ready\nsay: on\n");
    for not_yet in ["", "6 Deploy ledger\nready", "ready 6 Deploy", "6 Deploy pending"] {
        assert!(matches!(next(&mut player, &Picture::of_text(not_yet), now), Next::Wait(_)), "{not_yet:?}");
    }
    assert_eq!(
        next(&mut player, &Picture::of_text("x\n  6 Deploy ledger  ready 10s"), now),
        Next::Caption("on".into())
    );
}

#[test]
fn what_does_not_come_ends_it_with_the_line_and_the_screen() {
    let now = Instant::now();
    let shown = Picture::of_text("first\nsecond");
    let mut player = player("# no step\nwait gone 2s: second\n");
    assert!(matches!(next(&mut player, &shown, now), Next::Wait(_)));
    let Next::Failed(failure) = next(&mut player, &shown, now + Duration::from_secs(2)) else { panic!("it went on") };
    assert_eq!(
        failure.to_string(),
        "tour.keys:2: waited 2s and it is still there: second\nthe screen showed\n| first\n| second\n"
    );
}

#[test]
fn a_challenge_is_read_and_answered_by_what_the_field_shows() {
    let mut player = player("answer\nsay: done\n");
    let mut at = Instant::now();
    assert!(matches!(next(&mut player, &Picture::of_text("nothing yet"), at), Next::Wait(_)));
    let (mut expected, mut typed) = ("eu-west H7K".to_owned(), String::new());
    let (found, _) = soon(&mut player, &dialog(&expected, "", false), at);
    assert_eq!(found, key("tab"), "the hand is elsewhere");
    let mut keys = 0;
    loop {
        let (found, pressed) = soon(&mut player, &dialog(&expected, &typed, true), at);
        at = pressed;
        keys += 1;
        match found {
            Next::Press(key) if key == Key::ctrl('u') => typed.clear(),
            Next::Press(key) if key == "enter".parse().unwrap() => break,
            Next::Press(key) => typed.push(key.typed().unwrap()),
            other => panic!("{other:?} after {typed:?}"),
        }
        // A disturbance makes it ask anew; what was typed is gone.
        if keys == 9 {
            (expected, typed) = ("eu-west 3YA".to_owned(), String::new());
        }
        if keys == 12 {
            typed = "xx".to_owned();
        }
    }
    assert_eq!(typed, "eu-west 3YA");
    assert_eq!(next(&mut player, &Picture::of_text("closed"), at), Next::Caption("done".into()));
}

#[test]
fn a_program_must_end_as_the_script_says() {
    let now = Instant::now();
    let nothing = Picture::default();
    let ran = |exit| Ran { exit, said: "refused: not you".to_owned() };
    let mut player = player("shell 1: holdpoint approve 1/15\nstay\n");
    assert_eq!(next(&mut player, &nothing, now), Next::Run(vec!["holdpoint".into(), "approve".into(), "1/15".into()]));
    assert!(matches!(next(&mut player, &nothing, now), Next::Wait(_)), "it was started twice");
    let failure = player.ran(&ran(Some(0)), &nothing).unwrap_err();
    assert!(failure.to_string().contains("tour.keys:1: `holdpoint approve 1/15` ended with 0 in place of 1"));
    assert!(player.ran(&ran(None), &nothing).is_err());
    player.ran(&ran(Some(1)), &nothing).unwrap();
    assert!(!player.ended());
    assert_eq!(next(&mut player, &nothing, now), Next::Stay);
}

#[test]
fn a_picture_is_what_the_cells_show() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
    buffer.set_string(0, 0, "日本 x", ratatui::style::Style::new());
    assert_eq!(Picture::of(&buffer, None).to_string(), "| 日本 x\n");
}
