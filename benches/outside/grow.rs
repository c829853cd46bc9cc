//! A journal of very many lines: one old segment written at once, then as many
//! real commits as fill most of the segment that a verb reads.

use chrono::{DateTime, TimeZone, Utc};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::entry::{By, Draft, Entry};
use holdpoint::domain::fact::{FORMAT, Fact};
use holdpoint::domain::journal_id::JournalId;
use holdpoint::domain::session::SessionId;
use holdpoint::journal::{Access, Genesis, Journal};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// How many lines are committed one by one: some 3 MiB.
const COMMITTED: u64 = 10_000;

fn at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 2, 0, 0).unwrap()
}

fn by() -> By {
    By { person: "ana".into(), session: SessionId(2) }
}

fn facts(seq: u64) -> Vec<Fact> {
    let what = format!("signals.toml: failed-requests warns at 0.5 % instead of 0.4 %, change {seq}");
    vec![Fact::WorkspaceChanged { what }]
}

/// Makes the journal of a workspace in a state directory.
pub fn grow(state: &Path, workspace: &str, lines: u64) {
    fs::create_dir_all(state.join("journal")).unwrap();
    let mut out = BufWriter::new(File::create(state.join("journal/000001.jsonl")).unwrap());
    let mut prev = Digest::default();
    for seq in 1..=lines.saturating_sub(COMMITTED) {
        let (format, journal) = (FORMAT, JournalId::from_random([1; 8]));
        let facts = match seq {
            1 => vec![Fact::Genesis { format, journal, workspace: workspace.into() }],
            _ => facts(seq),
        };
        let entry = Entry { seq, at: at(), by: by(), cause: "bench".into(), facts, refusal: None, keys: None, prev };
        let mut line = serde_json::to_vec(&entry).unwrap();
        line.push(b'\n');
        prev = Digest::of_bytes(&line);
        out.write_all(&line).unwrap();
    }
    drop(out.into_inner().unwrap());
    let genesis = Genesis { workspace: workspace.into(), by: "ana".into(), id: None };
    let mut journal = Journal::open(state, Access::Private, at(), genesis).unwrap();
    for seq in 0..COMMITTED {
        let draft = Draft { cause: "bench".into(), outcome: Ok(facts(seq)) };
        journal.commit(at, by(), |_, _| Some(draft)).unwrap();
    }
}
