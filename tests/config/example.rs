//! The scripts of the example really do what they say.

use super::{copy, here};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A copy of the example; its servers end with it.
struct Team(tempfile::TempDir);

impl Team {
    fn new() -> Self {
        let team = Self(tempfile::tempdir().unwrap());
        copy(&here("examples/scripts-team"), team.0.path());
        let _ = std::fs::remove_dir_all(team.run());
        team
    }

    fn run(&self) -> std::path::PathBuf {
        self.0.path().join(".run")
    }

    fn call(&self, script: &str, arguments: &[&str]) -> Output {
        let script = self.0.path().join("scripts").join(script);
        Command::new(script).args(arguments).current_dir(Path::new("/")).output().unwrap()
    }

    fn json(&self, script: &str, arguments: &[&str]) -> Value {
        let output = self.call(script, arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }

    fn deploy(&self, version: &str, key: &str) -> Value {
        self.json("deploy", &["web", "staging", version, key])
    }

    fn count(&self, key: &str) -> String {
        std::fs::read_to_string(self.run().join("keys").join(key).join("count")).unwrap().trim().to_owned()
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.call("stop-all", &[]);
    }
}

#[test]
fn a_deployment_replaces_the_running_server() {
    let team = Team::new();
    assert_eq!(team.json("status", &[])["deployments"], Value::Array(Vec::new()));
    assert_eq!(team.deploy("1.0.0", "k1")["detail"]["previous"], "none");
    assert_eq!(team.deploy("1.1.0", "k2")["detail"]["previous"], "1.0.0");
    let status = &team.json("status", &[])["deployments"][0];
    assert_eq!((&status["version"], &status["ready"]), (&Value::from("1.1.0"), &Value::from(1)));
    assert_eq!(status["history"], serde_json::json!(["1.1.0", "1.0.0"]));
    assert!(team.call("healthy", &["web", "staging"]).status.success());
    team.deploy("1.2.0-broken", "k3");
    assert!(!team.call("healthy", &["web", "staging"]).status.success());
    assert_eq!(team.json("status", &[])["deployments"][0]["trouble"][0], "/healthz answers 500");
}

#[test]
fn every_operation_is_counted_and_can_be_asked_after() {
    let team = Team::new();
    assert_eq!(team.json("probe", &["k1"])["found"], "not-applied");
    team.deploy("1.0.0", "k1");
    assert_eq!((team.count("k1").as_str(), &team.json("probe", &["k1"])["found"]), ("1", &Value::from("applied")));
    team.deploy("1.0.0", "k1");
    assert_eq!(team.count("k1"), "2");
    let lock = std::fs::File::open(team.run().join("targets/web.staging/lock")).unwrap();
    lock.lock().unwrap();
    let busy = team.call("deploy", &["web", "staging", "1.1.0", "k2"]);
    assert_eq!(busy.status.code(), Some(3), "certainly nothing was done");
    assert_eq!(team.json("probe", &["k2"])["found"], "not-applied");
    drop(lock);
    team.deploy("1.1.0", "k4");
    assert_eq!(team.call("deploy", &["web", "../x", "1.1.0", "k3"]).status.code(), Some(3));
    std::fs::remove_file(team.run().join("keys/k1/outcome")).unwrap();
    assert_eq!(team.json("probe", &["k1"])["found"], "unknown", "it broke off");
}
