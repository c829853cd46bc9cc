//! How what is live differs from what was declared, as somebody asked for it.
//!
//! What could not be compared is said beside the differences: without it an empty list would
//! look like *no drift*.

use super::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What was compared with what, a line each.
    pub compared: Vec<String>,
    /// Where they differ.
    pub differences: Vec<Difference>,
    /// How many more differences there are than are told.
    pub more: usize,
    /// What could not be compared, and why.
    pub unknown: Vec<String>,
    /// The arguments that say to the verb `mend` that exactly these differences are meant; none where it can mend nothing
    /// there.
    #[serde(skip)]
    pub mend: BTreeMap<&'static str, String>,
    /// Variables and arguments whose values stand in what is live itself. They are never shown as they are: some are secrets.
    #[serde(skip)]
    pub literals: Vec<Literal>,
}

/// A variable or an argument whose value stands in the object itself, as it stands there: not harmless yet.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Literal {
    /// Object and container, as people write them.
    pub within: String,
    /// The list and number of the argument; none for a variable.
    pub argument: Option<(&'static str, usize)>,
    /// The variable, or the option whose value it is; empty for any other argument.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether its name says that its value is a secret.
    pub secret: bool,
}

impl std::fmt::Debug for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.argument {
            Some((list, at)) => write!(f, "{} {list}[{at}]", self.within),
            None => write!(f, "{} env[{}]", self.within, self.name),
        }
    }
}

/// One place where they differ; all words are made harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The object, as people write it.
    pub object: String,
    /// The path in it; empty for all of it.
    pub path: String,
    /// What was declared.
    pub declared: String,
    /// What is live.
    pub live: String,
    /// Who changed it last there, where that is known.
    pub by: Option<Changed>,
    /// Whether an autoscaler has set it: it is meant to differ.
    pub scaled: bool,
}

/// Who changed something last, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What it calls itself.
    pub by: String,
    /// When, where that is noted.
    pub at: Option<Timestamp>,
}

/// What can be said of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// All is as declared, but for what an autoscaler sets.
    Same,
    /// Whether it is as declared is not known.
    Unknown,
    /// It differs.
    Drift,
}

impl Drift {
    /// A comparison that could not be made at all.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { unknown: vec![why.into()], ..Self::default() }
    }

    /// What can be said of it.
    pub fn word(&self) -> Word {
        if self.more > 0 || self.differences.iter().any(|one| !one.scaled) {
            return Word::Drift;
        }
        if self.compared.is_empty() || !self.unknown.is_empty() { Word::Unknown } else { Word::Same }
    }
}
