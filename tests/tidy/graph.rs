//! The dependency graph: what deny.toml refuses is not in Cargo.lock, and what
//! two versions of would be two of is there once. cargo-deny knows more; this
//! holds wherever the tests run.

use crate::source::root;
use std::fs;

/// Two of these in one program would not know of each other.
const ONCE: &[&str] = &["crossterm", "ratatui-core", "rustls", "rustix", "tokio", "reqwest", "chrono", "ring"];

/// Names and sources of a lock file's packages.
fn packages(lock: &str) -> Vec<(String, Option<String>)> {
    let lock: toml::Table = lock.parse().unwrap();
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let packages = lock["package"].as_array().unwrap().iter();
    packages.map(|package| (text(package, "name").unwrap(), text(package, "source"))).collect()
}

/// The crates that deny.toml refuses.
fn refused(deny: &str) -> Vec<String> {
    let deny: toml::Table = deny.parse().unwrap();
    let list = deny["bans"]["deny"].as_array().unwrap().iter();
    list.map(|entry| entry["crate"].as_str().unwrap().to_owned()).collect()
}

/// What in a lock file is against the rules.
fn findings(lock: &str, refused: &[String]) -> Vec<String> {
    let packages = packages(lock);
    let count = |name: &str| packages.iter().filter(|(package, _)| package == name).count();
    let unwanted = refused.iter().filter(|name| count(name) > 0).map(|name| format!("{name} is refused by deny.toml"));
    let twice = ONCE.iter().filter(|name| count(name) > 1).map(|name| format!("{name} is there in two versions"));
    let elsewhere = packages.iter().filter(|(_, source)| source.as_ref().is_some_and(|s| !s.starts_with("registry+")));
    unwanted.chain(twice).chain(elsewhere.map(|(name, _)| format!("{name} is not from the registry"))).collect()
}

#[test]
fn the_graph_is_as_deny_toml_wants_it() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let refused = refused(&read("deny.toml"));
    assert!(refused.iter().any(|name| name == "openssl-sys"));
    assert_eq!(findings(&read("Cargo.lock"), &refused), [""; 0]);
}

#[test]
fn an_unwanted_crate_is_found() {
    let package =
        |name: &str, source: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1\"\nsource = \"{source}\"\n");
    let refused = ["openssl".to_owned()];
    assert_eq!(findings(&package("openssl", "registry+x"), &refused).len(), 1);
    assert_eq!(findings(&package("serde", "git+x"), &refused).len(), 1);
    let two = package("crossterm", "registry+x") + &package("crossterm", "registry+x");
    assert_eq!(findings(&two, &refused).len(), 1);
    assert_eq!(findings(&package("openssl-probe", "registry+x"), &refused).len(), 0);
}
