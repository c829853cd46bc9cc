//! A sheet in CSV: what separates its cells, its heads and its rows.
//!
//! The head is the first line in which the column of titles is found. A cell that a spreadsheet would take for a formula has had an
//! apostrophe put before it where it was exported, and is given back without it.

use super::Told;
use super::columns::{Field, bare};
use crate::config::problem::{Problem, Problems};

/// At most so many rows are read.
const ROWS: usize = 6000;

/// How many lines may stand before the head.
const BEFORE: usize = 20;

/// Rows under heads.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What the whole is called; empty where it does not say.
    pub title: String,
    /// The heads, as written, and what each is.
    pub heads: Vec<(String, Option<Field>)>,
    /// The rows, each with its line.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Reads a sheet.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &str, told: &Told) -> Result<Table, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut table = Table::default();
    for record in reader.records() {
        let record = record.map_err(|e| refused(told, line_of(&e), e.to_string(), None))?;
        let line = record.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(0));
        let cells: Vec<String> = record.iter().map(cell).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if table.heads.is_empty() {
            head(&mut table, cells, line, told)?;
            continue;
        }
        if cells.len() > table.heads.len() && cells.iter().skip(table.heads.len()).any(|cell| !cell.is_empty()) {
            let what = format!("{} cells under {} heads", cells.len(), table.heads.len());
            let help = "put cells with a separator or a line end in them in quotes";
            return Err(refused(told, line, what, Some(help)));
        }
        if table.rows.len() >= ROWS {
            return Err(refused(told, line, format!("more than {ROWS} rows"), Some("import it in parts")));
        }
        table.rows.push((line, cells));
    }
    if table.heads.is_empty() {
        let help = "name the column with `--column HEAD=task`; the heads must stand in one of the first lines";
        return Err(refused(told, 1, "no column says what there is to do".to_owned(), Some(help)));
    }
    Ok(table)
}

/// Takes a line as the heads where the column of titles is among them; keeps one of a single cell before that as the title.
fn head(table: &mut Table, cells: Vec<String>, line: usize, told: &Told) -> Result<(), Problems> {
    let heads = heads(&cells, told);
    if !heads.iter().any(|(_, field)| *field == Some(Field::Title)) {
        let filled: Vec<_> = cells.iter().filter(|cell| !cell.is_empty()).collect();
        if line > BEFORE {
            let help = format!("name the column with `--column HEAD=task`; line {line} has {}", cells.join(", "));
            return Err(refused(told, line, "no column says what there is to do".to_owned(), Some(&help)));
        }
        if let ([only], true) = (filled.as_slice(), table.title.is_empty()) {
            table.title = (*only).clone();
        }
        return Ok(());
    }
    if let Some(unknown) =
        told.columns.keys().chain(&told.dropped).find(|name| !cells.iter().any(|c| bare(c) == bare(name)))
    {
        let what = format!("there is no column {unknown:?}; there are {}", cells.join(", "));
        return Err(refused(told, line, what, None));
    }
    for (n, (name, field)) in heads.iter().enumerate() {
        let twice = heads.iter().take(n).find(|(_, other)| field.is_some() && other == field);
        if let (Some((other, _)), Some(field)) = (twice, field) {
            let help = format!("say which with `--column HEAD={field}`, or leave one out with `--drop HEAD`");
            return Err(refused(told, line, format!("both {other:?} and {name:?} could be the {field}"), Some(&help)));
        }
    }
    table.heads = heads;
    Ok(())
}

/// What each head is: as it was told, else as it is known, where nobody told another.
fn heads(cells: &[String], told: &Told) -> Vec<(String, Option<Field>)> {
    let given = |head: &str| told.columns.iter().find(|(name, _)| bare(name) == bare(head)).map(|(_, field)| *field);
    let known = |head: &str| {
        let dropped = told.dropped.iter().any(|name| bare(name) == bare(head));
        let here = |name: &str| cells.iter().any(|cell| bare(cell) == bare(name));
        let taken = |field: &Field| told.columns.iter().any(|(name, other)| other == field && here(name));
        Field::of_head(head).filter(|field| !dropped && !taken(field))
    };
    let mut heads: Vec<_> = cells.iter().map(|head| (head.clone(), given(head).or_else(|| known(head)))).collect();
    // Where nothing else says what there is to do, the description or the step does.
    for other in [Field::Instructions, Field::Id] {
        if !heads.iter().any(|(_, field)| *field == Some(Field::Title)) {
            let words = |head: &str| matches!(bare(head).as_str(), "description" | "step" | "task description");
            let found = heads.iter_mut().find(|(head, field)| *field == Some(other) && words(head));
            found.into_iter().for_each(|(_, field)| *field = Some(Field::Title));
        }
    }
    heads
}

fn cell(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\'']) => rest.to_owned(),
        _ => text,
    }
}

/// The separator that stands most often outside of quotes in the first lines.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes().take(8192) {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|(sign, _)| *sign == byte && !quoted).for_each(|(_, n)| *n += 1);
    }
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(sign, _)| sign)
}

fn line_of(error: &csv::Error) -> usize {
    error.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(0))
}

/// One mistake of the file.
pub fn refused(told: &Told, line: usize, what: String, help: Option<&str>) -> Problems {
    let mut problem = Problem::of_file(told.file.as_str(), what, help.map(str::to_owned));
    (problem.line, problem.column) = (line, usize::from(line > 0));
    Problems(vec![problem])
}
