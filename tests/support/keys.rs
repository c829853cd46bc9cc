//! Keys as a test writes them, and the bytes a terminal sends for them.
//!
//! Characters stand for themselves; the others are named in angle brackets:
//! `<Enter>`, `<Esc>`, `<Up>`, `<PageDown>`, `<F5>`, `<C-c>` (control), `<A-x>`
//! (alt) and `<lt>` for `<` itself.

/// The bytes of a text with named keys in it; fails the test on a name it does not know.
#[track_caller]
pub fn bytes(keys: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = keys;
    while let Some(start) = rest.find('<') {
        out.extend_from_slice(&rest.as_bytes()[..start]);
        let Some(length) = rest[start..].find('>') else {
            panic!("a key name is not closed in {keys:?}; write <lt> for <");
        };
        out.extend(named(&rest[start + 1..start + length]));
        rest = &rest[start + length + 1..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// The bytes of one paste, as a terminal in bracketed-paste mode sends it.
pub fn paste(text: &str) -> Vec<u8> {
    format!("\x1b[200~{text}\x1b[201~").into_bytes()
}

#[track_caller]
fn named(name: &str) -> Vec<u8> {
    let sequence = match name {
        "lt" => "<",
        "Space" => " ",
        "Enter" => "\r",
        "Tab" => "\t",
        "BackTab" => "\x1b[Z",
        "Esc" => "\x1b",
        "Backspace" => "\x7f",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "Insert" => "\x1b[2~",
        "Delete" => "\x1b[3~",
        "PageUp" => "\x1b[5~",
        "PageDown" => "\x1b[6~",
        "F1" => "\x1bOP",
        "F2" => "\x1bOQ",
        "F3" => "\x1bOR",
        "F4" => "\x1bOS",
        "F5" => "\x1b[15~",
        "F6" => "\x1b[17~",
        "F7" => "\x1b[18~",
        "F8" => "\x1b[19~",
        "F9" => "\x1b[20~",
        "F10" => "\x1b[21~",
        "F11" => "\x1b[23~",
        "F12" => "\x1b[24~",
        _ => return modified(name),
    };
    sequence.as_bytes().to_vec()
}

#[track_caller]
fn modified(name: &str) -> Vec<u8> {
    match name.split_once('-') {
        Some(("C", letter)) if letter.len() == 1 => vec![letter.as_bytes()[0].to_ascii_lowercase() & 0x1f],
        Some(("A", letter)) => [b"\x1b", letter.as_bytes()].concat(),
        _ => panic!("no key is named <{name}>"),
    }
}
