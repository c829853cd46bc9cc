//! A Prometheus and an Alertmanager in one, as far as a contract needs them.

use crate::server::{Server, reply};
use std::sync::{Arc, Mutex};

/// How the fake takes a new silence.
#[derive(Clone, Copy, PartialEq)]
pub enum Takes {
    /// Keeps it.
    Well,
    /// Says yes and keeps nothing.
    Nothing,
    /// Keeps it and hangs up without an answer.
    Cut,
}

/// A server, and the bodies of every silence that it was sent.
pub fn fake(takes: Takes) -> (Server, Arc<Mutex<Vec<serde_json::Value>>>) {
    let sent: Arc<Mutex<Vec<serde_json::Value>>> = Arc::default();
    let taken = sent.clone();
    let server = Server::new(move |_, request, stream| {
        let path = request.split(' ').nth(1).unwrap_or("").split('?').next().unwrap_or("").to_owned();
        let body = request.split("\r\n\r\n").nth(1).unwrap_or("");
        let answer = match (path.as_str(), request.starts_with("POST")) {
            ("/api/v1/query", _) => r#"{"status":"success","data":{"resultType":"scalar","result":[1e10,"1"]}}"#.into(),
            ("/api/v1/alerts", _) => r#"{"status":"success","data":{"alerts":[]}}"#.into(),
            ("/api/v1/status/buildinfo", _) => r#"{"status":"success","data":{"version":"0"}}"#.into(),
            ("/api/v2/alerts", _) => "[]".to_owned(),
            ("/api/v2/silences", true) => {
                sent.lock().unwrap().push(serde_json::from_str(body).unwrap());
                if takes == Takes::Cut {
                    return Ok(());
                }
                r#"{"silenceID":"abc"}"#.to_owned()
            }
            ("/api/v2/silences", false) => {
                let mut all = sent.lock().unwrap().clone();
                if takes == Takes::Nothing {
                    all.clear();
                }
                for silence in &mut all {
                    silence["id"] = "abc".into();
                    silence["status"] = serde_json::json!({"state": "active"});
                }
                serde_json::Value::from(all).to_string()
            }
            _ => return reply(stream, "404 None", b""),
        };
        reply(stream, "200 OK", answer.as_bytes())
    });
    (server, taken)
}
