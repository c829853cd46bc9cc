//! Making a workspace that a user can grow.
//!
//! The templates are real files that `load` reads; nothing is ever overwritten.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FILES: [(&str, &str); 5] = [
    ("holdpoint.toml", include_str!("templates/holdpoint.toml")),
    ("services.toml", include_str!("templates/services.toml")),
    ("signals.toml", include_str!("templates/signals.toml")),
    ("calendar/calendar.toml", include_str!("templates/calendar.toml")),
    ("runbooks/hello.toml", include_str!("templates/hello.toml")),
];

/// A workspace's id from random bytes: 16 hex digits.
pub fn new_id(random: [u8; 8]) -> String {
    random.iter().map(|b| format!("{b:02x}")).collect()
}

/// Writes a small workspace into a directory, with the person `me` whose Unix
/// login is `login`; refuses when one is there.
pub fn init(dir: &Path, name: &str, zone: &str, id: &str, login: &str) -> io::Result<Vec<PathBuf>> {
    let taken = FILES.iter().map(|(file, _)| dir.join(file)).find(|path| path.exists());
    if let Some(path) = taken {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there already", path.display())));
    }
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned());
    let fill = |text: &str| {
        text.replace("@ID@", id)
            .replace("@NAME@", &quoted(name))
            .replace("@ZONE@", &quoted(zone))
            .replace("@LOGIN@", &quoted(login))
    };
    FILES.iter().map(|(file, text)| write_new(&dir.join(file), &fill(text))).collect()
}

fn write_new(path: &Path, text: &str) -> io::Result<PathBuf> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())?;
    Ok(path.to_owned())
}

/// Gives an existing workspace a new id; everything else of its file stays.
pub fn renew_id(dir: &Path, id: &str) -> io::Result<()> {
    let path = dir.join(super::FILE);
    let text = fs::read_to_string(&path)?;
    let mut found = false;
    let lines = text.lines().map(|line| match line.trim_start().strip_prefix("id") {
        Some(rest) if !found && rest.trim_start().starts_with('=') => {
            found = true;
            format!("id = \"{id}\"")
        }
        _ => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    if !found {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no line `id = …` in holdpoint.toml"));
    }
    let fresh = path.with_extension("toml.new");
    fs::write(&fresh, text)?;
    fs::rename(fresh, path)
}
