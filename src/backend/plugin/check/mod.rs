//! The conformance kit: what the protocol's page promises of a plugin, tried on one.
//!
//! It talks to the program as a host would, and as a careless one. Nothing is performed unless
//! an operation is named for it: a kit must not deploy anything by itself.

mod all;
mod apart;
mod bench;
mod conform;
mod deeds;
mod fuzz;
mod left;
mod picture;
mod talk;
mod tape;
pub mod transcript;
mod watches;

use super::message::Deed;
use super::process::Launch;
use crate::backend::launcher::Launcher;
use crate::domain::backend::PluginSpec;
use bench::Bench;
use conform::Conform;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use tape::{Names, Notes};
use transcript::{HERE, Head, Line, Told, Transcript};

/// How long an answer may take in the kit.
const SOON: Duration = Duration::from_secs(5);

/// Trials whose answers depend on the moment at which the kit strikes.
const TIMED: [&str; 3] = [CANCEL, LATE, KILLED];
const CANCEL: &str = "$/cancel in mid perform";
const LATE: &str = "perform with little time left";
const KILLED: &str = "killed in mid perform, then probe";

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As the page says.
    Passed,
    /// Not as the page says.
    Failed,
    /// Not tried.
    Skipped,
}

/// One trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What was tried.
    pub what: String,
    /// What came.
    pub came: String,
    /// What the page says.
    pub page: &'static str,
    /// How it ended.
    pub outcome: Outcome,
}

/// What is tried.
pub struct Trial {
    /// How the plugin is started.
    pub launch: Launch,
    /// An operation that may really be performed, as often as the kit likes.
    pub operation: Option<Deed>,
    notes: Notes,
    heard: Receiver<Line>,
}

impl Trial {
    /// A program as a person names it, from `root`; `config` and `operation` are JSON, and where they are not given
    /// those of the transcript that it is held against count. It need not be pinned.
    ///
    /// # Errors
    /// What is no JSON of its kind, in words.
    pub fn new(
        root: &Path,
        argv: Vec<String>,
        config: Option<&str>,
        operation: Option<&str>,
        recorded: Option<&Head>,
        launcher: Launcher,
    ) -> Result<Self, String> {
        let config = config.map(serde_json::from_str).transpose();
        let config: Option<Map<String, Value>> = config.map_err(|e| format!("--config is no JSON object: {e}"))?;
        let operation = operation.map(serde_json::from_str).transpose();
        let operation: Option<Deed> = operation.map_err(|e| format!("--operation cannot be read: {e}"))?;
        let here = root.display().to_string();
        let recorded_config =
            recorded.map(|head| tape::each_text(head.config.clone().into(), &|t| t.replace(HERE, &here)));
        let config = config.or(recorded_config.and_then(|config| config.as_object().cloned())).unwrap_or_default();
        let operation = operation.or(recorded.and_then(|head| head.operation.clone()));
        let (name, root, pass_env, secrets) = ("check".to_owned(), root.to_owned(), Vec::new(), BTreeMap::new());
        let memory = PluginSpec::MEMORY;
        let launch = Launch { name, argv, config, pass_env, secrets, root, launcher, memory, pinned: false };
        let (notes, heard) = Notes::new();
        Ok(Self { launch, operation, notes, heard })
    }
}

/// What a trial gives: what came, if it is as it should be, or else.
type Came = Result<String, String>;

/// A run of the kit: who hears of each trial, and the tape.
struct Run<'a, F> {
    trial: &'a Trial,
    each: F,
    names: Names,
    trials: Vec<Told>,
}

impl<F: FnMut(Tried)> Run<'_, F> {
    /// A trial is over.
    fn told(&mut self, what: &str, page: &'static str, came: Option<Came>) {
        let (lines, left_out) = tape::lines(self.trial.heard.try_iter(), &mut self.names);
        self.trial.notes.anew();
        let outcome = self.say(what.to_owned(), page, came);
        self.trials.push(Told { trial: what.to_owned(), outcome: outcome.word().to_owned(), left_out, lines });
    }

    fn say(&mut self, what: String, page: &'static str, came: Option<Came>) -> Outcome {
        let (outcome, came) = match came {
            Some(Ok(came)) => (Outcome::Passed, came),
            Some(Err(came)) => (Outcome::Failed, came),
            None => (Outcome::Skipped, "not tried".to_owned()),
        };
        (self.each)(Tried { what, came, page, outcome });
        outcome
    }

    /// Whether everything that is said in these trials fits the schema.
    fn conforms(&mut self, what: &str, trials: &[Told]) {
        let conform = Conform::new();
        let wrong = trials.iter().flat_map(|told| {
            let wrong = conform.trial(told).into_iter();
            wrong.map(|wrong| format!("{}: {}", told.trial, crate::domain::text::visible(&wrong)))
        });
        let wrong: Vec<String> = wrong.collect();
        let came = if wrong.is_empty() { Ok("every message fits".to_owned()) } else { Err(first(&wrong, 5, "; ")) };
        self.say(what.to_owned(), "as plugin-schema.json has it", Some(came));
    }

    /// Whether it is as it was recorded.
    fn against(&mut self, recorded: &Transcript, now: &Transcript) {
        const PAGE: &str = "the same in shape and meaning; texts, numbers and times may differ";
        self.conforms("every message of the transcript", &recorded.trials);
        let all = apart::apart(recorded, now, &TIMED);
        let (mut values, mut other) = (BTreeSet::new(), 0usize);
        for (trial, apart) in &all {
            values.extend(apart.values.iter().cloned());
            if !apart.meaning.is_empty() {
                other += 1;
                let came = crate::domain::text::visible(&first(&apart.meaning, 5, "; "));
                self.say(format!("as recorded: {trial}"), PAGE, Some(Err(came)));
            }
        }
        let values: Vec<String> = values.into_iter().collect();
        let differ = match values.is_empty() {
            true => "nothing else differs".to_owned(),
            false => format!("what may differ and does: {}", first(&values, 20, ", ")),
        };
        let same = all.len().saturating_sub(other);
        let came = format!("{same} of {} trials as recorded; {}", all.len(), crate::domain::text::visible(&differ));
        self.say("as recorded".to_owned(), PAGE, Some(if other == 0 { Ok(came) } else { Err(came) }));
    }
}

/// The first few, and how many more there are.
fn first(all: &[String], most: usize, between: &str) -> String {
    let shown = all.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(between);
    let more = all.len().saturating_sub(most);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

impl Outcome {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed => "NOT OK",
            Self::Skipped => "skipped",
        }
    }
}

/// Tries everything, calls `each` as it goes, holds it against what was `recorded`, and gives the transcript.
pub async fn check(trial: &Trial, recorded: Option<&Transcript>, each: impl FnMut(Tried)) -> Transcript {
    let names = Names::of(&trial.launch.root.display().to_string());
    let mut run = Run { trial, each, names, trials: Vec::new() };
    let plugin = run.all().await;
    let trials = std::mem::take(&mut run.trials);
    run.conforms("every message that it said", &trials);
    let config = run.names.put(Value::Object(trial.launch.config.clone()));
    let head = Head::new(plugin, config.as_object().cloned().unwrap_or_default(), trial.operation.clone());
    let now = Transcript { head, trials };
    if let Some(recorded) = recorded {
        run.against(recorded, &now);
    }
    now
}

/// A bench whose plugin has greeted.
async fn greeted(trial: &Trial) -> Result<Bench, String> {
    talk::greeting(trial).await.map(|(bench, _, _)| bench)
}
