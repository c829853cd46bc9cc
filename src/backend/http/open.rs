//! Making the client: certificates, proxy, limits. Reads files, reaches nothing.
//! It is done anew for each operation, and for a watch after some faults in a row (`standing`), so
//! that renewed certificates count; those that the system trusts are read once (`roots`).

use super::super::secret::file;
use super::roots;
use crate::domain::endpoint::Endpoint;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, ClientBuilder, Identity, Proxy, redirect, retry};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a connection may take to come about, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// What the clients of all adapters have in common; `kept` connections stay open between requests.
pub fn base(kept: usize) -> ClientBuilder {
    // Fails when it is installed already, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("holdpoint/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(kept)
        .pool_idle_timeout(IDLE)
}

/// Makes a client; `kept` connections stay open between requests.
pub fn open(endpoint: &Endpoint, kept: usize) -> Result<reqwest::Client, String> {
    let mut builder = base(kept).default_headers(headers(endpoint)?);
    builder = match &endpoint.proxy {
        None => builder.no_proxy(),
        Some(proxy) => builder.proxy(Proxy::all(proxy).map_err(|_| "the proxy's address cannot be used".to_owned())?),
    };
    let trusted = match &endpoint.ca {
        None => roots::system(),
        Some(ca) => {
            let pem = std::fs::read(ca).map_err(|e| unread("CA file", ca, &e.to_string()))?;
            Certificate::from_pem_bundle(&pem).map_err(|_| unread("CA file", ca, "it is no PEM"))?
        }
    };
    if let (Some(ca), true) = (&endpoint.ca, trusted.is_empty()) {
        return Err(unread("CA file", ca, "there is no certificate in it"));
    }
    builder = builder.tls_certs_only(trusted);
    if let Some((certificate, key)) = &endpoint.identity {
        builder = builder.identity(identity(certificate, key)?);
    }
    // Its error would quote addresses; what can go wrong here is the certificates.
    builder.build().map_err(|_| "the certificates cannot be used; do key and certificate belong together?".to_owned())
}

fn headers(endpoint: &Endpoint) -> Result<HeaderMap, String> {
    let mut all = HeaderMap::new();
    for (name, value) in &endpoint.headers {
        let name: HeaderName = name.parse().map_err(|_| format!("{name:?} is no header"))?;
        let value = HeaderValue::from_str(value).map_err(|_| format!("the value of header {name} cannot be sent"))?;
        all.insert(name, value);
    }
    Ok(all)
}

fn identity(certificate: &Path, key: &Path) -> Result<Identity, String> {
    let chain = std::fs::read(certificate).map_err(|e| unread("certificate", certificate, &e.to_string()))?;
    let key_text = file::read(key).map_err(|why| unread("key", key, &why))?;
    let mut pem = Zeroizing::new(Vec::with_capacity(chain.len() + key_text.len() + 1));
    pem.extend_from_slice(&chain);
    pem.push(b'\n');
    pem.extend_from_slice(key_text.as_bytes());
    Identity::from_pem(&pem).map_err(|_| unread("certificate", certificate, "it and its key are no PEM"))
}

fn unread(what: &str, path: &Path, why: &str) -> String {
    crate::domain::text::visible(&format!("cannot read the {what} {}: {why}", path.display()))
}
