//! A workspace whose service runs in a cluster: what `doctor` and the verbs say of it.

#[path = "../support/cluster/mod.rs"]
#[allow(dead_code, unused_imports)]
pub mod fake;

use crate::argo_server::ArgoCd;
use crate::support::ground::{by, team, word};
use crate::support::sandbox::{HOLDPOINT, LIMIT, Sandbox};
use crate::support::until;
use crate::support::wait::wait_until;
use fake::{Cluster, deployment, rollout};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::sync::{Arc, Mutex};
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
fn the_line_that_drift_prints_mends_exactly_what_was_shown() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let drift = || by(&sandbox, "ana", &["drift", "web"]);
    cluster.change("deployments", "web", |object| {
        let was = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": object["spec"],
            "metadata": { "name": "web", "namespace": "payments" } });
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = was.to_string().into();
    });
    assert!(!drift().exits(0).stdout.contains("mend it"));
    let image = |image: &str| {
        cluster.change("deployments", "web", |object| {
            object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
        });
    };
    image("reg.example/web:hot");
    // While pods are replaced it may change faster than it is compared.
    let told =
        || drift().stdout.lines().find_map(|line| Some(line.trim().strip_prefix("mend it: holdpoint ")?.to_owned()));
    let line = until(LIMIT, told).unwrap();
    assert!(line.contains(" version=1.0 --reason WHY --dry-run"), "{line}");
    let asked = |more: &[&str]| {
        let words = line.split(' ').filter(|word| *word != "--dry-run").chain(more.iter().copied());
        by(&sandbox, "ana", &words.collect::<Vec<_>>())
    };
    let shown = asked(&["--dry-run"]).exits(3).stdout;
    for words in ["version 1.0 comes in place of hot", "reg.example/web:hot → reg.example/web:1.0"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(cluster.mutations().len(), 0);
    // Something else differs by then.
    image("reg.example/web:other");
    let said = asked(&["--confirm", "prod"]);
    assert!(format!("{}{}", said.stdout, said.stderr).contains("look again"), "{}{}", said.stdout, said.stderr);
    assert_eq!(cluster.mutations().len(), 0);
    image("reg.example/web:hot");
    assert_eq!(until(LIMIT, told).unwrap(), line);
    asked(&["--confirm", "prod"]).exits(0);
    assert_eq!(cluster.mutations().len(), 1);
    assert!(drift().exits(0).stdout.contains("no drift"));
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

/// `web` as an application of this Argo CD brought it to 2.0, and that application, which heals itself, as `shop`.
fn applied(cluster: &Cluster, argo: &ArgoCd) -> Sandbox {
    let sandbox = placed(cluster);
    // What was never rolled out leaves nothing to go back to.
    let rolled = || {
        let is = |d: &Value| {
            d["status"]["updatedReplicas"] == 2 && d["status"]["observedGeneration"] == d["metadata"]["generation"]
        };
        cluster.get("deployments", "web").is_some_and(|d| is(&d))
    };
    wait_until("1.0 is there", Duration::from_secs(60), rolled);
    argo.put("shop");
    argo.change("shop", |app| app["spec"]["syncPolicy"] = json!({ "automated": { "selfHeal": true } }));
    cluster.change("deployments", "web", |d| {
        d["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "shop:apps/Deployment:payments/web".into();
        d["spec"]["template"]["spec"]["containers"][0]["image"] = "reg.example/web:2.0".into();
    });
    let file = sandbox.workspace().join("holdpoint.toml");
    let (url, token) = (argo.url(), argo.token_file());
    let more =
        format!("[backends.argo]\nkind = \"argocd\"\nevery = \"1s\"\nurl = {url:?}\ntoken = {{ file = {token:?} }}\n");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + &more).unwrap();
    let services = "[services.web]\ndeployed_by = { prod = { backend = \"eu\", at = \"deployment/web\" } }\n\
        [services.shop]\ndeployed_by = { prod = \"argo\" }\n";
    sandbox.write("services.toml", services);
    wait_until("2.0 is there", Duration::from_secs(60), rolled);
    sandbox
}

#[test]
fn what_argo_cd_would_undo_is_stopped_there_first_and_its_own_way_back_is_named() {
    let (cluster, argo) = (Cluster::start(), ArgoCd::start());
    let sandbox = applied(&cluster, &argo);
    let back = ["rollback", "web", "--env", "prod", "--reason", "errors", "--confirm", "prod"];
    let before = cluster.mutations().len();
    let wanted = [
        "R1  Stop shop prod (Argo CD application shop) from undoing this · argo pause shop prod",
        "go back there with `holdpoint rollback shop --env prod`; it undoes by itself what is changed behind its back",
        "switches auto-sync of application shop off",
    ];
    let mut told = String::new();
    // A first look has an end of its own, before which a busy machine may not have heard anybody.
    let _ = until(LIMIT, || {
        let said = by(&sandbox, "kim", &[&back[..], &["--dry-run"]].concat());
        told = said.stdout + &said.stderr;
        wanted.iter().all(|words| told.contains(words)).then_some(())
    });
    for words in wanted {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!((cluster.mutations().len(), argo.sent().len()), (before, 0));
    by(&sandbox, "kim", &back).exits(0);
    assert_eq!(argo.sent(), ["PATCH shop"]);
    assert!(argo.get("shop")["spec"]["syncPolicy"]["automated"].is_null());
    let now = cluster.get("deployments", "web").unwrap();
    assert_eq!(now["spec"]["template"]["spec"]["containers"][0]["image"], "reg.example/web:1.0");
}

/// A rollout that waits at its first stop, with 2.0 on its way, in which `web` lies.
fn staged() -> (Cluster, Sandbox) {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let steps = json!([{ "setWeight": 20 }, { "pause": {} }, { "setWeight": 50 }, { "pause": {} }]);
    cluster.put("rollouts", rollout("shop", "reg.example/web:1.0", 10, steps));
    let phase = |wanted: &str| cluster.get("rollouts", "shop").is_some_and(|r| r["status"]["phase"] == wanted);
    wait_until("the first version", Duration::from_secs(60), || phase("Healthy"));
    cluster.change("rollouts", "shop", |r| {
        r["spec"]["template"]["spec"]["containers"][0]["image"] = "reg.example/web:2.0".into();
    });
    wait_until("its first stop", Duration::from_secs(60), || phase("Paused"));
    sandbox.write(
        "services.toml",
        "[services.web]\ndeployed_by = { prod = { backend = \"eu\", at = \"rollout/shop\" } }\n",
    );
    (cluster, sandbox)
}

/// `do` as ana, with the reason and more.
#[track_caller]
fn done(sandbox: &Sandbox, words: &[&str]) -> crate::support::sandbox::Outcome {
    by(sandbox, "ana", &[&["do"], words, &["--env", "prod", "--reason", "at night"]].concat())
}

#[test]
fn a_rollout_is_promoted_paused_and_resumed_by_hand_each_sent_once() {
    let (cluster, sandbox) = staged();
    let sent = || cluster.mutations().len();
    let said = done(&sandbox, &["promote", "web", "how=step", "--dry-run"]).exits(3);
    assert!(said.stderr.contains("it asks for --confirm prod"), "{}", said.stderr);
    done(&sandbox, &["promote", "web", "step=2", "--confirm", "prod", "--dry-run"]).exits(0);
    for words in ["would: step promote sends promote web prod step=2", "goes on from step 2", "note on step promote"] {
        assert!(said.stdout.contains(words), "{words}: {}{}", said.stdout, said.stderr);
    }
    assert_eq!(sent(), 0);
    done(&sandbox, &["promote", "web", "how=step"]).exits(3);
    assert_eq!(sent(), 0, "nobody has agreed");
    // Agreed to before it is known which, the same line twice would go on twice.
    let said = done(&sandbox, &["promote", "web", "how=step", "--confirm", "prod"]).exits(2);
    assert!(said.stderr.contains("name it: step=2"), "{}", said.stderr);
    assert_eq!(sent(), 0);
    done(&sandbox, &["promote", "web", "step=2", "--confirm", "prod"]).exits(0);
    assert_eq!(sent(), 1);
    // The same once more does nothing: the rollout is beyond that step.
    let said = done(&sandbox, &["promote", "web", "step=2", "--confirm", "prod"]).exits(0);
    assert!(said.stdout.contains("completed"), "{}{}", said.stdout, said.stderr);
    assert_eq!(sent(), 1);
    let paused = |wanted: bool| cluster.get("rollouts", "shop").unwrap()["spec"]["paused"] == wanted;
    done(&sandbox, &["pause", "web", "--confirm", "prod"]).exits(0);
    assert!(paused(true));
    done(&sandbox, &["pause", "web", "--confirm", "prod"]).exits(0);
    assert_eq!(sent(), 2, "paused already");
    done(&sandbox, &["resume", "web", "--confirm", "prod"]).exits(0);
    assert!(paused(false));
    assert_eq!(sent(), 3);
    // What its backend refuses for certain leaves no run behind that somebody would have to end.
    done(&sandbox, &["promote", "web", "step=9", "--confirm", "prod"]).exits(1);
    let status = sandbox.holdpoint(&["--json", "status"]).exits(0).json();
    assert_eq!(status["runs"].as_array().map(Vec::len), Some(0), "{status}");
    let line = sandbox.holdpoint(&["journal", "show"]).exits(0).stdout;
    assert!(
        line.contains("note on step pause: at night") && line.contains("agreed to step pause: --confirm prod"),
        "{line}"
    );
}

#[test]
fn what_leaves_checks_out_takes_the_services_name() {
    let (cluster, sandbox) = staged();
    let said = done(&sandbox, &["promote", "web", "how=full", "--confirm", "prod"]).exits(2);
    assert!(said.stderr.contains("--confirm web@prod"), "{}", said.stderr);
    assert_eq!(cluster.mutations().len(), 0);
    done(&sandbox, &["promote", "web", "how=full", "--confirm", "web@prod"]).exits(0);
    assert_eq!(cluster.mutations().len(), 1);
    assert_eq!(cluster.get("rollouts", "shop").unwrap()["status"]["phase"], "Healthy");
}

#[test]
fn what_is_not_offered_or_misspelled_is_refused_before_anything_is_written() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    let usage = |words: &[&str], wanted: &str| {
        let said = done(&sandbox, words).exits(2);
        assert!(said.stderr.contains(wanted), "{wanted}: {}", said.stderr);
    };
    usage(&["restrat", "web"], "there is no verb restrat; did you mean \"restart\"?");
    usage(&["unwind", "web"], "there are deploy, pause, resume, scale, restart, mend, snapshot");
    usage(&["scale", "web", "replica=3"], "there is no argument of scale replica; did you mean \"replicas\"?");
    usage(&["scale", "web", "3"], "write NAME=VALUE");
    usage(&["restart", "wbe"], "there is no service wbe");
    let said = done(&sandbox, &["promote", "web"]).exits(1);
    assert!(said.stderr.contains("eu offers no promote for web in prod; it offers deploy"), "{}", said.stderr);
    let said = done(&sandbox, &["scale", "web", "replicas=many"]).exits(1);
    assert!(said.stderr.contains("a whole number"), "{}", said.stderr);
    let journal = sandbox.holdpoint(&["journal", "show"]).exits(0).stdout;
    assert!(!journal.contains("run 1 started") && !journal.contains("refused"), "{journal}");
    by(&sandbox, "ana", &["do", "restart", "web", "--env", "prod", "--confirm", "prod"]).exits(3);
    assert_eq!(cluster.mutations().len(), 0, "no reason was given");
    let said = by(
        &sandbox,
        "ana",
        &["--json", "do", "scale", "web", "replicas=3", "--env", "prod", "--confirm", "prod", "--reason", "load"],
    );
    let said = said.exits(0);
    assert!(
        said.stdout.lines().all(|line| line.starts_with('{')) && said.stdout.contains("run-completed"),
        "{}",
        said.stdout
    );
    assert_eq!(cluster.get("deployments", "web").unwrap()["spec"]["replicas"], 3);
    assert_eq!(cluster.mutations().len(), 1);
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

/// What `doctor` says with these variables.
fn doctor(sandbox: &Sandbox, variables: &[(&str, String)]) -> String {
    let mut command = sandbox.command(HOLDPOINT, &["--as", "ana", "doctor"]);
    let output = command.envs(variables.iter().map(|(name, value)| (name, value))).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn the_environment_names_kubeconfigs_and_a_proxy() {
    let cluster = Cluster::start();
    let sandbox = placed(&cluster);
    team(&sandbox, "[backends.eu]\nkind = \"kubernetes\"\nevery = \"1s\"\n");
    let (real, path) = (cluster.kubeconfig(), |name: &str| cluster.dir().join(name));
    // Not all of them have to be there.
    let list = |last: &std::path::Path| ("KUBECONFIG", format!("{}:{}", path("absent").display(), last.display()));
    let said = doctor(&sandbox, &[list(&real)]);
    assert!(said.contains("context fake") && said.contains("you are ana"), "{said}");
    let said = doctor(&sandbox, &[list(&path("gone"))]);
    assert!(said.contains("there is none; looked for") && said.contains("gone"), "{said}");
    // An https server that nobody knows, through a proxy that is named without a scheme.
    let text = std::fs::read_to_string(&real).unwrap();
    let server = format!("http://{}", cluster.address);
    std::fs::write(path("far"), text.replace(&server, "https://eu.invalid:6443")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap().to_string();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&near).read_line(&mut line);
            kept.lock().unwrap().push(line);
            let _ = near.write_all(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let variables = [list(&path("far")), ("HTTPS_PROXY", proxy.clone())];
    let said = doctor(&sandbox, &variables);
    let lines = asked.lock().unwrap().clone();
    assert!(lines.first().is_some_and(|line| line.starts_with("CONNECT eu.invalid:6443 ")), "{lines:?} {said}");
    let [far, _] = variables.clone();
    doctor(&sandbox, &[far.clone(), ("HTTPS_PROXY", proxy), ("NO_PROXY", "eu.invalid:6443".to_owned())]);
    assert_eq!(asked.lock().unwrap().len(), lines.len());
    let said = doctor(&sandbox, &[far, ("HTTPS_PROXY", "socks5://ana:hunter2@x".to_owned())]);
    assert!(said.contains("HTTPS_PROXY is no http or https address") && !said.contains("hunter2"), "{said}");
}
