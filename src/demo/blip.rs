//! A blip: every instance of a place really stands still for a moment.
//!
//! Whoever makes them stand also makes them go on, so this process waits; when it
//! is killed in between, the estate's end still reaches the stopped ones.

use super::belonging;
use super::failure::Failure;
use super::layout::Layout;
use super::live::Live;
use super::place::Place;
use crate::domain::span::Span;
use rustix::process::Signal;

/// Stops the instances of a place for so long; says how many.
pub fn make(layout: &Layout, place: &Place, span: Span) -> Result<usize, Failure> {
    let live = Live::load(layout)?;
    let ours = belonging::of_estate(layout.dir());
    let pids: Vec<u32> = live.at(place).map(|instance| instance.pid).filter(|pid| ours.contains(pid)).collect();
    pids.iter().for_each(|pid| belonging::signal(*pid, Signal::STOP));
    std::thread::sleep(span.std());
    pids.iter().for_each(|pid| belonging::signal(*pid, Signal::CONT));
    Ok(pids.len())
}
