//! SSH signatures, as `ssh-keygen -Y sign` makes them, checked as `ssh-keygen -Y check-novalidate` does.
//!
//! Source: PROTOCOL.sshsig, PROTOCOL.u2f and RFC 5656, 8032, 8332. Ed25519 is always checked; ECDSA and RSA
//! where the program is built with `http`, whose cryptography they share. Who owns the key is not said here.

use super::ssh_key::{Fingerprint, put, string, take};
use super::text::{shortened, visible_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256, Sha512};

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";
/// Longer ones are not read: of an RSA key of 16,384 bits it takes some 6,000.
const LONGEST: usize = 16 * 1024;
/// So much of what a signature says of itself is shown.
const SHOWN: usize = 60;
/// The flag of a hardware key that somebody touched it.
const TOUCHED: u8 = 1;

/// Why a signature counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// The text has another form.
    #[error("it is no SSH signature: {0}")]
    Form(&'static str),
    /// It was made for something else.
    #[error("it was made for {0:?} and not for {1:?}; sign with `ssh-keygen -Y sign -n {1}`")]
    Namespace(String, String),
    /// The kind of key cannot be checked here.
    #[error(
        "keys of type {0} cannot be checked here; sign with ed25519, sk-ed25519, ecdsa (256, 384) or rsa (2048 and more)"
    )]
    Kind(String),
    /// The signature does not fit.
    #[error("the signature does not fit the text: it was made over another one, or changed")]
    Wrong,
    /// The hardware key was not touched.
    #[error("the hardware key was not touched when it signed")]
    Untouched,
}

/// A signature's parts, each as the wire has it.
struct Parts<'a> {
    key: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    hash: &'a [u8],
    signature: &'a [u8],
}

/// Checks an armoured signature over a message; the key that made it.
pub fn check(armoured: &str, namespace: &str, message: &[u8]) -> Result<Fingerprint, Unsigned> {
    let blob = unarmoured(armoured)?;
    let parts = parts(&blob)?;
    if parts.namespace != namespace.as_bytes() {
        let other = visible_bytes(parts.namespace);
        return Err(Unsigned::Namespace(shortened(&other, SHOWN), namespace.to_owned()));
    }
    let hashed = match parts.hash {
        b"sha256" => Sha256::digest(message).to_vec(),
        b"sha512" => Sha512::digest(message).to_vec(),
        _ => return Err(Unsigned::Form("its hash is neither sha256 nor sha512")),
    };
    let mut signed = MAGIC.to_vec();
    for part in [parts.namespace, parts.reserved, parts.hash, &hashed] {
        put(&mut signed, part);
    }
    fits(parts.key, parts.signature, &signed)?;
    Ok(Fingerprint::of(parts.key))
}

/// The public key that a signature says made it, as a line of a `KEY.pub` file; whether it did, [`check`] says.
pub fn key(armoured: &str) -> Option<String> {
    let blob = unarmoured(armoured).ok()?;
    super::ssh_key::line(parts(&blob).ok()?.key)
}

fn unarmoured(text: &str) -> Result<Vec<u8>, Unsigned> {
    if text.len() > LONGEST {
        return Err(Unsigned::Form("it is too long"));
    }
    let body = text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    let body = body.ok_or(Unsigned::Form("it begins and ends otherwise"))?;
    let base64: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(base64).map_err(|_| Unsigned::Form("it is no base64"))
}

fn parts(blob: &[u8]) -> Result<Parts<'_>, Unsigned> {
    let mut rest = blob;
    let parts = parts_of(&mut rest).ok_or(Unsigned::Form("it is cut off, or of another version"))?;
    if rest.is_empty() { Ok(parts) } else { Err(Unsigned::Form("something follows it")) }
}

fn parts_of<'a>(rest: &mut &'a [u8]) -> Option<Parts<'a>> {
    let magic = take(rest, MAGIC.len())? == MAGIC;
    let version = take(rest, 4)? == 1u32.to_be_bytes();
    let mut next = || string(rest);
    let parts = Parts { key: next()?, namespace: next()?, reserved: next()?, hash: next()?, signature: next()? };
    (magic && version).then_some(parts)
}

/// Whether a signature over these bytes was made by this key; both in wire form.
fn fits(key: &[u8], signature: &[u8], signed: &[u8]) -> Result<(), Unsigned> {
    let cut = || Unsigned::Form("its key or what the key made is cut off");
    let (mut key, mut made) = (key, signature);
    let kind = string(&mut key).ok_or_else(cut)?;
    let method = string(&mut made).ok_or_else(cut)?;
    let value = string(&mut made).ok_or_else(cut)?;
    let fields = Fields { key, value, rest: made };
    match (kind, method) {
        (b"ssh-ed25519", b"ssh-ed25519") => fields.ed25519(signed),
        (b"sk-ssh-ed25519@openssh.com", b"sk-ssh-ed25519@openssh.com") => fields.sk_ed25519(signed),
        #[cfg(feature = "http")]
        _ => beside::fits(&fields, kind, method, signed),
        #[cfg(not(feature = "http"))]
        _ => Err(other(kind)),
    }
}

/// A kind of key that cannot be checked.
fn other(kind: &[u8]) -> Unsigned {
    Unsigned::Kind(shortened(&visible_bytes(kind), SHOWN))
}

/// What follows the type of a key, the value of a signature, and what follows that.
struct Fields<'a> {
    key: &'a [u8],
    value: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The key's strings, and nothing behind them.
    fn strings<const N: usize>(&self) -> Result<[&'a [u8]; N], Unsigned> {
        let mut rest = self.key;
        let mut all = [&[][..]; N];
        for one in &mut all {
            *one = string(&mut rest).ok_or(Unsigned::Form("its key is cut off"))?;
        }
        if rest.is_empty() { Ok(all) } else { Err(Unsigned::Form("something follows its key")) }
    }

    /// The same bytes as long as nothing follows the signature's value.
    fn alone<'b>(&self, signed: &'b [u8]) -> Result<&'b [u8], Unsigned> {
        if self.rest.is_empty() { Ok(signed) } else { Err(Unsigned::Form("something follows what the key made")) }
    }

    fn ed25519(&self, signed: &[u8]) -> Result<(), Unsigned> {
        let [public] = self.strings()?;
        ed25519(public, self.value, self.alone(signed)?)
    }

    fn sk_ed25519(&self, signed: &[u8]) -> Result<(), Unsigned> {
        let [public, application] = self.strings()?;
        ed25519(public, self.value, &self.touched(application, signed)?)
    }

    /// What a hardware key signs: the application, its flags and counter, and the hash of the bytes.
    fn touched(&self, application: &[u8], signed: &[u8]) -> Result<Vec<u8>, Unsigned> {
        let [flags, counter @ ..] = *self
            .rest
            .first_chunk::<5>()
            .filter(|all| all.len() == self.rest.len())
            .ok_or(Unsigned::Form("the flags of the hardware key are missing"))?;
        if flags & TOUCHED == 0 {
            return Err(Unsigned::Untouched);
        }
        let mut all = Sha256::digest(application).to_vec();
        all.push(flags);
        all.extend(counter);
        all.extend(Sha256::digest(signed));
        Ok(all)
    }
}

fn ed25519(public: &[u8], value: &[u8], signed: &[u8]) -> Result<(), Unsigned> {
    let public = <&[u8; 32]>::try_from(public).map_err(|_| Unsigned::Form("its key has another length"))?;
    let key = VerifyingKey::from_bytes(public).map_err(|_| Unsigned::Wrong)?;
    let value = Signature::from_slice(value).map_err(|_| Unsigned::Wrong)?;
    key.verify_strict(signed, &value).map_err(|_| Unsigned::Wrong)
}

/// Kinds of keys that the cryptography of HTTP checks.
#[cfg(feature = "http")]
mod beside {
    use super::{Fields, Unsigned, string};
    use ring::signature as ring;

    pub(super) fn fits(fields: &Fields<'_>, kind: &[u8], method: &[u8], signed: &[u8]) -> Result<(), Unsigned> {
        match (kind, method) {
            (b"ecdsa-sha2-nistp256", b"ecdsa-sha2-nistp256") => {
                let [curve, point] = fields.strings()?;
                on(curve, b"nistp256")?;
                ecdsa::<32>(&ring::ECDSA_P256_SHA256_FIXED, point, fields.value, fields.alone(signed)?)
            }
            (b"ecdsa-sha2-nistp384", b"ecdsa-sha2-nistp384") => {
                let [curve, point] = fields.strings()?;
                on(curve, b"nistp384")?;
                ecdsa::<48>(&ring::ECDSA_P384_SHA384_FIXED, point, fields.value, fields.alone(signed)?)
            }
            (b"sk-ecdsa-sha2-nistp256@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com") => {
                let [curve, point, application] = fields.strings()?;
                on(curve, b"nistp256")?;
                let signed = fields.touched(application, signed)?;
                ecdsa::<32>(&ring::ECDSA_P256_SHA256_FIXED, point, fields.value, &signed)
            }
            (b"ssh-rsa", b"rsa-sha2-512") => rsa(&ring::RSA_PKCS1_2048_8192_SHA512, fields, signed),
            (b"ssh-rsa", b"rsa-sha2-256") => rsa(&ring::RSA_PKCS1_2048_8192_SHA256, fields, signed),
            _ => Err(super::other(kind)),
        }
    }

    /// The curve stands in the key a second time.
    fn on(curve: &[u8], wanted: &[u8]) -> Result<(), Unsigned> {
        if curve == wanted { Ok(()) } else { Err(Unsigned::Form("its key names another curve")) }
    }

    fn rsa(by: &ring::RsaParameters, fields: &Fields<'_>, signed: &[u8]) -> Result<(), Unsigned> {
        let [e, n] = fields.strings()?.map(positive);
        let key = ring::RsaPublicKeyComponents { n, e };
        key.verify(by, fields.alone(signed)?, fields.value).map_err(|_| Unsigned::Wrong)
    }

    /// `N` bytes each of `r` and `s`, which SSH writes as numbers without leading zeros.
    fn ecdsa<const N: usize>(
        by: &'static ring::EcdsaVerificationAlgorithm,
        point: &[u8],
        value: &[u8],
        signed: &[u8],
    ) -> Result<(), Unsigned> {
        let mut rest = value;
        let mut fixed = Vec::with_capacity(2 * N);
        for _ in 0..2 {
            let number = string(&mut rest).map(positive).filter(|n| n.len() <= N).ok_or(Unsigned::Wrong)?;
            fixed.resize(fixed.len() + N - number.len(), 0);
            fixed.extend(number);
        }
        if !rest.is_empty() {
            return Err(Unsigned::Wrong);
        }
        ring::UnparsedPublicKey::new(by, point).verify(signed, &fixed).map_err(|_| Unsigned::Wrong)
    }

    /// A number without the zero that keeps it positive.
    fn positive(number: &[u8]) -> &[u8] {
        number.strip_prefix(&[0]).unwrap_or(number)
    }
}
