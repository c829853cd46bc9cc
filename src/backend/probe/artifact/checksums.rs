//! Lists of checksums, as `sha256sum` writes them, plain or with `--tag`.
//!
//! Names count from where the list lies. A line that is neither is a list that cannot be trusted to be whole.

use crate::domain::artifact::digest;
use crate::domain::digest::Digest;
use crate::domain::text::{shortened, visible};
use std::path::{Component, Path, PathBuf};

/// So much of a line is shown.
const SHOWN: usize = 60;

/// Whether a list names the file with this digest, and with no other; in words.
///
/// # Errors
/// Why it does not.
pub fn check(bytes: &[u8], list: &str, file: &str, is: Digest) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("{list}: byte {} is no UTF-8", e.valid_up_to()))?;
    let (wanted, folder) = (plain(Path::new(file)), Path::new(list).parent().unwrap_or(Path::new("")));
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (digest, name) = entry(line).ok_or_else(|| {
            let line = shortened(&visible(line), SHOWN);
            format!("{list}:{}: {line:?} is no line of `sha256sum`; have the list written anew", n + 1)
        })?;
        if plain(&folder.join(name)) == wanted {
            found.push(digest);
        }
    }
    match found.as_slice() {
        [] => Err(format!("{list} does not name {file}; have it written where the file lies")),
        all if all.iter().all(|digest| *digest == is) => Ok(format!("{list} names it with this digest")),
        all if all.contains(&is) => Err(format!("{list} names it twice, with two digests; have it written anew")),
        [other, ..] => Err(format!("{list} names it with sha256:{other}, and it has sha256:{is}: it is another file")),
    }
}

/// Digest and name of a line. A backslash before it says that names are written with `\\` and `\n`.
fn entry(line: &str) -> Option<(Digest, String)> {
    let (line, escaped) = line.strip_prefix('\\').map_or((line, false), |line| (line, true));
    let (hex, name) = match line.strip_prefix("SHA256 (") {
        Some(rest) => rest.rsplit_once(") = ").map(|(name, hex)| (hex, name))?,
        None => {
            let (hex, name) = line.split_once(' ')?;
            // A space, or a star for what was read as binary.
            (hex, name.strip_prefix([' ', '*'])?)
        }
    };
    let name = if escaped { unescaped(name)? } else { name.to_owned() };
    Some((digest(hex).filter(|_| !hex.contains(':'))?, name)).filter(|(_, name)| !name.is_empty())
}

fn unescaped(name: &str) -> Option<String> {
    let (mut out, mut chars) = (String::new(), name.chars());
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

/// A path without the steps that lead nowhere; those that lead up stay, since what is up there is for links to say.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}
