//! Measures the journal: folding, verifying, committing, each beside what the
//! machine itself can do. `cargo bench --bench journal [-- LINES]`, a table on stdout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use chrono::{TimeZone, Utc};
use holdpoint::domain::Timestamp;
use holdpoint::domain::digest::Digest;
use holdpoint::domain::entry::{By, Draft, Entry};
use holdpoint::domain::fact::{FORMAT, Fact};
use holdpoint::domain::journal_id::JournalId;
use holdpoint::domain::session::SessionId;
use holdpoint::journal::{Access, Genesis, Journal, tail, verify};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

fn at() -> Timestamp {
    Utc.with_ymd_and_hms(2026, 11, 21, 2, 0, 0).unwrap()
}

fn by() -> By {
    By { person: "ana".into(), session: SessionId(2) }
}

fn fact(seq: u64) -> Vec<Fact> {
    vec![Fact::WorkspaceChanged {
        what: format!("signals.toml: failed-requests warns at 0.5 % instead of 0.4 %, change {seq}"),
    }]
}

/// One segment of so many lines; returns its bytes.
fn write_lines(dir: &Path, lines: u64) -> u64 {
    fs::create_dir_all(dir.join("journal")).unwrap();
    let mut out = BufWriter::new(File::create(dir.join("journal/000001.jsonl")).unwrap());
    let (mut prev, mut bytes) = (Digest::default(), 0);
    for seq in 1..=lines {
        let genesis = Fact::Genesis { format: FORMAT, journal: JournalId::from_random([1; 8]), workspace: "w".into() };
        let facts = if seq == 1 { vec![genesis] } else { fact(seq) };
        let entry = Entry { seq, at: at(), by: by(), cause: "advance".into(), facts, refusal: None, keys: None, prev };
        let mut line = serde_json::to_vec(&entry).unwrap();
        line.push(b'\n');
        prev = Digest::of_bytes(&line);
        bytes += line.len() as u64;
        out.write_all(&line).unwrap();
    }
    out.into_inner().unwrap().sync_all().unwrap();
    bytes
}

fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    (what(), started.elapsed())
}

fn p50(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("?").trim().to_owned()
}

fn main() {
    let lines = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000_000u64);
    let dir = tempfile::tempdir_in(".").unwrap();
    let one = dir.path().join("one");
    let bytes = write_lines(&one, lines);
    let rate = |time: Duration| lines as f64 / time.as_secs_f64();
    println!("{lines} lines, {} bytes a line, {:.0} MB", bytes / lines, bytes as f64 / 1e6);

    let (viewed, fold) = timed(|| Journal::view(&one).unwrap());
    assert_eq!((viewed.ledger().seq, viewed.broken()), (lines, None));
    println!("fold            {fold:>10.2?}  {:>9.0} lines/s", rate(fold));
    let (verified, verifying) = timed(|| verify(&one, None).unwrap());
    println!("verify          {verifying:>10.2?}  {:>9.0} lines/s   {verified}", rate(verifying));
    let path = one.join("journal/000001.jsonl");
    println!("peak memory so far {}", peak_memory());
    let content = fs::read(&path).unwrap();
    let (_, hashing) = timed(|| Digest::of_bytes(&content));
    println!("sha256 of it    {hashing:>10.2?}  {:>9.0} MB/s", bytes as f64 / 1e6 / hashing.as_secs_f64());
    let (_, parsing) = timed(|| {
        content
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .for_each(|l| drop(serde_json::from_slice::<Entry>(l).unwrap()));
    });
    println!("parsing it      {parsing:>10.2?}  {:>9.0} lines/s", rate(parsing));
    drop(content);

    let genesis = || Genesis { workspace: "w".into(), by: "ana".into(), id: None };
    let mut journal = Journal::open(&one, Access::Private, at(), genesis()).unwrap();
    // The first one ends the long segment.
    let commit = |journal: &mut Journal, n| {
        let draft = Draft { cause: "bench".into(), outcome: Ok(fact(n)) };
        timed(|| journal.commit(at, by(), |_, _| Some(draft)).unwrap()).1
    };
    commit(&mut journal, 0);
    let filled = 4 << 20;
    let mut n = 0;
    let mut times = Vec::new();
    let bare = File::create(dir.path().join("bare")).unwrap();
    let mut bare_times = Vec::new();
    let (mut end, line) = (0, vec![b'x'; (bytes / lines) as usize]);
    while n < 3000 {
        n += 1;
        times.push(commit(&mut journal, n));
        bare_times.push(
            timed(|| {
                std::os::unix::fs::FileExt::write_all_at(&bare, &line, end).unwrap();
                bare.sync_data().unwrap();
            })
            .1,
        );
        end += line.len() as u64;
    }
    println!("commit p50      {:>10.2?}   bare write + fdatasync p50 {:.2?}", p50(times), p50(bare_times));

    let full = dir.path().join("full");
    let bytes = write_lines(&full, filled / (bytes / lines));
    drop(Journal::open(&full, Access::Private, at(), genesis()).unwrap());
    let opened =
        p50((0..20).map(|_| timed(|| Journal::open(&full, Access::Private, at(), genesis()).unwrap()).1).collect());
    println!("opening a full segment of {:.1} MB   {opened:.2?}", bytes as f64 / 1e6);
    println!("tail of 100     {:>10.2?}", timed(|| tail(&full, 100).unwrap()).1);
}
