//! An application as the server tells of it: auto-sync, what is under way, how it is.
//!
//! Pure. Words that a newer server adds count as neither finished nor well.

use super::json::{line, list, text, time};
use super::past::Entry;
use super::place::Place;
use crate::domain::Timestamp;
use crate::domain::left_off::LeftOff;
use serde_json::Value;

/// The annotation that says who switched auto-sync off, and what it was: JSON with
/// `key`, `at` and `was`.
pub const MARK: &str = "holdpoint/auto-sync-off";
/// The name under which an operation carries our key.
pub const KEY: &str = "holdpoint";

/// An operation that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// What it syncs to, as the server has it.
    pub revision: String,
    /// What it syncs from: its own sources, or those of the application where it names none.
    pub sources: Vec<Value>,
    /// Whether auto-sync began it.
    pub automated: bool,
    /// Who began it, made harmless.
    pub by: String,
    /// Since when, where it says so.
    pub since: Option<Timestamp>,
    /// Its phase and message, made harmless.
    pub words: String,
    /// Our key, when it is ours.
    pub key: Option<String>,
    /// Whether it is about some resources only.
    pub partial: bool,
}

/// Its project.
pub fn project(app: &Value) -> &str {
    match text(app, "/spec/project") {
        "" => "default",
        project => project,
    }
}

/// Argo CD's own namespace, where it says so.
pub fn home(app: &Value) -> &str {
    text(app, "/status/controllerNamespace")
}

/// The options of auto-sync, when it is on.
pub fn auto_sync(app: &Value) -> Option<&Value> {
    let automated = app.pointer("/spec/syncPolicy/automated").filter(|automated| automated.is_object())?;
    (automated.get("enabled") != Some(&Value::Bool(false))).then_some(automated)
}

/// Whether it undoes by itself what is changed in the cluster.
pub fn self_heals(app: &Value) -> bool {
    auto_sync(app).is_some_and(|automated| automated.get("selfHeal") == Some(&Value::Bool(true)))
}

/// What we noted when we switched auto-sync off.
pub fn mark(app: &Value) -> Option<Value> {
    let noted = app.pointer("/metadata/annotations")?.get(MARK)?.as_str()?;
    serde_json::from_str(noted).ok().filter(Value::is_object)
}

/// Whether an operation of this key switched auto-sync off, and it still is.
pub fn marked_by(app: &Value, key: &str) -> bool {
    auto_sync(app).is_none() && mark(app).is_some_and(|mark| text(&mark, "/key") == key)
}

/// That auto-sync is still off because we switched it off; for as long as it is.
pub fn left_off(place: &Place, app: &Value) -> Option<LeftOff> {
    let mark = mark(app).filter(|_| auto_sync(app).is_none())?;
    let (since, key) = (time(&mark, "/at"), line(text(&mark, "/key")));
    Some(LeftOff { since, what: "auto-sync".to_owned(), of: place.words(), key })
}

/// The same in words.
pub fn banner(place: &Place, app: &Value) -> Option<String> {
    left_off(place, app).map(|off| off.words())
}

/// Whether it is being deleted.
pub fn deleting(app: &Value) -> bool {
    !text(app, "/metadata/deletionTimestamp").is_empty()
}

/// The word for its health.
pub fn health(app: &Value) -> &str {
    match text(app, "/status/health/status") {
        "" => "Unknown",
        word => word,
    }
}

/// The word for how it compares with git.
pub fn sync(app: &Value) -> &str {
    match text(app, "/status/sync/status") {
        "" => "Unknown",
        word => word,
    }
}

/// The phase of the newest operation that has begun; empty when there was none.
pub fn phase(app: &Value) -> &str {
    text(app, "/status/operationState/phase")
}

/// Whether a phase is one that an operation ends in.
pub fn ended(phase: &str) -> bool {
    matches!(phase, "Succeeded" | "Failed" | "Error" | "")
}

/// When the newest operation began, as the server writes it: what tells two operations apart.
pub fn began(app: &Value) -> &str {
    text(app, "/status/operationState/startedAt")
}

/// What the newest operation said, made harmless.
pub fn message(app: &Value) -> String {
    line(text(app, "/status/operationState/message"))
}

/// Our key in an operation, if it has one.
pub fn key_of(operation: &Value) -> Option<&str> {
    let ours = list(operation, "/info").iter().find(|info| text(info, "/name") == KEY)?;
    Some(text(ours, "/value")).filter(|key| !key.is_empty())
}

/// The revision, or the revisions of several sources, below a pointer.
pub fn revision(object: &Value, pointer: &str) -> String {
    let several = list(object, &format!("{pointer}/revisions"));
    if several.is_empty() {
        return text(object, &format!("{pointer}/revision")).to_owned();
    }
    several.iter().map(|one| one.as_str().unwrap_or_default()).collect::<Vec<_>>().join(",")
}

/// What is under way or waits to begin.
pub fn running(app: &Value) -> Option<Running> {
    let state = app.pointer("/status/operationState").filter(|_| !ended(phase(app)));
    let waiting = app.get("operation").filter(|operation| operation.is_object());
    let operation = state.and_then(|state| state.get("operation")).or(waiting)?;
    let automated = operation.pointer("/initiatedBy/automated") == Some(&Value::Bool(true));
    let by = if automated { "auto-sync".to_owned() } else { line(text(operation, "/initiatedBy/username")) };
    let words = match state {
        Some(_) => {
            [line(phase(app)), message(app)].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(": ")
        }
        None => "waits to begin".to_owned(),
    };
    let revision = revision(operation, "/sync");
    let own = operation.get("sync").map(sources).filter(|own| !own.is_empty());
    let sources = own.unwrap_or_else(|| app.get("spec").map(sources).unwrap_or_default());
    let sources = sources.into_iter().cloned().collect();
    let since = state.and_then(|state| time(state, "/startedAt"));
    let (key, partial) = (key_of(operation).map(str::to_owned), super::there::is_partial(operation));
    Some(Running { revision, sources, automated, by, since, words, key, partial })
}

impl Running {
    /// Whether it leads to what an entry holds, all of it.
    pub fn leads_to(&self, entry: &Entry) -> bool {
        !self.partial && self.points_to(entry)
    }

    /// Whether it is made from what an entry was made from. One commit may hold several versions, by
    /// tags in the sources, so the revision alone does not say.
    pub fn points_to(&self, entry: &Entry) -> bool {
        self.revision == entry.revision && self.sources == entry.sources
    }

    /// Whether it is the one that was seen earlier, which may only have waited to begin then.
    pub fn is(&self, earlier: &Self) -> bool {
        let began = earlier.since.is_none() || self.since == earlier.since;
        began
            && (&self.revision, &self.sources, &self.key, &self.by)
                == (&earlier.revision, &earlier.sources, &earlier.key, &earlier.by)
    }

    /// In words: what it is, who began it, and how it stands.
    pub fn told(&self) -> String {
        let to = if self.revision.is_empty() { "what git holds".to_owned() } else { line(&self.revision) };
        let by = if self.by.is_empty() { String::new() } else { format!(" by {}", self.by) };
        let since = self.since.map(|at| at.format(" since %H:%M:%SZ").to_string()).unwrap_or_default();
        let what = if self.partial { "a sync of some resources" } else { "a sync" };
        format!("{what} to {to}{by} is under way{since} ({})", self.words)
    }
}

/// Whether Argo CD has looked at the application since its newest operation ended: its
/// health is older than that otherwise.
pub fn looked_since(app: &Value) -> bool {
    match (time(app, "/status/reconciledAt"), time(app, "/status/operationState/finishedAt")) {
        (Some(looked), Some(finished)) => looked >= finished,
        _ => false,
    }
}

/// The sources that an application or an entry of its past has.
pub fn sources(of: &Value) -> Vec<&Value> {
    let several = of.get("sources").and_then(Value::as_array).filter(|all| !all.is_empty());
    match several {
        Some(all) => all.iter().collect(),
        None => of.get("source").filter(|source| source.is_object()).into_iter().collect(),
    }
}
