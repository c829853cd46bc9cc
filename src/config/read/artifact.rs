//! What is held against an artefact: something at all, keys that are keys, a digest that a release names.
//!
//! A threshold that would let a wrong artefact pass for a while is a mistake: an artefact fits, or does not.

use super::Reading;
use crate::config::names::Noun;
use crate::config::raw::signals as raw;
use crate::config::spot::Spot;
use crate::domain::artifact::{Artifact, Signer, digest};
use crate::domain::digest::Digest;
use crate::domain::name::ReleaseName;
use crate::domain::signal::{Bad, Query, Unit};

/// Reads the query; that its file is there was checked with its shape.
pub fn query(r: &mut Reading<'_>, signal: &raw::Signal) -> Query {
    let raw = &signal.query;
    limits(r, signal);
    let text = |text: &Option<Spot<String>>| text.as_ref().map(|text| text.value.clone());
    let file = text(&raw.file).unwrap_or_default();
    let at = raw.file.as_ref().map(|file| file.at.clone()).unwrap_or_default();
    if file.is_empty() || file.ends_with('/') {
        r.mistake(
            &at,
            format!("{file:?} names no file"),
            "write the artefact's path, such as \"dist/{service}.tar.gz\"",
        );
    }
    if raw.digest.is_none() && raw.release.is_none() && raw.checksums.is_none() && raw.signature.is_none() {
        let help = "write `release` or `digest`, `checksums`, or `signature` with `keys`";
        r.mistake(&at, format!("nothing is held against {file:?}"), help);
    }
    let keys = raw.keys.iter().flatten().map(|key| key_of(r, key)).collect();
    match (&raw.signature, &raw.keys) {
        (Some(signature), None) => {
            r.mistake(&signature.at, "who may have signed it?", "write `keys`, the public ones");
        }
        (None, Some(keys)) => {
            let at = keys.first().map_or(at, |key| key.at.clone());
            r.mistake(&at, "keys sign nothing here", "write `signature`, the file that holds it");
        }
        _ => {}
    }
    let named = raw.release.as_ref().map(|release| of_release(r, signal, release));
    let written = raw.digest.as_ref().map(|text| of_text(r, text));
    if let (Some(release), Some(_)) = (&raw.release, &raw.digest) {
        r.mistake(&release.at, "the release names a digest, and another is written here", "leave one of them out");
    }
    Query::Artifact(Artifact {
        file,
        digest: named.flatten().or(written.flatten()),
        release: raw.release.as_ref().map(|release| release.value.clone()),
        checksums: text(&raw.checksums),
        signature: text(&raw.signature),
        keys,
    })
}

/// Whether one thing that does not fit fails at once.
fn limits(r: &mut Reading<'_>, signal: &raw::Signal) {
    if signal.unit.value != Unit::Count {
        r.mistake(&signal.unit.at, "it counts what does not fit", "write unit = \"count\"");
    }
    let waits = signal.hold_for.is_some_and(|hold_for| hold_for > crate::domain::span::Span::ZERO);
    let fails = signal.fail.as_ref().filter(|fail| fail.value == 0.0 && signal.bad.value == Bad::Above && !waits);
    if fails.is_none() {
        let at = signal.fail.as_ref().map_or(&signal.unit.at, |fail| &fail.at);
        r.mistake(at, "a wrong artefact would pass", "write bad = \"above\" and fail = 0, without `for`");
    }
}

fn key_of(r: &mut Reading<'_>, key: &Spot<String>) -> String {
    if let Err(why) = Signer::read(&key.value) {
        r.mistake_unquoted(&key.at, "no signature is checked with this key", &why.to_string());
    }
    key.value.trim().to_owned()
}

fn of_text(r: &mut Reading<'_>, text: &Spot<String>) -> Option<Digest> {
    let digest = digest(&text.value);
    if digest.is_none() {
        let help = "write sha256: and the 64 hex digits that `sha256sum` prints";
        r.mistake(&text.at, format!("{:?} is no digest of a file", text.value), help);
    }
    digest
}

/// The digest that a release's bill names for the signal's service.
fn of_release(r: &mut Reading<'_>, signal: &raw::Signal, name: &Spot<ReleaseName>) -> Option<Digest> {
    let (at, name) = (&name.at, r.name(Noun::Release, name));
    let release = r.workspace.calendar.releases.iter().find(|one| one.name == name)?;
    let service = &signal.service.value;
    let item = release.bill.iter().find(|item| item.service == *service);
    let named = item.and_then(|item| item.digest.clone());
    let digest = named.as_deref().and_then(digest);
    if digest.is_none() {
        let what = match (item, named) {
            (None, _) => format!("release {name} does not bring {service}"),
            (_, None) => format!("the bill of release {name} names no digest of {service}"),
            (_, Some(named)) => format!("{named:?}, which release {name} names for {service}, is no digest of a file"),
        };
        r.mistake(at, what, "write it in the bill: digest = \"sha256:…\", as `sha256sum` prints it");
    }
    digest
}
