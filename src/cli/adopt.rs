//! `adopt`: letting go of stricter rules that live runs go by.
//!
//! What is adopted is printed first, and is what the files of this workspace say now.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};

use super::session::Session;
use super::{act, print, queue, step};
use crate::domain::command::Command;
use crate::engine::rules;

/// Adopts what the files have loosened.
pub fn adopt(global: &Global, reason: &str, saw: Option<&str>, dry_run: bool) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "adopt", false)?;
    let ended = within(&mut session, global, reason, saw, dry_run);
    session.close("done");
    ended
}

fn within(session: &mut Session, global: &Global, reason: &str, saw: Option<&str>, dry_run: bool) -> Ended {
    let Some(waiting) = rules::waiting(&session.given()) else {
        return Err(Failure::failed("the files have loosened nothing that waits to be adopted"));
    };
    print::words(&format!("the files loosened, seen {}:", waiting.digest.short()));
    waiting.what.iter().for_each(|what| print::words(&format!("  {what}")));
    let command = Command::Adopt(queue::seen(saw, waiting.digest)?, reason.to_owned());
    if dry_run {
        return step::preview(session, global, &command);
    }
    let seq = session.command(command)?;
    act::tell(session, global, seq);
    Ok(Exit::Done)
}
