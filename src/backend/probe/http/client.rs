//! The HTTP client: reqwest over rustls with ring.
//!
//! One policy for every request: no redirects, one TLS provider, time limits.

use super::super::super::http::roots;
use super::super::tcp::is_down;
use super::Ask;
use reqwest::{Client, Error, Response, header, redirect};
use std::time::{Duration, Instant};

/// The most that is read of a probe's answer.
const PROBE_CAP: usize = 1024 * 1024;
/// The most that is read of a scrape's answer.
const SCRAPE_CAP: usize = 8 * 1024 * 1024;
/// What scrapes say they can read.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// A client, or why there is none. Cheap to clone.
#[derive(Clone)]
pub struct Http(Result<Client, String>);

impl Http {
    /// Makes a client.
    pub fn new() -> Self {
        // Fails when it is installed already, which is as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("holdpoint/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .no_gzip()
            .tls_certs_only(roots::system())
            .pool_max_idle_per_host(0)
            .build();
        Self(client.map_err(|e| format!("there is no HTTP client: {}", chain(&e))))
    }

    /// Asks once. 1 or 0, or the seconds taken by an answer that was well. An
    /// error when nothing can be said of the other side.
    pub async fn ask(&self, ask: &Ask) -> Result<f64, String> {
        let client = self.0.as_ref().map_err(Clone::clone)?;
        let began = Instant::now();
        let well = async {
            let answer = client.get(&ask.url).timeout(ask.limit).send().await?;
            if answer.status().as_u16() != ask.status {
                return Ok(Err(format!("status {} in place of {}", answer.status().as_u16(), ask.status)));
            }
            match &ask.body {
                Some(text) if !holds(answer, text.as_bytes()).await? => {
                    Ok(Err("the body is not as expected".to_owned()))
                }
                _ => Ok(Ok(())),
            }
        };
        match (well.await, ask.latency) {
            (Ok(Ok(())), true) => Ok(began.elapsed().as_secs_f64()),
            (Ok(Ok(())), false) => Ok(1.0),
            (Ok(Err(_)), false) => Ok(0.0),
            (Ok(Err(why)), true) => Err(why),
            (Err(error), false) if theirs(&error) => Ok(0.0),
            (Err(error), _) => Err(chain(&error)),
        }
    }

    /// Reads a whole answer piece by piece, never more than the cap. Gives back
    /// whether it calls itself OpenMetrics.
    pub async fn scrape(
        &self,
        url: &str,
        limit: Duration,
        each: &mut (dyn FnMut(&[u8]) -> Result<(), String> + Send),
    ) -> Result<bool, String> {
        let client = self.0.as_ref().map_err(Clone::clone)?;
        let send = client.get(url).header(header::ACCEPT, ACCEPT).timeout(limit).send();
        let mut answer = send.await.map_err(|e| chain(&e))?;
        if answer.status().as_u16() != 200 {
            return Err(format!("status {} in place of 200", answer.status().as_u16()));
        }
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let openmetrics = kind.is_some_and(|kind| kind.starts_with("application/openmetrics-text"));
        let mut read = 0usize;
        while let Some(piece) = answer.chunk().await.map_err(|e| chain(&e))? {
            read = read.saturating_add(piece.len());
            if read > SCRAPE_CAP {
                return Err("the answer is larger than 8 MiB".to_owned());
            }
            each(&piece)?;
        }
        Ok(openmetrics)
    }
}

/// Whether the answer's first mebibyte holds the text; reads no further than needed.
async fn holds(mut answer: Response, text: &[u8]) -> Result<bool, Error> {
    let mut body: Vec<u8> = Vec::new();
    if text.is_empty() {
        return Ok(true);
    }
    while let Some(piece) = answer.chunk().await? {
        let overlap = body.len().saturating_sub(text.len());
        let room = PROBE_CAP.saturating_sub(body.len());
        body.extend(piece.iter().take(room));
        if body.get(overlap..).is_some_and(|new| new.windows(text.len()).any(|window| window == text)) {
            return Ok(true);
        }
        if piece.len() >= room {
            return Ok(false);
        }
    }
    Ok(false)
}

/// Whether an error is the other side's: then the answer is 0. A URL that is
/// none, a name that cannot be looked up and a network that is gone are ours.
fn theirs(error: &Error) -> bool {
    if error.is_builder() {
        return false;
    }
    if !error.is_connect() {
        return true;
    }
    let causes = || std::iter::successors(std::error::Error::source(error), |e| e.source());
    let unreachable = causes().filter_map(|e| e.downcast_ref::<std::io::Error>()).any(|e| {
        use std::io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable};
        !is_down(e) && matches!(e.kind(), AddrNotAvailable | HostUnreachable | NetworkDown | NetworkUnreachable)
    });
    error.is_timeout() || !unreachable && !causes().any(|e| e.to_string().contains("dns error"))
}

/// An error with all its causes, without the URL, which may hold a secret.
fn chain(error: &Error) -> String {
    let mut text = if error.is_timeout() { "no answer in time".to_owned() } else { String::new() };
    let causes = std::iter::successors(std::error::Error::source(error), |e| e.source());
    for cause in causes {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
    }
    if text.is_empty() { "the request failed".to_owned() } else { text }
}
