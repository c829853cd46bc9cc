//! How far a version is from another.

use holdpoint::engine::policy::about::kind;

#[test]
fn a_kind_is_what_semantic_versions_say() {
    for (from, to, wanted) in [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.2.3", "same"),
        ("1.2.3", "1.2.2", "older"),
        ("1.2.3", "1.1.9", "older"),
        ("2.0.0", "1.9.9", "older"),
        ("1.9.0", "1.10.0", "minor"),
        ("9.0.0", "10.0.0", "major"),
        // Before 1.0 every minor version may break what was.
        ("0.1.2", "0.2.0", "major"),
        ("0.1.2", "0.1.3", "patch"),
        ("0.9.9", "1.0.0", "major"),
        ("0.0.1", "0.0.2", "patch"),
        // A letter before it is no part of it.
        ("v1.2.3", "1.2.3", "other"),
        ("v1.2.3", "v1.2.3", "same"),
        ("vv1.2.3", "v1.3.0", "other"),
        ("v", "v1.0.0", "other"),
        // Revisions of one version are that version.
        ("1.2.3#4", "1.2.3#5", "same"),
        ("1.2.3#4", "1.3.0", "minor"),
        ("v1.2.3", "v1.3.0", "minor"),
        ("1.2.3", "v2.0.0", "major"),
        // What comes before a release, and what it was built by.
        ("1.2.3", "1.3.0-rc.1", "minor"),
        ("1.3.0-rc.1", "1.3.0", "other"),
        ("1.3.0-rc.1", "1.3.0-rc.2", "other"),
        ("1.3.0", "1.3.0-rc.1", "other"),
        ("1.2.3+a", "1.2.3+b", "other"),
        ("1.2.3+a", "1.2.4+a", "patch"),
        ("1.2.3-a+b", "2.0.0-a+b", "major"),
        ("1.2.3-rc-1", "1.2.3-rc-1", "same"),
        // What is no semantic version has no kind.
        ("1.2.3.4", "1.2.3.5", "other"),
        ("1.2", "1.3", "other"),
        ("1", "2", "other"),
        ("2026-11-21", "2026-11-22", "other"),
        ("9f3c2ab", "1.0.0", "other"),
        ("1.0.0", "latest", "other"),
        ("latest", "latest", "same"),
        ("", "1.0.0", "other"),
        ("1.0.0", "", "other"),
        ("", "", "same"),
        ("1..0", "1.0.0", "other"),
        ("1.0.", "1.0.0", "other"),
        ("-1.0.0", "1.0.0", "other"),
        ("1.0.0 ", "1.0.1", "other"),
        ("١.٠.٠", "1.0.0", "other"),
        // Numbers that no machine counts to.
        ("1.0.0", "1.0.18446744073709551615", "patch"),
        ("1.0.0", "1.0.18446744073709551616", "other"),
        ("99999999999999999999.0.0", "99999999999999999999.0.1", "other"),
    ] {
        assert_eq!(kind(from, to), wanted, "{from:?} to {to:?}");
    }
}

#[test]
fn the_way_there_and_the_way_back_are_never_both_forward() {
    let all: Vec<String> = (0..27).map(|n| format!("{}.{}.{}", n / 9, n / 3 % 3, n % 3)).collect();
    for from in &all {
        for to in &all {
            let (there, back) = (kind(from, to), kind(to, from));
            let wanted = if from == to { "same" } else { "older" };
            assert_eq!(
                [there, back].iter().filter(|kind| **kind == wanted).count(),
                if from == to { 2 } else { 1 },
                "{from} {to}"
            );
        }
    }
}
