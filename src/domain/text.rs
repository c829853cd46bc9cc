//! Text from outside, made harmless once at the boundary.
//!
//! Everything a backend, a script or a file of someone else says may hold
//! control characters, bidirectional overrides or invisible characters that
//! would repaint a terminal or make `prod` read as something else. They are
//! shown, visibly escaped, never obeyed and never silently dropped.

/// Returns the text with every character that could act on a terminal, reorder
/// it or hide in it written as `\u{..}`; tabs become one space.
pub fn visible(text: &str) -> String {
    if text.chars().all(harmless) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if harmless(c) => out.push(c),
            c => out.extend(c.escape_unicode()),
        }
    }
    out
}

/// Like [`visible`] for a text of several lines; its line ends stay.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Like [`visible`] for bytes that may be no UTF-8: the wrong ones become U+FFFD.
pub fn visible_bytes(bytes: &[u8]) -> String {
    visible(&String::from_utf8_lossy(bytes))
}

/// Cuts a text to at most `max` characters, saying so with `…`.
pub fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

fn harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e0000}'..='\u{e007f}')
}
