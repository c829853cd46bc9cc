//! One watch of one resource: events as they come, resumed where it ended.
//!
//! The server ends it every so often, as it is asked to; so a connection that is dead
//! and does not know it is found soon, and an end in good order is a sign of life.

use super::super::http::tries::{self, Next};
use super::super::pace;
use super::answer::Unanswered;
use super::ask::encoded;
use super::client::Cluster;
use super::credentials::Worn;
use super::lean::{self, Shape};
use super::object::version;
use futures_util::stream::{self, Stream};
use reqwest::{Method, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How much longer than asked a watch may stay open in silence.
const GRACE: Duration = Duration::from_secs(5);
/// The shortest time between two beginnings of the same watch.
const LEAST: Duration = Duration::from_millis(500);
/// Within what time a connection that is lost was none any more.
const YOUNG: Duration = Duration::from_secs(2);
/// How often one that is refused for now is begun again.
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
    /// An object is gone.
    Deleted(Value),
    /// Nothing happened, and the server said so.
    Alive,
}

/// A watch of `path` from a version on; of each object what `shape` says. After an error it has ended.
pub fn watch(
    cluster: Cluster,
    path: String,
    version: String,
    lasts: Duration,
    shape: &'static Shape,
) -> impl Stream<Item = Result<Event, Unanswered>> + Send {
    let pull = Pull { cluster, path, version, lasts, shape, open: None, began: None, worn: None, wordless: 0 };
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
    shape: &'static Shape,
    open: Option<Lines>,
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
            let end = self.began.unwrap_or_else(Instant::now) + self.lasts + GRACE;
            let silent = || Unanswered::Lost(format!("the watch of {} fell silent", self.path));
            let line = tokio::time::timeout_at(end, lines.next()).await.map_err(|_| silent())??;
            let Some(line) = line else {
                if lines.heard || self.began.is_none_or(|began| began.elapsed() >= self.lasts / 2) {
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
            lines.heard = true;
            self.open = Some(lines);
            if let Some(event) = self.read(&line)? {
                return Ok(event);
            }
        }
    }

    /// Opens it from where it ended. An API that has no time just now is asked again: what it was to say
    /// is not lost, and lists of everything would be more work for it.
    async fn open(&mut self) -> Result<Lines, Unanswered> {
        let (mut refused, mut renewed, mut cut, began) = (0, false, false, Instant::now());
        loop {
            match self.once().await {
                // A connection that was kept may have been closed by the other side just then.
                Err(Unanswered::Lost(_)) if !cut && self.is_young() && self.cluster.way.host.repeat() => cut = true,
                Err(error) if refused < AGAIN && is_for_now(&error) => {
                    refused += 1;
                    let pause = error.patience() + pace::jitter(Duration::from_millis(500 << refused));
                    tokio::time::sleep(pause).await;
                }
                Err(error) if error.unknown_who() && !renewed && self.renews(began) => renewed = true,
                answer => return answer,
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
        Ok(Lines { body: head?, rest: Vec::new(), looked: 0, heard: false })
    }

    fn read(&mut self, line: &[u8]) -> Result<Option<Event>, Unanswered> {
        let nonsense = |e: serde_json::Error| Unanswered::Lost(format!("the watch of {} is no JSON: {e}", self.path));
        let mut said = lean::read(line, self.shape).map_err(nonsense)?;
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

/// Whether the API refuses for now, and not for longer than is waited for.
fn is_for_now(error: &Unanswered) -> bool {
    matches!(error, Unanswered::Api { .. }) && matches!(tries::next(error.outcome()), Next::Again(_))
}

struct Lines {
    body: Response,
    rest: Vec<u8>,
    /// How much of the rest holds no end of a line.
    looked: usize,
    /// Whether it has said anything.
    heard: bool,
}

impl Lines {
    /// The next line; none at an end in good order.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Unanswered> {
        loop {
            let unseen = self.rest.get(self.looked..).unwrap_or_default();
            if let Some(end) = unseen.iter().position(|b| *b == b'\n') {
                let tail = self.rest.split_off(self.looked + end + 1);
                self.looked = 0;
                return Ok(Some(std::mem::replace(&mut self.rest, tail)));
            }
            self.looked = self.rest.len();
            match self.body.chunk().await {
                Ok(Some(piece)) => self.rest.extend_from_slice(&piece),
                Err(e) => {
                    let why = super::super::http::why(&e);
                    return Err(Unanswered::Lost(format!("the watch broke off: {why}")));
                }
                Ok(None) if self.rest.iter().all(u8::is_ascii_whitespace) => return Ok(None),
                Ok(None) => return Err(Unanswered::Lost("the watch ended in the middle of an event".to_owned())),
            }
            if self.rest.len() > LARGEST {
                return Err(Unanswered::Lost("an event of the watch is larger than 8 MiB".to_owned()));
            }
        }
    }
}
