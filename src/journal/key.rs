//! The Ed25519 key of a state directory, made when first needed.
//!
//! Whoever can read it can sign a rewritten journal: a signature says that a head
//! was made by someone with access to this directory, and no more.

use super::error::{During, JournalError};
use super::head::{Head, SignedHead, from_hex, to_hex};
use super::layout::{Layout, sync_dir};
use ed25519_dalek::{Signer, SigningKey};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;

/// The signing key; its seed is wiped from memory when it is dropped.
pub struct SigningSeed(SigningKey);

impl SigningSeed {
    /// Reads the key; none when it has not been made.
    pub fn load(layout: &Layout) -> Result<Option<Self>, JournalError> {
        let path = layout.key();
        let text = match std::fs::read_to_string(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.during("read", &path)?,
        };
        let mode = std::fs::metadata(&path).during("look at", &path)?.permissions().mode() & 0o7777;
        if mode & 0o007 != 0 {
            let why = "everyone can use this signing key; take that away with `chmod o=`";
            return Err(JournalError::Exposed { path, mode, why });
        }
        let seed = from_hex::<32>(text.trim_end());
        let why = || "is not a key: 64 hex digits and a newline".to_owned();
        seed.map(|seed| Some(Self(SigningKey::from_bytes(&seed))))
            .ok_or_else(|| JournalError::Malformed { path, why: why() })
    }

    /// Reads the key, or makes one from random bytes of the system.
    pub fn load_or_make(layout: &Layout) -> Result<Self, JournalError> {
        if let Some(key) = Self::load(layout)? {
            return Ok(key);
        }
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|e| JournalError::Random(e.to_string()))?;
        let path = layout.key();
        let unborn = path.with_extension(format!("new-{}", std::process::id()));
        let mut file = layout.open_file(&unborn)?;
        let written = writeln!(file, "{}", to_hex(&seed)).and_then(|()| file.sync_all()).during("write", &unborn);
        // A link fails if another process was quicker; its key is then ours too.
        let linked = written.and_then(|()| match std::fs::hard_link(&unborn, &path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e).during("create", &path),
            _ => sync_dir(layout.root()),
        });
        let _ = std::fs::remove_file(&unborn);
        linked?;
        Self::load(layout)?.ok_or_else(|| JournalError::Malformed { path, why: "vanished".to_owned() })
    }

    /// The public key in hex.
    pub fn public(&self) -> String {
        to_hex(self.0.verifying_key().as_bytes())
    }

    /// Signs a head.
    pub fn sign(&self, head: Head) -> SignedHead {
        let key = self.public();
        let signature = to_hex(&self.0.sign(SignedHead::message(&head, &key).as_bytes()).to_bytes());
        SignedHead { head, key, signature }
    }
}
