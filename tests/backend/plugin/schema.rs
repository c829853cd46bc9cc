//! docs/plugin-schema.json is what the shapes are, and the page names every method and code.

use holdpoint::backend::plugin::schema::schema;
use std::path::Path;

fn docs(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

#[test]
fn the_file_is_what_the_shapes_are() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("HOLDPOINT_WRITE_DOCS").is_some() {
        std::fs::write(docs("plugin-schema.json"), &text).unwrap();
    }
    let held = std::fs::read_to_string(docs("plugin-schema.json")).unwrap();
    assert!(held == text, "run this test with HOLDPOINT_WRITE_DOCS=1 and look at what changed");
}

#[test]
fn the_page_names_every_method_and_every_code() {
    let page = std::fs::read_to_string(docs("plugins.md")).unwrap();
    for method in schema()["methods"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{method}`")), "{method}");
    }
    for code in [-32001, -32002, -32003, -32004, -32010, -32011, -32012, -32013, -32014, -32015, -32601, -32602, -32800]
    {
        assert!(page.contains(&format!("| {code} |")), "{code}");
    }
}
