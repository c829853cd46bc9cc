//! When a window is on, between two instants.
//!
//! Argo CD counts in wall-clock time: it takes the zone's distance from UTC as it is at the moment
//! that is asked about, and adds start and duration as if no clock were ever changed. So a window
//! over a spring night is an hour shorter, and one that lies in the hour of autumn that comes twice
//! is on twice. A schedule without a start in five years counts as always on.

use super::cron::Cron;
use crate::domain::Timestamp;
use crate::domain::zone::Zone;
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

type Civil = (NaiveDateTime, NaiveDateTime);

/// When a schedule that lasts so long each time is on, in order; none touches the next.
pub fn spans(
    cron: &Cron,
    lasts: TimeDelta,
    zone: &Zone,
    from: Timestamp,
    to: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    let stretches = zone.offsets(from, to);
    let local = |at: Timestamp, offset: i32| at.naive_utc() + TimeDelta::seconds(offset.into());
    let first = stretches.iter().map(|(a, _, offset)| local(*a, *offset)).min();
    let last = stretches.iter().map(|(_, b, offset)| local(*b, *offset)).max();
    let Some((first, last)) = first.zip(last) else { return Vec::new() };
    let civil = civil(cron, lasts, first, last);
    let mut all: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (begins, ends, offset) in stretches {
        let (a, b) = (local(begins, offset), local(ends, offset));
        let back = |civil: NaiveDateTime| civil.and_utc() - TimeDelta::seconds(offset.into());
        for (from, to) in civil.iter().filter(|(from, to)| *from < b && *to > a) {
            let (from, to) = (back(*from.max(&a)), back(*to.min(&b)));
            match all.last_mut() {
                Some(last) if last.1 >= from => last.1 = last.1.max(to),
                _ => all.push((from, to)),
            }
        }
    }
    all
}

/// The same in wall-clock time.
fn civil(cron: &Cron, lasts: TimeDelta, from: NaiveDateTime, to: NaiveDateTime) -> Vec<Civil> {
    let (Some(mut at), Some(newest)) = (from.checked_sub_signed(lasts), to.checked_sub_signed(lasts)) else {
        return Vec::new();
    };
    // One start that all of the time lies in is enough; so no more than twice that time is walked.
    if newest < from && cron.next(newest).is_some_and(|start| start <= from) {
        return vec![(from, to)];
    }
    let mut all: Vec<Civil> = Vec::new();
    let mut add = |begins: NaiveDateTime, ends: NaiveDateTime| {
        let (begins, ends) = (begins.max(from), ends.min(to));
        if begins < ends {
            match all.last_mut() {
                Some(last) if begins <= last.1 => last.1 = last.1.max(ends),
                _ => all.push((begins, ends)),
            }
        }
    };
    while at + lasts < to {
        match cron.next(at) {
            Some(start) if start >= to || lasts <= TimeDelta::zero() => break,
            Some(start) => {
                add(start, start.checked_add_signed(lasts).unwrap_or(to));
                at = start;
            }
            // Not in the five years from there, so always on until another year is looked from.
            None => {
                let Some(year) = NaiveDate::from_ymd_opt(at.year() + 1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0))
                else {
                    break;
                };
                add(at + lasts, year.checked_add_signed(lasts).unwrap_or(to));
                at = year;
            }
        }
    }
    all
}
