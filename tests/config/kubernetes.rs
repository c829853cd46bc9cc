//! Clusters: the page's examples load, the example loads, and places that are none are said.

use super::{Dir, here, now};
use holdpoint::domain::backend::BackendKind;

fn page() -> Dir {
    let text = std::fs::read_to_string(here("docs/backends/kubernetes.md")).unwrap();
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    let dir = Dir::empty();
    let head = "[workspace]\nid = \"0123456789abcdef\"\nname = \"x\"\nzone = \"UTC\"\n[environments.prod]\ntier = \"production\"\n";
    dir.put("holdpoint.toml", format!("{head}{}", blocks[0]));
    dir.put("services.toml", blocks[1]);
    dir
}

#[test]
fn the_page_loads() {
    let loaded = page().load().unwrap_or_else(|problems| panic!("{problems}"));
    let scope = |service: &str| loaded.workspace.services[service].scopes["prod"].clone();
    assert_eq!(scope("api"), "payments/deployment/api#api");
    assert_eq!(scope("ledger"), "payments/statefulset/ledger");
    assert_eq!(scope("fx"), "payments/deployment/fx");
    let BackendKind::Kubernetes(spec) = &loaded.workspace.backends["eu"].kind else { panic!() };
    assert!(spec.kubeconfig.as_ref().unwrap().ends_with("eu.kubeconfig"));
    assert_eq!((spec.context.as_deref(), spec.namespace.as_deref()), (Some("prod-eu"), Some("payments")));
}

/// The blocks of a page in one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(here(page)).unwrap();
    let mark = format!("```{language}\n");
    let parts = text.split(&mark).skip(1).map(|rest| rest.split_once("\n```").unwrap().0.to_owned());
    parts.collect()
}

#[test]
fn the_pages_of_rollouts_in_steps_load() {
    for (name, scope) in [
        ("rollouts", "payments/rollout/api#api"),
        ("flagger", "payments/canary/shop#shop"),
        ("routes", "payments/deployment/web>httproute/web=web-canary"),
    ] {
        let dir = page();
        let blocks = blocks(&format!("docs/backends/{name}.md"), "toml");
        dir.put("services.toml", &blocks[0]);
        dir.put("runbooks/day.toml", &blocks[1]);
        let loaded = dir.load().unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let services = loaded.workspace.services.values();
        let scopes: Vec<String> = services.flat_map(|service| service.scopes.values().cloned()).collect();
        assert!(scopes.contains(&scope.to_owned()), "{scopes:?}");
        assert_eq!(loaded.warnings, [], "{name}");
    }
}

#[test]
fn every_word_for_a_kind_is_taken() {
    for (at, scope) in [
        ("ro/api", "payments/rollout/api"),
        ("Rollouts/api", "payments/rollout/api"),
        ("web/canaries/api", "web/canary/api"),
    ] {
        let dir = page();
        let services = format!("[services.api]\ndeployed_by = {{ prod = {{ backend = \"eu\", at = \"{at}\" }} }}\n");
        dir.put("services.toml", services);
        let loaded = dir.load().unwrap_or_else(|problems| panic!("{at}: {problems}"));
        assert_eq!(loaded.workspace.services["api"].scopes["prod"], scope);
    }
}

#[test]
fn a_route_is_taken_by_every_word_for_its_kind() {
    for (by, scope) in [
        ("route = \"httproutes/web\"", "payments/deployment/api>httproute/web"),
        (
            "route = \"VirtualService.networking.istio.io/web\", canary = \"web/v2\"",
            "payments/deployment/api>virtualservice/web=web/v2",
        ),
        ("at = \"ds/api\", container = \"c\", route = \"grpcroute/web\"", "payments/daemonset/api#c>grpcroute/web"),
    ] {
        let dir = page();
        dir.put("services.toml", format!("[services.api]\ndeployed_by = {{ prod = {{ backend = \"eu\", {by} }} }}\n"));
        let loaded = dir.load().unwrap_or_else(|problems| panic!("{by}: {problems}"));
        assert_eq!(loaded.workspace.services["api"].scopes["prod"], scope);
    }
}

#[test]
fn the_examples_load() {
    for example in ["examples/kubernetes", "examples/cluster-shop"] {
        let loaded = holdpoint::config::load(&here(example), now()).unwrap_or_else(|p| panic!("{example}: {p}"));
        assert_eq!(loaded.warnings, [], "{example}");
    }
}

#[test]
fn places_that_are_none_are_said() {
    for (by, said) in [
        ("{ backend = \"eu\", at = \"api\" }", "is no place in a cluster"),
        ("{ backend = \"eu\", at = \"job/api\" }", "\"job\" is no kind of workload"),
        ("{ backend = \"eu\", at = \"deployment/../../secrets\" }", "is no place in a cluster"),
        ("{ backend = \"eu\", at = \"deployment/Api\" }", "is no name of a workload"),
        ("{ backend = \"eu\", container = \"a b\" }", "is no container"),
        ("{ backend = \"eu\", route = \"web\" }", "is no route"),
        ("{ backend = \"eu\", route = \"service/web\" }", "is no route"),
        ("{ backend = \"eu\", route = \"httproute/../web\" }", "is no route"),
        ("{ backend = \"eu\", route = \"httproute/web=x>y\" }", "is no route"),
        ("{ backend = \"eu\", route = \"httproute/web\", canary = \"a b\" }", "is no backend of a route"),
        ("{ backend = \"eu\", canary = \"web\" }", "a canary is a backend of a route"),
        (
            "{ backend = \"eu\", at = \"rollout/web\", route = \"httproute/web\", canary = \"x\" }",
            "its controller writes the weights of a rollout's route",
        ),
        ("{ backend = \"eu\", where = \"x\" }", "where"),
        ("{ at = \"deployment/api\" }", "backend"),
        ("{ backend = \"uu\" }", "\"uu\""),
        ("3", "expected"),
    ] {
        let dir = page();
        dir.put("services.toml", format!("[services.api]\ndeployed_by = {{ prod = {by} }}\n"));
        let problems = dir.problems().to_string();
        assert!(problems.contains(said), "{by}: {problems}");
        assert!(problems.contains("services.toml:2"), "{by}: {problems}");
    }
}

#[test]
fn what_scripts_deploy_may_be_named_as_the_cluster_knows_it() {
    let load = |by: &str| {
        let dir = page();
        let scripts = "\n[backends.helm]\nkind = \"command\"\n[backends.helm.verbs.roll-back]\nargv = [\"true\"]\n";
        dir.put("holdpoint.toml", dir.text("holdpoint.toml") + scripts);
        dir.put("services.toml", format!("[services.shop]\ndeployed_by = {{ prod = {by} }}\n"));
        dir
    };
    let loaded =
        load("{ backend = \"helm\", at = \"helm-release/shop/all\" }").load().unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(loaded.workspace.services["shop"].scopes["prod"], "helm-release/shop/all");
    assert_eq!(load("\"helm\"").load().unwrap().workspace.services["shop"].scopes.len(), 0);
    for (by, said) in [
        ("{ backend = \"helm\", at = \"shop/deployment/api\" }", "is nothing that holds workloads of a cluster"),
        ("{ backend = \"helm\", at = \"helm-release/all\" }", "is nothing that holds workloads of a cluster"),
        ("{ backend = \"helm\", container = \"api\" }", "does not ask where a service lies"),
    ] {
        let problems = load(by).problems().to_string();
        assert!(problems.contains(said) && problems.contains("services.toml:2"), "{by}: {problems}");
    }
}

#[test]
fn the_page_of_owners_loads() {
    let (dir, blocks) = (page(), blocks("docs/backends/owners.md", "toml"));
    let argo = self::blocks("docs/backends/argocd.md", "toml").remove(0);
    dir.put("holdpoint.toml", [dir.text("holdpoint.toml"), argo, blocks[1].clone(), blocks[2].clone()].join("\n"));
    let kustomization = "{ backend = \"flux\", at = \"flux-kustomization/flux-system/apps\" }";
    dir.put("services.toml", format!("{}\n[services.apps]\ndeployed_by = {{ prod = {kustomization} }}\n", blocks[0]));
    for script in ["helm-release", "flux-status"] {
        dir.put(&format!("scripts/{script}"), "");
    }
    let loaded = dir.load().unwrap_or_else(|problems| panic!("{problems}"));
    let scopes = |service: &str| loaded.workspace.services[service].scopes["prod"].clone();
    assert_eq!((scopes("shop"), scopes("chart")), ("argocd/shop".to_owned(), "helm-release/payments/chart".to_owned()));
}

#[test]
fn no_step_mends_because_nobody_knows_what_will_differ() {
    let dir = page();
    dir.put(
        "runbooks/day.toml",
        "title = \"Mend\"\n[[steps]]\nid = \"1\"\ntitle = \"Mend\"\nkind = \"action\"\nverb = \"mend\"\nservice = \"api\"\nenvironment = \"prod\"\n",
    );
    let said = dir.load().unwrap_err().to_string();
    let what =
        "runbooks/day.toml:6:8: what differs is not known when a runbook is written, so that no step can mend it";
    assert!(said.contains(what) && said.contains("holdpoint drift"), "{said}");
}
