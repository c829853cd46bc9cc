//! Asking backends what operations would do, for people who are about to agree to them.
//!
//! Reads only. Nothing waits for it and nothing rests on it: it is bounded in time and
//! number, never journaled, and what is sent is what was decided, whatever is said here.

use super::clock::now;
use super::executor::Executor;
use super::input::Input;
use crate::backend::{Backend, Fault};
use crate::domain::catalogue::Reversible;
use crate::domain::foreseen::{Foresight, PATIENCE};
use crate::domain::operation::Operation;
use crate::domain::report::Preview;
use crate::domain::span::Span;
use crate::domain::text::{harmless, shortened};
use futures_util::{FutureExt, StreamExt, stream};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// How long all of a question may take.
pub const LIMIT: Span = PATIENCE;
/// How many operations are asked about at once.
const AT_ONCE: usize = 4;
/// How many operations of one question are asked about; of the others that is said.
pub const MOST: usize = 32;
/// How many lines of one kind are passed on, and how long each may be.
const LINES: (usize, usize) = (20, 300);

/// How a backend is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// For a person who waits for it; it may be tried.
    Preview,
    /// For nobody: it is only read.
    Glance,
    /// The same of what leads back to what is there now, once so many changes have been made there.
    Ahead(u32),
}

/// A question that is being asked; it is given up when this is dropped.
#[derive(Debug)]
pub struct Question(AbortHandle);

impl Question {
    /// Whether everything has been said, or was given up.
    pub fn is_over(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks about each operation; the answers come to the inbox as `answer` makes them of the operation's
/// number and what was said, the last of them after `limit`.
///
/// It runs where operations run: what an adapter keeps open belongs to that thread.
pub fn ask(
    executor: &Executor,
    operations: Vec<(Operation, Look)>,
    limit: Span,
    answer: impl Fn(usize, Foresight) -> Input + Clone + Send + 'static,
) -> Question {
    let until = (Instant::now() + limit.std(), limit);
    let inbox = executor.inbox.clone();
    let backends = executor.backends.clone();
    let asked =
        stream::iter(operations.into_iter().enumerate()).for_each_concurrent(AT_ONCE, move |(n, (operation, look))| {
            let (inbox, backend, answer) = (inbox.clone(), backends.get(&operation.backend).cloned(), answer.clone());
            async move {
                let said = match backend {
                    _ if n >= MOST => Foresight::Untold(format!("only {MOST} operations are asked about at once")),
                    None => Foresight::Untold(format!("there is no backend {}", operation.backend)),
                    Some(backend) => one(backend, (operation, look), until).await,
                };
                let _ = inbox.send(answer(n, said));
            }
        });
    Question(executor.tasks.spawn(asked).abort_handle())
}

/// Asks one; whatever goes wrong in there is an answer too.
async fn one(
    backend: Arc<dyn Backend>,
    (operation, look): (Operation, Look),
    (until, limit): (Instant, Span),
) -> Foresight {
    let asked = AssertUnwindSafe(async {
        match look {
            Look::Preview => backend.preview(&operation).await,
            Look::Glance => backend.glance(&operation).await,
            Look::Ahead(changes) => backend.ahead(&operation, changes).await,
        }
    })
    .catch_unwind();
    match timeout_at(until, asked).await {
        Ok(Ok(Ok(preview))) => Foresight::Told(now(), shown(preview)),
        // That it has no such verb is certain; every other fault is of the asking, and judges no operation.
        Ok(Ok(Err(fault @ Fault::Cannot(..)))) => Foresight::Told(now(), shown(refusing(fault.to_string()))),
        Ok(Ok(Err(fault))) => Foresight::Untold(line(&fault.to_string())),
        Ok(Err(_)) => Foresight::Untold("holdpoint failed while it asked".to_owned()),
        Err(_) => Foresight::Untold(format!("no answer within {limit}")),
    }
}

/// A certain no is what it would be told as well.
fn refusing(why: String) -> Preview {
    let mut preview = Preview::default();
    preview.refuse(why);
    preview
}

/// The same, as much as can be shown and nothing that acts.
fn shown(preview: Preview) -> Preview {
    let lines = |all: Vec<String>| {
        let more = all.len().saturating_sub(LINES.0);
        let kept = all.iter().take(LINES.0).map(|text| line(text));
        kept.chain((more > 0).then(|| format!("and {more} more"))).collect()
    };
    let Preview { obstacles, refused, unknown, effects, loses, takes, blind, reversible } = preview;
    // What it would be refused for is told by itself.
    let obstacles = obstacles.into_iter().filter(|text| !refused.contains(text)).collect();
    let refused: Vec<String> = lines(refused);
    let obstacles = refused.iter().cloned().chain(lines(obstacles)).collect();
    let reversible = reversible.map(|said| Reversible { note: line(&said.note), ..said });
    let (unknown, effects, loses) = (lines(unknown), lines(effects), lines(loses));
    Preview { obstacles, refused, unknown, effects, loses, takes, blind, reversible }
}

fn line(text: &str) -> String {
    shortened(&harmless(text), LINES.1)
}
