//! The thin binary: becomes a child when it is asked to, else runs the command
//! line, and maps its end to an exit status. It decides nothing; `lib.rs` has
//! the picture of the whole.

use holdpoint::backend::{child, launcher};
use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: what follows must not happen in a child (see `backend::child`).
    let mut args = std::env::args_os().skip(1);
    let verb = args.next();
    if verb.as_ref().is_some_and(|verb| verb == launcher::VERB) {
        let error = child::exec_child(args);
        eprintln!("holdpoint: cannot start a program: {error}");
        return ExitCode::from(127);
    }
    #[cfg(feature = "demo")]
    if verb.is_some_and(|verb| verb == holdpoint::demo::VERB) {
        return holdpoint::demo::hidden(&args.collect::<Vec<_>>());
    }
    holdpoint::cli::main()
}
