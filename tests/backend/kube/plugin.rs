//! To be written: plugin.
//! Nothing yet.
