//! Cuts a stream of bytes into lines, bounded whatever comes.
//!
//! It never buffers more than one line and never waits for who reads them.

/// The longest line that is kept; the rest of it is dropped.
pub const LONGEST: usize = 64 * 1024;

/// Lines of one stream. `\n` and `\r` both end a line; empty lines are skipped.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
    partial_cut: bool,
    last: Vec<u8>,
    last_cut: bool,
}

impl Lines {
    /// Takes in bytes and calls `each` with every line that they complete.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let mut pieces = bytes.split(|b| matches!(b, b'\n' | b'\r')).peekable();
        while let Some(piece) = pieces.next() {
            let room = LONGEST.saturating_sub(self.partial.len());
            self.partial_cut |= piece.len() > room;
            self.partial.extend(piece.iter().take(room));
            if pieces.peek().is_some() {
                self.complete(&mut each);
            }
        }
    }

    /// Takes what is left as the last line.
    pub fn finish(&mut self, mut each: impl FnMut(&[u8])) {
        self.complete(&mut each);
    }

    /// The last line that was not blank, and whether it was cut.
    pub fn last(&self) -> Option<(&[u8], bool)> {
        (!self.last.is_empty()).then_some((&self.last, self.last_cut))
    }

    fn complete(&mut self, each: &mut impl FnMut(&[u8])) {
        if !self.partial.trim_ascii().is_empty() {
            each(&self.partial);
            std::mem::swap(&mut self.last, &mut self.partial);
            self.last_cut = self.partial_cut;
        }
        self.partial.clear();
        self.partial_cut = false;
    }
}
