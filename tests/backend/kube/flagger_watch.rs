//! To be written: flagger_watch.
//! Nothing yet.
