//! `journal`: read it as a story, verify it, take its head, export its lines.
//!
//! All of it reads without a lock and without a session, so it works on a
//! journal that someone else is writing, or that is broken.

use super::args::{Global, JournalVerb};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::{json, print, signatures};
use crate::domain::entry::Entry;
use crate::journal::{self, Answer, Genesis, Journal, JournalError};
use crate::report::story;
use crate::runtime::anchor;
use crate::runtime::clock::now;
use serde_json::json;
use std::time::Duration;

/// How often a followed journal is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Does what `journal` says.
pub fn journal(global: &Global, verb: JournalVerb) -> Ended {
    let context = Context::open(global)?;
    match verb {
        JournalVerb::Tail { lines, follow } => tail(&context, lines, follow),
        JournalVerb::Show { seq: Some(seq), .. } => one(&context, seq),
        JournalVerb::Show { seq: None, person, step, refused } => {
            let keep = |entry: &Entry| {
                person.as_ref().is_none_or(|p| entry.by.person.as_str() == p)
                    && (!refused || entry.refusal.is_some())
                    && step.as_ref().is_none_or(|s| about(entry, s))
            };
            all(&context, keep)
        }
        JournalVerb::Verify => verify(&context),
        JournalVerb::Head { publish } => head(&context, publish),
        JournalVerb::Export => export(&context),
        JournalVerb::Signatures { out } => signatures::write(&context, &out),
    }
}

fn tail(context: &Context, lines: usize, follow: bool) -> Ended {
    let json = context.global.json;
    let mut journal = if follow { Some(Journal::view(&context.state).map_err(unsound)?) } else { None };
    for entry in journal::tail(&context.state, lines).map_err(unsound)? {
        print::entry(&entry, json);
    }
    while let Some(journal) = &mut journal {
        for entry in journal.catch_up().map_err(unsound)? {
            print::entry(&entry, json);
        }
        std::thread::sleep(LOOK);
    }
    Ok(Exit::Done)
}

fn all(context: &Context, keep: impl Fn(&Entry) -> bool) -> Ended {
    for entry in journal::entries(&context.state).map_err(unsound)? {
        let entry = entry.map_err(unsound)?;
        if keep(&entry) {
            print::entry(&entry, context.global.json);
        }
    }
    Ok(Exit::Done)
}

fn export(context: &Context) -> Ended {
    for entry in journal::entries(&context.state).map_err(unsound)? {
        print::json(&entry.map_err(unsound)?);
    }
    Ok(Exit::Done)
}

fn one(context: &Context, seq: u64) -> Ended {
    for entry in journal::entries(&context.state).map_err(unsound)? {
        let entry = entry.map_err(unsound)?;
        if entry.seq == seq {
            let text = json::pretty(&entry).unwrap_or_default();
            if context.global.json {
                print::json(&entry);
            } else {
                print::entry(&entry, false);
                print::line(&text);
            }
            return Ok(Exit::Done);
        }
    }
    Err(Failure::usage(format!("the journal has no line {seq}")))
}

/// Whether an entry is about a step: its cause names it, or one of its lines does.
fn about(entry: &Entry, step: &str) -> bool {
    let named = format!("step {step} ");
    entry.cause.split(' ').any(|word| word == step)
        || story::lines(entry).iter().any(|l| format!("{l} ").contains(&named))
}

fn verify(context: &Context) -> Ended {
    let held = match &context.workspace.anchor {
        Some(remote) => {
            let journal = Journal::view(&context.state).map_err(unsound)?;
            anchor::read(&journal, remote).map_err(|e| print::words(&e.to_string())).ok()
        }
        None => None,
    };
    let found = journal::verify(&context.state, held.as_ref()).map_err(unsound)?;
    let (word, text, exit) = match &found.answer {
        Answer::Proven { through } => ("proven", format!("PROVEN through line {through}"), Exit::Done),
        Answer::Tampered { file, line, why } => {
            ("tampered", format!("TAMPERED: {}: line {line}: {why}", file.display()), Exit::Journal)
        }
        Answer::CannotProve { why } => ("cannot-prove", format!("CANNOT PROVE: {why}"), Exit::Person),
    };
    if context.global.json {
        print::json(
            &json!({ "answer": word, "text": text, "lines": found.lines, "segments": found.segments, "head": found.head, "notes": found.notes }),
        );
        return Ok(exit);
    }
    print::line(&text);
    print::line(&format!("{} lines in {} segments, head {}", found.lines, found.segments, found.head));
    found.notes.iter().for_each(|note| print::line(note));
    Ok(exit)
}

fn head(context: &Context, publish: bool) -> Ended {
    // A head is taken under the append lock, so the journal must be there and ours to write.
    Journal::view(&context.state).map_err(unsound)?;
    let by = context.origin("journal head")?.person;
    let fresh = Genesis { workspace: context.workspace.id.clone(), by, id: None };
    let mut journal = Journal::open(&context.state, context.access(), now(), fresh).map_err(unsound)?;
    let head = if publish { journal.keep_head() } else { journal.head() }.map_err(unsound)?;
    if publish {
        let nowhere = "there is no anchor; name a git remote under [anchor] in holdpoint.toml";
        let remote = context.workspace.anchor.as_ref().ok_or_else(|| Failure::usage(nowhere))?;
        anchor::publish(&context.state, remote, &head).map_err(|e| Failure::failed(e.to_string()))?;
        print::words(&format!("published at {remote}, and read back"));
    }
    if context.global.json {
        print::json(&head);
    } else {
        print::line(&head.to_string());
    }
    Ok(Exit::Done)
}

fn unsound(error: JournalError) -> Failure {
    match error {
        JournalError::Absent(_) => Failure::usage(format!("{error}; nothing has happened in this workspace yet")),
        error => Failure::journal(error.to_string()),
    }
}
