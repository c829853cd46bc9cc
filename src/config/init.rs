//! A small workspace to grow: commented files that load as they are.

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

/// Writes a workspace into a directory and says which files it wrote.
///
/// # Errors
/// When one of the files exists already, before anything is written, or when
/// writing fails; what was written until then stays.
pub fn init(dir: &Path, name: &str, zone: &str, id: &str) -> io::Result<Vec<PathBuf>> {
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
            .replace("\"@name@\"", &quoted(name));
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
