//! Which script an operation means, and its arguments.
//!
//! Nothing is started here.

use super::super::template::{self, Unfilled};
use super::super::{Fault, cannot};
use super::refused;
use crate::domain::backend::CommandSpec;
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::operation::{Operation, Verb};
use crate::domain::span::Span;
use crate::domain::text;

/// What is to be filled and run.
#[derive(Debug)]
pub struct Template<'a> {
    /// Program and arguments with placeholders.
    pub argv: &'a [String],
    /// Exit codes that mean: certainly nothing was done.
    pub not_applied: &'a [i32],
    /// How long it may take when the operation does not say.
    pub limit: Span,
}

/// The script of an operation: its own program for `run` and `snapshot`, else
/// the one declared for its verb.
pub fn template<'a>(
    name: &BackendName,
    spec: &'a CommandSpec,
    operation: &'a Operation,
) -> Result<Template<'a>, Fault> {
    let own = matches!(operation.verb, Verb::Run | Verb::Snapshot);
    match (operation.argv.is_empty(), own) {
        (false, true) => Ok(Template { argv: &operation.argv, not_applied: &[], limit: operation.limit }),
        (false, false) => {
            Err(refused(format!("{} cannot bring its own program; only run and snapshot can", operation.verb)))
        }
        (true, _) if operation.verb == Verb::Run => {
            Err(refused("no program is named; give the step an argv".to_owned()))
        }
        (true, _) => {
            let script = spec.verbs.get(&operation.verb).ok_or_else(|| cannot(name, operation.verb.word()))?;
            Ok(Template { argv: &script.argv, not_applied: &script.not_applied, limit: script.limit })
        }
    }
}

/// Fills the arguments. Without a key, as in a preview, `{key}` stays as it is.
pub fn fill(argv: &[String], operation: &Operation, key: Option<&Key>) -> Result<Vec<String>, Unfilled> {
    template::fill_all(argv, |name| match name {
        "service" => operation.service.as_ref().map(ToString::to_string),
        "environment" => operation.environment.as_ref().map(ToString::to_string),
        "verb" => Some(operation.verb.to_string()),
        "key" => Some(key.map_or("{key}".to_owned(), Key::to_string)),
        argument => operation.args.get(argument).cloned(),
    })
}

/// Arguments as a person reads them: anything but plain words in quotes, so
/// that where one ends is never in doubt.
pub fn shown(argv: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+{}".contains(c);
    let word = |word: &String| {
        let visible = text::visible(word);
        if !visible.is_empty() && visible.chars().all(plain) {
            visible
        } else {
            format!("'{}'", visible.replace('\'', "'\\''"))
        }
    };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}
