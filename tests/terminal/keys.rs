//! The parser: every sequence split at every byte, and nothing leaks.

use holdpoint::tui::terminal::keys::{ESCAPE, PASTE, PASTE_IN_ALL, PASTE_KEPT, Parser, SEQUENCE};
use holdpoint::tui::terminal::{Code, Key, What};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn all(parts: &[&[u8]], gap: Duration) -> Vec<What> {
    let (mut parser, mut out, mut now) = (Parser::default(), Vec::new(), Instant::now());
    for part in parts {
        // As the reader does it: a time-out that passes between reads is served.
        if parser.deadline().is_some_and(|at| at <= now) {
            parser.expire(now, &mut out);
        }
        parser.feed(part, now, &mut out);
        now += gap;
    }
    parser.expire(now + Duration::from_secs(9), &mut out);
    out
}

fn words(parts: &[&[u8]], gap: u64) -> String {
    let all = all(parts, Duration::from_millis(gap));
    let word = |what: &What| match what {
        What::Key(key) => key.to_string(),
        What::Paste(p) => {
            format!("paste({}{}{})", p.text, if p.cut { " cut" } else { "" }, if p.torn { " torn" } else { "" })
        }
        What::Focus(focus) => format!("focus-{focus}"),
        other => format!("{other:?}"),
    };
    all.iter().map(word).collect::<Vec<_>>().join(" ")
}

const SEQUENCES: &[(&str, &str)] = &[
    ("\x1b[A", "up"),
    ("\x1bOB", "down"),
    ("\x1b[1;5C", "ctrl-right"),
    ("\x1b[1;2D", "shift-left"),
    ("\x1b[H", "home"),
    ("\x1b[4~", "end"),
    ("\x1b[3;5~", "ctrl-delete"),
    ("\x1b[5~", "pageup"),
    ("\x1b[Z", "shift-tab"),
    ("\x1bOP", "f1"),
    ("\x1b[15~", "f5"),
    ("\x1b[24~", "f12"),
    ("\x1b[[C", "f3"),
    ("\x1bOM", "enter"),
    ("\x1b[I", "focus-true"),
    ("\x1b[O", "focus-false"),
    ("\x1b[200~a\x1b[Ab\x1b[20\x1b[201~", "paste(a\x1b[Ab\x1b[20)"),
    ("\x1b[<0;10;20M", "Mouse(Click(Position { x: 9, y: 19 }))"),
    ("\x1b[<64;1;1M", "Mouse(Wheel(Position { x: 0, y: 0 }, false))"),
    ("\x1b[<65;300;2M", "Mouse(Wheel(Position { x: 299, y: 1 }, true))"),
    ("日", "日"),
    ("é", "é"),
    ("😀", "😀"),
    // Replies and reports say nothing.
    ("\x1b[<0;10;20m", ""),
    ("\x1b[<2;10;20M", ""),
    ("\x1b[<16;10;20M", ""),
    ("\x1b[<32;10;20M", ""),
    ("\x1b[<0;0;20M", ""),
    ("\x1b[<0;10;99999M", ""),
    ("\x1b[<0;10M", ""),
    ("\x1b[<0;10;20;3M", ""),
    ("\x1b[<0;10;20~", ""),
    ("\x1b[M !!", ""),
    ("\x1b[12;40R", ""),
    ("\x1b[?62;c", ""),
    ("\x1b[?1u", ""),
    ("\x1b]11;rgb:0000/0000/0000\x07", ""),
    ("\x1b]0;y\r\x1b\\", ""),
    ("\x1bP1$r0m\x1b\\", ""),
    ("\x1b_Gi=1;OK\x1b\\", ""),
];

#[test]
fn whole_sequences_and_plain_keys() {
    for (bytes, meant) in SEQUENCES {
        assert_eq!(words(&[bytes.as_bytes()], 0), *meant, "{bytes:?}");
    }
    assert_eq!(
        words(&[b"aZ \r\t\x7f\x08\x01\x1a\x00\x1f\n"], 0),
        "a Z space enter tab backspace backspace ctrl-a ctrl-z ctrl-space ctrl-_ ctrl-j"
    );
}

#[test]
fn sequences_split_at_every_byte_are_the_same() {
    for (bytes, meant) in SEQUENCES {
        let bytes = bytes.as_bytes();
        for gap in [1, 20, 45] {
            let single: Vec<_> = bytes.chunks(1).collect();
            assert_eq!(words(&single, gap), *meant, "{bytes:?} every byte, {gap} ms");
            for at in 1..bytes.len() {
                assert_eq!(words(&[&bytes[..at], &bytes[at..]], gap), *meant, "{bytes:?} at {at}, {gap} ms");
            }
        }
    }
}

#[test]
fn a_slow_link_never_turns_an_arrow_into_letters_nor_a_paste_into_keys() {
    for gap in [60, 120, 200] {
        for (bytes, meant) in [("\x1b[A", "up"), ("\x1bOB", "down"), ("\x1b[200~yes\r\x1b[201~", "paste(yes\n)")] {
            let single: Vec<_> = bytes.as_bytes().chunks(1).collect();
            assert_eq!(words(&single, gap), format!("esc {meant}"), "{bytes:?} {gap} ms");
        }
    }
}

#[test]
fn a_lone_escape_waits_and_then_is_escape() {
    let (mut parser, mut out, now) = (Parser::default(), Vec::new(), Instant::now());
    parser.feed(b"\x1b", now, &mut out);
    assert_eq!((out.len(), parser.deadline()), (0, Some(now + ESCAPE)));
    parser.expire(now + ESCAPE - Duration::from_millis(1), &mut out);
    assert!(out.is_empty());
    parser.expire(now + ESCAPE, &mut out);
    assert_eq!(out, [What::Key(Key::new(Code::Esc))]);
    assert_eq!(parser.deadline(), None);
    parser.feed(b"x", now + ESCAPE, &mut out);
    assert_eq!(out.last(), Some(&What::Key(Key::char('x'))));
}

#[test]
fn escape_with_others() {
    assert_eq!(words(&[b"\x1bx"], 0), "alt-x");
    assert_eq!(words(&[b"\x1b\x1b[A"], 0), "esc up");
    assert_eq!(words(&[b"\x1b\x1b\x1b"], 0), "esc esc esc");
    assert_eq!(words(&[b"\x1b\xc3", b"\xa9"], 1), "alt-é");
    assert_eq!(words(&[b"\x1b["], 0), "alt-[");
    assert_eq!(words(&[b"\x1bO"], 0), "alt-O");
    assert_eq!(words(&[b"\x1b", b"["], 100), "esc [");
    assert_eq!(words(&[b"\x1b", b"Okay"], 100), "esc O k a y");
    assert_eq!(words(&[b"\x1b", b"[A"], 2000), "esc [ A", "two seconds later it was typed");
}

#[test]
fn broken_sequences_are_dropped_and_the_rest_is_read() {
    assert_eq!(words(&[b"\x1b[1;\x1b[A"], 0), "up");
    assert_eq!(words(&[b"\x1b[99~x"], 0), "x");
    assert_eq!(words(&[b"\x1b[1;0Ax"], 0), "x");
    assert_eq!(words(&[b"\x1b[1;2;3Ax"], 0), "x");
    assert_eq!(words(&[b"\xff\xc3x\x80y\xf8z"], 0), "x y z");
    assert_eq!(words(&[b"\xe6\x97", b"x"], 0), "x");
    assert_eq!(words(&[b"\xc2\x9b31mx"], 0), "3 1 m x", "U+009B is a control, not a key");
    assert_eq!(words(&[&[b"\x1b[".as_slice(), &[b'1'; 500], b"Ax"].concat()], 0), "x");
    assert_eq!(words(&[b"\x1b[201~x"], 0), "x");
}

#[test]
fn what_stays_unfinished_is_dropped_in_time() {
    for begun in ["\x1b[1;5", "\x1b]0;title", "\x1bP", "\x1b[M"] {
        let (mut parser, mut out, now) = (Parser::default(), Vec::new(), Instant::now());
        parser.feed(begun.as_bytes(), now, &mut out);
        parser.feed(b"q", now + SEQUENCE, &mut out);
        assert_eq!(out, [What::Key(Key::char('q'))], "{begun:?}");
    }
}

#[test]
fn pastes_are_capped_and_end_in_time() {
    let long = [b"\x1b[200~".as_slice(), &vec![b'y'; PASTE_KEPT + 9], b"\x1b[201~q"].concat();
    let parts: Vec<_> = long.chunks(4096).collect();
    let found = all(&parts, Duration::ZERO);
    assert!(matches!(&found[..], [What::Paste(p), What::Key(_)] if p.cut && p.text.len() == PASTE_KEPT));
    assert_eq!(words(&[b"\x1b[200~half"], 0), "paste(half torn)");
    let (mut parser, mut out, now) = (Parser::default(), Vec::new(), Instant::now());
    parser.feed(b"\x1b[200~half", now, &mut out);
    parser.feed(b"more", now + PASTE - Duration::from_millis(1), &mut out);
    assert!(out.is_empty());
}

#[test]
fn a_paste_that_trickles_for_ever_ends_in_time_and_its_rest_is_no_key() {
    let gap = Duration::from_millis(200);
    let trickle = |parser: &mut Parser, out: &mut Vec<What>, begun: Instant, bytes: usize| {
        parser.feed(b"\x1b[200~", begun, out);
        (1..=bytes).fold(begun, |now, _| {
            parser.feed(b"q", now + gap, out);
            now + gap
        })
    };
    let (mut parser, mut out, begun) = (Parser::default(), Vec::new(), Instant::now());
    let now = trickle(&mut parser, &mut out, begun, 99);
    assert!(now > begun + PASTE_IN_ALL + gap);
    assert!(matches!(&out[..], [What::Paste(p)] if p.torn && p.text.len() == 49), "{out:?}");
    // Once it has paused, a key is a key again; so it is right behind an end that does come.
    parser.feed(b"k", now + PASTE, &mut out);
    assert_eq!(out[1..], [What::Key(Key::char('k'))]);
    let (mut parser, mut out) = (Parser::default(), Vec::new());
    let now = trickle(&mut parser, &mut out, begun, 60);
    parser.feed(b"\x1b\x1b[20\x1b[201~k", now, &mut out);
    assert_eq!(out[1..], [What::Key(Key::char('k'))]);
    // Who waits meanwhile is woken for it.
    let (mut parser, mut out) = (Parser::default(), Vec::new());
    trickle(&mut parser, &mut out, begun, 45);
    assert_eq!(parser.deadline(), Some(begun + PASTE_IN_ALL));
}

#[test]
fn silence_counts_from_the_last_byte_also_where_the_paste_is_torn_in_the_middle_of_it() {
    let (mut parser, mut out, begun) = (Parser::default(), Vec::new(), Instant::now());
    parser.feed(b"\x1b[200~", begun, &mut out);
    let silent = PASTE_IN_ALL - Duration::from_millis(1500);
    for n in 0..=8 {
        parser.feed(b"a", begun + silent / 8 * n, &mut out);
    }
    parser.expire(begun + PASTE_IN_ALL, &mut out);
    assert!(matches!(&out[..], [What::Paste(paste)] if paste.torn), "{out:?}");
    assert_eq!(parser.deadline(), Some(begun + silent / 8 * 8 + PASTE));
    parser.feed(b"k", begun + silent + PASTE, &mut out);
    assert_eq!(out[1..], [What::Key(Key::char('k'))]);
}

#[test]
fn the_rest_of_a_torn_paste_is_no_key_however_long_the_link_stalls() {
    let tears = |stall: Duration| {
        let (mut parser, mut out, begun) = (Parser::default(), Vec::new(), Instant::now());
        parser.feed(b"\x1b[200~", begun, &mut out);
        let mut now = begun;
        while now < begun + PASTE_IN_ALL {
            now += Duration::from_millis(400);
            parser.feed(b"a", now, &mut out);
        }
        parser.feed(b"rm\r", now + stall, &mut out);
        parser.feed(b"y\x1b[201~k", now + stall + stall, &mut out);
        out
    };
    for stall in [1, 400, 1999] {
        let out = tears(Duration::from_millis(stall));
        assert!(matches!(&out[..], [What::Paste(p), What::Key(k)] if p.torn && *k == Key::char('k')), "{out:?}");
    }
    // One that was torn by silence is over: a person who types next loses no key.
    let (mut parser, mut out, begun) = (Parser::default(), Vec::new(), Instant::now());
    parser.feed(b"\x1b[200~half", begun, &mut out);
    parser.expire(begun + PASTE, &mut out);
    assert_eq!(parser.deadline(), None);
    parser.feed(b"k", begun + PASTE + Duration::from_millis(1), &mut out);
    assert!(matches!(&out[..], [What::Paste(p), What::Key(k)] if p.torn && *k == Key::char('k')), "{out:?}");
}

#[test]
fn keys_are_written_as_they_are_read() {
    for name in ["a", "G", "ctrl-x", "alt-enter", "shift-tab", "f12", "space", "pageup", "-", "ctrl--", "?", "日"] {
        assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
    }
    for wrong in ["", "f13", "shift-a", "hyper-x", "ctrl-X", "ab", "F1", "f0"] {
        assert!(wrong.parse::<Key>().is_err(), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn random_bytes_in_random_parts_give_no_control_characters_and_end(
        parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..12), 0_u64..400), 0..40),
    ) {
        let (mut parser, mut out, mut now) = (Parser::default(), Vec::new(), Instant::now());
        for (bytes, gap) in &parts {
            parser.feed(bytes, now, &mut out);
            now += Duration::from_millis(*gap);
        }
        parser.expire(now + Duration::from_secs(9), &mut out);
        prop_assert_eq!(parser.deadline(), None);
        for what in &out {
            if let What::Key(Key { code: Code::Char(c), .. }) = what {
                prop_assert!(!c.is_control());
            }
        }
    }

    // 72 bytes one by one, 138 ms apart, are still within what a paste may last.
    #[test]
    fn a_paste_in_random_parts_never_leaks(text in "[ -~\r]{0,60}", cuts in prop::collection::vec((1_usize..9, 0_u64..139), 1..99)) {
        let stream = format!("\x1b[200~{text}\x1b[201~");
        let (mut parser, mut out, mut now, mut rest) = (Parser::default(), Vec::new(), Instant::now(), stream.as_bytes());
        for (length, gap) in cuts.iter().cycle() {
            let (part, after) = rest.split_at((*length).min(rest.len()));
            parser.feed(part, now, &mut out);
            now += Duration::from_millis(*gap);
            rest = after;
            if rest.is_empty() { break; }
        }
        let keys: Vec<_> = out.iter().filter(|what| matches!(what, What::Key(_))).collect();
        prop_assert!(keys.iter().all(|k| **k == What::Key(Key::new(Code::Esc))) && keys.len() <= 1, "{:?}", keys);
        prop_assert!(matches!(out.last(), Some(What::Paste(p)) if p.text == text.replace('\r', "\n") && !p.torn));
    }
}
