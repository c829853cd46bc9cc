//! Flagger's load tester behind the API's proxy of services: gates by the canary's name, open until
//! somebody closes them. A real one is asked in its place where there is one.

use super::routes::Answer;
use super::{Asked, State};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Answers what is asked of a service; none when it is of none.
pub fn answer(state: &mut State, asked: &Asked) -> Option<Answer> {
    let rest = asked.path.strip_prefix("/api/v1/namespaces/")?;
    let (_, rest) = rest.split_once("/services/")?;
    let (service, path) = rest.split_once("/proxy")?;
    if !matches!(service, "http:flagger-loadtester:80" | "http:other-loadtester:80") {
        return Some(super::routes::status(503, "no endpoints available for service"));
    }
    if state.denied.contains(&"create services/proxy".to_owned()) {
        return Some(super::routes::status(403, "services/proxy is forbidden: User \"ana\" cannot create"));
    }
    let (code, text) = ask(state, path, &asked.body);
    Some(Answer::Raw(code, text))
}

/// Whether Flagger is let pass by all hooks of a kind.
pub fn asks(state: &State, canary: &Value, kind: &str) -> bool {
    let hooks = canary["spec"]["analysis"]["webhooks"].as_array().cloned().unwrap_or_default();
    let mine = hooks.iter().filter(|hook| hook["type"] == kind);
    let (name, namespace) = (&canary["metadata"]["name"], &canary["metadata"]["namespace"]);
    let body = serde_json::json!({ "name": name, "namespace": namespace, "phase": "Progressing" }).to_string();
    let path = |hook: &Value| {
        let url = hook["url"].as_str().unwrap().to_owned();
        url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default()
    };
    mine.into_iter().all(|hook| peek(state, &path(hook), &body).0 <= 202)
}

/// Whether the confirming gate of a canary is open.
pub fn open(state: &State, canary: &Value) -> bool {
    let body = serde_json::json!({ "name": canary["metadata"]["name"], "namespace": canary["metadata"]["namespace"] });
    peek(state, "/gate/check", &body.to_string()).0 <= 202
}

fn ask(state: &mut State, path: &str, body: &str) -> (u16, String) {
    if let Some(tester) = state.tester {
        return post(tester, path, body);
    }
    let Some(key) = key(path, body) else { return (400, String::new()) };
    match path.rsplit('/').next() {
        Some("open") => drop(state.gates.insert(key, true)),
        Some("close") => {
            // A controller that did not look while it was closed has not rested any longer for that.
            state.rests.retain(|name, _| !key.starts_with(&format!("{name}.")));
            state.gates.insert(key, false);
        }
        _ => return peek(state, path, body),
    }
    (202, String::new())
}

fn peek(state: &State, path: &str, body: &str) -> (u16, String) {
    if let Some(tester) = state.tester {
        return post(tester, path, body);
    }
    let open = match path {
        "/gate/approve" => true,
        "/gate/check" | "/rollback/check" => {
            key(path, body).is_some_and(|key| state.gates.get(&key).copied().unwrap_or(false))
        }
        _ => false,
    };
    if open { (200, "Approved".to_owned()) } else { (403, "Forbidden".to_owned()) }
}

fn key(path: &str, body: &str) -> Option<String> {
    let canary: Value = serde_json::from_str(body).ok()?;
    let (name, namespace) = (canary["name"].as_str()?, canary["namespace"].as_str()?);
    let before = if path.starts_with("/rollback/") { "rollback." } else { "" };
    Some(format!("{before}{name}.{namespace}"))
}

fn post(to: SocketAddr, path: &str, body: &str) -> (u16, String) {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        Ok(said)
    };
    let said = asked().unwrap_or_default();
    let code = said.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(502);
    (code, said.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}
