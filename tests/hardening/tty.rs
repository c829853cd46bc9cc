//! What a terminal may be sent by us, and nothing else.

/// What acts on a terminal or hides in it: said here once more, so that it is not the
/// program that judges itself.
fn acts(c: char) -> bool {
    let hides = ['\u{ad}', '\u{61c}', '\u{180e}', '\u{feff}', '\u{a0}', '\u{3164}', '\u{ffa0}', '\u{2800}'];
    let ranges =
        [(0x200b, 0x200f), (0x2028, 0x202f), (0x2060, 0x206f), (0x300, 0x36f), (0xfe00, 0xfe0f), (0xfff9, 0xfffb)];
    c.is_control()
        || hides.contains(&c)
        || c >= '\u{e0000}'
        || ranges.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
}

/// Whether only sequences of ours are in it; says the first that is not.
pub fn ours(sent: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(sent).map_err(|e| format!("no UTF-8: {e}"))?;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\x1b' => sequence(rest).ok_or_else(|| format!("{:?}", rest.chars().take(24).collect::<String>()))?,
            c if acts(c) => return Err(format!("{c:?} before {:?}", rest.chars().take(24).collect::<String>())),
            c => &rest[c.len_utf8()..],
        };
    }
    Ok(())
}

/// What follows a sequence of ours.
fn sequence(text: &str) -> Option<&str> {
    if let Some(rest) = called(text) {
        return Some(rest);
    }
    let body = text.strip_prefix("\x1b[")?;
    let end = body.find(|c: char| !matches!(c, '0'..='9' | ';' | '?'))?;
    let (parameters, rest) = body.split_at(end);
    let known = match rest.chars().next()? {
        'm' | 'H' => !parameters.contains('?'),
        'J' => parameters == "2",
        't' => matches!(parameters, "22;0" | "23;0"),
        'h' | 'l' => matches!(parameters, "?25" | "?1049" | "?2004" | "?1004" | "?2026"),
        _ => false,
    };
    known.then(|| &rest[1..])
}

/// What follows the window's title, or a notification and the bell after it.
fn called(text: &str) -> Option<&str> {
    let title = text.strip_prefix("\x1b]2;holdpoint");
    let (title, body) = (title.is_some(), title.or_else(|| text.strip_prefix("\x1b]9;holdpoint: "))?);
    let (said, rest) = body.split_once("\x1b\\")?;
    let rest = if title { rest } else { rest.strip_prefix('\x07').unwrap_or(rest) };
    (!said.contains(acts)).then_some(rest)
}

/// Whether a text for people is harmless: line ends are its only controls.
pub fn harmless(text: &str) -> Result<(), String> {
    match text.chars().find(|c| *c != '\n' && acts(*c)) {
        None => Ok(()),
        Some(c) => Err(format!("{c:?} in {text:?}")),
    }
}

#[test]
fn what_is_not_ours_is_found() {
    assert_eq!(ours(b"\x1b[0m\x1b[2J\x1b[1;1Hx\x1b[?25l"), Ok(()));
    for wrong in ["\x1b]0;x\x07", "\x1b[6n", "\x1b[?3h", "\u{9b}31m", "a\u{202e}b", "\x1bc", "\r", "\x1b[21t"] {
        assert!(ours(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
    assert_eq!(ours(b"\x1b[22;0t\x1b]2;holdpoint LIVE\x1b\\\x1b]9;holdpoint: x\x1b\\\x07\x1b[23;0t"), Ok(()));
    for wrong in ["\x1b]2;x\x1b\\", "\x1b]2;holdpoint \x07\x1b\\", "\x1b]2;holdpoint", "\x07"] {
        assert!(ours(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
    assert!(ours(b"\xff").is_err() && harmless("a\tb").is_err());
}
