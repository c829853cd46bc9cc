//! Lengths of time as people write them and as screens show them.

use holdpoint::domain::span::Span;
use proptest::prelude::*;

fn millis(text: &str) -> Option<u64> {
    text.parse::<Span>().ok().map(Span::as_millis)
}

#[test]
fn what_people_write_is_read() {
    for (text, ms) in [
        ("0s", 0),
        ("90s", 90_000),
        ("1500ms", 1500),
        ("1h30m", 5_400_000),
        ("1d2h3m4s5ms", 93_784_005),
        ("2m", 120_000),
        ("3660d", 3660 * 86_400_000),
    ] {
        assert_eq!(millis(text), Some(ms), "{text}");
    }
}

#[test]
fn what_is_ambiguous_or_endless_is_refused() {
    let wrong = [
        "",
        "90",
        "s",
        "-5s",
        "+5s",
        " 5s",
        "5 s",
        "1.5h",
        "5S",
        "1m1m",
        "1s1m",
        "1ms1s",
        "1h 30m",
        "11:00",
        "5min",
        "3661d",
        "99999999999999999999s",
        "18446744073709551615d",
        "５s",
        "5s\n",
        "1w",
    ];
    for text in wrong {
        assert_eq!(millis(text), None, "{text:?}");
    }
    let why = "90".parse::<Span>().unwrap_err().to_string();
    assert!(why.contains("\"90\"") && why.contains("90s"), "says what is wrong and what is right: {why}");
}

#[test]
fn screens_show_two_units_at_most() {
    for (ms, shown) in [
        (0, "0s"),
        (1, "0.0s"),
        (400, "0.4s"),
        (999, "0.9s"),
        (8_000, "8s"),
        (59_999, "59s"),
        (192_000, "3m12"),
        (3_900_000, "1h05"),
        (86_400_000 * 2 + 3_600_000 * 4, "2d04h"),
    ] {
        assert_eq!(Span::millis(ms).to_string(), shown);
    }
    assert_eq!(format!("{:>6}|", Span::secs(8)), "    8s|", "it can be aligned");
}

proptest! {
    #[test]
    fn written_and_read_it_is_the_same(ms in 0..3660u64 * 86_400_000) {
        let span = Span::millis(ms);
        prop_assert_eq!(span.to_text().parse::<Span>().unwrap(), span);
        let json = serde_json::to_string(&span).unwrap();
        prop_assert_eq!(serde_json::from_str::<Span>(&json).unwrap(), span);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = text.parse::<Span>();
    }
}
