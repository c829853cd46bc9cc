//! To be written: sets.
//! Nothing yet.
