//! Heads: number and digest of a line, signed.
//!
//! A head names everything before it, because every line names the one before.
//! As text it is one line of seven words, so that it can be kept by anything that
//! keeps lines: a git repository, a syslog server, a printed page.

use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::journal_id::JournalId;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The first word of a head's text.
const WORD: &str = "holdpoint-head-v1";

/// A line of a journal, and with it all lines before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The journal.
    pub journal: JournalId,
    /// The line's number.
    pub seq: u64,
    /// SHA-256 of the line's exact bytes with its newline.
    pub line: Digest,
    /// When the line was decided.
    pub at: Timestamp,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        write!(f, "{WORD} {} {} {} {at}", self.journal, self.seq, self.line)
    }
}

/// A head with an Ed25519 signature over its text and the public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// What was signed.
    pub head: Head,
    /// The public key, in hex.
    pub key: String,
    /// The signature, in hex.
    pub signature: String,
}

impl SignedHead {
    /// The exact bytes that are signed: the first six words of the text.
    pub fn message(head: &Head, key: &str) -> String {
        format!("{head} {key}")
    }

    /// Whether the signature is that of the key the head itself names. Whose key
    /// that is, the head cannot say.
    pub fn genuine(&self) -> bool {
        let key = from_hex::<32>(&self.key).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        let signature = from_hex::<64>(&self.signature).map(|bytes| Signature::from_bytes(&bytes));
        let message = Self::message(&self.head, &self.key);
        match (key, signature) {
            (Some(key), Some(signature)) => key.verify_strict(message.as_bytes(), &signature).is_ok(),
            _ => false,
        }
    }
}

impl fmt::Display for SignedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.head, self.key, self.signature)
    }
}

/// Why a text is no head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a head is `{WORD} JOURNAL NUMBER DIGEST TIME KEY SIGNATURE` on one line")]
pub struct NotAHead;

impl FromStr for SignedHead {
    type Err = NotAHead;
    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [WORD, journal, seq, line, at, key, signature] = words.as_slice() else {
            return Err(NotAHead);
        };
        let journal = from_hex::<8>(journal).map(JournalId::from_random).ok_or(NotAHead)?;
        let at = at.parse().map_err(|_| NotAHead)?;
        let (seq, line) = (seq.parse().map_err(|_| NotAHead)?, line.parse().map_err(|_| NotAHead)?);
        let head = Head { journal, seq, line, at };
        Ok(Self { head, key: (*key).to_owned(), signature: (*signature).to_owned() })
    }
}

impl Serialize for SignedHead {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignedHead {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Bytes as lower-case hex.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Exactly `N` bytes from lower-case hex.
pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0u8; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
