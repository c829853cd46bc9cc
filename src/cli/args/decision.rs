//! The words in which people give theirs: votes, approvals and rejections, also
//! those that were spoken.
//!
//! What they do is in `cli::queue`.

use clap::{Args, ValueEnum};

/// A vote in one word.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteWord {
    /// Go.
    Go,
    /// No go.
    NoGo,
    /// Go once a condition is met.
    GoIf,
}

/// An approval or a rejection.
#[derive(Args, Debug)]
pub struct Decision {
    /// RUN/STEP, one or more.
    #[arg(required = true)]
    pub subjects: Vec<String>,
    /// For which role; the fitting one when not given.
    #[arg(long)]
    pub role: Option<String>,
    /// Why.
    #[arg(long, default_value = "")]
    pub reason: String,
    /// Digest of what you saw, eight hex digits or more; as it is now when not given.
    #[arg(long)]
    pub saw: Option<String>,
    /// For a spoken decision.
    #[command(flatten)]
    pub spoken: SpokenArgs,
}

/// Who said and heard a decision that was spoken.
#[derive(Args, Debug, Clone, Default)]
pub struct SpokenArgs {
    /// Who said it.
    #[arg(long, value_name = "PERSON", requires = "heard_by")]
    pub said_by: Option<String>,
    /// Who else heard it.
    #[arg(long, value_name = "PERSON", requires = "said_by")]
    pub heard_by: Option<String>,
    /// The exact words.
    #[arg(long, value_name = "TEXT", requires = "said_by")]
    pub words: Option<String>,
}
