//! Text from outside is shown, never obeyed and never dropped.

use holdpoint::domain::text::{acts, harmless, shortened, visible, visible_bytes};
use proptest::prelude::*;

#[test]
fn what_acts_on_a_terminal_or_hides_is_written_out() {
    for (text, shown) in [
        ("plain — ünïcode 日本語 ✓", "plain — ünïcode 日本語 ✓"),
        ("a\tb", "a\\u{9}b"),
        ("\u{1b}[2J", "\\u{1b}[2J"),
        ("a\nb\r", "a\\u{a}b\\u{d}"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("\u{7f}", "\\u{7f}"),
        ("user\u{202e}dorp", "user\\u{202e}dorp"),
        ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
        ("pro\u{200b}d", "pro\\u{200b}d"),
        ("\u{feff}x\u{ad}y", "\\u{feff}x\\u{ad}y"),
        ("\u{e0041}", "\\u{e0041}"),
        ("\\u{1b} C:\\users \\x{ff}", "\\u{5c}u{1b} C:\\users \\u{5c}x{ff}"),
        ("e\u{301} \u{a0}\u{3164}\u{e000}", "e\\u{301} \\u{a0}\\u{3164}\\u{e000}"),
        ("", ""),
    ] {
        assert_eq!(visible(text), shown, "{text:?}");
    }
}

#[test]
fn wrong_bytes_are_marked() {
    assert_eq!(visible_bytes(b"a\xffb\x1b"), "a\\x{ff}b\\u{1b}");
    assert_ne!(visible_bytes(b"\xff"), visible_bytes("\u{fffd}".as_bytes()));
    assert_ne!(visible_bytes(b"\xff"), visible_bytes(b"\\x{ff}"));
}

#[test]
fn a_cut_says_so_and_counts_characters() {
    assert_eq!(shortened("日本語", 3), "日本語");
    assert_eq!(shortened("日本語で", 3), "日本…");
    assert_eq!(shortened("abc", 0), "…");
}

/// What [`visible_bytes`] was given, read back from what it shows.
fn read_back(shown: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = shown;
    while let Some(c) = rest.chars().next() {
        let escape = ["\\u{", "\\x{"].into_iter().find(|e| rest.starts_with(e));
        let Some((escape, (number, after))) = escape.and_then(|e| Some((e, rest[3..].split_once('}')?))) else {
            out.extend(c.to_string().as_bytes());
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let number = u32::from_str_radix(number, 16).unwrap();
        match escape {
            "\\x{" => out.push(u8::try_from(number).unwrap()),
            _ => out.extend(char::from_u32(number).unwrap().to_string().as_bytes()),
        }
        rest = after;
    }
    out
}

proptest! {
    #[test]
    fn whatever_came_in_can_be_read_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(read_back(&visible_bytes(&bytes)), bytes);
    }

    #[test]
    fn also_what_looks_like_an_escape(text in "([\\\\ux{}1b]|[\u{80}-\u{9f}]|\\PC){0,24}") {
        prop_assert_eq!(read_back(&visible(&text)), text.as_bytes());
    }

    #[test]
    fn nothing_that_acts_is_left_and_the_last_look_changes_nothing(text in any::<String>()) {
        let once = visible(&text);
        prop_assert!(!once.chars().any(acts));
        prop_assert_eq!(harmless(&once), once.as_str());
        let shown = harmless(&text).into_owned();
        prop_assert!(!shown.chars().any(acts));
        prop_assert_eq!(harmless(&shown), shown.as_str());
    }
}
