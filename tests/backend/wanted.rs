//! Programs that tests hold ours against. Where one is not there its test says that it is skipped; in a full run
//! of CI that is a failure, since there they are built.

/// Names the programs, in one line, that `.ci/full` could not get here.
const WITHOUT: &str = "HOLDPOINT_WITHOUT";

/// Skips the test that runs for want of a program.
pub fn skipped(program: &str) {
    let set = |name: &str| std::env::var_os(name).is_some();
    let without = std::env::var(WITHOUT).unwrap_or_default();
    let full = set("CI") && set("HOLDPOINT_FULL");
    assert!(may(full, program, &without), "{program} is not here, and `.ci/full` does not say that it cannot be had");
    crate::skip::skipped(&format!("there is no {program} here"));
}

/// Whether a program may be missing.
fn may(full: bool, program: &str, without: &str) -> bool {
    !full || without.split_whitespace().any(|name| name == program)
}

#[test]
fn a_full_run_is_not_green_for_want_of_a_program_that_can_be_had() {
    for (full, without, may_be) in [(false, "", true), (true, "", false), (true, "kubectl-argo-rollouts", false)] {
        assert_eq!(may(full, "loadtester", without), may_be, "{full} {without}");
    }
    assert!(may(true, "loadtester", "kubectl-argo-rollouts loadtester"));
}

/// The parts of CI write down what cannot be had, and the summary says it.
#[test]
fn what_ci_cannot_get_is_in_its_summary() {
    let root = env!("CARGO_MANIFEST_DIR");
    let dir = tempfile::TempDir::new().unwrap();
    let script = format!(
        "set -euo pipefail; cd {root:?}; source .ci/parts; go() {{ return 1; }}; tools={:?}; \
         part tools go_program example.test/module v1 cmd/loadtester \"$tools\"; without \"$tools\"; echo \"[$HOLDPOINT_WITHOUT]\"; summary",
        dir.path()
    );
    let ran = std::process::Command::new("bash").args(["-c", &script]).output();
    let Ok(output) = ran else { return crate::skip::skipped("there is no bash here") };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("[loadtester]"), "{said}");
    let summary = said.rsplit("== seconds").next().unwrap();
    assert!(summary.contains("NOT TRIED: loadtester: example.test/module v1 cannot be fetched"), "{said}");
}
