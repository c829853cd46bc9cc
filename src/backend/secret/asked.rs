//! Secrets from a helper program: its first line, or a JSON object.
//!
//! The helper has no terminal and no input, so one that wants to ask somebody
//! fails at once; what it prints reaches neither the screen nor a file.

use super::super::child::{self, Capture, End, Wanted};
use super::super::launcher::Launcher;
use super::{Secret, first_line};
use crate::domain::Timestamp;
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// How long a helper may take.
const LIMIT: Duration = Duration::from_secs(10);
/// The most that is taken of what it prints, in bytes.
const LARGEST: usize = 64 * 1024;

/// The answer of a helper that knows when its token ends.
#[derive(Deserialize)]
struct Answer {
    token: Zeroizing<String>,
    expires: Option<Timestamp>,
}

/// Runs the helper.
///
/// # Errors
/// Why there is no secret; never what it printed on its standard output.
pub async fn ask(argv: &[String], root: &Path, launcher: &Launcher) -> Result<Secret, String> {
    let wanted = Wanted {
        launcher: launcher.clone(),
        root: root.to_owned(),
        argv: argv.to_vec(),
        pass_env: Vec::new(),
        key: None,
        limit: LIMIT,
        memory: None,
    };
    let capture = Capture { sink: None, document: LARGEST };
    let mut ended = child::run(&wanted, capture).await.map_err(|e| e.to_string())?;
    ended.last_out.zeroize();
    let (printed, cut) = ended.document;
    let printed = Zeroizing::new(printed);
    let said = ended.last_err.map(|said| format!(": {said}")).unwrap_or_default();
    match ended.end {
        End::Exited(0) if cut => Err("it printed more than 64 KiB".to_owned()),
        End::Exited(0) => answer(&printed),
        End::Exited(code) => Err(format!("it ended with exit {code}{said}")),
        End::Signalled(signal) => Err(format!("it was killed by signal {signal}{said}")),
        End::OutOfTime => Err(format!("it did not end in {LIMIT:?}{said}; it has no terminal to ask at")),
        End::Unknown => Err("its end could not be waited for".to_owned()),
    }
}

fn answer(printed: &[u8]) -> Result<Secret, String> {
    let text = std::str::from_utf8(printed).map_err(|_| "what it printed is not UTF-8".to_owned())?;
    if !text.trim_start().starts_with('{') {
        return Secret::new(first_line(text), None);
    }
    // The parser's message may quote the answer, so only the place is told.
    let answer: Answer = serde_json::from_str(text)
        .map_err(|e| format!("its JSON cannot be read at line {}; print {{\"token\": …, \"expires\": …}}", e.line()))?;
    Secret::new(&answer.token, answer.expires)
}
