//! A client of one host: `read` tries again, `send` never does, `stream` goes on.
//! Which tries are worth it is `tries`; what a failure comes to in words is `said`.

use super::super::Fault;
use super::super::secret::{Secret, SecretSource};
use super::answer::Answer;
use super::cache::{Cache, Mark};
use super::host::{Host, random};
use super::lines::Lines;
use super::request::{Body, Request};
use super::said::{Reached, lost, reached, refused, why};
use super::tries::{self, Next, Outcome, Sent};
use super::{backoff, open};
use crate::domain::endpoint::Endpoint;
use crate::domain::text;
use chrono::Utc;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many connections a watch keeps open.
const KEPT: usize = 2;

/// A client of one host, for one runtime.
pub struct Client {
    inner: reqwest::Client,
    endpoint: Arc<Endpoint>,
    token: Option<Arc<SecretSource>>,
    host: Host,
    /// Whether a person waits for what it asks.
    person: bool,
    cache: Mutex<Cache>,
}

/// Why one try gave nothing, and whether the host can be blamed.
struct Failed {
    why: String,
    reached: Reached,
    outcome: Outcome,
}

impl Client {
    /// For a watch: it keeps connections, and must stay on the runtime that opened it.
    ///
    /// # Errors
    /// `Unreachable` when a certificate cannot be used.
    pub fn watching(endpoint: &Arc<Endpoint>, token: Option<&Arc<SecretSource>>, host: &Host) -> Result<Self, Fault> {
        Self::new(endpoint, token, host, KEPT)
    }

    /// For one operation: each request has a connection of its own, so that none
    /// is lost to one that the other side has just closed. A person waits for it, so
    /// it asks also while watches leave the host alone.
    ///
    /// # Errors
    /// `Unreachable` when a certificate cannot be used.
    pub fn acting(endpoint: &Arc<Endpoint>, token: Option<&Arc<SecretSource>>, host: &Host) -> Result<Self, Fault> {
        Self::new(endpoint, token, host, 0)
    }

    fn new(
        endpoint: &Arc<Endpoint>,
        token: Option<&Arc<SecretSource>>,
        host: &Host,
        kept: usize,
    ) -> Result<Self, Fault> {
        let inner = open::open(endpoint, kept)
            .map_err(|why| Fault::Unreachable(format!("cannot ask {}: {why}", text::visible(endpoint.origin()))))?;
        Ok(Self {
            inner,
            endpoint: endpoint.clone(),
            token: token.cloned(),
            host: host.clone(),
            person: kept == 0,
            cache: Mutex::default(),
        })
    }

    /// What is known of the host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Asks for something that changes nothing, and again when that is worth it: within
    /// the host's budget, with full jitter, as the host's `Retry-After` says. A refused
    /// token is read anew, once. What is [`Request::aside`] is tried once.
    ///
    /// # Errors
    /// `Refused` for a no, `Unreachable` when nothing was sent, else `Lost`.
    pub async fn read(&self, request: &Request) -> Result<Answer, Fault> {
        let (mut tried, mut refused, mut before) = (0, None::<(Secret, Fault)>, None);
        let address = (request.method == Method::GET).then(|| format!("{} {:?}", request.path, request.query));
        let mut tag = address.as_ref().and_then(|address| self.cached(|cache| cache.mark(address)));
        loop {
            // Before it is let through: one that tries the host and is not sent would keep the others waiting.
            let secret = match self.secret().await {
                Ok(secret) => secret,
                // What happened says more than that it is not tried again.
                Err(fault) => return Err(before.unwrap_or(fault)),
            };
            if let Some((_, fault)) = refused.as_ref().filter(|(old, _)| secret.as_ref().is_some_and(|new| new.is(old)))
            {
                // It is the same one: shown again it would only be refused again.
                self.refused(secret.as_ref(), fault).await;
                return Err(fault.clone());
            }
            let wait = match self.admit(request, tried > 0 || refused.is_some()) {
                Ok(wait) => wait,
                Err(why) => return Err(before.unwrap_or_else(|| self.unreachable(request, &why))),
            };
            tokio::time::sleep(wait).await;
            let asked = self.once(request, secret.as_ref(), tag.as_ref()).await;
            match (&asked, &secret) {
                (Ok(answer), Some(shown)) if answer.status == 401 => {
                    let fault = self.no(request, answer, secret.as_ref());
                    if refused.is_some() {
                        self.refused(secret.as_ref(), &fault).await;
                        return Err(fault);
                    }
                    self.forget(secret.as_ref()).await;
                    refused = Some((shown.clone(), fault));
                    continue;
                }
                (Ok(answer), Some(_)) if !tries::is_failure(answer.status) => self.accepted().await,
                _ => {}
            }
            tried += 1;
            let (outcome, fault) = match asked {
                Ok(answer) => {
                    let wait = self.host.wait(&answer.headers);
                    let outcome = Outcome::Status(answer.status, wait);
                    match address.as_ref().filter(|_| tries::next(outcome) == Next::Take) {
                        // Nothing has changed; without what it was, it is read whole.
                        Some(address) if answer.status == 304 => {
                            match self.cached(|cache| cache.unchanged(address)).filter(|_| tag.is_some()) {
                                Some(known) => return Ok(known),
                                None => return Err(lost(self.told(request, &answer, None))),
                            }
                        }
                        Some(address) => {
                            self.cached(|cache| cache.keep(address, &answer));
                            return Ok(answer);
                        }
                        None if tries::next(outcome) == Next::Take => return Ok(answer),
                        None => {}
                    }
                    tag = None;
                    (outcome, self.no(request, &answer, secret.as_ref()))
                }
                Err(failed) => (failed.outcome, self.broken(request, failed)),
            };
            if let Outcome::Status(status, Some(wait)) = outcome {
                self.host.hush(wait, tries::is_failure(status));
            }
            let Next::Again(least) = tries::next(outcome) else { return Err(fault) };
            if request.aside || tried >= tries::MOST || !self.host.repeat() {
                return Err(fault);
            }
            before = Some(fault);
            tokio::time::sleep(least.saturating_add(backoff::pause(tried, random()))).await;
        }
    }

    /// Sends something that changes something: once, whatever comes.
    ///
    /// # Errors
    /// `Unreachable` and `Refused` when it was certainly not done, else `Lost`.
    pub async fn send(&self, request: &Request) -> Result<Answer, Fault> {
        let secret = self.secret().await?;
        let answer = match self.once(request, secret.as_ref(), None).await {
            Ok(answer) => answer,
            Err(failed) => return Err(self.broken(request, failed)),
        };
        if answer.status == 401 {
            // The next operation asks for a new one; this one is not sent again.
            self.forget(secret.as_ref()).await;
        }
        // Whoever took it has no wish to be left alone.
        let asks = self.host.wait(&answer.headers).filter(|_| tries::sent(answer.status) != Sent::Taken);
        if let Some(wait) = asks {
            self.host.hush(wait, tries::is_failure(answer.status));
        }
        let said = || self.told(request, &answer, secret.as_ref());
        let sent = match tries::sent(answer.status) {
            Sent::Refused if request.piecemeal && !tries::is_before(answer.status, &answer.said(None)) => Sent::Unknown,
            sent => sent,
        };
        match sent {
            Sent::Taken => Ok(answer),
            Sent::Refused => Err(refused(said())),
            Sent::Unknown => Err(lost(said())),
        }
    }

    /// Asks for an answer that goes on, and gives its lines as they come. It is tried once, and
    /// again with a new token when the one that is kept is refused; `limit` ends all of it.
    /// The first line may take as long as `limit` allows: some hosts send no head before it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn stream(&self, request: &Request) -> Result<Lines, Fault> {
        let mut refused: Option<(Secret, Fault)> = None;
        loop {
            // Whether it can be had says nothing of what is read: it is no trial and no failure.
            let wait = self.host.admit_aside().map_err(|why| self.unreachable(request, &why))?;
            tokio::time::sleep(wait).await;
            let secret = self.secret().await?;
            if let Some((_, fault)) = refused.as_ref().filter(|(old, _)| secret.as_ref().is_some_and(|new| new.is(old)))
            {
                self.refused(secret.as_ref(), fault).await;
                return Err(fault.clone());
            }
            let began = Utc::now();
            let sent = match self.built(request, secret.as_ref()) {
                Ok(built) => built.send().await.map_err(|error| failed(&error)),
                Err(unsent) => Err(unsent),
            };
            let opened = match sent {
                Ok(opened) => opened,
                Err(why) => return Err(self.broken(request, why)),
            };
            self.host.told(opened.headers(), began);
            let status = opened.status().as_u16();
            if status == 200 {
                return Ok(Lines::of(opened, request.largest, self.place(request)));
            }
            let headers = opened.headers().clone();
            let body = Lines::of(opened, request.largest, self.place(request)).rest().await;
            let fault = self.no(request, &Answer { status, headers, body }, secret.as_ref());
            match secret {
                Some(shown) if status == 401 && refused.is_none() => {
                    self.forget(Some(&shown)).await;
                    refused = Some((shown, fault));
                }
                Some(shown) if status == 401 => {
                    self.refused(Some(&shown), &fault).await;
                    return Err(fault);
                }
                _ => return Err(fault),
            }
        }
    }

    /// How long a read has to wait for its turn.
    fn admit(&self, request: &Request, repeat: bool) -> Result<Duration, String> {
        match (self.person, request.aside) {
            (true, _) => {
                self.host.turn(repeat);
                Ok(Duration::ZERO)
            }
            (false, true) => self.host.admit_aside(),
            (false, false) => self.host.admit(repeat),
        }
    }

    fn cached<T>(&self, what: impl FnOnce(&mut Cache) -> T) -> T {
        what(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn secret(&self) -> Result<Option<Secret>, Fault> {
        match &self.token {
            Some(source) => {
                let now = Utc::now();
                let secret = if self.person { source.get(now).await? } else { source.spared(now).await? };
                Ok(Some(match &self.endpoint.user {
                    Some(user) => secret.of_user(user),
                    None => secret,
                }))
            }
            None => Ok(None),
        }
    }

    async fn forget(&self, refused: Option<&Secret>) {
        if let (Some(source), Some(refused)) = (&self.token, refused) {
            source.forget(refused).await;
        }
    }

    /// That one was refused which had been read anew.
    async fn refused(&self, refused: Option<&Secret>, why: &Fault) {
        if let (Some(source), Some(refused)) = (&self.token, refused) {
            source.refused(refused, why.clone(), Utc::now()).await;
        }
    }

    async fn accepted(&self) {
        if let Some(source) = &self.token {
            source.accepted().await;
        }
    }

    /// One try: the whole answer, within the request's limits.
    async fn once(&self, request: &Request, secret: Option<&Secret>, tag: Option<&Mark>) -> Result<Answer, Failed> {
        let (began, sent) = (Utc::now(), Instant::now());
        let asked = async {
            let mut built = self.built(request, secret)?;
            if let Some(tag) = tag {
                built = built.header(tag.header(), tag.value());
            }
            let mut answer = built.send().await.map_err(|e| failed(&e))?;
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            self.host.told(&headers, began);
            let mut body = Vec::new();
            while let Some(piece) = answer.chunk().await.map_err(|e| failed(&e))? {
                if body.len().saturating_add(piece.len()) > request.largest {
                    let why = format!("the answer is larger than {} bytes", request.largest);
                    return Err(Failed { why, reached: Reached::Perhaps, outcome: Outcome::Status(status, None) });
                }
                body.extend_from_slice(&piece);
            }
            Ok(Answer { status, headers, body })
        }
        .await;
        match &asked {
            Ok(answer) if !tries::is_failure(answer.status) => self.host.answered(sent),
            _ if request.aside => {}
            _ => self.host.failed(),
        }
        asked
    }

    fn built(&self, request: &Request, secret: Option<&Secret>) -> Result<reqwest::RequestBuilder, Failed> {
        let unsent =
            |why: &str| Failed { why: why.to_owned(), reached: Reached::Nothing, outcome: Outcome::Status(0, None) };
        let mut url = reqwest::Url::parse(&format!("{}{}", self.endpoint.url, request.path))
            .map_err(|_| unsent("the address cannot be read"))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut built = self.inner.request(request.method.clone(), url).timeout(request.limit);
        built = built.header(ACCEPT, request.accept);
        built = match &request.body {
            Body::None => built,
            Body::Form(fields) => built.form(fields),
            Body::Json(value) => built.json(value),
        };
        let Some(secret) = secret else { return Ok(built) };
        let mut value =
            HeaderValue::from_str(&secret.shown()).map_err(|_| unsent("the token cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(built.header(AUTHORIZATION, value))
    }

    fn place(&self, request: &Request) -> String {
        // A page's address brings a query along, which may name more than it should.
        let path = request.path.split('?').next().unwrap_or_default();
        text::visible(&format!("{} {}{path}", request.method, self.endpoint.origin()))
    }

    fn told(&self, request: &Request, answer: &Answer, secret: Option<&Secret>) -> String {
        let said = if request.quiet { String::new() } else { answer.said(secret) };
        let status = answer.status;
        let hint = match status {
            300..=399 => "; it redirects, which is never followed: write the address it leads to",
            401 => "; the token is not accepted: renew it",
            403 => "; the token may not do this",
            _ => "",
        };
        let gap = if said.is_empty() { "" } else { ": " };
        let asks = |wait: Duration| format!(" (asks for {} s of patience)", wait.as_secs());
        let patience = self.host.wait(&answer.headers).filter(|wait| !wait.is_zero()).map(asks).unwrap_or_default();
        format!("{}: status {status}{gap}{said}{patience}{hint}", self.place(request))
    }

    fn no(&self, request: &Request, answer: &Answer, secret: Option<&Secret>) -> Fault {
        let why = self.told(request, answer, secret);
        match answer.status {
            408 | 425 | 429 | 500.. => lost(why),
            _ => refused(why),
        }
    }

    fn broken(&self, request: &Request, failed: Failed) -> Fault {
        let why = format!("{}: {}", self.place(request), failed.why);
        match failed.reached {
            Reached::Nothing => Fault::Unreachable(why),
            Reached::Perhaps => lost(why),
        }
    }

    fn unreachable(&self, request: &Request, why: &str) -> Fault {
        Fault::Unreachable(format!("{} is not asked: {why}", self.place(request)))
    }
}

fn failed(error: &reqwest::Error) -> Failed {
    Failed { why: why(error), reached: reached(error), outcome: Outcome::Broken }
}
