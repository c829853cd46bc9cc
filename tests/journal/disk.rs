//! Disks that are full, limited or not ours to write: for real.

use crate::child::{command, said};
use crate::state_dir::{StateDir, copy, noted, open};
use holdpoint::journal::{Answer, verify};
use std::path::Path;
use std::process::Command;

fn acked(said: &[String]) -> Vec<String> {
    said.iter()
        .filter_map(|line| line.strip_prefix("ack "))
        .map(|line| line.split(' ').nth(1).unwrap().into())
        .collect()
}

/// What every journal must be after a disk refused a line.
fn intact(dir: &Path, said: &[String]) {
    assert!(said.last().unwrap().starts_with("error "), "{said:?}");
    assert_eq!(noted(dir), acked(said), "exactly the acknowledged lines are there");
    let verified = verify(dir, None).unwrap();
    assert!(matches!(verified.answer, Answer::CannotProve { .. }), "{verified}");
    assert_eq!(verified.notes, ["no signed heads are kept beside it"], "what was half written was cut back");
}

#[test]
fn a_full_file_system_refuses_the_line_and_keeps_the_rest() {
    let dir = StateDir::new();
    std::fs::create_dir_all(dir.path()).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs"]).arg(dir.path()).output();
    if !mounted.is_ok_and(|done| done.status.success()) {
        return crate::skip::skipped("mounting a small file system needs root");
    }
    let vars = [("CHILD_COUNT", "1000".into()), ("CHILD_PAD", "3000".into())];
    let said = said(command("append", &dir.path(), &vars).spawn().unwrap());
    let refused = crate::child::said(command("intend", &dir.path(), &[]).spawn().unwrap());
    let checked = std::panic::catch_unwind(|| {
        assert!(refused[0].starts_with("error the disk is full"), "{refused:?}");
        intact(&dir.path(), &said);
        assert!(said.last().unwrap().contains("cannot write"), "{}", said.last().unwrap());
        assert!(acked(&said).len() > 10);
        assert!(!dir.path().join("POISONED").exists(), "a full disk is no poison");
    });
    let room = StateDir::new();
    copy(&dir.path(), &room.path());
    Command::new("umount").arg(dir.path()).status().unwrap();
    checked.unwrap();
    assert!(crate::state_dir::note(&mut open(&room.path()).unwrap(), "on").is_ok(), "with room it goes on");
}

#[test]
fn room_is_kept_behind_an_intent() {
    use std::os::unix::fs::MetadataExt;
    let dir = StateDir::with_lines(3);
    let mut journal = dir.open();
    let length = std::fs::metadata(dir.segment(1)).unwrap().len();
    let probe = std::fs::File::create(dir.path().join("probe")).unwrap();
    if rustix::fs::fallocate(&probe, rustix::fs::FallocateFlags::KEEP_SIZE, 0, 4096).is_err() {
        return crate::skip::skipped("this file system cannot reserve room");
    }
    let _ =
        journal.commit(|| crate::state_dir::at(1), crate::state_dir::ana(), |_, _| Some(crate::state_dir::intent()));
    let segment = std::fs::metadata(dir.segment(1)).unwrap();
    assert!(segment.blocks() * 512 >= 1 << 20, "{} blocks", segment.blocks());
    assert!(segment.len() < length + 1000, "the reservation is past the end");
}

#[test]
fn a_limit_on_the_size_of_files_refuses_the_line_and_keeps_the_rest() {
    let dir = StateDir::new();
    let vars = [("CHILD_COUNT", "1000".into()), ("CHILD_PAD", "3000".into())];
    let child = command("append", &dir.path(), &vars);
    // 64 blocks of 1 KiB or 512 bytes, as the shell counts; the signal ignored, so that the write fails.
    let mut limited = Command::new("bash");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "bash"])
        .arg(child.get_program())
        .args(child.get_args());
    limited.envs(child.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    limited.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
    let Ok(child) = limited.spawn() else { return crate::skip::skipped("there is no bash") };
    let said = said(child);
    intact(&dir.path(), &said);
    assert!(acked(&said).len() > 5, "{said:?}");
    assert!(crate::state_dir::note(&mut dir.open(), "on").is_ok());
}

#[test]
fn a_directory_that_may_only_be_read_is_viewed() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let dir = StateDir::with_lines(3);
    let nobody = 65_534;
    if chown(dir.path(), Some(0), Some(0)).is_err() {
        return crate::skip::skipped("acting as someone else needs root");
    }
    let all = Command::new("chmod").args(["-R", "a+rX"]).arg(dir.path().parent().unwrap()).status().unwrap();
    assert!(all.success());
    let mut child = command("append", &dir.path(), &[]);
    std::os::unix::process::CommandExt::uid(&mut child, nobody);
    let Ok(child) = child.spawn() else { return crate::skip::skipped("the test's program is not everyone's to run") };
    let said = said(child);
    if said.is_empty() {
        return crate::skip::skipped("the test's program is not everyone's to run");
    }
    assert!(said[0].starts_with("error cannot ") && said[0].contains("ermission denied"), "{said:?}");
    assert_eq!(noted(&dir.path()), ["n2", "n3"]);
    assert_eq!(std::fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o755);
}
