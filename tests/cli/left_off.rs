//! `status` tells what is off in an Argo CD because of us, and who could not be asked.

use crate::argo_server::ArgoCd;
use crate::ground::{deploy, with};
use crate::support::sandbox::{LIMIT, Sandbox};
use crate::support::until;
use serde_json::json;

/// A service that this server deploys, and one that a server deploys where nobody is.
pub fn placed(server: &ArgoCd) -> Sandbox {
    let s = with(&deploy("2.0"));
    server.put("web");
    let file = s.workspace().join("holdpoint.toml");
    let token = server.token_file();
    let of = |name: &str, url: &str| {
        format!(
            "\n[backends.{name}]\nkind = \"argocd\"\nevery = \"1s\"\nurl = \"{url}\"\ntoken = {{ file = {token:?} }}\n"
        )
    };
    let more = of("argo", &server.url()) + &of("gone", "http://127.0.0.1:1");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + &more).unwrap();
    let services =
        "[services.web]\ndeployed_by = { prod = \"argo\" }\n[services.api]\ndeployed_by = { prod = \"gone\" }\n";
    s.write("services.toml", services);
    s
}

#[test]
fn what_is_not_seen_is_not_known() {
    let server = ArgoCd::start();
    let s = placed(&server);
    let services =
        "[services.web]\ndeployed_by = { prod = \"argo\" }\n[services.api]\ndeployed_by = { prod = \"argo\" }\n";
    s.write("services.toml", services);
    let mut told = json!({});
    let _ = until(LIMIT, || {
        told = s.holdpoint(&["--json", "status"]).exits(0).json();
        told["left_off_unknown"].to_string().contains("api").then_some(())
    });
    let doubt = told["left_off_unknown"].as_array().unwrap().iter().find(|one| one["source"] == "argo").unwrap();
    assert_eq!(doubt["why"], "not seen: api@prod; it is not there, or may not be read");
    assert_eq!(doubt["places"], json!([["api", "prod"]]));
    assert_eq!(told["left_off"], json!([]));
}

#[test]
fn status_tells_what_is_off_since_when_where_and_what_to_do() {
    let server = ArgoCd::start();
    let s = placed(&server);
    let mut calm = String::new();
    let _ = until(LIMIT, || {
        calm = s.holdpoint(&["status"]).exits(0).stdout;
        (!calm.contains("what is left off in argo")).then_some(())
    });
    assert!(!calm.contains("auto-sync") && !calm.contains("what is left off in argo"), "{calm}");
    let mark = json!({ "key": "k\u{1b}[2J-7", "at": "2026-11-22T02:15:10Z", "was": {} }).to_string();
    server.change("web", |app| app["metadata"]["annotations"] = json!({ "holdpoint/auto-sync-off": mark }));
    let mut told = String::new();
    // A first look has an end of its own, before which a busy machine may not have heard anybody.
    let _ = until(LIMIT, || {
        told = s.holdpoint(&["status"]).exits(0).stdout;
        (told.contains("auto-sync") && told.contains("127.0.0.1:1")).then_some(())
    });
    let line = "application web (web@prod): auto-sync is OFF since 2026-11-22 02:15:10Z (holdpoint k\\u{1b}[2J-7): put git right, then resume\n";
    assert!(told.contains(line), "{told}");
    assert!(told.contains("what is left off in gone: ?? ") && !told.contains("what is left off in argo"), "{told}");
    let mut told = json!({});
    let _ = until(LIMIT, || {
        told = s.holdpoint(&["--json", "status"]).exits(0).json();
        told["left_off"].as_array().is_some_and(|all| !all.is_empty()).then_some(())
    });
    let off = &told["left_off"][0];
    assert_eq!((&off["of"], &off["since"]), (&json!("application web"), &json!("2026-11-22T02:15:10Z")), "{told}");
    assert_eq!((&off["places"], &off["quality"]), (&json!([["web", "prod"]]), &json!("fresh")), "{told}");
    assert_eq!(told["left_off_unknown"][0]["source"], "gone", "{told}");
}
