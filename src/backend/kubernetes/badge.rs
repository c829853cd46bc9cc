//! What a program brought that brings credentials: kept until it expires or the API does not take it.
//!
//! The client would run such a program for every attempt, also where nothing answers. Here it runs once for
//! all who need it; watches stand in line for it, four at a time, and what a person asks does not stand
//! behind them. What was brought is never said or written.

use super::answer::{Unanswered, chain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hyper::header::HeaderValue;
use kube::client::AuthError;
use kube::config::{AuthInfo, ExecConfig, Kubeconfig};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How long such a program may take; standing in line is not counted.
pub const LIMIT: Duration = Duration::from_secs(20);
/// How long before they expire credentials are asked for anew.
const EARLY: TimeDelta = TimeDelta::seconds(10);
/// The line that watches stand in, those of all clusters.
static LINE: Semaphore = Semaphore::const_new(4);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A watch: it stands in line.
    Watch,
    /// A person, or what a person started.
    Person,
    /// Whoever has no time for it: what there is has to do.
    Nobody,
}

/// What was brought last; shared by all that reaches one cluster.
#[derive(Default)]
pub struct Kept {
    slot: Mutex<Slot>,
    alone: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Slot {
    /// The program that brought it, in whole.
    program: String,
    brought: Option<Arc<Brought>>,
    ran: Option<Instant>,
}

/// What a program brought.
pub struct Brought {
    token: Option<SecretString>,
    /// A certificate and its key.
    pair: Option<(String, SecretString)>,
    until: Option<DateTime<Utc>>,
}

/// A program that brings credentials, and what it brought.
pub struct Badge {
    program: ExecConfig,
    kept: Arc<Kept>,
    whose: Whose,
}

impl Badge {
    /// Of this program. Nothing runs yet.
    pub fn new(program: ExecConfig, kept: Arc<Kept>, whose: Whose) -> Self {
        Self { program, kept, whose }
    }

    /// The same for whoever has no time to ask for new ones.
    pub fn as_it_is(&self) -> Self {
        Self { program: self.program.clone(), kept: Arc::clone(&self.kept), whose: Whose::Nobody }
    }

    /// What was brought, or is brought now.
    ///
    /// # Errors
    /// Why there are no credentials; nothing was sent then.
    pub async fn get(&self) -> Result<Arc<Brought>, Unanswered> {
        let none = || Unanswered::NotSent("the credentials are there no more".to_owned());
        if self.whose == Whose::Nobody {
            return self.kept.slot().brought.clone().ok_or_else(none);
        }
        let program = serde_json::to_string(&self.program).unwrap_or_default();
        if let Some(brought) = self.kept.fresh(&program) {
            return Ok(brought);
        }
        let _turn = match self.whose {
            Whose::Watch => LINE.acquire().await.ok(),
            Whose::Person | Whose::Nobody => None,
        };
        let _alone = self.kept.alone.lock().await;
        // Somebody else may have asked meanwhile.
        if let Some(brought) = self.kept.fresh(&program) {
            return Ok(brought);
        }
        let exec = self.program.clone();
        let ran = tokio::task::spawn_blocking(move || run(&exec));
        let no_way = |why: &str| Unanswered::NotSent(format!("there is no way into the cluster: {why}"));
        let brought = match tokio::time::timeout(LIMIT + Duration::from_secs(5), ran).await {
            Ok(Ok(Ok(brought))) => Arc::new(brought),
            Ok(Ok(Err(error))) => return Err(no_way(&chain(&error))),
            Ok(Err(_)) => return Err(no_way("asking for credentials failed")),
            Err(_) => {
                let why = format!("the credentials did not come within {} s", LIMIT.as_secs());
                return Err(Unanswered::NotSent(why));
            }
        };
        let (ran, kept) = (Some(Instant::now()), Some(Arc::clone(&brought)));
        *self.kept.slot() = Slot { program, brought: kept, ran };
        Ok(brought)
    }

    /// Forgets what the API does not take, unless there is something newer.
    pub fn forget(&self, worn: &Arc<Brought>) {
        let mut slot = self.kept.slot();
        if self.whose != Whose::Nobody && slot.brought.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, worn)) {
            slot.brought = None;
        }
    }

    /// Whether the program ran last before this.
    pub fn outdated(&self, began: Instant) -> bool {
        self.whose != Whose::Nobody && self.kept.slot().ran.is_some_and(|ran| ran < began)
    }
}

impl Kept {
    /// Whoever panicked in between has left it whole.
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, program: &str) -> Option<Arc<Brought>> {
        let slot = self.slot();
        let lasts = |brought: &&Arc<Brought>| brought.until.is_none_or(|until| Utc::now() + EARLY < until);
        slot.brought.as_ref().filter(|_| slot.program == program).filter(lasts).map(Arc::clone)
    }
}

impl Brought {
    /// The token as it stands in a request.
    pub fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.token.as_ref()?.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Puts a certificate where the client looks for one.
    pub fn identify(&self, user: &mut AuthInfo) {
        if let Some((certificate, key)) = &self.pair {
            user.client_certificate_data = Some(STANDARD.encode(certificate));
            user.client_key_data = Some(STANDARD.encode(key.expose_secret()).into());
        }
    }
}

/// Runs the program, in the words of the client's own errors. It blocks.
fn run(program: &ExecConfig) -> Result<Brought, AuthError> {
    let mut command = Command::new(program.command.as_ref().ok_or(AuthError::MissingCommand)?);
    command.args(program.args.iter().flatten()).stdin(Stdio::null());
    let pair = |pair: &std::collections::HashMap<String, String>| {
        Some((pair.get("name").cloned()?, pair.get("value").cloned()?))
    };
    command.envs(program.env.iter().flatten().filter_map(pair));
    let spec = match &program.cluster {
        _ if !program.provide_cluster_info => json!({ "interactive": false }),
        None => return Err(AuthError::ExecMissingClusterInfo),
        Some(cluster) => json!({ "interactive": false, "cluster": cluster }),
    };
    let asked = json!({ "kind": "ExecCredential", "apiVersion": program.api_version, "spec": spec });
    command.env("KUBERNETES_EXEC_INFO", asked.to_string());
    for name in program.drop_env.iter().flatten() {
        command.env_remove(name);
    }
    let out = command.output().map_err(AuthError::AuthExecStart)?;
    if !out.status.success() {
        return Err(AuthError::AuthExecRun { cmd: String::new(), out: Box::new(out) });
    }
    brought(&out.stdout)
}

fn brought(printed: &[u8]) -> Result<Brought, AuthError> {
    let status = status(printed)?;
    let text = |key: &str| match status.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(AuthError::AuthExec(String::new())),
    };
    let until = match text("expirationTimestamp")? {
        None => None,
        Some(at) => Some(at.parse::<DateTime<Utc>>().map_err(|_| AuthError::AuthExec(String::new()))?),
    };
    let pair = text("clientCertificateData")?.zip(text("clientKeyData")?.map(SecretString::from));
    let brought = Brought { token: text("token")?.map(SecretString::from), pair, until };
    match brought.token.is_some() && brought.header().is_none() {
        true => HeaderValue::from_str("\n").map_or_else(|e| Err(AuthError::InvalidBearerToken(e)), |_| Ok(brought)),
        false => Ok(brought),
    }
}

/// The part of an `ExecCredential` that matters. Usually it is JSON; some programs print YAML.
fn status(printed: &[u8]) -> Result<Value, AuthError> {
    let nonsense = || AuthError::AuthExec(String::new());
    let said: Value = match serde_json::from_slice(printed) {
        Ok(said) => said,
        Err(_) => {
            let text = std::str::from_utf8(printed).map_err(|_| nonsense())?;
            let read = Kubeconfig::from_yaml(text).map_err(|_| nonsense())?;
            json!({ "kind": read.kind, "status": read.other.get("status") })
        }
    };
    match (said.get("kind").and_then(Value::as_str), said.get("status")) {
        (Some("ExecCredential"), Some(status)) if !status.is_null() => Ok(status.clone()),
        (Some("ExecCredential"), _) => Err(AuthError::ExecPluginFailed),
        _ => Err(nonsense()),
    }
}
