//! To be written: flagger.
//! Nothing yet.
