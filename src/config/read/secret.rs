//! References to secrets: which of the three it is, and whether it can be meant.
//!
//! It never looks for the secret; `doctor` and the first use do.

use super::Reading;
use super::script::program;
use crate::config::raw::secret as raw;
use crate::domain::secret::SecretRef;
use crate::domain::template::placeholders;
use std::path::Path;

/// Reads a reference; none after a mistake.
pub fn secret(r: &mut Reading<'_>, raw: &raw::Secret) -> Option<SecretRef> {
    if let Some(argv) = &raw.command {
        program(r, argv);
        if let Some(word) = argv.iter().find(|word| !placeholders(word).is_empty()) {
            r.mistake(&word.at, "nothing is filled into the helper of a secret", "write the arguments as they are");
        }
        return Some(SecretRef::Command(argv.iter().map(|word| word.value.clone()).collect()));
    }
    if let Some(file) = &raw.file {
        if file.trim().is_empty() {
            r.mistake(&file.at, "the file of the secret has no name", "write the path of a file of mode 0600");
            return None;
        }
        if file.starts_with('~') {
            r.mistake(&file.at, "`~` is not expanded here", "write the path in full, or relative to the workspace");
            return None;
        }
        return Some(SecretRef::File(r.workspace.root.join(Path::new(&file.value))));
    }
    let env = raw.env.as_ref()?;
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if env.is_empty() || !env.chars().all(letter) || env.starts_with(|c: char| c.is_ascii_digit()) {
        let help = "write the variable's name alone, such as PROMETHEUS_TOKEN; never its value";
        r.mistake_unquoted(&env.at, "this cannot name a variable", help);
        return None;
    }
    Some(SecretRef::Env(env.value.clone()))
}
