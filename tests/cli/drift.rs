//! `drift` as it is printed, and its exit status: what differs, what does not, and what is not known.

use crate::argo_server::ArgoCd;
use crate::ground::{deploy, with};
use crate::support::sandbox::Sandbox;
use serde_json::{Value, json};

/// `web` in an Argo CD, `api` by a script that does not say what was declared.
fn placed(server: &ArgoCd) -> Sandbox {
    let s = with(&deploy("2.0"));
    server.put("web");
    let file = s.workspace().join("holdpoint.toml");
    let (url, token) = (server.url(), server.token_file());
    let more = format!(
        "\n[backends.argo]\nkind = \"argocd\"\nevery = \"1s\"\nurl = \"{url}\"\ntoken = {{ file = {token:?} }}\n"
    );
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + &more).unwrap();
    let services =
        "[services.web]\ndeployed_by = { prod = \"argo\" }\n[services.api]\ndeployed_by = { prod = \"scripts\" }\n";
    s.write("services.toml", services);
    s
}

fn differs(server: &ArgoCd) {
    let state = |image: &str, fields: Value| {
        let env = json!([{ "name": "DB_PASSWORD", "value": "hunter2" }, { "name": "GREETING", "value": "hello" }]);
        let container = json!({ "name": "web", "image": image, "env": env });
        json!({ "metadata": { "managedFields": fields }, "spec": { "containers": [container] } }).to_string()
    };
    let fields = json!([{ "manager": "kubectl-edit", "operation": "Update", "time": "2026-11-21T02:00:00Z",
        "fieldsV1": { "f:spec": { "f:containers": { "k:{\"name\":\"web\"}": { "f:image": {} } } } } }]);
    server.state().managed = json!({ "items": [{ "kind": "Deployment", "namespace": "shop", "name": "web",
        "liveState": state("web:hot", fields), "normalizedLiveState": state("web:hot", Value::Null),
        "predictedLiveState": state("web:1", Value::Null) }] });
    server.state().by_hand = vec![
        json!({ "kind": "Deployment", "namespace": "shop", "name": "web", "status": "OutOfSync" }),
        json!({ "kind": "ConfigMap", "namespace": "shop", "name": "more", "status": "OutOfSync" }),
        json!({ "kind": "Service", "namespace": "shop", "name": "web", "status": "Synced" }),
    ];
}

const DIFFERS: &str = "\
web@prod  DRIFT
  compared application web with git at aaaaaaa, as Argo CD did at {at}
  Deployment shop/web spec.containers[web].image
    declared web:1
    live     web:hot
    last changed by kubectl-edit, 2026-11-21 02:00:00Z
  ConfigMap shop/more
    declared as git has it
    live     out of sync
    who changed it last is not known
  hard-coded Deployment shop/web containers[web] env[DB_PASSWORD]: looks like a secret that stands in the open; take it from a Secret
";

#[test]
fn what_differs_is_printed_with_both_sides_and_who() {
    let server = ArgoCd::start();
    let s = placed(&server);
    let same = s.holdpoint(&["drift", "web"]).exits(0).stdout;
    assert!(same.starts_with("web@prod  no drift\n  compared application web with git at aaaaaaa"), "{same}");
    differs(&server);
    let told = s.holdpoint(&["drift", "web", "--env", "prod"]).exits(1).stdout;
    let at = server.get("web")["status"]["reconciledAt"].as_str().unwrap().replace('T', " ");
    assert_eq!(told, DIFFERS.replace("{at}", &at));
    let told = s.holdpoint(&["--json", "drift", "web"]).exits(1).json();
    // A sync would bring more than is shown.
    assert_eq!(told[0]["mend"], Value::Null);
    let no = s.holdpoint(&["--as", "ana", "do", "mend", "web", "--env", "prod", "--reason", "odd"]).exits(1).stderr;
    assert!(no.contains("argo offers no mend for web in prod; it offers deploy"), "{no}");
    assert_eq!((&told[0]["word"], &told[0]["source"]), (&json!("drift"), &json!("argo")), "{told}");
    let hard_coded = "Deployment shop/web containers[web] env[DB_PASSWORD]: looks like a secret that stands in the open; take it from a Secret";
    assert_eq!(told[0]["hard_coded"], json!([hard_coded]));
    let first = &told[0]["differences"][0];
    assert_eq!((&first["path"], &first["by"]["by"]), (&json!("spec.containers[web].image"), &json!("kubectl-edit")));
    assert_eq!(server.sent(), [""; 0]);
}

#[test]
fn what_is_not_known_is_not_the_same() {
    let server = ArgoCd::start();
    let s = placed(&server);
    let told = s.holdpoint(&["drift", "api"]).exits(3).stdout;
    assert_eq!(told, "api@prod  ?? not known\n  ?? scripts does not say what was declared\n");
    // All places: what is not known outweighs what is the same, and what differs outweighs both.
    let all = s.holdpoint(&["drift"]).exits(3).stdout;
    assert!(all.contains("api@prod  ?? not known") && all.contains("web@prod  no drift"), "{all}");
    differs(&server);
    assert!(s.holdpoint(&["drift"]).exits(1).stdout.contains("api@prod  ?? not known"));
    server.state().controller = false;
    server.change("web", |app| {
        app["spec"]["syncPolicy"] = json!({ "automated": {} });
        app["status"]["sync"]["status"] = json!("Unknown");
        app["status"]["conditions"] = json!([{ "type": "ComparisonError", "message": "git is\u{1b}[2J gone" }]);
    });
    let told = s.holdpoint(&["drift", "web"]).exits(3).stdout;
    let line = "  ?? how application web compares with git is not known to Argo CD: git is\\u{1b}[2J gone\n";
    assert_eq!(told, format!("web@prod  ?? not known\n{line}"));
    let told = s.holdpoint(&["drift", "wep"]).exits(2).stderr;
    assert!(told.contains("web"), "{told}");
}
