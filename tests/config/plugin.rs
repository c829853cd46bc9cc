//! Plugins as they are declared: the book's example, the example's own, and mistakes.

use super::{Dir, here};
use holdpoint::domain::backend::{BackendKind, Granted, PluginSpec};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::span::Span;

/// The good workspace with this added to `holdpoint.toml`.
fn with(text: &str) -> Dir {
    let dir = Dir::good();
    let file = dir.text("holdpoint.toml") + "\n" + text;
    dir.put("holdpoint.toml", file).put("plugins/systemd.py", "");
    dir
}

fn loaded(text: &str, name: &str) -> PluginSpec {
    let loaded = with(text).load().unwrap_or_else(|problems| panic!("{problems}"));
    match &loaded.workspace.backends[name].kind {
        BackendKind::Plugin(spec) => spec.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_page_and_the_example_say_how_one_is_declared() {
    let page = std::fs::read_to_string(here("docs/plugins.md")).unwrap();
    let block = page.split("```toml\n").nth(1).unwrap().split("\n```").next().unwrap();
    let spec = loaded(block, "units");
    assert_eq!(spec.verbs[&Verb::Deploy], Granted { limit: Span::mins(2), idempotent: false });
    assert_eq!(spec.verbs[&Verb::RollBack], Granted { limit: Span::mins(10), idempotent: true });
    assert_eq!((spec.deployments, spec.signals, spec.probes, spec.secrets.len()), (true, false, true, 1));
    assert_eq!(spec.config, r#"{"settle":5}"#);
    assert_eq!(spec.memory, Some(4 << 30));
    let example = std::fs::read_to_string(here("examples/plugins/systemd.py")).unwrap();
    let from = example.find("    [backends.units]").unwrap();
    let block = &example[from..from + example[from..].find("\n\n").unwrap()];
    let spec = loaded(&block.replace("\n    ", "\n"), "units");
    assert!(spec.verbs.contains_key(&Verb::Restart) && spec.verbs.contains_key(&Verb::Snapshot));
    assert!(spec.config.contains("payments.service"));
}

#[test]
fn the_memory_of_a_plugin_is_a_size_in_which_it_could_begin() {
    let plugin = |memory: &str| {
        format!("[backends.p]\nkind = \"plugin\"\nargv = [\"plugins/systemd.py\"]\ngrant = []\n{memory}\n")
    };
    assert_eq!(loaded(&plugin(""), "p").memory, None);
    for (size, bytes) in [("64MiB", 64 << 20), ("512 MiB", 512 << 20), (" 4GiB ", 4 << 30)] {
        assert_eq!(loaded(&plugin(&format!("memory = {size:?}")), "p").memory, Some(bytes), "{size}");
    }
    for size in [
        "",
        "63MiB",
        "0GiB",
        "-1GiB",
        "1.5GiB",
        "4",
        "4GB",
        "4gib",
        "99999999999999GiB",
        "99999999999999999999MiB",
        "\u{1b}[2J",
    ] {
        let said = with(&plugin(&format!("memory = {}", toml_text(size)))).problems().to_string();
        assert!(said.contains("is no size that a plugin could have") && !said.contains('\u{1b}'), "{size:?}: {said}");
    }
    assert!(with(&plugin("memory = 4")).problems().to_string().contains("memory"));
    let others = with("[backends.c]\nkind = \"command\"\nmemory = \"4GiB\"\n").problems().to_string();
    assert!(others.contains("does not belong"), "{others}");
}

/// A text as TOML writes it.
fn toml_text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[test]
fn what_cannot_be_granted_is_a_mistake_and_nothing_is_granted_by_itself() {
    let plugin = |more: &str| {
        with(&format!("[backends.p]\nkind = \"plugin\"\nargv = [\"plugins/systemd.py\"]\n{more}\n"))
            .problems()
            .to_string()
    };
    assert!(
        plugin("grant = [\"act:deplyo\"]").contains("did you mean \"act:deploy\""),
        "{}",
        plugin("grant = [\"act:deplyo\"]")
    );
    assert!(plugin("grant = [\"watch:approvals\"]").contains("cannot be granted"));
    assert!(plugin("grant = [\"deploy\"]").contains("cannot be granted"));
    assert!(plugin("").contains("\"grant\" is missing"));
    assert!(plugin("grant = []\nlimits = { deploy = \"5m\" }").contains("is not granted act:deploy"));
    assert!(plugin("grant = []\nidempotent = [\"deploy\"]").contains("is not granted act:deploy"));
    assert!(plugin("grant = []\nstatus = { argv = [\"x\"] }").contains("does not belong"));
    let bare =
        with("[backends.p]\nkind = \"plugin\"\nargv = [\"python3\", \"x.py\"]\ngrant = []\n").problems().to_string();
    assert!(bare.contains("is no path"), "{bare}");
    let spec = loaded("[backends.p]\nkind = \"plugin\"\nargv = [\"plugins/systemd.py\"]\ngrant = []\n", "p");
    assert!(spec.verbs.is_empty() && !spec.deployments && !spec.signals && !spec.probes);
    let all = r#"grant = ["watch:alerts", "watch:windows"]"#;
    let spec = loaded(&format!("[backends.p]\nkind = \"plugin\"\nargv = [\"plugins/systemd.py\"]\n{all}\n"), "p");
    assert!(spec.alerts && spec.windows && !spec.deployments && !spec.signals);
}
