//! A signal's result file: looked at beside everything else, parsed when it changed, judged by its age.
//!
//! What was read of it before is kept for as long as the file stands as it stood.

use super::super::super::template::fill;
use super::super::aside::Aside;
use super::source::{self, Found, Stamp};
use super::{Said, read};
use crate::domain::Timestamp;
use crate::domain::result_file::{Figure, Format};
use crate::domain::span::Span;
use chrono::DateTime;
use std::path::PathBuf;
use std::time::Duration;

/// How far ahead of ours a clock may be.
const AHEAD: Span = Span::mins(5);
/// How long after a change the next one may have the same time, so that the file is read again.
const UNSETTLED: Span = Span::secs(2);

/// What is taken of which file.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The workspace, where relative paths begin.
    pub root: PathBuf,
    /// The path as it is declared, filled.
    pub file: String,
    /// What it is.
    pub format: Format,
    /// What is taken of it.
    pub figure: Figure,
    /// Older than this it says nothing.
    pub max_age: Span,
    /// How long a look may take.
    pub limit: Duration,
}

/// A file with what was last read of it.
pub struct Report {
    asked: Asked,
    held: Option<Held>,
    aside: Aside<Looked>,
}

#[derive(Clone)]
struct Held {
    stamp: Stamp,
    said: Result<Said, String>,
    settled: bool,
}

enum Looked {
    Same,
    Anew(Held),
}

impl Report {
    /// Has read nothing yet.
    pub fn new(asked: Asked) -> Self {
        Self { aside: Aside::new(asked.limit), asked, held: None }
    }

    /// The figure, and how many events it rests on.
    pub async fn ask(&mut self) -> Result<(f64, u64), String> {
        let (file, figure) = (self.asked.file.clone(), self.asked.figure.word());
        self.said().await.map_err(|why| format!("cannot take {figure} of {file}: {why}"))
    }

    async fn said(&mut self) -> Result<(f64, u64), String> {
        // What was begun before is too old to be an answer now, but need not be read again if nothing changed since.
        if let Some(Looked::Anew(held)) = self.aside.before().await? {
            self.held = Some(held);
        }
        let (asked, known) =
            (self.asked.clone(), self.held.as_ref().filter(|held| held.settled).map(|held| held.stamp));
        if let Looked::Anew(held) = self.aside.look(move || look(&asked, known)).await? {
            self.held = Some(held);
        }
        let Some(held) = &self.held else { return Err("it was not read; it is read at the next interval".to_owned()) };
        let said = held.said.clone()?;
        young(said.written.or_else(|| moment(held.stamp.changed)), self.asked.max_age, chrono::Utc::now())?;
        Ok((said.value, said.events))
    }
}

fn look(asked: &Asked, known: Option<Stamp>) -> Result<Looked, String> {
    let now = chrono::Utc::now();
    Ok(match source::read(&asked.root.join(&asked.file), known)? {
        Found::Same => Looked::Same,
        Found::Anew(stamp, bytes) => {
            let settled = moment(stamp.changed.max(stamp.touched)).is_some_and(|at| now - at > UNSETTLED.delta());
            Looked::Anew(Held { stamp, said: read(asked.format, asked.figure, &bytes), settled })
        }
    })
}

/// Seconds and nanoseconds as a time.
pub fn moment((seconds, nanos): (i64, i64)) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds, u32::try_from(nanos).ok()?)
}

/// Whether what was written then may be used now.
fn young(written: Option<Timestamp>, max_age: Span, now: Timestamp) -> Result<(), String> {
    let Some(written) = written else {
        return Err("nobody knows when it was written; have it written anew".to_owned());
    };
    if written > now + AHEAD.delta() {
        let ahead = Span::between(now, written);
        return Err(format!("it was written {ahead} from now; set the clocks of this host and of the pipeline"));
    }
    let age = Span::between(written, now);
    if age > max_age {
        return Err(format!("written {age} ago, older than {}; run the pipeline again", max_age.to_text()));
    }
    Ok(())
}

/// The path of a file with its placeholders filled.
///
/// # Errors
/// Nothing is known for one, or what fills it would lead to another folder than is written.
pub fn located(file: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let filled = fill(file, value).map_err(|e| e.to_string())?;
    let steps = |path: &str| path.split('/').map(|part| matches!(part, "" | "." | "..")).collect::<Vec<_>>();
    if steps(file) != steps(&filled) {
        return Err(format!(
            "{filled:?} leads elsewhere than {file:?}; a placeholder may stand for a name, not for a path"
        ));
    }
    Ok(filled)
}
