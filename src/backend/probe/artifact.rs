//! Whether an artefact is what was approved: its digest, its line in a list of checksums, who signed.
//!
//! All that is held against it is looked at, and each gets a remark; as a signal it is how many do not fit.
//! What is not there, cannot be read, or changed meanwhile is no reading. A signature that cannot be made sense
//! of does not fit: whoever may write the file may not talk a check away.

mod checksums;
mod signed;

use super::aside::Aside;
use super::report::source::{self, Found, LARGEST, Stamp};
use super::report::{located, moment};
use crate::domain::artifact::{Artifact, Signer};
use crate::domain::digest::Digest;
use crate::domain::report::Remark;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long after a change the next one may have the same time, so that a file is read again.
const UNSETTLED: Duration = Duration::from_secs(2);

/// What is held against which file.
#[derive(Clone, Debug)]
pub struct Asked {
    root: PathBuf,
    file: String,
    held: Artifact,
    signers: Vec<Signer>,
}

impl Asked {
    /// Fills the paths; relative ones begin in `root`.
    ///
    /// # Errors
    /// A placeholder has no value or leads elsewhere, or a key is none.
    pub fn new(root: PathBuf, held: &Artifact, value: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let filled = |path: &Option<String>| path.as_ref().map(|path| located(path, &value)).transpose();
        let (checksums, signature) = (filled(&held.checksums)?, filled(&held.signature)?);
        let signers = held.keys.iter().map(|key| Signer::read(key).map_err(|e| e.to_string()));
        let file = located(&held.file, &value)?;
        let signers = signers.collect::<Result<_, _>>()?;
        Ok(Self { root, file, held: Artifact { checksums, signature, ..held.clone() }, signers })
    }

    /// The path of the artefact, filled.
    pub fn file(&self) -> &str {
        &self.file
    }
}

/// What was seen of an artefact.
#[derive(Clone)]
pub struct Seen {
    /// Each thing that was held against it.
    pub remarks: Vec<Remark>,
    stamps: Vec<Stamp>,
    settled: bool,
}

/// An artefact with what was last seen of it.
pub struct Watched {
    asked: Asked,
    seen: Option<Seen>,
    aside: Aside<Option<Seen>>,
}

impl Watched {
    /// Has looked at nothing yet; a look may take so long.
    pub fn new(asked: Asked, limit: Duration) -> Self {
        Self { asked, seen: None, aside: Aside::new(limit) }
    }

    /// How much does not fit, of how much that was held against it.
    pub async fn ask(&mut self) -> Result<(f64, u64), String> {
        let file = self.asked.file.clone();
        self.remarks().await.map_err(|why| format!("cannot verify {file}: {why}")).map(|remarks| {
            let wrong = remarks.iter().filter(|remark| !remark.ok).count();
            (wrong as f64, remarks.len() as u64)
        })
    }

    async fn remarks(&mut self) -> Result<&[Remark], String> {
        // What was begun before is too old to be an answer now, but need not be read again if nothing changed since.
        if let Some(Some(seen)) = self.aside.before().await? {
            self.seen = Some(seen);
        }
        let (asked, known) = (self.asked.clone(), self.seen.take_if(|seen| seen.settled));
        let stamps = known.as_ref().map(|seen| seen.stamps.clone()).unwrap_or_default();
        self.seen = known;
        if let Some(seen) = self.aside.look(move || unless(&asked, &stamps)).await? {
            self.seen = Some(seen);
        }
        let seen = self.seen.as_ref().ok_or("it was not read; it is read at the next interval")?;
        Ok(&seen.remarks)
    }
}

/// Looks at an artefact unless all its files stand as they stood.
fn unless(asked: &Asked, stamps: &[Stamp]) -> Result<Option<Seen>, String> {
    let files = [Some(&asked.file), asked.held.checksums.as_ref(), asked.held.signature.as_ref()];
    let now = files.into_iter().flatten().map(|file| source::stamp(&asked.root.join(file)).map_err(|e| of(file, &e)));
    if !stamps.is_empty() && now.collect::<Result<Vec<_>, _>>()? == stamps {
        return Ok(None);
    }
    look(asked).map(Some)
}

/// Looks at an artefact and at all that is held against it.
///
/// # Errors
/// What could not be read, and what to do.
pub fn look(asked: &Asked) -> Result<Seen, String> {
    let held = &asked.held;
    let now = chrono::Utc::now();
    let mut seen = Seen { remarks: Vec::new(), stamps: Vec::new(), settled: true };
    let mut keep = |stamp: Stamp| {
        let at = moment(stamp.changed.max(stamp.touched));
        seen.settled &= at.is_some_and(|at| (now - at).to_std().is_ok_and(|age| age > UNSETTLED));
        seen.stamps.push(stamp);
    };
    // Signed over is the list where there is one, so that what it names need not be held in memory.
    let alone = held.signature.is_some() && held.checksums.is_none();
    let (digest, mut signed_over) = match alone {
        true => {
            let (stamp, bytes) = whole(&asked.root, &asked.file, "have its checksums signed in its place")?;
            keep(stamp);
            (Digest::of_bytes(&bytes), bytes)
        }
        false => {
            let (stamp, digest) = hashed(&asked.root, &asked.file)?;
            keep(stamp);
            (digest, Vec::new())
        }
    };
    let mut remarks: Vec<_> = held.digest.iter().map(|wanted| fits(held, *wanted, digest)).collect();
    if let Some(list) = &held.checksums {
        let (stamp, bytes) = whole(&asked.root, list, "have a shorter list written")?;
        keep(stamp);
        remarks.push(said(checksums::check(&bytes, list, &asked.file, digest)));
        signed_over = bytes;
    }
    if let Some(file) = &held.signature {
        let (stamp, bytes) = whole(&asked.root, file, "name the signature")?;
        keep(stamp);
        let what = held.checksums.as_ref().unwrap_or(&asked.file);
        remarks.push(said(signed::check(&bytes, what, &signed_over, &asked.signers)));
    }
    seen.remarks = remarks;
    Ok(seen)
}

/// What is so, or is not so: a remark either way.
fn said(found: Result<String, String>) -> Remark {
    match found {
        Ok(text) => Remark::well(text),
        Err(text) => Remark::wrong(text),
    }
}

fn fits(held: &Artifact, wanted: Digest, is: Digest) -> Remark {
    let by = held.release.as_ref().map_or_else(|| "signals.toml".to_owned(), |release| format!("release {release}"));
    said(match wanted == is {
        true => Ok(format!("sha256:{is} is the digest that {by} names")),
        false => Err(format!("its digest is sha256:{is}, and {by} names sha256:{wanted}: it is not what was approved")),
    })
}

fn hashed(root: &Path, file: &str) -> Result<(Stamp, Digest), String> {
    let mut hash = Sha256::new();
    let stamp = source::through(&root.join(file), None, u64::MAX, |piece| hash.update(piece), || {});
    let stamp = stamp?.ok_or("it was not read; it is read at the next interval")?;
    Ok((stamp, Digest::from(<[u8; 32]>::from(hash.finalize()))))
}

/// A file in memory.
fn whole(root: &Path, file: &str, instead: &str) -> Result<(Stamp, Vec<u8>), String> {
    match source::read(&root.join(file), None).map_err(|e| of(file, &e))? {
        Found::Anew(stamp, bytes) if bytes.len() as u64 <= LARGEST => Ok((stamp, bytes)),
        _ => Err(of(file, &format!("it is too large; {instead}"))),
    }
}

fn of(file: &str, why: &str) -> String {
    format!("{file}: {why}")
}
