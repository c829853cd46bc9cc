//! What heads held by someone else prove.
//!
//! Whoever fetches them (from a git remote, a log server) gives their text here;
//! this file only reads and compares. A journal is proven up to the newest head
//! that someone else holds and that its chain contains; one that contradicts it
//! is a rewrite.

use super::head::SignedHead;
use super::heads::HeadLine;
use crate::domain::digest::Digest;
use crate::domain::journal_id::JournalId;
use std::collections::BTreeMap;

/// Heads that were obtained from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// Where they are held, as it is to be named.
    pub place: String,
    heads: Vec<HeadLine>,
}

/// What an anchor says of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It holds this line, and so all before it.
    Proven {
        /// The number of the newest line it holds.
        through: u64,
    },
    /// It holds a line that the journal does not have, or has otherwise.
    Contradicted {
        /// The number of the first such line.
        seq: u64,
        /// What is different.
        why: String,
    },
    /// It says nothing of this journal.
    Silent {
        /// Why not.
        why: String,
    },
}

impl Anchor {
    /// Reads heads, one a line; empty lines and those beginning with `#` are left out.
    pub fn read(place: impl Into<String>, text: &str) -> Self {
        let lines = text.lines().zip(1u64..).map(|(line, n)| (line.trim(), n));
        let heads = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        let heads = heads.map(|(line, n)| {
            let head = line.parse::<SignedHead>().map_err(|e| e.to_string());
            (n, head.and_then(|head| if head.genuine() { Ok(head) } else { Err("its signature is wrong".to_owned()) }))
        });
        Self { place: place.into(), heads: heads.collect() }
    }

    /// All genuine heads, of whichever journals.
    pub fn all(&self) -> impl Iterator<Item = &SignedHead> {
        self.heads.iter().filter_map(|(_, head)| head.as_ref().ok())
    }

    /// The genuine heads of a journal.
    pub fn heads<'a>(&'a self, journal: &'a JournalId) -> impl Iterator<Item = &'a SignedHead> {
        self.all().filter(move |head| head.head.journal == *journal)
    }

    /// Lines that are no genuine head: their number and what is wrong. They prove nothing.
    pub fn worthless(&self) -> impl Iterator<Item = (u64, &str)> {
        self.heads.iter().filter_map(|(n, head)| head.as_ref().err().map(|why| (*n, why.as_str())))
    }

    /// Judges a journal by the digests of its lines; `digests` must hold each line
    /// that [`Anchor::heads`] names and the journal has.
    pub fn judge(&self, journal: &JournalId, digests: &BTreeMap<u64, Digest>) -> Judgement {
        let mut heads: Vec<_> = self.heads(journal).map(|head| &head.head).collect();
        heads.sort_by_key(|head| head.seq);
        for head in &heads {
            let (seq, place) = (head.seq, &self.place);
            let why = match digests.get(&seq) {
                Some(digest) if *digest == head.line => continue,
                Some(_) => format!("{place} holds another line {seq}, with digest {}", head.line.short()),
                None => format!("{place} holds line {seq}, and the journal ends before it"),
            };
            return Judgement::Contradicted { seq, why };
        }
        match heads.last() {
            Some(newest) => Judgement::Proven { through: newest.seq },
            None => Judgement::Silent { why: self.silence() },
        }
    }

    fn silence(&self) -> String {
        match (self.heads.len(), self.worthless().next()) {
            (0, _) => format!("{} holds no head", self.place),
            (_, Some((n, why))) => format!("{} holds no head of this journal, and its line {n}: {why}", self.place),
            (n, None) => format!("{} holds {n} heads, all of other journals", self.place),
        }
    }
}
