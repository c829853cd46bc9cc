//! What the matrices of programs and of plugins share: what is held of every word that comes from outside. The cases are
//! data, beside each matrix.

use crate::ends::{self, End, Shows};
use crate::support::{deploy, key, sink};
use holdpoint::backend::{Backend, Done};
use holdpoint::domain::Timestamp;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

/// The outer limit of anything that is waited for.
const LONG: Duration = Duration::from_secs(90);
/// The limits of what ends only with one: a machine that is too slow to begin within a short one is given more.
pub const LIMITS: [Span; 4] = [Span::millis(250), Span::secs(2), Span::secs(8), Span::secs(40)];
/// The limit of what ends by itself.
pub const ONCE: [Span; 1] = [Span::secs(60)];

/// Every word that came from outside.
#[derive(Default)]
pub struct Said(Vec<String>);

/// What is asked for.
pub fn wish(verb: Verb, limit: Span) -> Operation {
    Operation { verb, limit, ..deploy() }
}

impl Said {
    /// Does it once.
    pub async fn performed(&mut self, backend: &dyn Backend, operation: Operation, late: bool) -> End {
        let (mut out, mut lines) = sink(None);
        out.not_after = late.then_some(Timestamp::UNIX_EPOCH);
        let how = tokio::time::timeout(LONG, backend.perform(operation, key(), out)).await.expect("it ends");
        while let Ok(line) = lines.try_recv() {
            self.0.push(line);
        }
        let told = match &how {
            Ok(Done::Whole(told) | Done::Partly(_, _, told)) => told,
            Err(fault) => {
                self.0.push(fault.to_string());
                return End::of(&how);
            }
        };
        self.0.push(told.summary.clone());
        self.0.extend(told.detail.iter().flat_map(|(name, text)| [name.clone(), text.clone()]));
        End::of(&how)
    }

    /// Asks once what became of it.
    pub async fn probed(&mut self, backend: &dyn Backend, operation: &Operation) -> Shows {
        let found = tokio::time::timeout(LONG, backend.probe(operation, key())).await.expect("a probe ends");
        let shows = found.as_ref().map_or(Shows::Unknown, Shows::of);
        let words = match found {
            Ok(Found::Applied(told) | Found::Partly { receipt: told, .. }) => told.summary,
            Ok(Found::NotApplied { why, .. } | Found::Unknown { why }) => why,
            Err(fault) => fault.to_string(),
        };
        self.0.push(words);
        shows
    }

    /// Asks until something is known, which must be this.
    pub async fn finds(&mut self, backend: &dyn Backend, operation: &Operation, wanted: Shows) -> Result<(), String> {
        let began = Instant::now();
        loop {
            match self.probed(backend, operation).await {
                shows if shows == wanted => return Ok(()),
                Shows::Unknown if began.elapsed() < LONG => tokio::time::sleep(Duration::from_millis(30)).await,
                shows => return Err(format!("a probe finds {shows:?}, not {wanted:?}: {:?}", self.0.last())),
            }
        }
    }

    /// Takes down what a preview says.
    pub async fn previewed(&mut self, backend: &dyn Backend, operation: &Operation) -> Result<(), String> {
        let preview = backend.preview(operation).await.map_err(|fault| format!("preview: {fault}"))?;
        self.0.extend([preview.obstacles, preview.refused, preview.effects, preview.loses].concat());
        Ok(())
    }

    /// The last word.
    pub fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// Whether every word is harmless.
    pub fn clean(&self) -> Result<(), String> {
        let bad = |c: char| {
            c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        self.0.iter().find(|line| line.contains(bad)).map_or(Ok(()), |line| Err(format!("this got out: {line:?}")))
    }
}

/// How often it was really done, by the file into which whoever does it writes a line.
pub fn acted(root: &Path) -> usize {
    std::fs::read_to_string(root.join("acted")).unwrap_or_default().lines().count()
}

/// An error unless it ended so, and was done so often.
pub fn held(said: &Said, (end, times): (End, usize), must: (End, usize)) -> Result<(), String> {
    match (end, times) == must {
        true => said.clean(),
        false => Err(format!("it ended {end:?}, done {times} times, not {must:?}: {}", said.last())),
    }
}

/// Runs all cases, a few abreast: each starts programs of its own.
pub async fn all<'a>(
    cases: impl IntoIterator<Item = (String, impl Future<Output = Result<(), String>> + 'a)>,
) -> usize {
    ends::all(4, cases).await
}
