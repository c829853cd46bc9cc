//! Answers, errors, death: what is certain, what is unknown, and when it is started again.

use super::ground::{Ground, quick, soon};
use crate::support::{alive, deploy, key, sink, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::ending::wait;
use holdpoint::backend::plugin::pace::Pace;
use holdpoint::backend::plugin::process::sweep;
use holdpoint::backend::{Backend, Certainty, Done, Fault, Topic};
use holdpoint::domain::backend::Granted;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Found;
use holdpoint::domain::span::Span;
use std::time::Duration;

async fn performed(ground: &Ground) -> Result<Done, Fault> {
    soon(ground.backend().perform(deploy(), key(), sink(None).0)).await
}

fn on(line: &str) -> Ground {
    Ground::new(&format!("def on(method, id, params):\n    {line}\n"))
}

#[tokio::test]
async fn a_result_is_done_and_counts_say_how_much_of_it() {
    let ground = on(
        "return method == 'perform' and (say(method='$/progress', params={'id': id, 'line': 'half \\x1b[2J'}), ok(id, {'summary': 'up \\u202e', 'detail': {'previous': '4.1.9', 'n': 3}})) != ()",
    );
    let file = ground.place.file("out.log");
    let (sink, mut lines) = sink(Some(file.clone()));
    let Done::Whole(receipt) = soon(ground.backend().perform(deploy(), key(), sink)).await.unwrap() else { panic!() };
    assert_eq!((receipt.summary.as_str(), receipt.detail["n"].as_str()), ("up \\u{202e}", "3"));
    assert_eq!(receipt.output.unwrap().bytes, std::fs::metadata(file).unwrap().len());
    assert_eq!(lines.recv().await.unwrap(), "half \\u{1b}[2J");
    let ground = on("return method == 'perform' and (ok(id, {'done': 4, 'of': 6}),) != ()");
    assert!(matches!(performed(&ground).await.unwrap(), Done::Partly(4, 6, _)));
    for nonsense in ["{'done': 7, 'of': 6}", "{'done': 1}", "{'summary': 5}", "[]", "'done'"] {
        let ground = on(&format!("return method == 'perform' and (ok(id, {nonsense}),) != ()"));
        assert!(matches!(performed(&ground).await, Err(Fault::Lost { .. })), "{nonsense}");
    }
}

#[tokio::test]
async fn only_what_the_page_calls_certain_is() {
    let codes = [
        (-32002, Certainty::NotDone),
        (-32003, Certainty::NotDone),
        (-32004, Certainty::NotDone),
        (-32010, Certainty::NotDone),
        (-32011, Certainty::NotDone),
        (-32012, Certainty::NotDone),
        (-32013, Certainty::NotDone),
        (-32014, Certainty::NotDone),
        (-32601, Certainty::NotDone),
        (-32602, Certainty::NotDone),
        (-32015, Certainty::Unknown),
        (-32800, Certainty::Unknown),
        (-32603, Certainty::Unknown),
        (-32700, Certainty::Unknown),
        (-32000, Certainty::Unknown),
        (-32001, Certainty::Unknown),
        (0, Certainty::Unknown),
        (17, Certainty::Unknown),
    ];
    let ground = on(
        "return method == 'perform' and (no(id, int(params['operation']['args']['version']), retry_after_ms=2500),) != ()",
    );
    let backend = ground.backend();
    for (code, certainty) in codes {
        let args = [("version".to_owned(), code.to_string())].into();
        let fault = soon(backend.perform(Operation { args, ..deploy() }, key(), sink(None).0)).await.unwrap_err();
        assert_eq!(fault.certainty(), certainty, "{code}: {fault}");
        assert_eq!(fault.to_string().contains("again in 3 s"), code == -32011, "{fault}");
    }
    assert_eq!(ground.trace(), "started\n", "an error is no death");
}

#[tokio::test]
async fn death_in_mid_perform_is_unknown_and_the_next_life_is_asked() {
    let ground = on("
    if method == 'perform': trace('performed ' + params['key']); os._exit(3)
    if method == 'probe': ok(id, {'found': 'applied', 'summary': params['key']}); return True");
    let backend = ground.backend();
    let fault = soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("exit 3")), "{fault:?}");
    let found = soon(backend.probe(&deploy(), key())).await.unwrap();
    assert!(matches!(found, Found::Applied(receipt) if receipt.summary == key().to_string()));
    assert_eq!(ground.trace(), format!("started\nperformed {}\nstarted\n", key()), "sent once");
}

#[tokio::test]
async fn one_that_cannot_be_started_or_does_not_greet_has_certainly_done_nothing() {
    for line in [
        "import sys; sys.exit(5)",
        "print('x' * 10)\ndef welcome(hello): time.sleep(60)",
        "def welcome(hello): return {**hello, 'protocol': 2, 'cookie': hello['cookie'], 'plugin': {'name': 'x'}, 'capabilities': {}}",
        "def welcome(hello): return {'protocol': 1, 'cookie': 'mine', 'plugin': {'name': 'x'}, 'capabilities': {}}",
        "def welcome(hello): return 5",
        "for i in range(30): print('no message', i, flush=True)",
        "sys.stderr.write('token missing\\n'); sys.exit(1)",
    ] {
        let mut ground = Ground::new(&format!("def on(*a): return False\n{line}"));
        if line.contains("sleep") {
            ground.pace.greeting = Duration::from_secs(6);
        }
        let fault = performed(&ground).await.unwrap_err();
        assert!(matches!(fault, Fault::Unreachable(_)), "{line}: {fault:?}");
        assert_eq!(fault.to_string().contains("token missing"), line.contains("token"), "{fault}");
    }
}

#[tokio::test]
async fn what_it_does_not_offer_is_not_asked_though_it_is_granted() {
    let ground = Ground::new("CAN = {'watch:deployments': {}}\ndef on(method, id, params): trace(method)");
    let backend = ground.backend();
    let fault = soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(fault, Fault::Cannot(..)), "{fault:?}");
    // Without a word on its effect a watch may do anything.
    let first = soon(backend.watch(Topic::Deployments).next()).await.unwrap();
    assert!(matches!(first, Err(Fault::Cannot(..))), "{first:?}");
    assert_eq!(ground.trace().replace("initialized\n", ""), "started\n");
}

#[tokio::test]
async fn at_its_limit_it_is_cancelled_and_then_given_up() {
    let mut ground = on("trace(method)\n    return method == 'perform'");
    ground.pace = quick();
    let late = Operation { limit: Span::millis(400), ..deploy() };
    let backend = ground.backend();
    let fault = soon(backend.perform(late.clone(), key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("not answered")), "{fault:?}");
    until("it has heard of it", || ground.trace().contains("$/cancel")).await;
    // A result that comes after the cancel is one all the same.
    let mut ground = on("
    if method == 'perform': global held; held = id
    if method == '$/cancel': ok(held, {'summary': 'just in time'})
    return method == 'perform'");
    ground.pace = Pace { grace: Duration::from_secs(9), ..quick() };
    assert!(matches!(soon(ground.backend().perform(late, key(), sink(None).0)).await, Ok(Done::Whole(_))));
}

/// Lines that start a program and note its number.
const CHILD: &str = "
    import subprocess as s
    if method in ('preview', 'perform'): trace('child %d' % s.Popen(['sleep', '300'], stdin=s.DEVNULL, stdout=s.DEVNULL, stderr=s.DEVNULL).pid)";

fn child(ground: &Ground) -> i32 {
    let noted = ground.trace();
    noted.lines().find_map(|line| line.strip_prefix("child ")).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_it_started_ends_with_it() {
    let ground = on(&format!("{CHILD}\n    if method == 'perform': os._exit(3)"));
    let backend = ground.backend();
    let fault = soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap_err();
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("exit 3")), "{fault:?}");
    until("what it started is gone", || !alive(child(&ground))).await;
    let mut ground = on(&format!("{CHILD}\n    return False"));
    ground.pace = quick();
    let backend = ground.backend();
    soon(backend.preview(&deploy())).await.unwrap();
    assert!(alive(child(&ground)));
    drop(backend);
    until("what it started is gone after its shutdown", || !alive(child(&ground))).await;
}

#[tokio::test]
async fn one_greeting_that_fails_refuses_all_that_wait() {
    let mut ground = Ground::new("def on(*a): return False\ndef welcome(hello): time.sleep(60)");
    ground.pace.greeting = Duration::from_secs(6);
    let backend = ground.backend();
    let all = (0..3).map(|_| backend.perform(deploy(), key(), sink(None).0));
    for answer in soon(futures_util::future::join_all(all)).await {
        assert!(matches!(answer, Err(Fault::Unreachable(_))), "{answer:?}");
    }
    assert_eq!(ground.trace(), "started\n");
}

#[tokio::test]
async fn what_comes_with_the_welcome_is_heard_and_what_comes_before_is_refused() {
    let ground = Ground::new(
        "
def ok(id, result={}):
    lines = [{'id': id, 'result': result}]
    if 'cookie' in result:
        lines.insert(0, {'id': 'early', 'method': 'secret/get', 'params': {'name': 'token'}})
        lines.append({'id': 'late', 'method': 'no/such-method'})
    with lock:
        sys.stdout.write(''.join(json.dumps({'jsonrpc': '2.0', **m}) + '\\n' for m in lines)); sys.stdout.flush()
def on(method, id, params):
    if method is None: trace(id + ' ' + str(m['error']['code']))
    return method is None",
    );
    let backend = ground.backend();
    let _ = soon(backend.preview(&deploy())).await;
    until("both are answered", || ground.trace().lines().count() >= 3).await;
    assert_eq!(ground.trace(), "started\nearly -32003\nlate -32601\n");
}

#[tokio::test]
async fn what_is_dangerous_is_said_first_even_by_one_that_previews_nothing() {
    for (blind, lines) in [
        (true, "def on(*a): return False"),
        (
            false,
            "def on(method, id, params): return method == 'preview' and (ok(id, {'loses': ['a line'] * 64}),) != ()",
        ),
        (true, "def on(method, id, params): return method == 'preview' and (ok(id, {'blind': True}),) != ()"),
    ] {
        let ground = Ground::new(&format!("CAN = {{'act:deploy': {{'effect': 'dangerous'}}}}\n{lines}"));
        let preview = soon(ground.backend().preview(&deploy())).await.unwrap();
        assert!(preview.loses.first().is_some_and(|line| line.contains("taken back")), "{preview:?}");
        assert_eq!(preview.blind, blind, "{preview:?}");
    }
}

#[tokio::test]
async fn one_that_answers_no_ping_is_ended_and_what_was_asked_is_unknown() {
    let mut ground = on("return method in ('ping', 'perform')");
    ground.pace = Pace { ping: (Duration::from_millis(300), Duration::from_millis(500)), ..quick() };
    let fault = performed(&ground).await.unwrap_err();
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("ping")), "{fault:?}");
}

#[tokio::test]
async fn a_ping_is_answered_while_it_performs() {
    let mut ground = on("
    if method != 'perform': return False
    threading.Thread(target=lambda: (time.sleep(1.5), ok(id, {'summary': 'slow'}))).start(); return True");
    ground.pace = quick();
    assert!(matches!(performed(&ground).await, Ok(Done::Whole(receipt)) if receipt.summary == "slow"));
}

#[tokio::test]
async fn after_many_ends_a_watch_no_longer_starts_it_and_a_question_does() {
    let mut ground = Ground::new(
        "
def on(method, id, params):
    if method == 'watch/start': os._exit(1)
    if method == 'probe': ok(id, {'found': 'unknown'}); return True",
    );
    ground.pace = quick();
    let backend = ground.backend();
    let mut said = String::new();
    for _ in 0..100 {
        if let Some(Err(fault)) = soon(backend.watch(Topic::Deployments).next()).await {
            said = fault.to_string();
        }
        if said.contains("left alone") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert!(said.contains("ended 6 times in ten minutes"), "{said}");
    assert!(said.contains("left alone since ") && said.contains("starts it at once"), "{said}");
    assert_eq!(ground.trace().lines().count(), 6);
    assert!(matches!(soon(backend.probe(&deploy(), key())).await, Ok(Found::Unknown { .. })));
    assert_eq!(ground.trace().lines().count(), 7);
}

#[tokio::test]
async fn what_a_preview_rests_on_comes_back_with_the_operation_once() {
    let ground = on("
    if method == 'preview': ok(id, {'effects': ['x'], 'expect': {'current': '4.1.9'}}); return True
    if method == 'perform': trace(json.dumps(params.get('expect'))); no(id, -32010, 'current is 4.2.0'); return True");
    let backend = ground.backend();
    soon(backend.preview(&deploy())).await.unwrap();
    for _ in 0..2 {
        let fault = soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap_err();
        assert!(
            matches!(&fault, Fault::Refused { why, .. } if why.contains("previewed: current is 4.2.0")),
            "{fault:?}"
        );
    }
    assert_eq!(ground.trace(), "started\n{\"current\": \"4.1.9\"}\nnull\n");
}

#[tokio::test]
async fn the_way_back_is_not_bound_to_what_somebody_looked_at() {
    let mut ground = Ground::new(
        "
CAN['act:roll-back'] = {'effect': 'act'}
def on(method, id, params):
    if method == 'preview': ok(id, {'effects': ['x'], 'expect': {'current': '4.2.0'}}); return True
    if method == 'perform': trace(json.dumps(params.get('expect'))); ok(id, {}); return True",
    );
    ground.spec.verbs.insert(Verb::RollBack, Granted { limit: Span::secs(20), idempotent: false });
    let (backend, back) = (ground.backend(), Operation { verb: Verb::RollBack, ..deploy() });
    soon(backend.preview(&back)).await.unwrap();
    soon(backend.perform(back, key(), sink(None).0)).await.unwrap();
    assert_eq!(ground.trace(), "started\nnull\n");
}

#[tokio::test]
async fn looks_that_nobody_waits_for_any_longer_end_no_plugin() {
    let mut ground = on("
    if method == 'preview': trace('preview'); return True
    if method == 'perform': ok(id, {}); return True");
    ground.pace = quick();
    let backend = ground.backend();
    for n in 1..=4 {
        tokio::select! {
            said = backend.preview(&deploy()) => panic!("{said:?}"),
            () = until("it was asked", || ground.trace().matches("preview").count() == n) => {}
        }
    }
    // Longer than a request is waited for that was cancelled.
    tokio::time::sleep(ground.pace.grace * 2).await;
    soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap();
    assert_eq!(ground.trace().matches("started").count(), 1, "{}", ground.trace());
}

#[tokio::test]
async fn when_nobody_asks_any_longer_it_is_shut_down_and_its_directory_goes() {
    let mut ground = on("trace('cwd ' + os.getcwd() + ' ' + oct(os.stat('.').st_mode)[-3:])");
    ground.pace = Pace { grace: Duration::from_secs(9), ..quick() };
    let backend = ground.backend();
    let _ = soon(backend.preview(&deploy())).await;
    let noted = ground.trace();
    let line = noted.lines().find(|line| line.starts_with("cwd ")).unwrap().to_owned();
    assert!(line.ends_with(" 700"), "{line}");
    let ending = backend.ending().unwrap();
    assert!(!wait(std::slice::from_ref(&ending), Duration::from_millis(50)), "it runs");
    drop(backend);
    assert!(wait(&[ending], Duration::from_secs(60)));
    assert!(ground.trace().contains("shut down"));
    let home = std::path::PathBuf::from(line.split(' ').nth(1).unwrap());
    assert!(!home.exists(), "its directory goes with it");
}

/// A workspace with the plugin of a `Ground`.
const WATCHED: &str = r#"
[workspace]
id = "0707070707070707"
name = "watched"
zone = "UTC"
[people.ana]
[roles.ops]
people = ["ana"]
[environments.eu]
tier = "testing"
[backends.x]
kind = "plugin"
argv = ["plugins/test"]
grant = ["watch:deployments"]
"#;

#[test]
fn a_verb_that_only_looks_leaves_nothing_behind() {
    let ground = Ground::new(
        "
def on(method, id, params):
    if method != 'watch/start': return False
    ok(id); row = {'service': 'web', 'environment': 'eu', 'version': '1'}
    event(params['watch'], 1, 'begin'); event(params['watch'], 2, 'upsert', item=row); event(params['watch'], 3, 'end')
    return True",
    );
    let (root, homes) = (ground.place.root(), ground.place.file("homes"));
    std::fs::create_dir(&homes).unwrap();
    std::fs::write(ground.place.file("holdpoint.toml"), WATCHED).unwrap();
    std::fs::write(ground.place.file("services.toml"), "[services.web]\ndeployed_by = { eu = \"x\" }\n").unwrap();
    let mut health = std::process::Command::new(crate::support::launcher().program);
    let said = health.arg("-C").arg(&root).arg("health").env("TMPDIR", &homes).output().unwrap();
    assert_eq!(ground.trace(), "started\nshut down\n", "{said:?}");
    assert_eq!(std::fs::read_dir(&homes).unwrap().count(), 0);
}

#[test]
fn directories_that_nobody_holds_are_swept_and_no_others() {
    let place = crate::support::Place::new();
    let names = ["holdpoint-plugin-left", "holdpoint-plugin-held", "something"];
    let all = names.map(|name| place.file(name));
    all.iter().for_each(|dir| std::fs::create_dir(dir).unwrap());
    let held = std::fs::File::open(&all[1]).unwrap();
    held.lock().unwrap();
    sweep(&place.root(), Duration::from_secs(3600));
    assert!(all.iter().all(|dir| dir.exists()), "they are young");
    sweep(&place.root(), Duration::ZERO);
    assert_eq!(all.map(|dir| dir.exists()), [false, true, true]);
}

#[tokio::test]
async fn it_sees_only_what_it_was_given() {
    let mut ground = on("trace(' '.join(sorted(os.environ)))");
    ground.spec.pass_env = vec!["CARGO_PKG_NAME".to_owned()];
    let _ = soon(ground.backend().preview(&deploy())).await;
    let noted = ground.trace();
    let names: Vec<&str> = noted.lines().nth(1).unwrap().split(' ').collect();
    let usual = |name: &&&str| {
        ["PATH", "HOME", "LANG", "TZ", "HOLDPOINT_COOKIE", "CARGO_PKG_NAME", "PWD", "_", "SHLVL"].contains(name)
            || name.starts_with("LC_")
            || name.to_lowercase().ends_with("_proxy")
            || name.contains("PYENV")
    };
    let more: Vec<_> = names.iter().filter(|name| !usual(name)).collect();
    assert!(more.is_empty() && names.contains(&"HOLDPOINT_COOKIE"), "{names:?}");
}
