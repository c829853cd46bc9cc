//! `replay`: a past run on the screens, or as a story with its times.
//!
//! It reads the journal without a lock and without a session, so it works on a
//! read-only disk, on an exported file, and beside a run that goes on.

use super::args::{Global, ReplayArgs};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::past::{self, Found};
use super::print;
use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::name::RunId;
use crate::engine::timeline::jump::Jump;
use crate::engine::timeline::notable::Notable;
use crate::journal::{self, JournalError};
use std::io::IsTerminal;
use std::time::Duration;

/// The longest that a paced story stands still between two lines.
const LONGEST: Duration = Duration::from_secs(5);

/// Replays a run.
pub fn replay(global: &Global, asked: ReplayArgs) -> Ended {
    let from = asked.at.as_deref().map(Jump::parse).transpose().map_err(Failure::usage)?;
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal() && !dumb;
    if global.plain || global.json || !terminal || cfg!(not(feature = "tui")) {
        return story(global, &asked, from);
    }
    #[cfg(feature = "tui")]
    return screens::screens(global, asked, from);
    #[cfg(not(feature = "tui"))]
    Ok(Exit::Done)
}

/// The run in the journal that is asked for.
fn found(global: &Global, asked: &ReplayArgs) -> Result<Found, Failure> {
    let run = RunId(asked.run);
    match &asked.journal {
        Some(file) => past::find(journal::of_file(file).map_err(unread)?, run),
        None => past::find(journal::entries(&Context::open(global)?.state).map_err(unread)?, run),
    }
}

fn unread(error: JournalError) -> Failure {
    match error {
        JournalError::Absent(_) => Failure::usage(format!("{error}; nothing has happened in this workspace yet")),
        error => Failure::journal(format!("cannot replay: {error}")),
    }
}

/// Prints the run's lines with their times, at a pace if one is asked for.
fn story(global: &Global, asked: &ReplayArgs, from: Option<Jump>) -> Ended {
    let found = found(global, asked)?;
    found.notes.iter().for_each(|note| print::words(note));
    let entries = found.history.entries();
    let begin = entries.get(found.first.saturating_sub(1)).map_or(found.last(), |entry| entry.at);
    let skip = match from {
        None => found.first.saturating_sub(1),
        Some(Jump::Line(seq)) => found.history.through(seq.saturating_sub(1)),
        Some(jump) => {
            let at = jump.instant(begin, begin, found.last()).unwrap_or(begin);
            entries.partition_point(|entry| entry.at < at)
        }
    };
    if !global.json {
        print::line(&format!("REPLAY of run {}: {NOTHING}", asked.run));
    }
    let mut before: Option<Timestamp> = None;
    for entry in entries.iter().skip(skip) {
        pace(asked.speed, before, entry.at);
        line(entry, before, global.json);
        before = Some(entry.at);
    }
    if let Some(kept) = found.kept.as_ref().filter(|_| !global.json) {
        print::line(&format!("its signals are kept with it, {} bytes: the screens of a replay show them", kept.bytes));
    }
    if !found.ended && !global.json {
        print::line(&format!("run {} goes on: this is as far as the journal goes", asked.run));
    }
    Ok(Exit::Done)
}

const NOTHING: &str = "what was written down; nothing is sent";

/// Prints an entry, with its date where that has changed, and a sign for what is looked for.
fn line(entry: &Entry, before: Option<Timestamp>, json: bool) {
    if !json && before.is_none_or(|before| before.date_naive() != entry.at.date_naive()) {
        print::line(&entry.at.format("-- %a %F, times in UTC --").to_string());
    }
    if !json && let Some(what) = Notable::of(entry) {
        print::line(&format!("{:>19}  [{}]", "", what.word()));
    }
    print::entry(entry, json);
}

fn pace(speed: Option<u32>, before: Option<Timestamp>, at: Timestamp) {
    if let (Some(speed), Some(before)) = (speed, before) {
        let real = (at - before).to_std().unwrap_or_default() / speed.max(1);
        std::thread::sleep(real.min(LONGEST));
    }
}

/// The same on the screens.
#[cfg(feature = "tui")]
mod screens {
    use super::*;
    use crate::cli::context::root;
    use crate::cli::screen;
    use crate::config;
    use crate::domain::sample::{Kept, Sample};
    use crate::domain::workspace::{Purpose, Workspace};
    use crate::journal::Layout;
    use crate::journal::samples::{self, Match};
    use crate::runtime::clock::now;
    use crate::tui::replay::Past;
    use crate::tui::run::{About, Opening};

    /// Takes the terminal at once and reads the journal behind the first picture.
    pub(super) fn screens(global: &Global, asked: ReplayArgs, from: Option<Jump>) -> Ended {
        let (name, purpose) = match (root(global), &asked.journal) {
            (Ok(root), _) => config::glance(&root),
            (Err(_), Some(_)) => (String::new(), Purpose::Real),
            (Err(failure), None) => return Err(failure),
        };
        let (global, looks) = (global.clone(), screen::look(global));
        let make = move || past(&global, &asked, from).map(|past| About::Past(Box::new(past)));
        screen::open(
            &looks,
            Opening { name, purpose, words: "reading the journal for a replay", make, tell: screen::tell },
            None,
        )
    }

    fn past(global: &Global, asked: &ReplayArgs, from: Option<Jump>) -> Result<Past, Failure> {
        let found = found(global, asked)?;
        let run = RunId(asked.run);
        let mut notes = found.notes.clone();
        let context = Context::open(global).map_err(|failure| failure.words);
        let ours = |context: &Context| context.workspace.id == found.history.head().workspace;
        let (workspace, samples) = match context {
            Ok(context) if ours(&context) => {
                let layout = Layout::new(&context.state, context.access());
                let (samples, note) = seen(&layout, run, found.kept.as_ref());
                notes.extend(note);
                (context.workspace, samples)
            }
            other => {
                let why = other.err().unwrap_or_else(|| "the journal is of another workspace".to_owned());
                notes.push(format!("services and signals are not known: {why}"));
                (Workspace { name: found.history.head().workspace.clone(), ..Workspace::default() }, Vec::new())
            }
        };
        let until = if found.ended || asked.journal.is_some() { found.last() } else { now().max(found.last()) };
        let (history, first, speed) = (found.history, found.first, asked.speed);
        Ok(Past { workspace, history, run, first, until, samples, notes, from, speed })
    }

    /// What was seen during a run, and what one should know of it. Samples that are
    /// not those the journal names are not shown.
    fn seen(layout: &Layout, run: RunId, kept: Option<&Kept>) -> (Vec<Sample>, Option<String>) {
        let none = |why: String| (Vec::new(), Some(format!("{why}: health is not known in this replay")));
        if let Some(kept) = kept {
            match samples::matches(layout, run, kept) {
                Ok(Match::Same) => {}
                Ok(Match::Changed) => {
                    return none("the signals kept with the run are NOT those the journal names".to_owned());
                }
                Ok(Match::Missing) => return none("the signals kept with the run are gone".to_owned()),
                Err(error) => return none(error.to_string()),
            }
        }
        match samples::read(layout, run, kept.map_or(u64::MAX, |kept| kept.bytes)) {
            Ok(None) => none("no signals were kept with the run".to_owned()),
            Ok(Some(read)) if kept.is_none() => {
                (read.samples, Some("the journal does not vouch for the signals kept with the run".to_owned()))
            }
            Ok(Some(read)) => (read.samples, None),
            Err(error) => none(error.to_string()),
        }
    }
}
