//! Calling a person: the bell and a notification for what has begun to need one,
//! and the window's title.
//!
//! It reads what is known and makes bytes; whether a terminal shows them is never
//! known. Each thing calls once, calls that come together are one call.

pub mod settings;

use super::model::Model;
use crate::domain::Timestamp;
use crate::domain::name::PersonName;
use crate::domain::plan::{Question, Step, Work};
use crate::domain::text::{harmless, shortened};
use crate::domain::workspace::Workspace;
use crate::domain::zone::Zone;
use crate::engine::forecast::Standing;
use crate::engine::run::{Run, TriggerState};
use crate::engine::show::Word;
use crate::report::foreseen::Weight;
use settings::Settings;
use std::collections::BTreeSet;
use std::time::Duration;

/// Between two calls there is at least this much time; what comes between waits for the next.
pub const BETWEEN: Duration = Duration::from_secs(10);

/// What has called already, and what waits to.
#[derive(Debug, Default)]
pub struct Attention {
    known: BTreeSet<String>,
    settled: bool,
    waits: Vec<Call>,
    called: Option<Duration>,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// In a few words.
    pub text: String,
    /// Whether it is too grave for quiet hours: a trigger has tripped.
    pub grave: bool,
}

impl Attention {
    /// Takes in what is known, and says whom to call for now, if for anything.
    /// What was so at the start calls for nobody: whoever opens the screens sees it.
    pub fn take(&mut self, model: &Model, settings: &Settings, now: Timestamp, uptime: Duration) -> Option<Call> {
        if !model.open || model.replay.is_some() {
            return None;
        }
        let needs = needs(model);
        for (key, call) in &needs {
            if !self.known.contains(key) && self.settled {
                self.waits.push(call.clone());
            }
        }
        // What is over may call again when it comes back.
        self.known = needs.into_iter().map(|(key, _)| key).collect();
        self.settled = true;
        if self.waits.is_empty() || self.called.is_some_and(|at| uptime.saturating_sub(at) < BETWEEN) {
            return None;
        }
        let waits = std::mem::take(&mut self.waits);
        let quiet = settings.quiet.as_ref().is_some_and(|hours| hours.hold(local(model, now)));
        // One call for all of it: what is grave is what it names.
        let grave = waits.iter().find(|call| call.grave);
        let first = grave.or(waits.first().filter(|_| !quiet))?;
        self.called = Some(uptime);
        let more = waits.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Some(Call { text: format!("{}{more}", first.text), grave: grave.is_some() })
    }
}

fn local(model: &Model, now: Timestamp) -> chrono::NaiveTime {
    Zone::named(&model.workspace.zone).map_or(now.time(), |zone| zone.local(now).time())
}

/// What needs a person now: a key that stays the same as long as it is the same thing, and the words.
fn needs(model: &Model) -> Vec<(String, Call)> {
    let me = model.person.as_ref();
    let mut all = Vec::new();
    let mut need = |key: String, text: String, grave: bool| all.push((key, Call { text, grave }));
    for run in model.ledger.runs.values().filter(|r| !r.ended()) {
        if run.conn.is_some() && model.ledger.driver(run).is_none() {
            need(format!("{} conn {}", run.id, run.epoch), format!("run {} is UNATTENDED", run.id), false);
        }
        for (name, state) in &run.triggers {
            if matches!(state, TriggerState::Tripped { .. } | TriggerState::Proposed { .. }) {
                need(format!("{} trigger {name}", run.id), format!("run {} TRIGGER {name} TRIPPED", run.id), true);
            }
        }
    }
    for (id, waiting) in &model.derived.waiting {
        let Some(run) = model.ledger.run(*id) else { continue };
        let step = run.plan.steps.iter().find(|step| step.name.as_str() == waiting.step);
        let trouble = matches!(waiting.word, Word::Failed | Word::Partly | Word::InDoubt);
        let asks = matches!(waiting.word, Word::Approval | Word::Waiting);
        if trouble || (asks && step.is_some_and(|step| awaits(&model.workspace, me, step))) {
            let key = format!("{id} {} {}", waiting.step, waiting.word.text());
            need(key, format!("run {id} step {} {}: {}", waiting.step, waiting.title, waiting.word.text()), false);
        }
    }
    let blocked = model.derived.headline.as_ref().filter(|line| line.weight == Weight::Refused);
    if let Some((run, line)) = model.subject().zip(blocked) {
        need(format!("{} way back", run.id), format!("run {} WAY BACK BLOCKED: {}", run.id, line.text), false);
    }
    let late = model.derived.standing.filter(|s| matches!(s, Standing::Late | Standing::StepLate));
    if let Some((run, standing)) = model.run().filter(|r| !r.ended()).zip(late) {
        need(format!("{} {standing}", run.id), format!("run {}: {standing}", run.id), false);
    }
    all
}

/// Whether a step waits for this person's word.
fn awaits(workspace: &Workspace, me: Option<&PersonName>, step: &Step) -> bool {
    let fills = |role: &_| me.is_some_and(|me| workspace.fills(me, role));
    match &step.work {
        Work::Ask(Question::Release { roles, .. } | Question::Poll { roles, .. }) => roles.iter().any(fills),
        Work::Ask(Question::Approval(slots)) => slots.iter().any(|slot| fills(&slot.role)),
        _ => step.owner.as_ref().is_none_or(|owner| fills(owner) || step.backup.as_ref().is_some_and(fills)),
    }
}

/// The bell and notification of a call, as far as they are wanted.
pub fn bytes(call: &Call, settings: &Settings) -> Vec<u8> {
    let mut out = Vec::new();
    if settings.notify {
        out.extend(format!("\x1b]9;holdpoint: {}\x1b\\", told(&call.text)).into_bytes());
    }
    if settings.bell {
        out.push(0x07);
    }
    out
}

/// What the window is called: where, which run, how it stands.
pub fn title(model: &Model) -> String {
    let Some(run) = model.run().filter(|r| !r.ended()) else {
        return told(&format!("holdpoint {}", model.workspace.name));
    };
    let standing = model.derived.standing.map_or("", Standing::text);
    told(&format!("holdpoint {} run {} {standing}", word(model, run), run.id))
}

fn word(model: &Model, run: &Run) -> &'static str {
    match (model.replay.is_some(), run.takes_back()) {
        (true, _) => "REPLAY",
        (false, true) => "ROLLING BACK",
        (false, false) => "LIVE",
    }
}

/// The sequence that names the window.
pub fn osc2(title: &str) -> Vec<u8> {
    format!("\x1b]2;{}\x1b\\", told(title)).into_bytes()
}

/// A text that may stand within a sequence: harmless, and no end of one.
fn told(text: &str) -> String {
    shortened(&harmless(text), 120)
}
