//! The fields: a line, and a reason or a note of several lines, moved in by line and word.
//!
//! What is typed is kept as typed; what could hide or act is never taken.

use crate::domain::text::visible;
use crate::tui::terminal::{Code, Key};
use tui_input::{Input, InputRequest};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;
/// The longest text that goes elsewhere, in characters.
pub const LONGEST_TEXT: usize = 4_000;

/// Where the cursor stands: the line, the character in it, and how many lines there are.
pub fn place(input: &Input) -> (usize, usize, usize) {
    let before: String = input.value().chars().take(input.cursor()).collect();
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    (line, column, input.value().split('\n').count())
}

/// Whether a key begins another line.
pub fn is_newline(key: Key) -> bool {
    key == Key::ctrl('j') || (key.code == Code::Enter && key.alt)
}

/// Edits the field; false when the key leaves it for what is above or below.
pub fn take(input: &mut Input, key: Key, most: usize) -> bool {
    let (line, column, lines) = place(input);
    match key.code {
        _ if is_newline(key) => drop(insert(input, "\n", most)),
        Code::Up if line > 0 => go(input, line - 1, column),
        Code::Down if line + 1 < lines => go(input, line + 1, column),
        Code::Up | Code::Down => return false,
        Code::Home => go(input, line, 0),
        Code::End => go(input, line, usize::MAX),
        _ if key.typed().is_some() && input.value().chars().count() >= most => {}
        _ => edit(input, key),
    }
    true
}

/// Puts a text where the cursor stands, harmless, as far as there is room; true when all of it was.
pub fn put(input: &mut Input, text: &str, most: usize) -> bool {
    insert(input, &harmless(text), most)
}

/// Puts a text in place of all that is there; true when there was room for it.
pub fn replace(input: &mut Input, text: &str, most: usize) -> bool {
    input.reset();
    put(input, text, most)
}

fn harmless(text: &str) -> String {
    let lines: Vec<String> = text.trim().split('\n').map(|line| visible(line.trim_end())).collect();
    lines.join("\n")
}

fn insert(input: &mut Input, text: &str, most: usize) -> bool {
    let room = most.saturating_sub(input.value().chars().count());
    for c in text.chars().take(room) {
        let _ = input.handle(InputRequest::InsertChar(c));
    }
    text.chars().count() <= room
}

/// Goes to a character of a line, or to its end.
fn go(input: &mut Input, line: usize, column: usize) {
    let lines: Vec<usize> = input.value().split('\n').map(|text| text.chars().count()).collect();
    let before: usize = lines.iter().take(line).map(|length| length + 1).sum();
    let within = lines.get(line).copied().unwrap_or_default().min(column);
    let _ = input.handle(InputRequest::SetCursor(before + within));
}

/// Edits a line; characters that could hide are not taken.
pub fn edit(input: &mut Input, key: Key) {
    let request = match (key.code, key.ctrl) {
        (Code::Backspace, _) => InputRequest::DeletePrevChar,
        (Code::Delete, _) => InputRequest::DeleteNextChar,
        (Code::Left, true) => InputRequest::GoToPrevWord,
        (Code::Right, true) => InputRequest::GoToNextWord,
        (Code::Left, _) => InputRequest::GoToPrevChar,
        (Code::Right, _) => InputRequest::GoToNextChar,
        (Code::Home, _) => InputRequest::GoToStart,
        (Code::End, _) => InputRequest::GoToEnd,
        (Code::Char('w'), true) => InputRequest::DeletePrevWord,
        (Code::Char('u'), true) => InputRequest::DeleteFromStart,
        _ => match key.typed() {
            Some(c) if visible(c.encode_utf8(&mut [0; 4])).chars().eq([c]) => InputRequest::InsertChar(c),
            _ => return,
        },
    };
    let _ = input.handle(request);
}
