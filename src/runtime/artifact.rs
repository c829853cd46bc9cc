//! What the command line verifies of artefacts outside a session, by the same look as the signals.
//!
//! Nothing is journaled here: files are read, and nothing is sent.

pub use crate::backend::probe::{Verified, verify};
