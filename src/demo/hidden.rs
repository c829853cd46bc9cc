//! The hidden verb `demo-estate`: what our own program becomes as a process of
//! the estate, and the control program that a `command` backend calls.

use super::failure::Failure;
use super::flags::Flags;
use super::{belonging, control, director, front, instance, monitors, router, supervisor, traffic, up};
use std::ffi::OsString;
use std::process::ExitCode;

/// The hidden verb; its arguments follow.
pub const VERB: &str = "demo-estate";

/// Exit status of an operation that certainly did nothing.
const NOTHING_DONE: u8 = 3;

/// Runs a hidden verb, given the arguments after `demo-estate`.
pub fn hidden(args: &[OsString]) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(if failure.nothing_done { NOTHING_DONE } else { 1 })
        }
    }
}

fn run(args: &[OsString]) -> Result<(), Failure> {
    let (verb, rest) = args.split_first().ok_or_else(|| Failure::refused("demo-estate needs a verb"))?;
    let flags = Flags::read(rest)?;
    match verb.to_str().unwrap_or_default() {
        "supervise" => supervisor::run(&flags),
        "front" => owned(&flags).and_then(|()| front::run(&flags)),
        "router" => owned(&flags).and_then(|()| router::run(&flags)),
        "instance" => owned(&flags).and_then(|()| instance::run(&flags)),
        "traffic" => owned(&flags).and_then(|()| traffic::run(&flags)),
        "director" => owned(&flags).and_then(|()| director::run(&flags)),
        "monitor" => owned(&flags).and_then(|()| monitors::become_program(&flags.words)),
        "bound" => director::bound(&flags),
        "blip" => director::blip(&flags),
        "silence" => director::silence(&flags),
        "up" => up::from_flags(&flags),
        "down" => up::down(&flags.dir()?),
        verb => control::run(verb, &flags, rest),
    }
}

/// What every process of the estate does first: its life is its parent's.
fn owned(flags: &Flags) -> Result<(), Failure> {
    belonging::to_parent(flags.parsed("parent")?)
}
