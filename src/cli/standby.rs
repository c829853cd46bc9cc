//! `drive --standby`: a second driver that waits until the first is lost.
//!
//! It takes over only from a session that has died or that offered the conn to
//! its person, never from one that lives and never what was laid down on
//! purpose. Having taken over it stays, so that triggers are watched.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::{Left, Session};
use super::{print, run};
use crate::domain::command::Command;
use crate::domain::name::RunId;
use std::time::Duration;

/// Stands by for a run until it ends.
pub fn standby(global: &Global, run: u32) -> Ended {
    let context = Context::open(global)?;
    let mut session = Session::open(&context, "standby", true)?;
    let ended = watch(&mut session, global, RunId(run));
    session.give_conn();
    session.close("done");
    ended
}

fn watch(session: &mut Session, global: &Global, run: RunId) -> Ended {
    session.run(run)?;
    let mut said = String::new();
    loop {
        let found = session.run(run)?;
        if found.ended() {
            return Ok(run::phase(found));
        }
        let (epoch, stands) = (found.epoch, standing(session, run));
        if lost(session, run) {
            session.look_at(run);
            match session.command(Command::TakeConn(run, epoch, String::new())) {
                Ok(_) => {
                    print::words(&format!("took the conn of run {run}, and drives it until it ends"));
                    stay(session, global, run)?;
                }
                // Somebody was faster, or it has ended: look again.
                Err(Failure { exit: Exit::Refused, .. }) => session.pump(std::time::Duration::from_millis(200)),
                Err(failure) => return Err(failure),
            }
            continue;
        }
        if said != stands {
            print::words(&stands);
            said = stands;
        }
        session.pump(Duration::from_millis(200));
        session.news.clear();
    }
}

/// Whether the run's driver is gone without having laid the conn down, or has
/// offered it to this person.
fn lost(session: &Session, run: RunId) -> bool {
    session.ledger.run(run).is_some_and(|found| {
        let offered = found.offered.as_ref() == Some(session.person());
        found.conn.is_some() && (offered || session.ledger.driver(found).is_none())
    })
}

fn standing(session: &Session, run: RunId) -> String {
    match session.ledger.run(run).and_then(|found| found.conn.as_ref()) {
        Some(conn) => format!("standing by: {} drives run {run} in session {}", conn.person, conn.session),
        None => format!("standing by: the conn of run {run} was laid down; take it with `holdpoint drive {run}`"),
    }
}

/// Drives until the run ends or somebody takes the conn.
fn stay(session: &mut Session, global: &Global, run: RunId) -> Result<(), Failure> {
    let mut said = Vec::new();
    loop {
        match session.drive(run, |entry| print::entry(entry, global.json)) {
            Left::Ousted(_) => return Ok(()),
            Left::Unwritten(why) => return Err(Failure::journal(why)),
            Left::Settled => {}
        }
        let found = session.run(run)?;
        if found.ended() || found.conn.is_none() {
            return Ok(());
        }
        let awaited = run::awaited(session, run);
        if said != awaited {
            awaited.iter().for_each(|line| print::words(line));
            said = awaited;
        }
    }
}
