//! A small workspace to grow: commented files that load as they are.
//!
//! Nothing is ever overwritten.

use super::FILE;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FILES: [(&str, &str); 6] = [
    (FILE, include_str!("templates/holdpoint.toml")),
    ("services.toml", include_str!("templates/services.toml")),
    ("signals.toml", include_str!("templates/signals.toml")),
    ("calendar/windows.toml", include_str!("templates/windows.toml")),
    ("runbooks/first.toml", include_str!("templates/first.toml")),
    ("scripts/deploy", include_str!("templates/deploy")),
];

/// Writes a workspace into a directory, with one person whose Unix login is
/// `login`, and says which files it wrote.
///
/// # Errors
/// When one of the files exists already, before anything is written, or when
/// writing fails; what was written until then stays.
pub fn init(dir: &Path, name: &str, zone: &str, id: &str, login: &str) -> io::Result<Vec<PathBuf>> {
    if crate::domain::zone::Zone::named(zone).is_none() {
        let why = format!("there is no time zone {zone:?}; write an IANA name such as Europe/Paris");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    for (file, _) in FILES {
        let path = dir.join(file);
        if path.symlink_metadata().is_ok() {
            let why = format!("{} exists already; nothing was written", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
    }
    let mut written = Vec::new();
    for (file, template) in FILES {
        let path = dir.join(file);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let text = template
            .replace("\"@id@\"", &quoted(id))
            .replace("\"@zone@\"", &quoted(zone))
            .replace("@zone@", zone)
            .replace("\"@name@\"", &quoted(name))
            .replace("\"@login@\"", &quoted(login));
        let mut open = std::fs::OpenOptions::new();
        open.write(true).create_new(true);
        if file.starts_with("scripts/") {
            std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o755);
        }
        open.open(&path)?.write_all(text.as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

/// A new workspace id from eight random bytes: sixteen hex digits.
pub fn new_id(random: [u8; 8]) -> String {
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Gives an existing workspace a new id, and so a journal of its own; every
/// other line of its file stays.
///
/// # Errors
/// When the file cannot be read or written, or has no line `id = …`.
pub fn renew_id(dir: &Path, id: &str) -> io::Result<()> {
    let path = dir.join(FILE);
    let text = std::fs::read_to_string(&path)?;
    let is_id =
        |line: &str| line.trim_start().strip_prefix("id").is_some_and(|rest| rest.trim_start().starts_with('='));
    let Some(old) = text.lines().find(|line| is_id(line)) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} has no line `id = …`", path.display())));
    };
    let fresh = path.with_extension("toml.new");
    std::fs::write(&fresh, text.replacen(old, &format!("id = \"{id}\""), 1))?;
    std::fs::rename(fresh, path)
}
