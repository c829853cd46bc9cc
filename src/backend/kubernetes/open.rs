//! The HTTP client of a cluster, made as every other adapter's is: rustls with ring, no redirects, nothing sent
//! twice. What a kubeconfig says beyond that: authority, certificate, proxy, and the name in the certificate.
//!
//! It reaches nothing.

use super::super::http;
use super::kubeconfig::site::Site;
use super::proxy::proxy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Identity, Url};
use std::net::IpAddr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// How many connections of all watches stay open between requests: each is used again when its watch goes on.
pub const WATCHES: usize = 128;
/// How many of one operation do.
pub const FEW: usize = 2;

/// A client and what its requests are made of.
pub struct Opened {
    /// What sends them.
    pub client: reqwest::Client,
    /// Where they go, without a slash at the end.
    pub address: String,
    /// What every request says beside; the client itself would keep one of several groups.
    pub headers: HeaderMap,
}

/// Makes a client of a site, for whoever has this certificate and asks in this place.
///
/// # Errors
/// What cannot be used.
pub fn open(
    site: &Site,
    pair: Option<&(Vec<u8>, Zeroizing<Vec<u8>>)>,
    instead: &[(String, String)],
    kept: usize,
) -> Result<Opened, String> {
    let proxy = proxy(site)?;
    let (mut headers, mut address) = (headers(instead)?, site.server.clone());
    let mut builder = http::open::base(kept).no_gzip().tls_danger_accept_invalid_certs(site.unverified);
    if let Some(name) = site.name.as_deref().filter(|_| site.server.scheme() == "https") {
        if proxy.is_some() || name.parse::<IpAddr>().is_ok() {
            return Err("tls-server-name works with a name, and without a proxy".to_owned());
        }
        // The name goes where the address stood, so that TLS asks for it and holds the server to it;
        // looked up is the address all the same, and the API is told of it.
        let host = site.server.host_str().unwrap_or_default().to_owned();
        headers.insert(HOST, authority(&site.server)?);
        address.set_host(Some(name)).map_err(|_| "tls-server-name is no name".to_owned())?;
        builder = builder.dns_resolver(Arc::new(At(host)));
    }
    builder = match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder.no_proxy(),
    };
    if let Some(ca) = &site.ca {
        let no = || "its certificate-authority holds no certificate".to_owned();
        let all = Certificate::from_pem_bundle(ca).map_err(|_| no())?;
        if all.is_empty() {
            return Err(no());
        }
        builder = builder.tls_certs_only(all);
    } else if !site.unverified {
        builder = builder.tls_certs_only(http::roots::system());
    }
    if let Some((certificate, key)) = pair {
        let mut pem = Zeroizing::new(Vec::with_capacity(certificate.len() + key.len() + 1));
        pem.extend_from_slice(key);
        pem.push(b'\n');
        pem.extend_from_slice(certificate);
        let no = |_| "its client-certificate and client-key are no PEM".to_owned();
        builder = builder.identity(Identity::from_pem(&pem).map_err(no)?);
    }
    let built = builder.build();
    let client = built.map_err(|_| "the certificates cannot be used; do key and certificate belong together?")?;
    Ok(Opened { client, address: address.as_str().trim_end_matches('/').to_owned(), headers })
}

fn headers(instead: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut all = HeaderMap::new();
    for (name, value) in instead {
        let no = || "whoever it is to ask in the place of (as) cannot stand in a header".to_owned();
        let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes()).map_err(|_| no())?;
        all.append(name, HeaderValue::from_str(value).map_err(|_| no())?);
    }
    Ok(all)
}

fn authority(server: &Url) -> Result<HeaderValue, String> {
    let host = server.host_str().unwrap_or_default();
    let shown = server.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    HeaderValue::from_str(&shown).map_err(|_| "its server is no http or https address".to_owned())
}

/// Looks up one host, whatever is asked for.
struct At(String);

impl Resolve for At {
    fn resolve(&self, _: Name) -> Resolving {
        let host = self.0.trim_matches(['[', ']']).to_owned();
        Box::pin(async move {
            let all: Vec<_> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            Ok(Box::new(all.into_iter()) as Addrs)
        })
    }
}
