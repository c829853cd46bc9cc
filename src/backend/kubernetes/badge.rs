//! What a program brought that brings credentials: kept until it expires or the API does not take it.
//!
//! It runs once for all who need it; watches stand in line for it, four at a time, and what a person asks
//! does not stand behind them. What was brought is never said or written, nor is what a program printed, its
//! arguments or its environment: a token may be in any of them. Only its last complaint is told.

use super::answer::{Unanswered, line};
use super::kubeconfig::user::Program;
use super::yaml;
use crate::backend::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use zeroize::Zeroizing;

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
    program: Option<Program>,
    brought: Option<Arc<Brought>>,
    ran: Option<Instant>,
}

/// What a program brought.
pub struct Brought {
    /// A token.
    pub token: Option<Secret>,
    /// A certificate and its key, as PEM.
    pub pair: Option<(Vec<u8>, Zeroizing<Vec<u8>>)>,
    /// When the program says that it ends.
    pub until: Option<DateTime<Utc>>,
}

/// A program that brings credentials, and what it brought.
pub struct Badge {
    program: Program,
    kept: Arc<Kept>,
    whose: Whose,
}

impl Badge {
    /// Of this program. Nothing runs yet.
    pub fn new(program: Program, kept: Arc<Kept>, whose: Whose) -> Self {
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
        if let Some(brought) = self.kept.fresh(&self.program) {
            return Ok(brought);
        }
        let _turn = match self.whose {
            Whose::Watch => LINE.acquire().await.ok(),
            Whose::Person | Whose::Nobody => None,
        };
        let _alone = self.kept.alone.lock().await;
        // Somebody else may have asked meanwhile.
        if let Some(brought) = self.kept.fresh(&self.program) {
            return Ok(brought);
        }
        let exec = self.program.clone();
        let ran = tokio::task::spawn_blocking(move || run(&exec));
        let no_way = |why: &str| Unanswered::NotSent(format!("there is no way into the cluster: {why}"));
        let brought = match tokio::time::timeout(LIMIT + Duration::from_secs(5), ran).await {
            Ok(Ok(Ok(brought))) => Arc::new(brought),
            Ok(Ok(Err(why))) => return Err(no_way(&line(&why))),
            Ok(Err(_)) => return Err(no_way("asking for credentials failed")),
            Err(_) => {
                let why = format!("the credentials did not come within {} s", LIMIT.as_secs());
                return Err(Unanswered::NotSent(why));
            }
        };
        let (ran, kept) = (Some(Instant::now()), Some(Arc::clone(&brought)));
        *self.kept.slot() = Slot { program: Some(self.program.clone()), brought: kept, ran };
        Ok(brought)
    }

    /// Forgets what the API does not take, unless there is something newer.
    pub fn forget(&self, worn: &Arc<Brought>) {
        let mut slot = self.kept.slot();
        if self.whose != Whose::Nobody && slot.brought.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, worn)) {
            slot.brought = None;
        }
    }

    /// Whether something else was brought than what was worn, or the program ran last before this.
    pub fn renews(&self, worn: Option<&Arc<Brought>>, began: Instant) -> bool {
        let slot = self.kept.slot();
        let other = slot.brought.as_ref().zip(worn).is_some_and(|(kept, worn)| !Arc::ptr_eq(kept, worn));
        self.whose != Whose::Nobody && (other || slot.ran.is_some_and(|ran| ran < began))
    }
}

impl Kept {
    /// Whoever panicked in between has left it whole.
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, program: &Program) -> Option<Arc<Brought>> {
        let slot = self.slot();
        let lasts = |brought: &&Arc<Brought>| brought.until.is_none_or(|until| Utc::now() + EARLY < until);
        slot.brought.as_ref().filter(|_| slot.program.as_ref() == Some(program)).filter(lasts).map(Arc::clone)
    }
}

const NONE: &str = "the program that brings credentials brought none";
const HALF: &str = "the program that brings credentials brought a certificate without its key, or a key alone";
const NONSENSE: &str = "what the program that brings credentials printed is no ExecCredential";

/// Runs the program; it blocks. It gets no terminal: it would write over the screens, or wait for a key for
/// ever, and without a session of its own it would find the terminal again as /dev/tty.
fn run(program: &Program) -> Result<Brought, String> {
    let seconds = LIMIT.as_secs().to_string();
    let mut command = Command::new("setsid");
    command.args(["timeout", "-k", "2", &seconds, &program.command]).args(&program.args).stdin(Stdio::null());
    command.envs(program.env.iter().map(|(name, value)| (name, value)));
    let mut spec = json!({ "interactive": false });
    if let (Some(spec), Some(cluster)) = (spec.as_object_mut(), &program.cluster) {
        spec.insert("cluster".to_owned(), cluster.clone());
    }
    let asked = json!({ "kind": "ExecCredential", "apiVersion": program.version, "spec": spec });
    command.env("KUBERNETES_EXEC_INFO", asked.to_string());
    let out = command.output().map_err(|e| format!("the program that brings credentials cannot be started: {e}"))?;
    let Output { status, stdout, stderr } = out;
    let printed = Zeroizing::new(stdout);
    if !status.success() {
        let complained = String::from_utf8_lossy(&stderr);
        let last = complained.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
        return Err(format!("the program that brings credentials ended with {status}: {last}"));
    }
    brought(&printed)
}

fn brought(printed: &[u8]) -> Result<Brought, String> {
    let status = status(printed)?;
    let text = |key: &str| match status.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(NONSENSE.to_owned()),
    };
    let until = match text("expirationTimestamp")? {
        None => None,
        Some(at) => Some(at.parse::<DateTime<Utc>>().map_err(|_| NONSENSE.to_owned())?),
    };
    let pair = match (text("clientCertificateData")?, text("clientKeyData")?) {
        (Some(certificate), Some(key)) => Some((certificate.into_bytes(), Zeroizing::new(key.into_bytes()))),
        (None, None) => None,
        _ => return Err(HALF.to_owned()),
    };
    let token = text("token")?.map(|token| Secret::new(&Zeroizing::new(token), until)).transpose();
    let token = token.map_err(|_| NONE.to_owned())?;
    // Asked without any, it would be somebody else who asks.
    if token.is_none() && pair.is_none() { Err(NONE.to_owned()) } else { Ok(Brought { token, pair, until }) }
}

/// The part of an `ExecCredential` that matters. Usually it is JSON; some programs print YAML.
fn status(printed: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(printed).map_err(|_| NONSENSE)?;
    let mut said: Value = match serde_json::from_str(text) {
        Ok(said) => said,
        Err(_) => yaml::documents(text).ok().and_then(|all| all.into_iter().next()).ok_or(NONSENSE)?,
    };
    match (said.get("kind").and_then(Value::as_str) == Some("ExecCredential"), said.get_mut("status")) {
        (true, Some(status)) if !status.is_null() => Ok(status.take()),
        (true, _) => Err(NONE.to_owned()),
        _ => Err(NONSENSE.to_owned()),
    }
}
