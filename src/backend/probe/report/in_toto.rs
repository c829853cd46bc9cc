//! in-toto statements of SLSA provenance, bare or in a DSSE envelope: how many artefacts they are about.
//!
//! No signature is verified, so this says that a statement is there, and not that anybody
//! trustworthy made it. An envelope that nobody signed is refused all the same: it was cut or forged.

use super::{ANEW, Said, foreign, instant, json, none_such};
use crate::domain::result_file::{Figure, Format};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::Deserialize;
use std::collections::BTreeMap;

const PAYLOAD: &str = "application/vnd.in-toto+json";
const STATEMENTS: [&str; 2] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];
const PROVENANCE: [&str; 2] = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Either {
    payload_type: Option<String>,
    payload: Option<String>,
    #[serde(default)]
    signatures: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    digest: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    metadata: Option<Metadata>,
    run_details: Option<Run>,
}

#[derive(Deserialize)]
struct Run {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    build_finished_on: Option<String>,
    finished_on: Option<String>,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    if figure != Figure::Subjects {
        return Err(none_such(Format::InToto, figure));
    }
    let either: Either = json::read(text, Format::InToto)?;
    let statement: Statement = match &either.payload {
        None => json::read(text, Format::InToto)?,
        Some(payload) => json::read(&opened(&either, payload)?, Format::InToto)?,
    };
    if !STATEMENTS.contains(&statement.kind.as_str()) || !PROVENANCE.contains(&statement.predicate_type.as_str()) {
        return Err(foreign(Format::InToto, "it is no statement of SLSA provenance v0.2 or v1"));
    }
    if statement.subject.iter().any(|subject| subject.digest.values().all(String::is_empty)) {
        return Err(format!("it names an artefact without a digest; {ANEW}"));
    }
    let predicate = &statement.predicate;
    let metadata = predicate.run_details.as_ref().and_then(|run| run.metadata.as_ref()).or(predicate.metadata.as_ref());
    let finished = metadata.and_then(|of| of.finished_on.as_ref().or(of.build_finished_on.as_ref()));
    let written = finished.map(|at| instant(at)).transpose()?.flatten();
    let subjects = statement.subject.len() as u64;
    Ok(Said::count(subjects, subjects, written))
}

/// The statement in an envelope.
fn opened(envelope: &Either, payload: &str) -> Result<String, String> {
    if envelope.payload_type.as_deref() != Some(PAYLOAD) {
        return Err(foreign(Format::InToto, "it is an envelope of something else"));
    }
    if envelope.signatures.is_empty() {
        return Err(format!("it is an envelope that nobody signed; {ANEW}"));
    }
    let bytes = STANDARD.decode(payload).or_else(|_| URL_SAFE.decode(payload));
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| format!("what is in its envelope is no base64 of text; {ANEW}"))
}
