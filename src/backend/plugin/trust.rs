//! Which programs may be plugins: files that nobody else can write, pinned by their SHA-256.
//!
//! Pins stand in `plugins.lock` beside `holdpoint.toml`, as `sha256sum -c` reads them. A plugin
//! runs with the user's rights; this only makes sure that it is the file somebody looked at.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file of the workspace with the pins.
pub const LOCK: &str = "plugins.lock";

/// A program that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The file itself, without links.
    pub file: PathBuf,
    /// What the lock file calls it: from the workspace when it lies there, else absolute.
    pub name: String,
    /// Its SHA-256, 64 hex digits.
    pub digest: String,
}

/// The program of a workspace if it is pinned and nobody has touched it since.
///
/// # Errors
/// Why it may not be started, and what to do.
pub fn trusted(root: &Path, program: &str) -> Result<Pinned, String> {
    let found = looked_at(root, program)?;
    let pins = pins(root).map_err(|e| format!("cannot read {LOCK}: {e}"))?;
    let help = format!("look at it, then: holdpoint plugin trust {program}");
    match pins.get(&found.name) {
        None => Err(format!("the plugin {} is not trusted yet; {help}", found.name)),
        Some(pin) if *pin != found.digest => {
            Err(format!("the plugin {} has changed since it was trusted; {help}", found.name))
        }
        Some(_) => Ok(found),
    }
}

/// Pins a program as it is now.
///
/// # Errors
/// Why it cannot be pinned, and what to do.
pub fn trust(root: &Path, program: &str) -> Result<Pinned, String> {
    let found = looked_at(root, program)?;
    let written = || -> io::Result<()> {
        let mut pins = pins(root)?;
        pins.insert(found.name.clone(), found.digest.clone());
        let fresh = root.join(format!("{LOCK}.new"));
        let mut file = File::create(&fresh)?;
        for (name, digest) in &pins {
            writeln!(file, "{digest}  {name}")?;
        }
        file.sync_all()?;
        fs::rename(fresh, root.join(LOCK))
    };
    written().map_err(|e| format!("cannot write {}: {e}", root.join(LOCK).display()))?;
    Ok(found)
}

/// The program as it is now, if only its owner can change it.
fn looked_at(root: &Path, program: &str) -> Result<Pinned, String> {
    let cannot = |e: io::Error| format!("the plugin {program} cannot be looked at: {e}");
    let root = root.canonicalize().map_err(cannot)?;
    let declared = root.join(program);
    let file = declared.canonicalize().map_err(cannot)?;
    let inside = file.strip_prefix(&root).ok();
    if inside.is_none() && !Path::new(program).is_absolute() {
        return Err(format!(
            "the plugin {program} leads out of the workspace, to {}; write that path if it is meant",
            file.display()
        ));
    }
    let name = inside.unwrap_or(&file).to_str().filter(|name| !name.contains(['\n', '\\']));
    let name = name.ok_or_else(|| format!("the plugin {program} has a name that cannot be written down; rename it"))?;
    if !fs::metadata(&file).map_err(cannot)?.is_file() {
        return Err(format!("the plugin {program} is no file"));
    }
    // Further up others may make files of their own, as in /tmp, but not rename ours.
    file.ancestors().enumerate().try_for_each(|(up, path)| only_ours(path, up > 1))?;
    let digest = digest(&file).map_err(cannot)?;
    Ok(Pinned { name: name.to_owned(), digest, file })
}

fn digest(file: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut some) = (File::open(file)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut some)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            length => hash.update(some.get(..length).unwrap_or_default()),
        }
    }
}

fn only_ours(path: &Path, may_be_sticky: bool) -> Result<(), String> {
    let meta = fs::metadata(path).map_err(|e| format!("{} cannot be looked at: {e}", path.display()))?;
    let us = rustix::process::geteuid().as_raw();
    if meta.uid() != us && meta.uid() != 0 {
        return Err(format!("{} belongs to user {}, not to you or root; chown it", path.display(), meta.uid()));
    }
    let sticky = may_be_sticky && meta.mode() & 0o1000 != 0;
    if meta.mode() & 0o022 != 0 && !sticky {
        return Err(format!("others can write {}; chmod go-w {}", path.display(), path.display()));
    }
    Ok(())
}

/// The pins by name; none when there is no lock file.
fn pins(root: &Path) -> io::Result<BTreeMap<String, String>> {
    let text = match fs::read_to_string(root.join(LOCK)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(e),
    };
    let pin = |line: &str| line.split_once("  ").map(|(digest, name)| (name.to_owned(), digest.to_owned()));
    let bad = || io::Error::other("a line is not `SHA-256, two blanks, name`");
    text.lines().map(|line| pin(line).ok_or_else(bad)).collect()
}
