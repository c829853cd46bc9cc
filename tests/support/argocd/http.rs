//! HTTP/1.1 by hand, a thread a connection, so that a connection can go wrong in any way.

use super::routes;
use super::{Asked, Does, HOSTILE, Inner, REFRESH, swagger};
use crate::wire::{self, Came};
use serde_json::{Value, json};
use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

pub fn listen(listener: TcpListener, inner: Arc<Inner>) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if inner.state.lock().unwrap().over {
                return;
            }
            let inner = Arc::clone(&inner);
            std::thread::spawn(move || serve(stream, &inner));
        }
    });
}

fn serve(mut stream: TcpStream, inner: &Inner) -> Option<()> {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    while let Some(asked) = request(&mut reader) {
        let operation = swagger::operation(&asked.method, &asked.path);
        let fault = {
            let mut state = inner.state.lock().unwrap();
            state.asked.push(asked.clone());
            if state.over {
                return None;
            }
            let wrong = match &operation {
                Ok(operation) => swagger::request(operation, &asked.query, &asked.body),
                Err(why) => vec![why.clone()],
            };
            state.violations.extend(wrong);
            let fault = state.fault(&asked.method, &asked.target());
            state.came(&asked.method, &asked.path);
            fault
        };
        inner.meanwhile(&asked);
        let answered = |idle: bool| {
            let (status, value) = match asked.refreshes() && !idle {
                true => refreshed(inner, &asked),
                false => routes::answer(&mut inner.state.lock().unwrap(), &asked, idle),
            };
            if let (200, Ok(operation)) = (status, &operation) {
                let mut state = inner.state.lock().unwrap();
                let wrong = if state.strange { Vec::new() } else { swagger::answer(operation, &value) };
                state.violations.extend(wrong);
            }
            inner.changed.notify_all();
            (status, value)
        };
        match fault {
            Some(Does::Hang) => return hang(inner),
            Some(Does::CutBefore) => return stream.shutdown(Shutdown::Both).ok(),
            Some(Does::CutAfter) => {
                answered(false);
                return stream.shutdown(Shutdown::Both).ok();
            }
            Some(Does::Status(code)) => refuse(&mut stream, code, "as told")?,
            Some(Does::No(code, why)) => refuse(&mut stream, code, why)?,
            Some(Does::TooMany(after)) => {
                let body = json!({ "error": "too many requests", "message": "too many requests", "code": 8 });
                write(&mut stream, 429, &format!("retry-after: {after}\r\n"), body.to_string().as_bytes())?;
            }
            Some(Does::Hostile(code)) => {
                let said = format!("{HOSTILE} you came with {}", asked.token);
                let body = json!({ "error": said, "message": said, "code": 2 });
                write(&mut stream, code, "", body.to_string().as_bytes())?;
            }
            Some(Does::With(headers)) => {
                let (status, value) = answered(false);
                write(&mut stream, status, &headers, value.to_string().as_bytes())?;
            }
            Some(Does::Redirect) => write(&mut stream, 307, "location: http://127.0.0.1:1/\r\n", b"")?,
            Some(Does::Garbage) => write(&mut stream, 200, "", b"<html>a proxy says hello</html>")?,
            Some(Does::Empty) => write(&mut stream, 200, "", b"{}")?,
            Some(Does::Nothing) => {
                let (status, value) = answered(true);
                write(&mut stream, status, "", value.to_string().as_bytes())?;
            }
            None if asked.path == "/api/v1/stream/applications" => return follow(inner, &asked, &mut stream),
            None => {
                let (status, value) = answered(false);
                let told = inner.state.lock().unwrap().ahead.map(|ahead| chrono::Utc::now() + ahead);
                let date = told.map(|at| at.format("date: %a, %d %b %Y %H:%M:%S GMT\r\n").to_string());
                write(&mut stream, status, &date.unwrap_or_default(), value.to_string().as_bytes())?;
            }
        }
    }
    Some(())
}

/// The application once the controller has compared it anew: as Argo CD does it, an annotation asks for that, and
/// whoever asked waits until it is gone.
fn refreshed(inner: &Inner, asked: &Asked) -> routes::Answer {
    let mut state = inner.state.lock().unwrap();
    let (status, mut app) = routes::answer(&mut state, asked, false);
    if status != 200 || app["metadata"]["name"].is_null() {
        return (status, app);
    }
    app["metadata"]["annotations"][REFRESH] = json!("normal");
    state.store(app);
    let asked_in = state.version;
    inner.changed.notify_all();
    while !state.over {
        let (status, app) = routes::answer(&mut state, asked, false);
        let version = app["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse::<u64>().ok());
        if status != 200 || (version > Some(asked_in) && app["metadata"]["annotations"][REFRESH].is_null()) {
            return (status, app);
        }
        state = inner.changed.wait_timeout(state, Duration::from_millis(100)).unwrap().0;
    }
    (503, json!({ "error": "it ends", "message": "it ends", "code": 14 }))
}

fn refuse(stream: &mut TcpStream, code: u16, why: &str) -> Option<()> {
    let body = json!({ "error": why, "message": why, "code": 2 });
    write(stream, code, "retry-after: 0\r\n", body.to_string().as_bytes())
}

/// Changes from now on; the head comes with the first of them. Nothing that was missed is told.
fn follow(inner: &Inner, asked: &Asked, stream: &mut TcpStream) -> Option<()> {
    let mut state = inner.state.lock().unwrap();
    if asked.token != state.token {
        let body = json!({ "error": "invalid session", "message": "invalid session", "code": 16 });
        drop(state);
        return write(stream, 401, "", body.to_string().as_bytes());
    }
    let (epoch, mut told, mut begun) = (state.epoch, state.log.len(), false);
    let operation = swagger::operation("GET", &asked.path).unwrap();
    loop {
        if state.over || state.epoch != epoch {
            drop(state);
            if begun {
                let _ = stream.write_all(b"0\r\n\r\n");
            }
            return stream.shutdown(Shutdown::Both).ok();
        }
        let new: Vec<Value> = state.log[told..]
            .iter()
            .map(|(_, word, app)| json!({ "result": { "type": word, "application": app } }))
            .collect();
        told = state.log.len();
        let wrong: Vec<String> = new.iter().flat_map(|event| swagger::answer(&operation, event)).collect();
        if !state.strange {
            state.violations.extend(wrong);
        }
        if !state.silent {
            drop(state);
            for event in new {
                if !begun {
                    begun = true;
                    let head =
                        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                    stream.write_all(head.as_bytes()).ok()?;
                }
                let event = format!("data: {event}\n\n");
                stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).ok()?;
            }
            state = inner.state.lock().unwrap();
        }
        if state.log.len() == told {
            state = inner.changed.wait_timeout(state, Duration::from_millis(100)).unwrap().0;
        }
    }
}

fn hang(inner: &Inner) -> Option<()> {
    while !inner.state.lock().unwrap().over {
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let came = Came::read(reader)?;
    let token = came.header("authorization").trim_start_matches("Bearer ").to_owned();
    let pairs = came.query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let query = pairs.map(|(k, v)| (wire::decoded(k), wire::decoded(v))).collect();
    let accept = came.header("accept");
    Some(Asked { method: came.method, path: came.path, query, token, accept, body: came.body })
}

fn write(stream: &mut TcpStream, code: u16, headers: &str, body: &[u8]) -> Option<()> {
    wire::answer(stream, code, "application/json", headers, body)
}
