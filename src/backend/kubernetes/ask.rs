//! Requests to the API: JSON in, JSON out, each with a limit of time and size.
//!
//! Reads are repeated a few times, with jitter and as patient as the API asks;
//! `change` sends once, whatever happens.

use super::super::pace;
use super::answer::Unanswered;
use super::badge::Brought;
use super::client::Cluster;
use super::lean::{self, Shape};
use http_body_util::{BodyExt, Limited};
use hyper::header::AUTHORIZATION;
use hyper::{Request, Response, StatusCode, body::Bytes};
use kube::client::Body;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long one read may take.
pub const READ: Duration = Duration::from_secs(10);
/// How often a read is sent at most.
const TRIES: u32 = 3;
/// The longest pause between two tries, also when the API asks for more.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is taken.
const LARGEST: usize = 32 << 20;
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
            return Err(Unanswered::Lost(format!("{path} has more than {PAGES} pages")));
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

    /// Reads what is no JSON, such as a log.
    pub async fn read_bytes(&self, path: &str) -> Result<Bytes, Unanswered> {
        let (mut tries, mut renewed, began) = (1, false, Instant::now());
        loop {
            let request = Request::get(path).header("accept", "application/json");
            match self.once(request.body(Vec::new()), READ).await {
                // What was brought earlier is not taken any more: once more, with what is brought now.
                Err(error) if error.unknown_who() && !renewed && self.outdated(began) => renewed = true,
                Err(error) if error.passes() && tries < TRIES => {
                    let asked = match &error {
                        Unanswered::Api { after: Some(seconds), .. } => Duration::from_secs(*seconds),
                        _ => Duration::ZERO,
                    };
                    let pause = asked.min(PATIENCE) + pace::jitter(Duration::from_millis(200 << tries));
                    tokio::time::sleep(pause).await;
                    tries += 1;
                }
                answer => return answer,
            }
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
                return Err(Unanswered::Lost(format!("the list of {path} is larger than {} MiB", WHOLE >> 20)));
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

    /// Sends something once. `kind` is its content type.
    pub async fn change(&self, way: &str, path: &str, kind: &str, body: &Value) -> Result<Value, Unanswered> {
        let request = Request::builder().method(way).uri(path).header("content-type", kind);
        let request = request.header("accept", "application/json").body(body.to_string().into_bytes());
        json(&self.once(request, READ).await?)
    }

    /// Posts JSON to something behind the API, once; whatever it answers.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Bytes, Unanswered> {
        let request = Request::post(path).header("content-type", "application/json");
        self.once(request.body(body.to_string().into_bytes()), READ).await
    }

    /// Asks something by POST that changes nothing, such as a review of permissions.
    pub async fn review(&self, path: &str, body: &Value) -> Result<Value, Unanswered> {
        self.change("POST", path, "application/json", body).await
    }

    async fn once(&self, request: hyper::http::Result<Request<Vec<u8>>>, limit: Duration) -> Result<Bytes, Unanswered> {
        let request = request.map_err(|e| Unanswered::NotSent(format!("no request can be made of this: {e}")))?;
        let worn = self.worn().await?;
        let answered = async {
            let response = self.send(request, worn).await?;
            body(response).await
        };
        let late = || Unanswered::Lost(format!("the API did not answer within {} s", limit.as_secs()));
        tokio::time::timeout(limit, answered).await.unwrap_or_else(|_| Err(late()))
    }

    /// The credentials that go with the next request, where a program brings them; it may run for that.
    pub async fn worn(&self) -> Result<Option<Arc<Brought>>, Unanswered> {
        match &self.way.badge {
            Some(badge) => badge.get().await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether its credentials were brought before this, so that newer ones may do better.
    pub fn outdated(&self, began: Instant) -> bool {
        self.way.badge.as_ref().is_some_and(|badge| badge.outdated(began))
    }

    /// Sends a request with what [`worn`](Self::worn) gave, and gives the answer's head; anything but 2xx is
    /// an error.
    pub async fn send(
        &self,
        mut request: Request<Vec<u8>>,
        worn: Option<Arc<Brought>>,
    ) -> Result<Response<Body>, Unanswered> {
        if let Some(token) = worn.as_ref().and_then(|brought| brought.header()) {
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        let sent = self.client.send(request.map(Body::from)).await;
        let response = sent.map_err(|error| Unanswered::broken(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if let (StatusCode::UNAUTHORIZED, Some(badge), Some(worn)) = (status, &self.way.badge, &worn) {
            badge.forget(worn);
        }
        let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        let body = Limited::new(response.into_body(), 1 << 20).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        Err(Unanswered::api(status.as_u16(), &body, after))
    }
}

async fn body(response: Response<Body>) -> Result<Bytes, Unanswered> {
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    body.map(|body| body.to_bytes())
        .map_err(|e| Unanswered::Lost(format!("the answer broke off: {}", super::answer::line(&e.to_string()))))
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
