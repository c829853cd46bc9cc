//! `plugin`: trust a plugin's file; and, hidden, serve a backend as a plugin.
//!
//! No session is opened; the journal is left alone.

use super::args::{Global, PluginVerb};
use super::context;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::runtime::plugin;
use serde_json::json;

/// Does what is asked with a plugin.
pub fn plugin(global: &Global, verb: PluginVerb) -> Ended {
    match verb {
        PluginVerb::Trust { program } => trust(global, &program),
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

/// Serves a backend of the workspace over standard input and output.
pub fn serve(global: &Global, name: &str) -> Ended {
    let context = Context::open(global)?;
    plugin::serve(&context.workspace, name).map_err(Failure::usage)?;
    Ok(Exit::Done)
}
