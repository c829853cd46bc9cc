//! The words in which people give theirs: votes, approvals and rejections, also
//! those that were spoken.
//!
//! What they do is in `cli::queue`.

use crate::domain::span::Span;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

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
    #[arg(required_unless_present = "import")]
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
    /// For a signed one.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// How a decision is signed.
#[derive(Args, Debug)]
pub struct SigningArgs {
    /// Sign it with your SSH key: one of your `keys` in holdpoint.toml, from ~/.ssh or the agent.
    #[arg(long, conflicts_with_all = ["said_by", "export", "import"])]
    pub sign: bool,
    /// The key to sign with: its file, or its .pub where an agent has it.
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub key: Option<PathBuf>,
    /// Decide nothing, and write the text to sign to a new file, which may travel; `-` prints it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["said_by", "import"])]
    pub export: Option<PathBuf>,
    /// Whose decision the file will be; yours when not given.
    #[arg(long = "by", value_name = "PERSON", requires = "export")]
    pub whose: Option<String>,
    /// Take down the decision in a file that was signed; the signature is FILE.sig.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["subjects", "said_by", "role", "reason", "saw"])]
    pub import: Option<PathBuf>,
    /// How long a signed decision counts, at most seven days.
    #[arg(long = "for", value_name = "SPAN", default_value = "24h")]
    pub lasts: Span,
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
