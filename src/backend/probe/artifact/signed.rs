//! Signatures over artefacts, whoever's program made them: told apart by their form, checked against the named keys.
//!
//! OpenSSH's (`ssh-keygen -Y sign -n file`), minisign's, and those of a P-256 key: base64 of `cosign sign-blob` or of
//! OpenSSL, and cosign's bundles, old and new. Certificates in bundles are not followed: who is behind them
//! cannot be told without the authority's own log.

use crate::domain::artifact::Signer;
use crate::domain::digest::Digest;
use crate::domain::ssh_signature;
use crate::domain::text::{shortened, visible};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::Signature;
use serde::Deserialize;

/// What signatures over files are made for: `ssh-keygen -Y sign -n file`, as OpenSSH's manual has it.
const NAMESPACE: &str = "file";
/// So much of what a signature says of itself is shown.
const SHOWN: usize = 80;

/// Whether one of these keys signed exactly these bytes; who did, in words.
///
/// # Errors
/// Why the signature counts for nothing.
pub fn check(signature: &[u8], what: &str, bytes: &[u8], signers: &[Signer]) -> Result<String, String> {
    let text = std::str::from_utf8(signature).map_err(|_| {
        format!(
            "the signature over {what} is no text; write it as base64 (`cosign sign-blob` and `openssl … | base64` do)"
        )
    })?;
    let signed = match text.trim_start() {
        text if text.starts_with("-----BEGIN SSH SIGNATURE-----") => ssh(text, bytes, signers),
        text if text.starts_with("untrusted comment:") => minisign(text, bytes, signers),
        text => p256(text, bytes, signers),
    };
    let signed = signed.map(|by| format!("{what} is signed by {by}"));
    signed.map_err(|why| format!("{what} is not signed by who may sign it: {why}"))
}

fn ssh(text: &str, bytes: &[u8], signers: &[Signer]) -> Result<String, String> {
    let key = ssh_signature::check(text, NAMESPACE, bytes).map_err(|e| e.to_string())?;
    let mut may = signers.iter().filter(|signer| matches!(signer, Signer::Ssh(one) if *one == key));
    may.next().map(ToString::to_string).ok_or_else(|| format!("the SSH key {key} signed it, which is none of `keys`"))
}

fn minisign(text: &str, bytes: &[u8], signers: &[Signer]) -> Result<String, String> {
    let signature = Signature::decode(text).map_err(|e| format!("it is no signature of minisign: {e}"))?;
    let mut why = "no key of minisign is among `keys`".to_owned();
    for signer in signers {
        let Signer::Minisign(key, _) = signer else { continue };
        match key.verify(bytes, &signature, true) {
            Ok(()) => {
                let said = shortened(&visible(signature.trusted_comment()), SHOWN);
                return Ok(format!("{signer} ({said})"));
            }
            Err(e) => why = e.to_string(),
        }
    }
    Err(why)
}

/// What cosign writes beside a signature.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    base64_signature: Option<String>,
    message_signature: Option<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_digest: Option<Hash>,
    signature: String,
}

#[derive(Deserialize)]
struct Hash {
    algorithm: String,
    digest: String,
}

fn p256(text: &str, bytes: &[u8], signers: &[Signer]) -> Result<String, String> {
    let base64 = if text.starts_with('{') { bundled(text, bytes)? } else { text.to_owned() };
    let base64: String = base64.split_ascii_whitespace().collect();
    let signature = STANDARD.decode(base64).map_err(|_| {
        "it is no signature of OpenSSH, minisign, cosign or OpenSSL in a form that is known here".to_owned()
    })?;
    let mut points = signers.iter().filter_map(|signer| match signer {
        Signer::P256(point) => Some((signer, point)),
        _ => None,
    });
    let mut there = false;
    let by = points.find(|(_, point)| {
        there = true;
        fits(point, bytes, &signature)
    });
    match by {
        Some((signer, _)) => Ok(signer.to_string()),
        None if there => Err("the signature does not fit: another key made it, or over something else".to_owned()),
        None => Err("no key on P-256 is among `keys`".to_owned()),
    }
}

/// The signature of a bundle, if it says that it is over these bytes.
fn bundled(text: &str, bytes: &[u8]) -> Result<String, String> {
    let bundle: Bundle = serde_json::from_str(text).map_err(|e| format!("it is no bundle of cosign: {e}"))?;
    match (bundle.message_signature, bundle.base64_signature) {
        (Some(message), _) => {
            if let Some(hash) = message.message_digest {
                let is = STANDARD.encode(Digest::of_bytes(bytes).bytes());
                if hash.algorithm != "SHA2_256" || hash.digest != is {
                    return Err("its bundle is about another file".to_owned());
                }
            }
            Ok(message.signature)
        }
        (None, Some(signature)) => Ok(signature),
        (None, None) => Err("its bundle holds no signature over a file; sign with `cosign sign-blob --key`".to_owned()),
    }
}

#[cfg(feature = "http")]
fn fits(point: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_ASN1, point);
    key.verify(bytes, signature).is_ok()
}

/// Without the cryptography of HTTP none of them is known to fit.
#[cfg(not(feature = "http"))]
fn fits(_: &[u8], _: &[u8], _: &[u8]) -> bool {
    false
}
