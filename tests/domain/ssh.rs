//! SSH keys and signatures, held against `ssh-keygen`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use holdpoint::domain::ssh_key::{self, NoKey};
use holdpoint::domain::ssh_signature::{Unsigned, check, key};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MESSAGE: &[u8] = b"holdpoint approval 1\n\xc3\xa4 and more\n";

struct Keys(tempfile::TempDir);

impl Keys {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A key of a kind; its public line.
    fn make(&self, kind: &str, bits: &str) -> (PathBuf, String) {
        let file = self.at(&format!("{kind}{bits}"));
        let mut made = Command::new("ssh-keygen");
        made.args(["-q", "-t", kind, "-N", "", "-C", "somebody", "-f"]).arg(&file);
        if !bits.is_empty() {
            made.args(["-b", bits]);
        }
        assert!(made.status().unwrap().success());
        let public = fs::read_to_string(file.with_extension("pub")).unwrap();
        (file, public)
    }

    fn sign(&self, file: &Path, namespace: &str, hash: &str) -> String {
        let message = self.at("message");
        fs::write(&message, MESSAGE).unwrap();
        let hash = format!("hashalg={hash}");
        let mut signed = Command::new("ssh-keygen");
        signed.args(["-q", "-Y", "sign", "-n", namespace, "-O", &hash, "-f"]).arg(file).arg(&message);
        assert!(signed.stderr(Stdio::null()).status().unwrap().success());
        let beside = self.at("message.sig");
        let signature = fs::read_to_string(&beside).unwrap();
        fs::remove_file(beside).unwrap();
        signature
    }

    /// Whether `ssh-keygen` says that a signature is good, and whose.
    fn theirs(&self, signature: &str, message: &[u8]) -> Option<String> {
        let (file, text) = (self.at("asked.sig"), self.at("asked"));
        fs::write(&file, signature).unwrap();
        fs::write(&text, message).unwrap();
        let mut checked = Command::new("ssh-keygen");
        checked.args(["-Y", "check-novalidate", "-n", "n", "-s"]).arg(&file).stdin(fs::File::open(&text).unwrap());
        let out = checked.output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        let found = said.split_whitespace().find(|word| word.starts_with("SHA256:")).map(str::to_owned);
        found.filter(|_| out.status.success())
    }
}

fn armoured(blob: &[u8]) -> String {
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", STANDARD.encode(blob))
}

fn blob(signature: &str) -> Vec<u8> {
    let body: String = signature.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    into.extend(bytes);
}

/// What a hardware key would make, with these flags.
fn of_hardware(flags: u8) -> String {
    let secret = SigningKey::from_bytes(&[7; 32]);
    let kind = b"sk-ssh-ed25519@openssh.com";
    let mut public = Vec::new();
    put(&mut public, kind);
    put(&mut public, secret.verifying_key().as_bytes());
    put(&mut public, b"ssh:");
    let mut within = b"SSHSIG".to_vec();
    for part in [&b"n"[..], b"", b"sha256", &Sha256::digest(MESSAGE)] {
        put(&mut within, part);
    }
    let counter = 5u32.to_be_bytes();
    let mut signed = Sha256::digest(b"ssh:").to_vec();
    signed.push(flags);
    signed.extend(counter);
    signed.extend(Sha256::digest(&within));
    let mut signature = Vec::new();
    put(&mut signature, kind);
    put(&mut signature, &secret.sign(&signed).to_bytes());
    signature.push(flags);
    signature.extend(counter);
    let mut all = b"SSHSIG".to_vec();
    all.extend(1u32.to_be_bytes());
    for part in [&public[..], b"n", b"", b"sha256", &signature] {
        put(&mut all, part);
    }
    armoured(&all)
}

#[test]
fn what_ssh_keygen_signs_is_good_here_for_every_kind_of_key() {
    let keys = Keys::new();
    for (kind, bits) in [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "384"), ("rsa", "2048"), ("rsa", "3072")] {
        let (file, public) = keys.make(kind, bits);
        let fingerprint = ssh_key::read(&public).unwrap();
        assert_eq!(ssh_key::read(fingerprint.as_str()).as_ref(), Ok(&fingerprint));
        for hash in ["sha256", "sha512"] {
            let signature = keys.sign(&file, "n", hash);
            assert_eq!(check(&signature, "n", MESSAGE).as_ref(), Ok(&fingerprint), "{kind} {bits} {hash}");
            assert_eq!(keys.theirs(&signature, MESSAGE).as_deref(), Some(fingerprint.as_str()));
            assert_eq!(check(&signature, "n", b"another"), Err(Unsigned::Wrong), "{kind} {bits}");
            let other = Unsigned::Namespace("n".into(), "m".into());
            assert_eq!(check(&signature, "m", MESSAGE), Err(other));
            let line = key(&signature).unwrap();
            assert_eq!(line, public.rsplit_once(' ').unwrap().0, "the line without its comment");
        }
    }
}

#[test]
fn a_key_that_cannot_be_checked_is_named() {
    let keys = Keys::new();
    let (file, _) = keys.make("ecdsa", "521");
    let said = check(&keys.sign(&file, "n", "sha512"), "n", MESSAGE);
    assert_eq!(said, Err(Unsigned::Kind("ecdsa-sha2-nistp521".to_owned())));
}

#[test]
fn a_hardware_key_counts_when_it_was_touched() {
    let keys = Keys::new();
    let touched = of_hardware(1);
    let theirs = keys.theirs(&touched, MESSAGE).expect("ssh-keygen takes what the test makes");
    assert_eq!(check(&touched, "n", MESSAGE).unwrap().as_str(), theirs);
    assert_eq!(check(&touched, "n", b"another"), Err(Unsigned::Wrong));
    assert_eq!(check(&of_hardware(0), "n", MESSAGE), Err(Unsigned::Untouched));
}

/// Every byte of a signature, changed, cut and doubled: never a panic, and good only where `ssh-keygen` says so too.
#[test]
fn what_is_changed_in_a_signature_is_never_better_here_than_there() {
    let keys = Keys::new();
    for (kind, bits) in [("ed25519", ""), ("ecdsa", "256"), ("rsa", "2048")] {
        let (file, _) = keys.make(kind, bits);
        let good = blob(&keys.sign(&file, "n", "sha512"));
        let mut asked = 0;
        let changes = (0..good.len()).flat_map(|at| [1u8, 0x80, 0xff].map(|bits| (at, bits)));
        for (at, bits) in changes {
            let mut changed = good.clone();
            changed[at] ^= bits;
            let mine = check(&armoured(&changed), "n", MESSAGE);
            if let Ok(mine) = mine {
                asked += 1;
                assert_eq!(keys.theirs(&armoured(&changed), MESSAGE), Some(mine.to_string()), "byte {at} of {kind}");
            }
        }
        assert_eq!(asked, 0, "{kind}: nothing in it may be otherwise");
        for length in 0..good.len() {
            assert!(check(&armoured(&good[..length]), "n", MESSAGE).is_err(), "{kind} cut at {length}");
        }
        let doubled = [good.as_slice(), &good].concat();
        assert!(check(&armoured(&doubled), "n", MESSAGE).is_err());
    }
}

#[test]
fn texts_that_are_no_keys_say_what_to_write() {
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA";
    for (text, why) in [
        ("", NoKey::Neither),
        ("ssh-ed25519", NoKey::Neither),
        ("ssh-ed25519 !!!!", NoKey::Neither),
        // Base64 of something else.
        ("ssh-ed25519 aGVsbG8gd29ybGQ=", NoKey::Neither),
        ("SHA256:short", NoKey::Fingerprint),
        ("SHA256:aznnobxafk5x1jWlsuLZoQV20JlYKTtD85CxsLv3gFM=", NoKey::Fingerprint),
        (private, NoKey::Private),
    ] {
        assert_eq!(ssh_key::read(text), Err(why), "{text}");
    }
    assert!(ssh_key::read(" SHA256:aznnobxafk5x1jWlsuLZoQV20JlYKTtD85CxsLv3gFM\n").is_ok());
}
