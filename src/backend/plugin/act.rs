//! Preview, perform and probe over the wire, and what their answers mean.
//!
//! A call that is dropped is cancelled. A request is sent once; what is lost on the way is
//! found out by `probe`, which the next life of the plugin answers too.

use super::super::{Done, Fault, Sink};
use super::code::lost;
use super::message::{Deed, Finding, FoundWord, PerformAsk, ProbeAsk, Receipt as Told};
use super::order::{Answered, Call, Order};
use super::preview::{PreviewAnswer, PreviewAsk};
use super::watch::shown;
use crate::domain::catalogue::Reversible;
use crate::domain::foreseen::PATIENCE;
use crate::domain::journal_id::Key;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Output, Preview, Receipt};
use crate::domain::span::Span;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::{mpsc::UnboundedSender, oneshot};

/// How long a question about what became of an operation may take.
const ASK: Duration = Duration::from_secs(20);
/// How long a preview may take: a moment less than whoever agrees waits for it, so that what is said by then is read.
const LOOK: Duration = Duration::from_millis(PATIENCE.as_millis() - 1_000);
/// The most named results that are kept, and the most lines of a preview.
const MOST: usize = 64;

/// The way to a plugin, for one call.
pub struct Line {
    /// Where orders go.
    pub orders: UnboundedSender<Order>,
    /// The number of the call.
    pub ticket: u64,
}

/// Says that nobody waits any longer, unless the answer has come.
struct Waiting<'a>(&'a Line, bool);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.1 {
            let _ = self.0.orders.send(Order::Abandon(self.0.ticket));
        }
    }
}

impl Line {
    async fn ask(
        &self,
        method: &'static str,
        capability: String,
        params: Value,
        limit: Duration,
        sink: Option<Sink>,
    ) -> Answered {
        let (reply, answer) = oneshot::channel();
        let call = Call { ticket: self.ticket, method, capability, params, limit, sink, reply };
        let gone = || Fault::Unreachable("the plugin's thread has ended; restart holdpoint".to_owned());
        self.orders.send(Order::Call(Box::new(call))).map_err(|_| gone())?;
        let mut waiting = Waiting(self, false);
        let answer = answer.await;
        waiting.1 = true;
        answer.unwrap_or_else(|_| Err(lost("the plugin's thread ended before the answer came".to_owned())))
    }

    /// Has the plugin greet, if it does not run yet.
    pub async fn greet(&self) -> Result<(), Fault> {
        let gone = || Fault::Unreachable("the plugin's thread has ended; restart holdpoint".to_owned());
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::Greet(reply)).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Asks what an operation would do.
    pub async fn preview(&self, operation: &Operation) -> Result<Preview, Fault> {
        let ask = json!(PreviewAsk { operation: Deed::of(operation) });
        let (answer, _) = self.ask("preview", format!("act:{}", operation.verb), ask, LOOK, None).await?;
        let told: PreviewAnswer = read(answer)?;
        let lines = |lines: Vec<String>| lines.iter().take(MOST).map(|line| shown(line)).collect::<Vec<_>>();
        let mut effects = lines(told.effects);
        if effects.is_empty() {
            effects.push(format!("asks the plugin {} to {operation}", operation.backend));
        }
        let takes = told.takes_ms.map(Span::millis);
        let (mut obstacles, refused, loses) = (lines(told.obstacles), lines(told.refused), lines(told.loses));
        let unknown = lines(told.unknown);
        // What it would be refused for is in the way, whether it says both or not.
        obstacles.extend(refused.iter().filter(|why| !obstacles.contains(why)).cloned().collect::<Vec<_>>());
        let reversible = told.reversible.map(|said| Reversible { ok: said.ok, note: shown(&said.note) });
        Ok(Preview { obstacles, refused, unknown, effects, loses, takes, blind: told.blind, reversible })
    }

    /// Asks for an operation, once.
    pub async fn carry_out(&self, operation: &Operation, key: &Key, limit: Span, out: Sink) -> Result<Done, Fault> {
        let limit_ms = u64::try_from(limit.std().as_millis()).unwrap_or(u64::MAX);
        let ask = PerformAsk { operation: Deed::of(operation), key: key.to_string(), limit_ms, expect: Value::Null };
        let capability = format!("act:{}", operation.verb);
        let (answer, output) = self.ask("perform", capability, json!(ask), limit.std(), Some(out)).await?;
        let unread = |why: String| Fault::Lost { why, output: output.clone() };
        let told: Told = read(answer).map_err(|fault| unread(fault.to_string()))?;
        let counts = counts(&told).map_err(unread)?;
        let receipt = receipt(told, output.clone());
        Ok(match counts {
            Some((done, of)) if done < of => Done::Partly(done, of, receipt),
            _ => Done::Whole(receipt),
        })
    }

    /// Asks what became of an operation.
    pub async fn probe(&self, operation: &Operation, key: &Key) -> Result<Found, Fault> {
        let ask = json!(ProbeAsk { operation: Deed::of(operation), key: key.to_string() });
        let (answer, _) = self.ask("probe", "probe".to_owned(), ask, ASK, None).await?;
        let Finding { found, r#final, receipt: told } = read(answer)?;
        let counts = counts(&told).map_err(lost)?;
        let receipt = receipt(told, None);
        let why =
            |otherwise: &str| if receipt.summary.is_empty() { otherwise.to_owned() } else { receipt.summary.clone() };
        match (found, counts) {
            (FoundWord::Applied, None) => Ok(Found::Applied(receipt)),
            (FoundWord::Applied, Some((done, of))) if done == of => Ok(Found::Applied(receipt)),
            (FoundWord::Partly, Some((done, of))) if done < of => Ok(Found::Partly { done, of, receipt }),
            (FoundWord::NotApplied, None | Some((0, _))) => {
                Ok(Found::NotApplied { r#final, why: why("the plugin says: not applied") })
            }
            (FoundWord::Unknown, _) => Ok(Found::Unknown { why: why("the plugin cannot tell") }),
            (found, _) => Err(lost(format!("its finding makes no sense: {found:?} with {counts:?}"))),
        }
    }
}

/// An answer as an object; a list of the same values in order would otherwise pass for one.
fn read<T: serde::de::DeserializeOwned>(answer: Value) -> Result<T, Fault> {
    if !answer.is_object() {
        return Err(lost(format!("its answer is no object: {}", shown(&answer.to_string()))));
    }
    serde_json::from_value(answer).map_err(|e| lost(format!("its answer cannot be read: {}", shown(&e.to_string()))))
}

fn counts(told: &Told) -> Result<Option<(u32, u32)>, String> {
    match (told.done, told.of) {
        (None, None) => Ok(None),
        (Some(done), Some(of)) if done <= of => Ok(Some((done, of))),
        (done, of) => Err(format!("it says {done:?} of {of:?}; done and of must be counts")),
    }
}

fn receipt(told: Told, output: Option<Output>) -> Receipt {
    let text = |value: &Value| match value {
        Value::String(text) => shown(text),
        other => shown(&other.to_string()),
    };
    let detail = told.detail.iter().take(MOST).map(|(name, value)| (shown(name), text(value))).collect();
    Receipt { summary: shown(&told.summary), detail, output }
}
