//! Heads: signed, printed, read back.

use crate::state_dir::{StateDir, note};
use holdpoint::journal::SignedHead;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_head_is_one_line_that_reads_back() {
    let dir = StateDir::with_lines(4);
    let mut journal = dir.open();
    let head = journal.head().unwrap();
    let text = head.to_string();
    assert!(text.starts_with("holdpoint-head-v1 0707070707070707 4 ") && !text.contains('\n'), "{text}");
    assert_eq!(text.parse::<SignedHead>().unwrap(), head);
    assert!(head.genuine());
    assert_eq!(dir.open().head().unwrap(), head, "the key is made once");
    let mode = std::fs::metadata(dir.path().join("key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn any_other_text_is_not_genuine() {
    let dir = StateDir::with_lines(4);
    let text = dir.open().head().unwrap().to_string();
    for byte in 0..text.len() {
        for bit in 0..7 {
            let mut damaged = text.clone().into_bytes();
            damaged[byte] ^= 1 << bit;
            let head = String::from_utf8(damaged).ok().and_then(|text| text.parse::<SignedHead>().ok());
            // Blanks between words are not signed; they do not change what is said.
            let same = head.as_ref().is_some_and(|head| head.to_string() == text);
            assert!(same || !head.is_some_and(|head| head.genuine()), "byte {byte} bit {bit}");
        }
    }
}

#[test]
fn a_key_that_everyone_can_read_is_refused() {
    let dir = StateDir::with_lines(2);
    dir.open().head().unwrap();
    let key = dir.path().join("key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(dir.open().head().unwrap_err().to_string().contains("signing key"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&key, "not a key\n").unwrap();
    assert!(dir.open().head().unwrap_err().to_string().contains("64 hex digits"));
}

#[test]
fn kept_heads_are_appended_one_a_line() {
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let first = journal.keep_head().unwrap();
    note(&mut journal, "n").unwrap();
    let second = journal.keep_head().unwrap();
    let kept = holdpoint::journal::heads::kept(journal.layout()).unwrap();
    assert_eq!(kept, [(1, Ok(first)), (2, Ok(second))]);
}
