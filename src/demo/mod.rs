//! The demo's estate: real processes on loopback that ship inside the binary.
//!
//! It knows nothing of the engine or the journal; the program drives it through
//! an ordinary backend of kind command.
