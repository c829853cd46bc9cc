//! The shop of `examples/cluster-shop`, as it ships but for addresses, beside a cluster and an Argo CD.

use super::cluster::fake::{Cluster, deployment, rollout, stateful_set};
use crate::argo_server::ArgoCd;
use crate::support::ground::{by, word};
use crate::support::sandbox::Sandbox;
use crate::support::wait::wait_until;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cluster-shop");
const FILES: [&str; 5] =
    ["holdpoint.toml", "services.toml", "signals.toml", "runbooks/release.toml", "calendar/release.toml"];

/// The example with what its README says is to be changed: addresses, the context, the namespace and the token; as a
/// rehearsal, so that anybody may be ana. What measures and what alerts is not there.
fn shop(cluster: &Cluster, argo: &ArgoCd) -> Sandbox {
    let sandbox = Sandbox::new();
    let gone = "http://127.0.0.1:9";
    let (kubeconfig, url, token) = (cluster.kubeconfig(), argo.url(), argo.token_file());
    for file in FILES {
        let text = std::fs::read_to_string(Path::new(EXAMPLE).join(file)).unwrap();
        let text = text
            .replace("https://argocd.example", &url)
            .replace("{ env = \"ARGOCD_TOKEN\" }", &format!("{{ file = {token:?} }}"))
            .replace("https://prometheus.example", gone)
            .replace("https://alertmanager.example", gone)
            .replace("{ file = \"secrets/prometheus\" }", &format!("{{ file = {token:?} }}"))
            .replace("context = \"shop-us\"", &format!("kubeconfig = {kubeconfig:?}\ncontext = \"fake\""))
            .replace("namespace = \"shop\"", "namespace = \"payments\"")
            .replace("[workspace]", "[workspace]\npurpose = \"rehearsal\"");
        sandbox.write(file, text);
    }
    sandbox
}

/// Everything that its services are, at 4.1.9.
fn running() -> (Cluster, ArgoCd) {
    let (cluster, argo) = (Cluster::start(), ArgoCd::start());
    let image = |name: &str| format!("reg.example/shop/{name}:4.1.9");
    cluster.put("statefulsets", stateful_set("ledger", &image("ledger"), 2));
    cluster.put("deployments", deployment("api", &image("api"), 2));
    let steps = json!([{ "setWeight": 10 }, { "pause": {} }, { "setWeight": 50 }, { "pause": {} }]);
    cluster.put("rollouts", rollout("web", &image("web"), 2, steps));
    for name in ["ledger", "api", "web"] {
        let app = format!("{name}-eu");
        argo.put(&app);
        argo.change(&app, |app| {
            app["spec"]["project"] = "shop".into();
            app["status"]["summary"] = json!({ "images": [image(name)] });
        });
    }
    wait_until("web is there", Duration::from_secs(60), || {
        cluster.get("rollouts", "web").is_some_and(|web| web["status"]["phase"] == "Healthy")
    });
    (cluster, argo)
}

/// Service, environment and version of every place that is known.
fn known(sandbox: &Sandbox) -> Vec<[String; 3]> {
    let told = by(sandbox, "ana", &["--json", "health"]).json();
    let rows = told["deployments"].as_array().unwrap().iter();
    rows.map(|row| {
        [&row["service"], &row["environment"], &row["deployment"]["version"]]
            .map(|text| text.as_str().unwrap().to_owned())
    })
    .collect()
}

#[test]
fn the_example_shows_both_regions_and_saves_what_runs_before_it_asks() {
    let (cluster, argo) = running();
    let sandbox = shop(&cluster, &argo);
    by(&sandbox, "ana", &["check"]).exits(0);
    let all = ["api", "ledger", "web"].map(|service| ["eu", "us"].map(|at| [service, at, "4.1.9"].map(str::to_owned)));
    let mut all: Vec<[String; 3]> = all.into_iter().flatten().collect();
    all.sort();
    let mut seen: Vec<[String; 3]> = Vec::new();
    wait_until("every place", Duration::from_secs(60), || {
        seen = known(&sandbox);
        seen.sort();
        seen == all
    });
    by(&sandbox, "ana", &["run", "start", "release"]).exits(0);
    assert_eq!((word(&sandbox, "1").as_str(), word(&sandbox, "4").as_str()), ("done", "pending"));
    let kept: Vec<Value> = cluster.mutations().iter().map(|asked| asked.path.clone().into()).collect();
    assert_eq!((kept.len(), argo.sent().len()), (0, 0), "{kept:?}");
    assert_eq!(argo.state().violations, [""; 0]);
}
