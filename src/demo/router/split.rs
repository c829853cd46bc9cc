//! Splitting by weight: over any hundred choices the candidate gets exactly its
//! share, evenly spread, so that a small weight is neither bursty nor lucky.

/// Remembers how much is owed to the candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    owed: u32,
}

impl Split {
    /// Whether the next one is the candidate's, at a weight in percent.
    pub fn candidate(&mut self, weight: u8) -> bool {
        self.owed += u32::from(weight);
        let its = self.owed >= 100;
        self.owed -= if its { 100 } else { 0 };
        its
    }
}
