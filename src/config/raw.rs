//! The files as people write them: one struct a table, one field a key.
//!
//! The descriptions here become the published schemas. Texts with a form of
//! their own (names, lengths, times) are checked where they are resolved, so
//! that each mistake has its place.

pub mod calendar;
pub mod runbook;
pub mod services;
pub mod signals;
pub mod workspace;
