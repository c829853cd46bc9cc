//! What an application's version is: an image's tag, a chart's version, a tag of git, or
//! the first digits of a commit.
//!
//! Pure. What it gives is made harmless.

use super::app::sources;
use super::json::{line, list, text};
use serde_json::Value;

/// The version of an entry of the past, or of anything that has sources and a revision.
pub fn of_entry(entry: &Value, image: Option<&str>) -> String {
    let all = sources(entry);
    let revisions: Vec<String> = match list(entry, "/revisions") {
        [] => vec![text(entry, "/revision").to_owned()],
        several => several.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect(),
    };
    if let Some(tag) = image.and_then(|image| all.iter().find_map(|source| overridden(source, image))) {
        return line(tag);
    }
    // A source that only lends its files to another one says nothing of the version.
    let own = |(_, source): &(usize, &&Value)| !text(source, "/chart").is_empty() || !text(source, "/path").is_empty();
    let (n, source) = all.iter().enumerate().find(own).unwrap_or((0, all.first().unwrap_or(&&Value::Null)));
    line(&of_source(source, revisions.get(n).or(revisions.first()).map_or("", String::as_str)))
}

/// The version that is live: the image's tag where an image is named and runs, else what was
/// synced last.
pub fn live(app: &Value, image: Option<&str>) -> String {
    serving(app, image).0
}

/// The version that is live, and the one that is being rolled out beside it, where the tags that run say so.
pub fn serving(app: &Value, image: Option<&str>) -> (String, Option<String>) {
    let running = image.map(|image| tags(app, image)).unwrap_or_default();
    match running.as_slice() {
        [] => {
            let last = list(app, "/status/history").last();
            (last.map_or_else(|| wanted(app, image), |entry| of_entry(entry, image)), None)
        }
        [only] => (only.clone(), None),
        several => old_and_new(app, image, several),
    }
}

/// Every tag with which an image runs, made harmless. While a new version is rolled out, there are two.
pub fn tags(app: &Value, image: &str) -> Vec<String> {
    let images = list(app, "/status/summary/images").iter().filter_map(Value::as_str);
    let mut all: Vec<String> = Vec::new();
    for tag in images.filter_map(|full| tag(full, image)).map(line) {
        if !all.contains(&tag) {
            all.push(tag);
        }
    }
    all
}

/// Of several tags the new one is what was told last, and the old one what was there before it.
/// Where that cannot be told, all of them are named: none is said to be the one that serves.
fn old_and_new(app: &Value, image: Option<&str>, tags: &[String]) -> (String, Option<String>) {
    let told = super::app::running(app).map(|running| of_sources(&running.sources, image));
    let past = list(app, "/status/history").iter().rev().map(|entry| of_entry(entry, image));
    let mut known: Vec<String> = Vec::new();
    for version in told.into_iter().flatten().chain(past).filter(|version| tags.contains(version)) {
        if !known.contains(&version) {
            known.push(version);
        }
    }
    match known.as_slice() {
        [new, old, ..] => (old.clone(), Some(new.clone())),
        _ => (tags.join(" and "), None),
    }
}

/// The tag that sources put in place of an image's own.
pub fn of_sources(sources: &[Value], image: Option<&str>) -> Option<String> {
    let image = image?;
    sources.iter().find_map(|source| overridden(source, image)).map(line)
}

/// The version that the application is compared with now.
pub fn wanted(app: &Value, image: Option<&str>) -> String {
    let spec = app.get("spec").unwrap_or(&Value::Null);
    let mut entry = serde_json::Map::new();
    for key in ["source", "sources"] {
        entry.extend(spec.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let sync = app.pointer("/status/sync").unwrap_or(&Value::Null);
    for key in ["revision", "revisions"] {
        entry.extend(sync.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    of_entry(&Value::Object(entry), image)
}

/// A revision in short: a commit by its first digits. Not yet harmless.
pub fn short(revision: &str) -> String {
    let commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    revision.get(..7).filter(|_| commit).unwrap_or(revision).to_owned()
}

fn of_source(source: &Value, revision: &str) -> String {
    if !text(source, "/chart").is_empty() {
        return revision.to_owned();
    }
    let target = text(source, "/targetRevision");
    if is_version(target) { target.to_owned() } else { short(revision) }
}

/// The tag that a source puts in place of an image's own, by kustomize.
fn overridden<'a>(source: &'a Value, image: &str) -> Option<&'a str> {
    let all = list(source, "/kustomize/images").iter().filter_map(Value::as_str);
    all.filter_map(|one| {
        let (old, new) = one.split_once('=').unwrap_or((one, one));
        tag(new, image).or_else(|| tag(new, old).filter(|_| old == image)).or_else(|| {
            // `old=new:tag` is about `old`, whatever it is called now.
            (old == image).then(|| split(new).1).flatten()
        })
    })
    .next()
}

/// The tag of a full image, if it is the one that is meant.
fn tag<'a>(full: &'a str, image: &str) -> Option<&'a str> {
    let (name, tag) = split(full);
    (name == image).then_some(tag?)
}

/// An image's name, and its tag where it has one.
fn split(full: &str) -> (&str, Option<&str>) {
    let named = full.split_once('@').map_or(full, |(named, _)| named);
    let slash = named.rfind('/').map_or(0, |at| at + 1);
    match named.get(slash..).and_then(|last| last.find(':')) {
        Some(colon) => (named.get(..slash + colon).unwrap_or(named), named.get(slash + colon + 1..)),
        None => (named, None),
    }
}

/// Whether a target is a version and no branch: digits with dots, with or without a `v`.
fn is_version(target: &str) -> bool {
    let digits = target.strip_prefix('v').unwrap_or(target);
    let core = digits.split(['-', '+']).next().unwrap_or_default();
    let mut parts = core.split('.');
    core.contains('.') && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
