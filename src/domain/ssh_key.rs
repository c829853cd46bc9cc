//! SSH public keys as people write them down: in full, or as a fingerprint.
//!
//! A key is known by its SHA-256 fingerprint, as `ssh-keygen -l` prints it. Read is what both
//! forms and the wire format (RFC 4251, section 5) say; what a key signed is `ssh_signature`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// SHA-256 of a public key's wire form: `SHA256:` and 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of a public key in wire form.
    pub fn of(blob: &[u8]) -> Self {
        Self(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(blob))))
    }

    /// The fingerprint as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// It begins like a fingerprint and is none.
    #[error("a fingerprint is SHA256: and 43 characters of base64, as `ssh-keygen -lf KEY.pub` prints it")]
    Fingerprint,
    /// It is neither.
    #[error("it is neither a fingerprint (SHA256:…) nor a line of a KEY.pub file (ssh-ed25519 AAAA…)")]
    Neither,
    /// It is a private key.
    #[error("it is a private key, or a part of one; write the line of its KEY.pub file")]
    Private,
}

/// Reads a fingerprint, or the line of a public key: its type, its base64, and a comment that is passed over.
pub fn read(text: &str) -> Result<Fingerprint, NoKey> {
    let text = text.trim();
    if text.contains("PRIVATE KEY") {
        return Err(NoKey::Private);
    }
    if let Some(hash) = text.strip_prefix("SHA256:") {
        let known = STANDARD_NO_PAD.decode(hash).ok().filter(|bytes| bytes.len() == 32);
        return known.map(|_| Fingerprint(text.to_owned())).ok_or(NoKey::Fingerprint);
    }
    let mut words = text.split_ascii_whitespace();
    let (Some(kind), Some(base64)) = (words.next(), words.next()) else { return Err(NoKey::Neither) };
    let blob = STANDARD.decode(base64).map_err(|_| NoKey::Neither)?;
    // The type stands once more within, so that no base64 of anything else is taken for a key.
    let named = string(&mut blob.as_slice()).is_some_and(|within| within == kind.as_bytes());
    if named { Ok(Fingerprint::of(&blob)) } else { Err(NoKey::Neither) }
}

/// The line of a public key in wire form, as files of OpenSSH have it; none where it names no type.
pub fn line(blob: &[u8]) -> Option<String> {
    let kind = std::str::from_utf8(string(&mut &*blob)?).ok()?;
    let plain = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_graphic());
    plain.then(|| format!("{kind} {}", STANDARD.encode(blob)))
}

/// Takes the next `string` of the wire form: four bytes of length, and that many bytes.
pub(super) fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(*take(rest, 4)?.first_chunk()?);
    take(rest, usize::try_from(length).ok()?)
}

/// Takes so many bytes.
pub(super) fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

/// Bytes as a `string` of the wire form.
pub(super) fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    into.extend(bytes);
}
