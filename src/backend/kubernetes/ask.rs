//! Requests to the API: JSON in, JSON out, each with a limit of time and size.
//!
//! Reads are repeated as every other adapter's are: within the host's budget, with full jitter, and as patient
//! as the API asks; while it fails, watches leave it alone and people do not. `change` sends once, whatever happens.

use super::super::http::{backoff, breaker, host, tries};
use super::answer::Unanswered;
use super::client::Cluster;
use super::credentials::Worn;
use super::lean::{self, Shape};
use super::open::Opened;
use crate::domain::Timestamp;
use chrono::Utc;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use tries::{MOST, Next, PATIENCE};

const JSON: &str = "application/json";
/// An object without what it holds. A server that cannot leave that out refuses it (406).
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/// How long one read may take.
pub const READ: Duration = Duration::from_secs(10);
/// The largest answer that is taken.
const LARGEST: usize = 32 << 20;
/// The largest refusal that is taken.
const LARGEST_NO: usize = 1 << 20;
/// How many objects a page of a list holds.
const PAGE: u32 = 500;
/// How many pages are read of one list.
const PAGES: usize = 200;
/// How large all pages of a list that is kept whole may be together.
const WHOLE: usize = 128 << 20;

/// All objects of a list, and the version it was read at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The objects.
    pub items: Vec<Value>,
    /// From where a watch goes on; opaque.
    pub version: String,
}

/// A list that is read page by page.
pub struct Pages<'a> {
    cluster: &'a Cluster,
    path: &'a str,
    query: &'a str,
    shape: &'static Shape,
    /// What the next page is asked for by; none after the last.
    token: Option<String>,
    read: usize,
    /// How many bytes all pages so far have.
    size: usize,
    /// From where a watch goes on, once all of it is read; opaque.
    pub version: String,
}

impl Pages<'_> {
    /// The objects of the next page; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, Unanswered> {
        let path = self.path;
        let Some(token) = self.token.take() else { return Ok(None) };
        if self.read >= PAGES {
            return Err(Unanswered::TooMuch(format!("{path} has more than {PAGES} pages")));
        }
        let asked = format!("{path}?limit={PAGE}&continue={token}&{}", self.query);
        let bytes = self.cluster.read_bytes(&asked).await?;
        (self.read, self.size) = (self.read + 1, self.size.saturating_add(bytes.len()));
        let mut page = lean::read(&bytes, self.shape).map_err(|e| no_json(&e))?;
        let word = |key: &str| page.pointer(key).and_then(Value::as_str).unwrap_or_default();
        self.version = word("/metadata/resourceVersion").to_owned();
        self.token = Some(encoded(word("/metadata/continue"))).filter(|token| !token.is_empty());
        match page.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(Value::Null) => Ok(Some(Vec::new())),
            _ => Err(Unanswered::Lost(format!("the answer to {path} is no list"))),
        }
    }
}

impl Cluster {
    /// Reads one object or answer.
    pub async fn read(&self, path: &str) -> Result<Value, Unanswered> {
        json(&self.read_bytes(path).await?)
    }

    /// Reads what is no JSON.
    pub async fn read_bytes(&self, path: &str) -> Result<Vec<u8>, Unanswered> {
        self.bytes(path, How::default()).await
    }

    /// Reads what the API has from behind it, such as a log out of a node, at most so many bytes: whatever is answered,
    /// it says nothing of the API.
    pub async fn read_behind(&self, path: &str, largest: usize) -> Result<Vec<u8>, Unanswered> {
        self.bytes(path, How { behind: Some(largest), ..How::default() }).await
    }

    /// Reads that an object is there, by its name: what it holds is not even sent, so that it may be a secret.
    pub async fn read_name(&self, path: &str) -> Result<Value, Unanswered> {
        let bytes = self.bytes(path, How { bare: true, ..How::default() }).await?;
        lean::read(&bytes, &lean::NAME).map_err(|e| no_json(&e))
    }

    /// Reads what is only nice to have: once, while the host is well, and that it fails says nothing of the host.
    pub(super) async fn read_aside(&self, path: &str) -> Result<Vec<u8>, Unanswered> {
        let turn = self.way.host.admit_aside();
        let wait = turn.map_err(|why| Unanswered::NotSent(format!("the API is not asked: {why}")))?;
        tokio::time::sleep(wait).await;
        let (asked, began) = (self.asked(Method::GET, path).await?, std::time::Instant::now());
        let answer = self.once(Asked { behind: true, ..asked }, READ).await;
        match &answer {
            Err(error) if error.is_failure() => self.hushed(error),
            answer => self.went(answer.as_ref().map(drop), began),
        }
        answer
    }

    /// Asks within the policy of reads.
    async fn bytes(&self, path: &str, how: How<'_>) -> Result<Vec<u8>, Unanswered> {
        let (mut tried, mut renewed, began) = (0, false, Instant::now());
        let mut before = None;
        loop {
            let method = if how.body.is_some() { Method::POST } else { Method::GET };
            let asked = match self.asked(method, path).await {
                Ok(asked) => asked.told(&how),
                // What happened says more than that it is not tried again.
                Err(error) => return Err(before.unwrap_or(error)),
            };
            if let Err(error) = self.admitted(tried > 0 || renewed).await {
                return Err(before.unwrap_or(error));
            }
            let worn = asked.worn.clone();
            let error = match self.once(asked, READ).await {
                // What was taken before is not any more: once more, with what there is now.
                Err(error) if error.unknown_who() && !renewed && self.way.credentials.renews(&worn, began) => {
                    renewed = true;
                    continue;
                }
                Err(error) => error,
                answer => return answer,
            };
            tried += 1;
            let Next::Again(least) = tries::next(error.outcome()) else { return Err(error) };
            if tried >= MOST || !self.way.host.repeat() {
                return Err(error);
            }
            before = Some(error);
            tokio::time::sleep(least.saturating_add(backoff::pause(tried, host::random()))).await;
        }
    }

    /// Waits for the turn of a read. What a person waits for is always sent.
    pub(super) async fn admitted(&self, repeat: bool) -> Result<(), Unanswered> {
        let host = &self.way.host;
        let wait = match self.way.person {
            true => {
                host.turn(repeat);
                Duration::ZERO
            }
            false => {
                // A short rest is waited out: to begin again with lists of everything would be more work for it.
                if let Some(rest) = host.rests().filter(|rest| *rest <= PATIENCE) {
                    tokio::time::sleep(rest).await;
                }
                host.admit(repeat).map_err(|why| Unanswered::NotSent(format!("the API is not asked: {why}")))?
            }
        };
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// The same for a watch that goes on. All of them are ended and begun again together, so that one moment of
    /// failure is counted once for each: it waits until the API has been found well, if that is soon enough.
    pub(super) async fn readmitted(&self) -> Result<(), Unanswered> {
        let by = Instant::now() + breaker::LONGEST;
        loop {
            let Err(error) = self.admitted(false).await else { return Ok(()) };
            let left = self.way.host.left().unwrap_or_default();
            if Instant::now() + left >= by {
                return Err(error);
            }
            // What is let through meanwhile may take the next turn: nobody looks all the time.
            tokio::time::sleep(left.max(Duration::from_millis(50))).await;
        }
    }

    /// Reads a whole list, page by page. When a page is forgotten meanwhile, it begins once more.
    pub async fn list(&self, path: &str, query: &str) -> Result<List, Unanswered> {
        match self.whole(path, query).await {
            Err(error) if error.expired() => self.whole(path, query).await,
            list => list,
        }
    }

    async fn whole(&self, path: &str, query: &str) -> Result<List, Unanswered> {
        let (mut items, mut pages) = (Vec::new(), self.pages(path, query, &Shape::All));
        while let Some(page) = pages.next().await? {
            items.extend(page);
            if pages.size > WHOLE {
                return Err(Unanswered::TooMuch(format!("the list of {path} is larger than {} MiB", WHOLE >> 20)));
            }
        }
        Ok(List { items, version: pages.version })
    }

    /// Reads a list page by page, and of its objects what `shape` says.
    pub fn pages<'a>(&'a self, path: &'a str, query: &'a str, shape: &'static Shape) -> Pages<'a> {
        Pages {
            cluster: self,
            path,
            query,
            shape,
            token: Some(String::new()),
            read: 0,
            size: 0,
            version: String::new(),
        }
    }

    /// Sends something once, on a connection of its own, so that it is not lost to one that the other side has
    /// just closed. `kind` is its content type.
    pub async fn change(&self, way: &str, path: &str, kind: &str, body: &Value) -> Result<Value, Unanswered> {
        let method = Method::from_bytes(way.as_bytes()).map_err(|_| unmade())?;
        let asked = self.asked_by(&self.way.open(0)?, method, path, self.now_at_least()).await?;
        json(&self.once(asked.says(kind, body), READ).await?)
    }

    /// Posts JSON to something behind the API, once; whatever it answers, it says nothing of the API.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Vec<u8>, Unanswered> {
        let asked = self.asked_by(&self.way.open(0)?, Method::POST, path, self.now_at_least()).await?;
        self.once(Asked { behind: true, ..asked.says(JSON, body) }, READ).await
    }

    /// Asks something by POST that changes nothing, such as a review of permissions.
    pub async fn review(&self, path: &str, body: &Value) -> Result<Value, Unanswered> {
        json(&self.bytes(path, How { body: Some(body), ..How::default() }).await?)
    }

    /// A request with what it bears; a program may run for that.
    pub(super) async fn asked(&self, method: Method, path: &str) -> Result<Asked, Unanswered> {
        self.asked_by(&self.opened, method, path, self.now()).await
    }

    /// What time it is for the API, where its clock is known: ours alone does not say that credentials have ended.
    fn now(&self) -> Option<Timestamp> {
        self.way.host.skew().map(|skew| Utc::now() + skew)
    }

    /// The same for a change, which is not sent to find out.
    fn now_at_least(&self) -> Option<Timestamp> {
        Some(self.now().unwrap_or_else(Utc::now))
    }

    async fn asked_by(
        &self,
        opened: &Opened,
        method: Method,
        path: &str,
        now: Option<Timestamp>,
    ) -> Result<Asked, Unanswered> {
        let whole = format!("{}{path}", opened.address);
        // Whatever an address would be made simpler by is no part of it here.
        let url = Url::parse(&whole).ok().filter(|url| url.as_str() == whole).ok_or_else(unmade)?;
        let worn = self.way.credentials.worn(now).await?;
        let builder = opened.client.request(method, url).headers(opened.headers.clone());
        let mut builder = builder.header(ACCEPT, "application/json");
        if let Some(header) = worn.header()? {
            builder = builder.header(AUTHORIZATION, header);
        }
        Ok(Asked { builder, worn, behind: false, largest: LARGEST })
    }

    async fn once(&self, asked: Asked, limit: Duration) -> Result<Vec<u8>, Unanswered> {
        let (began, behind, largest) = (std::time::Instant::now(), asked.behind, asked.largest);
        let answered = async {
            let mut response = self.send(asked).await?;
            whole(&mut response, largest).await
        };
        let late = || Unanswered::Lost(format!("the API did not answer within {} s", limit.as_secs()));
        let answer = tokio::time::timeout(limit, answered).await.unwrap_or_else(|_| Err(late()));
        if !behind {
            self.went(answer.as_ref().map(drop), began);
        }
        answer
    }

    /// Takes note of how it went with the API.
    pub(super) fn went(&self, answer: Result<(), &Unanswered>, began: std::time::Instant) {
        match answer {
            Err(error) if error.is_failure() => self.way.host.failed(),
            _ => self.way.host.answered(began),
        }
        if let Err(error) = answer {
            self.hushed(error);
        }
    }

    /// Takes note that it wants to be left alone, if it does.
    fn hushed(&self, error: &Unanswered) {
        if let Unanswered::Api { after: Some(seconds), .. } = error {
            self.way.host.hush(Duration::from_secs(*seconds), error.is_failure());
        }
    }

    /// Sends a request, and gives the answer's head; anything but 2xx is an error.
    pub(super) async fn send(&self, asked: Asked) -> Result<Response, Unanswered> {
        let began = Utc::now();
        let Asked { builder, worn, behind, .. } = asked;
        let mut response = builder.send().await.map_err(|error| Unanswered::broken(&error))?;
        if !behind {
            self.way.host.told(response.headers(), began);
        }
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status == StatusCode::UNAUTHORIZED && !behind {
            self.way.credentials.forget(&worn);
        }
        let after = self.way.host.wait(response.headers());
        let after = after.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        let said = whole(&mut response, LARGEST_NO).await.unwrap_or_default();
        Err(Unanswered::api(status.as_u16(), &worn.redacted(&said), after))
    }
}

/// How a read differs from the usual one.
#[derive(Default)]
struct How<'a> {
    /// A question that is posted.
    body: Option<&'a Value>,
    /// That it is answered from behind the API, and the largest answer that is taken.
    behind: Option<usize>,
    /// Whether what an object holds is left out.
    bare: bool,
}

/// A request that is ready to be sent.
pub(super) struct Asked {
    builder: RequestBuilder,
    pub(super) worn: Worn,
    /// Whether what answers stands behind the API.
    behind: bool,
    /// The largest answer that is taken.
    largest: usize,
}

impl Asked {
    fn says(self, kind: &str, body: &Value) -> Self {
        Self { builder: self.builder.header(CONTENT_TYPE, kind).body(body.to_string()), ..self }
    }

    fn told(self, how: &How<'_>) -> Self {
        let mut asked = how.body.into_iter().fold(self, |asked, body| asked.says(JSON, body));
        if how.bare {
            // A header by itself would be added to what is accepted already.
            asked.builder = asked.builder.headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(METADATA))]));
        }
        Self { behind: how.behind.is_some(), largest: how.behind.unwrap_or(LARGEST), ..asked }
    }
}

fn unmade() -> Unanswered {
    Unanswered::NotSent("no request can be made of this".to_owned())
}

async fn whole(response: &mut Response, largest: usize) -> Result<Vec<u8>, Unanswered> {
    let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut all = Vec::with_capacity(length.min(largest));
    let broken = |e: reqwest::Error| Unanswered::Lost(format!("the answer broke off: {}", super::super::http::why(&e)));
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if all.len() + piece.len() > largest {
            return Err(Unanswered::TooMuch(format!("the answer is larger than {} MiB", largest >> 20)));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

fn json(bytes: &[u8]) -> Result<Value, Unanswered> {
    serde_json::from_slice(bytes).map_err(|e| no_json(&e))
}

fn no_json(error: &serde_json::Error) -> Unanswered {
    Unanswered::Lost(format!("the answer is no JSON: {error}"))
}

/// A text as a part of a query.
pub fn encoded(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.~".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
