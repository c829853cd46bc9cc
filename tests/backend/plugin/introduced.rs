//! Who a plugin says it is: told as far as it says so, harmless whatever it says, and never made up.

use super::ground::{Ground, quick, soon};
use crate::support::{deploy, key, launcher, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::plugin::trust;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::introduced::Identity;
use std::process::{Command, Stdio};

/// A plugin with this name, version and identity, as Python writes them.
fn who(name: &str, version: &str, identity: &str) -> Ground {
    let mut ground = Ground::new(&format!(
        "
before = welcome
def welcome(hello): return {{**before(hello), 'plugin': {{'name': {name}, 'version': {version}}}, 'identity': {identity}}}
def on(method, id, params): return method == 'perform' and (ok(id, {{'summary': 'up'}}),) != ()"
    ));
    ground.pace = quick();
    ground
}

/// What is said of it, and whether it is as it should be.
async fn introduced(ground: &Ground) -> (bool, String) {
    let backend = ground.backend();
    assert_eq!(backend.introduced(), None, "nobody has asked it yet");
    let said = soon(backend.introduce()).await;
    assert_eq!(said.len(), 1, "{said:?}");
    // It serves nothing else by that.
    assert!(soon(backend.perform(deploy(), key(), sink(None).0)).await.is_ok());
    assert!(backend.introduced().is_some());
    (said[0].ok, said[0].text.clone())
}

#[tokio::test]
async fn it_says_name_version_and_whom_it_acts_as() {
    for (identity, ok, told) in [
        ("None", true, "units 3; whom it acts as it does not tell"),
        ("''", true, "units 3; whom it acts as it does not tell"),
        ("' '", true, "units 3; whom it acts as it does not tell"),
        ("'bot'", true, "units 3; acts as bot, until when it does not tell"),
        ("{'who': 'bot'}", true, "units 3; acts as bot, until when it does not tell"),
        ("{'who': 'bot', 'until': None, 'more': [1]}", true, "units 3; acts as bot, until when it does not tell"),
        ("{'who': 'bot', 'until': '2999-01-02T03:04:05+01:00'}", true, "acts as bot, until 2999-01-02 02:04:05Z"),
        ("{'who': 'bot', 'until': '1999-01-02T03:04:05Z'}", false, "it has ended; renew it"),
        (
            "{'who': 'bot', 'until': (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).isoformat()}",
            false,
            "it ends soon; renew it",
        ),
    ] {
        let said = introduced(&who("'units'", "'3'", identity)).await;
        assert!(said.0 == ok && said.1.contains(told), "{identity}: {said:?}");
    }
}

#[tokio::test]
async fn whatever_it_says_of_itself_is_harmless_and_ends_nothing() {
    for identity in [
        "5",
        "[]",
        "['bot']",
        "True",
        "{}",
        "{'who': 5}",
        "{'who': 'a', 'until': 'soon'}",
        "{'who': 'a', 'until': 5}",
        "{'who': 'a', 'until': '99999-01-01T00:00:00Z'}",
        "{'x': '\\x1b[2J' * 9999}",
    ] {
        let (ok, text) = introduced(&who("'units'", "'3'", identity)).await;
        assert!(!ok && text.contains("cannot be read"), "{identity}: {text}");
        assert!(text.chars().count() < 450 && !text.contains('\u{1b}'), "{identity}: {text}");
    }
    let long = "'\\x1b[2J\\u202e' + 'x' * 1000000";
    let (ok, text) = introduced(&who(long, long, &format!("{{'who': {long}}}"))).await;
    assert!(ok && text.chars().count() < 400, "{}", text.chars().count());
    assert!(text.starts_with("\\u{1b}[2J\\u{202e}xxx") && text.contains("acts as \\u{1b}[2J"), "{text}");
    let (_, text) = introduced(&who("''", "''", "None")).await;
    assert!(text.starts_with("a program without a name, whose version it does not tell"), "{text}");
}

#[tokio::test]
async fn one_that_cannot_be_begun_says_that_and_not_who_it_is() {
    let ground = Ground::new("def on(*a): return False\nsys.stderr.write('token missing\\n'); sys.exit(1)");
    let backend = ground.backend();
    let said = soon(backend.introduce()).await;
    assert!(!said[0].ok && said[0].text.contains("token missing"), "{said:?}");
    assert_eq!(backend.introduced(), None);
}

#[tokio::test]
async fn the_next_life_may_be_another() {
    let mut ground = Ground::new(
        "
lives = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lives')
def welcome(hello):
    with open(lives, 'a') as f: f.write('x')
    return {'protocol': 1, 'cookie': hello['cookie'], 'capabilities': CAN, 'plugin': {'name': 'units', 'version': str(os.path.getsize(lives))}, 'identity': 'bot'}
def on(method, id, params):
    if method == 'perform': os._exit(3)
    if method == 'watch/start': ok(id); event(params['watch'], 1, 'begin'); event(params['watch'], 2, 'end'); return True",
    );
    ground.pace = quick();
    let backend = ground.backend();
    soon(backend.watch(Topic::Deployments).next()).await.unwrap().unwrap();
    let first = backend.introduced().unwrap();
    assert_eq!(
        (first.version.as_str(), &first.identity),
        ("1", &Identity::Told { who: "bot".to_owned(), until: None })
    );
    assert!(soon(backend.perform(deploy(), key(), sink(None).0)).await.is_err());
    soon(backend.introduce()).await;
    assert_eq!(backend.introduced().unwrap().version, "2");
}

/// Lines that tell an empty picture, and go on.
const TELLS: &str = "
def tells(w):
    event(w, 1, 'begin'); event(w, 2, 'end')
    for i in range(3, 250): event(w, i, 'heartbeat'); time.sleep(0.5)
def on(method, id, params):
    if method == 'watch/start':
        ok(id); threading.Thread(target=tells, args=(params['watch'],), daemon=True).start(); return True
    return";

/// A workspace with one plugin that tells one place.
const WORKSPACE: &str = r#"
[workspace]
id = "0707070707070707"
name = "told"
zone = "UTC"
purpose = "rehearsal"
[people.ana]
[roles.ops]
people = ["ana"]
[environments.eu]
tier = "testing"
[backends.x]
kind = "plugin"
argv = ["plugins/test"]
every = "1s"
grant = ["watch:deployments"]
"#;

#[tokio::test]
async fn a_session_notes_who_it_was_and_doctor_tells_that_it_is_another() {
    let ground = who("'units'", "VERSION", "'bot'");
    let (root, state, program) = (ground.place.root(), ground.place.file("state"), ground.place.file("plugins/test"));
    let lines = std::fs::read_to_string(&program).unwrap();
    let lines = lines.replace("def on(method, id, params): return", TELLS);
    std::fs::write(ground.place.file("holdpoint.toml"), WORKSPACE).unwrap();
    std::fs::write(ground.place.file("services.toml"), "[services.web]\ndeployed_by = { eu = \"x\" }\n").unwrap();
    let holdpoint = |more: &[&str]| {
        let mut command = Command::new(launcher().program);
        command.arg("-C").arg(&root).arg("--state").arg(&state).args(["--as", "ana"]).args(more);
        command
    };
    let noted = || std::fs::read_to_string(state.join("programs.json")).unwrap_or_default();
    let doctor = || {
        let said = holdpoint(&["--json", "doctor"]).output().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        let mine = |it: &&serde_json::Value| it["what"] == "backend x";
        said.as_array()
            .unwrap()
            .iter()
            .filter(mine)
            .map(|it| it["text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for version in ["1", "2"] {
        std::fs::write(&program, lines.replace("VERSION", &format!("'{version}'"))).unwrap();
        trust::trust(&root, "plugins/test").unwrap();
        let told = doctor();
        assert!(told.contains(&format!("units {version}; acts as bot, until when it does not tell")), "{told:?}");
        let changed = told.iter().filter(|text| text.contains("it was units 1")).count();
        assert_eq!(changed, usize::from(version == "2"), "{told:?}");
        // A verb that only looks notes nothing; a session does.
        assert!(!noted().contains(&format!("units {version}")));
        let mut session =
            holdpoint(&["--plain"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("it is noted", || noted().contains(&format!("units {version}"))).await;
        drop(session.stdin.take());
        session.wait().unwrap();
    }
    let told = doctor();
    assert!(told.iter().any(|text| text.contains("before that it was units 1")), "{told:?}");
}
