//! The comms clock: who is due an update of a run, and when.
//!
//! It counts from the last update that was said to have gone out: a note in a
//! fixed form, with the digest of the text, so that what was told can be shown
//! later to be what was told.

use super::incident::Incident;
use super::run::Run;
use crate::domain::Timestamp;
use crate::domain::comms::Audience;
use crate::domain::digest::Digest;
use crate::domain::workspace::Workspace;

/// How a note begins that says that an update has gone out.
const MARK: &str = "update sent to ";

/// When an audience is due its next update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Who.
    pub audience: Audience,
    /// When at the latest.
    pub at: Timestamp,
    /// When the last one went out; none when none has.
    pub last: Option<Timestamp>,
}

/// The note that says that an update has gone out, with its text.
pub fn note(audience: &str, what: &str, text: &str) -> String {
    format!("{MARK}{audience}: {what}, digest {}: {text}", digest(text).short())
}

/// The digest of an update's text.
pub fn digest(text: &str) -> Digest {
    Digest::of("update", &text)
}

/// The audience that a note says was told; none when it says nothing of the kind.
pub fn sent_to(note: &str) -> Option<&str> {
    note.trim().strip_prefix(MARK)?.split(':').next().map(str::trim)
}

/// Who is due an update of a live run, the earliest first; nobody once it has ended.
pub fn due(workspace: &Workspace, run: &Run, incident: Option<&Incident>) -> Vec<Due> {
    if run.ended() {
        return Vec::new();
    }
    let declared = match workspace.comms.as_slice() {
        [] => vec![Audience::usual()],
        all => all.to_vec(),
    };
    let mut all: Vec<Due> = declared.into_iter().map(|audience| of(run, incident, audience)).collect();
    all.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.audience.name.cmp(&b.audience.name)));
    all
}

fn of(run: &Run, incident: Option<&Incident>, audience: Audience) -> Due {
    let sent = run.notes.iter().filter(|(.., text)| sent_to(text) == Some(audience.name.as_str()));
    let last = sent.map(|(at, ..)| *at).max();
    let usual = last.unwrap_or(run.started) + audience.every.delta();
    let at = incident.map_or(usual, |incident| {
        let from = last.map_or(incident.opened, |last| last.max(incident.opened));
        usual.min(from + audience.in_incident.delta())
    });
    Due { audience, at, last }
}
