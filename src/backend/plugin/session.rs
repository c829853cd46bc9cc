//! One life of a plugin: requests that wait for answers, watches, pings.
//!
//! It runs on the plugin's own thread and answers orders. Whatever it cannot be certain of when
//! the plugin dies it calls lost; what was never sent, it calls not done.

use super::super::secret::SecretSource;
use super::super::{Fault, Sink};
use super::code::{self, NO_METHOD, lost};
use super::connection::Connection;
use super::expected::Expected;
use super::feeds::Feeds;
use super::frame::Message;
use super::message::{Cancel, Capability, Effect, Failure, Progress, WatchAck, WatchStop, Welcome};
use super::message::{answer, failure, notification, request};
use super::meta::Meta;
use super::order::{Call, Order};
use super::pace::Pace;
use super::pending::{BEGIN, Pending};
use crate::domain::name::BackendName;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// So many requests may be left without an answer before the plugin is ended.
const MOST_ABANDONED: u32 = 3;

/// How a life ended.
pub enum Over {
    /// Nobody asks anything any longer.
    Unused,
    /// The plugin is gone, or must go.
    Died(String),
}

/// A running plugin and everything that waits for it.
pub struct Session {
    name: BackendName,
    wire: Connection,
    welcome: Welcome,
    secrets: BTreeMap<String, Arc<SecretSource>>,
    pace: Pace,
    last_id: u64,
    pending: BTreeMap<u64, Pending>,
    watches: Feeds,
    abandoned: u32,
    pinged: Option<(u64, Instant)>,
    next_ping: Instant,
    expected: Expected,
}

impl Session {
    /// A plugin that has greeted.
    pub fn new(
        name: BackendName,
        wire: Connection,
        welcome: Welcome,
        secrets: BTreeMap<String, Arc<SecretSource>>,
        pace: Pace,
    ) -> Self {
        let next_ping = Instant::now() + pace.ping.0;
        Self {
            name,
            wire,
            welcome,
            secrets,
            pace,
            last_id: 0,
            pending: BTreeMap::new(),
            watches: Feeds::default(),
            abandoned: 0,
            pinged: None,
            next_ping,
            expected: Expected::default(),
        }
    }

    /// Carries out orders until one side ends.
    pub async fn serve(&mut self, first: Order, orders: &mut mpsc::UnboundedReceiver<Order>) -> Over {
        let died = self.take(first);
        let why = match died {
            Err(why) => why,
            Ok(()) => loop {
                let wake = self.wake();
                let heard = tokio::select! {
                    order = orders.recv() => match order {
                        None => return Over::Unused,
                        Some(order) => self.take(order),
                    },
                    messages = self.wire.next() => messages.and_then(|all| all.into_iter().try_for_each(|m| self.hear(m))),
                    () = tokio::time::sleep_until(wake) => self.tick(),
                };
                if let Err(why) = heard {
                    break why;
                }
            },
        };
        self.fail_all(&why);
        Over::Died(why)
    }

    /// Ends it in good order: asked, hung up on, told, killed.
    pub async fn shut_down(mut self) {
        let id = self.id();
        let grace = self.pace.grace;
        let _ = self.wire.send(&request(id, "shutdown", &Meta::of(grace, None).put(json!({}))));
        let answered = async {
            while let Ok(messages) = self.wire.next().await {
                if messages.iter().any(|message| message.get("id") == Some(&Value::from(id))) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(grace, answered).await;
        self.wire.hang_up();
        if tokio::time::timeout(grace, self.wire.companion().end()).await.is_err() {
            self.wire.companion().stop();
            let _ = tokio::time::timeout(grace, self.wire.companion().end()).await;
        }
        self.wire.companion().kill();
    }

    fn take(&mut self, order: Order) -> Result<(), String> {
        match order {
            Order::Call(call) => self.call(*call),
            Order::Greet(reply) => {
                let _ = reply.send(Ok(()));
                Ok(())
            }
            Order::Abandon(ticket) => {
                let found = self.pending.iter_mut().find(|(_, p)| p.ticket == ticket && p.awaited());
                let Some((id, pending)) = found.map(|(id, pending)| (*id, pending)) else { return Ok(()) };
                pending.forget();
                match pending.cancelled {
                    true => Ok(()),
                    false => self.cancel(id),
                }
            }
            Order::Watch(start, events) => {
                if let Err(fault) = self.offers(&format!("watch:{}", start.topic), true) {
                    let _ = events.try_send(Err(fault));
                    return Ok(());
                }
                let id = self.id();
                self.wire.send(&request(id, "watch/start", &Meta::of(BEGIN, None).put(json!(start))))?;
                self.pending.insert(id, Pending::of_watch(&start.watch));
                self.watches.begin(start.watch, events);
                Ok(())
            }
            Order::Ack(watch, seq) => match self.watches.acknowledge(&watch, seq) {
                true => self.wire.send(&notification("watch/ack", &WatchAck { watch, seq })),
                false => Ok(()),
            },
            Order::Stop(watch) => match self.watches.stop(&watch) {
                true => self.wire.send(&notification("watch/stop", &WatchStop { watch })),
                false => Ok(()),
            },
        }
    }

    fn call(&mut self, mut call: Call) -> Result<(), String> {
        // A call that nobody waits for any longer is not made.
        if call.reply.is_closed() {
            return Ok(());
        }
        if let Err(fault) = self.offers(&call.capability, false) {
            let _ = call.reply.send(Err(fault));
            return Ok(());
        }
        // It may have waited long for the greeting.
        if let Some(Err(fault)) = call.sink.as_ref().map(Sink::in_time) {
            let _ = call.reply.send(Err(fault));
            return Ok(());
        }
        let about = call.params.get("operation").map(Value::to_string).unwrap_or_default();
        let expected = self.expected.take(&about);
        if let (Some(expect), "perform", Value::Object(params)) = (expected, call.method, &mut call.params) {
            params.insert("expect".to_owned(), expect);
        }
        let id = self.id();
        let params = Meta::of(call.limit, call.sink.as_ref()).put(std::mem::take(&mut call.params));
        let message = request(id, call.method, &params);
        if let Err(why) = super::frame::line(&message) {
            let _ = call.reply.send(Err(Fault::Refused { why, output: None }));
            return Ok(());
        }
        // From here on it may have been read.
        self.pending.insert(id, Pending::of_call(call, about));
        self.wire.send(&message)
    }

    /// Whether the plugin itself offers what it was granted.
    fn offers(&self, capability: &str, only_reads: bool) -> Result<(), Fault> {
        let cannot = |what: String| Err(Fault::Cannot(self.name.clone(), what));
        match self.welcome.capabilities.get(capability) {
            None => cannot(format!("do it: its plugin does not offer {capability}")),
            Some(Capability { effect }) if only_reads && *effect != Effect::Read => {
                cannot(format!("do it: its plugin does not say that {capability} only reads"))
            }
            Some(_) => Ok(()),
        }
    }

    fn hear(&mut self, mut message: Message) -> Result<(), String> {
        let method = message.get("method").and_then(Value::as_str).map(str::to_owned);
        let id = message.get("id").cloned();
        let params = message.remove("params").unwrap_or_default();
        match (method.as_deref(), id) {
            (Some("secret/get"), Some(id)) => self.secret(id, params),
            (Some(_), Some(id)) => {
                let said =
                    Failure { code: NO_METHOD, message: "the host has no such method".to_owned(), data: json!({}) };
                self.wire.send(&failure(&id, &said))
            }
            (Some("watch/event"), None) => self.event(params),
            (Some("$/progress"), None) => {
                if let Ok(Progress { id, line }) = serde_json::from_value(params) {
                    self.pending.get_mut(&id).into_iter().for_each(|pending| pending.progress(&line));
                }
                Ok(())
            }
            (None, Some(id)) => self.answered(id.as_u64(), message),
            _ => Ok(()),
        }
    }

    /// Answers with a secret that is declared for it and that it has named itself.
    fn secret(&mut self, id: Value, params: Value) -> Result<(), String> {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
        let named = self.welcome.secrets.iter().any(|known| known == name);
        let source = self.secrets.get(name).filter(|_| named).cloned();
        let (Some(source), Some(input)) = (source, self.wire.sender()) else {
            let message = "no such secret is both declared in the workspace and named in your welcome".to_owned();
            return self.wire.send(&failure(&id, &Failure { code: code::FORBIDDEN, message, data: json!({}) }));
        };
        // A helper may take its time; nobody else waits for it.
        tokio::spawn(async move {
            let said = match source.get(chrono::Utc::now()).await {
                Ok(secret) => answer(&id, &json!({ "value": secret.expose() })),
                Err(fault) => {
                    let message = fault.to_string();
                    failure(&id, &Failure { code: code::UNAVAILABLE, message, data: json!({}) })
                }
            };
            if let Ok(line) = super::frame::line(&said) {
                let _ = input.send(line).await;
            }
        });
        Ok(())
    }

    fn answered(&mut self, id: Option<u64>, mut message: Message) -> Result<(), String> {
        let Some(id) = id else { return Ok(()) };
        if self.pinged.is_some_and(|(ping, _)| ping == id) {
            (self.pinged, self.next_ping) = (None, Instant::now() + self.pace.ping.0);
        }
        let Some(pending) = self.pending.remove(&id) else { return Ok(()) };
        let failure = message.remove("error").map(|error| {
            let unread = |e: serde_json::Error| Failure {
                code: 0,
                message: format!("its error cannot be read: {e}"),
                data: json!({}),
            };
            serde_json::from_value(error).unwrap_or_else(unread)
        });
        let mut result = message.remove("result");
        if let Some(watch) = &pending.watch {
            if let Some(failure) = failure {
                let fault = code::fault(&self.name, "watch", &failure);
                self.watches.fail(watch, fault);
            }
            return Ok(());
        }
        let no_preview = pending.method == "preview" && failure.as_ref().is_some_and(|f| f.code == NO_METHOD);
        if no_preview {
            result = Some(json!({ "blind": true }));
        }
        if pending.method == "preview" {
            self.previewed(&pending, result.as_mut());
        }
        let answered = match (failure, result) {
            // Which of the two is meant nobody knows.
            (Some(_), Some(result)) if !no_preview && !result.is_null() => {
                Err(lost("its answer has both a result and an error".to_owned()))
            }
            (Some(failure), _) if !no_preview => Err(code::fault(&self.name, &pending.what, &failure)),
            (_, Some(result)) => Ok(result),
            (_, None) => Err(lost("its answer has neither result nor error".to_owned())),
        };
        pending.finish(answered);
        Ok(())
    }

    /// Remembers what a preview rests on, and adds what the plugin says of the effect's kind.
    fn previewed(&mut self, pending: &Pending, result: Option<&mut Value>) {
        let Some(Value::Object(result)) = result else { return };
        self.expected.keep(&pending.what, &pending.about, result.get("expect"));
        let capability = self.welcome.capabilities.get(&format!("act:{}", pending.what));
        let dangerous = capability.is_some_and(|capability| capability.effect == Effect::Dangerous);
        let said = result.get("reversible").is_some_and(|said| !said.is_null());
        if let (true, Value::Array(loses)) = (dangerous && !said, result.entry("loses").or_insert_with(|| json!([]))) {
            loses.insert(0, Value::from("its plugin does not say that this can be taken back"));
        }
    }

    fn event(&mut self, params: Value) -> Result<(), String> {
        match self.watches.event(params) {
            Some(watch) => self.wire.send(&notification("watch/stop", &WatchStop { watch })),
            None => Ok(()),
        }
    }

    fn cancel(&mut self, id: u64) -> Result<(), String> {
        if let Some(pending) = self.pending.get_mut(&id) {
            (pending.cancelled, pending.deadline) = (true, Instant::now() + self.pace.grace);
        }
        self.wire.send(&notification("$/cancel", &Cancel { id }))
    }

    /// When something must be looked at next.
    fn wake(&self) -> Instant {
        let ping = self.pinged.map_or(self.next_ping, |(_, at)| at + self.pace.ping.1);
        self.pending.values().map(|pending| pending.deadline).min().map_or(ping, |first| first.min(ping))
    }

    fn tick(&mut self) -> Result<(), String> {
        let now = Instant::now();
        let late: Vec<u64> = self.pending.iter().filter(|(_, p)| p.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            match self.pending.get(&id) {
                Some(pending) if !pending.cancelled => self.cancel(id)?,
                _ => self.abandon(id)?,
            }
        }
        match self.pinged {
            Some((_, at)) if at + self.pace.ping.1 <= now => {
                return Err(format!("it did not answer a ping in {} s", self.pace.ping.1.as_secs_f32()));
            }
            None if self.next_ping <= now => {
                let id = self.id();
                self.pinged = Some((id, now));
                self.wire.send(&request(id, "ping", &Meta::of(self.pace.ping.1, None).put(json!({}))))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Gives up a request that was cancelled and not answered even then.
    fn abandon(&mut self, id: u64) -> Result<(), String> {
        let Some(pending) = self.pending.remove(&id) else { return Ok(()) };
        // A look that nobody waits for any longer ends no plugin: an operation may be under way there.
        self.abandoned += u32::from(pending.method != "preview");
        if let Some(watch) = &pending.watch {
            self.watches.fail(watch, lost("its watch did not begin".to_owned()));
        }
        let limit = pending.limit;
        pending.finish(Err(lost(format!("not answered in {limit:?}, nor when it was cancelled"))));
        match self.abandoned >= MOST_ABANDONED {
            true => Err(format!("it left {MOST_ABANDONED} requests without an answer")),
            false => Ok(()),
        }
    }

    fn fail_all(&mut self, why: &str) {
        let why = format!("the plugin {} is gone: {why}", self.name);
        for pending in std::mem::take(&mut self.pending).into_values() {
            pending.finish(Err(lost(why.clone())));
        }
        self.watches.fail_all(&why);
        self.wire.companion().kill();
    }

    fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}
