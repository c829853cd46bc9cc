//! A plugin in Python that does what a test tells it, in a workspace of its own.

use crate::support::{Place, launcher};
use holdpoint::backend::plugin::pace::Pace;
use holdpoint::backend::plugin::{PluginBackend, trust};
use holdpoint::domain::backend::{Granted, PluginSpec};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::signal::{Bad, Query, Signal, Unit};
use holdpoint::domain::span::Span;
use std::time::Duration;

/// Reads requests and answers as a test's lines say: `on(method, id, params)` may answer itself.
const FRAME: &str = r#"#!/usr/bin/env python3
import datetime, json, os, sys, threading, time
lock = threading.Lock()
def say(**m):
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **m}) + "\n"); sys.stdout.flush()
def ok(id, result={}): say(id=id, result=result)
def no(id, code, message="no", **data): say(id=id, error={"code": code, "message": message, "data": data})
def event(watch, seq, op, **more): say(method="watch/event", params={"watch": watch, "seq": seq, "op": op, **more})
def trace(text):
    with open(os.path.join(workspace, "trace"), "a") as f: f.write(text + "\n")
CAN = {"watch:deployments": {"effect": "read"}, "watch:signals": {"effect": "read"}, "watch:alerts": {"effect": "read"}, "watch:windows": {"effect": "read"}, "probe": {"effect": "read"}, "act:deploy": {"effect": "act"}}
def welcome(hello): return {"protocol": 1, "cookie": os.environ["HOLDPOINT_COOKIE"], "plugin": {"name": "test", "version": "1"}, "capabilities": CAN, "secrets": ["token"]}
workspace = "."
#LINES
for line in sys.stdin:
    m = json.loads(line)
    id, method, params = m.get("id"), m.get("method"), m.get("params") or {}
    if method == "initialize":
        workspace = params["instance"]["workspace"]; trace("started"); ok(id, welcome(params))
    elif on(method, id, params): pass
    elif method == "ping" or method == "watch/start": ok(id)
    elif method == "shutdown": ok(id); trace("shut down"); break
    elif id is not None and method: no(id, -32601)
"#;

/// A workspace with one plugin.
pub struct Ground {
    pub place: Place,
    pub spec: PluginSpec,
    pub pace: Pace,
    pub signals: Vec<Signal>,
}

impl Ground {
    /// A plugin with these lines, which must define `on`; trusted as it is.
    pub fn new(lines: &str) -> Self {
        Self::of(&FRAME.replace("#LINES", lines))
    }

    /// A plugin that is this program.
    pub fn of(program: &str) -> Self {
        let place = Place::new();
        place.script("plugins/test", program);
        trust::trust(&place.root(), "plugins/test").unwrap();
        let spec = PluginSpec {
            argv: vec!["plugins/test".to_owned()],
            config: "{}".to_owned(),
            deployments: true,
            signals: true,
            probes: true,
            verbs: [(Verb::Deploy, Granted { limit: Span::secs(20), idempotent: false })].into(),
            ..PluginSpec::default()
        };
        Self { place, spec, pace: Pace::default(), signals: Vec::new() }
    }

    /// The plugin as a backend; nothing is started yet.
    pub fn backend(&self) -> PluginBackend {
        let (spec, signals, root) = (self.spec.clone(), self.signals.clone(), self.place.root());
        PluginBackend::with_pace("x".into(), Span::secs(1), spec, signals, root, launcher(), self.pace)
    }

    /// What the plugin has noted.
    pub fn trace(&self) -> String {
        std::fs::read_to_string(self.place.file("trace")).unwrap_or_default()
    }
}

/// A signal of the plugin, for `web` at these places.
pub fn signal(name: &str, environments: &[&str]) -> Signal {
    Signal {
        name: name.into(),
        title: String::new(),
        service: "web".into(),
        environments: environments.iter().map(|name| (*name).into()).collect(),
        source: "x".into(),
        query: Query::Plugin { ask: format!("{name} of {{service}}") },
        unit: Unit::Count,
        bad: Bad::Above,
        warn: None,
        fail: None,
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::millis(100),
    }
}

/// A pace at which a test need not wait long.
pub fn quick() -> Pace {
    let ms = Duration::from_millis;
    Pace { greeting: ms(9000), ping: (ms(300), ms(8000)), grace: ms(700), pauses: [ms(50); 5] }
}

pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.unwrap()
}
