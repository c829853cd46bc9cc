//! The thin binary: hidden verbs of our own children first, then the command line.
//! It decides nothing; see `lib.rs` for the picture of the whole.
//! Exit statuses are the command line's; a panic is not one of them.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdpoint::cli::main()
}
