//! Which proxy a cluster is reached through: the declared one, or as `kubectl` has it that of the environment.
//!
//! It reads the environment where nothing is declared, and reaches nothing. A proxy's address may hold a password:
//! what cannot be used is not repeated.

use super::kubeconfig::site::Site;
use reqwest::{Proxy, Url};
use std::net::IpAddr;

/// The proxy of a cluster, if there is one.
///
/// # Errors
/// Which says what cannot be used.
pub fn proxy(site: &Site) -> Result<Option<Proxy>, String> {
    let variable = |name: &str| std::env::var(name).ok();
    let declared = site.proxy.as_ref().map(|text| (text.clone(), "its proxy-url"));
    let Some((text, from)) = declared.or_else(|| of_variables(&site.server, variable)) else { return Ok(None) };
    let no = || format!("{from} is no http or https address");
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    Proxy::all(url.ok_or_else(no)?).map(Some).map_err(|_| no())
}

/// What the environment names for a server, and in which variable: for https, never for this machine, and not
/// where `NO_PROXY` names the server. An address without a scheme is one of http.
pub fn of_variables(server: &Url, variable: impl Fn(&str) -> Option<String>) -> Option<(String, &'static str)> {
    let said = |names: [&'static str; 2]| {
        names.into_iter().find_map(|name| Some((variable(name).filter(|text| !text.trim().is_empty())?, name)))
    };
    let (text, from) = said(["HTTPS_PROXY", "https_proxy"]).filter(|_| server.scheme() == "https")?;
    let (except, _) = said(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    if is_here(server) || except.split(',').any(|one| names(one.trim(), server)) {
        return None;
    }
    let text = text.trim();
    Some((if text.contains("://") { text.to_owned() } else { format!("http://{text}") }, from))
}

fn host(server: &Url) -> String {
    server.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase()
}

/// Whether it is on this machine.
pub fn is_here(server: &Url) -> bool {
    let host = host(server);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an entry of `NO_PROXY` names a server: `*`, an address, a net, a name with all below it, `.name` for
/// those below it alone; with a port or without.
fn names(entry: &str, server: &Url) -> bool {
    let (host, entry) = (host(server), entry.to_ascii_lowercase());
    if let Ok(address) = host.parse::<IpAddr>()
        && entry.split_once('/').is_some_and(|(net, bits)| within(address, net, bits))
    {
        return true;
    }
    let (name, port) = split(&entry);
    if port.is_some_and(|port| server.port_or_known_default() != Some(port)) {
        return false;
    }
    match name.strip_prefix('*').unwrap_or(name) {
        "" => name == "*",
        below if below.starts_with('.') => host.ends_with(below),
        name => same(name, &host) || host.strip_suffix(name).is_some_and(|front| front.ends_with('.')),
    }
}

fn same(name: &str, host: &str) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().ok();
    name == host || address(name).is_some_and(|name| address(host) == Some(name))
}

/// A name and its port; brackets around an address of IPv6 are left out.
fn split(entry: &str) -> (&str, Option<u16>) {
    if entry.parse::<IpAddr>().is_ok() {
        return (entry, None);
    }
    let (name, port) = match entry.rsplit_once(':').map(|(name, port)| (name, port.parse().ok())) {
        Some((name, Some(port))) => (name, Some(port)),
        _ => (entry, None),
    };
    (name.trim_start_matches('[').trim_end_matches(']'), port)
}

fn within(address: IpAddr, net: &str, bits: &str) -> bool {
    match (address, net.parse(), bits.parse::<u32>()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(net)), Ok(bits @ 0..=32)) => {
            (u32::from(address) ^ u32::from(net)).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(net)), Ok(bits @ 0..=128)) => {
            (u128::from(address) ^ u128::from(net)).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}
