//! Texts for the terminal's clipboard: base64 as RFC 4648 has it, and nothing too long.

use holdpoint::tui::clipboard::{LONGEST, osc52};

#[test]
fn texts_are_base64_in_osc_52() {
    for (text, coded) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
        ("5 % → 25 %", "NSAlIOKGkiAyNSAl"),
    ] {
        let bytes = osc52(text).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), format!("\x1b]52;c;{coded}\x1b\\"), "{text}");
    }
    assert!(osc52(&"x".repeat(LONGEST)).is_some());
    assert_eq!(osc52(&"x".repeat(LONGEST + 1)), None);
}
