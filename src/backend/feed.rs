//! A calendar that is read by its address: fetched whole at its interval, asked after in between by tag or time.
//!
//! What it says is not understood here; its text goes on as it is. Its address may be a secret: what is said of a
//! failure names the host alone, and nothing that the host answered.

use super::http::Request;
use super::http::reach::Reach;
use super::http::standing::Standing;
use super::launcher::Launcher;
use super::secret::SecretSource;
use super::{Backend, Done, Fault, Manifest, Sink, Topic, cannot, pace};
use crate::domain::endpoint::Endpoint;
use crate::domain::feed::{Address, FeedSpec, Url};
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::Observation;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview, Remark};
use crate::domain::span::Span;
use chrono::Utc;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{self, BoxStream, once};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::time::Instant;

/// The largest calendar that is read, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// A calendar at an address.
pub struct FeedBackend {
    manifest: Manifest,
    place: Arc<Place>,
}

/// Where it is, and how it is spoken to.
struct Place {
    spec: FeedSpec,
    kept: Option<SecretSource>,
    root: PathBuf,
    launcher: Launcher,
}

impl FeedBackend {
    /// Takes what is declared; helpers of its secrets start in `root`.
    pub fn new(name: BackendName, every: Span, spec: FeedSpec, root: PathBuf, launcher: Launcher) -> Self {
        let kept = match &spec.address {
            Address::Written(_) => None,
            Address::Kept(reference) => Some(SecretSource::new(reference.clone(), root.clone(), launcher.clone())),
        };
        let manifest = Manifest { name, topics: vec![Topic::Windows], verbs: BTreeMap::new(), probes: false, every };
        Self { manifest, place: Arc::new(Place { spec, kept, root, launcher }) }
    }
}

impl Place {
    /// The address as of now.
    async fn url(&self, watches: bool) -> Result<Url, Fault> {
        let source = match (&self.spec.address, &self.kept) {
            (Address::Written(url), _) => return Ok(url.clone()),
            (_, Some(source)) => source,
            (place, None) => return Err(Fault::Unreachable(format!("{place} is not known"))),
        };
        let now = Utc::now();
        let secret = if watches { source.spared(now).await? } else { source.get(now).await? };
        Url::read(secret.expose())
            .map_err(|(what, help)| Fault::Unreachable(format!("{}: {what}; {help}", self.spec.address)))
    }

    fn reach(&self, url: &Url) -> Reach {
        let endpoint = Endpoint { url: url.expose().to_owned(), ..self.spec.endpoint.clone() };
        Reach::new(endpoint, self.root.clone(), self.launcher.clone())
    }
}

/// All of the address is the endpoint's, so that of the request nothing is left to be told.
fn request() -> Request {
    let accept = "text/calendar, */*;q=0.5";
    Request { largest: LARGEST, quiet: true, accept, ..Request::get("") }
}

/// A watch, with the client of the address as it was last.
struct Watch {
    place: Arc<Place>,
    every: Span,
    standing: Option<(Url, Standing)>,
    /// What was read last: while it is the same, so is the value.
    last: Arc<[u8]>,
    next: Instant,
    faults: u32,
}

impl Watch {
    async fn round(&mut self) -> Result<Observation, Fault> {
        let url = self.place.url(true).await?;
        if self.standing.as_ref().is_none_or(|(known, _)| *known != url) {
            self.standing = Some((url.clone(), Standing::new(self.place.reach(&url))));
        }
        let Some((_, standing)) = &self.standing else {
            return Err(Fault::Unreachable(format!("{url} is not asked")));
        };
        let answer = standing.read(&request()).await?;
        if answer.status != 200 {
            return Err(Fault::Lost {
                why: format!("{url}: status {} in place of a calendar", answer.status),
                output: None,
            });
        }
        if *self.last != *answer.body {
            self.last = answer.body.into();
        }
        Ok(Observation::Fetched(Arc::clone(&self.last)))
    }

    fn pace(&mut self, asked: Instant, well: bool) {
        self.faults = if well { 0 } else { self.faults.saturating_add(1) };
        let next = pace::next(asked, self.every, self.faults);
        self.next = match &self.standing {
            Some((_, standing)) if !well => standing.host().sooner(next),
            _ => next,
        };
    }
}

impl Backend for FeedBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        if topic != Topic::Windows {
            return once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed();
        }
        let (place, every, next) = (Arc::clone(&self.place), self.manifest.every, Instant::now());
        let watch = Watch { place, every, standing: None, last: Arc::from([]), next, faults: 0 };
        stream::unfold(watch, |mut watch| async {
            tokio::time::sleep_until(watch.next).await;
            let asked = Instant::now();
            let seen = watch.round().await;
            watch.pace(asked, seen.is_ok());
            Some((seen, watch))
        })
        .boxed()
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn perform(&self, operation: Operation, _key: Key, _out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn probe(&self, operation: &Operation, _key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        let place = Arc::clone(&self.place);
        async move {
            let url = match place.url(false).await {
                Ok(url) => url,
                Err(fault) => return vec![Remark::wrong(fault.to_string())],
            };
            let reach = place.reach(&url);
            let read = match reach.acting() {
                Ok(client) => client.read(&request()).await,
                Err(fault) => Err(fault),
            };
            let mut all = vec![match read {
                Ok(answer) => Remark::well(format!("calendar at {url}, {} bytes", answer.body.len())),
                Err(fault) => Remark::wrong(fault.to_string()),
            }];
            if url.crosses() {
                all.push(Remark::wrong("it comes over a connection that is not encrypted; use https://".to_owned()));
            }
            all.extend(reach.remarks().await);
            all
        }
        .boxed()
    }
}
