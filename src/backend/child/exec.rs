//! What runs in the child before the program does: the hidden verb `exec-child`.
//!
//! It must do nothing that a program could notice besides what is listed here,
//! and it must never start the program when any of it failed.

use rustix::process::{Resource, Rlimit, Signal};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;

/// Stands in place of `--` before a program that is talked to: its standard input stays as it is. A number
/// behind it is how many bytes of addresses it may have.
pub const TALKS: &str = "-i";
/// How many files a program that is talked to may have open.
const FILES: u64 = 4096;

/// Becomes the program in `PARENT -- PROGRAM ARG…`; returns only when it cannot, with the reason.
///
/// The process gets a session of its own (so no terminal), is killed when the
/// thread that started it ends, writes no core file, and reads from `/dev/null`.
/// Standard input as we get it is where a failure is reported to: whoever
/// started us learns from its closing that the program runs.
///
/// With [`TALKS`] in place of `--`, standard input is the program's own: a failure is then
/// only returned, and whoever started us learns it from our end.
pub fn exec_child(args: impl IntoIterator<Item = OsString>) -> io::Error {
    let args: Vec<OsString> = args.into_iter().collect();
    if args.get(1).is_some_and(|word| talks(word).is_some()) {
        return prepare_and_exec(args);
    }
    let status = match rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3) {
        Ok(status) => status,
        Err(error) => return error.into(),
    };
    let error = prepare_and_exec(args);
    let text = error.to_string();
    let _ = std::fs::File::from(status).write_all(text.as_bytes());
    error
}

/// Everything up to the exec; whatever it returns is why the program does not run.
fn prepare_and_exec(args: impl IntoIterator<Item = OsString>) -> io::Error {
    let mut args = args.into_iter();
    let parent = args.next().and_then(|pid| pid.to_str().and_then(|pid| pid.parse::<i32>().ok()));
    let (Some(parent), Some(separator), Some(program)) = (parent, args.next(), args.next()) else {
        return io::Error::new(io::ErrorKind::InvalidInput, "usage: exec-child PARENT -- PROGRAM [ARG]…");
    };
    let prepared = match talks(&separator) {
        Some(memory) => prepare(parent).and_then(|()| few_files()).and_then(|()| little_memory(memory)),
        None if separator == "--" => prepare(parent).and_then(|()| no_input()),
        None => return io::Error::new(io::ErrorKind::InvalidInput, "usage: exec-child PARENT -- PROGRAM [ARG]…"),
    };
    if let Err(error) = prepared {
        return error;
    }
    std::process::Command::new(program).args(args).exec()
}

fn prepare(parent: i32) -> io::Result<()> {
    rustix::process::setsid()?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have died before the line above; then no signal will come.
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return Err(io::Error::other("holdpoint ended before the program could be started"));
    }
    Ok(rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// A program that lives as long as we do must not take the system's files.
fn few_files() -> io::Result<()> {
    let maximum = rustix::process::getrlimit(Resource::Nofile).maximum.map_or(FILES, |most| most.min(FILES));
    Ok(rustix::process::setrlimit(Resource::Nofile, Rlimit { current: Some(maximum), maximum: Some(maximum) })?)
}

/// Nor may it, or what it starts, take all the memory there is.
fn little_memory(most: Option<u64>) -> io::Result<()> {
    let Some(most) = most else { return Ok(()) };
    let maximum = rustix::process::getrlimit(Resource::As).maximum.map_or(most, |known| known.min(most));
    Ok(rustix::process::setrlimit(Resource::As, Rlimit { current: Some(maximum), maximum: Some(maximum) })?)
}

/// How much memory a program that is talked to may have, where that is limited; none where it is not talked to.
fn talks(word: &OsStr) -> Option<Option<u64>> {
    match word.to_str()?.strip_prefix(TALKS)? {
        "" => Some(None),
        bytes => bytes.parse().ok().map(Some),
    }
}

fn no_input() -> io::Result<()> {
    let nothing = std::fs::File::open("/dev/null")?;
    Ok(rustix::stdio::dup2_stdin(nothing)?)
}
