//! Scripts of the team as a backend.
//!
//! One script behind each verb, one that prints what runs where, one that finds
//! out what became of an operation. An operation starts one process, once, and
//! nothing is started before its arguments are complete.

mod answer;
mod filled;
mod found;
mod receipt;
mod status;

use super::child::{self, Capture, Wanted};
use super::launcher::Launcher;
use super::{Backend, Done, Fault, Manifest, Safety, Sink, Topic, cannot};
use crate::domain::backend::{CommandSpec, Script};
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::Observation;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Preview};
use crate::domain::span::Span;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{BoxStream, once};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Scripts of the team.
pub struct CommandBackend {
    scripts: Arc<Scripts>,
}

/// What every call needs; shared with the calls that are under way.
struct Scripts {
    manifest: Manifest,
    spec: CommandSpec,
    root: PathBuf,
    launcher: Launcher,
}

impl CommandBackend {
    /// Scripts as declared, started in `root`, the workspace's directory.
    pub fn new(name: BackendName, every: Span, spec: CommandSpec, root: PathBuf, launcher: Launcher) -> Self {
        let safety = |script: &Script| if script.idempotent { Safety::Idempotent } else { Safety::Once };
        let mut verbs: BTreeMap<_, _> = spec.verbs.iter().map(|(verb, script)| (*verb, safety(script))).collect();
        // A runbook's own program needs no script of ours.
        verbs.insert(Verb::Run, Safety::Once);
        let topics = spec.status.iter().map(|_| Topic::Deployments).collect();
        let manifest = Manifest { name, topics, verbs, probes: spec.probe.is_some(), every };
        Self { scripts: Arc::new(Scripts { manifest, spec, root, launcher }) }
    }
}

impl Backend for CommandBackend {
    fn manifest(&self) -> &Manifest {
        &self.scripts.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        match (topic, &self.scripts.spec.status) {
            (Topic::Deployments, Some(script)) => {
                let wanted = self.scripts.wanted(script.argv.clone(), script.limit, None);
                status::watch(wanted, self.scripts.manifest.every).boxed()
            }
            _ => once(ready(Err(cannot(&self.scripts.manifest.name, topic.word())))).boxed(),
        }
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        ready(self.scripts.preview(operation)).boxed()
    }

    fn perform(&self, operation: Operation, key: Key, out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        let scripts = Arc::clone(&self.scripts);
        async move { scripts.carry_out(&operation, &key, out).await }.boxed()
    }

    fn probe(&self, operation: &Operation, key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        let (scripts, operation) = (Arc::clone(&self.scripts), operation.clone());
        async move { scripts.probe(&operation, &key).await }.boxed()
    }
}

impl Scripts {
    fn wanted(&self, argv: Vec<String>, limit: Span, key: Option<&Key>) -> Wanted {
        Wanted {
            launcher: self.launcher.clone(),
            root: self.root.clone(),
            argv,
            pass_env: self.spec.pass_env.clone(),
            key: key.map(Key::to_string),
            limit: limit.std(),
            memory: None,
        }
    }

    fn preview(&self, operation: &Operation) -> Result<Preview, Fault> {
        // Only the program is looked at; what it changes is its own affair.
        let mut preview = Preview { blind: true, ..Preview::default() };
        let template = match filled::template(&self.manifest.name, &self.spec, operation) {
            Ok(template) => template,
            Err(Fault::Refused { why, .. }) => {
                preview.refuse(why);
                return Ok(preview);
            }
            Err(fault) => return Err(fault),
        };
        match filled::fill(template.argv, operation, None) {
            Err(unfilled) => preview.refuse(unfilled.to_string()),
            Ok(argv) => {
                preview.effects.push(format!("runs {}", filled::shown(&argv)));
                let program = self.wanted(argv, Span::ZERO, None).program();
                let runs = program.map_or(Err("no program is named".to_owned()), |p| child::executable(&p));
                runs.err().into_iter().for_each(|why| preview.refuse(why));
            }
        }
        Ok(preview)
    }

    async fn carry_out(&self, operation: &Operation, key: &Key, out: Sink) -> Result<Done, Fault> {
        let template = filled::template(&self.manifest.name, &self.spec, operation)?;
        let argv =
            filled::fill(template.argv, operation, Some(key)).map_err(|unfilled| refused(unfilled.to_string()))?;
        let limit = if operation.limit == Span::ZERO { template.limit } else { operation.limit };
        let wanted = self.wanted(argv, limit, Some(key));
        out.in_time()?;
        crate::fault::at("backend.spawn.before")
            .map_err(|e| Fault::Unreachable(format!("nothing was started: {e}")))?;
        let running = child::start(&wanted).await.map_err(|e| Fault::Unreachable(e.to_string()))?;
        crate::fault::at("backend.spawn.after").map_err(|e| lost(format!("after starting it: {e}")))?;
        let ended = running.finish(Capture { sink: Some(out), document: 0 }).await;
        crate::fault::at("backend.reply.before").map_err(|e| lost(format!("its answer was lost: {e}")))?;
        receipt::read(ended, template.not_applied, limit)
    }

    async fn probe(&self, operation: &Operation, key: &Key) -> Result<Found, Fault> {
        // Asked whether the verb is still declared or not: it was when this was sent.
        let Some(script) = &self.spec.probe else {
            let why = format!("{} declares no probe script; find out by hand", self.manifest.name);
            return Ok(Found::Unknown { why });
        };
        let argv =
            filled::fill(&script.argv, operation, Some(key)).map_err(|unfilled| refused(unfilled.to_string()))?;
        let wanted = self.wanted(argv, script.limit, Some(key));
        found::read(&answer::document(&wanted, "probe").await?)
    }
}

/// A certain no, before anything was started.
fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}

/// An answer that never came, or cannot be read.
fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}
