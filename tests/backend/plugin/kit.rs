//! The conformance kit on the plugins that ship, on ourselves, and on one that is wrong.

use super::ground::Ground;
use crate::support::{Place, launcher};
use crate::trial::trial as undisturbed;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the kit says, and its exit status.
fn check(place: &Place, more: &[&str], program: &Path, path: Option<&Path>) -> (String, i32) {
    let mut command = Command::new(launcher().program);
    command.args(["plugin", "check"]).args(more).arg("--").arg(program).current_dir(place.root());
    if let Some(first) = path {
        let old = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{old}", first.display()));
    }
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugins").join(name)
}

/// What the kit says of an example, held against its golden transcript; `HOLDPOINT_WRITE_DOCS` records it anew.
fn golden(place: &Place, options: &[&str], name: &str, path: Option<&Path>) -> (String, i32) {
    let file = example(&format!("{name}.transcript"));
    let file = file.to_str().unwrap();
    match std::env::var_os("HOLDPOINT_WRITE_DOCS") {
        // What it was told is in the transcript.
        None => check(place, &["--against", file], &example(name), path),
        Some(_) => check(place, &[options, &["--record", file]].concat(), &example(name), path),
    }
}

#[test]
fn the_shell_example_passes() {
    undisturbed(|| {
        let place = Place::new();
        std::fs::create_dir(place.file("versions")).unwrap();
        std::fs::write(place.file("versions/web@eu"), "4.1.9\n").unwrap();
        let config = format!("{{\"dir\":\"{}\"}}", place.file("versions").display());
        let (said, status) = golden(&place, &["--config", &config], "checks.sh", None);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("1 rows") && said.contains("trials as recorded"), "{said}");
        let lines = std::fs::read_to_string(example("checks.sh")).unwrap().lines().count();
        assert!(lines < 60, "{lines} lines");
    });
}

/// A systemctl whose units are files: `unit` holds the state; restarts are noted.
const SYSTEMCTL: &str = r#"#!/bin/sh
for unit; do :; done
case $1 in
show) printf 'ActiveState=%s\nSubState=running\nNRestarts=0\nResult=success\nLoadState=loaded\n' "$(cat "STATE/$unit")" ;;
restart) echo "$unit" >> STATE/restarts; [ ! -e STATE/broken ] || { echo "Job failed" >&2; exit 1; } ;;
esac
"#;

#[test]
fn the_systemd_example_passes_with_operations_too() {
    undisturbed(|| {
        let place = Place::new();
        let home = place.file("srv");
        for version in ["4.1.9", "4.2.0"] {
            std::fs::create_dir_all(home.join("releases").join(version)).unwrap();
        }
        std::os::unix::fs::symlink("releases/4.1.9", home.join("current")).unwrap();
        std::fs::write(place.file("web.service"), "active").unwrap();
        place.script("bin/systemctl", &SYSTEMCTL.replace("STATE", &place.root().display().to_string()));
        let config = serde_json::json!({ "settle": 1, "units": [
        { "service": "web", "environment": "eu", "unit": "web.service", "home": home }] });
        let deploy = r#"{"verb":"deploy","service":"web","environment":"eu","args":{"version":"4.2.0"}}"#;
        let arguments = ["--config", &config.to_string(), "--operation", deploy];
        let (said, status) = golden(&place, &arguments, "systemd.py", Some(&place.file("bin")));
        assert_eq!(status, 0, "{said}");
        assert!(!said.contains("skipped") && said.contains("trials as recorded"), "{said}");
        assert_eq!(std::fs::read_link(home.join("current")).unwrap(), Path::new("releases/4.2.0"));
        // Performed, again (once), given little time, cancelled, killed: five begun, and the repeat restarted nothing.
        let restarts = std::fs::read_to_string(place.file("restarts")).unwrap();
        assert!((3..=5).contains(&restarts.lines().count()), "{restarts}");
        let log = std::fs::read_to_string(home.join("holdpoint.log")).unwrap();
        assert!(log.lines().count() >= 5, "{log}");
    });
}

#[cfg(feature = "http")]
#[test]
fn a_backend_of_ours_served_over_the_wire_passes() {
    undisturbed(|| {
        let place = Place::new();
        place.script(
        "status",
        "#!/bin/sh\necho '{\"deployments\":[{\"service\":\"web\",\"environment\":\"eu-west\",\"version\":\"1\"}]}'\n",
    );
        place.script("probe", "#!/bin/sh\necho '{\"found\":\"unknown\"}'\n");
        place.script("scripts/deploy", "#!/bin/sh\nsleep 0.5; echo up\n");
        std::fs::write(place.file("holdpoint.toml"), crate::contract::scripts()).unwrap();
        let deploy = r#"{"verb":"deploy","service":"web","environment":"eu-west","args":{"version":"1"}}"#;
        let root = place.root();
        let output = Command::new(launcher().program)
            .args(["plugin", "check", "--operation", deploy, "--"])
            .arg(launcher().program)
            .args(["-C", root.to_str().unwrap(), "serve-plugin", "routers"])
            .current_dir(&root)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !said.contains("skipped"), "{said}");
    });
}

/// Everything that the kit says of a plugin with these lines, as what was tried, how it ended and what came.
fn tried(ground: &Ground, more: &[&str]) -> Vec<(String, String, String)> {
    let (said, _) = check(&ground.place, &[&["--json"], more].concat(), Path::new("plugins/test"), None);
    let lines = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let text = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap().to_owned();
    lines.map(|line| (text(&line, "tried"), text(&line, "outcome"), text(&line, "came"))).collect()
}

#[test]
fn what_is_no_longer_as_it_was_recorded_is_told() {
    undisturbed(|| {
        let lines = "
CAN, PONG, MORE = {}, {}, 'plugin'
def on(method, id, params):
    if method == 'ping': ok(id, PONG)
    elif method == 'perform': no(id, -32014, 'at %s' % time.time())
    return method in ('ping', 'perform')";
        let ground = Ground::new(lines);
        tried(&ground, &["--record", "golden"]);
        let golden = std::fs::read_to_string(ground.place.file("golden")).unwrap();
        let root = ground.place.root().display().to_string();
        assert!(golden.contains("WORKSPACE") && golden.contains("COOKIE") && golden.contains("KEY-1"), "{golden}");
        assert!(!golden.contains(&root), "{golden}");
        let against = |ground: &Ground| {
            let all = tried(ground, &["--against", "golden"]);
            let of = |what: &str| all.iter().find(|(tried, ..)| tried == what).cloned();
            (of("as recorded").unwrap(), of("every message that it said").unwrap(), all)
        };
        // The same again: only the text of an error differs, and that is named.
        let (recorded, conforms, _) = against(&ground);
        assert!(
            recorded.1 == "ok" && recorded.2.contains("may differ and does: perform: error.message"),
            "{recorded:?}"
        );
        assert_eq!(conforms.1, "ok", "{conforms:?}");
        // Another code, another capability, and a pong that is none.
        let as_it_was = std::fs::read_to_string(ground.place.file("plugins/test")).unwrap();
        let program = as_it_was
            .replace("-32014", "-32602")
            .replace("CAN, PONG, MORE = {}, {}", "CAN, PONG, MORE = {'x': {}}, []");
        std::fs::write(ground.place.file("plugins/test"), program).unwrap();
        let (recorded, conforms, all) = against(&ground);
        assert_eq!((recorded.1.as_str(), conforms.1.as_str()), ("NOT OK", "NOT OK"), "{all:?}");
        assert!(conforms.2.contains("ping: result: [] is no object"), "{conforms:?}");
        for (trial, came) in [
            ("as recorded: initialize", "initialize: result.capabilities.x is new"),
            ("as recorded: perform of a verb that is not offered", "perform: error.code: -32602 where -32014 was"),
            ("as recorded: fifty messages in one write", "ping: result: a list where an object was"),
        ] {
            assert!(
                all.iter().any(|(what, how, was)| what == trial && how == "NOT OK" && was.contains(came)),
                "{trial}: {all:?}"
            );
        }
        // What the kit of then did not try is named, and says nothing of the plugin.
        let kept = golden.split_inclusive('\n').scan(true, |keep, line| {
            if line.starts_with("{\"trial\":") {
                *keep = !line.contains("_meta with keys");
            }
            Some(if *keep { line } else { "" })
        });
        let older: String = kept.collect();
        assert!(older.len() < golden.len());
        std::fs::write(ground.place.file("golden"), older).unwrap();
        std::fs::write(ground.place.file("plugins/test"), as_it_was).unwrap();
        let (recorded, _, all) = against(&ground);
        assert!(recorded.1 == "ok" && recorded.2.contains("is tried now"), "{recorded:?} {all:?}");
        // A transcript that cannot be read is said, and nothing is tried.
        std::fs::write(ground.place.file("golden"), "{\"transcript\":2}\n").unwrap();
        assert!(tried(&ground, &["--against", "golden"]).is_empty());
    });
}

/// How a trial of a plugin with these lines ended, and what came.
fn trial(lines: &str, what: &str, more: &[&str]) -> (String, String) {
    let all = tried(&Ground::new(lines), more);
    let found = all.iter().find(|(tried, ..)| tried == what).unwrap_or_else(|| panic!("{what}: {all:?}"));
    (found.1.clone(), found.2.clone())
}

#[test]
fn one_with_many_rows_that_asks_for_secrets_and_complains_a_lot_passes() {
    undisturbed(|| {
        let lines = "
CAN = {'watch:deployments': {'effect': 'read'}}
taken, acked, told, over = threading.Condition(), 0, threading.Event(), False
def watch(w):
    told.wait()
    for i in range(1, 400):
        with taken: taken.wait_for(lambda: i - acked <= 256)
        if i == 1 or i == 302: event(w, i, 'begin' if i == 1 else 'end')
        elif i < 302: event(w, i, 'upsert', item={'service': 's%d' % i, 'environment': 'eu', 'version': '1'})
        else: event(w, i, 'heartbeat'); time.sleep(0.1)
        if over: return
def on(method, id, params):
    global acked, over
    if method == 'initialized':
        sys.stderr.write('x' * 200000 + '\\n'); sys.stderr.flush()
        say(id='s', method='secret/get', params={'name': 'token'})
    if method is None and id == 's' and m['error']['code'] == -32003: told.set()
    if method == 'watch/ack':
        with taken: acked = params['seq']; taken.notify_all()
    if method == 'watch/stop': over = True
    if method == 'watch/start': ok(id); threading.Thread(target=watch, args=(params['watch'],), daemon=True).start()
    return method == 'watch/start'";
        let (outcome, came) = trial(lines, "watch:deployments", &[]);
        assert!(outcome == "ok" && came.starts_with("300 rows"), "{outcome}: {came}");
    });
}

#[test]
fn one_that_knows_a_key_only_in_its_memory_fails() {
    undisturbed(|| {
        let lines = "
CAN, known = {'act:deploy': {'effect': 'act'}}, {}
def on(method, id, params):
    if method != 'perform': return False
    key = params['key']
    if key not in known:
        trace('performed')
        known[key] = sum(line == 'performed\\n' for line in open(os.path.join(workspace, 'trace')))
    ok(id, {'summary': 'up', 'detail': {'n': known[key]}}); return True";
        let deploy = r#"{"verb":"deploy","service":"web","environment":"eu","args":{"version":"1"}}"#;
        let (outcome, came) = trial(lines, "perform of the same key again", &["--operation", deploy]);
        assert!(outcome == "NOT OK" && came.contains("then"), "{outcome}: {came}");
    });
}

/// A plugin that does this with an operation that has little time, with the `_meta` of a ping, and says this of itself.
fn left(late: &str, ping: &str, identity: &str) -> String {
    format!(
        "
CAN, late, before = {{'act:deploy': {{'effect': 'act'}}}}, None, welcome
def welcome(hello): return {{**before(hello), 'identity': {identity}}}
def on(method, id, params):
    global late
    if method == 'ping': {ping}
    if method == 'perform':
        little = params['_meta']['deadlineMs'] < 1000
        assert little == (params['limit_ms'] < 1000)
        late = id
        if not little: ok(id, {{'summary': 'up', 'detail': {{}}}})
        else: {late}
    if method == '$/cancel' and late is not None: no(late, -32800, 'cancelled')
    return method == 'perform'"
    )
}

#[test]
fn what_has_a_deadline_is_answered_by_it_or_when_it_is_cancelled_then_and_strange_meta_does_no_harm() {
    undisturbed(|| {
        const LATE: &str = "perform with little time left";
        const META: &str = "_meta with keys that nobody knows";
        let deploy = r#"{"verb":"deploy","service":"web","environment":"eu","args":{"version":"1"}}"#;
        let answers = "no(id, -32015, 'it may have happened')";
        let harm = "assert set(params['_meta']) <= {'deadlineMs', 'by', 'reason'}";
        let lasting = "{'who': 'bot \\x1b[2J', 'until': '2999-01-01T00:00:00Z'}";
        for (late, ping, identity, expected) in [
            (
                answers,
                "pass",
                "None",
                [
                    (LATE, "ok", "-32015"),
                    (META, "ok", "answered"),
                    ("initialize", "ok", "test 1; whom it acts as it does not tell: act:deploy"),
                    ("every message that it said", "ok", "every message fits"),
                ],
            ),
            (
                "pass",
                "pass",
                lasting,
                [
                    (LATE, "ok", "only when it was cancelled"),
                    (META, "ok", "answered"),
                    ("initialize", "ok", "acts as bot \\u{1b}[2J, until 2999-01-01 00:00:00Z"),
                    ("every message that it said", "ok", "every message fits"),
                ],
            ),
            (
                "late = None",
                harm,
                "5",
                [
                    (LATE, "NOT OK", "no answer to request 1"),
                    (META, "NOT OK", "it ended"),
                    ("initialize", "ok", "whom it says it acts as cannot be read"),
                    ("every message that it said", "NOT OK", "initialize: result"),
                ],
            ),
        ] {
            let all = tried(&Ground::new(&left(late, ping, identity)), &["--operation", deploy]);
            for (what, outcome, came) in expected {
                let found = all.iter().find(|(tried, ..)| tried == what).unwrap_or_else(|| panic!("{what}: {all:?}"));
                assert!(found.1 == outcome && found.2.contains(came), "{late}, {ping}, {identity}: {found:?}");
            }
        }
    });
}

#[test]
fn one_that_is_wrong_fails_and_says_how() {
    undisturbed(|| {
        let ground = Ground::new(
            "
CAN = {'act:deploy': {'effect': 'act'}}
def on(method, id, params):
    if method == 'ping': print('pong'); ok(id); return True
    if method == 'perform': ok(id); return True
    return False",
        );
        let (said, status) = check(&ground.place, &["--json"], Path::new("plugins/test"), None);
        assert_eq!(status, 1, "{said}");
        let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of =
            |tried: &str| lines.iter().find(|line| line["tried"] == tried).unwrap_or_else(|| panic!("{tried}: {said}"));
        assert_eq!(of("initialize")["outcome"], "ok");
        assert_eq!(of("a method that there is not")["outcome"], "NOT OK");
        assert!(of("ids that are large, or texts")["came"].as_str().unwrap().contains("no message"), "{said}");
        assert_eq!(of("perform of a verb that is not offered")["outcome"], "NOT OK");
        assert_eq!(of("started by hand, without the cookie")["outcome"], "NOT OK");
        assert_eq!(of("$/cancel in mid perform")["outcome"], "skipped");
    });
}
