//! Colour schemes of base16 and base24, and the roles their colours take.
//!
//! Both forms are read: `scheme:` with `base00:` beside it, and `name:` with a
//! `palette:`. Scheme files are plain lines of a key and a value; more of YAML
//! than that is a mistake with its place, so that no file means two things.

use super::role::Role;
use super::{Rgb, Styles};
use crate::config::{Problem, Source};
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;
use std::ops::Range;

/// A scheme: what it is called, and its sixteen or twenty-four colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name as the file says it.
    pub title: String,
    /// Colours by number; sixteen or more.
    colours: BTreeMap<u8, Rgb>,
}

/// A line of the file: its indentation, key, value and the bytes of both.
struct Line<'a> {
    indented: bool,
    key: &'a str,
    value: &'a str,
    at: [Range<usize>; 2],
}

impl Scheme {
    /// Reads a scheme file.
    ///
    /// # Errors
    /// The first mistake with its place.
    pub fn read(file: &Source) -> Result<Self, Box<Problem>> {
        let problem = |at: &Range<usize>, what: &str, help: &str| {
            Box::new(file.problem(at.clone(), what, (!help.is_empty()).then(|| help.to_owned())))
        };
        let (mut title, mut colours, mut inside) = (String::new(), BTreeMap::new(), false);
        let mut offset = 0;
        for text in file.text.split_inclusive('\n') {
            let begin = offset;
            offset += text.len();
            let Some(line) = line(file, text, begin)? else { continue };
            let [key_at, value_at] = &line.at;
            if line.indented && !inside {
                return Err(problem(key_at, "this is indented under nothing", "only colours under `palette:` are"));
            }
            inside = line.indented || (line.key == "palette" && line.value.is_empty());
            if !line.indented && matches!(line.key, "scheme" | "name") {
                line.value.clone_into(&mut title);
            }
            let Some(number) = number(line.key) else {
                if line.indented {
                    return Err(problem(key_at, "no colour of base16 or base24", "they are base00 to base17"));
                }
                continue;
            };
            let Some(rgb) = rgb(line.value) else {
                return Err(problem(value_at, "no colour", "write six hex digits in quotes, such as \"1d1f21\""));
            };
            if colours.insert(number, rgb).is_some() {
                return Err(problem(key_at, "this colour is given twice", "keep one of the two lines"));
            }
        }
        match (0..16).find(|n| !colours.contains_key(n)) {
            Some(n) => Err(problem(
                &(file.text.len()..file.text.len()),
                &format!("base{n:02X} is missing"),
                "a scheme has base00 to base0F, a base24 scheme also base10 to base17",
            )),
            None => Ok(Self { title, colours }),
        }
    }

    /// The roles in this scheme's colours. The bright ones of base24 are for what needs a person.
    pub fn styles(&self) -> Styles {
        let colour = |n: u8| {
            let (r, g, b) = self.colours.get(&n).copied().unwrap_or_default();
            Color::Rgb(r, g, b)
        };
        let bright = |n: u8, plain: u8| colour(if self.colours.contains_key(&n) { n } else { plain });
        let (bold, under) = (Modifier::BOLD, Modifier::UNDERLINED);
        let fg = |n: u8| Style::new().fg(colour(n));
        let on = |text: u8, ground: Color| Style::new().fg(colour(text)).bg(ground);
        let (red, yellow, cyan) = (bright(0x12, 0x08), bright(0x13, 0x0a), bright(0x15, 0x0c));
        let loud = |c: Color| Style::new().fg(c).add_modifier(bold);
        let look = |role: Role| match role {
            Role::Text => on(5, colour(0)),
            Role::Dim | Role::Disabled => fg(4),
            Role::Accent | Role::Title => fg(6).add_modifier(bold),
            Role::Border => fg(3),
            Role::Key | Role::Running => fg(0x0d),
            Role::Selected => on(6, colour(2)).add_modifier(bold),
            Role::Field => on(6, colour(1)).add_modifier(under),
            Role::Changed => fg(6).add_modifier(under),
            Role::Ok => fg(0x0b),
            Role::Held | Role::Rehearsal => loud(cyan),
            Role::Warn => loud(yellow),
            Role::Fail | Role::Production => loud(red),
            Role::Unknown => loud(bright(0x17, 0x0e)),
            Role::Late => fg(9),
            Role::Skipped => fg(4).add_modifier(Modifier::ITALIC),
            Role::Armed => on(0, yellow).add_modifier(bold),
            Role::Alarm => on(0, red).add_modifier(bold),
        };
        Role::ALL.map(look)
    }
}

/// The number of a colour's key: `base0A` is ten.
fn number(key: &str) -> Option<u8> {
    let digits = key.strip_prefix("base").filter(|digits| digits.len() == 2)?;
    u8::from_str_radix(digits, 16).ok().filter(|n| *n < 0x18)
}

fn rgb(text: &str) -> Option<Rgb> {
    let hex = text.strip_prefix('#').unwrap_or(text);
    let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6 && !hex.starts_with('+'))?;
    let [_, r, g, b] = number.to_be_bytes();
    Some((r, g, b))
}

/// One line as key and value; none when it says nothing.
fn line<'a>(file: &Source, text: &'a str, begin: usize) -> Result<Option<Line<'a>>, Box<Problem>> {
    let wrong = |at: Range<usize>, what: &str, help: &str| {
        Err(Box::new(file.problem(begin + at.start..begin + at.end, what, Some(help.to_owned()))))
    };
    let text = text.trim_end();
    let body = text.trim_start();
    let indent = text.len() - body.len();
    if body.is_empty() || body.starts_with('#') || body == "---" {
        return Ok(None);
    }
    if text.get(..indent).is_some_and(|blank| blank.contains('\t')) {
        return wrong(0..indent, "a tab indents this line", "YAML is indented with spaces");
    }
    let whole = indent..text.len();
    let Some((key, rest)) = body.split_once(':') else {
        return wrong(whole, "this line has no key", "write `key: \"value\"`; schemes are plain lines");
    };
    let lead = rest.len() - rest.trim_start().len();
    let from = indent + key.len() + 1 + lead;
    let rest = rest.trim_start();
    let key = key.trim_end();
    if !key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return wrong(indent..indent + key.len(), "this is no key of a scheme", "keys are letters and digits");
    }
    if lead == 0 && !rest.is_empty() {
        return wrong(from..text.len(), "there is no space before this value", "write `key: \"value\"`");
    }
    let (value, skipped) = match rest.chars().next() {
        None | Some('#') => ("", 0),
        Some(quote @ ('"' | '\'')) => {
            let inner = rest.get(1..).unwrap_or("");
            let Some((value, after)) = inner.split_once(quote) else {
                return wrong(from..text.len(), "this quote does not end", "end it on the same line");
            };
            if !(after.trim().is_empty() || after.trim_start().starts_with('#')) || value.contains('\\') {
                return wrong(
                    from..text.len(),
                    "more than one quoted text",
                    "schemes are plain lines, without escapes",
                );
            }
            (value, 1)
        }
        Some('|' | '>' | '&' | '*' | '[' | '{' | '!' | '%' | '@' | '`') => {
            return wrong(from..text.len(), "more of YAML than a scheme needs", "write plain lines: `key: \"value\"`");
        }
        Some(_) => (rest.split(" #").next().unwrap_or(rest).trim_end(), 0),
    };
    let start = begin + from + skipped;
    let at = [begin + indent..begin + indent + key.len(), start..start + value.len().max(1)];
    Ok(Some(Line { indented: indent > 0, key, value, at }))
}
