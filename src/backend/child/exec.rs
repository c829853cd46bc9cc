//! What runs in the child before the program does: the hidden verb `exec-child`.
//!
//! It must do nothing that a program could notice besides what is listed here,
//! and it must never start the program when any of it failed.

use rustix::process::{Resource, Rlimit, Signal};
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;

/// Becomes the program in `PARENT -- PROGRAM ARG…`; returns only when it cannot, with the reason.
///
/// The process gets a session of its own (so no terminal), is killed when the
/// thread that started it ends, writes no core file, and reads from `/dev/null`.
/// Standard input as we get it is where a failure is reported to: whoever
/// started us learns from its closing that the program runs.
pub fn exec_child(args: impl IntoIterator<Item = OsString>) -> io::Error {
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
    if separator != "--" {
        return io::Error::new(io::ErrorKind::InvalidInput, "usage: exec-child PARENT -- PROGRAM [ARG]…");
    }
    if let Err(error) = prepare(parent) {
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
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let nothing = std::fs::File::open("/dev/null")?;
    Ok(rustix::stdio::dup2_stdin(nothing)?)
}
