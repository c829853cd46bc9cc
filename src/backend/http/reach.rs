//! A declared endpoint that can be reached: what its clients have in common.
//!
//! It opens them and says how the clocks and the credential are; nothing else.

use super::super::Fault;
use super::super::launcher::Launcher;
use super::super::secret::{Secret, SecretSource};
use super::certificate::{self, Certificate};
use super::client::Client;
use super::host::Host;
use crate::domain::Timestamp;
use crate::domain::clock::agree;
use crate::domain::endpoint::Endpoint;
use crate::domain::report::Remark;
use crate::domain::text::visible;
use chrono::{TimeDelta, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate that ends within this time is to be renewed.
pub const SOON: TimeDelta = TimeDelta::days(7);

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

    /// What is known of its host.
    pub fn host(&self) -> &Host {
        &self.host
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
                Ok(secret) => Remark::well(whose(self.endpoint.user.as_deref(), &from, &secret)),
            });
        }
        all.extend(self.endpoint.identity.as_ref().map(|(file, _)| certified(file, Utc::now())));
        if all.is_empty() {
            all.push(Remark::well("asked without a credential"));
        }
        all.push(self.clock());
        all
    }

    /// What is to be said of its clock, after it was asked something.
    pub fn clock(&self) -> Remark {
        clock(&self.host)
    }
}

/// What is to be said of a host's clock, after it was asked something.
pub fn clock(host: &Host) -> Remark {
    match host.skew() {
        None => Remark::well("it does not tell its time"),
        Some(skew) if !agree(skew) => {
            let which = if skew > chrono::TimeDelta::zero() { "ahead of" } else { "behind" };
            let by = skew.num_seconds().abs();
            Remark::wrong(format!("its clock is {by} s {which} ours; set one of them right"))
        }
        Some(skew) => Remark::well(format!("clocks agree within {} s", skew.num_seconds().abs() + 1)),
    }
}

/// Whose a secret is as far as it is known, where it is from, and until when it lasts.
fn whose(user: Option<&str>, from: &str, secret: &Secret) -> String {
    let until = match secret.expires() {
        Some(end) => format!("until {}", end.format("%F %H:%M:%SZ")),
        None => "without a known end".to_owned(),
    };
    let what = match (user, secret.subject()) {
        (Some(user), _) => format!("user {}, password from {from}", visible(user)),
        (None, Some(subject)) => format!("token of {subject}, from {from}"),
        (None, None) => format!("token from {from}, whose it does not say"),
    };
    format!("{what}, {until}")
}

/// Whose our certificate is and until when; one that ends soon is not as it should be.
fn certified(file: &Path, now: Timestamp) -> Remark {
    let shown = visible(&file.display().to_string());
    let read = std::fs::read_to_string(file).map_err(|e| e.to_string());
    let read = read.and_then(|pem| certificate::first(&pem).ok_or_else(|| "there is none in it".to_owned()));
    match read {
        Err(why) => Remark::wrong(format!("cannot read the certificate {shown}: {why}")),
        Ok(Certificate { subject, ends }) => lasts(format!("certificate of {subject}"), Some(ends), SOON, now),
    }
}

/// What lasts until then, or without a known end; one that ends soon is not as it should be.
pub fn lasts(what: String, ends: Option<Timestamp>, soon: TimeDelta, now: Timestamp) -> Remark {
    let Some(ends) = ends else { return Remark::well(format!("{what}, without a known end")) };
    let text = format!("{what}, until {}", ends.format("%F %H:%M:%SZ"));
    match ends - now {
        left if left <= TimeDelta::zero() => Remark::wrong(format!("{text}: it has ended; renew it")),
        left if left < soon => Remark::wrong(format!("{text}: it ends soon; renew it")),
        _ => Remark::well(text),
    }
}
