//! Makes the metrics of one place silent for a while: its router takes the
//! question and gives no answer. The service itself goes on.

use super::clock;
use super::failure::Failure;
use super::layout::Layout;
use super::place::Place;
use crate::domain::span::Span;
use std::fs;

/// Silences a place's metrics from now on for so long.
pub fn begin(layout: &Layout, place: &Place, span: Span) -> Result<(), Failure> {
    let until = clock::millis().saturating_add(span.as_millis());
    fs::write(layout.silence(place), until.to_string()).map_err(Failure::io("cannot silence the metrics"))
}

/// Whether a place's metrics are silent now.
pub fn holds(layout: &Layout, place: &Place) -> bool {
    let until = fs::read_to_string(layout.silence(place)).ok().and_then(|text| text.trim().parse::<u64>().ok());
    until.is_some_and(|until| clock::millis() < until)
}
