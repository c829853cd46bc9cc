//! `status` tells the alerts of whoever is declared to know them, and says who is not heard.

use crate::ground::{by, deploy, with};
use crate::support::sandbox::{LIMIT, Sandbox};
use crate::support::until;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// An Alertmanager that knows one alert about web and one that somebody has silenced.
fn alertmanager() -> String {
    serving(
        r#"[{"labels":{"alertname":"WebFails","severity":"page","service":"web","environment":"prod"},"annotations":{"summary":"5 % fail"},"startsAt":"2026-01-01T10:00:00Z","status":{"state":"active","silencedBy":[],"inhibitedBy":[]}},
            {"labels":{"alertname":"Disks","environment":"prod"},"startsAt":"2026-01-01T10:00:00Z","status":{"state":"active","silencedBy":[],"inhibitedBy":[]}},
            {"labels":{"alertname":"Noise","service":"web"},"startsAt":"2026-01-01T10:00:00Z","status":{"state":"suppressed","silencedBy":["s1"],"inhibitedBy":[]}}]"#,
    )
}

/// An Alertmanager that knows these alerts.
fn serving(alerts: &str) -> String {
    let alerts: Arc<str> = alerts.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let alerts = Arc::clone(&alerts);
            std::thread::spawn(move || answer(stream, &alerts));
        }
    });
    url
}

/// Reads a request and answers it.
fn answer(mut stream: TcpStream, alerts: &str) {
    let (mut seen, mut piece) = (Vec::new(), [0; 1024]);
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(n) if n > 0 => seen.extend_from_slice(&piece[..n]),
            _ => break,
        }
    }
    let body = match String::from_utf8_lossy(&seen).contains("/silences") {
        true => {
            r#"[{"id":"s1","endsAt":"2099-01-01T12:30:00Z","status":{"state":"active"},"comment":"","matchers":[]}]"#
        }
        false => alerts,
    };
    let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
}

/// The team with two who tell of alerts: one that does, and one that nobody can reach.
fn told_by(url: &str) -> Sandbox {
    let s = with(&deploy("2.0"));
    let file = s.workspace().join("holdpoint.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let alerts = |name: &str, url: &str| {
        format!("\n[backends.{name}]\nkind = \"alertmanager\"\nurl = \"{url}\"\nevery = \"1s\"\n")
    };
    std::fs::write(file, text + &alerts("alerts", url) + &alerts("gone", "http://127.0.0.1:1")).unwrap();
    s
}

#[test]
fn status_tells_them_as_words_and_as_json() {
    let s = told_by(&alertmanager());
    // A first look has an end of its own, before which a busy machine may not have heard anybody.
    let mut told = String::new();
    let _ = until(LIMIT, || {
        told = s.holdpoint(&["status"]).exits(0).stdout;
        (told.contains("WebFails") && told.contains("127.0.0.1:1")).then_some(())
    });
    let line =
        |part: &str| told.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part:?} in {told}"));
    assert!(line("WebFails").contains("alert web@prod WebFails page, firing since 10:00Z: 5 % fail"), "{told}");
    assert!(line("Disks").contains("alert ??@prod Disks"), "its place is known: {told}");
    assert!(line("Noise").contains("alert web everywhere Noise, silenced until 12:30Z"), "{told}");
    assert!(line("alerts of gone: ??").contains("127.0.0.1:1"), "nobody there is not no alert: {told}");
    let mut told = s.holdpoint(&["--json", "status"]).exits(0).json();
    let heard = |told: &serde_json::Value| told["alerts"].as_array().is_some_and(|all| !all.is_empty());
    for _ in 0..3 {
        if heard(&told) {
            break;
        }
        told = s.holdpoint(&["--json", "status"]).exits(0).json();
    }
    let names: Vec<_> = told["alerts"].as_array().unwrap().iter().map(|a| a["alert"]["name"].clone()).collect();
    assert_eq!(names, ["WebFails", "Disks", "Noise"], "{told}");
    assert_eq!((&told["alerts"][0]["source"], &told["alerts"][0]["quality"]), (&"alerts".into(), &"fresh".into()));
    assert_eq!(told["alerts_unknown"][0]["source"], "gone", "{told}");
}

#[test]
fn health_tells_which_began_before_a_run_and_which_since() {
    let s = with(&deploy("2.0"));
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    let now = chrono::Utc::now().format("%FT%H:%M:%S%.3fZ").to_string();
    let one = |name: &str, place: &str, since: &str| {
        format!(
            r#"{{"labels":{{"alertname":"{name}","service":"web"{place}}},"startsAt":"{since}","status":{{"state":"active"}}}}"#
        )
    };
    let (prod, long_ago) = (r#","environment":"prod""#, "2026-01-01T10:00:00Z");
    let all = [one("Old", prod, long_ago), one("New", prod, &now), one("Anywhere", "", &now)].join(",");
    let (url, file) = (serving(&format!("[{all}]")), s.workspace().join("holdpoint.toml"));
    let text = std::fs::read_to_string(&file).unwrap();
    let backend = format!("\n[backends.alerts]\nkind = \"alertmanager\"\nurl = \"{url}\"\nevery = \"1s\"\n");
    std::fs::write(file, text + &backend).unwrap();
    let mut told = String::new();
    let heard = until(LIMIT, || {
        told = s.holdpoint(&["health"]).exits(0).stdout;
        told.contains("Anywhere").then_some(())
    });
    let line = |part: &str| told.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{told}"));
    assert!(heard.is_some() && line("Old,").contains(" · before run 1 "), "{told}");
    assert!(line("New,").contains(" · since run 1 step 1 (web 2.0) "), "{told}");
    assert!(!line("Anywhere,").contains("run 1"), "{told}");
    let heard = until(LIMIT, || {
        let told = s.holdpoint(&["status"]).exits(0).stdout;
        told.lines().any(|line| line.contains("Old") && line.ends_with(" · before run 1")).then_some(())
    });
    assert!(heard.is_some(), "status says it too");
    let mut told = serde_json::Value::Null;
    let heard = until(LIMIT, || {
        told = s.holdpoint(&["--json", "health"]).exits(0).json();
        told["alerts"][0].is_object().then_some(())
    });
    let began = |n: usize| told["alerts"][0]["alerts"][n]["began"].clone();
    let since = json!({ "since": { "run": 1, "step": "1", "service": "web", "what": "2.0", "taken_back": false } });
    assert!(heard.is_some(), "{told}");
    assert_eq!((began(0), began(1)), (json!({ "before": { "run": 1 } }), since), "{told}");
    assert!(told["alerts"][0]["alerts"][2].get("began").is_none(), "{told}");
    assert_eq!(told["alerts"][0]["alerts"][2]["name"], "Anywhere", "{told}");
}

/// A Prometheus that knows no alert and answers so when it is asked for rules.
fn prometheus(status: &'static str, rules: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut seen, mut piece) = (Vec::new(), [0; 1024]);
            while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(n) if n > 0 => seen.extend_from_slice(&piece[..n]),
                    _ => break,
                }
            }
            let (status, body) = match String::from_utf8_lossy(&seen).contains("/rules") {
                true => (status, rules),
                false => ("200 OK", r#"{"status":"success","data":{"alerts":[],"version":"2.0"}}"#),
            };
            let length = body.len();
            let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        }
    });
    url
}

#[test]
fn rules_that_can_never_fire_are_told_beside_no_alerts() {
    const BROKEN: &str = r#"{"status":"success","data":{"groups":[{"name":"web","interval":60,"rules":[
        {"type":"alerting","name":"WebFails","health":"err","lastError":"many-to-many","state":"inactive","labels":{"service":"web"}}]}]}}"#;
    for (status, rules, wanted) in [
        (
            "200 OK",
            BROKEN,
            "alert rules of prom: rule WebFails of group web cannot be relied on: its evaluation fails: many-to-many",
        ),
        ("403 Forbidden", "", "alert rules of prom: ?? "),
    ] {
        let s = with(&deploy("2.0"));
        let file = s.workspace().join("holdpoint.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let url = prometheus(status, rules);
        let more =
            format!("\n[backends.prom]\nkind = \"prometheus\"\nurl = \"{url}\"\nevery = \"1s\"\nalerts = true\n");
        std::fs::write(file, text + &more).unwrap();
        for verb in ["status", "health"] {
            let mut told = String::new();
            let heard = until(LIMIT, || {
                told = String::from_utf8(s.command(env!("CARGO_BIN_EXE_holdpoint"), &[verb]).output().unwrap().stdout)
                    .unwrap();
                told.contains(wanted).then_some(())
            });
            assert!(heard.is_some(), "{verb}: {told}");
        }
        let told = s.holdpoint(&["--json", "status"]).exits(0).json();
        let (rules, unknown) = (&told["alert_rules"][0], &told["alert_rules_unknown"][0]);
        match status {
            "200 OK" => assert_eq!(rules["rules"]["ailing"][0]["name"], "WebFails", "{told}"),
            _ => assert_eq!(unknown["source"], "prom", "{told}"),
        }
        let said = String::from_utf8(s.command(env!("CARGO_BIN_EXE_holdpoint"), &["doctor"]).output().unwrap().stdout)
            .unwrap();
        let line = said.lines().find(|line| line.contains("rule")).unwrap_or_else(|| panic!("{said}"));
        assert!(said.lines().any(|line| line.starts_with("NOT OK") && line.contains("rule")), "{line}: {said}");
    }
}

/// One who was not asked at all is not one who kept silent.
#[cfg(feature = "faults")]
#[test]
fn what_could_not_even_be_asked_says_why() {
    let s = told_by("http://127.0.0.1:1");
    for verb in [["status"].as_slice(), &["health"]] {
        let mut command = s.command(env!("CARGO_BIN_EXE_holdpoint"), verb);
        let told = command.env("HOLDPOINT_FAULT", "look.begin=eacces").output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        let why = "alerts of gone: ?? nobody was asked: the thread that watches cannot be started: Permission denied";
        assert!(told.contains(why) && !told.contains("not heard within"), "{told}");
    }
}

#[test]
fn without_any_that_tells_nothing_is_asked_and_nothing_is_unknown() {
    let s = with(&deploy("2.0"));
    let told = s.holdpoint(&["--json", "status"]).exits(0).json();
    assert_eq!((&told["alerts"], &told["alerts_unknown"]), (&json!([]), &json!([])));
    assert!(!s.holdpoint(&["status"]).exits(0).stdout.contains("alert"));
}
