//! `check` and `schema`: the workspace's files against their rules.
//!
//! Every mistake is reported in one go, with file, line and column; nothing is
//! written and no journal is opened.

use super::args::Global;
use super::context;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::config;
use crate::runtime::clock::now;
use std::path::PathBuf;

/// Reads the workspace, or one file of it, and reports every mistake.
pub fn check(global: &Global, file: Option<PathBuf>) -> Ended {
    let root = context::root(global)?;
    let read = match &file {
        Some(file) => config::check_file(&root, file, now()),
        None => config::load(&root, now()),
    };
    match read {
        Ok(loaded) => {
            if global.json {
                print::json(&loaded.warnings);
            } else {
                loaded.warnings.iter().for_each(|w| print::words(&format!("{w}\n")));
                let w = &loaded.workspace;
                print::line(&format!(
                    "ok: {} environments, {} services, {} signals, {} runbooks, {} calendar entries{}",
                    w.environments.len(),
                    w.services.len(),
                    w.signals.len(),
                    w.runbooks.len(),
                    w.calendar.events.len() + w.calendar.releases.len(),
                    if w.policy.is_empty() { String::new() } else { format!(", {} rules", w.policy.len()) }
                ));
            }
            Ok(Exit::Done)
        }
        Err(problems) => {
            if global.json {
                print::json(&problems);
            }
            Err(Failure::usage(problems.to_string()))
        }
    }
}

/// Prints the JSON Schemas.
pub fn schema(which: Option<String>) -> Ended {
    let all = config::schemas();
    match which {
        None => print::json(&all),
        Some(name) => {
            let names = all.keys().copied().collect::<Vec<_>>().join(", ");
            let one = all.get(name.as_str());
            print::json(one.ok_or_else(|| Failure::usage(format!("there is no schema {name}; there are {names}")))?);
        }
    }
    Ok(Exit::Done)
}
