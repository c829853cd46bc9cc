//! To be written: flagger_faults.
//! Nothing yet.
