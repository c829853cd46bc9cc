//! An Argo CD: the page's examples load, and applications that are none are said.

use super::{Dir, here};
use holdpoint::domain::backend::BackendKind;

fn page() -> Dir {
    let text = std::fs::read_to_string(here("docs/backends/argocd.md")).unwrap();
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert_eq!(blocks.len(), 4, "one block a file, and one more step");
    let dir = Dir::empty();
    let head = "[workspace]\nid = \"0123456789abcdef\"\nname = \"x\"\nzone = \"UTC\"\n[environments.prod]\ntier = \"production\"\n";
    dir.put("holdpoint.toml", format!("{head}{}", blocks[0]));
    dir.put("services.toml", blocks[1]);
    dir.put("runbooks/day.toml", format!("title = \"x\"\n{}", blocks[2..].join("\n")));
    dir
}

#[test]
fn the_page_loads() {
    let loaded = page().load().unwrap_or_else(|problems| panic!("{problems}"));
    let scope = |service: &str| loaded.workspace.services[service].scopes["prod"].clone();
    assert_eq!(scope("api"), "argocd/payments-eu#reg.example/payments/api");
    assert_eq!(scope("ledger"), "team-a/ledger");
    assert_eq!(scope("fx"), "argocd/fx");
    let BackendKind::ArgoCd(spec) = &loaded.workspace.backends["argo"].kind else { panic!() };
    assert_eq!((spec.project.as_deref(), spec.namespace.as_deref()), (Some("payments"), Some("argocd")));
    assert_eq!(spec.endpoint.url, "https://argocd.example");
    let plan = loaded.workspace.runbooks.values().next().unwrap();
    let words: Vec<_> = plan.steps.iter().filter_map(|step| Some(step.operation()?.to_string())).collect();
    let action = "action api prod action=restart kind=Deployment name=workers";
    assert_eq!(words, ["deploy api prod revision=v4.2.0 version=4.2.0", "resume api prod", action]);
}

#[test]
fn applications_that_are_none_are_said() {
    for (by, said) in [
        ("{ backend = \"argo\", at = \"a/b/c\" }", "is no application"),
        ("{ backend = \"argo\", at = \"../../clusters\" }", "is no application"),
        ("{ backend = \"argo\", at = \"Api\" }", "is no application"),
        ("{ backend = \"argo\", container = \"api\" }", "an application has no container"),
        ("{ backend = \"argo\", image = \"reg.example/api:4.2.0\" }", "is no image"),
        ("{ backend = \"argo\", image = \"a b\" }", "is no image"),
    ] {
        let dir = page();
        dir.put("services.toml", format!("[services.api]\ndeployed_by = {{ prod = {by} }}\n"));
        let problems = dir.problems().to_string();
        assert!(problems.contains(said), "{by}: {problems}");
        assert!(problems.contains("services.toml:2"), "{by}: {problems}");
    }
    let dir = page();
    let text = dir.text("holdpoint.toml");
    for (from, to, said) in [
        ("project = \"payments\"", "project = \"Pay/ments\"", "is no project"),
        ("project = \"payments\"", "selector = \" \"", "it is empty"),
        ("url = \"https://argocd.example\"", "", "url"),
        ("project = \"payments\"", "tenant = \"x\"", "tenant"),
    ] {
        dir.put("holdpoint.toml", text.replace(from, to));
        let problems = dir.problems().to_string();
        assert!(problems.contains(said), "{to}: {problems}");
    }
}
