//! How far windows that a backend tells are known: spans are cut where that ends, at both ends.
//!
//! A cut is no edge: nothing begins or ends there, and it moves as time goes on.

use crate::domain::Timestamp;
use crate::domain::observed::Seen;
use crate::domain::window::Windows;
use std::sync::Arc;

/// How far back windows are told at least: what began before is cut somewhere there.
const BACK: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// When something is on; the start is none where it lies before all that is known, the end where
/// none is known.
pub type Open = (Option<Timestamp>, Option<Timestamp>);

/// The edges of a window's span that are known.
pub fn edges(seen: &Seen<Arc<Windows>>, (from, to): (Timestamp, Timestamp)) -> Open {
    (Some(from).filter(|from| *from > seen.at - BACK), Some(to).filter(|to| *to < seen.value.until))
}
