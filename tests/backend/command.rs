//! What the end of a script means, and what a script gets.

mod matrix;

use crate::support::{Place, deploy, key, launcher, program, script, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::launcher::Launcher;
use holdpoint::backend::{Backend, Certainty, Done, Fault};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;

async fn deployed(lines: &str) -> Result<Done, Fault> {
    Place::new().deploys(lines).perform(deploy()).await
}

fn whole(done: Result<Done, Fault>) -> holdpoint::domain::report::Receipt {
    match done.unwrap() {
        Done::Whole(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

fn lost(done: Result<Done, Fault>) -> String {
    match done.unwrap_err() {
        Fault::Lost { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn exit_0_is_done_and_its_last_line_is_the_receipt() {
    let receipt =
        whole(deployed(r#"echo working; echo '{"summary":"4.2.0 serves","detail":{"previous":"4.1.9","n":3}}'"#).await);
    assert_eq!(receipt.summary, "4.2.0 serves");
    assert_eq!(receipt.detail["previous"], "4.1.9");
    assert_eq!(receipt.detail["n"], "3");
    assert_eq!(whole(deployed("echo one; echo two; echo").await).summary, "two");
    assert_eq!(whole(deployed("true").await).summary, "exit 0");
}

#[tokio::test]
async fn done_to_some_is_partly_done_and_never_done() {
    let done = deployed(r#"echo '{"summary":"4 of 6","done":4,"of":6}'"#).await.unwrap();
    assert!(matches!(done, Done::Partly(4, 6, _)), "{done:?}");
    assert!(matches!(deployed(r#"echo '{"done":6,"of":6}'"#).await.unwrap(), Done::Whole(_)));
}

#[tokio::test]
async fn a_last_line_that_cannot_be_read_is_no_success() {
    for line in [
        r#"{"done":4,"of":6,}"#,
        r#"{"done":"four","of":6}"#,
        r#"{"done":4}"#,
        r#"{"done":7,"of":6}"#,
        r#"{"done":-1,"of":6}"#,
    ] {
        lost(deployed(&format!("echo '{line}'")).await);
    }
    // Cut at 64 KiB: what it would have said is not known.
    lost(deployed(r#"printf '{"summary":"'; head -c 70000 /dev/zero | tr '\0' x; echo '","done":1,"of":2}'"#).await);
}

#[tokio::test]
async fn only_a_listed_exit_code_is_certainly_not_done() {
    let mut place = Place::new().deploys("echo 'no quota' >&2; exit $(cat code)");
    place.spec.verbs.get_mut(&Verb::Deploy).unwrap().not_applied = vec![3];
    std::fs::write(place.file("code"), "3").unwrap();
    let fault = place.perform(deploy()).await.unwrap_err();
    assert_eq!(fault, Fault::Refused { why: "exit 3: no quota".to_owned(), output: None });
    for code in ["1", "4", "127", "126", "255"] {
        std::fs::write(place.file("code"), code).unwrap();
        assert_eq!(lost(place.perform(deploy()).await), format!("exit {code}: no quota"));
    }
}

#[tokio::test]
async fn killed_by_a_signal_is_unknown() {
    assert_eq!(lost(deployed("kill -9 $$").await), "killed by signal 9");
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_certainly_not_done() {
    let place = Place::new();
    std::fs::write(place.file("plain"), "#!/bin/sh\n").unwrap();
    place.script("bad", "#!/nowhere/at/all\n");
    for argv in [&["scripts/none"][..], &["no-such-program-anywhere"], &["./plain"], &["./bad"], &["/"], &["\0"]] {
        let fault = place.perform(program(argv)).await.unwrap_err();
        assert!(matches!(fault, Fault::Unreachable(_)), "{argv:?}: {fault:?}");
        assert_eq!(fault.certainty(), Certainty::NotDone);
    }
    let launcher = Launcher::of("/no/launcher");
    let backend = holdpoint::backend::command::CommandBackend::new(
        "r".into(),
        Span::secs(1),
        place.spec.clone(),
        place.root(),
        launcher,
    );
    let fault = backend.perform(program(&["true"]), key(), sink(None).0).await.unwrap_err();
    assert!(matches!(fault, Fault::Unreachable(_)), "{fault:?}");
}

#[tokio::test]
async fn nothing_is_started_before_every_placeholder_is_filled() {
    let place = Place::new().deploys("touch started");
    let without = Operation { args: Default::default(), ..deploy() };
    let fault = place.perform(without.clone()).await.unwrap_err();
    assert!(matches!(&fault, Fault::Refused { why, .. } if why.contains("{version}")), "{fault:?}");
    assert!(!place.file("started").exists());
    let preview = place.backend().preview(&without).await.unwrap();
    assert!(preview.effects.is_empty() && preview.obstacles[0].contains("{version}"), "{preview:?}");
}

#[tokio::test]
async fn arguments_reach_the_script_as_they_are() {
    let place = Place::new().deploys(r#"printf '%s\n' "$@" "$HOLDPOINT_KEY" "$PWD" > got"#);
    let args = [("version".to_owned(), "4.2.0 $(touch x); `touch x` {service}".to_owned())].into();
    place.perform(Operation { args, ..deploy() }).await.unwrap();
    let got = std::fs::read_to_string(place.file("got")).unwrap();
    let expected =
        format!("payments\neu-west\n4.2.0 $(touch x); `touch x` {{service}}\n{}\n{}\n", key(), place.root().display());
    assert_eq!(got, expected);
    assert!(!place.file("x").exists());
}

#[tokio::test]
async fn a_runbooks_own_program_is_filled_the_same_way() {
    let place = Place::new();
    place.script("show", "#!/bin/sh\necho \"$*\"\n");
    let done = place.perform(program(&["./show", "{verb}", "{service}", "{key}", "{version}"])).await;
    assert_eq!(whole(done).summary, format!("run payments {} 4.2.0", key()));
    let fault = place.perform(Operation { argv: vec!["touch".into(), "x".into()], ..deploy() }).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone);
    assert!(!place.file("x").exists());
}

#[tokio::test]
async fn a_child_sees_only_what_it_was_given() {
    let mut place = Place::new().deploys(
        "env > env; ls -l /proc/self/fd > fds; cat; tty > tty; ps -o sid=,pgid= -p $$ > ids 2>/dev/null; echo $$ > pid",
    );
    place.spec.pass_env = vec!["CARGO_PKG_NAME".to_owned()];
    let _open = std::fs::File::create(place.file("held-open")).unwrap();
    place.perform(deploy()).await.unwrap();
    let env = std::fs::read_to_string(place.file("env")).unwrap();
    let names: Vec<&str> = env.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let usual = |name: &&str| {
        ["PATH", "HOME", "LANG", "TZ", "PWD", "OLDPWD", "SHLVL", "_", "HOLDPOINT_KEY", "CARGO_PKG_NAME"].contains(name)
            || name.starts_with("LC_")
    };
    assert!(names.iter().all(usual), "{names:?}");
    assert!(names.contains(&"CARGO_PKG_NAME") && !names.contains(&"CARGO_MANIFEST_DIR"));
    let fds = std::fs::read_to_string(place.file("fds")).unwrap();
    assert!(fds.contains("0 -> /dev/null"), "{fds}");
    assert!(!fds.contains("held-open") && !fds.contains("socket:"), "{fds}");
    assert!(std::fs::read_to_string(place.file("tty")).unwrap().contains("not a tty"));
}

#[tokio::test]
async fn a_preview_shows_exactly_what_would_run() {
    let place = Place::new().deploys("touch started");
    let args = [("version".to_owned(), "4.2.0 \u{202e}it's".to_owned())].into();
    let preview = place.backend().preview(&Operation { args, ..deploy() }).await.unwrap();
    assert!(preview.blind, "it has looked at no system");
    assert_eq!(preview.effects, ["runs scripts/deploy payments eu-west '4.2.0 \\u{202e}it'\\''s'"]);
    assert!(preview.obstacles.is_empty() && !place.file("started").exists());
    let preview = place.backend().preview(&program(&["scripts/none", "{key}"])).await.unwrap();
    assert!(preview.obstacles[0].contains("no such program"), "{preview:?}");
    assert_eq!(preview.effects, ["runs scripts/none {key}"]);
}

#[tokio::test]
async fn what_a_script_says_is_made_harmless() {
    let receipt =
        whole(deployed(r#"printf '{"summary":"ok\\u001b[2J\\u202e","detail":{"previous":"4\\u200b"}}\n'"#).await);
    assert_eq!(receipt.summary, "ok\\u{1b}[2J\\u{202e}");
    assert_eq!(receipt.detail["previous"], "4\\u{200b}");
    assert_eq!(lost(deployed(r"printf '\033]0;x\007bad\n' >&2; exit 1").await), "exit 1: \\u{1b}]0;x\\u{7}bad");
}

async fn probed(lines: &str) -> Result<Found, Fault> {
    let mut place = Place::new();
    place.script("probe", &format!("#!/bin/sh\n{lines}\n"));
    place.spec.probe = Some(script(&["./probe", "{key}", "{verb}", "{service}", "{environment}"]));
    place.backend().probe(&deploy(), key()).await
}

#[tokio::test]
async fn a_probe_finds_what_became_of_an_operation() {
    let found = probed(r#"echo "{\"found\":\"applied\",\"summary\":\"$1 $2\",\"detail\":{\"previous\":\"4.1.9\"}}""#)
        .await
        .unwrap();
    assert!(
        matches!(found, Found::Applied(r) if r.summary == format!("{} deploy", key()) && r.detail["previous"] == "4.1.9")
    );
    let found = probed(r#"echo '{"found":"not-applied","final":true}'"#).await.unwrap();
    assert!(matches!(found, Found::NotApplied { r#final: true, .. }));
    let found = probed(r#"echo '{"found":"not-applied"}'"#).await.unwrap();
    assert!(matches!(found, Found::NotApplied { r#final: false, .. }), "not certain unless it says so");
    let found = probed(r#"echo '{"found":"partly","done":4,"of":6}'"#).await.unwrap();
    assert!(matches!(found, Found::Partly { done: 4, of: 6, .. }));
    assert!(matches!(probed(r#"echo '{"found":"unknown"}'"#).await.unwrap(), Found::Unknown { .. }));
}

#[tokio::test]
async fn a_probe_that_makes_no_sense_finds_nothing() {
    let lines = [
        "echo applied",
        "echo '{}'",
        r#"echo '{"found":"yes"}'"#,
        r#"echo '{"found":"partly"}'"#,
        r#"echo '{"found":"applied","done":1,"of":2}'"#,
        r#"echo '{"found":"not-applied","final":"true"}'"#,
        r#"echo '{"found":"applied"}'; exit 1"#,
        r#"echo '{"found":"applied"}'; kill -9 $$"#,
        r#"echo '{"found":"applied"} {"found":"not-applied"}'"#,
        "true",
        "yes",
    ];
    for line in lines {
        let fault = tokio::time::timeout(std::time::Duration::from_secs(60), async {
            if line == "yes" { probed("yes | head -c 3000000").await } else { probed(line).await }
        });
        assert!(matches!(fault.await.unwrap().unwrap_err(), Fault::Lost { .. }), "{line}");
    }
    let found = Place::new().backend().probe(&deploy(), key()).await.unwrap();
    assert!(matches!(found, Found::Unknown { .. }), "without a probe script nothing is known");
    assert_eq!(launcher().prefix, ["exec-child"]);
}
