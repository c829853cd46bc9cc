//! Of a pod that is well a watch is only glanced at: what that says is what reading all of it would say.

use holdpoint::backend::kubernetes::glance::{self, Well};
use holdpoint::backend::kubernetes::ill::Ill;
use holdpoint::backend::kubernetes::lean;
use holdpoint::backend::kubernetes::object::{name, owner, text, version};
use proptest::prelude::*;

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

fn one_of(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn a_glance_never_says_what_reading_all_of_it_does_not(
        kind in one_of(&[r#""ADDED""#, r#""MODIFIED""#, r#""MODIFIED""#, r#""DELETED""#, "7"]),
        called in one_of(&[r#""name":"a-1","#, r#""name":"\u0061","#, r#""name":null,"#, ""]),
        at in one_of(&[r#""resourceVersion":"42","#, r#""resourceVersion":"","#, r#""resourceVersion":42,"#]),
        leaves in one_of(&["", "", "", r#""deletionTimestamp":null,"#, r#""deletionTimestamp":"2026-11-22T10:00:00Z","#]),
        owners in one_of(&["", r#""ownerReferences":null,"#, r#""ownerReferences":[],"#,
            r#""ownerReferences":[{"kind":"ReplicaSet","name":"api-7d","controller":true}],"#,
            r#""ownerReferences":[{"kind":"ReplicaSet","name":"api-7d","controller":false}],"#,
            r#""ownerReferences":[{"kind":"Node","name":"n"},{"kind":"DaemonSet","name":"agent","controller":true}],"#]),
        conditions in one_of(&["", r#""conditions":null,"#, r#""conditions":[],"#,
            r#""conditions":[{"type":"Ready","status":"True"}],"#,
            r#""conditions":[{"type":"Ready","status":"False"},{"type":"Ready","status":"True"}],"#,
            r#""conditions":[{"type":"Ready","status":"True"},{"type":"Ready","status":"False"}],"#,
            r#""conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"},{"type":"Ready","status":"True"}],"#,
            r#""conditions":[{"type":"Ready","status":"False"}],"#]),
        before in one_of(&["", r#""initContainerStatuses":[{"restartCount":0}],"#,
            r#""initContainerStatuses":[{"restartCount":3,"lastState":{"terminated":{"finishedAt":"2026-11-22T10:00:00Z"}}}],"#]),
        containers in one_of(&["", r#""containerStatuses":null,"#, r#""containerStatuses":[{}],"#, r#""containerStatuses":[7],"#,
            r#""containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{}}}],"#,
            r#""containerStatuses":[{"name":"c","ready":true,"restartCount":0.0,"state":{"running":{}}}],"#,
            r#""containerStatuses":[{"name":"c","restartCount":1,"lastState":{"terminated":{"exitCode":137,"finishedAt":"2026-11-22T10:00:00Z"}}}],"#,
            r#""containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}],"#]),
    ) {
        let text = line(kind, &[called, at, leaves, owners].concat(), &[conditions, before, containers].concat());
        let Some(found) = glance::of(text.as_bytes()) else { return Ok(()) };
        let said = lean::read(text.as_bytes(), lean::event("pods")).unwrap();
        let pod = &said["object"];
        prop_assert!(said["type"] == "ADDED" || said["type"] == "MODIFIED");
        prop_assert_eq!(Ill::of(pod), None);
        prop_assert_eq!((&*found.name, &*found.version), (name(pod), version(pod)));
        prop_assert!(!found.version.is_empty());
        let by = owner(pod).map(|by| (text_of(by, "/kind"), text_of(by, "/name")));
        prop_assert_eq!(found.owner, by);
    }
}

fn text_of(object: &serde_json::Value, at: &str) -> String {
    text(object, at).to_owned()
}
