//! Two members of a cluster of Alertmanagers that keep silences together, and go wrong on demand.
//! They know nothing of holdpoint.

pub use crate::argo_server::HOSTILE;

use crate::server::{Server, hang, reply};
use serde_json::{Value, json};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard};

/// What goes wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    Hang,
    CutAfter,
    CutBefore,
    Status(u16),
    TooMany(u32),
    Hostile(u16),
    Garbage,
    Empty,
    /// It is answered as if it were done, and nothing is done.
    Nothing,
}

/// Everything that the members know.
#[derive(Default)]
pub struct State {
    pub silences: Vec<Value>,
    pub alerts: Vec<Value>,
    /// What was asked: method, path, and who asked.
    pub asked: Vec<(String, String)>,
    /// How far their clocks are behind, in seconds.
    pub behind: i64,
    /// The state that a new silence has, where it is none that is known.
    pub state: Option<String>,
    /// What goes wrong, of which method, how often, and whether something must have been changed before.
    pub armed: Vec<(&'static str, Does, u32, bool)>,
    /// What another does right before something is changed.
    pub meanwhile: Option<fn(&mut State)>,
    made: u32,
}

/// Two members.
pub struct Members {
    state: Arc<Mutex<State>>,
    pub servers: [Server; 2],
}

impl Members {
    pub fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let server = || {
            let state = Arc::clone(&state);
            Server::new(move |_, request, stream| answer(&state, request, stream))
        };
        Self { servers: [server(), server()], state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Requests that are no look, as `METHOD path`.
    pub fn sent(&self) -> Vec<String> {
        let state = self.state();
        state.asked.iter().filter(|(method, _)| method != "GET").map(|(m, path)| format!("{m} {path}")).collect()
    }
}

impl State {
    /// Keeps a silence; its id.
    pub fn keep(&mut self, mut silence: Value) -> String {
        self.made += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.made);
        silence["id"] = json!(id);
        silence["status"] = json!({ "state": self.state.clone().unwrap_or_else(|| "active".to_owned()) });
        self.silences.push(silence);
        id
    }

    /// Ends a silence, unless it has ended.
    pub fn end(&mut self, id: &str) -> Result<(), (u16, String)> {
        let Some(silence) = self.silences.iter_mut().find(|silence| silence["id"] == id) else {
            return Err((404, format!("silence {id} not found")));
        };
        match silence["status"]["state"] == "expired" {
            true => Err((500, format!("silence {id} already expired"))),
            false => {
                silence["status"]["state"] = json!("expired");
                silence["endsAt"] = json!(chrono::Utc::now().to_rfc3339());
                Ok(())
            }
        }
    }

    fn fault(&mut self, method: &str) -> Option<Does> {
        let hit = |armed: &&mut (&'static str, Does, u32, bool)| armed.0 == method && armed.2 > 0 && !armed.3;
        let armed = self.armed.iter_mut().find(hit)?;
        armed.2 -= 1;
        Some(armed.1.clone())
    }
}

fn answer(state: &Mutex<State>, request: &str, stream: &mut TcpStream) -> std::io::Result<()> {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    let token = head.lines().find(|line| line.to_lowercase().starts_with("authorization:")).unwrap_or_default();
    let (fault, date) = {
        let mut state = state.lock().unwrap();
        state.asked.push((method.to_owned(), path.clone()));
        let fault = state.fault(method);
        if method != "GET" {
            state.armed.iter_mut().for_each(|armed| armed.3 = false);
            if let Some(other) = state.meanwhile.take() {
                other(&mut state);
            }
        }
        let now = chrono::Utc::now() - chrono::TimeDelta::seconds(state.behind);
        (fault, format!("\r\ndate: {}", now.format("%a, %d %b %Y %H:%M:%S GMT")))
    };
    let ok = format!("200 OK{date}");
    match fault {
        Some(Does::Hang) => hang(stream),
        Some(Does::CutBefore) => Ok(()),
        Some(Does::CutAfter) => {
            let _ = done(&mut state.lock().unwrap(), method, &path, body);
            Ok(())
        }
        Some(Does::Status(code)) => reply(stream, &format!("{code} x{date}"), b"\"as told\""),
        Some(Does::TooMany(after)) => reply(stream, &format!("429 x\r\nretry-after: {after}{date}"), b"\"too many\""),
        Some(Does::Hostile(code)) => {
            let said = json!(format!("{HOSTILE} you came with {token}")).to_string();
            reply(stream, &format!("{code} x{date}"), said.as_bytes())
        }
        Some(Does::Garbage) => reply(stream, &ok, b"<html>a proxy says hello</html>"),
        Some(Does::Empty) => reply(stream, &ok, b""),
        Some(Does::Nothing) => reply(stream, &ok, br#"{"silenceID":"00000000-0000-4000-8000-999999999999"}"#),
        None => match done(&mut state.lock().unwrap(), method, &path, body) {
            Ok(said) => reply(stream, &ok, said.to_string().as_bytes()),
            Err((code, why)) => reply(stream, &format!("{code} x{date}"), json!(why).to_string().as_bytes()),
        },
    }
}

fn done(state: &mut State, method: &str, path: &str, body: &str) -> Result<Value, (u16, String)> {
    match (method, path) {
        ("GET", "/api/v2/silences") => Ok(Value::from(state.silences.clone())),
        ("GET", "/api/v2/alerts") => Ok(Value::from(state.alerts.clone())),
        ("POST", "/api/v2/silences") => {
            let silence = serde_json::from_str(body).map_err(|error| (400, error.to_string()))?;
            Ok(json!({ "silenceID": state.keep(silence) }))
        }
        ("DELETE", path) => state.end(path.rsplit('/').next().unwrap_or_default()).map(|()| Value::Null),
        _ => Err((404, "not found".to_owned())),
    }
}
