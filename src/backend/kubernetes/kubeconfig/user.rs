//! Who asks a cluster: a token, a password, a certificate, or a program that brings one of them.
//!
//! Of several the first counts: provider, password, a token's file, token, program. A certificate goes beside any.

use super::entry::{Entry, malformed};
use super::site;
use crate::backend::secret::Secret;
use serde_json::{Map, Value};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Who asks.
#[derive(Clone, Default)]
pub struct User {
    /// What a request bears.
    pub bears: Bears,
    /// A certificate and its key, as PEM.
    pub pair: Option<(Vec<u8>, Zeroizing<Vec<u8>>)>,
    /// Headers that say in whose place it asks.
    pub instead: Vec<(String, String)>,
}

/// What a request bears.
#[derive(Clone, Default)]
pub enum Bears {
    /// Nothing.
    #[default]
    Nothing,
    /// What stands in the kubeconfig, and what that is: `token`, `password`.
    Known(Secret, &'static str),
    /// A token out of a file, which is read again and again, and the token for where it cannot be.
    File(PathBuf, Option<Secret>),
    /// What a program brings.
    Program(Program),
}

/// A program that brings credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The program, as a path or as it is found in `PATH`.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// What is set in its environment.
    pub env: Vec<(String, String)>,
    /// The version of `ExecCredential` that it is asked for.
    pub version: Option<String>,
    /// What it is told of the cluster, where it wants to know.
    pub cluster: Option<Value>,
}

impl User {
    /// What the entry of a user says.
    ///
    /// # Errors
    /// What of it cannot be used.
    pub fn read(said: &Entry, cluster: &Entry) -> Result<Self, String> {
        let pair = match (said.data("client-certificate")?, said.data("client-key")?) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, Zeroizing::new(key))),
            (Some(_), None) => return Err("it has a client-certificate without its client-key".to_owned()),
            (None, Some(_)) => return Err("it has a client-key without its client-certificate".to_owned()),
        };
        Ok(Self { bears: bears(said, cluster)?, pair, instead: instead(said)? })
    }
}

fn bears(said: &Entry, cluster: &Entry) -> Result<Bears, String> {
    let secret = |what: &'static str, value: String| {
        Secret::new(&Zeroizing::new(value), None).map_err(|why| format!("its {what}: {why}"))
    };
    if let Some(provider) = said.within("auth-provider")? {
        let token = provider.within("config")?.map(|config| config.text("id-token")).transpose()?.flatten();
        let name = provider.text("name")?.unwrap_or_default();
        let none = || format!("the provider {name:?} brings no credentials here; name a program (exec) instead");
        return Ok(Bears::Known(secret("token", token.ok_or_else(none)?)?, "token"));
    }
    let token = said.text("token")?.map(|token| secret("token", token)).transpose()?;
    if let (Some(name), Some(password)) = (said.text("username")?, said.text("password")?) {
        if token.is_some() {
            return Err("it has a token and a password; as with kubectl only one of them may be there".to_owned());
        }
        return Ok(Bears::Known(secret("password", password)?.of_user(&name), "password"));
    }
    match (said.path("tokenFile")?, token) {
        (Some(file), token) => return Ok(Bears::File(file, token)),
        (None, Some(token)) => return Ok(Bears::Known(token, "token")),
        (None, None) => {}
    }
    Ok(said.within("exec")?.map(|exec| program(&exec, cluster)).transpose()?.map_or(Bears::Nothing, Bears::Program))
}

fn program(said: &Entry, cluster: &Entry) -> Result<Program, String> {
    let named = said.text("command")?.ok_or("the kubeconfig names no program that brings credentials")?;
    // One without a slash is looked for in PATH.
    let command = match said.path("command")?.filter(|_| named.contains('/')) {
        Some(path) => path.to_str().map(str::to_owned).ok_or_else(|| malformed("command"))?,
        None => named,
    };
    let mut env = Vec::new();
    for entry in said.list("env")? {
        if let Some(name) = entry.text("name")? {
            env.push((name, entry.text("value")?.unwrap_or_default()));
        }
    }
    let cluster = if said.truth("provideClusterInfo")? { Some(site::told(cluster)?) } else { None };
    Ok(Program { command, args: said.texts("args")?, env, version: said.text("apiVersion")?, cluster })
}

/// The headers of whoever asks in another's place.
fn instead(said: &Entry) -> Result<Vec<(String, String)>, String> {
    let mut all = Vec::new();
    for (name, header) in [("as", "impersonate-user"), ("as-uid", "impersonate-uid")] {
        all.extend(said.text(name)?.map(|value| (header.to_owned(), value)));
    }
    all.extend(said.texts("as-groups")?.into_iter().map(|group| ("impersonate-group".to_owned(), group)));
    if let Some(extra) = said.within("as-user-extra")? {
        let none = Map::new();
        let keys = said.raw("as-user-extra").and_then(Value::as_object).unwrap_or(&none).keys();
        for key in keys {
            let header = format!("impersonate-extra-{}", part(key));
            all.extend(extra.texts(key)?.into_iter().map(|value| (header.clone(), value)));
        }
    }
    Ok(all)
}

/// A text as a part of a header's name.
fn part(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
