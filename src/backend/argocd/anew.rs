//! Having Argo CD compare an application with git anew, and when it has compared it.
//!
//! No more than the right to read is needed for it. Yet where Argo CD acts by itself on what it finds, asking
//! would bring that about: there it is not asked. What does not come back in time is never taken for new.

use super::super::http::Client;
use super::super::http::reach::Reach;
use super::json::time;
use super::place::Place;
use super::{api, app};
use crate::domain::Timestamp;
use crate::domain::span::Span;
use crate::domain::text::shortened;
use chrono::Utc;
use serde_json::Value;
use std::time::Duration;

/// How long somebody who looks waits for it at most: all that is asked for a dialog has ten seconds.
pub const LOOK: Duration = Duration::from_secs(6);
/// How long it is waited for at most before something is sent, which has half a minute to leave.
const SEND: Duration = Duration::from_secs(15);

/// How Argo CD notes that it is to compare anew, until it has.
const ASKED: &str = "argocd.argoproj.io/refresh";

/// How an application came to be compared as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Anew {
    /// By itself: nobody has asked.
    #[default]
    Unasked,
    /// Because it was asked for, and since then.
    Done,
    /// By itself: it is not asked there, and why.
    Spared(&'static str),
    /// By itself: it was asked for and did not come about, and why.
    Missed(String),
}

/// How long it may be waited for before something is sent that may take so long in all, and that has
/// to leave by then.
pub fn before_sending(limit: Span, not_after: Option<Timestamp>) -> Duration {
    let left = not_after.map_or(SEND, |at| Span::between(Utc::now(), at).std() / 2);
    SEND.min(limit.std() / 4).min(left)
}

/// Has an application compared anew, and gives it as it is then; at the latest after `limit`, as it was.
pub async fn compare(client: &Client, place: &Place, app: Value, limit: Duration) -> (Value, Anew) {
    if let Some(why) = acts(&app) {
        return (app, Anew::Spared(why));
    }
    if limit.is_zero() {
        return (app, Anew::Missed("there is no time left to wait for it".to_owned()));
    }
    let asked = api::compared(client, place, app::project(&app), limit);
    match tokio::time::timeout(limit, asked).await {
        Err(_) => {
            let why = format!("it did not come back within {}", Span::millis(millis(limit)));
            (app, Anew::Missed(why))
        }
        Ok(Err(fault)) => (app, Anew::Missed(fault.to_string())),
        Ok(Ok(new)) if !place.is(&new) => {
            let why = format!("what was answered is not {}", place.words());
            (app, Anew::Missed(why))
        }
        Ok(Ok(new)) if is_since(&new, &app) => (new, Anew::Done),
        Ok(Ok(new)) => (new, Anew::Missed("it answered, and has not compared it since".to_owned())),
    }
}

/// Why asking would bring about more than a look.
fn acts(app: &Value) -> Option<&'static str> {
    if app::auto_sync(app).is_some() {
        return Some("auto-sync is on, and would bring at once what is found");
    }
    let writes = app.pointer("/spec/sourceHydrator").is_some_and(Value::is_object);
    writes.then_some("it would write to git as well (sourceHydrator)")
}

/// Whether it was compared since an earlier look, and does not wait to be.
fn is_since(app: &Value, earlier: &Value) -> bool {
    let waits = app.pointer("/metadata/annotations").is_some_and(|all| all.get(ASKED).is_some());
    !waits && time(app, "/status/reconciledAt") > time(earlier, "/status/reconciledAt")
}

/// When it was compared, and why not anew, in words; none where it was, or where nobody asked.
pub fn words(reach: &Reach, app: &Value, anew: &Anew) -> Option<String> {
    let why = match anew {
        Anew::Unasked | Anew::Done => return None,
        Anew::Spared(why) => why,
        Anew::Missed(why) => why.as_str(),
    };
    let at = match time(app, "/status/reconciledAt") {
        None => "when it was compared is not told".to_owned(),
        Some(at) => {
            // By the clock that wrote it.
            let now = Utc::now() + reach.host().skew().unwrap_or_default();
            format!("compared at {} ({} ago)", at.format("%H:%M:%SZ"), Span::secs(Span::between(at, now).as_secs()))
        }
    };
    // What a fault says is harmless already.
    Some(shortened(&format!("{at}, not anew: {why}"), 300))
}

fn millis(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}
