//! Text from outside, made harmless once at the boundary.
//!
//! Everything a backend, a script or a file of someone else says may hold
//! control characters, bidirectional overrides or invisible characters that
//! would repaint a terminal or make `prod` read as something else. They are
//! shown, visibly escaped, never obeyed and never silently dropped.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns a text from outside with every character that could act on a terminal,
/// reorder it, hide in it or pass for another written as `\u{..}`.
///
/// Two texts that differ are shown differently: a backslash that would read as the
/// beginning of such an escape is itself written as one. For texts as they come in, once;
/// what is put together from such texts is for [`harmless`].
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    escape(text, &mut out);
    out
}

/// Like [`visible`] for a text of several lines; its line ends stay.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Like [`visible`] for bytes that may be no UTF-8: the wrong ones become `\x{..}`.
pub fn visible_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        escape(chunk.valid(), &mut out);
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{{{byte:x}}}");
        }
    }
    out
}

/// Returns a text that is about to be shown with whatever could act on a terminal written
/// out, and nothing else changed: escapes that are in it stay as they are, so that it may
/// be applied again. The last look before a terminal, for texts of any origin.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let Some((first, _)) = text.char_indices().find(|(_, c)| acts(*c)) else { return Cow::Borrowed(text) };
    let (before, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(before);
    for c in rest.chars() {
        match acts(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Like [`harmless`] for a text of several lines; its line ends stay.
pub fn harmless_lines(text: &str) -> String {
    text.split('\n').map(harmless).collect::<Vec<_>>().join("\n")
}

fn escape(text: &str, out: &mut String) {
    for (at, c) in text.char_indices() {
        let passes =
            c == '\\' && text.get(at + 1..).is_some_and(|rest| rest.starts_with("u{") || rest.starts_with("x{"));
        match passes || acts(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
}

/// Cuts a text to at most `max` characters, saying so with `…`.
pub fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

/// Whether a character acts on a terminal, reorders or joins others, has no ink of its
/// own, or looks like a space that it is not.
pub fn acts(c: char) -> bool {
    if (' '..='~').contains(&c) {
        return false;
    }
    c.is_control()
        || matches!(c,
            // Spaces that are none, fillers, and what has no ink.
            '\u{a0}' | '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{1680}' | '\u{17b4}' | '\u{17b5}' | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Marks of Arabic, Syriac, Kaithi, Mongolian and Egyptian that format what follows.
            | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
            | '\u{110bd}' | '\u{110cd}' | '\u{180b}'..='\u{180f}' | '\u{13430}'..='\u{13455}'
            // Combining marks of no script: with them one letter passes for another.
            | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}'
            // Nobody's: private use, and what is no character.
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}
