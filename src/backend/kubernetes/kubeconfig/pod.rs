//! The way in that a pod has: its service account, as the cluster lays it into every container.
//!
//! Its token and its certificates are renewed there from time to time.

use super::Chosen;
use super::entry;
use super::site::{self, Site};
use super::user::{Bears, User};
use std::path::{Path, PathBuf};

/// Where a service account lies.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// That of this pod; none where this is none.
pub fn account() -> Option<Chosen> {
    let (host, port) = (std::env::var("KUBERNETES_SERVICE_HOST").ok()?, std::env::var("KUBERNETES_SERVICE_PORT").ok()?);
    let directory = PathBuf::from(ACCOUNT);
    let namespace = std::fs::read_to_string(directory.join("namespace")).ok()?;
    Some(Chosen {
        context: "of this pod".to_owned(),
        namespace: namespace.trim().to_owned(),
        site: Site { ca: Some(authority(&directory)?), ..at(&host, &port)? },
        user: User { bears: Bears::File(directory.join("token"), None), ..User::default() },
        own: true,
    })
}

fn authority(directory: &Path) -> Option<Vec<u8>> {
    entry::read(&directory.join("ca.crt")).ok()
}

fn at(host: &str, port: &str) -> Option<Site> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let server = site::address(&format!("https://{host}:{port}")).ok()?;
    Some(Site { server, ca: None, unverified: false, proxy: None, name: None })
}
