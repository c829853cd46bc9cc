//! iCalendar files (RFC 5545): the events in them, with their occurrences as instants.
//!
//! Files of other programs: what they say beside times and titles is passed over, and what cannot be understood of an
//! event that is meant is a mistake with its place, because a freeze that is left out would be an open door. Times are
//! expanded on the wall clock, the zone is attached afterwards.

mod component;
mod events;
mod expand;
mod time;
mod zones;

pub use events::{Mistakes, Told, Wanted, events};
