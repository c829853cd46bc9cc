//! What an instance has counted of its own work.
//!
//! It only counts; what is counted is decided by who calls.

use crate::demo::metrics::{Histogram, Page};
use std::cell::RefCell;
use std::time::Duration;

/// Requests by how they ended, and how long they took.
#[derive(Debug, Default)]
pub struct Tally {
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ok: u64,
    failed: u64,
    took: Histogram,
}

impl Tally {
    /// Counts one request.
    pub fn count(&self, ok: bool, took: Duration) {
        let mut inner = self.inner.borrow_mut();
        if ok {
            inner.ok += 1
        } else {
            inner.failed += 1
        }
        inner.took.record(took);
    }

    /// Begins a page of metrics with what every service counts.
    pub fn page(&self, version: &str) -> Page {
        let (inner, mut page) = (self.inner.borrow(), Page::default());
        page.family("requests", "counter", "Requests by how they ended.");
        for (outcome, count) in [("ok", inner.ok), ("failed", inner.failed)] {
            page.sample("requests_total", &[("outcome", outcome), ("version", version)], count as f64);
        }
        page.family("request_seconds", "histogram", "How long requests took.");
        page.histogram("request_seconds", &[("version", version)], &inner.took);
        page
    }
}
