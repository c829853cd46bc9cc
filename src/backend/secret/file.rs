//! Secrets in files: only such as nobody else can read.
//!
//! What is checked is the opened file, so that no other can take its place.

use rustix::process::geteuid;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use zeroize::Zeroizing;

/// The largest file that is read, in bytes; certificates with their chain fit.
const LARGEST: u64 = 64 * 1024;

/// Reads a file of mode 0600 or less that belongs to us or to root.
///
/// # Errors
/// Why it is not used, and the command that mends it.
pub fn read(path: &Path) -> Result<Zeroizing<String>, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let meta = file.metadata().map_err(|e| e.to_string())?;
    if !meta.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if meta.mode() & 0o077 != 0 {
        let mode = meta.mode() & 0o777;
        return Err(format!("others can use it (mode {mode:04o}); chmod 600 {}", path.display()));
    }
    if meta.uid() != 0 && meta.uid() != geteuid().as_raw() {
        let (theirs, ours) = (meta.uid(), geteuid().as_raw());
        return Err(format!("it belongs to user {theirs}, not to us ({ours}) or root; chown it"));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(|e| e.to_string())?;
    if text.len() as u64 > LARGEST {
        return Err("it is larger than 64 KiB; is it the right file?".to_owned());
    }
    Ok(text)
}
