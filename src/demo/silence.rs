//! Makes the metrics of one place silent for a while: its router takes the
//! question and gives no answer. The service itself goes on.

use super::failure::Failure;
use super::layout::Layout;
use super::place::Place;
use super::{clock, files};
use crate::domain::span::Span;

/// Silences a place's metrics from now on for so long.
pub fn begin(layout: &Layout, place: &Place, span: Span) -> Result<(), Failure> {
    let until = clock::millis().saturating_add(span.as_millis());
    files::write(&layout.silence(place), &until)
}

/// Whether a place's metrics are silent now.
pub fn holds(layout: &Layout, place: &Place) -> bool {
    files::read(&layout.silence(place)).is_ok_and(|until: u64| clock::millis() < until)
}
