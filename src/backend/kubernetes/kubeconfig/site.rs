//! Where a cluster is and how it is believed to be the one: address, authority, proxy.
//!
//! What is done with it is `open`.

use super::entry::Entry;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde_json::{Map, Value};

/// Where a cluster is.
#[derive(Clone)]
pub struct Site {
    /// Where its API is.
    pub server: Url,
    /// The certificates that vouch for it, as PEM; those of the system where there are none.
    pub ca: Option<Vec<u8>>,
    /// Whether anybody is taken for it.
    pub unverified: bool,
    /// Through which proxy it is reached, where that is declared.
    pub proxy: Option<String>,
    /// The name that its certificate bears, where that is not the address.
    pub name: Option<String>,
}

impl Site {
    /// What the entry of a cluster says.
    ///
    /// # Errors
    /// What of it is missing or cannot be used.
    pub fn read(said: &Entry) -> Result<Self, String> {
        let server = said.text("server")?.ok_or("its cluster has no server")?;
        Ok(Self {
            server: address(&server)?,
            ca: said.data("certificate-authority")?,
            unverified: said.truth("insecure-skip-tls-verify")?,
            proxy: said.text("proxy-url")?,
            name: said.text("tls-server-name")?,
        })
    }
}

/// The address of an API.
///
/// # Errors
/// When it is none.
pub fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| "its server is no http or https address".to_owned())?;
    // It is shown to people and journaled.
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let more = "its server is more than an address; what a user is known by belongs to the users of the kubeconfig";
    if bare { Ok(url) } else { Err(more.to_owned()) }
}

/// The same as a program is told that brings credentials.
///
/// # Errors
/// When its authority cannot be read.
pub fn told(said: &Entry) -> Result<Value, String> {
    let mut all = Map::new();
    for name in ["server", "insecure-skip-tls-verify", "proxy-url", "tls-server-name"] {
        all.extend(said.raw(name).map(|value| (name.to_owned(), value.clone())));
    }
    if let Some(ca) = said.data("certificate-authority")? {
        all.insert("certificate-authority-data".to_owned(), STANDARD.encode(ca).into());
    }
    for extension in said.list("extensions")? {
        if extension.text("name")?.as_deref() == Some("client.authentication.k8s.io/exec") {
            all.extend(extension.raw("extension").map(|value| ("config".to_owned(), value.clone())));
        }
    }
    Ok(Value::Object(all))
}
