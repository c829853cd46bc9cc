//! Artefacts: signatures of the real programs, every byte of them changed, lists of checksums, and files that are not there.
//!
//! Samples are what minisign 0.11, cosign 2.6.5 and OpenSSL wrote; `ssh-keygen` signs here and now.

use holdpoint::backend::probe::artifact::{Asked, Seen, Watched, look};
use holdpoint::domain::artifact::{Artifact, NoSigner, Signer, digest};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backend/artifact/samples")
}

fn sample(name: &str) -> String {
    fs::read_to_string(samples().join(name)).unwrap()
}

fn seen(root: &Path, held: &Artifact) -> Result<Seen, String> {
    let asked = Asked::new(root.to_owned(), held, |name| (name == "service").then(|| "payments".to_owned()));
    look(&asked.unwrap())
}

fn verdict(root: &Path, held: &Artifact) -> Vec<(bool, String)> {
    seen(root, held).unwrap().remarks.into_iter().map(|one| (one.ok, one.text)).collect()
}

fn fits(root: &Path, held: &Artifact) -> bool {
    let verdict = verdict(root, held);
    assert!(!verdict.is_empty(), "nothing was held against {held:?}");
    verdict.iter().all(|(ok, _)| *ok)
}

/// What a sample's signature is over, and by whom.
fn signed(file: &str, signature: &str, key: &str) -> Artifact {
    Artifact { file: file.into(), signature: Some(signature.into()), keys: vec![sample(key)], ..Artifact::default() }
}

fn real() -> Vec<Artifact> {
    let listed = |signature| Artifact {
        checksums: Some("SHA256SUMS".into()),
        ..signed("{service}.tar.gz", signature, "minisign.pub")
    };
    vec![
        listed("SHA256SUMS.minisig"),
        listed("legacy.minisig"),
        signed("ledger.tar.gz", "ledger.minisig", "minisign.pub"),
        signed("payments.tar.gz", "cosign.sig", "cosign.pub"),
        signed("payments.tar.gz", "cosign-old.json", "cosign.pub"),
        signed("payments.tar.gz", "cosign-new.json", "cosign.pub"),
    ]
}

/// A copy of the samples.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(samples()).unwrap() {
        let from = entry.unwrap().path();
        fs::copy(&from, copy.path().join(from.file_name().unwrap())).unwrap();
    }
    copy
}

#[test]
fn what_the_real_programs_signed_fits() {
    for held in real() {
        let verdict = verdict(&samples(), &held);
        assert!(verdict.iter().all(|(ok, _)| *ok), "{held:?}: {verdict:?}");
    }
    let text = &verdict(&samples(), &real()[0])[1].1;
    assert_eq!(text, "SHA256SUMS is signed by the minisign key RWTvhc8Wr5zhH3U… (holdpoint sample)");
}

#[test]
fn nobody_elses_key_and_no_other_file_fits() {
    for held in real() {
        for other in ["minisign.pub", "cosign.pub"] {
            let mut other = Artifact { keys: vec![sample(other)], ..held.clone() };
            if other.keys != held.keys {
                assert!(!fits(&samples(), &other), "{other:?}");
            }
            other.keys.clear();
            assert!(!fits(&samples(), &other), "by nobody's key: {other:?}");
        }
        let file = if held.file == "ledger.tar.gz" { "payments.tar.gz" } else { "ledger.tar.gz" };
        if held.checksums.is_none() {
            assert!(!fits(&samples(), &Artifact { file: file.into(), ..held }));
        }
    }
    let swapped = copy();
    fs::copy(samples().join("ledger.tar.gz"), swapped.path().join("payments.tar.gz")).unwrap();
    assert!(!fits(swapped.path(), &real()[0]), "the list is signed, and the file is another one");
}

#[test]
fn a_byte_that_is_another_never_fits() {
    for held in real() {
        let file = held.file.replace("{service}", "payments");
        for name in [Some(&file), held.checksums.as_ref()].into_iter().flatten() {
            let whole = fs::read(samples().join(name)).unwrap();
            for at in 0..whole.len() {
                let copy = copy();
                let mut changed = whole.clone();
                changed[at] ^= 1;
                fs::write(copy.path().join(name), changed).unwrap();
                let seen = seen(copy.path(), &held);
                assert!(seen.is_ok_and(|seen| seen.remarks.iter().any(|one| !one.ok)), "{name} at {at}: {held:?}");
            }
        }
    }
}

#[test]
fn a_signature_that_is_cut_or_changed_never_fits() {
    for held in real() {
        let name = held.signature.clone().unwrap();
        let whole = fs::read(samples().join(&name)).unwrap();
        let copy = copy();
        for at in 0..whole.len() {
            for changed in [whole[..at].to_vec(), [&whole[..at], b"A", &whole[at + 1..]].concat()] {
                if changed == whole || means_the_same(&name, &whole, &changed) {
                    continue;
                }
                fs::write(copy.path().join(&name), &changed).unwrap();
                let seen = seen(copy.path(), &held);
                let none = seen.as_ref().is_err() || seen.unwrap().remarks.iter().any(|one| !one.ok);
                assert!(none, "{name} at {at} of {}", whole.len());
            }
        }
    }
}

/// What no signature covers: comments that say so of themselves, words around it, and the space at its end.
fn means_the_same(name: &str, whole: &[u8], changed: &[u8]) -> bool {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let (whole, changed) = (text(whole), text(changed));
    if whole == changed {
        return true;
    }
    if name.ends_with(".minisig") {
        let covered = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        return changed.starts_with("untrusted comment:") && covered(&whole) == covered(&changed);
    }
    let Ok(changed) = serde_json::from_str::<serde_json::Value>(&changed) else { return false };
    let Ok(whole) = serde_json::from_str::<serde_json::Value>(&whole) else { return false };
    let of = |bundle: &serde_json::Value| {
        let message = bundle["messageSignature"].clone();
        (message["signature"].clone(), bundle["base64Signature"].clone(), message["messageDigest"].clone())
    };
    let (was, is) = (of(&whole), of(&changed));
    // The digest beside a signature may be missing; the signature may not, nor may the digest be another.
    was.0 == is.0 && was.1 == is.1 && (was.2 == is.2 || is.2.is_null())
}

#[test]
fn ssh_keygen_signs_files_and_lists() {
    let house = copy();
    let at = |name: &str| house.path().join(name);
    let run = |arguments: &[&str]| {
        let status = Command::new("ssh-keygen").args(arguments).current_dir(house.path()).output().unwrap().status;
        assert!(status.success(), "ssh-keygen {arguments:?}");
    };
    for kind in ["ed25519", "ecdsa", "rsa"] {
        run(&["-q", "-t", kind, "-N", "", "-f", kind]);
    }
    run(&["-q", "-t", "ed25519", "-N", "", "-f", "foreign"]);
    for kind in ["ed25519", "ecdsa", "rsa"] {
        run(&["-q", "-Y", "sign", "-f", kind, "-n", "file", "payments.tar.gz"]);
        let key = fs::read_to_string(at(&format!("{kind}.pub"))).unwrap();
        let held = |key: String| Artifact {
            file: "payments.tar.gz".into(),
            signature: Some("payments.tar.gz.sig".into()),
            keys: vec![key],
            ..Artifact::default()
        };
        assert!(fits(house.path(), &held(key.clone())), "{kind}");
        assert!(!fits(house.path(), &held(fs::read_to_string(at("foreign.pub")).unwrap())), "{kind}");
        fs::remove_file(at("payments.tar.gz.sig")).unwrap();
        run(&["-q", "-Y", "sign", "-f", kind, "-n", "git", "payments.tar.gz"]);
        let found = verdict(house.path(), &held(key));
        assert!(!found[0].0 && found[0].1.contains("it was made for \"git\" and not for \"file\""), "{found:?}");
        fs::remove_file(at("payments.tar.gz.sig")).unwrap();
    }
    run(&["-q", "-Y", "sign", "-f", "ed25519", "-n", "file", "SHA256SUMS"]);
    let held = Artifact {
        file: "payments.tar.gz".into(),
        checksums: Some("SHA256SUMS".into()),
        signature: Some("SHA256SUMS.sig".into()),
        keys: vec![fs::read_to_string(at("ed25519.pub")).unwrap()],
        ..Artifact::default()
    };
    assert!(fits(house.path(), &held));
}

#[test]
fn lists_of_checksums_are_read_as_sha256sum_writes_them() {
    let hex = sample("SHA256SUMS").split(' ').next().unwrap().to_owned();
    let other = "0".repeat(64);
    let cases: [(String, Result<(), &str>); 14] = [
        (sample("SHA256SUMS.tag"), Ok(())),
        (format!("{hex}  ./payments.tar.gz\n"), Ok(())),
        (format!("{hex} *payments.tar.gz"), Ok(())),
        (format!("{}  payments.tar.gz", hex.to_uppercase()), Ok(())),
        (format!("{other}  x\r\n{hex}  payments.tar.gz\r\n\r\n"), Ok(())),
        (format!("{other}  payments.tar.gz"), Err("it is another file")),
        (format!("{other}  payments.tar.gz\n{hex}  payments.tar.gz"), Err("twice, with two digests")),
        (format!("{hex}  ledger.tar.gz"), Err("does not name")),
        (format!("{hex}  dist/payments.tar.gz"), Err("does not name")),
        (String::new(), Err("does not name")),
        (format!("{hex}  payments.tar.gz\n{}  ledger", &other[1..]), Err(":2: ")),
        (format!("sha256:{hex}  payments.tar.gz"), Err("no line of `sha256sum`")),
        (format!("{hex}\tpayments.tar.gz"), Err("no line of `sha256sum`")),
        (format!("MD5 (payments.tar.gz) = {hex}"), Err("no line of `sha256sum`")),
    ];
    for (list, wanted) in cases {
        let copy = copy();
        fs::write(copy.path().join("LIST"), &list).unwrap();
        let held = Artifact { file: "payments.tar.gz".into(), checksums: Some("LIST".into()), ..Artifact::default() };
        let found = verdict(copy.path(), &held);
        match wanted {
            Ok(()) => assert!(found[0].0, "{list:?}: {found:?}"),
            Err(why) => assert!(!found[0].0 && found[0].1.contains(why), "{list:?}: {found:?}"),
        }
    }
}

#[test]
fn a_list_names_files_from_where_it_lies_and_what_sha256sum_escapes() {
    let house = tempfile::tempdir().unwrap();
    fs::create_dir(house.path().join("dist")).unwrap();
    for name in ["a\\b\nc", "plain", "two words"] {
        fs::write(house.path().join("dist").join(name), name).unwrap();
        let sums = Command::new("sha256sum").arg(name).current_dir(house.path().join("dist")).output().unwrap().stdout;
        fs::write(house.path().join("dist/SUMS"), sums).unwrap();
        let held =
            Artifact { file: format!("dist/{name}"), checksums: Some("dist/SUMS".into()), ..Artifact::default() };
        assert!(fits(house.path(), &held), "{name:?}: {:?}", verdict(house.path(), &held));
    }
}

#[test]
fn a_digest_is_the_one_that_was_approved_or_is_not() {
    let hex = sample("SHA256SUMS").split(' ').next().unwrap().to_owned();
    let held = |text: &str| Artifact { file: "payments.tar.gz".into(), digest: digest(text), ..Artifact::default() };
    assert!(fits(&samples(), &held(&format!("sha256:{hex}"))));
    let found = verdict(&samples(), &held(&"0".repeat(64)));
    assert!(!found[0].0 && found[0].1.ends_with("it is not what was approved"), "{found:?}");
    for text in ["", "sha256:", "sha512:00", "sha256:sha256:", &hex[1..], &format!("{hex}0"), &format!(" {hex}")] {
        assert_eq!(digest(text), None, "{text:?}");
    }
}

#[test]
fn what_is_not_there_is_unknown_and_says_which() {
    let all = Artifact { checksums: Some("SHA256SUMS".into()), ..real().remove(0) };
    for name in ["payments.tar.gz", "SHA256SUMS", "SHA256SUMS.minisig"] {
        let copy = copy();
        fs::remove_file(copy.path().join(name)).unwrap();
        let why = seen(copy.path(), &all).err().unwrap();
        assert!(why.contains("there is no such file"), "{name}: {why}");
        fs::create_dir(copy.path().join(name)).unwrap();
        let why = seen(copy.path(), &all).err().unwrap();
        assert!(why.contains("it is a directory"), "{name}: {why}");
    }
}

#[test]
fn an_artefact_larger_than_what_is_held_in_memory_is_hashed_and_its_list_signed() {
    let house = copy();
    let large = house.path().join("large");
    fs::File::create(&large).unwrap().set_len(65 * 1024 * 1024).unwrap();
    let sums = Command::new("sha256sum").arg("large").current_dir(house.path()).output().unwrap().stdout;
    fs::write(house.path().join("SUMS"), sums).unwrap();
    let held = Artifact { file: "large".into(), checksums: Some("SUMS".into()), ..Artifact::default() };
    assert!(fits(house.path(), &held));
    let alone = seen(house.path(), &signed("large", "ledger.minisig", "minisign.pub")).err().unwrap();
    assert!(alone.contains("more than 64 are not read"), "{alone}");
}

#[test]
fn a_key_is_a_key_and_no_private_one() {
    for name in ["minisign.pub", "cosign.pub"] {
        assert!(Signer::read(&sample(name)).is_ok(), "{name}");
    }
    let minisign = sample("minisign.pub");
    assert!(Signer::read(minisign.lines().nth(1).unwrap()).is_ok());
    for (text, why) in [
        ("", NoSigner::Neither),
        ("RWQ", NoSigner::Neither),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", NoSigner::Neither),
        ("-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----", NoSigner::Private),
        ("untrusted comment: minisign encrypted secret key\nRWQ", NoSigner::Private),
    ] {
        assert_eq!(Signer::read(text), Err(why), "{text:?}");
    }
}

/// As somebody would who wants another file to pass for the one that was looked at.
#[test]
fn a_file_of_the_same_length_time_and_place_is_another_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = copy();
        let before = std::time::SystemTime::now() - Duration::from_secs(3600);
        let file = house.path().join("payments.tar.gz");
        let set = || fs::File::options().write(true).open(&file).unwrap().set_modified(before).unwrap();
        set();
        let asked = Asked::new(house.path().to_owned(), &real().remove(0), |_| Some("payments".to_owned())).unwrap();
        let mut watched = Watched::new(asked, Duration::from_secs(10));
        assert_eq!(watched.ask().await, Ok((0.0, 2)));
        // Often, so that several changes fall into one tick of the clock of the file system.
        for n in 0..100 {
            let other = n % 2 == 0;
            fs::write(
                &file,
                if other { "payments 4.2.0, as it was BUILT\n" } else { "payments 4.2.0, as it was built\n" },
            )
            .unwrap();
            set();
            assert_eq!(watched.ask().await, Ok((f64::from(u8::from(other)), 2)));
        }
    });
}

#[test]
fn what_changes_is_seen_at_the_next_look() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = copy();
        let held = real().remove(0);
        let asked = Asked::new(house.path().to_owned(), &held, |_| Some("payments".to_owned())).unwrap();
        let mut watched = Watched::new(asked, Duration::from_secs(10));
        assert_eq!(watched.ask().await, Ok((0.0, 2)));
        assert_eq!(watched.ask().await, Ok((0.0, 2)));
        fs::write(house.path().join("payments.tar.gz"), "another one").unwrap();
        assert_eq!(watched.ask().await, Ok((1.0, 2)));
        fs::remove_file(house.path().join("SHA256SUMS.minisig")).unwrap();
        let why = watched.ask().await.unwrap_err();
        assert!(why.starts_with("cannot verify payments.tar.gz: SHA256SUMS.minisig: there is no such"), "{why}");
        fs::copy(samples().join("SHA256SUMS.minisig"), house.path().join("SHA256SUMS.minisig")).unwrap();
        fs::copy(samples().join("payments.tar.gz"), house.path().join("payments.tar.gz")).unwrap();
        assert_eq!(watched.ask().await, Ok((0.0, 2)));
    });
}

proptest! {
    #[test]
    fn whatever_lies_there_is_looked_at_without_a_panic_and_never_fits(
        signature in prop::collection::vec(any::<u8>(), 0..300),
        text in "(untrusted comment: |-----BEGIN SSH SIGNATURE-----|\\{\"base64Signature\":\")?[A-Za-z0-9+/=\n :\"}]{0,200}",
        list in any::<bool>(),
    ) {
        let copy = copy();
        for bytes in [signature.as_slice(), text.as_bytes()] {
            let mut held = signed("payments.tar.gz", "S", "minisign.pub");
            held.keys.push(sample("cosign.pub"));
            fs::write(copy.path().join("S"), bytes).unwrap();
            if list {
                fs::write(copy.path().join("L"), bytes).unwrap();
                held.checksums = Some("L".into());
            }
            prop_assert!(!fits(copy.path(), &held));
        }
    }
}
