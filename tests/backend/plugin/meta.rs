//! `_meta`: what goes with each request, what is made of it by ours, and that nothing in it does harm.

use super::ground::{Ground, quick, soon};
use crate::support::{Place, deploy, key, launcher, sink, until};
use crate::trial::trial;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::plugin::meta::Meta;
use holdpoint::backend::{Backend, Sink, Topic};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A plugin that notes what came with each request.
fn noting() -> Ground {
    let mut ground = Ground::new(
        "
def welcome(hello):
    global workspace; workspace = hello['instance']['workspace']; trace('initialize ' + json.dumps(hello.get('_meta')))
    return {'protocol': 1, 'cookie': hello['cookie'], 'plugin': {'name': 'x'}, 'capabilities': CAN}
def on(method, id, params):
    if method and id is not None: trace(method + ' ' + json.dumps(params.get('_meta')))
    if method == 'probe': ok(id, {'found': 'unknown'}); return True
    if method in ('preview', 'perform'): ok(id, {}); return True
    return False",
    );
    ground.pace = quick();
    ground
}

#[tokio::test]
async fn each_request_says_how_long_it_is_waited_for_and_one_that_acts_for_whom_and_why() {
    let ground = noting();
    let backend = ground.backend();
    let watch = backend.watch(Topic::Deployments);
    let watching = tokio::spawn(watch.for_each(|_| async {}));
    soon(backend.preview(&deploy())).await.unwrap();
    soon(backend.perform(deploy(), key(), sink(None).0)).await.unwrap();
    let reason = "too slow \u{1b}[2J\u{202e}\"}".to_owned() + &"x".repeat(100_000);
    let for_ana = Sink { by: Some("ana".into()), reason: Some(reason), ..sink(None).0 };
    soon(backend.perform(deploy(), key(), for_ana)).await.unwrap();
    soon(backend.probe(&deploy(), key())).await.unwrap();
    until("it was pinged", || ground.trace().contains("ping ")).await;
    watching.abort();
    drop(backend);
    until("it is shut down", || ground.trace().contains("shutdown ")).await;
    let noted = ground.trace();
    let of = |method: &str| {
        let lines = noted.lines().filter_map(|line| line.strip_prefix(method)?.strip_prefix(' '));
        lines.map(|meta| serde_json::from_str::<Value>(meta).unwrap()).collect::<Vec<_>>()
    };
    for (method, most) in [
        ("initialize", 9_000),
        ("watch/start", 10_000),
        ("preview", 9_000),
        ("perform", 20_000),
        ("probe", 20_000),
        ("ping", 8_000),
        ("shutdown", 700),
    ] {
        let all = of(method);
        assert!(!all.is_empty(), "{method}: {noted}");
        for meta in all {
            assert_eq!(meta["deadlineMs"], json!(most), "{method}: {meta}");
            let known = ["deadlineMs", "by", "reason"];
            assert!(meta.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{meta}");
            assert!(method == "perform" || meta.as_object().unwrap().len() == 1, "{method}: {meta}");
        }
    }
    let [nobodys, anas] = of("perform").try_into().unwrap();
    assert_eq!((nobodys.get("by"), nobodys.get("reason"), &anas["by"]), (None, None, &json!("ana")));
    // In the host's own words, as JSON has them, and no longer than is read.
    let reason = anas["reason"].as_str().unwrap();
    assert!(reason.starts_with("too slow \u{1b}[2J\u{202e}\"}xxx") && reason.chars().count() == 500, "{reason}");
}

#[test]
fn what_cannot_be_read_of_it_is_as_if_it_had_not_come() {
    for strange in [
        json!(null),
        json!(5),
        json!("text"),
        json!([]),
        json!({ "deadlineMs": "soon", "by": 5, "reason": ["x"] }),
        json!({ "deadlineMs": -1, "by": null, "reason": {} }),
        json!({ "deadlineMs": 1.5e300, "deadline_ms": 7 }),
    ] {
        assert_eq!(Meta::read(&json!({ "_meta": strange })), Meta::default(), "{strange}");
    }
    assert_eq!(Meta::read(&json!([])), Meta::default());
    let long = Meta::read(&json!({ "_meta": { "deadlineMs": u64::MAX, "by": "b".repeat(9999), "x": 1 } }));
    assert_eq!((long.deadline_ms, long.by.unwrap().chars().count()), (Some(u64::MAX), 100));
    assert_eq!(Meta { deadline_ms: Some(5), ..Meta::default() }.put(json!([1])), json!([1]), "no object has none");
}

/// A program that is spoken to line by line, as a host does.
struct Talk {
    child: Child,
    input: ChildStdin,
    said: Receiver<Value>,
}

impl Talk {
    fn with(mut command: Command, config: &Value) -> Self {
        let command = command.env("HOLDPOINT_COOKIE", "c").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let (output, input) = (BufReader::new(child.stdout.take().unwrap()), child.stdin.take().unwrap());
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let mut talk = Self { child, input, said };
        let instance = json!({ "config": config, "name": "x", "workspace": "/" });
        let hello = json!({ "cookie": "c", "features": [], "host": { "name": "h", "version": "1" }, "instance": instance, "protocol": { "max": 1, "min": 1 } });
        talk.ask(0, "initialize", hello);
        talk
    }

    fn tell(&mut self, id: u64, method: &str, params: Value) {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.input.write_all(format!("{message}\n").as_bytes()).unwrap();
    }

    /// The first message that is wanted.
    fn hear(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.said.recv_timeout(Duration::from_secs(60)).unwrap();
            if wanted(&message) {
                return message;
            }
        }
    }

    fn ask(&mut self, id: u64, method: &str, params: Value) -> Value {
        self.tell(id, method, params);
        self.hear(|message| message["id"] == id)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn ours_answer_by_the_deadline() {
    trial(|| {
        let place = Place::new();
        place.script("status", "#!/bin/sh\necho '{\"deployments\":[]}'\n");
        place.script("probe", "#!/bin/sh\nexec sleep 120\n");
        place.script("scripts/deploy", "#!/bin/sh\nexec sleep 120\n");
        std::fs::write(place.file("holdpoint.toml"), crate::contract::scripts()).unwrap();
        let mut command = Command::new(launcher().program);
        command.arg("-C").arg(place.root()).args(["serve-plugin", "routers"]);
        let mut talk = Talk::with(command, &json!({}));
        let deed = json!({ "verb": "deploy", "service": "web", "environment": "eu-west", "args": { "version": "1" } });
        let began = Instant::now();
        let ask = |left: Value| json!({ "_meta": { "deadlineMs": left, "by": 5, "more": [] }, "operation": deed, "key": key().to_string(), "limit_ms": 600_000 });
        let performed = talk.ask(1, "perform", ask(json!(300)));
        assert_eq!(performed["error"]["code"], json!(-32015), "{performed}");
        let probed = talk.ask(2, "probe", ask(json!(300)));
        assert!(probed["error"]["message"].as_str().unwrap().contains("deadline"), "{probed}");
        assert!(began.elapsed() < Duration::from_secs(60));
        // One that cannot be read is none, and the limit counts.
        let mut short = ask(json!("soon"));
        short["limit_ms"] = json!(300);
        assert_eq!(talk.ask(3, "perform", short)["error"]["code"], json!(-32015));
    });
}

#[test]
fn the_shell_example_gives_up_a_file_that_hangs_when_the_host_would() {
    trial(|| {
        let place = Place::new();
        let dir = place.file("versions");
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("web@eu"), "4.1.9\n").unwrap();
        // Nobody ever writes to it.
        assert!(Command::new("mkfifo").arg(dir.join("api@eu")).status().unwrap().success());
        let mut command = Command::new("sh");
        command.arg(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugins/checks.sh"));
        let mut talk = Talk::with(command, &json!({ "dir": dir }));
        let start = json!({ "_meta": { "by": "ana", "deadlineMs": 900, "reason": "9" }, "credit": 256, "every_ms": 5000, "signals": [], "topic": "deployments", "watch": "w0" });
        talk.tell(1, "watch/start", start);
        let mut rows = Vec::new();
        loop {
            let event = talk.hear(|message| message["method"] == "watch/event");
            match event["params"]["op"].as_str().unwrap() {
                "upsert" => rows.push(event["params"]["item"]["service"].as_str().unwrap().to_owned()),
                "end" => break,
                _ => {}
            }
        }
        assert_eq!(rows, ["web"], "the other cannot be read, and keeps nobody waiting");
    });
}
