//! Files that a pipeline leaves behind, read for one number each.
//!
//! A parser is a function of bytes and knows no file and no clock. What is malformed, cut off or
//! of another format is no reading; so is a file that was made with nothing looked at. Signatures
//! are verified by nobody here.

mod cobertura;
mod cyclonedx;
mod in_toto;
mod jmeter;
mod json;
mod junit;
mod k6;
mod lcov;
mod look;
mod sarif;
pub mod source;
mod spdx;
mod xml;

pub use look::{Asked, Report, located, moment};

use crate::domain::Timestamp;
use crate::domain::result_file::{Figure, Format};
use chrono::{DateTime, NaiveDateTime};

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The figure, in its unit.
    pub value: f64,
    /// How many tests, lines, requests or entries it rests on.
    pub events: u64,
    /// When the file says it was made, where it says so; the oldest of several times.
    pub written: Option<Timestamp>,
}

/// Takes a figure of the bytes of a file.
///
/// # Errors
/// Why there is none, and what to do.
pub fn read(format: Format, figure: Figure, bytes: &[u8]) -> Result<Said, String> {
    let text = text(bytes)?;
    match format {
        Format::Junit => junit::read(text, figure),
        Format::Sarif => sarif::read(text, figure),
        Format::Cyclonedx => cyclonedx::read(text, figure),
        Format::Spdx => spdx::read(text, figure),
        Format::Lcov => lcov::read(text, figure),
        Format::Cobertura => cobertura::read(text, figure),
        Format::K6 => k6::read(text, figure),
        Format::Jmeter => jmeter::read(text, figure),
        Format::InToto => in_toto::read(text, figure),
    }
}

/// The bytes as text, without the mark of their encoding.
fn text(bytes: &[u8]) -> Result<&str, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err("it is empty; look at why the pipeline wrote nothing".to_owned());
    }
    std::str::from_utf8(bytes)
        .map_err(|e| format!("byte {} is no UTF-8; have it written as UTF-8, whole", e.valid_up_to()))
}

impl Said {
    /// A number of things, out of so many that were looked at.
    fn count(value: u64, events: u64, written: Option<Timestamp>) -> Self {
        // Beyond 2^53 nothing is counted in a file of 64 MiB.
        Self { value: value as f64, events, written }
    }

    /// A share; of nothing there is none.
    fn share(part: u64, whole: u64, what: &str, written: Option<Timestamp>) -> Result<Self, String> {
        if whole == 0 {
            return Err(nothing(what));
        }
        if part > whole {
            return Err(format!("it counts {part} of {whole} {what}; {ANEW}"));
        }
        Ok(Self { value: part as f64 / whole as f64, events: whole, written })
    }
}

/// What is to be done about a file that is not whole.
const ANEW: &str = "have the pipeline write it anew, whole, and move it into place";

/// Why a file in which nothing was looked at says nothing.
fn nothing(what: &str) -> String {
    format!("it holds no {what}, so nothing is known; look at what the pipeline ran")
}

/// Why a file is of no use for a format.
fn foreign(format: Format, why: &str) -> String {
    format!("{why}; name the file of that format, or another format than `{}`", format.word())
}

/// Why a figure is not taken of a format; `config` refuses it before.
fn none_such(format: Format, figure: Figure) -> String {
    format!("a file of format `{}` has no {}; name a value that it has", format.word(), figure.word())
}

/// An instant as a file says it; none where it names no zone, since then it is no instant.
fn instant(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    // Some write the zone without its colon.
    let zoned =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    if let Ok(at) = zoned {
        return Ok(Some(at.to_utc()));
    }
    let local = |form| NaiveDateTime::parse_from_str(text, form).is_ok();
    if local("%Y-%m-%dT%H:%M:%S%.f") || local("%Y-%m-%d %H:%M:%S%.f") {
        return Ok(None);
    }
    Err(format!("its time {text:?} is none; {ANEW}"))
}

/// The earlier of two times, where there are two: what is put together is as old as its oldest part.
fn oldest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
