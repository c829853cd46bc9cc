//! Backends that are spoken to over HTTP: their address, what they are shown, and
//! what is particular to each kind.

use super::Reading;
use super::script::positive;
use super::secret::secret;
use crate::config::raw::workspace as raw;
use crate::config::spot::Spot;
use crate::domain::alert::AlertLabels;
use crate::domain::backend::{AlertmanagerSpec, PrometheusSpec};
use crate::domain::endpoint::Endpoint;
use crate::domain::span::Span;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The longest silence when nothing says otherwise.
const LONGEST: Span = Span::mins(120);

/// Reads a backend of kind `prometheus`.
pub fn prometheus(r: &mut Reading<'_>, raw: &raw::Backend) -> PrometheusSpec {
    let alerts = raw.alerts.then(|| labels(r, raw));
    PrometheusSpec { endpoint: endpoint(r, raw), alerts }
}

/// Reads a backend of kind `alertmanager`.
pub fn alertmanager(r: &mut Reading<'_>, raw: &raw::Backend) -> AlertmanagerSpec {
    AlertmanagerSpec {
        endpoint: endpoint(r, raw),
        peers: raw.peers.iter().filter_map(|url| address(r, url)).collect(),
        labels: labels(r, raw),
        longest: raw.longest.as_ref().map_or(LONGEST, |longest| positive(r, longest)),
        never: raw.never.iter().filter_map(|loud| self::loud(r, loud)).collect(),
    }
}

/// Reads where a system is and how it is spoken to.
pub fn endpoint(r: &mut Reading<'_>, raw: &raw::Backend) -> Endpoint {
    let file = |r: &Reading<'_>, path: &Option<Spot<String>>| -> Option<PathBuf> {
        path.as_ref().map(|path| r.workspace.root.join(&path.value))
    };
    let url = raw.url.as_ref().and_then(|url| address(r, url)).unwrap_or_default();
    let token = raw.token.as_ref().and_then(|token| secret(r, token));
    if let Some(at) = raw.url.as_ref().filter(|_| token.is_some() && crosses(&url)) {
        let help = "anybody on the way can read it; use https://";
        r.warning(&at.at, "the token is sent over a connection that is not encrypted", help);
    }
    let identity = match (&raw.certificate, &raw.key) {
        (Some(one), None) | (None, Some(one)) => {
            r.mistake(&one.at, "`certificate` and `key` belong together", "give both, or neither");
            None
        }
        _ => file(r, &raw.certificate).zip(file(r, &raw.key)),
    };
    let tenant = raw.tenant.as_ref().map(|tenant| ("X-Scope-OrgID".to_owned(), tenant.value.clone()));
    let headers: BTreeMap<_, _> = tenant.into_iter().collect();
    let proxy = raw.proxy.as_ref().and_then(|proxy| address(r, proxy));
    let user = raw.user.as_ref().map(|user| self::user(r, user, raw.token.is_some()));
    Endpoint { url, token, user, ca: file(r, &raw.ca), identity, proxy, headers }
}

/// A user, who needs a password.
pub(super) fn user(r: &mut Reading<'_>, user: &Spot<String>, password: bool) -> String {
    if !password {
        r.mistake(&user.at, "a user without a password", "say with `token` where the password is kept");
    }
    if user.contains(':') || user.is_empty() {
        r.mistake(&user.at, format!("{:?} cannot be a user's name", user.value), "a name without `:`");
    }
    user.value.clone()
}

/// An address without a slash at its end and without a secret in it.
pub(super) fn address(r: &mut Reading<'_>, url: &Spot<String>) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.starts_with('/')) else {
        r.mistake_unquoted(&url.at, "this is no address to ask", "begin with https:// or http://, then host and port");
        return None;
    };
    if rest.split('/').next().is_some_and(|host| host.contains('@')) {
        r.mistake_unquoted(&url.at, "a secret is never written in an address", "use `token`, or a proxy that adds it");
        return None;
    }
    if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
        r.mistake_unquoted(&url.at, "an address ends with its path", "remove what follows it");
        return None;
    }
    Some(url.trim_end_matches('/').to_owned())
}

/// Whether an address leaves this machine unencrypted.
fn crosses(url: &str) -> bool {
    let host = url.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    host.is_some_and(|host| host != "localhost" && !host.starts_with("127.") && !host.starts_with("[::1]"))
}

fn labels(r: &mut Reading<'_>, raw: &raw::Backend) -> AlertLabels {
    let usual = AlertLabels::default();
    AlertLabels {
        service: raw.service_label.as_ref().map_or(usual.service, |label| self::label(r, label)),
        environment: raw.environment_label.as_ref().map_or(usual.environment, |label| self::label(r, label)),
    }
}

/// A label and the value that keeps an alert from being silenced.
fn loud(r: &mut Reading<'_>, raw: &Spot<String>) -> Option<(String, String)> {
    let Some((name, value)) = raw.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty()) else {
        r.mistake(&raw.at, format!("{:?} is no label with a value", raw.value), "write it like severity=critical");
        return None;
    };
    let name = label(r, &Spot { at: raw.at.clone(), value: name.to_owned() });
    Some((name, value.to_owned()))
}

fn label(r: &mut Reading<'_>, label: &Spot<String>) -> String {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if label.is_empty() || !label.chars().all(letter) || label.starts_with(|c: char| c.is_ascii_digit()) {
        r.mistake(&label.at, format!("{:?} is no label", label.value), "letters, digits and `_`");
    }
    label.value.clone()
}
