//! What an operation says while it is under way: lines for the screen, and the file
//! whose digest goes into the journal.

use super::child::Kept;
use super::{Done, Fault, Sink};
#[cfg(feature = "kubernetes")]
use crate::domain::name::PersonName;
use crate::domain::report::{Output, Receipt};

/// Where its lines go. Every line is made harmless by whoever makes it.
pub struct Record {
    sink: Sink,
    kept: Option<Kept>,
    lost: Option<String>,
    last: String,
    who: String,
}

impl Record {
    /// Begins it. If the file cannot be written, a change goes on without it.
    pub fn new(sink: Sink) -> Self {
        let (kept, lost) = match sink.file.as_deref().map(Kept::create).transpose() {
            Ok(kept) => (kept, None),
            Err(error) => (None, Some(error.to_string())),
        };
        Self { sink, kept, lost, last: String::new(), who: String::new() }
    }

    /// Begins that of one among several, named in each line.
    #[cfg(feature = "kubernetes")]
    pub fn of(sink: Sink, who: &str) -> Self {
        Self { who: format!("{who}: "), ..Self::new(sink) }
    }

    /// The person by whose word it is done, where that is known.
    #[cfg(feature = "kubernetes")]
    pub fn by(&self) -> Option<&PersonName> {
        self.sink.by.as_ref()
    }

    /// Why nothing is kept that was to be, for what is done for nothing else.
    pub fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }

    /// Whether it may still leave: what was decided so long ago is decided anew.
    ///
    /// # Errors
    /// That it is too late, and that nothing was sent.
    pub fn in_time(&self) -> Result<(), Fault> {
        self.sink.in_time()
    }

    /// Says a line, unless it was the last one too.
    pub fn say(&mut self, line: &str) {
        if line == self.last {
            return;
        }
        line.clone_into(&mut self.last);
        self.keep(&format!("{line}\n"));
        // Full means that the screen is behind; the file has it.
        let _ = self.sink.lines.try_send(format!("{}{line}", self.who));
    }

    /// Whether what leads back waits for this to end; see [`Sink::leave`].
    pub fn makes_way(&self) -> bool {
        self.sink.leave.is_given()
    }

    /// Waits between two looks, and is woken when it has to make way; once that is known, it is an ordinary pause.
    pub async fn pause(&mut self, pause: std::time::Duration) {
        if self.makes_way() {
            return tokio::time::sleep(pause).await;
        }
        let _ = tokio::time::timeout(pause, self.sink.leave.given()).await;
    }

    /// Keeps a text in the file alone; gives whether all of it is there, where anything is to be kept.
    pub fn keep(&mut self, text: &str) -> bool {
        self.kept.as_mut().is_none_or(|kept| kept.add(text.as_bytes()))
    }

    /// How the taking of evidence ended, of which so many parts are kept whole: what no longer went into
    /// the file was not saved, the summary perhaps among it.
    ///
    /// # Errors
    /// That nothing of it is kept.
    pub fn saved(self, summary: String, saved: u32, of: u32) -> Result<Done, Fault> {
        let output = self.finish();
        let (bytes, dropped) = output.as_ref().map_or((1, 0), |output| (output.bytes, output.dropped));
        if bytes == 0 {
            let why = "nothing is saved: the operation's output cannot be written; look at the disk".to_owned();
            return Err(Fault::Refused { why, output });
        }
        let mut receipt = Receipt { summary, output, ..Receipt::default() };
        let mut of = of.max(saved);
        if dropped > 0 {
            of = of.max(saved.saturating_add(1));
            receipt.summary.push_str(&format!("; not saved: the last {dropped} bytes, for which there was no room"));
        }
        Ok(if of > saved { Done::Partly(saved, of, receipt) } else { Done::Whole(receipt) })
    }

    /// What was kept.
    pub fn finish(self) -> Option<Output> {
        self.kept.map(Kept::finish)
    }
}
