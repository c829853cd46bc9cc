//! Changes of the workspace's own files.

use crate::undisturbed as tokio;
use futures_util::{FutureExt, StreamExt};
use holdpoint::backend::files::changes;
use holdpoint::domain::span::Span;
use std::path::PathBuf;
use std::time::Duration;

#[tokio::test]
async fn files_that_come_go_and_change_are_named_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    std::fs::create_dir(root.join("runbooks")).unwrap();
    std::fs::write(root.join("holdpoint.toml"), "a").unwrap();
    let mut changes = changes(root.clone(), Span::millis(40));
    let mut next = async || tokio::time::timeout(Duration::from_secs(60), changes.next()).await.unwrap().unwrap();
    // The first look is what is known; it must have happened before anything changes.
    assert!(tokio::time::timeout(Duration::from_secs(2), next()).await.is_err(), "nothing has changed yet");
    std::fs::write(root.join("holdpoint.toml"), "ab").unwrap();
    assert_eq!(next().await, [PathBuf::from("holdpoint.toml")]);
    std::fs::write(root.join("runbooks/train.toml"), "x").unwrap();
    std::fs::write(root.join("runbooks/notes.md"), "x").unwrap();
    assert_eq!(next().await, [PathBuf::from("runbooks/train.toml")]);
    std::fs::remove_file(root.join("runbooks/train.toml")).unwrap();
    assert_eq!(next().await, [PathBuf::from("runbooks/train.toml")]);
    // Replaced by one of the same size and age, as git and editors do.
    let (old, new) = (root.join("holdpoint.toml"), root.join("new"));
    std::fs::write(&new, "xy").unwrap();
    let time = std::fs::metadata(&old).unwrap().modified().unwrap();
    std::fs::File::open(&new).unwrap().set_modified(time).unwrap();
    std::fs::rename(new, old).unwrap();
    assert_eq!(next().await, [PathBuf::from("holdpoint.toml")]);
    assert!(changes.next().now_or_never().is_none());
}
