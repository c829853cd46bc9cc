//! What must be seen for something to be done, and whether an application shows it.
//!
//! Pure. Health that is older than the operation's end says nothing of what it brought.

use super::app::{self, Running};
use super::json::line;
use super::past::{Entry, past};
use super::place::Place;
use super::{there, version};
use serde_json::Value;

/// What must be seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// Auto-sync is on, or off.
    AutoSync(bool),
    /// Nothing is under way.
    Idle,
    /// This entry is what was synced last, and all is well with it.
    Back(Entry),
    /// A sync with this key has ended, or none was needed; and all is well with it.
    Synced {
        /// The key; none when there is nothing to send.
        key: Option<String>,
        /// The version that must be live then.
        version: String,
    },
}

/// What one look showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The effect is there; in words.
    Seen(String),
    /// What was sent is under way; how far it is.
    Going(String),
    /// What was sent has been synced, and is not well.
    Brought(String),
    /// What was sent has ended badly: some of it may be there.
    Failed(String),
    /// Not yet; what it waits for.
    Not(String),
    /// It will not come any more.
    Over(String),
}

/// What an application shows of a goal. `before` is when the newest operation had begun before
/// anything was sent, if something was.
pub fn look(goal: &Goal, place: &Place, app: &Value, before: Option<&str>) -> Look {
    match goal {
        Goal::AutoSync(on) => {
            let is = app::auto_sync(app).is_some();
            let word = if *on { "on" } else { "off" };
            match is == *on {
                true => Look::Seen(format!("auto-sync of {} is {word}", place.words())),
                false => Look::Not(format!("auto-sync of {} is not {word} yet", place.words())),
            }
        }
        Goal::Idle => match app::running(app) {
            None => Look::Seen(format!("nothing is under way at {}", place.words())),
            // What was ended is over, and auto-sync has begun again already.
            Some(running) if before.is_some_and(|before| before != app::began(app)) => {
                Look::Seen(format!("what was under way has ended, and since then {}", running.told()))
            }
            Some(running) => Look::Not(running.told()),
        },
        Goal::Back(entry) => back(entry, place, app, before),
        Goal::Synced { key, version } => synced(key.as_deref(), version, place, app, before),
    }
}

fn back(entry: &Entry, place: &Place, app: &Value, before: Option<&str>) -> Look {
    if let Some(running) = app::running(app) {
        return waits(&running, running.leads_to(entry), app, before);
    }
    let past = past(app, place.image.as_deref());
    // What has begun since ours was sent, as a whole, tells more than what is seen meanwhile.
    let began = before.is_some_and(|before| app::began(app) != before);
    let whole = app.pointer("/status/operationState/operation").is_none_or(|newest| !there::is_partial(newest));
    let there = match began {
        true => whole && there::is_newest(&past, entry),
        false => there::is_there(app, &past, entry, place.image.as_deref()),
    };
    match app::phase(app) {
        "Succeeded" | "" if there => well(&entry.version, false, place, app),
        "Failed" | "Error" if began => failed(app),
        _ if began && !there => Look::Over("another operation took its place".to_owned()),
        _ => Look::Not(format!("{} is not at {} yet", place.words(), entry.version)),
    }
}

fn synced(key: Option<&str>, version: &str, place: &Place, app: &Value, before: Option<&str>) -> Look {
    let Some(key) = key else { return well(version, true, place, app) };
    if let Some(running) = app::running(app) {
        return waits(&running, running.key.as_deref() == Some(key), app, before);
    }
    let newest = app.pointer("/status/operationState/operation").and_then(app::key_of);
    match (newest == Some(key), app::phase(app)) {
        (true, "Succeeded") => well(version, true, place, app),
        (true, _) => failed(app),
        (false, _) if before.is_some_and(|before| app::began(app) != before) => {
            Look::Over("another operation took its place".to_owned())
        }
        (false, _) => Look::Not("the operation has not begun yet".to_owned()),
    }
}

/// What is under way: ours, or in the way of ours.
fn waits(running: &Running, ours: bool, app: &Value, before: Option<&str>) -> Look {
    // Of several servers one may still tell of what had ended when ours was sent.
    let old = before.is_none_or(|before| before == app::began(app) && !app::ended(app::phase(app)));
    match (ours, old) {
        (true, _) => Look::Going(running.told()),
        (false, true) => Look::Not(running.told()),
        (false, false) => Look::Over(format!("something else took its place: {}", running.told())),
    }
}

fn failed(app: &Value) -> Look {
    Look::Failed(format!("it was taken, and it {}: {}", line(app::phase(app)).to_lowercase(), app::message(app)))
}

/// Whether what was brought is well, and is what was meant.
fn well(version: &str, forward: bool, place: &Place, app: &Value) -> Look {
    let health = app::health(app);
    if !app::looked_since(app) && !app::phase(app).is_empty() {
        return Look::Brought("synced; its health has not been looked at since".to_owned());
    }
    // A rollout that waits for a person in the middle is what a deploy was to bring about.
    if health != "Healthy" && !(forward && health == "Suspended") {
        return Look::Brought(format!("synced; it is {}", line(health)));
    }
    if let Some(image) = place.image.as_deref().filter(|_| forward) {
        let live = version::tags(app, image);
        // While a rollout waits in the middle, the version before it runs beside it.
        let there = match live.as_slice() {
            [] => version::live(app, Some(image)) == version,
            [only] => only == version,
            several => health == "Suspended" && several.iter().any(|tag| tag == version),
        };
        if !there {
            let live = if live.is_empty() { version::live(app, Some(image)) } else { live.join(" and ") };
            return Look::Brought(format!("synced, and it runs {live}, not {version}"));
        }
    }
    Look::Seen(format!("{} is at {version} and {}", place.words(), line(health)))
}
