//! Every directory of `bad/` laid over the good workspace: the whole text of
//! problems and warnings is kept as a snapshot.

use super::{Dir, here};

fn report(case: &str) -> String {
    let dir = Dir::good();
    dir.copy(&here("tests/config/bad").join(case));
    dir.problems().to_string()
}

fn snapshot(case: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(case, report(case));
    });
}

#[test]
fn shapes() {
    snapshot("shapes");
}

#[test]
fn references() {
    snapshot("references");
}

#[test]
fn rehearsals() {
    snapshot("rehearsals");
}

#[test]
fn registers() {
    snapshot("register");
    snapshot("register-shapes");
}

#[test]
fn accents() {
    snapshot("accents");
}

#[test]
fn cohorts() {
    snapshot("cohorts");
}

#[test]
fn order() {
    snapshot("order");
}

#[test]
fn people() {
    snapshot("roles");
    snapshot("approvals");
    snapshot("keys");
}

#[test]
fn operations() {
    snapshot("operations");
}

#[test]
fn calendar() {
    snapshot("calendar");
}

#[test]
fn feeds() {
    snapshot("feeds");
    // The address of a calendar may be all that keeps it private.
    assert!(!report("feeds").contains("hunter2"));
}

#[test]
fn signals() {
    snapshot("signals");
}

#[test]
fn reports() {
    snapshot("reports");
    snapshot("report-shapes");
}

#[test]
fn artifacts() {
    snapshot("artifacts");
    snapshot("artifact-shapes");
    assert!(!report("artifacts").contains("c2VjcmV0"), "a private key is not printed again");
}

#[test]
fn endpoints() {
    snapshot("endpoints");
    snapshot("secrets");
    // A secret that somebody wrote in a file is not printed again.
    assert!(!["endpoints", "secrets"].iter().any(|case| report(case).contains("hunter2")));
}

#[test]
fn syntax() {
    snapshot("syntax");
}

#[test]
fn services() {
    snapshot("services");
}

#[test]
fn policy() {
    snapshot("policy");
    snapshot("policy-shapes");
    snapshot("waivers");
}

#[test]
fn policy_of_rules_and_tests() {
    snapshot("policy-rules");
    snapshot("policy-tests");
}

#[test]
fn rules_that_do_nothing_or_more_than_is_thought() {
    let dir = Dir::good();
    dir.copy(&here("tests/config/bad/policy-warnings"));
    let loaded = dir.load().unwrap_or_else(|problems| panic!("{problems}"));
    let told: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("policy-warnings", told.join("\n"));
    });
}
