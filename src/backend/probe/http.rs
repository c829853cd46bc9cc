//! Asking URLs, with one policy for all: no redirects, no proxy, a fresh
//! connection each time, and limits on time and size.

use std::time::Duration;

#[cfg(feature = "http")]
mod client;
#[cfg(feature = "http")]
pub use client::Http;

/// One question and what counts as well.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "nothing can be asked without the feature"))]
pub struct Ask {
    /// The URL.
    pub url: String,
    /// The status that is well.
    pub status: u16,
    /// Text that the answer must hold.
    pub body: Option<String>,
    /// Whether the number is seconds taken rather than 1 or 0.
    pub latency: bool,
    /// How long it may take in all.
    pub limit: Duration,
}

/// A client that was left out when this program was built.
#[cfg(not(feature = "http"))]
#[derive(Clone)]
pub struct Http;

#[cfg(not(feature = "http"))]
impl Http {
    const LEFT_OUT: &str = "this holdpoint was built without HTTP; build it with the feature `http`";

    /// Nothing.
    pub fn new() -> Self {
        Self
    }

    /// Says that it cannot.
    pub async fn ask(&self, _ask: &Ask) -> Result<f64, String> {
        Err(Self::LEFT_OUT.to_owned())
    }

    /// Says that it cannot.
    pub async fn scrape(
        &self,
        _url: &str,
        _limit: Duration,
        _each: &mut (dyn FnMut(&[u8]) -> Result<(), String> + Send),
    ) -> Result<bool, String> {
        Err(Self::LEFT_OUT.to_owned())
    }
}
