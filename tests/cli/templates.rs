//! Every template is filled with a workspace's names, checked, and driven to its end in rehearsal.

use crate::ground::by;
use crate::support::ground::{script, team};
use crate::support::sandbox::Sandbox;
use std::fs;

const PLACES: [&str; 6] = ["eu", "us", "test", "eu-lab", "us-lab", "test-lab"];

const MORE: &str = r#"
[roles.release-manager]
people = ["tom"]
[environments.eu]
tier = "production"
[environments.us]
tier = "production"
[environments.test]
tier = "staging"
[environments.eu-lab]
tier = "development"
[environments.us-lab]
tier = "development"
[environments.test-lab]
tier = "development"
[rehearsal.environments]
eu = "eu-lab"
us = "us-lab"
test = "test-lab"
[backends.scripts.status]
argv = ["./status"]
[backends.probes]
kind = "probe"
"#;

const SIGNALS: &str = r#"
[signals.web-answers]
service = "web"
environments = ["eu", "us", "eu-lab", "us-lab"]
source = "probes"
unit = "count"
bad = "below"
fail = 1
every = "1s"
query = { kind = "command", argv = ["./well"] }
"#;

const STATUS: &str = r#"#!/bin/sh
comma=""
printf '{"deployments":['
for place in eu us test eu-lab us-lab test-lab; do
  version=$(cat "live-web-$place" 2>/dev/null || echo 1.0)
  printf '%s{"service":"web","environment":"%s","version":"%s","state":"stable","history":["1.0"]}' "$comma" "$place" "$version"
  comma=,
done
echo ']}'
"#;

fn workspace() -> Sandbox {
    let s = Sandbox::new();
    team(&s, MORE);
    script(&s, "status", STATUS);
    script(&s, "well", "#!/bin/sh\n");
    let deployed: Vec<_> = PLACES.map(|place| format!("{place} = \"scripts\"")).into();
    s.write("services.toml", format!("[services.web]\ndeployed_by = {{ {} }}\n", deployed.join(", ")));
    s.write("signals.toml", SIGNALS);
    s
}

/// What a template asks for, with soaks as short as a test can be.
#[track_caller]
fn made(s: &Sandbox, template: &str) -> String {
    by(s, "ana", &["new", template, "--env", "eu", "--to", "2.0.0"]).exits(0);
    let name = format!("{template}-web");
    let file = s.workspace().join(format!("runbooks/{name}.toml"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains('@') || text.contains("web-answers@"), "a blank is left:\n{text}");
    let quick: Vec<_> = text.lines().map(|l| if l.starts_with("for = ") { "for = \"1s\"" } else { l }).collect();
    fs::write(file, quick.join("\n")).unwrap();
    by(s, "ana", &["check"]).exits(0);
    name
}

/// Does what is awaited, by whoever may, until nothing is.
#[track_caller]
fn driven(s: &Sandbox) -> String {
    let mut all = String::new();
    for _ in 0..60 {
        let drive = by(s, "ana", &["drive", "1"]);
        all.push_str(&drive.stdout);
        all.push_str(&drive.stderr);
        if drive.code != Some(3) {
            return all;
        }
        let out = drive.stdout + &drive.stderr;
        let next = out.lines().find_map(|line| line.trim().strip_prefix("next: holdpoint "));
        let next = next.unwrap_or_else(|| panic!("nobody knows what to do next:\n{all}"));
        answer(s, next, &mut all);
    }
    panic!("it does not end:\n{all}");
}

#[track_caller]
fn answer(s: &Sandbox, next: &str, all: &mut String) {
    let words = next.split(' ').map(|word| match word {
        "WHY" => "as the template has it",
        "go|no-go" => "go",
        word => word.split('|').next().unwrap(),
    });
    let words: Vec<_> = words.collect();
    for person in ["ana", "kim", "tom", "bo"] {
        let told = by(s, person, &words);
        all.push_str(&format!("{person}: {words:?}\n{}{}", told.stdout, told.stderr));
        if told.code == Some(0) {
            return;
        }
    }
    panic!("nobody could {words:?}:\n{all}");
}

#[track_caller]
fn rehearsed(template: &str) {
    let s = workspace();
    let name = made(&s, template);
    by(&s, "ana", &["run", "start", &name, "--rehearse"]);
    let all = driven(&s);
    let shown = by(&s, "ana", &["--json", "run", "show", "1"]).exits(0).json();
    assert!(shown["title"].as_str().unwrap().starts_with("REHEARSAL of "), "{shown}");
    assert!(shown["phase"].get("completed").is_some(), "{all}");
    let done = |step: &serde_json::Value| ["done", "verified"].contains(&step["state"].as_str().unwrap());
    assert!(shown["steps"].as_array().unwrap().iter().all(done), "{shown}");
    assert!(shown["register"]["risks"].as_array().is_some_and(|risks| !risks.is_empty()), "{shown}");
    assert!(shown["register"]["risks"].as_array().unwrap().iter().all(|risk| !risk["owner"].is_null()), "{shown}");
    for place in ["eu", "us", "test"] {
        assert!(!s.workspace().join(format!("live-web-{place}")).exists(), "{place} was reached in rehearsal:\n{all}");
    }
}

#[test]
fn blue_green() {
    rehearsed("blue-green");
}

#[test]
fn canary() {
    rehearsed("canary");
}

#[test]
fn rolling() {
    rehearsed("rolling");
}

#[test]
fn database_expand_contract() {
    rehearsed("database-expand-contract");
}

#[test]
fn multi_region() {
    rehearsed("multi-region");
}

#[test]
fn hotfix() {
    rehearsed("hotfix");
}

#[test]
fn emergency_change() {
    rehearsed("emergency-change");
}

#[test]
fn restore_exercise() {
    rehearsed("restore-exercise");
}

#[test]
fn rollback_drill() {
    rehearsed("rollback-drill");
}

#[test]
fn disaster_recovery_drill() {
    rehearsed("disaster-recovery-drill");
}

#[test]
fn batch_pause() {
    rehearsed("batch-pause");
}

#[test]
fn message_schema() {
    rehearsed("message-schema");
}

#[test]
fn third_party_cutover() {
    rehearsed("third-party-cutover");
}

#[test]
fn each_template_that_is_listed_is_driven_here() {
    let here = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/templates.rs")).unwrap();
    let listed = Sandbox::new().holdpoint(&["--json", "new", "--list"]).exits(0).json();
    let names = listed.as_array().unwrap().iter().map(|one| one["template"].as_str().unwrap().to_owned());
    let missing: Vec<_> = names.filter(|name| !here.contains(&format!("rehearsed(\"{name}\")"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What is refused leaves nothing behind.
#[test]
fn what_cannot_be_filled_says_what_is_missing_and_writes_nothing() {
    let s = workspace();
    let refused = |code: i32, arguments: &[&str], part: &str| {
        let told = by(&s, "ana", &[&["new"], arguments].concat()).exits(code);
        assert!(told.stderr.contains(part), "{part:?} is not in {}", told.stderr);
        assert!(!s.workspace().join("runbooks").exists(), "something was written by {arguments:?}");
    };
    refused(2, &["canary"], "which one? --env eu|us");
    refused(2, &["canry", "--env", "eu"], "canary");
    refused(2, &["canary", "--env", "ue"], "eu");
    refused(2, &["canary", "--env", "eu", "--service", "wbe"], "web");
    refused(2, &["canary", "--env", "eu", "--name", "../outside"], "../outside");
    refused(2, &["canary", "--env", "eu", "--name", "a/b"], "a/b");
    refused(2, &["canary", "--env", "eu", "--name", ""], "nothing was written");
    refused(2, &["canary", "--env", "test"], "nothing is measured by which web could be watched in test");
    refused(2, &["--env", "eu"], "--changes code|jobs|database|messages|supplier: What changes?");
    refused(2, &["--env", "eu", "--changes", "code", "--soon", "today"], "--side-by-side yes|no");
    assert!(!s.root().join("outside.toml").exists() && !s.workspace().join("outside.toml").exists());
    by(&s, "ana", &["new", "canary", "--env", "eu"]).exits(0);
    let file = s.workspace().join("runbooks/canary-web.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "\n# mine\n").unwrap();
    let told = by(&s, "ana", &["new", "canary", "--env", "eu"]).exits(1);
    assert!(told.stderr.contains("canary-web.toml") && fs::read_to_string(&file).unwrap().ends_with("# mine\n"));
}

#[test]
fn a_version_is_text_whatever_stands_in_it() {
    let s = workspace();
    let print = |version: &str| by(&s, "ana", &["new", "rolling", "--env", "eu", "--print", "--to", version]);
    for version in ["\"", "{x}", "@second@", "a'b\\c", "é"] {
        let text: toml::Table = print(version).exits(0).stdout.parse().unwrap();
        assert_eq!(text["vars"]["version"].as_str(), Some(version));
        assert_eq!(text["steps"].as_array().unwrap().len(), 6);
    }
    for version in ["1.0\"\n[[steps]]", "1.0\u{202e}", "1\u{1b}[2J"] {
        let told = print(version).exits(2);
        assert!(told.stdout.is_empty() && !told.stderr.contains('\u{1b}'), "{told:?}");
    }
}

#[test]
fn five_questions_choose_and_why_is_written_into_the_runbook() {
    let s = workspace();
    let mut screen = s.terminal(&["--as", "ana", "new", "--env", "eu"]).start();
    for (question, answer) in [
        ("What changes?", "code"),
        ("How soon", "1"),
        ("side by side?", "YES"),
        ("traffic be given", "shares"),
        ("more than one place?", "2"),
    ] {
        screen.wait_for(question);
        screen.keys(&format!("{answer}<Enter>"));
    }
    screen.wait_for("runbooks/canary-web.toml");
    let text: toml::Table =
        fs::read_to_string(s.workspace().join("runbooks/canary-web.toml")).unwrap().parse().unwrap();
    let why = text["why"].as_str().unwrap();
    assert_eq!(why, "canary: traffic can be shared out, so few users meet a fault first");
}

/// Whoever wants an owner for each risk of what is dangerous writes a rule.
#[test]
fn a_risk_that_nobody_sees_to_holds_a_run_where_a_rule_says_so() {
    let s = workspace();
    s.write(
        "policy/risks.toml",
        "[rules.owned]\neffect = \"block\"\nwhen = \"size(run.unowned) > 0\"\n\
         say = \"nobody sees to: {run.unowned}\"\ncontrols = [\"ISO 8.32\"]\n",
    );
    let name = made(&s, "rolling");
    let file = s.workspace().join(format!("runbooks/{name}.toml"));
    let owned = fs::read_to_string(&file).unwrap();
    let (steps, risks) = owned.split_at(owned.find("[[risks]]").unwrap());
    fs::write(&file, format!("{steps}{}", risks.replacen("owner = \"operator\"\n", "", 1))).unwrap();
    by(&s, "ana", &["run", "start", &name]);
    let held = by(&s, "ana", &["step", "start", "1", "1", "--dry-run"]);
    let why = "nobody sees to: The new version fails under the load that only eu has";
    assert!(held.stderr.contains(why), "{held:?}");
    let shown = by(&s, "ana", &["run", "show", "1"]).exits(0).stdout;
    assert!(shown.contains("that only eu has · NOBODY · a few instances"), "{shown}");
    assert!(!s.workspace().join("live-web-test").exists());
    by(&s, "ana", &["run", "abort", "1", "--reason", "an owner first"]).exits(0);
    fs::write(&file, owned).unwrap();
    by(&s, "ana", &["run", "start", &name]);
    let free = by(&s, "ana", &["--json", "run", "show", "2"]).exits(0).stdout;
    assert!(!free.contains("nobody sees to"), "{free}");
}
