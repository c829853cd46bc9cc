//! One watch of one resource: events as they come, resumed where it ended.
//!
//! The server ends it every so often, as it is asked to; so a connection that is dead
//! and does not know it is found soon, and an end in good order is a sign of life.

use super::super::http::Lines;
use super::super::http::tries::{self, Next};
use super::super::pace;
use super::answer::Unanswered;
use super::ask::encoded;
use super::client::Cluster;
use super::credentials::Worn;
use super::glance::{self, Well};
use super::lean;
use super::object::version;
use futures_util::stream::{self, Stream};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How much longer than asked a watch may stay open in silence.
const GRACE: Duration = Duration::from_secs(5);
/// The shortest time between two beginnings of the same watch.
const LEAST: Duration = Duration::from_millis(500);
/// Within what time a connection that is lost was none any more.
const YOUNG: Duration = Duration::from_secs(2);
/// How often one that is refused for now, or whose kept connections turn out to be closed, is begun again.
const AGAIN: u32 = 2;
/// How often a watch may end too soon without a word.
const WORDLESS: u32 = 5;
/// The largest event that is taken.
const LARGEST: usize = 8 << 20;

/// What a watch says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An object is new or changed.
    Applied(Value),
    /// A pod is new or changed, and entirely well.
    Well(Well),
    /// An object is gone.
    Deleted(Value),
    /// Nothing happened, and the server said so.
    Alive,
}

/// A watch of `path`, a collection of `resource`, from a version on. After an error it has ended.
pub fn watch(
    cluster: Cluster,
    path: String,
    version: String,
    lasts: Duration,
    resource: &'static str,
) -> impl Stream<Item = Result<Event, Unanswered>> + Send {
    let pull =
        Pull { cluster, path, version, lasts, resource, open: None, heard: None, began: None, worn: None, wordless: 0 };
    stream::unfold(Some(pull), |pull| async {
        let mut pull = pull?;
        match pull.next().await {
            Ok(event) => Some((Ok(event), Some(pull))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

struct Pull {
    cluster: Cluster,
    path: String,
    version: String,
    lasts: Duration,
    resource: &'static str,
    open: Option<Lines>,
    /// When what is open said something last.
    heard: Option<Instant>,
    began: Option<Instant>,
    /// What it was asked with last.
    worn: Option<Worn>,
    /// How often in a row it has ended too soon without a word.
    wordless: u32,
}

impl Pull {
    async fn next(&mut self) -> Result<Event, Unanswered> {
        loop {
            let mut lines = match self.open.take() {
                Some(lines) => lines,
                None => self.open().await?,
            };
            let asked = self.began.unwrap_or_else(Instant::now) + self.lasts;
            let end = self.heard.map_or(asked, |heard| heard.max(asked)) + GRACE;
            let silent = || Unanswered::Lost(format!("the watch of {} fell silent", self.path));
            let line = tokio::time::timeout_at(end, lines.next()).await.map_err(|_| silent())?;
            let line = line.map_err(|fault| Unanswered::Lost(fault.to_string()))?;
            let Some(line) = line else {
                if self.heard.is_some() || self.began.is_none_or(|began| began.elapsed() >= self.lasts / 2) {
                    self.wordless = 0;
                    return Ok(Event::Alive);
                }
                // Whatever stands between may answer so without having asked anybody.
                self.wordless += 1;
                if self.wordless >= WORDLESS {
                    return Err(Unanswered::Lost(format!("the watch of {} ends at once and says nothing", self.path)));
                }
                continue;
            };
            self.heard = Some(Instant::now());
            let event = self.read(line)?;
            self.open = Some(lines);
            if let Some(event) = event {
                return Ok(event);
            }
        }
    }

    /// Opens it from where it ended. An API that has no time just now is asked again: what it was to say
    /// is not lost, and lists of everything would be more work for it.
    async fn open(&mut self) -> Result<Lines, Unanswered> {
        let (mut refused, mut renewed, mut cut, began) = (0, false, 0, Instant::now());
        loop {
            match self.once().await {
                // A connection that was kept may have been closed by the other side just then.
                Err(Unanswered::Lost(_)) if cut < AGAIN && self.is_young() && self.cluster.way.host.repeat() => {
                    cut += 1
                }
                Err(error) if error.unknown_who() && !renewed && self.renews(began) => renewed = true,
                Err(error) => {
                    let Some(least) = is_for_now(&error).filter(|_| refused < AGAIN) else { return Err(error) };
                    refused += 1;
                    tokio::time::sleep(least + pace::jitter(Duration::from_millis(500 << refused))).await;
                }
                Ok(lines) => return Ok(lines),
            }
        }
    }

    /// Whether there are credentials beside those that it was asked with.
    fn renews(&self, began: Instant) -> bool {
        self.worn.as_ref().is_some_and(|worn| self.cluster.way.credentials.renews(worn, began))
    }

    /// Whether it began a moment ago.
    fn is_young(&self) -> bool {
        self.began.is_some_and(|began| began.elapsed() < YOUNG)
    }

    async fn once(&mut self) -> Result<Lines, Unanswered> {
        if let Some(began) = self.began {
            tokio::time::sleep_until(began + LEAST).await;
        }
        let seconds = self.lasts.as_secs().clamp(1, 290);
        let (path, version) = (&self.path, encoded(&self.version));
        let query = format!("watch=1&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={version}");
        let asked = self.cluster.asked(Method::GET, &format!("{path}?{query}")).await?;
        self.worn = Some(asked.worn.clone());
        match self.began {
            None => self.cluster.admitted(false).await?,
            Some(_) => self.cluster.readmitted().await?,
        }
        self.began = Some(Instant::now());
        let (late, began) =
            (|| Unanswered::Lost(format!("the watch of {path} did not begin")), std::time::Instant::now());
        let head = tokio::time::timeout(super::ask::READ, self.cluster.send(asked)).await;
        let head = head.unwrap_or_else(|_| Err(late()));
        self.cluster.went(head.as_ref().map(drop), began);
        self.heard = None;
        Ok(Lines::of(head?, LARGEST, format!("the watch of {path}")))
    }

    fn read(&mut self, line: &[u8]) -> Result<Option<Event>, Unanswered> {
        if let Some(well) = Some(line).filter(|_| self.resource == "pods").and_then(glance::of) {
            self.version.clone_from(&well.version);
            return Ok(Some(Event::Well(well)));
        }
        let nonsense = |e: serde_json::Error| Unanswered::Lost(format!("the watch of {} is no JSON: {e}", self.path));
        let mut said = lean::read(line, lean::event(self.resource)).map_err(nonsense)?;
        let object = said.get_mut("object").map(Value::take).unwrap_or_default();
        let kind = said.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind == "ERROR" {
            let code = object.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
            return Err(Unanswered::api(code.unwrap_or(500), object.to_string().as_bytes(), None));
        }
        let seen = version(&object);
        if !seen.is_empty() {
            self.version = seen.to_owned();
        }
        Ok(match kind {
            "ADDED" | "MODIFIED" => Some(Event::Applied(object)),
            "DELETED" => Some(Event::Deleted(object)),
            "BOOKMARK" => Some(Event::Alive),
            // A word of a newer server: passed over, it claims nothing that we know.
            _ => None,
        })
    }
}

/// How long the API refuses, where it does so for now and not for longer than is waited for.
fn is_for_now(error: &Unanswered) -> Option<Duration> {
    match (error, tries::next(error.outcome())) {
        (Unanswered::Api { .. }, Next::Again(least)) => Some(least),
        _ => None,
    }
}
