//! What was deployed before, as far as Argo CD keeps it.
//!
//! Pure. Partial syncs leave no entry, so what they brought is not in it (argo-cd#628).

use super::app::{revision, sources};
use super::json::{line, list, number, text, time};
use super::version::of_entry;
use crate::domain::span::Span;
use serde_json::Value;

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number; the highest is the newest.
    pub id: i64,
    /// Its version, made harmless.
    pub version: String,
    /// The revision, or those of several sources.
    pub revision: String,
    /// What it was made from.
    pub sources: Vec<Value>,
    /// Who brought it, made harmless; empty where that is not known.
    pub by: String,
    /// When it was there, as the server writes it.
    pub at: Option<crate::domain::Timestamp>,
    /// How long it took.
    pub took: Option<Span>,
}

impl Entry {
    /// Whether another entry holds the same.
    pub fn same(&self, other: &Self) -> bool {
        self.revision == other.revision && self.sources == other.sources
    }
}

/// Everything that is kept, newest first.
pub fn past(app: &Value, image: Option<&str>) -> Vec<Entry> {
    let mut all: Vec<Entry> = list(app, "/status/history").iter().filter_map(|entry| read(entry, image)).collect();
    all.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.id));
    all
}

fn read(entry: &Value, image: Option<&str>) -> Option<Entry> {
    let at = time(entry, "/deployedAt");
    let took = time(entry, "/deployStartedAt").zip(at).map(|(began, at)| Span::between(began, at));
    let by = match entry.pointer("/initiatedBy/automated") {
        Some(Value::Bool(true)) => "auto-sync".to_owned(),
        _ => line(text(entry, "/initiatedBy/username")),
    };
    Some(Entry {
        // The first entry's number is 0, which some gateways leave out.
        id: if entry.get("id").is_some() { number(entry, "/id")? } else { 0 },
        version: of_entry(entry, image),
        revision: revision(entry, ""),
        sources: sources(entry).into_iter().cloned().collect(),
        by,
        at,
        took,
    })
}

/// What can be returned to, newest first, each by its [`name`]; the older of two that are the same with its id.
pub fn names(all: &[Entry]) -> Vec<String> {
    let Some(now) = all.first() else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    for entry in all.iter().filter(|entry| !entry.same(now)) {
        let name = name(all, entry);
        names.push(if names.contains(&name) { format!("{}#{}", entry.version, entry.id) } else { name });
    }
    names
}

/// What leads to an entry and to nothing else, now and later: its version, or `version#id` where
/// other entries have that version and are not the same.
pub fn name(all: &[Entry], entry: &Entry) -> String {
    let shared = all.iter().any(|other| other.version == entry.version && !other.same(entry));
    if shared { format!("{}#{}", entry.version, entry.id) } else { entry.version.clone() }
}

/// The entry that `to` means: a version, the beginning of a commit, `version#id` or `#id`. Of
/// several the newest: what is there now is not taken further back.
///
/// # Errors
/// Why there is none, and what there is.
pub fn find<'a>(all: &'a [Entry], to: &str) -> Result<&'a Entry, String> {
    let known = || match names(all) {
        names if names.is_empty() => "no earlier one is kept".to_owned(),
        names => format!("kept are {}", names.join(", ")),
    };
    if let Some((version, id)) = to.rsplit_once('#').and_then(|(v, n)| Some((v, n.parse::<i64>().ok()?))) {
        let found = all.iter().find(|entry| entry.id == id && (version.is_empty() || entry.version == version));
        return found.ok_or_else(|| format!("its history has no {}; {}", line(to), known()));
    }
    let commit = to.len() >= 7 && to.bytes().all(|b| b.is_ascii_hexdigit());
    let meant = |entry: &&Entry| entry.version == to || (commit && entry.revision.starts_with(to));
    all.iter().find(meant).ok_or_else(|| format!("its history has no version {}; {}", line(to), known()))
}
