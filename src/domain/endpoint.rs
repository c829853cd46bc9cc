//! Where a system is reached over HTTP, as it is declared; no secret is in it.
//!
//! What is done with it is `backend::http`.

use super::secret::SecretRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The address of a system and how it is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpoint {
    /// Scheme, host, port and path prefix, without a slash at the end.
    pub url: String,
    /// The token that is sent as `Authorization: Bearer`; the password, where there is a user.
    pub token: Option<SecretRef>,
    /// The user whose name and password are sent as `Authorization: Basic`.
    pub user: Option<String>,
    /// The certificates that its own must be signed by; the system's when absent.
    pub ca: Option<PathBuf>,
    /// Our certificate with its chain, and its key, as PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The proxy that every request goes through; none when absent, whatever the environment says.
    pub proxy: Option<String>,
    /// Further headers, such as a tenant's.
    pub headers: BTreeMap<String, String>,
}

impl Endpoint {
    /// The address without anything that may be secret: scheme, host and port.
    pub fn origin(&self) -> &str {
        let start = self.url.find("://").map_or(0, |at| at + 3);
        let rest = self.url.get(start..).unwrap_or_default();
        let end = start + rest.find(['/', '?', '#']).unwrap_or(rest.len());
        self.url.get(..end).unwrap_or_default()
    }
}
