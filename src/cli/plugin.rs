//! `plugin`: trust a plugin's file, try a plugin; and, hidden, serve a backend as a plugin.
//!
//! No session is opened; the journal is left alone.

use super::args::{Global, PluginVerb};
use super::context;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::runtime::plugin::{self, Asked, Outcome, Tried};
use serde_json::json;

/// Does what is asked with a plugin.
pub fn plugin(global: &Global, verb: PluginVerb) -> Ended {
    match verb {
        PluginVerb::Trust { program } => trust(global, &program),
        PluginVerb::Check { command, config, operation, record, against } => {
            let (config, operation) = (config.as_deref(), operation.as_deref());
            let asked = Asked { config, operation, record: record.as_deref(), against: against.as_deref() };
            check(global, command, asked)
        }
    }
}

fn trust(global: &Global, program: &str) -> Ended {
    let root = context::root(global)?;
    let pinned = plugin::trust(&root, program).map_err(Failure::failed)?;
    match global.json {
        true => print::json(&json!({ "name": pinned.name, "sha256": pinned.digest })),
        false => print::line(&format!("trusted: {} {} · {}", pinned.digest, pinned.name, plugin::LOCK)),
    }
    Ok(Exit::Done)
}

fn check(global: &Global, command: Vec<String>, asked: Asked<'_>) -> Ended {
    let here = std::env::current_dir().map_err(|e| Failure::usage(format!("cannot tell where I stand: {e}")))?;
    let mut failed = 0u32;
    let checked = plugin::check(&here, command, asked, |tried| {
        let Tried { what, came, page, outcome } = &tried;
        failed += u32::from(*outcome == Outcome::Failed);
        let word = outcome.word();
        match global.json {
            true => print::json(&json!({ "outcome": word, "tried": what, "came": came, "page": page })),
            false if *outcome == Outcome::Skipped => {
                print::line(&format!("{word:<7}  {what} · needs --operation with one that may really be done"));
            }
            false => print::line(&format!("{word:<7}  {what} · came: {came} · the page says: {page}")),
        }
    });
    checked.map_err(Failure::usage)?;
    Ok(if failed == 0 { Exit::Done } else { Exit::Refused })
}

/// Serves a backend of the workspace over standard input and output.
pub fn serve(global: &Global, name: &str) -> Ended {
    let context = Context::open(global)?;
    if let Err(why) = plugin::serve(&context.workspace, name) {
        // What a plugin that was started by hand does, by the protocol's page.
        print::last_words(&why);
        std::process::exit(64);
    }
    Ok(Exit::Done)
}
