//! What payments writes down: one line a payment, in the old format or the new.
//!
//! 4.1.9 reads both; a row in the new format counts as settled only once it has
//! been reconciled into the old one.

use super::failure::Failure;
use super::files;
use super::layout::Layout;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

/// One payment as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Record {
    /// The new format: the amount as it was paid, with its rate locked.
    New {
        /// Always 2.
        format: u8,
        /// What was paid, and in what.
        paid: (f64, String),
        /// Units of that currency for one euro.
        rate: f64,
    },
    /// The old format: euro alone.
    Old {
        /// The amount in euro.
        eur: f64,
    },
}

impl Record {
    /// The record of a payment in a format.
    pub fn of(format: u8, currency: &str, amount: f64, rate: f64) -> Self {
        let new = Self::New { format, paid: (amount, currency.to_owned()), rate };
        if format > 1 { new } else { new.reconciled() }
    }

    /// The same payment in the old format.
    pub fn reconciled(self) -> Self {
        match self {
            Self::New { paid: (amount, _), rate, .. } => Self::Old { eur: (amount / rate * 100.0).round() / 100.0 },
            old => old,
        }
    }
}

/// Writes one record down.
pub fn append(layout: &Layout, region: &str, record: &Record) -> Result<(), Failure> {
    let attempt = "cannot write the payment down";
    let mut line = serde_json::to_vec(record).map_err(|e| Failure::broken(format!("{attempt}: {e}")))?;
    line.push(b'\n');
    let _lock = files::lock(&lock_of(layout, region))?;
    let file = File::options().create(true).append(true).open(path_of(layout, region));
    file.and_then(|mut file| file.write_all(&line)).map_err(Failure::io(attempt))
}

/// How many records there are, and how many of them in the new format.
pub fn count(layout: &Layout, region: &str) -> Result<(usize, usize), Failure> {
    let all = read(layout, region)?;
    Ok((all.len(), all.iter().filter(|record| matches!(record, Record::New { .. })).count()))
}

/// How many payments there were, and what they come to in euro.
pub fn sum(layout: &Layout, region: &str) -> Result<(usize, f64), Failure> {
    let all = read(layout, region)?;
    let number = all.len();
    let eur = |record: Record| match record.reconciled() {
        Record::Old { eur } => eur,
        Record::New { paid: (amount, _), .. } => amount,
    };
    Ok((number, all.into_iter().map(eur).sum()))
}

/// Turns every record into the old format; says how many were in the new one.
pub fn reconcile(layout: &Layout, region: &str) -> Result<usize, Failure> {
    let _lock = files::lock(&lock_of(layout, region))?;
    let all = read(layout, region)?;
    let new = all.iter().filter(|record| matches!(record, Record::New { .. })).count();
    let lines = all.into_iter().filter_map(|record| serde_json::to_string(&record.reconciled()).ok());
    let text: String = lines.map(|line| line + "\n").collect();
    let (path, beside) = (path_of(layout, region), path_of(layout, region).with_extension("tmp"));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    written.map_err(Failure::io("cannot write the reconciled records"))?;
    Ok(new)
}

fn read(layout: &Layout, region: &str) -> Result<Vec<Record>, Failure> {
    let path = path_of(layout, region);
    let text = match fs::read_to_string(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other.map_err(Failure::io("cannot read the records"))?,
    };
    let record = |line: &str| {
        serde_json::from_str(line).map_err(|e| Failure::refused(format!("{}: {e}: {line}", path.display())))
    };
    text.lines().map(record).collect()
}

fn path_of(layout: &Layout, region: &str) -> PathBuf {
    layout.data(region).join("records.jsonl")
}

fn lock_of(layout: &Layout, region: &str) -> PathBuf {
    layout.data(region).join("records.lock")
}
