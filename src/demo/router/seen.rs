//! What a router has seen of the traffic, by version: the numbers that signals
//! are made of. A caller who goes away before the answer is counted as left.

use crate::demo::link::Answer;
use crate::demo::metrics::{Histogram, Page};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    versions: Rc<RefCell<BTreeMap<String, Counted>>>,
    open: Rc<Cell<u64>>,
    schema: Rc<Cell<Option<u32>>>,
}

#[derive(Debug, Default)]
struct Counted {
    ok: u64,
    failed: u64,
    left: u64,
    new_rows: u64,
    took: Histogram,
}

/// One request under way; dropped before its end when the caller goes away.
#[derive(Debug)]
pub struct Watched {
    seen: Seen,
    version: String,
    started: Instant,
    ended: bool,
}

impl Watched {
    /// Begins to watch a request.
    pub fn begin(seen: &Seen) -> Self {
        seen.open.set(seen.open.get() + 1);
        Self { seen: seen.clone(), version: String::new(), started: Instant::now(), ended: false }
    }

    /// Notes the version that has it now, to whom it will be counted.
    pub fn goes_to(&mut self, version: &str) {
        version.clone_into(&mut self.version);
    }

    /// Counts how it ended.
    pub fn end(mut self, answer: &Answer) {
        self.ended = true;
        let number = |name: &str| answer.headers.get(name)?.to_str().ok()?.parse::<u32>().ok();
        if let Some(schema) = number("x-schema-version") {
            self.seen.schema.set(Some(schema));
        }
        let new_row = number("x-record-format").is_some_and(|format| format > 1);
        let ok = answer.status < 500;
        self.count(|counted| {
            if ok {
                counted.ok += 1
            } else {
                counted.failed += 1
            }
            counted.new_rows += u64::from(new_row);
        });
    }

    fn count(&self, what: impl FnOnce(&mut Counted)) {
        let mut versions = self.seen.versions.borrow_mut();
        let counted = versions.entry(self.version.clone()).or_default();
        counted.took.record(self.started.elapsed());
        what(counted);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.seen.open.set(self.seen.open.get().saturating_sub(1));
        if !self.ended {
            self.count(|counted| counted.left += 1);
        }
    }
}

impl Seen {
    /// All of it as a page of metrics.
    pub fn page(&self) -> String {
        let (versions, mut page) = (self.versions.borrow(), Page::default());
        page.family("requests", "counter", "Requests that were answered, by how they ended.");
        for (version, counted) in versions.iter() {
            for (outcome, count) in [("ok", counted.ok), ("failed", counted.failed)] {
                page.sample("requests_total", &[("version", version), ("outcome", outcome)], count as f64);
            }
        }
        let mut counter = |name: &str, help: &str, count: fn(&Counted) -> u64| {
            page.family(name, "counter", help);
            let total = format!("{name}_total");
            let each = versions.iter();
            each.for_each(|(version, counted)| page.sample(&total, &[("version", version)], count(counted) as f64));
        };
        counter("sales", "Requests that ended well.", |counted| counted.ok);
        counter("left", "Callers who went away before they were answered.", |counted| counted.left);
        counter("new_format_rows", "Records written in the new format.", |counted| counted.new_rows);
        page.family("request_seconds", "histogram", "How long callers waited for the answer, or until they left.");
        for (version, counted) in versions.iter() {
            page.histogram("request_seconds", &[("version", version)], &counted.took);
        }
        page.family("connections", "gauge", "Requests under way.");
        page.sample("connections", &[], self.open.get() as f64);
        if let Some(schema) = self.schema.get() {
            page.family("schema_version", "gauge", "The schema that answers were made with.");
            page.sample("schema_version", &[], f64::from(schema));
        }
        page.end()
    }
}
