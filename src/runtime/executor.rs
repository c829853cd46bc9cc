//! The executor: the one place that lets an effect out.
//!
//! It is handed only effects that are durable in the journal in this session's
//! name. It sends each once, refuses one that is too old, and reports what came
//! back; what is lost is *unknown*, never a failure.

use super::clock::now;
use super::input::Input;
use super::metrics::Metrics;
use crate::backend::leave::{Giver, Leave};
use crate::backend::{Backend, Certainty, Done, Fault, Sink};
use crate::domain::effect::Effect;
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Report};
use crate::domain::span::Span;
use crate::fault;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// Backends by name.
pub type Backends = BTreeMap<BackendName, Arc<dyn Backend>>;

/// How long a probe may take.
const PROBE: Span = Span::secs(30);
/// How many lines of output may wait for the screen; more are dropped there, not in the file.
const LINES: usize = 256;

/// Lets effects out, each in a task of its own.
pub struct Executor {
    /// The backends.
    pub backends: Backends,
    /// Where output is kept, one file a key.
    pub output: PathBuf,
    /// Where reports go.
    pub inbox: Sender<Input>,
    /// The runtime that carries the tasks.
    pub tasks: tokio::runtime::Handle,
}

impl Executor {
    /// Lets one effect out. Its report or finding comes to the inbox. Whoever performs it is given
    /// leave to stop looking on by what comes back. `metrics` are saved with it.
    pub fn launch(&self, effect: Effect, metrics: Option<Metrics>) -> Option<Giver> {
        let backend = |name: &BackendName| self.backends.get(name).cloned();
        match effect {
            Effect::Perform { intent, key, operation, not_after, by, reason, .. } => {
                let found = backend(&operation.backend);
                let (lines, taken) = tokio::sync::mpsc::channel(LINES);
                let (giver, leave) = Leave::new();
                let sink = Sink {
                    file: Some(self.output.join(format!("{key}.log"))),
                    lines,
                    by: Some(by),
                    reason,
                    not_after: Some(not_after),
                    leave,
                };
                self.tasks.spawn(pass_on(intent, taken, self.inbox.clone()));
                let inbox = self.inbox.clone();
                let saving = metrics.map(|metrics| (metrics, self.output.join(format!("{key}.metrics.csv"))));
                self.tasks.spawn(async move {
                    let report = match found {
                        _ if now() > not_after => too_old(not_after),
                        None => {
                            Report::NotDone { why: format!("there is no backend {}", operation.backend), output: None }
                        }
                        Some(backend) => perform(backend, operation, key, sink, saving).await,
                    };
                    let _ = inbox.send(Input::Report(intent, report));
                });
                Some(giver)
            }
            Effect::Probe { intent, key, operation } => {
                let (found, inbox) = (backend(&operation.backend), self.inbox.clone());
                self.tasks.spawn(async move {
                    let answer = match found {
                        None => unknown(format!("there is no backend {}", operation.backend)),
                        Some(backend) => probe(backend, operation, key).await,
                    };
                    let _ = inbox.send(Input::Found(intent, answer));
                });
                None
            }
        }
    }
}

/// Sends an operation in a task of its own: a panic in there loses the answer, so
/// it is unknown like any other lost one, and nothing waits for it for ever.
async fn perform(
    backend: Arc<dyn Backend>,
    operation: Operation,
    key: Key,
    sink: Sink,
    saving: Option<(Metrics, PathBuf)>,
) -> Report {
    let sent = tokio::spawn(async move {
        let report = match fault::at("executor.before-perform") {
            Err(error) => Report::NotSent { why: error.to_string() },
            Ok(()) => {
                // First: what is measured is about to go.
                let saved = saving.map(|(metrics, path)| metrics.save(&path));
                let report = report(backend.perform(operation, key, sink).await);
                saved.into_iter().fold(report, |report, saved| saved.told(report))
            }
        };
        let _ = fault::at("executor.before-report");
        report
    });
    let lost =
        |e| Report::Unknown { why: format!("holdpoint failed while it waited for the answer: {e}"), output: None };
    sent.await.unwrap_or_else(lost)
}

async fn probe(backend: Arc<dyn Backend>, operation: Operation, key: Key) -> Found {
    let asked = tokio::spawn(async move {
        let _ = fault::at("executor.before-probe");
        let found = match tokio::time::timeout(PROBE.std(), backend.probe(&operation, key)).await {
            Ok(Ok(found)) => found,
            Ok(Err(fault)) => unknown(fault.to_string()),
            Err(_) => unknown(format!("the probe did not answer within {PROBE}")),
        };
        let _ = fault::at("executor.before-found");
        found
    });
    asked.await.unwrap_or_else(|e| unknown(format!("holdpoint failed while it probed: {e}")))
}

fn too_old(not_after: crate::domain::Timestamp) -> Report {
    Report::NotSent { why: format!("it was to leave by {}; decided anew", not_after.format("%H:%M:%SZ")) }
}

fn unknown(why: String) -> Found {
    Found::Unknown { why }
}

fn report(result: Result<Done, Fault>) -> Report {
    match result {
        Ok(Done::Whole(receipt)) => Report::Done(receipt),
        Ok(Done::Partly(done, of, receipt)) => Report::Partly { done, of, receipt },
        Err(fault) => {
            let (certainty, why) = (fault.certainty(), fault.to_string());
            let output = match fault {
                Fault::Refused { output, .. } | Fault::Lost { output, .. } => output,
                Fault::Cannot(..) | Fault::Unreachable(_) => None,
            };
            match certainty {
                Certainty::NotDone => Report::NotDone { why, output },
                Certainty::Unknown => Report::Unknown { why, output },
            }
        }
    }
}

async fn pass_on(intent: u64, mut lines: tokio::sync::mpsc::Receiver<String>, inbox: Sender<Input>) {
    while let Some(line) = lines.recv().await {
        if inbox.send(Input::Line(intent, line)).is_err() {
            return;
        }
    }
}
