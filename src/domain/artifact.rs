//! What an artefact must be: the digest that was approved, a place in a list of checksums, a signature.
//!
//! What is written of it in `signals.toml`, with who may have signed it. Whether it is so is looked at by
//! `backend::probe::artifact`.

use super::digest::Digest;
use super::name::ReleaseName;
use super::ssh_key::{self, Fingerprint};
use super::text::shortened;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::PublicKey;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A file, and what is held against it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Its path, from the workspace or absolute; may name `{environment}` and `{service}`.
    pub file: String,
    /// The digest it must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The release whose bill of materials says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseName>,
    /// A list of checksums that names it, as `sha256sum` writes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksums: Option<String>,
    /// A signature over the list, or over the file where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Public keys, one of which must have made it; as they are written, each is [`Signer::read`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// A key that may have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Of OpenSSH, which signs with `ssh-keygen -Y sign -n file`.
    Ssh(Fingerprint),
    /// Of minisign, with what shows of it.
    Minisign(PublicKey, String),
    /// On the curve P-256, as cosign and OpenSSL make them: the uncompressed point.
    P256(Vec<u8>),
}

/// A text that is none of the keys that signatures are checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSigner {
    /// It is private, and was nearly published.
    #[error("it is a private key, or a part of one; write the public one")]
    Private,
    /// It is none of them.
    #[error(
        "it is no public key of OpenSSH (ssh-ed25519 AAAA…, SHA256:…), of minisign (RW…), or on P-256 in PEM, as cosign.pub has it"
    )]
    Neither,
}

/// What stands before the point in every P-256 key in DER: RFC 5480, section 2.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// So much of a key of minisign holds its number.
const SHOWN: usize = 16;
/// So long is an uncompressed point on it.
const POINT: usize = 65;

impl Signer {
    /// Reads a public key in the form that its program writes it.
    pub fn read(text: &str) -> Result<Self, NoSigner> {
        let text = text.trim();
        if text.contains("PRIVATE KEY") || text.contains("secret key") {
            return Err(NoSigner::Private);
        }
        if text.starts_with("-----BEGIN PUBLIC KEY-----") {
            return p256(text).map(Self::P256).ok_or(NoSigner::Neither);
        }
        // The last line of a `.pub` file of minisign is the key; the first is a comment.
        let last = text.lines().last().unwrap_or_default();
        if let Ok(key) = PublicKey::from_base64(last) {
            return Ok(Self::Minisign(key, shortened(last, SHOWN)));
        }
        ssh_key::read(text).map(Self::Ssh).map_err(|_| NoSigner::Neither)
    }
}

fn p256(pem: &str) -> Option<Vec<u8>> {
    let body = pem.strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let der = STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()?;
    let point = der.strip_prefix(&P256)?;
    (point.len() == POINT && point.first() == Some(&4)).then(|| point.to_vec())
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ssh(key) => write!(f, "the SSH key {key}"),
            Self::Minisign(_, text) => write!(f, "the minisign key {text}"),
            Self::P256(point) => write!(f, "the P-256 key {}", Digest::of_bytes(point).short()),
        }
    }
}

/// Reads a digest as bills of materials and registries write it: `sha256:` and 64 hex digits, or these alone, in either case.
pub fn digest(text: &str) -> Option<Digest> {
    text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase().parse().ok()
}
