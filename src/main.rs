//! The program. It becomes a child when asked to, and nothing else yet.

use holdpoint::backend::{child, launcher};
use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: what follows must not happen in a child (see `backend::child`).
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|verb| verb == launcher::VERB) {
        let error = child::exec_child(args);
        eprintln!("holdpoint: cannot start a program: {error}");
        return ExitCode::from(127);
    }
    ExitCode::SUCCESS
}
