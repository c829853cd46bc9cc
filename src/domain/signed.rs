//! Decisions that are signed: the text that a person reads and signs, and the signature over it.
//!
//! A text is a heading of fixed lines, an empty line, and what is decided on in words. It holds all that
//! ties it to one decision, so that it can travel as a file and be checked with `ssh-keygen -Y verify` alone.
//! Whether it counts is `engine::statement`'s to say.

use super::Timestamp;
use super::digest::Digest;
use super::memo::Memo;
use super::name::{PersonName, RoleName, RunId, StepName};
use super::ssh_key::Fingerprint;
use super::ssh_signature::{self, Unsigned};
use super::text::acts;
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What signatures are made for: `ssh-keygen -Y sign -n holdpoint-approval`.
pub const NAMESPACE: &str = "holdpoint-approval";
/// The first line of every text.
const FIRST: &str = "holdpoint approval 1";
/// Longer texts are not read: a plan of a thousand steps takes a tenth.
pub const LONGEST: usize = 1 << 20;

/// A text and the signature over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The text, to the byte.
    pub text: String,
    /// The signature, armoured as `ssh-keygen` writes it.
    pub signature: String,
    #[serde(skip)]
    key: Memo<Result<Fingerprint, Unsigned>>,
}

impl Signed {
    /// A text with its signature, neither looked at yet.
    pub fn new(text: String, signature: String) -> Self {
        Self { text, signature, key: Memo::default() }
    }

    /// Digest of the text, whatever the signature over it.
    pub fn digest(&self) -> Digest {
        Digest::of_bytes(self.text.as_bytes())
    }

    /// The key that made the signature over exactly this text.
    ///
    /// # Errors
    /// Why the signature counts for nothing.
    pub fn key(&self) -> &Result<Fingerprint, Unsigned> {
        self.key.get(|| ssh_signature::check(&self.signature, NAMESPACE, self.text.as_bytes()))
    }
}

/// The heading of a text: one decision of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The journal that the run is in; another one may have a run of the same number.
    pub journal: String,
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// Approve or reject.
    pub yes: bool,
    /// For which role.
    pub role: RoleName,
    /// Whose decision it is.
    pub person: PersonName,
    /// Why; empty where policy does not ask for it.
    pub reason: String,
    /// When the text was made, in whole seconds.
    pub asked: Timestamp,
    /// Until when it counts, in whole seconds.
    pub until: Timestamp,
    /// Digest of what is decided on.
    pub change: Digest,
}

/// Why a text is no decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A line, from 1, says something else.
    #[error("line {line} must be {wanted:?}{MADE}")]
    Line {
        /// Which.
        line: usize,
        /// What it must begin with, or be.
        wanted: &'static str,
    },
    /// A line holds what would act on a terminal, or be read as something else.
    #[error("line {0} holds {1}, which does not show as it is; write it without")]
    Acts(usize, String),
    /// A line is longer than anybody reads.
    #[error("line {0} says more than {1} characters; say it in fewer")]
    Long(usize, usize),
}

/// What to do about a text of another form.
const MADE: &str = "; make the file anew with `holdpoint approve RUN/STEP --export FILE`";
/// Longer names and times are not read.
const NAME: usize = 200;
/// Longer reasons are not read.
const REASON: usize = 1000;

const KEYS: [&str; 10] =
    ["journal: ", "run: ", "step: ", "decision: ", "role: ", "person: ", "reason: ", "asked: ", "until: ", "change: "];

impl Heading {
    /// Reads the heading of a text and says what follows it.
    pub fn read(text: &str) -> Result<(Self, &str), Unread> {
        let wrong = |line: usize, wanted| Unread::Line { line, wanted };
        let (first, mut rest) = text.split_once('\n').unwrap_or((text, ""));
        if first != FIRST {
            return Err(wrong(1, FIRST));
        }
        let mut values = [""; KEYS.len()];
        for (n, (value, key)) in values.iter_mut().zip(KEYS).enumerate() {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            *value = line.strip_prefix(key).ok_or(wrong(n + 2, key))?;
            plain(n + 2, value, if key == "reason: " { REASON } else { NAME })?;
            rest = after;
        }
        let body = rest.strip_prefix('\n').ok_or(wrong(KEYS.len() + 2, ""))?;
        let [journal, run, step, decision, role, person, reason, asked, until, change] = values;
        let instant = |n, key, text: &str| {
            chrono::DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| wrong(n, key))
        };
        let heading = Self {
            journal: journal.to_owned(),
            run: RunId(run.parse().map_err(|_| wrong(3, "run: NUMBER"))?),
            step: StepName::new(step),
            yes: match decision {
                "approve" => true,
                "reject" => false,
                _ => return Err(wrong(5, "decision: approve")),
            },
            role: role.into(),
            person: person.into(),
            reason: reason.to_owned(),
            asked: instant(9, "asked: TIME", asked)?,
            until: instant(10, "until: TIME", until)?,
            change: change.parse().map_err(|_| wrong(11, "change: DIGEST"))?,
        };
        Ok((heading, body))
    }

    /// The whole text, with what is decided on behind it.
    pub fn text(&self, body: &str) -> String {
        format!("{self}\n{body}")
    }
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let values = [
            self.journal.clone(),
            self.run.to_string(),
            self.step.to_string(),
            if self.yes { "approve" } else { "reject" }.to_owned(),
            self.role.to_string(),
            self.person.to_string(),
            self.reason.clone(),
            instant(self.asked),
            instant(self.until),
            self.change.to_string(),
        ];
        writeln!(f, "{FIRST}")?;
        KEYS.iter().zip(values).try_for_each(|(key, value)| writeln!(f, "{key}{value}"))
    }
}

/// Whether what a line says is short, and shows as what it is: whoever signs it or reads of it sees all of it.
fn plain(line: usize, value: &str, most: usize) -> Result<(), Unread> {
    if value.chars().count() > most {
        return Err(Unread::Long(line, most));
    }
    let acting = value.chars().find(|c| acts(*c));
    acting.map_or(Ok(()), |c| Err(Unread::Acts(line, c.escape_unicode().to_string())))
}
