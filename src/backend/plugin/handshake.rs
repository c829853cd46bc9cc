//! The first exchange: versions, the cookie, and what the plugin can do.
//!
//! It has ten seconds for all of it. Nothing else is asked before.

use super::code::{FORBIDDEN, NO_PROTOCOL};
use super::connection::Connection;
use super::message::{
    Failure, Initialize, Instance, PROTOCOL, Program, Range, Welcome, failure, notification, request,
};
use super::meta::Meta;
use super::process::{Launch, NotOpen, launch};
use super::watch::shown;
use crate::domain::text;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a plugin may take to greet.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Starts a plugin and greets it.
pub async fn open(launched: &Launch, limit: Duration) -> Result<(Connection, Welcome), NotOpen> {
    let running = launch(launched, true).await?;
    let hello = hello(launched, &running.cookie);
    let mut connection = Connection::new(running).map_err(NotOpen::Failed)?;
    let greeting = greet(&mut connection, &hello, limit);
    let greeted = tokio::time::timeout(limit, greeting).await;
    let said = match greeted {
        Ok(greeted) => greeted,
        Err(_) => Err(format!("it did not answer initialize in {} s", limit.as_secs())),
    };
    match said {
        Ok(welcome) => Ok((connection, welcome)),
        Err(why) => Err(NotOpen::Failed(format!("the plugin {} was not begun: {why}", launched.name))),
    }
}

/// The first message.
pub fn hello(launch: &Launch, cookie: &str) -> Initialize {
    Initialize {
        protocol: Range { min: PROTOCOL, max: PROTOCOL },
        host: Program { name: "holdpoint".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        cookie: cookie.to_owned(),
        instance: Instance {
            name: launch.name.clone(),
            workspace: launch.root.display().to_string(),
            config: launch.config.clone(),
        },
        features: Vec::new(),
    }
}

async fn greet(connection: &mut Connection, hello: &Initialize, limit: Duration) -> Result<Welcome, String> {
    connection.send(&request(0, "initialize", &Meta::of(limit, None).put(json!(hello))))?;
    loop {
        let mut messages = connection.next().await?.into_iter();
        while let Some(mut message) = messages.next() {
            match (message.get("id"), message.contains_key("method")) {
                (Some(id), false) if *id == 0 => {
                    let welcome = read(&mut message, &hello.cookie)?;
                    connection.send(&notification("initialized", &json!({})))?;
                    connection.keep(messages);
                    return Ok(welcome);
                }
                (Some(id), true) => {
                    let message = "nothing can be asked before your welcome".to_owned();
                    connection.send(&failure(id, &Failure { code: FORBIDDEN, message, data: json!({}) }))?;
                }
                _ => {}
            }
        }
    }
}

/// The welcome in an answer, if it fits what was asked.
pub fn read(answer: &mut super::frame::Message, cookie: &str) -> Result<Welcome, String> {
    if let Some(error) = answer.remove("error") {
        let failure: Failure = serde_json::from_value(error)
            .map_err(|e| format!("its error cannot be read: {}", shown(&e.to_string())))?;
        let said = text::shortened(&text::visible(&failure.message), 200);
        return Err(match failure.code {
            NO_PROTOCOL => {
                let end = |key| failure.data.get(key).and_then(Value::as_u64).map_or("?".to_owned(), |n| n.to_string());
                format!("it speaks protocol {} to {}, holdpoint speaks {PROTOCOL}: {said}", end("min"), end("max"))
            }
            code => format!("it answered initialize with error {code}: {said}"),
        });
    }
    let result = answer.remove("result").ok_or("its answer to initialize has no result")?;
    let welcome: Welcome = serde_json::from_value(result)
        .map_err(|e| format!("its answer to initialize cannot be read: {}", shown(&e.to_string())))?;
    if welcome.protocol != PROTOCOL {
        return Err(format!("it chose protocol {}, holdpoint speaks {PROTOCOL}", welcome.protocol));
    }
    if welcome.cookie != cookie {
        return Err("it sent back another cookie".to_owned());
    }
    Ok(welcome)
}
