//! From text to steps, or every mistake in it with its place.
//!
//! Pure: it opens no file and starts nothing. One line is one step; lines that
//! are empty or begin with `#` are none.

use super::step::{Act, Script, Step, Wanted};
use crate::domain::span::Span;
use crate::domain::text::visible;
use crate::tui::terminal::Key;
use std::fmt;
use std::time::Duration;

/// How long something may take to appear when the script says nothing else.
const LIMIT: Duration = Duration::from_secs(60);
/// Between texts that stand on one line with anything in between.
const BETWEEN: &str = " ... ";

/// Something that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in it, from 1.
    pub column: usize,
    /// What is wrong, and what to write.
    pub words: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.words)
    }
}

/// What is wrong in a line, and the byte of the line where.
type Wrong = (usize, String);

/// Reads a script; `file` is what it is called in messages.
///
/// # Errors
/// Every mistake, in order.
pub fn parse(file: &str, text: &str) -> Result<Script, Vec<Mistake>> {
    let (mut steps, mut mistakes) = (Vec::new(), Vec::new());
    for (n, line) in text.lines().enumerate().map(|(n, line)| (n + 1, line)) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match step(line) {
            Ok(act) => steps.push(Step { line: n, act }),
            Err(wrong) => mistakes.extend(wrong.into_iter().map(|(at, words)| Mistake {
                file: file.to_owned(),
                line: n,
                column: line.get(..at).unwrap_or(line).chars().count() + 1,
                words,
            })),
        }
    }
    let ends = steps.iter().position(|step| step.act == Act::Stay);
    if let Some(after) = ends.and_then(|at| steps.get(at + 1)) {
        let words = "nothing is done after `stay`: the keys are a person's then".to_owned();
        mistakes.push(Mistake { file: file.to_owned(), line: after.line, column: 1, words });
    }
    if mistakes.is_empty() { Ok(Script { file: file.to_owned(), steps }) } else { Err(mistakes) }
}

fn step(line: &str) -> Result<Act, Vec<Wrong>> {
    let begins = line.len() - line.trim_start().len();
    let (head, rest) = match line.split_once(':') {
        Some((head, rest)) => (head.trim(), Some(rest)),
        None => (line.trim(), None),
    };
    // Where the text after the colon begins, in bytes of the line.
    let at = rest.map_or(line.len(), |rest| line.len() - rest.trim_start().len());
    let rest_text = rest.unwrap_or_default().trim();
    let (word, options) = head.split_once(' ').unwrap_or((head, ""));
    let here = |words: &str| vec![(begins, words.to_owned())];
    let option_at = begins + word.len() + 1;
    match (word, rest.is_some()) {
        ("answer" | "stay", true) => Err(here(&format!("`{word}` stands alone, without a colon"))),
        ("answer" | "stay", false) if !options.is_empty() => {
            Err(vec![(option_at, format!("`{word}` stands alone on its line"))])
        }
        ("answer", false) => Ok(Act::Answer),
        ("stay", false) => Ok(Act::Stay),
        ("wait" | "key" | "type" | "shell" | "say" | "pause", false) => {
            Err(here(&format!("write a colon after `{word}`, then what it is about")))
        }
        ("key" | "type" | "say" | "pause", true) if !options.is_empty() => {
            Err(vec![(option_at, format!("`{}` is not known here: write `{word}:`", visible(options)))])
        }
        ("say", true) => Ok(Act::Say(visible(rest_text))),
        (_, true) if rest_text.is_empty() && known(word) => Err(vec![(at, format!("nothing follows `{word}:`"))]),
        ("wait", true) => wait(options, option_at, rest_text).map(Act::Wait).map_err(|wrong| vec![wrong]),
        ("key", true) => keys(rest_text, at).map(Act::Keys),
        ("type", true) => typed(rest_text, at).map_err(|wrong| vec![wrong]),
        ("shell", true) => shell(options, option_at, rest_text, at).map_err(|wrong| vec![wrong]),
        ("pause", true) => length(rest_text, at).map(Act::Pause).map_err(|wrong| vec![wrong]),
        _ => Err(here(&format!(
            "`{}` is no step; there are wait, key, type, answer, shell, say, pause and stay",
            visible(word)
        ))),
    }
}

fn known(word: &str) -> bool {
    matches!(word, "wait" | "key" | "type" | "shell" | "pause")
}

/// `wait`, `wait 90s`, `wait gone`, `wait gone 90s`.
fn wait(options: &str, at: usize, text: &str) -> Result<Wanted, Wrong> {
    let (gone, span) = match options.split_once(' ').unwrap_or((options, "")) {
        ("gone", span) => (true, span.trim()),
        _ => (false, options.trim()),
    };
    let limit = match span {
        "" => LIMIT,
        span => length(span, at + options.len() - span.len())?,
    };
    let texts = text.split(BETWEEN).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect();
    Ok(Wanted { texts, gone, limit })
}

fn length(text: &str, at: usize) -> Result<Duration, Wrong> {
    match text.parse::<Span>() {
        Ok(span) if !span.std().is_zero() => Ok(span.std()),
        _ => Err((at, format!("`{}` is no length of time; write such as 90s, 2m, 500ms", visible(text)))),
    }
}

fn keys(text: &str, at: usize) -> Result<Vec<Key>, Vec<Wrong>> {
    let (mut keys, mut wrong) = (Vec::new(), Vec::new());
    for (from, word) in words(text) {
        match word.parse::<Key>() {
            Ok(key) => keys.push(key),
            Err(error) => wrong.push((at + from, visible(&error.to_string()))),
        }
    }
    if wrong.is_empty() { Ok(keys) } else { Err(wrong) }
}

/// Words between blanks, each with its first byte.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    text.split(char::is_whitespace).filter_map(move |word| {
        let at = from;
        from += word.len() + text.get(at + word.len()..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((at, word))
    })
}

fn typed(text: &str, at: usize) -> Result<Act, Wrong> {
    match text.char_indices().find(|(_, c)| !visible(c.encode_utf8(&mut [0; 4])).chars().eq([*c])) {
        Some((from, _)) => Err((at + from, "this character cannot be typed: it would not be seen".to_owned())),
        None => Ok(Act::Type(text.to_owned())),
    }
}

/// `shell: ARGV` or `shell 1: ARGV`, for a program that must end with that status.
fn shell(options: &str, option_at: usize, text: &str, at: usize) -> Result<Act, Wrong> {
    let exit = match options.trim() {
        "" => 0,
        number => match number.parse() {
            Ok(exit @ 0..=255) => exit,
            _ => return Err((option_at, format!("`{}` is no exit status; write 0 to 255", visible(number)))),
        },
    };
    Ok(Act::Shell { argv: arguments(text).map_err(|(from, words)| (at + from, words))?, exit })
}

/// Words as a shell splits them, with quotes and nothing else: no variables, no patterns.
fn arguments(text: &str) -> Result<Vec<String>, Wrong> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some((_, sign)), c) if c == sign => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some((at, c));
            }
            (None, c) if c.is_whitespace() => found.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    match quote {
        Some((at, sign)) => Err((at, format!("this {sign} is never closed"))),
        None => {
            found.extend(word);
            Ok(found)
        }
    }
}
