//! A blip: every instance of a place really stands still for a moment.
//!
//! Until when is written down before anything stops, and it is the supervisor
//! that makes them go on, so that nobody's end can leave them standing. Whoever
//! makes a blip only stops them, and waits.

use super::failure::Failure;
use super::layout::Layout;
use super::live::Live;
use super::place::Place;
use super::{belonging, clock, files};
use crate::domain::span::Span;
use rustix::process::Signal;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// How often whoever makes a blip looks whether it is over.
const LOOK: Duration = Duration::from_millis(50);

/// Stops the instances of a place for so long; says how many, once they go on.
pub fn make(layout: &Layout, place: &Place, span: Span) -> Result<usize, Failure> {
    let path = layout.blip(place);
    let stopped = {
        // Held while they are being stopped: until then nobody makes them go on.
        let _lock = files::lock(&path.with_extension("lock"))?;
        let until = clock::millis().saturating_add(span.as_millis());
        files::write(&path, &until)?;
        let ours = belonging::of_estate(layout.dir());
        let pids: Vec<u32> = Live::load(layout)?.at(place).map(|i| i.pid).filter(|pid| ours.contains(pid)).collect();
        pids.iter().for_each(|pid| belonging::signal(*pid, Signal::STOP));
        pids.len()
    };
    while path.is_file() {
        sleep(LOOK);
    }
    Ok(stopped)
}

/// The places whose blip is over, and where nobody is still stopping any.
pub fn over(layout: &Layout) -> Vec<Place> {
    let over = |place: &Place| {
        let path = layout.blip(place);
        let stopping = || files::locked(&path.with_extension("lock"));
        path.is_file() && !stopping() && !files::read(&path).is_ok_and(|until: u64| clock::millis() < until)
    };
    Place::all().into_iter().filter(over).collect()
}

/// Writes down that the instances of a place go on.
pub fn end(layout: &Layout, place: &Place) {
    let _ = fs::remove_file(layout.blip(place));
}
