//! `init`: makes a workspace that a user can grow, or gives a fork its own id.
//!
//! It writes files that people then own; it never overwrites one.

use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::config;
use crate::runtime::identity;
use std::path::{Path, PathBuf};

/// Makes a workspace.
pub fn init(dir: Option<PathBuf>, name: Option<String>, zone: &str, new_id: bool) -> Ended {
    let dir = dir.unwrap_or_else(|| PathBuf::from("."));
    let mut random = [0u8; 8];
    getrandom::fill(&mut random).map_err(|e| Failure::failed(format!("cannot draw a random id: {e}")))?;
    let id = config::new_id(random);
    if new_id {
        return renew(&dir, &id);
    }
    let name = name.or_else(|| folder(&dir)).unwrap_or_else(|| "releases".to_owned());
    let made = config::init(&dir, &name, zone, &id, &identity::user())
        .map_err(|e| Failure::failed(format!("cannot make a workspace in {}: {e}", dir.display())))?;
    made.iter().for_each(|path| print::line(&path.display().to_string()));
    print::words("made a workspace; look at it with `holdpoint check`, then `holdpoint run start first`");
    Ok(Exit::Done)
}

fn folder(dir: &Path) -> Option<String> {
    Some(dir.canonicalize().ok()?.file_name()?.to_string_lossy().into_owned())
}

fn renew(dir: &Path, id: &str) -> Ended {
    config::renew_id(dir, id).map_err(|e| Failure::failed(format!("cannot give {} a new id: {e}", dir.display())))?;
    print::line(id);
    Ok(Exit::Done)
}
