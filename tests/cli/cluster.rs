//! A workspace whose service runs in a cluster: what `doctor` and the verbs say of it.

#[path = "../support/cluster/mod.rs"]
#[allow(dead_code, unused_imports)]
mod fake;

use crate::support::ground::{by, team, word};
use crate::support::sandbox::Sandbox;
use crate::support::wait::wait_until;
use fake::{Cluster, deployment, rollout};
use serde_json::json;
use std::time::Duration;

/// `web` in the cluster, at 1.0, and a runbook that brings 2.0.
fn placed(cluster: &Cluster) -> Sandbox {
    let sandbox = Sandbox::new();
    cluster.put("deployments", deployment("web", "reg.example/web:1.0", 2));
    let kubeconfig = cluster.kubeconfig();
    let more = format!(
        "[backends.eu]\nkind = \"kubernetes\"\nevery = \"1s\"\nkubeconfig = {kubeconfig:?}\ncontext = \"fake\"\n"
    );
    team(&sandbox, &more);
    sandbox.write(
        "services.toml",
        "[services.web]\ndeployed_by = { prod = { backend = \"eu\", at = \"deployment/web\" } }\n",
    );
    let runbook = "title = \"One deploy\"\n[[steps]]\nid = \"1\"\ntitle = \"Deploy web\"\nkind = \"action\"\nverb = \"deploy\"\n\
        service = \"web\"\nenvironment = \"prod\"\nargs = { version = \"2.0\" }\n";
    sandbox.write("runbooks/day.toml", runbook);
    sandbox
}

#[test]
fn doctor_says_who_and_what_may_be_done() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let said = by(&sandbox, "ana", &["doctor"]);
    let text = format!("{}{}", said.stdout, said.stderr);
    for words in ["context fake", "v1.34.1", "namespace payments", "you are ana, groups release", "you may do all"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    cluster.state().denied.push("patch deployments".to_owned());
    let said = by(&sandbox, "ana", &["doctor"]).exits(1);
    assert!(said.stdout.contains("you may not patch deployments in payments"), "{}", said.stdout);
    assert_eq!(cluster.mutations().len(), 0);
}

#[test]
fn a_step_deploys_and_status_shows_it() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    assert_eq!(word(&sandbox, "1"), "done");
    assert_eq!(cluster.mutations().len(), 1);
    let said = by(&sandbox, "ana", &["health"]);
    assert!(said.stdout.contains("2.0"), "{}", said.stdout);
}

#[test]
fn a_way_back_does_not_wait_for_a_deploy_that_is_only_looked_on_at() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let runbook = sandbox.workspace().join("runbooks/day.toml");
    let crashing = std::fs::read_to_string(&runbook).unwrap().replace("\"2.0\"", "\"2.0-crash\"");
    std::fs::write(&runbook, crashing).unwrap();
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    std::thread::scope(|scope| {
        let deploying = scope.spawn(|| by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]));
        wait_until("the deploy was taken", Duration::from_secs(30), || cluster.mutations().len() == 1);
        let back = ["rollback", "web", "--env", "prod", "--reason", "it crashes", "--confirm", "prod"];
        by(&sandbox, "kim", &back).exits(0);
        let said = deploying.join().unwrap().exits(1);
        assert!(said.stderr.contains("left for what leads back"), "{} {}", said.stdout, said.stderr);
    });
    assert_eq!(word(&sandbox, "1"), "partly");
    assert_eq!(cluster.mutations().len(), 2);
    let now = cluster.get("deployments", "web").unwrap();
    assert_eq!(now["spec"]["template"]["spec"]["containers"][0]["image"], "reg.example/web:1.0");
}

#[test]
fn a_step_restarts_and_its_preview_says_so_first() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let runbook = "title = \"New pods\"\n[[steps]]\nid = \"1\"\ntitle = \"Restart web\"\nkind = \"action\"\nverb = \"restart\"\n\
        service = \"web\"\nenvironment = \"prod\"\n";
    sandbox.write("runbooks/day.toml", runbook);
    let said = by(&sandbox, "ana", &["may", "restart", "web", "prod"]);
    assert!(said.stdout.contains("restart web prod"), "{}", said.stdout);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    let said = by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod", "--dry-run"]);
    assert!(said.stdout.contains("rolls 2 pods anew, at 1.0 as before"), "{}{}", said.stdout, said.stderr);
    assert_eq!(cluster.mutations().len(), 0);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    assert_eq!(word(&sandbox, "1"), "done");
    assert_eq!(cluster.mutations().len(), 1);
    assert!(cluster.mutations()[0].body.contains("kubectl.kubernetes.io/restartedAt"));
}

#[test]
fn a_rollout_is_promoted_by_a_step_of_its_own_and_seen_step_by_step() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let steps = json!([{ "setWeight": 20 }, { "pause": {} }, { "setWeight": 50 }, { "pause": {} }]);
    cluster.put("rollouts", rollout("shop", "reg.example/web:1.0", 10, steps));
    let phase = |wanted: &str| cluster.get("rollouts", "shop").is_some_and(|r| r["status"]["phase"] == wanted);
    wait_until("the first version", Duration::from_secs(20), || phase("Healthy"));
    cluster.change("rollouts", "shop", |r| {
        r["spec"]["template"]["spec"]["containers"][0]["image"] = "reg.example/web:2.0".into();
    });
    wait_until("its first stop", Duration::from_secs(20), || phase("Paused"));
    sandbox.write(
        "services.toml",
        "[services.web]\ndeployed_by = { prod = { backend = \"eu\", at = \"rollout/shop\" } }\n",
    );
    let runbook = "title = \"Half\"\n[[steps]]\nid = \"1\"\ntitle = \"Half\"\nkind = \"action\"\nverb = \"promote\"\n\
        service = \"web\"\nenvironment = \"prod\"\nargs = { step = \"2\", version = \"2.0\" }\n";
    sandbox.write("runbooks/day.toml", runbook);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    assert_eq!(word(&sandbox, "1"), "done");
    assert_eq!(cluster.mutations().len(), 1);
    let said = by(&sandbox, "ana", &["health"]);
    for words in ["1.0", "paused", "2.0 50 %", "step 4 of 4: pause, 50 % wanted", "waits for a person to promote it"] {
        assert!(said.stdout.contains(words), "{words}: {}", said.stdout);
    }
}

#[test]
fn a_snapshot_has_the_metrics_of_its_place_beside_it() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let toml = std::fs::read_to_string(sandbox.workspace().join("holdpoint.toml")).unwrap();
    sandbox.write("holdpoint.toml", format!("{toml}\n[backends.probes]\nkind = \"probe\"\nevery = \"1s\"\n"));
    let signal = format!(
        "[signals.up]\nservice = \"web\"\nenvironments = [\"prod\"]\nsource = \"probes\"\nunit = \"count\"\nbad = \"below\"\n\
        fail = 1\nquery = {{ kind = \"tcp\", address = \"{}\" }}\n",
        cluster.address
    );
    sandbox.write("signals.toml", signal);
    let runbook = "title = \"Evidence\"\n[[steps]]\nid = \"1\"\ntitle = \"Save\"\nkind = \"snapshot\"\nstart = \"person\"\n\
        service = \"web\"\nenvironment = \"prod\"\ngate = { health = [\"up@prod\"] }\n";
    sandbox.write("runbooks/day.toml", runbook);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    by(&sandbox, "ana", &["step", "start", "1", "1"]).exits(0);
    assert_eq!(word(&sandbox, "1"), "done");
    let files = std::fs::read_dir(sandbox.state().join("holdpoint/00000000ba5eba11/output"))
        .unwrap()
        .map(|file| file.unwrap().path());
    let csv: Vec<_> = files.filter(|path| path.to_str().unwrap().ends_with(".metrics.csv")).collect();
    assert_eq!(csv.len(), 1, "{csv:?}");
    let text = std::fs::read_to_string(&csv[0]).unwrap();
    assert!(text.lines().any(|line| line.contains("Z,up,prod,1,count,,reading")), "{text}");
    let name = csv[0].file_name().unwrap().to_str().unwrap();
    let journal = by(&sandbox, "ana", &["--json", "journal", "show"]).exits(0).stdout;
    assert!(journal.contains(&format!("{name}: {} bytes, sha256 ", text.len())), "{journal}");
}
