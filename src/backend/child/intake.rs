//! What a running child prints, on its way to screen, file and verdict.
//!
//! Reading never waits for a reader of ours: what they cannot take is dropped.

use super::super::Sink;
use super::kept::{CAP, Kept};
use super::lines::Lines;
use super::run::{End, Ended};
use super::wanted::Capture;
use crate::domain::text;
use std::future::pending;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::time::{Instant, sleep, timeout};

/// How long a line for the screen may be, in characters.
const SHOWN: usize = 500;
/// How many bytes are read at once.
const CHUNK: usize = 32 * 1024;

/// Both streams of a child and everything that is kept of them.
pub struct Intake {
    out: Stream<ChildStdout>,
    err: Stream<ChildStderr>,
    kept: Option<Kept>,
    sink: Option<Sink>,
    document: (Vec<u8>, bool),
    room: usize,
    taken: u64,
}

struct Stream<R> {
    reader: Option<R>,
    buffer: Vec<u8>,
    lines: Lines,
}

impl<R: AsyncRead + Unpin> Stream<R> {
    fn new(reader: Option<R>) -> Self {
        Self { reader, buffer: vec![0; CHUNK], lines: Lines::default() }
    }

    /// Reads some bytes; none at the end. For ever when it has ended. May be dropped.
    async fn read(&mut self) -> usize {
        let Some(reader) = &mut self.reader else { return pending().await };
        let n = reader.read(&mut self.buffer).await.unwrap_or(0);
        if n == 0 {
            self.reader = None;
        }
        n
    }

    fn last(&self) -> Option<(&[u8], bool)> {
        self.lines.last()
    }
}

impl Intake {
    /// Prepares for a child's streams. A file that cannot be made is said in a
    /// line and not insisted on: on a full disk a rollback must still run.
    pub fn new(capture: Capture, out: Option<ChildStdout>, err: Option<ChildStderr>) -> Self {
        let kept = capture.sink.as_ref().and_then(|sink| {
            let file = sink.file.as_ref()?;
            Kept::create(file)
                .inspect_err(|error| {
                    show(sink, format!("output is not kept in {}: {error}", file.display()).as_bytes())
                })
                .ok()
        });
        let (out, err) = (Stream::new(out), Stream::new(err));
        Self { out, err, kept, sink: capture.sink, document: (Vec::new(), false), room: capture.document, taken: 0 }
    }

    /// Takes in the next bytes of either stream; waits for ever once both have
    /// ended. May be dropped and called again.
    pub async fn step(&mut self) {
        // A child that floods us is slowed down rather than allowed a whole core.
        if self.taken > CAP {
            sleep(Duration::from_millis(1)).await;
        }
        let Self { out, err, kept, sink, document, room, taken } = self;
        let (sink, mut keep) = (sink.as_ref(), |bytes: &[u8]| {
            if let Some(kept) = kept {
                kept.add(bytes);
            }
        });
        tokio::select! {
            n = out.read() => {
                let bytes = out.buffer.get(..n).unwrap_or_default();
                keep(bytes);
                *taken += bytes.len() as u64;
                let free = room.saturating_sub(document.0.len());
                document.0.extend(bytes.iter().take(free));
                document.1 |= *room > 0 && bytes.len() > free;
                out.lines.feed(bytes, |line| sink.iter().for_each(|sink| show(sink, line)));
            }
            n = err.read() => {
                let bytes = err.buffer.get(..n).unwrap_or_default();
                keep(bytes);
                *taken += bytes.len() as u64;
                err.lines.feed(bytes, |line| sink.iter().for_each(|sink| show(sink, line)));
            }
        }
    }

    /// Takes in what is still on its way, for a short while.
    pub async fn drain(&mut self, (longest, pause): (Duration, Duration)) {
        let until = Instant::now() + longest;
        while self.out.reader.is_some() || self.err.reader.is_some() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || timeout(left.min(pause), self.step()).await.is_err() {
                return;
            }
        }
    }

    /// What is known of the child now that it has ended.
    pub fn finish(mut self, end: End) -> Ended {
        let sink = self.sink.as_ref();
        self.out.lines.finish(|line| sink.iter().for_each(|sink| show(sink, line)));
        self.err.lines.finish(|line| sink.iter().for_each(|sink| show(sink, line)));
        Ended {
            end,
            last_out: self.out.last().map(|(line, cut)| (line.to_owned(), cut)),
            last_err: self.err.last().map(|(line, _)| text::shortened(&text::visible_bytes(line), SHOWN)),
            document: self.document,
            output: self.kept.map(Kept::finish),
        }
    }
}

/// Offers a line to the screen; nothing is done for it when there is no room.
fn show(sink: &Sink, line: &[u8]) {
    if let Ok(place) = sink.lines.try_reserve() {
        place.send(harmless(line));
    }
}

/// A line for the screen. Only as much as can be shown is looked at.
fn harmless(line: &[u8]) -> String {
    let enough = line.get(..SHOWN * 4).unwrap_or(line);
    text::shortened(&text::visible_bytes(enough), SHOWN)
}
