//! The examples of the docs are workspaces that load.

use super::{Dir, here, now};
use holdpoint::config::{made_schemas, schemas};
use holdpoint::domain::case::Case;
use holdpoint::domain::facts::Facts;
use holdpoint::domain::result_file::Format;
use std::collections::BTreeSet;

/// The TOML blocks of a page, in order.
fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(here(page)).unwrap();
    let fence = |part: &str| part.split_once("\n```").map(|(block, _)| block.to_owned());
    text.split("```toml\n").skip(1).filter_map(fence).collect()
}

/// The files of docs/workspace.md.
fn documented() -> Dir {
    let dir = Dir::empty();
    let files = ["holdpoint.toml", "services.toml", "signals.toml", "calendar/2026.toml"];
    let blocks = blocks("docs/workspace.md");
    assert_eq!(blocks.len(), files.len(), "one block a file");
    for (file, block) in files.iter().zip(&blocks) {
        dir.put(file, block);
    }
    for script in ["status", "probe", "deploy", "promote", "roll-back", "restart", "reconcile"] {
        dir.put(&format!("scripts/{script}"), "");
    }
    dir
}

const TRAIN: &str = "title = \"x\"\n[[steps]]\nid = \"1\"\ntitle = \"x\"\nkind = \"milestone\"\n";

#[test]
fn the_workspace_page_loads() {
    let dir = documented();
    dir.put("runbooks/train.toml", TRAIN);
    dir.load().unwrap_or_else(|problems| panic!("{problems}"));
}

#[test]
fn the_runbook_page_loads() {
    let dir = documented();
    let mut text = blocks("docs/runbook.md").join("\n");
    let head = text.find("[[steps]]").unwrap();
    let mut rest = String::new();
    for id in ["3", "13", "21", "29", "30"] {
        let needs = if id == "30" { "\nneeds = [\"21\"]" } else { "" };
        rest.push_str(&format!("\n[[steps]]\nid = \"{id}\"\ntitle = \"x\"\nkind = \"manual\"{needs}\n"));
    }
    rest.push_str("[[steps]]\nid = \"20\"\ntitle = \"x\"\nkind = \"decision\"\nbranches = [\"go\"]\n");
    text.insert_str(head, &rest);
    dir.put("runbooks/train.toml", text.replace("agreed_at = \"20\"", "agreed_at = \"p\"") + POLL);
    dir.put("runbooks/other-runbook.toml", TRAIN.replace("\"1\"", "\"7\""));
    dir.load().unwrap_or_else(|problems| panic!("{problems}"));
}

const POLL: &str = "\n[[steps]]\nid = \"p\"\ntitle = \"x\"\nkind = \"poll\"\nroles = [\"ops\"]\ncloses = \"1m\"\n";

#[test]
fn every_kind_of_step_is_documented() {
    let page = std::fs::read_to_string(here("docs/runbook.md")).unwrap();
    let schema = &made_schemas()["runbook"];
    let step = &schema["$defs"]["Step"]["properties"];
    for kind in step["kind"]["enum"].as_array().unwrap() {
        assert!(page.contains(&format!("| `{}` |", kind.as_str().unwrap())), "{kind} is not in the table");
    }
    for key in step.as_object().unwrap().keys() {
        let named = page.contains(&format!("{key} =")) || page.contains(&format!("`{key}`"));
        assert!(named || page.contains(&format!("`{key} =")), "{key} is not documented");
    }
}

#[test]
fn every_fact_of_rules_is_in_the_table_and_no_other() {
    let page = std::fs::read_to_string(here("docs/policy.md")).unwrap();
    let rows = page.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()));
    let told: BTreeSet<String> = rows.filter(|name| name.contains('.')).collect();
    let blank = Facts::of(&Case::blank()).unwrap();
    let leaf =
        |path: &String| path.contains('.') && !Case::OPEN.iter().any(|open| path.starts_with(&format!("{open}.")));
    assert_eq!(told, blank.paths().into_iter().filter(leaf).collect());
}

#[test]
fn the_schemas_are_what_the_types_say() {
    let text = serde_json::to_string_pretty(&made_schemas()).unwrap() + "\n";
    let file = here("docs/workspace-schema.json");
    if std::env::var_os("HOLDPOINT_WRITE_DOCS").is_some() {
        return std::fs::write(&file, &text).unwrap();
    }
    let held = std::fs::read_to_string(&file).unwrap();
    assert!(held == text, "run this test with HOLDPOINT_WRITE_DOCS=1 and look at what changed");
    assert_eq!(schemas(), made_schemas());
}

#[test]
fn the_example_of_a_team_with_scripts_loads() {
    let loaded = holdpoint::config::load(&here("examples/scripts-team"), now()).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(loaded.warnings, []);
}

/// The workspace of docs/workspace.md with what a backend's page declares.
fn with_page(page: &str, files: &[&str]) -> Dir {
    let dir = documented();
    let blocks = blocks(page);
    assert_eq!(blocks.len(), files.len(), "one block a file");
    dir.put("runbooks/train.toml", TRAIN);
    for (file, block) in files.iter().zip(&blocks) {
        let before = dir.text(file);
        dir.put(file, format!("{before}\n{block}"));
    }
    dir
}

#[test]
fn the_page_of_result_files_loads_and_names_every_value() {
    let dir = with_page("docs/reports.md", &["signals.toml", "runbooks/train.toml"]);
    let loaded = dir.load().unwrap_or_else(|problems| panic!("{problems}"));
    assert!(!loaded.workspace.signals.is_empty());
    let page = std::fs::read_to_string(here("docs/reports.md")).unwrap();
    for format in Format::ALL {
        let start = format!("| `{}`: ", format.word());
        let row = page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row {start}"));
        for figure in format.figures() {
            assert!(row.contains(&format!("`{}`", figure.word())), "{figure:?} is not in {row}");
        }
    }
}

#[test]
fn the_pages_of_backends_load() {
    let prometheus = with_page(
        "docs/backends/prometheus.md",
        &["holdpoint.toml", "signals.toml", "runbooks/train.toml", "signals.toml"],
    );
    prometheus.load().unwrap_or_else(|problems| panic!("{problems}"));
    // What does not count by version cannot be compared.
    let train = prometheus.text("runbooks/train.toml").replace("[\"failed-share\"]", "[\"failed-requests\"]");
    prometheus.put("runbooks/train.toml", train);
    assert!(prometheus.problems().to_string().contains("\"failed-requests\" does not count by version"));
    // What is wrong is told where it stands, also behind a name that nobody knows.
    let train =
        prometheus.text("runbooks/train.toml").replace("[\"failed-requests\"]", "[\"tpyo\", \"failed-requests\"]");
    prometheus.put("runbooks/train.toml", &train);
    let (row, line) = train.lines().enumerate().find(|(_, line)| line.contains("tpyo")).unwrap();
    let column = line.find("\"failed-requests\"").unwrap() + 1;
    let told = prometheus.problems().to_string();
    let wanted = format!("runbooks/train.toml:{}:{column}: \"failed-requests\" does not count by version", row + 1);
    assert!(told.contains(&wanted), "no {wanted} in {told}");
    let alertmanager = with_page("docs/backends/alertmanager.md", &["holdpoint.toml", "runbooks/train.toml"]);
    let loaded = alertmanager.load().unwrap_or_else(|problems| panic!("{problems}"));
    let plan = &loaded.workspace.runbooks.values().next().unwrap();
    let operation = plan.steps.iter().find_map(|step| step.operation()).unwrap();
    assert_eq!((operation.backend.as_str(), operation.verb.word()), ("alerts", "silence"));
}
