//! Cobertura XML: coverage as its root sums it up.
//!
//! Where the counts are missing its rates are taken, if the file shows anything that they could
//! be of; a rate of nothing is no reading.

use super::xml::{Met, Tag, walk};
use super::{ANEW, Said, foreign, none_such, nothing};
use crate::domain::Timestamp;
use crate::domain::result_file::{Figure, Format};
use chrono::DateTime;

#[derive(Default)]
struct Coverage {
    rate: Option<f64>,
    covered: Option<u64>,
    valid: Option<u64>,
    written: Option<Timestamp>,
    shown: u64,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let branches = match figure {
        Figure::LineRatio => false,
        Figure::BranchRatio => true,
        _ => return Err(none_such(Format::Cobertura, figure)),
    };
    let what = if branches { "branches" } else { "lines" };
    let mut coverage = Coverage::default();
    walk(text, Format::Cobertura, &["coverage"], |met| {
        match met {
            Met::Opens([_], tag) => coverage = Coverage::of(tag, branches)?,
            // The lines of methods stand among those of their class again.
            Met::Opens([.., class, lines, line], tag) if class == "class" && lines == "lines" && line == "line" => {
                let branch = branches && tag.text("branch")?.is_some_and(|branch| branch.eq_ignore_ascii_case("true"));
                coverage.shown += u64::from(!branches || branch);
            }
            _ => {}
        }
        Ok(())
    })?;
    match (coverage.covered, coverage.valid, coverage.rate) {
        (Some(covered), Some(valid), _) => Said::share(covered, valid, what, coverage.written),
        (None, None, Some(_)) if coverage.shown == 0 => Err(nothing(what)),
        (None, None, Some(rate)) => Ok(Said { value: rate, events: coverage.shown, written: coverage.written }),
        _ => Err(foreign(Format::Cobertura, &format!("its root does not say how many {what} ran"))),
    }
}

impl Coverage {
    fn of(tag: &Tag<'_>, branches: bool) -> Result<Self, String> {
        let names = match branches {
            true => ("branch-rate", "branches-covered", "branches-valid"),
            false => ("line-rate", "lines-covered", "lines-valid"),
        };
        let (rate, covered, valid) = (tag.share(names.0)?, tag.count(names.1)?, tag.count(names.2)?);
        let written = tag.count("timestamp")?.filter(|at| *at > 0).map(written).transpose()?;
        Ok(Self { rate, covered, valid, written, shown: 0 })
    }
}

/// The time of a file: seconds since the epoch, of some tools milliseconds.
fn written(at: u64) -> Result<Timestamp, String> {
    let millis = if at > 100_000_000_000 { at } else { at * 1000 };
    let at = i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis);
    at.ok_or_else(|| format!("its timestamp is no time; {ANEW}"))
}
