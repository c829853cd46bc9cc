//! HTTP/1.1 by hand, a thread a connection, so that a connection can go wrong in any way.

use super::routes::{self, Answer};
use super::{Asked, Does, HOSTILE, Inner, watch};
use crate::wire::{self, Came, decoded};
use serde_json::json;
use std::io::BufReader;
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

fn serve(stream: TcpStream, inner: &Inner) -> Option<()> {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    while let Some(asked) = request(&mut reader) {
        let target = format!("{}?{}", asked.path, asked.query);
        let fault = {
            let mut state = inner.state.lock().unwrap();
            state.asked.push(asked.clone());
            if state.over {
                return None;
            }
            let known = state.token.as_ref().is_none_or(|token| asked.authorization == format!("Bearer {token}"));
            let fault = if known { state.fault(&asked.method, &target) } else { Some(Does::Status(401)) };
            if asked.mutates() {
                state.came(&asked);
            }
            fault
        };
        inner.meanwhile(&asked.method, &target);
        match fault {
            Some(Does::Hang) => return hang(inner),
            Some(Does::CutBefore) => return stream.shutdown(Shutdown::Both).ok(),
            Some(Does::CutAfter) => {
                routes::answer(inner, &asked, false);
                return stream.shutdown(Shutdown::Both).ok();
            }
            Some(Does::Status(code)) => write(&mut stream, &routes::status(code, "as told"), "")?,
            Some(Does::Says(code, headers)) => write(&mut stream, &routes::status(code, "as told"), &headers)?,
            Some(Does::Hostile(code)) => {
                let said = format!("{HOSTILE} you came with {}", asked.authorization);
                write(&mut stream, &routes::status(code, &said), "")?;
            }
            Some(Does::With(headers)) => write(&mut stream, &routes::answer(inner, &asked, false), &headers)?,
            Some(Does::TooMany(after)) => {
                let header = format!("retry-after: {after}\r\n");
                write(&mut stream, &routes::status(429, "too many requests, please try again later"), &header)?;
            }
            Some(Does::Garbage) => {
                wire::answer(&mut stream, 200, "application/json", "", b"<html>a proxy says hello</html>")?
            }
            Some(Does::Empty) => wire::answer(&mut stream, 200, "application/json", "", b"")?,
            Some(Does::Nothing) => write(&mut stream, &routes::answer(inner, &asked, true), "")?,
            Some(Does::Slow(by)) => {
                std::thread::sleep(by);
                write(&mut stream, &routes::answer(inner, &asked, false), "")?;
            }
            Some(Does::Held) => {
                let state = inner.state.lock().unwrap();
                drop(inner.changed.wait_while(state, |state| !state.released && !state.over).unwrap());
                write(&mut stream, &routes::answer(inner, &asked, false), "")?;
            }
            None if asked.query.split('&').any(|pair| pair == "watch=true" || pair == "watch=1") => {
                // A stream ends its connection.
                return watch::stream(inner, &asked, &mut stream);
            }
            None => write(&mut stream, &routes::answer(inner, &asked, false), "")?,
        }
    }
    Some(())
}

fn hang(inner: &Inner) -> Option<()> {
    while !inner.state.lock().unwrap().over {
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let came = Came::read(reader)?;
    let header = |name| came.header(name);
    let (kind, accept, authorization) = (header("content-type"), header("accept"), header("authorization"));
    let Came { method, path, query, body, .. } = came;
    Some(Asked { method, path, query, kind, accept, authorization, body })
}

/// The value of a name in the query.
pub fn query(asked: &Asked, name: &str) -> String {
    let pairs = asked.query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| decoded(value)).next().unwrap_or_default()
}

fn write(stream: &mut TcpStream, answer: &Answer, headers: &str) -> Option<()> {
    match answer {
        Answer::Json(code, value) => {
            wire::answer(stream, *code, "application/json", headers, json!(value).to_string().as_bytes())
        }
        Answer::Raw(code, text) => wire::answer(stream, *code, "text/plain", headers, text.as_bytes()),
        Answer::Text(text) => wire::answer(stream, 200, "text/plain", headers, text.as_bytes()),
    }
}
