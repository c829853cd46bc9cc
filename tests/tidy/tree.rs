//! What must not be written anywhere in the repository: paths of one machine,
//! and hosts that are neither reserved for examples nor a page to read.

use crate::source::root;
use std::fs;
use std::process::Command;

/// In two parts, so that this file does not name them.
const PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/home/", "runner")];

/// Pages that the text refers to.
const PAGES: &[&str] = &[
    "docs.rs",
    "doc.rust-lang.org",
    "github.com",
    "in-toto.io",
    "json-schema.org",
    "keepachangelog.com",
    "opentelemetry.io",
    "prometheus.io",
    "semver.org",
    "slsa.dev",
    "www.apache.org",
    "www.rfc-editor.org",
];
const RESERVED: &[&str] =
    &["example", "test", "invalid", "localhost", "svc", "example.com", "example.org", "example.net"];

/// What in a text must not be in the repository.
fn findings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let paths = PATHS.iter().filter(|path| line.contains(**path));
        found.extend(paths.map(|path| format!("{}: {path} is a path of one machine", index + 1)));
        let hosts = hosts(line).into_iter().filter(|host| !known(host));
        found.extend(hosts.map(|host| format!("{}: {host} is neither an example nor a page we refer to", index + 1)));
    }
    found
}

/// The hosts of the addresses in a line.
fn hosts(line: &str) -> Vec<String> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@' | '_'));
    let authorities = line.split("://").skip(1).map(|rest| rest.split(ends).next().unwrap_or_default());
    let host = |authority: &str| authority.rsplit('@').next().unwrap_or_default().trim_matches('.').to_owned();
    authorities.map(host).filter(|host| host.contains('.')).collect()
}

fn known(host: &str) -> bool {
    let within = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    host.parse::<std::net::Ipv4Addr>().is_ok() || PAGES.contains(&host) || RESERVED.iter().any(|domain| within(domain))
}

/// The files that are kept in git or are about to be; none where this is no clone.
fn kept() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match listed {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn nothing_names_a_machine_or_an_unknown_host() {
    let mut found = Vec::new();
    for name in kept() {
        let Ok(bytes) = fs::read(root().join(&name)) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        found.extend(findings(&text).into_iter().map(|finding| format!("{name}:{finding}")));
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn machines_and_unknown_hosts_are_found() {
    assert_eq!(findings(&format!("cd {}x", PATHS[0])).len(), 1);
    assert_eq!(findings(&["https:", "//index.", "crates.io/api"].concat()).len(), 1);
    assert_eq!(findings(&["git clone ssh:", "//git@mirror.", "corp.net:22/x"].concat()).len(), 1);
    assert_eq!(
        findings("http://127.0.0.1:80 https://…/x http://fx/health http://{host}.a https://a.example/").len(),
        0
    );
    assert_eq!(findings("https://docs.rs/toml file:///etc/x").len(), 0);
}
