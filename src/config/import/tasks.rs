//! Rows as tasks: names, times and what waits for what, each mistake with its line.
//!
//! All mistakes come in one go; what waits for itself is for the loader to find.

use super::Told;
use super::cells::{self, Refused};
use super::columns::{Field, bare, unit};
use super::sheet::Table;
use crate::config::nearest;
use crate::config::problem::{Problem, Problems};
use crate::domain::plan::At;
use crate::domain::span::Span;
use crate::domain::text::harmless_lines;
use std::collections::BTreeMap;

/// A row that is a task.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Its line.
    pub line: usize,
    /// Its name in the runbook.
    pub id: String,
    /// Texts by field, as written.
    pub texts: BTreeMap<Field, String>,
    /// Planned start.
    pub at: Option<At>,
    /// Planned length.
    pub takes: Option<Span>,
    /// The names of those before; none where no column says.
    pub needs: Vec<String>,
    /// What stands in columns that are none of ours.
    pub others: Vec<(String, String)>,
}

/// Tasks, and how they were understood.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    /// In the order of the file.
    pub all: Vec<Task>,
    /// Whether each was made to wait for the one before, because nothing said what waits for what.
    pub in_order: bool,
    /// Rows that were taken as the name of a phase.
    pub headings: Vec<usize>,
}

/// Reads the rows.
///
/// # Errors
/// Every mistake.
pub fn of(table: &Table, told: &Told, zone: &str) -> Result<Tasks, Problems> {
    let mut reading = Reading { told, zone, day_first: told.day_first, problems: Vec::new() };
    reading.order(table);
    let mut tasks = Tasks::default();
    let mut phase = String::new();
    for (line, cells) in &table.rows {
        let mut task = reading.row(table, *line, cells);
        if is_heading(&task, table) {
            tasks.headings.push(*line);
            phase = task.texts.remove(&Field::Title).unwrap_or_default();
            continue;
        }
        if !phase.is_empty() {
            task.texts.entry(Field::Phase).or_insert_with(|| phase.clone());
        }
        if task.texts.contains_key(&Field::Title) {
            tasks.all.push(task);
        } else {
            reading.mistake(*line, ("nothing says what there is to do here".to_owned(), "give it a title".to_owned()));
        }
    }
    reading.name(&mut tasks.all);
    reading.needs(&mut tasks, table.heads.iter().any(|(_, field)| *field == Some(Field::Needs)));
    if tasks.all.is_empty() && reading.problems.is_empty() {
        reading.mistake(0, ("there is no task in it".to_owned(), String::new()));
    }
    if reading.problems.is_empty() { Ok(tasks) } else { Err(Problems(reading.problems)) }
}

/// A row with nothing but a title, in a sheet whose rows have more, names the phase of those below.
fn is_heading(task: &Task, table: &Table) -> bool {
    let alone = task.texts.len() == 1 && task.texts.contains_key(&Field::Title) && task.others.is_empty();
    let has = |wanted: Field| table.heads.iter().any(|(_, field)| *field == Some(wanted));
    alone && task.takes.is_none() && task.at.is_none() && has(Field::Id) && !has(Field::Phase)
}

struct Reading<'a> {
    told: &'a Told,
    zone: &'a str,
    day_first: Option<bool>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn mistake(&mut self, line: usize, (what, help): Refused) {
        let mut problem = Problem::of_file(self.told.file.as_str(), what, Some(help).filter(|help| !help.is_empty()));
        (problem.line, problem.column) = (line, usize::from(line > 0));
        self.problems.push(problem);
    }

    fn take<T>(&mut self, line: usize, read: Result<T, Refused>) -> Option<T> {
        read.map_err(|refused| self.mistake(line, refused)).ok()
    }

    /// In which order the dates of this sheet have day and month.
    fn order(&mut self, table: &Table) {
        let times = |field: &Option<Field>| matches!(field, Some(Field::Start | Field::End));
        let columns: Vec<_> = (0..).zip(&table.heads).filter(|(_, (_, field))| times(field)).map(|(n, _)| n).collect();
        let cells = table.rows.iter().flat_map(|(_, row)| columns.iter().filter_map(|n| row.get::<usize>(*n)));
        let shown = cells::day_first(cells.map(String::as_str));
        let first = table.rows.first().map_or(0, |(line, _)| *line);
        let shown = self.take(first, shown).flatten();
        if let (Some(told), Some(shown)) = (self.day_first, shown)
            && told != shown
        {
            let what = "the dates have day and month in the other order".to_owned();
            self.mistake(first, (what, "leave the option out".to_owned()));
        }
        self.day_first = self.day_first.or(shown);
    }

    fn row(&mut self, table: &Table, line: usize, cells: &[String]) -> Task {
        let mut task = Task { line, ..Task::default() };
        let mut end = None;
        for ((head, field), cell) in table.heads.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            match field {
                Some(Field::Start) => {
                    let at = cells::time(cell, self.day_first, self.zone);
                    task.at = self.take(line, at);
                }
                Some(Field::End) => end = self.take(line, cells::time(cell, self.day_first, self.zone)),
                Some(Field::Takes) => task.takes = self.take(line, cells::length(cell, unit(head))),
                Some(field) => {
                    task.texts.insert(*field, harmless_lines(cell));
                }
                None if self.told.dropped.iter().any(|dropped| bare(dropped) == bare(head)) => {}
                None => task.others.push((head.clone(), harmless_lines(cell))),
            }
        }
        if let Some(end) = end {
            task.takes = self.lasts(&task, end).or(task.takes);
        }
        task
    }

    /// How long it takes by its start and its end.
    fn lasts(&mut self, task: &Task, end: At) -> Option<Span> {
        let millis = match (task.at, end) {
            (Some(At::Instant(start)), At::Instant(end)) => (end - start).num_milliseconds(),
            (Some(At::Offset(start)), At::Offset(end)) => end.saturating_sub(start),
            _ => {
                self.mistake(
                    task.line,
                    ("an end without a start of the same kind".to_owned(), "write both".to_owned()),
                );
                return None;
            }
        };
        let Ok(span) = u64::try_from(millis).map(Span::millis) else {
            self.mistake(task.line, ("it ends before it starts".to_owned(), "write the day of its end".to_owned()));
            return None;
        };
        if task.takes.is_some_and(|takes| takes != span) {
            let what = format!("from start to end it is {span}, and its length says otherwise");
            self.mistake(task.line, (what, "leave one of the three out".to_owned()));
        }
        Some(span)
    }

    /// Gives each its name: its own, mended to what a name may be, else its place in the list.
    fn name(&mut self, tasks: &mut [Task]) {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let own: Vec<_> = tasks.iter().map(|task| task.texts.get(&Field::Id).map(|id| mended(id))).collect();
        let used: Vec<_> = own.iter().flatten().cloned().collect();
        for (n, (task, own)) in (1usize..).zip(tasks.iter_mut().zip(own)) {
            let free = || (n..).map(|n| n.to_string()).find(|id| !used.contains(id)).unwrap_or_default();
            task.id = own.filter(|id| !id.is_empty()).unwrap_or_else(free);
            if let Some(other) = taken.insert(task.id.clone(), task.line) {
                let what = format!("{:?} is the name of line {other} too", task.id);
                self.mistake(task.line, (what, "each has a name of its own".to_owned()));
            }
        }
    }

    fn needs(&mut self, tasks: &mut Tasks, said: bool) {
        tasks.in_order = !said;
        if !said {
            let ids: Vec<_> = tasks.all.iter().map(|task| task.id.clone()).collect();
            tasks.all.iter_mut().skip(1).zip(ids).for_each(|(task, before)| task.needs = vec![before]);
            return;
        }
        let known: BTreeMap<String, ()> = tasks.all.iter().map(|task| (task.id.clone(), ())).collect();
        for task in &mut tasks.all {
            let Some(text) = task.texts.get(&Field::Needs).cloned() else { continue };
            for word in text.split([',', ';', ' ', '\n']).map(str::trim).filter(|word| !word.is_empty()) {
                let plain = mended(word);
                let short = plain.trim_end_matches("FS");
                let found = [plain.as_str(), short].into_iter().find(|name| known.contains_key(*name));
                match found {
                    Some(name) if task.needs.iter().any(|one| one == name) => {}
                    Some(name) => task.needs.push(name.to_owned()),
                    None => {
                        let near = nearest::help(&plain, "tasks", known.keys().map(String::as_str));
                        let what = format!("{word:?} is no task that this could wait for");
                        self.mistake(task.line, (what, near.unwrap_or_default()));
                    }
                }
            }
        }
    }
}

/// A text as the name of a step: `Task #12` is `Task-12`.
pub fn mended(text: &str) -> String {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let text: String =
        text.trim().chars().map(|c| if letter(c) || matches!(c, '_' | '.' | '-') { c } else { '-' }).collect();
    let text: String = text.chars().skip_while(|c| !letter(*c)).take(64).collect();
    text.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
