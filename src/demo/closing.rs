//! Closing the day: ledger adds up a region's payments. Until that is done its
//! day is open, which the poll of the tour rests on.

use super::failure::Failure;
use super::files;
use super::layout::Layout;
use super::records;
use serde::{Deserialize, Serialize};

/// What closing a day found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// How many payments there were.
    pub payments: usize,
    /// What they come to, in euro.
    pub eur: f64,
}

/// Adds up what a region has taken, and closes its day with that.
pub fn close(layout: &Layout, region: &str) -> Result<String, Failure> {
    let (payments, eur) = records::sum(layout, region)?;
    files::write(&layout.closed(region), &Closed { payments, eur })?;
    Ok(format!("day of {region} closed: {payments} payments, {eur:.2} EUR"))
}

/// Whether the day of a region is closed.
pub fn closed(layout: &Layout, region: &str) -> bool {
    layout.closed(region).is_file()
}
