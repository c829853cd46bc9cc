//! Which files may be plugins: pinned, unchanged, and nobody else's to write.

use super::ground::{Ground, soon};
use crate::support::{deploy, key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::plugin::trust::{LOCK, trust, trusted};
use holdpoint::backend::{Backend, Fault};
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

fn ground() -> Ground {
    Ground::new("def on(*a): return False")
}

#[tokio::test]
async fn one_that_is_not_pinned_or_has_changed_is_not_started_and_the_help_line_mends_it() {
    let ground = ground();
    let (file, root) = (ground.place.file("plugins/test"), ground.place.root());
    let refused = async |what: &str| {
        let fault = soon(ground.backend().perform(deploy(), key(), sink(None).0)).await.unwrap_err();
        let Fault::Unreachable(why) = fault else { panic!("{fault:?}") };
        assert!(why.contains(what) && why.ends_with("holdpoint plugin trust plugins/test"), "{why}");
    };
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}# one more line\n")).unwrap();
    refused("has changed since it was trusted").await;
    std::fs::remove_file(root.join(LOCK)).unwrap();
    refused("is not trusted yet").await;
    assert_eq!(ground.trace(), "");
    trust(&root, "plugins/test").unwrap();
    let fault = soon(ground.backend().perform(deploy(), key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(fault, Fault::Cannot(..)), "{fault:?}");
    // Nobody holds it any longer, so it may have ended already.
    let trace = ground.trace();
    assert!(trace == "started\n" || trace == "started\nshut down\n", "{trace}");
}

#[test]
fn the_lock_file_is_read_by_sha256sum_and_pins_are_kept_beside_each_other() {
    let ground = ground();
    ground.place.script("plugins/other one", "#!/bin/sh\n");
    trust(&ground.place.root(), "./plugins/other one").unwrap();
    let check =
        std::process::Command::new("sha256sum").args(["-c", LOCK]).current_dir(ground.place.root()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&check.stdout), "plugins/other one: OK\nplugins/test: OK\n");
    assert!(trusted(&ground.place.root(), "plugins/test").is_ok());
    std::fs::write(ground.place.file(LOCK), "nonsense\n").unwrap();
    assert!(trusted(&ground.place.root(), "plugins/test").is_err());
}

#[test]
fn what_others_can_write_or_leads_out_of_the_workspace_is_none() {
    let ground = ground();
    let root = ground.place.root();
    let refused = |program: &str, what: &str| {
        let why = trust(&root, program).unwrap_err();
        assert!(why.contains(what), "{why}");
        assert!(trusted(&root, program).is_err());
    };
    let (file, dir) = (root.join("plugins/test"), root.join("plugins"));
    for mode in [0o775, 0o757] {
        set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        refused("plugins/test", "others can write");
    }
    set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    set_permissions(&dir, Permissions::from_mode(0o777)).unwrap();
    refused("plugins/test", "others can write");
    set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
    assert!(trusted(&root, "plugins/test").is_ok());
    ground.place.script("far/inner/test", "#!/bin/sh\n");
    for (mode, fine) in [(0o777, false), (0o1777, true), (0o755, true)] {
        set_permissions(root.join("far"), Permissions::from_mode(mode)).unwrap();
        assert_eq!(trust(&root, "far/inner/test").is_ok(), fine, "{mode:o}");
    }
    symlink("/bin/sh", root.join("plugins/out")).unwrap();
    refused("plugins/out", "leads out of the workspace");
    refused("plugins/../../x", "cannot be looked at");
    refused("plugins/none", "cannot be looked at");
    refused("plugins", "is no file");
    symlink("test", root.join("plugins/alias")).unwrap();
    assert_eq!(trust(&root, "plugins/alias").unwrap().name, "plugins/test");
}
