//! What is deployed is what was approved: a file that was swapped, or that nobody signed, holds the deploy.

use crate::ground::{begun, by};
use crate::support::ground::team;
use crate::support::sandbox::Sandbox;
use std::fs;
use std::process::Command;

const DAY: &str = r#"
title = "web 2.0.0"
release = "train"
[[steps]]
id = "1"
title = "Deploy web"
kind = "action"
verb = "deploy"
service = "web"
environment = "prod"
args = { version = "2.0.0" }
gate = { health = ["artefact"] }
"#;

/// A workspace whose release names the digest of what lies in `dist` now, under a list that a key signed.
fn workspace() -> Sandbox {
    let s = Sandbox::new();
    team(&s, "[backends.pipeline]\nkind = \"probe\"\nevery = \"200ms\"\n");
    s.write("dist/web.tar.gz", "web 2.0.0, as it was built");
    let dist = |program: &str, arguments: &[&str]| {
        let made = Command::new(program).args(arguments).current_dir(s.workspace().join("dist")).output().unwrap();
        assert!(made.status.success(), "{program}: {made:?}");
        String::from_utf8(made.stdout).unwrap()
    };
    let sums = dist("sha256sum", &["web.tar.gz"]);
    s.write("dist/SHA256SUMS", &sums);
    let key = s.root().join("home/release").display().to_string();
    dist("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "release", "-f", &key]);
    dist("ssh-keygen", &["-q", "-Y", "sign", "-f", &key, "-n", "file", "SHA256SUMS"]);
    let public = fs::read_to_string(format!("{key}.pub")).unwrap();
    let digest = sums.split(' ').next().unwrap();
    s.write(
        "calendar/train.toml",
        format!(
            r#"
[releases.train]
starts = "2026-11-20T22:00:00Z"
ends = "2026-11-21T02:00:00Z"
environments = ["prod"]
bill = [{{ service = "web", version = "2.0.0", digest = "sha256:{digest}" }}]
"#
        ),
    );
    s.write(
        "signals.toml",
        format!(
            r#"
[signals.artefact]
title = "web is what was approved"
service = "web"
environments = ["prod"]
source = "pipeline"
unit = "count"
bad = "above"
fail = 0
query = {{ kind = "artifact", file = "dist/{{service}}.tar.gz", release = "train", checksums = "dist/SHA256SUMS", signature = "dist/SHA256SUMS.sig", keys = ["{}"] }}
"#,
            public.trim()
        ),
    );
    s.write("runbooks/day.toml", DAY);
    s
}

#[test]
fn an_artefact_that_was_swapped_holds_the_deploy_and_the_approved_one_goes() {
    let s = workspace();
    by(&s, "ana", &["check"]).exits(0);
    let good = by(&s, "ana", &["artifacts"]).exits(0).stdout;
    assert!(good.starts_with("artefact · prod · dist/web.tar.gz\n  ok  sha256:"), "{good}");
    assert_eq!(good.matches("\n  ok  ").count(), 3, "{good}");
    by(&s, "ana", &["run", "start", "day"]).exits(0);

    let built = fs::read(s.workspace().join("dist/web.tar.gz")).unwrap();
    s.write("dist/web.tar.gz", "web 2.0.0, with something more");
    let swapped = by(&s, "ana", &["artifacts"]).exits(1).stdout;
    assert!(swapped.contains("and release train names sha256:"), "{swapped}");
    assert!(swapped.contains("\n  NO  dist/SHA256SUMS names it with"), "{swapped}");
    let held = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]);
    assert!(held.stderr.contains("artefact"), "{held:?}");
    assert!(held.code != Some(0) && begun(&s).is_empty(), "{held:?}");

    // A list that fits the other file is not the one that was signed, and the release still names the first.
    let other = Command::new("sha256sum").arg("web.tar.gz").current_dir(s.workspace().join("dist")).output().unwrap();
    let list = fs::read(s.workspace().join("dist/SHA256SUMS")).unwrap();
    s.write("dist/SHA256SUMS", &other.stdout);
    let relisted = by(&s, "ana", &["--json", "artifacts", "artefact"]).exits(1).json();
    let checks = relisted["artifacts"][0]["checks"].as_array().unwrap();
    assert_eq!(relisted["artifacts"][0]["verdict"], "refused");
    assert_eq!(checks.iter().map(|one| one["ok"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, false]);

    fs::remove_file(s.workspace().join("dist/web.tar.gz")).unwrap();
    let gone = by(&s, "ana", &["artifacts"]).exits(3).stdout;
    assert!(gone.contains("\n  ??  dist/web.tar.gz: there is no such file"), "{gone}");
    let held = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]);
    assert!(held.code != Some(0) && begun(&s).is_empty(), "{held:?}");

    s.write("dist/SHA256SUMS", list);
    s.write("dist/web.tar.gz", built);
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    assert_eq!(begun(&s).len(), 1);
}

#[test]
fn a_bill_that_is_edited_after_the_start_lets_no_other_artefact_through() {
    let s = workspace();
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let (bill, list) = (s.workspace().join("calendar/train.toml"), s.workspace().join("dist/SHA256SUMS"));
    let approved = fs::read_to_string(&bill).unwrap();
    let was = fs::read_to_string(list).unwrap()[..64].to_owned();
    s.write("dist/web.tar.gz", "web 2.0.0, with something more");
    let other = Command::new("sha256sum").arg("dist/web.tar.gz").current_dir(s.workspace()).output().unwrap();
    s.write("calendar/train.toml", approved.replace(&was, &String::from_utf8(other.stdout).unwrap()[..64]));
    s.write("signals.toml", only_the_release(&s));
    by(&s, "ana", &["artifacts"]).exits(0);
    let held = by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]);
    assert!(held.code != Some(0) && begun(&s).is_empty(), "{held:?}");
    assert!(held.stderr.contains("follows from something else by now than this plan says"), "{held:?}");
}

/// The signals with nothing held against the artefact but what the release names.
fn only_the_release(s: &Sandbox) -> String {
    let text = fs::read_to_string(s.workspace().join("signals.toml")).unwrap();
    format!("{}release = \"train\" }}\n", text.split_once("release = ").unwrap().0)
}

#[test]
fn nothing_to_verify_is_no_success() {
    let s = Sandbox::new();
    team(&s, "");
    let none = by(&s, "ana", &["artifacts"]).exits(2);
    assert!(none.stderr.contains("no artefact is declared, so nothing can be verified"), "{none:?}");
    let s = workspace();
    let unknown = by(&s, "ana", &["artifacts", "artifact"]).exits(2);
    assert!(unknown.stderr.contains("did you mean") && unknown.stderr.contains("artefact"), "{unknown:?}");
}
