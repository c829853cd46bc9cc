//! Files that a pipeline leaves behind: a value that their format has, in the unit that it has.
//!
//! Whether a file is there is no matter of the workspace: it comes and goes with the pipeline.

use super::Reading;
use super::script::positive;
use crate::config::raw::signals as raw;
use crate::config::spot::Spot;
use crate::domain::result_file::{Figure, Format};
use crate::domain::signal::Query;
use crate::domain::span::Span;

/// Reads the query; that its keys are there was checked with its shape.
pub fn query(r: &mut Reading<'_>, signal: &raw::Signal) -> Query {
    let raw = &signal.query;
    let format = raw.format.unwrap_or(Format::Junit);
    let value = raw.value.as_ref().and_then(|value| figure(r, signal, format, value));
    if let Some(file) = raw.file.as_ref().filter(|file| file.is_empty() || file.ends_with('/')) {
        let help = "write the path of the file that the pipeline leaves, such as \"build/{service}/junit.xml\"";
        r.mistake(&file.at, format!("{:?} names no file", file.value), help);
    }
    Query::Report {
        file: raw.file.as_ref().map(|file| file.value.clone()).unwrap_or_default(),
        format,
        // What is wrong with it is noted; as what it is read then is of no matter.
        value: value.unwrap_or(Figure::Tests),
        max_age: raw.max_age.as_ref().map_or(Span::ZERO, |age| positive(r, age)),
    }
}

/// The figure that a word stands for, if the format has it; and whether the signal counts in its unit.
fn figure(r: &mut Reading<'_>, signal: &raw::Signal, format: Format, word: &Spot<String>) -> Option<Figure> {
    let figures = format.figures();
    let Some(figure) = figures.iter().copied().find(|figure| figure.word() == word.value) else {
        let there = figures.iter().map(|figure| figure.word()).collect::<Vec<_>>().join(", ");
        let what = format!("a file of format {:?} has no {:?}", format.word(), word.value);
        r.mistake(&word.at, what, format!("write one of {there}"));
        return None;
    };
    let unit = figure.unit();
    if signal.unit.value != unit {
        let what = format!("{:?} does not count that", figure.word());
        r.mistake(&signal.unit.at, what, format!("write unit = {:?}", unit.word()));
    }
    Some(figure)
}
