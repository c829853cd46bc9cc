//! Of a pod that is well a watch is only glanced at: what that says is what reading all of it would say.

use holdpoint::backend::kubernetes::glance::{self, Well};
use holdpoint::backend::kubernetes::ill::Ill;
use holdpoint::backend::kubernetes::lean;
use holdpoint::backend::kubernetes::object::{name, owner, text as text_of, version};
use serde_json::Value;

fn line(kind: &str, meta: &str, status: &str) -> String {
    format!(
        r#"{{"type":{kind},"object":{{"kind":"Pod","metadata":{{{meta}"labels":{{"a":"\u0062"}}}},"spec":{{}},"status":{{{status}"podIP":"::1"}}}}}}"#
    )
}

const META: &str = r#""name":"api-7d-x","resourceVersion":"42","ownerReferences":[{"kind":"Node","name":"n"},{"kind":"ReplicaSet","name":"api-7d","controller":true}],"#;
const STATUS: &str = r#""conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}],"containerStatuses":[{"restartCount":0},{}],"#;

#[test]
fn a_pod_that_is_plainly_well_is_told_at_a_glance() {
    for kind in ["ADDED", "MODIFIED"] {
        let found = glance::of(line(&format!("{kind:?}"), META, STATUS).as_bytes());
        let owner = Some(("ReplicaSet".to_owned(), "api-7d".to_owned()));
        assert_eq!(found, Some(Well { name: "api-7d-x".to_owned(), version: "42".to_owned(), owner }));
    }
}

#[test]
fn whatever_is_not_plainly_well_is_not() {
    let without = |what: &str, by: &str| [META.replace(what, by), STATUS.replace(what, by)];
    let all = [
        without(r#""42""#, r#""""#),
        without(r#""name":"api-7d-x""#, r#""deletionTimestamp":"2026-11-22T10:00:00Z","name":"api-7d-x""#),
        without(r#""name":"api-7d-x""#, r#""name":"api\n""#),
        without(r#""name":"api-7d-x""#, r#""name":"a","name":"b""#),
        without(r#""Ready","status":"True""#, r#""Ready","status":"False""#),
        without(r#""Ready","status":"True""#, r#""Ready","status":"Unknown""#),
        without(r#""restartCount":0"#, r#""restartCount":1"#),
        without(r#""restartCount":0"#, r#""restartCount":-1"#),
        without(STATUS, ""),
        without(r#""containerStatuses":[{"restartCount":0},{}]"#, r#""initContainerStatuses":[{"restartCount":2}]"#),
    ];
    for [meta, status] in all {
        let line = line(r#""MODIFIED""#, &meta, &status);
        assert_eq!(glance::of(line.as_bytes()), None, "{line}");
    }
    for kind in [r#""DELETED""#, r#""BOOKMARK""#, r#""ERROR""#, r#""LATER""#, "null"] {
        assert_eq!(glance::of(line(kind, META, STATUS).as_bytes()), None, "{kind}");
    }
    for text in ["", "{}", "[]", "<html>", r#"{"type":"ADDED"}"#, &format!("{} {{}}", line(r#""ADDED""#, META, STATUS))]
    {
        assert_eq!(glance::of(text.as_bytes()), None, "{text}");
    }
}

const KINDS: &[&str] = &[r#""ADDED""#, r#""MODIFIED""#, r#""DELETED""#, "7"];
const NAMES: &[&str] = &[r#""name":"a-1","#, r#""name":"\u0061","#, r#""name":null,"#, ""];
const VERSIONS: &[&str] = &[r#""resourceVersion":"42","#, r#""resourceVersion":"","#, r#""resourceVersion":42,"#];
const LEAVES: &[&str] = &["", r#""deletionTimestamp":null,"#, r#""deletionTimestamp":"2026-11-22T10:00:00Z","#];
const OWNERS: &[&str] = &[
    r#""ownerReferences":[{"kind":"ReplicaSet","name":"api-7d","controller":true}],"#,
    "",
    r#""ownerReferences":null,"#,
    r#""ownerReferences":[],"#,
    r#""ownerReferences":[{"kind":"ReplicaSet","name":"api-7d","controller":false}],"#,
    r#""ownerReferences":[{"kind":"Node","name":"n"},{"kind":"DaemonSet","name":"agent","controller":true}],"#,
    r#""ownerReferences":[{"kind":"A","name":"a","controller":true},{"kind":"B","name":"b","controller":true}],"#,
];
const CONDITIONS: &[&str] = &[
    r#""conditions":[{"type":"Ready","status":"True"}],"#,
    "",
    r#""conditions":null,"#,
    r#""conditions":[],"#,
    r#""conditions":[{"type":"Ready","status":"False"},{"type":"Ready","status":"True"}],"#,
    r#""conditions":[{"type":"Ready","status":"True"},{"type":"Ready","status":"False"}],"#,
    r#""conditions":[{"type":"PodScheduled","status":"False","reason":"No"},{"type":"Ready","status":"True"}],"#,
    r#""conditions":[{"type":"Ready","status":"False"}],"#,
];
const BEFORE: &[&str] = &[
    "",
    r#""initContainerStatuses":[{"restartCount":0}],"#,
    r#""initContainerStatuses":[{"restartCount":3,"lastState":{"terminated":{"finishedAt":"2026-11-22T10:00:00Z"}}}],"#,
];
const CONTAINERS: &[&str] = &[
    r#""containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{}}}],"#,
    "",
    r#""containerStatuses":null,"#,
    r#""containerStatuses":[{}],"#,
    r#""containerStatuses":[7],"#,
    r#""containerStatuses":[{"name":"c","ready":true,"restartCount":0.0,"state":{"running":{}}}],"#,
    r#""containerStatuses":[{"name":"c","restartCount":1,"lastState":{"terminated":{"exitCode":1,"finishedAt":"2026-11-22T10:00:00Z"}}}],"#,
    r#""containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}],"#,
];

/// Whether it is told at a glance; then all of it says the same.
fn told(kind: &str, meta: &[&str], status: &[&str]) -> bool {
    let text = line(kind, &meta.concat(), &status.concat());
    let Some(found) = glance::of(text.as_bytes()) else { return false };
    let said = lean::read(text.as_bytes(), lean::event("pods")).unwrap();
    let pod = &said["object"];
    assert!(said["type"] == "ADDED" || said["type"] == "MODIFIED", "{text}");
    assert_eq!(Ill::of(pod), None, "{text}");
    assert_eq!((&*found.name, &*found.version), (name(pod), version(pod)), "{text}");
    assert!(!found.version.is_empty(), "{text}");
    let of = |by: &Value, at: &str| text_of(by, at).to_owned();
    assert_eq!(found.owner, owner(pod).map(|by| (of(by, "/kind"), of(by, "/name"))), "{text}");
    true
}

#[test]
fn a_glance_never_says_what_reading_all_of_it_does_not() {
    let mut plain = 0;
    for (kind, name) in KINDS.iter().flat_map(|kind| NAMES.iter().map(move |name| (kind, name))) {
        for (version, leaves) in VERSIONS.iter().flat_map(|version| LEAVES.iter().map(move |leaves| (version, leaves)))
        {
            let meta = [*name, version, leaves, OWNERS[0]];
            plain += u32::from(told(kind, &meta, &[CONDITIONS[0], BEFORE[0], CONTAINERS[0]]));
        }
    }
    assert_eq!(plain, 4, "two kinds, either way to say that it does not leave");
    let mut well = 0;
    for (owners, conditions) in OWNERS.iter().flat_map(|owners| CONDITIONS.iter().map(move |it| (owners, it))) {
        for (before, containers) in BEFORE.iter().flat_map(|before| CONTAINERS.iter().map(move |it| (before, it))) {
            let meta = [NAMES[0], VERSIONS[0], LEAVES[0], owners];
            well += u32::from(told(KINDS[0], &meta, &[conditions, before, containers]));
        }
    }
    assert_eq!(well, 6 * 3 * 2 * 4, "whoever it belongs to, and whatever else is said that is no trouble");
}
