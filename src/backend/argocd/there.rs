//! Whether what an entry of the history holds is what runs.
//!
//! Pure. That it is the newest entry does not say so: a sync of some resources leaves no
//! entry (argo-cd#628), and neither does a change by hand. Where it cannot be told, it is not.

use super::app::{self, sources};
use super::json::{list, text};
use super::past::Entry;
use super::version;
use serde_json::Value;

/// Whether an application runs an entry, all of it, as far as what was told and what is seen say.
pub fn is_there(app: &Value, past: &[Entry], entry: &Entry, image: Option<&str>) -> bool {
    is_newest(past, entry)
        && is_unchanged(app, entry)
        && tags(app, entry, image).is_none_or(|(tag, live)| live == [tag])
}

/// The same while what was there before may still run beside it: it was told, and nothing has changed it.
pub fn is_coming(app: &Value, past: &[Entry], entry: &Entry, image: Option<&str>) -> bool {
    is_newest(past, entry)
        && is_unchanged(app, entry)
        && tags(app, entry, image).is_none_or(|(tag, live)| live.contains(&tag))
}

/// Whether an entry holds what was synced last as a whole.
pub fn is_newest(past: &[Entry], entry: &Entry) -> bool {
    past.first().is_some_and(|now| now.same(entry))
}

/// Whether the newest operation was about some resources only.
pub fn is_partial(operation: &Value) -> bool {
    !list(operation, "/sync/resources").is_empty()
}

/// Whether nothing has been brought since that the history does not tell of.
fn is_unchanged(app: &Value, entry: &Entry) -> bool {
    if is_compared(app, entry) {
        return app::sync(app) == "Synced" || is_left_over(app);
    }
    app.pointer("/status/operationState/operation").is_none_or(|newest| !is_partial(newest))
}

/// Whether its comparison is with this very entry, and newer than the newest operation.
fn is_compared(app: &Value, entry: &Entry) -> bool {
    let compared = app.pointer("/status/sync/comparedTo").filter(|to| !sources(to).is_empty()).or(app.get("spec"));
    app::looked_since(app)
        && app::revision(app, "/status/sync") == entry.revision
        && compared.is_some_and(|to| sources(to).into_iter().eq(&entry.sources))
}

/// Whether all that differs is what is there beyond the entry and was not to be deleted.
fn is_left_over(app: &Value) -> bool {
    let differs = |one: &&Value| text(one, "/status") == "OutOfSync";
    let mut all = list(app, "/status/resources").iter().filter(differs).peekable();
    all.peek().is_some() && all.all(|one| one.get("requiresPruning") == Some(&Value::Bool(true)))
}

/// The tag that an entry puts in place of an image's own, and those that run; none where that is not told.
fn tags(app: &Value, entry: &Entry, image: Option<&str>) -> Option<(String, Vec<String>)> {
    let tag = version::of_sources(&entry.sources, image)?;
    let live = version::tags(app, image?);
    (!live.is_empty()).then_some((tag, live))
}
