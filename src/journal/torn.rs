//! A torn last line: one whose writer died before its newline.
//!
//! It was never acknowledged. Only the holder of the append lock may judge a line
//! torn, since only then is nobody writing it; the bytes are kept in `.torn`
//! before they are cut off.

use super::error::{During, JournalError};
use super::layout::{Layout, sync_dir};
use super::segment::Segment;
use crate::domain::digest::Digest;
use crate::fault;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

/// A torn line that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The file that now holds its bytes.
    pub kept: PathBuf,
    /// How many bytes.
    pub bytes: u64,
    /// The segment it was cut from.
    pub file: PathBuf,
    /// The line it would have been.
    pub line: u64,
}

/// Sets aside and cuts what follows the last whole line; the append lock must be held
/// and the segment read up to its last newline.
pub fn set_aside(layout: &Layout, segment: &Segment) -> Result<Option<SetAside>, JournalError> {
    let length = segment.file.metadata().during("look at", &segment.path)?.len();
    let bytes = length.saturating_sub(segment.offset);
    if bytes == 0 {
        return Ok(None);
    }
    let kept = keep(layout, segment)?;
    fault::at("journal.torn.kept").during("set aside a torn line in", &kept)?;
    segment.file.set_len(segment.offset).during("cut", &segment.path)?;
    segment.file.sync_data().during("sync", &segment.path)?;
    fault::at("journal.torn.cut").during("cut", &segment.path)?;
    Ok(Some(SetAside { kept, bytes, file: segment.path.clone(), line: segment.lines + 1 }))
}

/// Copies the bytes to a file named by where they were and what they are, so that
/// doing it twice makes one file.
fn keep(layout: &Layout, segment: &Segment) -> Result<PathBuf, JournalError> {
    let dir = layout.torn();
    let mut from = segment.file.try_clone().during("open", &segment.path)?;
    from.seek(SeekFrom::Start(segment.offset)).during("read", &segment.path)?;
    let unnamed = dir.join(".new");
    let mut to: File = layout.open_file(&unnamed)?;
    to.set_len(0).during("write", &unnamed)?;
    std::io::copy(&mut from, &mut to).during("write", &unnamed)?;
    to.flush().and_then(|()| to.sync_all()).during("sync", &unnamed)?;
    let digest = Digest::of_bytes(&std::fs::read(&unnamed).during("read", &unnamed)?).short();
    let kept = dir.join(format!("{:06}-{}-{digest}", segment.number, segment.offset));
    fault::at("journal.torn.copied").during("name", &kept)?;
    std::fs::rename(&unnamed, &kept).during("name", &kept)?;
    sync_dir(&dir)?;
    Ok(kept)
}
