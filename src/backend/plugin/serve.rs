//! The other end of the wire: any backend of ours, served as a plugin.
//!
//! It keeps the wire honest, since an adapter that passes its tests must pass them over the
//! wire too. It adds nothing to what the backend says.

use super::super::leave::Leave;
use super::super::{Backend, Done, Fault, Sink, Topic};
use super::code;
use super::frame::{self, Frame, Frames, Message};
use super::message::{
    Cancel, Capability, Effect, Failure, Finding, FoundWord, Initialize, Op, PROTOCOL, PerformAsk, ProbeAsk, Program,
    Progress, Receipt as Told, WatchAck, WatchEvent, WatchStart, WatchStop, Welcome, answer, failure, notification,
};
use super::meta::Meta;
use super::preview::{PreviewAnswer, PreviewAsk, ReversibleRow};
use super::process::COOKIE;
use super::told;
use crate::domain::catalogue::Reversible;
use crate::domain::journal_id::Key;
use crate::domain::observed::Observation;
use crate::domain::report::{Found, Preview, Receipt};
use crate::domain::span::Span;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;

/// How many lines of output may wait to be told.
const LINES: usize = 256;

/// What can be served; signals are asked for in words that only a declaration has.
const SERVED: [Topic; 3] = [Topic::Deployments, Topic::Alerts, Topic::Windows];

/// Serves a backend over standard input and output until it is told to end.
///
/// # Errors
/// It was not started as a plugin, in words.
pub fn serve(backend: Arc<dyn Backend>) -> Result<(), String> {
    let started = "this is started by holdpoint as a plugin, and is of no use by hand";
    let cookie = std::env::var(COOKIE).map_err(|_| started.to_owned())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("cannot start a runtime: {e}"))?;
    let (said, heard) = mpsc::unbounded_channel();
    let (say, saying) = std::sync::mpsc::channel::<Value>();
    std::thread::spawn(move || listen(&said));
    let speaker = std::thread::spawn(move || saying.into_iter().try_for_each(|message| speak(&message)));
    let server = Server { backend, cookie, say, running: BTreeMap::new(), watches: BTreeMap::new() };
    runtime.block_on(server.run(heard));
    runtime.shutdown_timeout(Duration::from_millis(500));
    let _ = speaker.join();
    Ok(())
}

fn listen(said: &mpsc::UnboundedSender<Message>) {
    let (mut stdin, mut frames, mut buffer) = (std::io::stdin().lock(), Frames::default(), vec![0; 64 * 1024]);
    while let Ok(length) = stdin.read(&mut buffer) {
        if length == 0 {
            return;
        }
        frames.feed(buffer.get(..length).unwrap_or_default(), |frame| match frame {
            Frame::Message(message) => drop(said.send(message)),
            Frame::Garbage(why) => eprintln!("not understood: {why}"),
        });
    }
}

fn speak(message: &Value) -> Option<()> {
    let line = frame::line(message).ok()?;
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&line).and_then(|()| stdout.flush()).ok()
}

/// A backend, and what is under way.
struct Server {
    backend: Arc<dyn Backend>,
    cookie: String,
    say: std::sync::mpsc::Sender<Value>,
    running: BTreeMap<u64, (Value, AbortHandle)>,
    watches: BTreeMap<String, (Arc<Semaphore>, u64, AbortHandle)>,
}

impl Server {
    async fn run(mut self, mut heard: mpsc::UnboundedReceiver<Message>) {
        while let Some(mut message) = heard.recv().await {
            let params = message.remove("params").unwrap_or_default();
            let method = message.get("method").and_then(Value::as_str).unwrap_or_default().to_owned();
            match (message.remove("id"), method.as_str()) {
                (_, "") => {}
                (Some(id), "shutdown") => return self.say(answer(&id, &json!({}))),
                (Some(id), method) => match self.asked(&id, method, params) {
                    Ok(Some(result)) => self.say(answer(&id, &result)),
                    Ok(None) => {}
                    Err(why) => self.say(failure(&id, &why)),
                },
                (None, method) => self.told(method, params),
            }
        }
    }

    fn say(&self, message: Value) {
        let _ = self.say.send(message);
    }

    /// An answer, or none yet.
    fn asked(&mut self, id: &Value, method: &str, params: Value) -> Result<Option<Value>, Failure> {
        let meta = Meta::read(&params);
        match method {
            "initialize" => self.welcome(&read(params)?).map(|welcome| Some(json!(welcome))),
            "ping" => Ok(Some(json!({}))),
            "watch/start" => self.watch(read(params)?).map(|()| Some(json!({}))),
            "preview" => {
                let ask: PreviewAsk = read(params)?;
                let operation = ask.operation.operation(self.name(), Span::ZERO);
                let preview = self.backend.preview(&operation);
                self.spawn(
                    id,
                    in_time(meta.left(), async move { preview.await.map(|preview| json!(preview_told(preview))) }),
                );
                Ok(None)
            }
            "perform" => {
                let ask: PerformAsk = read(params)?;
                // The backend ends by itself what takes too long, and says how far it came.
                let limit = ask.limit_ms.min(meta.deadline_ms.unwrap_or(u64::MAX));
                let operation = ask.operation.operation(self.name(), Span::millis(limit));
                let (lines, taken) = mpsc::channel(LINES);
                tokio::spawn(tell(id.as_u64().unwrap_or_default(), taken, self.say.clone()));
                let doing = self.backend.perform(
                    operation,
                    key(&ask.key)?,
                    Sink {
                        file: None,
                        lines,
                        by: meta.by.as_deref().map(Into::into),
                        reason: meta.reason,
                        not_after: None,
                        leave: Leave::default(),
                    },
                );
                self.spawn(id, async move { doing.await.map(|done| json!(done_told(done))) });
                Ok(None)
            }
            "probe" => {
                let ask: ProbeAsk = read(params)?;
                let operation = ask.operation.operation(self.name(), Span::ZERO);
                let probing = self.backend.probe(&operation, key(&ask.key)?);
                self.spawn(
                    id,
                    in_time(meta.left(), async move { probing.await.map(|found| json!(found_told(found))) }),
                );
                Ok(None)
            }
            other => Err(Failure { code: code::NO_METHOD, message: format!("no method {other}"), data: json!({}) }),
        }
    }

    fn told(&mut self, method: &str, params: Value) {
        match method {
            "$/cancel" => {
                let Ok(Cancel { id }) = serde_json::from_value(params) else { return };
                if let Some((id, task)) = self.running.remove(&id).filter(|(_, task)| !task.is_finished()) {
                    task.abort();
                    let message = "the host no longer waits".to_owned();
                    self.say(failure(&id, &Failure { code: code::CANCELLED, message, data: json!({}) }));
                }
            }
            "watch/ack" => {
                let Ok(WatchAck { watch, seq }) = serde_json::from_value(params) else { return };
                if let Some((credit, last, _)) = self.watches.get_mut(&watch) {
                    credit.add_permits(usize::try_from(seq.saturating_sub(*last)).unwrap_or(0));
                    *last = seq.max(*last);
                }
            }
            "watch/stop" => {
                let Ok(WatchStop { watch }) = serde_json::from_value(params) else { return };
                if let Some((_, _, task)) = self.watches.remove(&watch) {
                    task.abort();
                }
            }
            _ => {}
        }
    }

    fn name(&self) -> &str {
        self.backend.manifest().name.as_str()
    }

    fn spawn(&mut self, id: &Value, doing: impl Future<Output = Result<Value, Fault>> + Send + 'static) {
        let (say, id) = (self.say.clone(), id.clone());
        self.running.retain(|_, (_, task)| !task.is_finished());
        let named = id.as_u64().unwrap_or_default();
        let task = {
            let id = id.clone();
            tokio::spawn(async move {
                let _ = say.send(match doing.await {
                    Ok(result) => answer(&id, &result),
                    Err(fault) => failure(&id, &of_fault(fault)),
                });
            })
        };
        self.running.insert(named, (id, task.abort_handle()));
    }

    fn welcome(&self, hello: &Initialize) -> Result<Welcome, Failure> {
        if !(hello.protocol.min..=hello.protocol.max).contains(&PROTOCOL) {
            let message = format!("this speaks protocol {PROTOCOL} alone");
            let data = json!({ "min": PROTOCOL, "max": PROTOCOL });
            return Err(Failure { code: code::NO_PROTOCOL, message, data });
        }
        let manifest = self.backend.manifest();
        let one = |name: String, effect| (name, Capability { effect });
        let topics = manifest.topics.iter().filter(|topic| SERVED.contains(topic));
        let topics = topics.map(|topic| one(format!("watch:{}", topic.name()), Effect::Read));
        let verbs = manifest.verbs.keys().map(|verb| one(format!("act:{verb}"), Effect::Act));
        let probe = manifest.probes.then(|| one("probe".to_owned(), Effect::Read));
        Ok(Welcome {
            protocol: PROTOCOL,
            cookie: self.cookie.clone(),
            plugin: Program { name: manifest.name.to_string(), version: env!("CARGO_PKG_VERSION").to_owned() },
            capabilities: topics.chain(verbs).chain(probe).collect(),
            secrets: Vec::new(),
            identity: Value::Null,
        })
    }

    fn watch(&mut self, start: WatchStart) -> Result<(), Failure> {
        let offered = |topic: &&Topic| SERVED.contains(topic) && topic.name() == start.topic;
        let Some(topic) = self.backend.manifest().topics.iter().find(offered).copied() else {
            let message = format!("no topic {}", start.topic);
            return Err(Failure { code: code::UNSUPPORTED, message, data: json!({}) });
        };
        let credit = Arc::new(Semaphore::new(usize::try_from(start.credit).unwrap_or(1)));
        let feed = Feed { watch: start.watch.clone(), seq: 0, credit: Arc::clone(&credit), say: self.say.clone() };
        let task = tokio::spawn(feed.run(self.backend.watch(topic)));
        if let Some((_, _, old)) = self.watches.insert(start.watch, (credit, 0, task.abort_handle())) {
            old.abort();
        }
        Ok(())
    }
}

/// One watch on its way out.
struct Feed {
    watch: String,
    seq: u64,
    credit: Arc<Semaphore>,
    say: std::sync::mpsc::Sender<Value>,
}

impl Feed {
    async fn run(mut self, mut seen: futures_util::stream::BoxStream<'static, Result<Observation, Fault>>) {
        let mut last: Option<Observation> = None;
        while let Some(seen) = seen.next().await {
            // What is still so is said in one word.
            let again = matches!(&seen, Ok(seen) if last.as_ref() == Some(seen));
            let events = match seen {
                Ok(_) if again => vec![(Op::Heartbeat, Value::Null, String::new())],
                Ok(seen) => {
                    last = kept(&seen).then(|| seen.clone());
                    told::events(seen)
                }
                Err(fault) => vec![(Op::Error, Value::Null, fault.to_string())],
            };
            for (op, item, why) in events {
                self.tell(op, item, &why).await;
            }
        }
        self.tell(Op::Error, Value::Null, "the watch has ended").await;
    }

    /// Says one thing once there is credit for it.
    async fn tell(&mut self, op: Op, item: Value, why: &str) {
        if let Ok(permit) = self.credit.acquire().await {
            permit.forget();
        }
        self.seq += 1;
        let event = WatchEvent { watch: self.watch.clone(), seq: self.seq, op, item, why: why.to_owned() };
        let _ = self.say.send(notification("watch/event", &event));
    }
}

async fn tell(id: u64, mut lines: mpsc::Receiver<String>, say: std::sync::mpsc::Sender<Value>) {
    while let Some(line) = lines.recv().await {
        let _ = say.send(notification("$/progress", &Progress { id, line }));
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    let bad = |e: serde_json::Error| Failure { code: code::BAD_PARAMS, message: e.to_string(), data: json!({}) };
    serde_json::from_value(params).map_err(bad)
}

fn key(text: &str) -> Result<Key, Failure> {
    let bad = || Failure { code: code::BAD_PARAMS, message: format!("{text:?} is no key"), data: json!({}) };
    let (journal, seq) = text.rsplit_once('-').ok_or_else(bad)?;
    let journal = serde_json::from_value(Value::from(journal)).map_err(|_| bad())?;
    Ok(Key { journal, seq: seq.parse().map_err(|_| bad())? })
}

fn of_fault(fault: Fault) -> Failure {
    let code = match &fault {
        Fault::Cannot(..) => code::UNSUPPORTED,
        Fault::Unreachable(_) => code::UNAVAILABLE,
        Fault::Refused { .. } => code::PRECONDITION,
        Fault::Lost { .. } => code::UNKNOWN_OUTCOME,
    };
    Failure { code, message: fault.to_string(), data: json!({}) }
}

/// An answer to a question that changes nothing, within what is left.
async fn in_time(left: Duration, answer: impl Future<Output = Result<Value, Fault>>) -> Result<Value, Fault> {
    let late = |_| Fault::Lost { why: "there was no answer by the deadline".to_owned(), output: None };
    tokio::time::timeout(left, answer).await.map_err(late)?
}

fn preview_told(preview: Preview) -> PreviewAnswer {
    let Preview { obstacles, refused, unknown, effects, loses, takes, blind, reversible } = preview;
    let takes_ms = takes.and_then(|takes| u64::try_from(takes.std().as_millis()).ok());
    let reversible = reversible.map(|Reversible { ok, note }| ReversibleRow { ok, note });
    PreviewAnswer { obstacles, refused, unknown, effects, loses, takes_ms, expect: Value::Null, blind, reversible }
}

fn receipt(receipt: Receipt, counts: Option<(u32, u32)>) -> Told {
    let detail = receipt.detail.into_iter().map(|(name, text)| (name, Value::from(text))).collect();
    let (done, of) = counts.unzip();
    Told { summary: receipt.summary, detail, done, of }
}

fn done_told(done: Done) -> Told {
    match done {
        Done::Whole(whole) => receipt(whole, None),
        Done::Partly(done, of, part) => receipt(part, Some((done, of))),
    }
}

fn found_told(found: Found) -> Finding {
    let (found, r#final, receipt) = match found {
        Found::Applied(whole) => (FoundWord::Applied, false, receipt(whole, None)),
        Found::Partly { done, of, receipt: part } => (FoundWord::Partly, false, receipt(part, Some((done, of)))),
        Found::NotApplied { r#final, why } => {
            (FoundWord::NotApplied, r#final, Told { summary: why, ..Told::default() })
        }
        Found::Unknown { why } => (FoundWord::Unknown, false, Told { summary: why, ..Told::default() }),
    };
    Finding { found, r#final, receipt }
}

/// Whether telling it again says no more than that it is still so. Of deployments each word counts.
fn kept(seen: &Observation) -> bool {
    matches!(seen, Observation::Alerts(_) | Observation::Windows(_))
}
