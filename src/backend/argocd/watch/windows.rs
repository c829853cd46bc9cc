//! Watches the sync windows of the declared applications, as their projects declare them.
//!
//! What each application is, is looked at now and then; the windows every interval, so that their
//! age is known. Where the token may not read a project, each application tells whether it has
//! windows at all; when those are on it does not tell, so that stays unread, which is never open. Where its
//! clock and ours do not agree, none of them is read.

use super::super::super::http::Client;
use super::super::super::http::reach::clock;
use super::super::super::{Fault, pace};
use super::super::json::{line, list, text};
use super::super::place::Place;
use super::super::windows::{self, rule};
use super::super::{Declared, api, app};
use crate::domain::Timestamp;
use crate::domain::observed::{Observation, Placed};
use crate::domain::window::{Window, Windows};
use chrono::{TimeDelta, Utc};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How far ahead windows are expanded, and how far back, so that one that is on has a beginning.
const AHEAD: TimeDelta = TimeDelta::days(35);
const BACK: TimeDelta = TimeDelta::days(1);
/// After so long they are expanded anew, though nothing has changed.
const KEPT: TimeDelta = TimeDelta::hours(1);
/// How many times windows are read before the applications are looked at again.
const ROUNDS: u32 = 30;
/// The most windows that a project may have.
const MOST: usize = 500;
/// How long to wait after the token was refused, at most.
const REFUSED: Duration = Duration::from_secs(60);

/// The windows, for ever.
pub fn windows(declared: Arc<Declared>) -> impl Stream<Item = Result<Observation, Fault>> + Send {
    let watch = Watch { declared, apps: None, kept: None, next: Instant::now(), faults: 0 };
    stream::unfold(watch, |mut watch| async {
        tokio::time::sleep_until(watch.next).await;
        let seen = watch.round().await;
        watch.pace(&seen);
        Some((seen.map(Observation::Windows), watch))
    })
}

struct Watch {
    declared: Arc<Declared>,
    apps: Option<Apps>,
    kept: Option<Kept>,
    next: Instant,
    faults: u32,
}

/// What of each application windows are matched by; for how many rounds more.
struct Apps {
    found: BTreeMap<Placed, Value>,
    rounds: u32,
}

/// What windows were expanded from, and what came of it.
struct Kept {
    told: BTreeMap<Placed, Told>,
    at: Timestamp,
    windows: Arc<Windows>,
}

/// The windows that a place's project declares with the application they may be about, or why
/// they are not known.
type Told = Result<(Value, Arc<Vec<Value>>), String>;

impl Watch {
    async fn round(&mut self) -> Result<Arc<Windows>, Fault> {
        let client = self.declared.reach.watching()?;
        if self.apps.as_ref().is_none_or(|apps| apps.rounds == 0) {
            self.apps = Some(self.look(&client).await?);
        }
        let mut told = BTreeMap::new();
        let mut projects = BTreeMap::new();
        let mut again = false;
        for (placed, place) in &self.declared.places {
            let Some(app) = self.apps.as_ref().and_then(|apps| apps.found.get(placed)) else {
                again = true;
                told.insert(placed.clone(), Err(format!("{} is not there", place.words())));
                continue;
            };
            let project = app::project(app);
            if !projects.contains_key(project) {
                projects.insert(project.to_owned(), of_project(&client, project).await?);
            }
            let windows = match projects.get(project) {
                Some(Ok(all)) => Ok(Arc::clone(all)),
                Some(Err(why)) => of_application(&client, place, project, why).await?,
                None => continue,
            };
            told.insert(placed.clone(), windows.map(|all| (app.clone(), all)));
        }
        let nameless = self.declared.nameless.iter();
        told.extend(nameless.map(|(placed, scope)| {
            (placed.clone(), Err(line(&format!("`{scope}`, where it is deployed, names no application"))))
        }));
        let clock = clock(self.declared.reach.host());
        if !clock.ok {
            let why = format!("{}: whether a window is on there is not known", clock.text);
            told.values_mut().for_each(|told| *told = Err(why.clone()));
        }
        if let Some(apps) = &mut self.apps {
            apps.rounds = if again { 0 } else { apps.rounds.saturating_sub(1) };
        }
        Ok(self.expanded(told, Utc::now()))
    }

    /// What each application is.
    async fn look(&self, client: &Client) -> Result<Apps, Fault> {
        let all = api::list(client, &self.declared).await?;
        super::rows(&self.declared, &all)?;
        let found = self.declared.places.iter().filter_map(|(placed, place)| {
            let app = list(&all, "/items").iter().find(|app| place.is(app))?;
            let kept = json!({
                "metadata": { "name": app.pointer("/metadata/name") },
                "spec": { "project": app.pointer("/spec/project"), "destination": app.pointer("/spec/destination") },
            });
            Some((placed.clone(), kept))
        });
        Ok(Apps { found: found.collect(), rounds: ROUNDS })
    }

    /// What was told as instants; the same as before where nothing has changed.
    fn expanded(&mut self, told: BTreeMap<Placed, Told>, now: Timestamp) -> Arc<Windows> {
        let fresh = |kept: &&Kept| kept.told == told && (kept.at..kept.at + KEPT).contains(&now);
        if let Some(kept) = self.kept.as_ref().filter(fresh) {
            return Arc::clone(&kept.windows);
        }
        let windows = Arc::new(expand(&told, now));
        self.kept = Some(Kept { told, at: now, windows: Arc::clone(&windows) });
        windows
    }

    fn pace(&mut self, seen: &Result<Arc<Windows>, Fault>) {
        let every = self.declared.every;
        self.next = match seen {
            Ok(_) => {
                self.faults = 0;
                Instant::now() + every.std()
            }
            Err(fault) => {
                self.apps = None;
                self.faults = self.faults.saturating_add(1);
                match fault {
                    Fault::Refused { .. } => Instant::now() + every.std().saturating_mul(8).min(REFUSED),
                    _ => self.declared.reach.host().sooner(pace::next(Instant::now(), every, self.faults)),
                }
            }
        };
    }
}

/// What a project and those that stand above it declare; why not, where that is refused.
async fn of_project(client: &Client, name: &str) -> Result<Result<Arc<Vec<Value>>, String>, Fault> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if !name.chars().all(plain) || name.starts_with('.') {
        return Ok(Err(line(&format!("`{name}` is no name of a project"))));
    }
    let path = format!("/api/v1/projects/{name}");
    let own = api::named(client, &path).await;
    let above = match &own {
        Ok(_) => api::named(client, &format!("{path}/globalprojects")).await,
        Err(_) => Ok(Value::Null),
    };
    let (own, above) = match (own, above) {
        (Ok(own), Ok(above)) => (own, above),
        (Err(Fault::Refused { why, .. }), _) | (_, Err(Fault::Refused { why, .. })) => return Ok(Err(why)),
        (Err(fault), _) | (_, Err(fault)) => return Err(fault),
    };
    if text(&own, "/metadata/name") != name {
        return Err(Fault::Lost { why: format!("what was answered is not project {name}"), output: None });
    }
    let projects = std::iter::once(&own).chain(list(&above, "/items"));
    let all: Vec<Value> = projects.flat_map(|project| list(project, "/spec/syncWindows")).cloned().collect();
    Ok(if all.len() > MOST {
        Err(format!("project {name} has more than {MOST} sync windows"))
    } else {
        Ok(Arc::new(all))
    })
}

/// Whether an application has windows at all, where its project is not told; `why` it is not.
async fn of_application(
    client: &Client,
    place: &Place,
    project: &str,
    why: &str,
) -> Result<Result<Arc<Vec<Value>>, String>, Fault> {
    let said = api::part(client, place, project, "syncwindows").await?;
    let windows = windows::Windows::read(&said);
    Ok(match (windows.all.is_empty(), windows.open) {
        (true, true) => Ok(Arc::new(Vec::new())),
        _ => Err(format!("it has sync windows ({}), and when they are on is not told: {why}", windows.all.join("; "))),
    })
}

/// The windows that are about any of the places, as instants.
fn expand(told: &BTreeMap<Placed, Told>, now: Timestamp) -> Windows {
    let (from, until) = (now - BACK, now + AHEAD);
    let mut unread: BTreeMap<Placed, String> = BTreeMap::new();
    // The same declaration of the same project is one window; which project, its list says.
    let mut about: Vec<(&Value, BTreeSet<Placed>)> = Vec::new();
    for (placed, told) in told {
        match told {
            Err(why) => drop(unread.insert(placed.clone(), why.clone())),
            Ok((app, all)) => {
                for window in all.iter().filter(|window| rule::covers(window, app)) {
                    match about.iter_mut().find(|(known, _)| *known == window) {
                        Some((_, places)) => drop(places.insert(placed.clone())),
                        None => about.push((window, BTreeSet::from([placed.clone()]))),
                    }
                }
            }
        }
    }
    let mut all = Vec::new();
    for (window, places) in about {
        match (rule::spans(window, from, until), rule::kind(window)) {
            (Ok(spans), Some(kind)) => {
                let (title, people) = (rule::title(window), rule::people(window));
                all.push(Window { title, kind, people, places, spans });
            }
            // Argo CD does not heed what is neither.
            (Ok(_), None) => {}
            (Err(why), _) => unread.extend(places.into_iter().map(|placed| (placed, why.clone()))),
        }
    }
    Windows::of(all, unread, (from, until)).and_of(told.keys().cloned())
}
