//! Who is believed where two backends tell of one place: whoever deploys there.

use crate::ground::{deploy, with};
use crate::support::ground::script;
use std::time::{Duration, Instant};

#[test]
fn of_a_place_whoever_deploys_there_is_believed_and_nobody_else() {
    let s = with(&deploy("2.0"));
    let rows = r#"{"service":"web","environment":"prod","version":"9.9","state":"stable"},{"service":"tool","environment":"prod","version":"3.3","state":"stable"}"#;
    script(&s, "elsewhere", &format!("#!/bin/sh\necho '{{\"deployments\":[{rows}]}}'\n"));
    let file = s.workspace().join("holdpoint.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let other =
        "\n[backends.other]\nkind = \"command\"\nevery = \"1s\"\n[backends.other.status]\nargv = [\"./elsewhere\"]\n";
    std::fs::write(file, text + other).unwrap();
    s.write("services.toml", "[services.web]\ndeployed_by = { prod = \"scripts\" }\n[services.tool]\n");
    let began = Instant::now();
    loop {
        let told = s.holdpoint(&["health"]).exits(0).stdout;
        assert!(!told.contains("9.9"), "{told}");
        if told.contains("3.3") && told.contains("1.0") {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{told}");
    }
}
