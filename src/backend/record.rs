//! What an operation says while it is under way: lines for the screen, and the file
//! whose digest goes into the journal.

use super::Sink;
use super::child::Kept;
use crate::domain::report::Output;

/// Where its lines go. Every line is made harmless by whoever makes it.
pub struct Record {
    sink: Sink,
    kept: Option<Kept>,
    last: String,
}

impl Record {
    /// Begins it. If the file cannot be written, the operation goes on without it.
    pub fn new(sink: Sink) -> Self {
        let kept = sink.file.as_deref().and_then(|path| Kept::create(path).ok());
        Self { sink, kept, last: String::new() }
    }

    /// Says a line, unless it was the last one too.
    pub fn say(&mut self, line: &str) {
        if line == self.last {
            return;
        }
        line.clone_into(&mut self.last);
        self.keep(&format!("{line}\n"));
        // Full means that the screen is behind; the file has it.
        let _ = self.sink.lines.try_send(line.to_owned());
    }

    /// Keeps a text in the file alone.
    pub fn keep(&mut self, text: &str) {
        if let Some(kept) = &mut self.kept {
            kept.add(text.as_bytes());
        }
    }

    /// What was kept.
    pub fn finish(self) -> Option<Output> {
        self.kept.map(Kept::finish)
    }
}
