//! The text of an iCalendar file as components and their lines.
//!
//! The library splits lines; nesting is followed here, because a file may nest as deep as it likes.

use ical::tree::line::IcalLine;
use std::ops::Range;

/// How deep components may be nested; a calendar has three levels.
const DEEPEST: usize = 8;

/// A component with its lines and the components in it.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Its name, in capitals.
    pub name: String,
    /// Where it begins.
    pub at: Range<usize>,
    /// Its lines, in order.
    pub lines: Vec<Line>,
    /// The components in it, in order.
    pub parts: Vec<Component>,
}

/// A line: `DTSTART;TZID=Europe/Paris:20261121T030000`.
#[derive(Clone, Debug)]
pub struct Line {
    /// What stands before parameters and value, in capitals.
    pub name: String,
    /// Its parameters, names in capitals, values without quotes.
    pub parameters: Vec<(String, String)>,
    /// What stands behind the colon, still escaped.
    pub value: String,
    /// Where it stands.
    pub at: Range<usize>,
}

impl Line {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// The value as text in one line.
    pub fn text(&self) -> String {
        let (mut out, mut rest) = (String::new(), self.value.chars());
        while let Some(c) = rest.next() {
            match (c, if c == '\\' { rest.next() } else { Some(c) }) {
                ('\\', Some('n' | 'N')) => out.push(' '),
                (_, c) => out.extend(c),
            }
        }
        out.trim().to_owned()
    }
}

impl Component {
    /// The first line of a name.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// Every line of a name.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> + 'a {
        self.lines.iter().filter(move |line| line.name == name)
    }

    /// The components in it of a name.
    pub fn parts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Component> + 'a {
        self.parts.iter().filter(move |part| part.name == name)
    }
}

/// The calendars of a text.
///
/// # Errors
/// What is wrong, and where.
pub fn calendars(text: &str) -> Result<Vec<Component>, (Range<usize>, String)> {
    let mut open = vec![Component::default()];
    let mut rest = text.as_bytes();
    while !rest.trim_ascii().is_empty() {
        let start = text.len() - rest.len() + (rest.len() - rest.trim_ascii_start().len());
        let first = text.get(start..).and_then(|line| line.lines().next()).map_or(0, str::len);
        let at = start..start + first;
        let wrong = |what: &str| Err((at.clone(), what.to_owned()));
        let Ok((line, tail)) = IcalLine::take(rest) else {
            return wrong("this is no line of an iCalendar file: it has no colon");
        };
        rest = tail;
        let line = read(&line, at.clone());
        match (line.name.as_str(), open.len()) {
            ("BEGIN", depth) if depth > DEEPEST => return wrong("components are nested too deep"),
            ("BEGIN", _) => {
                let name = line.value.trim().to_uppercase();
                open.push(Component { name, at, ..Component::default() });
            }
            ("END", _) => {
                let Some(done) = open.pop_if(|last| last.name == line.value.trim().to_uppercase()) else {
                    return wrong("this ends what has not begun, or not what began last");
                };
                if let Some(outer) = open.last_mut() {
                    outer.parts.push(done);
                }
            }
            _ => {
                if let Some(inner) = open.last_mut() {
                    inner.lines.push(line);
                }
            }
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(root), true) if root.parts.iter().any(|part| part.name == "VCALENDAR") => Ok(root.parts),
        (Some(root), true) => Err((root.at, "this is no iCalendar file: there is no BEGIN:VCALENDAR".to_owned())),
        (Some(last), false) => Err((last.at, format!("{} does not end: is the file whole?", last.name))),
        (None, _) => Ok(Vec::new()),
    }
}

fn read(line: &IcalLine<'_>, at: Range<usize>) -> Line {
    let parameters = line.params.iter().map(|one| {
        let values = one.values.iter().map(|value| value.get().trim_matches('"'));
        (one.name.get().to_uppercase(), values.collect::<Vec<_>>().join(","))
    });
    Line {
        name: line.name.get().to_uppercase(),
        parameters: parameters.collect(),
        value: line.raw_value_str().into_owned(),
        at,
    }
}
