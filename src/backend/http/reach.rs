//! A declared endpoint that can be reached: what its clients have in common.
//!
//! It opens them and says how the clocks and the credential are; nothing else.

use super::super::Fault;
use super::super::launcher::Launcher;
use super::super::secret::SecretSource;
use super::client::Client;
use super::host::{Host, SKEWED};
use crate::domain::endpoint::Endpoint;
use crate::domain::report::Remark;
use crate::domain::text::visible;
use chrono::Utc;
use std::path::PathBuf;
use std::sync::Arc;

/// An endpoint with its token and what is known of its host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reach {
    endpoint: Arc<Endpoint>,
    token: Option<Arc<SecretSource>>,
    host: Host,
}

impl Reach {
    /// Takes an endpoint as declared; helpers of its token start in `root`.
    pub fn new(endpoint: Endpoint, root: PathBuf, launcher: Launcher) -> Self {
        let token = endpoint.token.clone().map(|reference| Arc::new(SecretSource::new(reference, root, launcher)));
        Self { endpoint: Arc::new(endpoint), token, host: Host::default() }
    }

    /// The same with another address, as a member of the same cluster has.
    pub fn at(&self, url: &str) -> Self {
        let endpoint = Endpoint { url: url.to_owned(), ..(*self.endpoint).clone() };
        Self { endpoint: Arc::new(endpoint), token: self.token.clone(), host: Host::default() }
    }

    /// The address without its path.
    pub fn origin(&self) -> &str {
        self.endpoint.origin()
    }

    /// A client for a watch; see [`Client::watching`].
    ///
    /// # Errors
    /// `Unreachable` when a certificate cannot be used.
    pub fn watching(&self) -> Result<Client, Fault> {
        Client::watching(&self.endpoint, self.token.as_ref(), &self.host)
    }

    /// A client for one operation; see [`Client::acting`].
    ///
    /// # Errors
    /// `Unreachable` when a certificate cannot be used.
    pub fn acting(&self) -> Result<Client, Fault> {
        Client::acting(&self.endpoint, self.token.as_ref(), &self.host)
    }

    /// What is to be said of the credential and the clocks, after it was asked something.
    pub async fn remarks(&self) -> Vec<Remark> {
        let mut all = Vec::new();
        if let (Some(source), Some(reference)) = (&self.token, &self.endpoint.token) {
            let from = visible(&reference.to_string());
            all.push(match source.get(Utc::now()).await {
                Err(fault) => Remark::wrong(fault.to_string()),
                Ok(secret) => match secret.expires() {
                    Some(end) => Remark::well(format!("token from {from}, until {}", end.format("%F %H:%M:%SZ"))),
                    None => Remark::well(format!("token from {from}, without a known end")),
                },
            });
        } else {
            all.push(Remark::well("asked without a token"));
        }
        all.push(match self.host.skew() {
            None => Remark::well("it does not tell its time"),
            Some(skew) if skew.abs() > SKEWED => {
                let which = if skew > chrono::TimeDelta::zero() { "ahead of" } else { "behind" };
                let by = skew.num_seconds().abs();
                Remark::wrong(format!("its clock is {by} s {which} ours; set one of them right"))
            }
            Some(skew) => Remark::well(format!("clocks agree within {} s", skew.num_seconds().abs() + 1)),
        });
        all
    }
}
