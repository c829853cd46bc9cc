//! Programs of the workspace: their argument templates and where they lie.
//!
//! A placeholder that nothing fills is a mistake here, not at night.

use super::Reading;
use crate::config::nearest;
use crate::config::raw::workspace as raw;
use crate::config::spot::Spot;
use crate::domain::backend::Script;
use crate::domain::span::Span;
use crate::domain::template;
use std::os::unix::fs::PermissionsExt;

/// Turns a script into the domain's; `limit` is what it may take when it does not say.
pub fn script(r: &mut Reading<'_>, raw: &raw::Script, limit: Span) -> Script {
    program(r, &raw.argv);
    Script {
        argv: raw.argv.iter().map(|word| word.value.clone()).collect(),
        limit: raw.limit.as_ref().map_or(limit, |limit| positive(r, limit)),
        not_applied: raw.not_applied.iter().map(|code| not_zero(r, code)).collect(),
        idempotent: raw.idempotent,
    }
}

fn not_zero(r: &mut Reading<'_>, code: &Spot<u8>) -> i32 {
    if code.value == 0 {
        r.mistake(&code.at, "exit code 0 means done, never that nothing was done", "remove it");
    }
    i32::from(code.value)
}

/// A length that must not be zero.
pub fn positive(r: &mut Reading<'_>, length: &Spot<Span>) -> Span {
    if length.value < Span::millis(50) {
        r.mistake(&length.at, "shorter than 50ms", "write at least 50ms");
    }
    length.value
}

/// Checks that the program of an argv is named and, when it lies in the workspace, is there.
pub fn program(r: &mut Reading<'_>, argv: &[Spot<String>]) {
    let Some(program) = argv.first() else { return };
    if program.is_empty() {
        return r.mistake(&program.at, "the program has no name", "write the program as the first element");
    }
    if program.contains(char::is_whitespace) && argv.len() == 1 {
        let words = program.split_whitespace().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
        let help = format!("there is never a shell; write [{words}]");
        return r.warning(&program.at, "the program's name holds blanks", &help);
    }
    if !program.contains('/') || program.starts_with('/') || program.contains('{') {
        return;
    }
    match std::fs::metadata(r.workspace.root.join(&program.value)) {
        Ok(meta) if !meta.is_file() => r.warning(&program.at, format!("{:?} is no file", program.value), ""),
        Ok(meta) if meta.permissions().mode() & 0o111 == 0 => {
            let help = format!("chmod +x {}", program.value);
            r.warning(&program.at, format!("{:?} is not executable", program.value), &help);
        }
        Ok(_) => {}
        Err(e) => {
            let help = "a program with a slash is looked for in the workspace";
            r.warning(&program.at, format!("{:?} cannot be found: {e}", program.value), help);
        }
    }
}

/// Notes every name in braces that nothing fills.
pub fn only(r: &mut Reading<'_>, texts: &[Spot<String>], fills: &[&str]) {
    for text in texts {
        for name in template::placeholders(&text.value) {
            if !fills.contains(&name) {
                let at = r.brace(text, name);
                let help = nearest::help(name, "filled are", fills.iter().copied()).unwrap_or_default();
                r.mistake(&at, format!("nothing fills {{{name}}} here"), help);
            }
        }
    }
}
