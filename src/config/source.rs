//! One file of the workspace as text, with the places of its lines.
//!
//! Reads nothing but regular files of bounded size, and says of bad bytes where
//! the first one stands. It knows nothing of what the text means.

use super::problem::{Problem, said};
use crate::domain::text::visible;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// The largest file that is read, in bytes; people write a thousandth of it.
const LARGEST: u64 = 16 * 1024 * 1024;
/// What the names of files begin with that tell where calendars are.
const FEEDS: &str = "calendar/";
/// How the first line of a private key in PEM ends.
const PRIVATE: &str = "PRIVATE KEY-----";
/// How many bytes of a long line are shown.
const SHOWN: usize = 160;

/// A file that could be read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name relative to the workspace, made harmless.
    pub name: String,
    /// Its text, without a byte order mark.
    pub text: String,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

impl Source {
    /// Takes a text under a name.
    pub fn new(name: &str, text: String) -> Self {
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Self { name: visible(name), lines: starts(&text), text }
    }

    /// Reads a file; none when there is none.
    ///
    /// # Errors
    /// The problem to show when it is no regular file, too large, unreadable or not UTF-8.
    pub fn read(path: &Path, name: &str) -> Result<Option<Self>, Box<Problem>> {
        let failed =
            |why: &str, help: &str| Box::new(Problem::of_file(name, why, (!help.is_empty()).then(|| help.to_owned())));
        let unreadable = |e: std::io::Error| failed(&format!("cannot be read: {e}"), "");
        let meta = match std::fs::metadata(path) {
            Ok(meta) => meta,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return match std::fs::symlink_metadata(path) {
                    Ok(_) => {
                        Err(failed("is a link to a file that does not exist", "remove the link or restore its target"))
                    }
                    Err(_) => Ok(None),
                };
            }
            Err(e) => return Err(unreadable(e)),
        };
        if meta.is_dir() {
            return Err(failed(
                "is a directory where a file is expected",
                "rename it so that it does not end in .toml",
            ));
        }
        if !meta.is_file() {
            return Err(failed("is no regular file", "replace it by a TOML file"));
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(failed("is larger than 16 MiB", "no file of a workspace is that large; is it the right file?"));
        }
        Self::of(name, bytes).map(Some)
    }

    /// Takes what was read under a name.
    ///
    /// # Errors
    /// The problem to show when it is not UTF-8.
    pub fn of(name: &str, bytes: Vec<u8>) -> Result<Self, Box<Problem>> {
        String::from_utf8(bytes).map(|text| Self::new(name, text)).map_err(|e| Box::new(not_utf8(name, e)))
    }

    /// The same file with some bytes blotted out, for messages about what must not be quoted.
    pub fn blotted(&self, at: Range<usize>) -> Self {
        let mut text = self.text.clone();
        if let Some(written) = self.text.get(at.clone()) {
            let blot = |c: char| if c == '\n' { '\n' } else { '*' };
            let blots: String = written.chars().flat_map(|c| std::iter::repeat_n(blot(c), c.len_utf8())).collect();
            text.replace_range(at, &blots);
        }
        Self { name: self.name.clone(), lines: self.lines.clone(), text }
    }

    /// The problem at a range of bytes.
    pub fn problem(&self, at: Range<usize>, what: &str, help: Option<String>) -> Problem {
        let start = self.text.floor_char_boundary(at.start.min(self.text.len()));
        let line = self.lines.partition_point(|&begin| begin <= start).max(1);
        let begin = self.lines.get(line - 1).copied().unwrap_or(0);
        let whole = self.text.get(begin..).unwrap_or("");
        let whole = whole.split_once('\n').map_or(whole, |(first, _)| first);
        let whole = whole.strip_suffix('\r').unwrap_or(whole);
        let unaddressed = self.name.starts_with(FEEDS).then(|| unaddressed(whole));
        let whole = unaddressed.as_deref().unwrap_or(whole);
        let unkeyed = unkeyed(whole);
        let whole = unkeyed.as_deref().unwrap_or(whole);
        let from = (start - begin).min(whole.len());
        let to = whole.floor_char_boundary((at.end.max(start) - begin).min(whole.len())).max(from);
        let left =
            if from > SHOWN / 2 && whole.len() > SHOWN { whole.floor_char_boundary(from - SHOWN / 4) } else { 0 };
        let right = whole.floor_char_boundary((left + SHOWN).min(whole.len())).max(from);
        let cut = |range: Range<usize>| visible(whole.get(range).unwrap_or(""));
        let dots = |is: bool| if is { "…" } else { "" };
        let before = format!("{}{}", dots(left > 0), cut(left..from));
        let marked = cut(from..to.min(right).max(from));
        let after = format!("{}{}", cut(to.min(right).max(from)..right), dots(right < whole.len()));
        // Characters are counted only where a person would count them.
        let column = if from < 100_000 { whole.get(..from).unwrap_or("").chars().count() } else { from };
        Problem {
            file: self.name.clone(),
            line,
            column: column + 1,
            caret: before.chars().count(),
            span_len: marked.chars().count().max(1),
            line_text: format!("{before}{marked}{after}"),
            what: said(what),
            help: help.map(|help| said(&help)),
        }
    }
}

/// A line with what follows the head of a private key blotted out, if it holds one: nobody meant to write it there.
fn unkeyed(line: &str) -> Option<String> {
    let (before, after) = line.split_once(PRIVATE)?;
    let blot = |c: char| if c.is_alphanumeric() || "+/=".contains(c) { "*".repeat(c.len_utf8()) } else { c.into() };
    Some(format!("{before}{PRIVATE}{}", after.chars().map(blot).collect::<String>()))
}

/// A line with everything behind the hosts of its addresses blotted out, as long as it was: the address of a calendar
/// may be all that keeps it private.
fn unaddressed(line: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(line.len()), line);
    while let Some((before, behind)) = rest.split_once("://") {
        let end = behind.find(['"', '\'', ' ', '\t', ',', '}']).unwrap_or(behind.len());
        let (address, after) = behind.split_at(end);
        // What stands before `@` is no host.
        let host = if address.contains('@') { 0 } else { address.find(['/', '?']).unwrap_or(end) };
        let (host, path) = address.split_at(host);
        out.extend([before, "://", host, &"*".repeat(path.len())]);
        rest = after;
    }
    out + rest
}

/// The problem of the first byte that is not UTF-8.
fn not_utf8(name: &str, error: std::string::FromUtf8Error) -> Problem {
    let at = error.utf8_error().valid_up_to();
    let bad = error.as_bytes().get(at).copied().unwrap_or(0);
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    // The valid part keeps its length, so the position holds in the lossy text too.
    let source = Source { name: visible(name), lines: starts(&text), text };
    let help = "save the file as UTF-8".to_owned();
    source.problem(at..at + '\u{fffd}'.len_utf8(), &format!("byte 0x{bad:02x} is not UTF-8"), Some(help))
}

/// Where each line of a text begins.
fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}
