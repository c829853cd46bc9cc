//! A checklist in Markdown: boxes are tasks, headings are phases, and what stands below a box belongs to it.
//!
//! Where there are no boxes, the numbered points are the tasks; where there are none of these either, all points are. A point below a
//! task that begins with a word which heads a column of a sheet (`Owner: ops`) is that cell.

use super::Told;
use super::columns::Field;
use super::sheet::{Table, refused};
use crate::config::problem::Problems;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Reads a checklist as a table.
///
/// # Errors
/// That there is no task in it.
pub fn read(text: &str, told: &Told) -> Result<Table, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let marks = marks(text);
    let mut reading = Reading { marks, ..Reading::default() };
    let mut lines = Lines::of(text);
    for (event, range) in parser(text).into_offset_iter() {
        reading.event(event, lines.at(range.start));
    }
    reading.leave();
    if reading.points.is_empty() {
        let help = "write tasks as `- [ ] what there is to do`";
        return Err(refused(told, 1, "there is no list of tasks in it".to_owned(), Some(help)));
    }
    Ok(reading.table())
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TASKLISTS)
}

/// What marks a task in this text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Marks {
    /// A box.
    #[default]
    Boxes,
    /// A number.
    Numbers,
    /// Any point.
    Points,
}

fn marks(text: &str) -> Marks {
    let (mut boxes, mut numbers) = (false, false);
    for event in parser(text) {
        boxes |= matches!(event, Event::TaskListMarker(_));
        numbers |= matches!(event, Event::Start(Tag::List(Some(_))));
    }
    match (boxes, numbers) {
        (true, _) => Marks::Boxes,
        (_, true) => Marks::Numbers,
        _ => Marks::Points,
    }
}

/// The line of a place, for places that come in order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn at(&mut self, place: usize) -> usize {
        if let Some(between) = self.text.get(self.at..place) {
            self.line += between.matches('\n').count();
            self.at = place;
        }
        self.line
    }
}

/// A task as it is being read.
#[derive(Clone, Debug, Default)]
struct Point {
    line: usize,
    phase: String,
    title: String,
    cells: Vec<(Field, String)>,
    below: Vec<String>,
}

/// What text is being gathered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Title,
    Phase,
    Task,
    Below,
    Code,
}

#[derive(Default)]
struct Reading {
    marks: Marks,
    title: String,
    phase: String,
    points: Vec<Point>,
    /// What stood before the first task, or between two.
    loose: Vec<String>,
    place: Place,
    gathered: String,
    /// For each open list whether it is numbered, for each open item whether it is a task.
    lists: Vec<bool>,
    items: Vec<bool>,
}

impl Reading {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Start(Tag::List(first)) => {
                self.leave();
                self.lists.push(first.is_some());
            }
            Event::End(TagEnd::List(_)) => drop(self.lists.pop()),
            Event::Start(Tag::Item) => self.item(line),
            Event::TaskListMarker(_) => self.task(line),
            Event::End(TagEnd::Item) => {
                self.leave();
                self.items.pop();
            }
            Event::Start(Tag::Heading { level, .. }) => {
                self.leave();
                self.place =
                    if level == HeadingLevel::H1 && self.title.is_empty() { Place::Title } else { Place::Phase };
            }
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::CodeBlock) => self.leave(),
            Event::Start(Tag::Paragraph) if self.place == Place::Outside && !self.items.is_empty() => {
                self.place = Place::Below;
            }
            Event::Start(Tag::CodeBlock(_)) => {
                self.leave();
                self.place = Place::Code;
            }
            Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => {}
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.gathered.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.gathered.push('\n'),
            _ => {}
        }
    }

    fn item(&mut self, line: usize) {
        self.leave();
        let counts = match self.marks {
            Marks::Boxes => false,
            Marks::Numbers => self.items.is_empty() && self.lists.last() == Some(&true),
            Marks::Points => self.items.is_empty(),
        };
        self.items.push(false);
        self.place = Place::Below;
        if counts {
            self.task(line);
        }
    }

    fn task(&mut self, line: usize) {
        if let Some(is) = self.items.last_mut() {
            *is = true;
        }
        self.points.push(Point { line, phase: self.phase.clone(), ..Point::default() });
        self.gathered.clear();
        self.place = Place::Task;
    }

    /// Puts what was gathered where it belongs.
    fn leave(&mut self) {
        let text = std::mem::take(&mut self.gathered);
        let place = std::mem::take(&mut self.place);
        let text = if place == Place::Code { text.trim_end_matches('\n') } else { text.trim() }.to_owned();
        if text.is_empty() && place != Place::Phase {
            return;
        }
        let inside = self.items.contains(&true);
        match (place, self.points.last_mut()) {
            (Place::Title, _) => self.title = text,
            (Place::Phase, _) => self.phase = text,
            (Place::Task, Some(point)) => point.title = text,
            (Place::Below, Some(point)) if inside => match cell(&text) {
                Some(cell) => point.cells.push(cell),
                None => point.below.push(text),
            },
            (Place::Code, Some(point)) if inside => point.below.push(text),
            _ => self.loose.push(text),
        }
        // What stands before a task is said to whoever does it.
        if place == Place::Task
            && let Some(point) = self.points.last_mut()
        {
            point.below.append(&mut self.loose);
        }
    }

    fn table(mut self) -> Table {
        let loose = std::mem::take(&mut self.loose);
        if let Some(last) = self.points.last_mut() {
            last.below.extend(loose);
        }
        let cells = self.points.iter().flat_map(|point| point.cells.iter().map(|(field, _)| *field));
        let said: std::collections::BTreeSet<_> = cells.collect();
        let always = [Field::Title, Field::Phase, Field::Instructions];
        let fields: Vec<_> = Field::ALL.into_iter().filter(|f| said.contains(f) || always.contains(f)).collect();
        let row = |point: &Point| {
            let cell = |field: &Field| match field {
                Field::Title => point.title.clone(),
                Field::Phase if !point.phase.is_empty() => point.phase.clone(),
                Field::Instructions => {
                    let own = point.cells.iter().filter(|(f, _)| f == field).map(|(_, text)| text.clone());
                    point.below.iter().cloned().chain(own).collect::<Vec<_>>().join("\n")
                }
                field => point.cells.iter().find(|(f, _)| f == field).map(|(_, text)| text.clone()).unwrap_or_default(),
            };
            (point.line, fields.iter().map(cell).collect())
        };
        let heads = fields.iter().map(|field| (field.name().to_owned(), Some(*field))).collect();
        Table { title: self.title, heads, rows: self.points.iter().map(row).collect() }
    }
}

/// `Owner: ops` as a cell.
fn cell(text: &str) -> Option<(Field, String)> {
    let (head, rest) = text.split_once(':')?;
    let field = Field::of_head(head).filter(|field| !matches!(field, Field::Title))?;
    Some((field, rest.trim().to_owned())).filter(|(_, rest)| !rest.is_empty())
}
