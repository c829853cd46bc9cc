//! What is said over the wire: the shapes of requests, answers and notifications.
//!
//! Keys that are not known are ignored, on both sides; growth is by new keys. The JSON Schema
//! of these shapes is what authors of plugins read, so every comment here is for them.

use super::introduced::IdentityRow;
use super::rows::PlaceRow;
use crate::domain::operation::{Operation, Verb};
use crate::domain::span::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The version of the protocol that is spoken here.
pub const PROTOCOL: u32 = 1;
/// How many events of a watch may be on their way before they are acknowledged.
pub const CREDIT: u64 = 256;

/// Versions from `min` to `max`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// The oldest.
    pub min: u32,
    /// The newest.
    pub max: u32,
}

/// A program by name and version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Program {
    /// What it is called.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
}

/// What the plugin is started for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// The name that the workspace declares it by.
    pub name: String,
    /// The workspace's directory. The plugin's own working directory is empty and goes with it.
    pub workspace: String,
    /// The `config` of its declaration, as it is there.
    pub config: Map<String, Value>,
}

/// The first message: who asks, and in which versions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Initialize {
    /// The versions that the host speaks.
    pub protocol: Range,
    /// The host.
    pub host: Program,
    /// What is also in the environment as `HOLDPOINT_COOKIE`; to be sent back.
    pub cookie: String,
    /// What it is started for.
    pub instance: Instance,
    /// Further things that the host can do; none in version 1.
    pub features: Vec<String>,
}

/// The answer to `initialize`: who answers, and what it can do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Welcome {
    /// The version that both will speak.
    pub protocol: u32,
    /// The cookie, sent back.
    pub cookie: String,
    /// The plugin.
    pub plugin: Program,
    /// What it can do: `watch:` and a topic, `probe`, `act:` and a verb.
    pub capabilities: BTreeMap<String, Capability>,
    /// Secrets that it may ask for, by name.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Whom it acts as in the system behind it, for the record: a text, or `who` with `until`. Leave it out
    /// rather than guess.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(with = "Option<IdentityRow>")]
    pub identity: Value,
}

/// One thing that a plugin can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// What it does to the world; `dangerous` when absent or not known.
    #[serde(default)]
    pub effect: Effect,
}

/// What something does to the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing.
    Read,
    /// What it says, and that can be taken back.
    Act,
    /// More than that, or nobody said.
    #[default]
    #[serde(other)]
    Dangerous,
}

/// `watch/start`: tell what is so now, then what changes, until `watch/stop`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WatchStart {
    /// The watch's name, chosen by the host.
    pub watch: String,
    /// `deployments`, `signals`, `alerts` or `windows`.
    pub topic: String,
    /// At least so often something must be said; a heartbeat when nothing changed.
    pub every_ms: u64,
    /// How many events may be on their way before they are acknowledged.
    pub credit: u64,
    /// The signals to read, when the topic is `signals`.
    #[serde(default)]
    pub signals: Vec<Asked>,
    /// The places to look at, when the topic is `windows`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceRow>,
}

/// A signal that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// Its name.
    pub signal: String,
    /// Where.
    pub environment: String,
    /// Of which service.
    pub service: String,
    /// What the workspace's `ask` says, filled.
    pub ask: String,
    /// How often it is read.
    pub every_ms: u64,
}

/// `watch/event`, a notification of the plugin.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WatchEvent {
    /// The watch.
    pub watch: String,
    /// One more than that of the event before; the first is 1.
    pub seq: u64,
    /// What happened.
    pub op: Op,
    /// The row: a deployment, alert or window for `upsert`, a deployment's place for `delete`, a number for `reading`
    /// and `no-reading` of signals; of windows, what the picture is of for `begin`, and a place for `no-reading`.
    #[serde(default)]
    pub item: Value,
    /// For `error` and `no-reading`: why.
    #[serde(default)]
    pub why: String,
}

/// What an event of a watch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// A whole picture begins: rows follow, then `end`.
    Begin,
    /// A row is new or has changed.
    Upsert,
    /// A row is gone.
    Delete,
    /// The picture is whole and replaces what was known.
    End,
    /// Nothing has changed; the system behind has really said so.
    Heartbeat,
    /// One number.
    Reading,
    /// A signal, or the windows of a place, could not be read.
    NoReading,
    /// The system behind could not be asked; what was known grows old.
    Error,
}

/// `watch/ack` of the host: events up to here have been taken in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WatchAck {
    /// The watch.
    pub watch: String,
    /// The event.
    pub seq: u64,
}

/// `watch/stop` of the host: no more events, please.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WatchStop {
    /// The watch.
    pub watch: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deed {
    /// The verb: `deploy`, `promote`, `pause`, `resume`, `abort`, `roll-back`, `scale`, `restart`,
    /// `shift`, `mend`, `action`, `toggle`, `silence`, `announce`, `snapshot`, `run`.
    #[schemars(with = "String")]
    pub verb: Verb,
    /// The service, if one is named.
    #[serde(default)]
    pub service: Option<String>,
    /// The environment, if one is named.
    #[serde(default)]
    pub environment: Option<String>,
    /// Arguments by name: `version` of a deploy, `to` of a roll-back, `weight` of a promote.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// The program of a `run`.
    #[serde(default)]
    pub argv: Vec<String>,
}

/// `perform`: do it, once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PerformAsk {
    /// What is to be done.
    pub operation: Deed,
    /// Names the operation for ever. The same key again is the same operation: done at most once.
    pub key: String,
    /// After so long the host gives up waiting and calls it unknown.
    pub limit_ms: u64,
    /// What the preview said it rests on; another state now is error -32010 and nothing is done.
    #[serde(default)]
    pub expect: Value,
}

/// The answer to `perform`: it was done, all of it or `done` of `of`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// One line.
    #[serde(default)]
    pub summary: String,
    /// Named results, such as `version` and `previous`; texts.
    #[serde(default)]
    pub detail: Map<String, Value>,
    /// How many were changed; with `of`.
    #[serde(default)]
    pub done: Option<u32>,
    /// Of how many.
    #[serde(default)]
    pub of: Option<u32>,
}

/// `probe`: what became of this operation? It must change nothing.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProbeAsk {
    /// What was to be done.
    pub operation: Deed,
    /// Its key.
    pub key: String,
}

/// The answer to `probe`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What became of it.
    pub found: FoundWord,
    /// For `not-applied`: whether it can no longer take effect. Not, when absent.
    #[serde(default)]
    pub r#final: bool,
    /// What is known of it.
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FoundWord {
    /// It took effect.
    Applied,
    /// It took effect on `done` of `of`.
    Partly,
    /// It has had no effect so far.
    NotApplied,
    /// It cannot be told.
    Unknown,
}

/// `secret/get` of the plugin: one of the secrets that it named in its welcome.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SecretAsk {
    /// Its name.
    pub name: String,
}

/// `$/cancel`: the host no longer waits. Answer within two seconds, with a result or -32800.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Cancel {
    /// The request.
    pub id: u64,
}

/// `$/progress` of the plugin: a line for whoever watches a request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// The request.
    pub id: u64,
    /// The line.
    pub line: String,
}

/// Why a request has no result.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Which kind; the page has the table.
    pub code: i64,
    /// In words.
    #[serde(default)]
    pub message: String,
    /// More of it: `retry_after_ms` of -32011, `min` and `max` of -32001.
    #[serde(default)]
    pub data: Value,
}

impl Deed {
    /// The operation as it is said.
    pub fn of(operation: &Operation) -> Self {
        Self {
            verb: operation.verb,
            service: operation.service.as_ref().map(ToString::to_string),
            environment: operation.environment.as_ref().map(ToString::to_string),
            args: operation.args.clone(),
            argv: operation.argv.clone(),
        }
    }

    /// The operation that is meant, for a backend of that name.
    pub fn operation(self, backend: &str, limit: Span) -> Operation {
        Operation {
            backend: backend.into(),
            verb: self.verb,
            service: self.service.as_deref().map(Into::into),
            environment: self.environment.as_deref().map(Into::into),
            args: self.args,
            argv: self.argv,
            limit,
            idempotent: false,
        }
    }
}

/// A request.
pub fn request(id: u64, method: &str, params: &impl Serialize) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// A notification.
pub fn notification(method: &str, params: &impl Serialize) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// The answer to a request.
pub fn answer(id: &Value, result: &impl Serialize) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// The answer to a request that has no result.
pub fn failure(id: &Value, failure: &Failure) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": failure })
}
