//! Text from outside is shown, never obeyed and never dropped.

use holdpoint::domain::text::{shortened, visible, visible_bytes};
use proptest::prelude::*;

#[test]
fn what_acts_on_a_terminal_or_hides_is_written_out() {
    for (text, shown) in [
        ("plain — ünïcode 日本語 ✓", "plain — ünïcode 日本語 ✓"),
        ("a\tb", "a b"),
        ("\u{1b}[2J", "\\u{1b}[2J"),
        ("a\nb\r", "a\\u{a}b\\u{d}"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("\u{7f}", "\\u{7f}"),
        ("user\u{202e}dorp", "user\\u{202e}dorp"),
        ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
        ("pro\u{200b}d", "pro\\u{200b}d"),
        ("\u{feff}x\u{ad}y", "\\u{feff}x\\u{ad}y"),
        ("\u{e0041}", "\\u{e0041}"),
        ("", ""),
    ] {
        assert_eq!(visible(text), shown, "{text:?}");
    }
}

#[test]
fn wrong_bytes_are_marked() {
    assert_eq!(visible_bytes(b"a\xffb\x1b"), "a\u{fffd}b\\u{1b}");
}

#[test]
fn a_cut_says_so_and_counts_characters() {
    assert_eq!(shortened("日本語", 3), "日本語");
    assert_eq!(shortened("日本語で", 3), "日本…");
    assert_eq!(shortened("abc", 0), "…");
}

proptest! {
    #[test]
    fn nothing_that_acts_is_left_and_twice_is_once(text in any::<String>()) {
        let once = visible(&text);
        prop_assert!(!once.chars().any(char::is_control));
        prop_assert_eq!(visible(&once), once.clone());
        prop_assert!(once.chars().count() >= text.chars().count(), "nothing is dropped");
    }
}
