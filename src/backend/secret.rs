//! Secrets at the moment of use: read from where they are kept, never printed.
//!
//! A value is wiped when it is dropped and has no text form but `[secret]`. It
//! must not enter a fact, a log, an argument list or an error; whoever exposes
//! it puts it into a request and nowhere else.

mod asked;
mod expiry;
pub mod file;
mod held;

use super::Fault;
use super::launcher::Launcher;
use crate::domain::Timestamp;
use crate::domain::secret::SecretRef;
use crate::domain::text::visible;
use chrono::TimeDelta;
use held::Held;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::PathBuf;
use tokio::sync::Mutex;

/// How long before its end a secret is no longer used.
const MARGIN: TimeDelta = TimeDelta::seconds(30);
/// How long a helper's answer without an expiry is used.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// A secret that was read. Its only text form is `[secret]`.
#[derive(Clone)]
pub struct Secret {
    value: SecretString,
    expires: Option<Timestamp>,
    subject: Option<String>,
    /// The secret with a user's name, as it goes over the wire.
    pair: Option<SecretString>,
}

/// A place that a secret is read from, and what was read last.
///
/// Several callers wait for one reading; files and variables are read at each use.
pub struct SecretSource {
    reference: SecretRef,
    root: PathBuf,
    launcher: Launcher,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    kept: Option<Kept>,
    /// That it could not be had, or was refused: for those who only watch.
    held: Option<Held>,
}

struct Kept {
    secret: Secret,
    until: Timestamp,
}

impl Secret {
    /// Takes a value out of the world; surrounding blanks are not part of it.
    ///
    /// # Errors
    /// When there is nothing in it.
    pub fn new(value: &str, expires: Option<Timestamp>) -> Result<Self, String> {
        let value = value.trim();
        if value.is_empty() {
            return Err("it is empty".to_owned());
        }
        let (ends, subject) = expiry::of_jwt(value);
        Ok(Self { value: SecretString::from(value), expires: expires.or(ends), subject, pair: None })
    }

    /// The value, for the request that needs it.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// Whether another one has the same value.
    pub fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    /// When it ends, where it says so itself or its helper did.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The same as a user's password, which goes over the wire together with the name.
    #[cfg(feature = "http")]
    pub fn of_user(mut self, user: &str) -> Self {
        use base64::Engine as _;
        let pair = zeroize::Zeroizing::new(format!("{user}:{}", self.expose()));
        self.pair = Some(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()).into());
        self
    }

    /// How it is shown to a host: `Bearer` with the token, or `Basic` with name and password.
    pub fn shown(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(match &self.pair {
            Some(pair) => format!("Basic {}", pair.expose_secret()),
            None => format!("Bearer {}", self.expose()),
        })
    }

    /// Whose it is, where it says so itself; not a secret.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// A text with the value in it blotted out.
    pub fn redacted(&self, whole: &str) -> String {
        // The pair first: it is no other's.
        let text = self.pair.as_ref().map(|pair| whole.replace(pair.expose_secret(), "[secret]"));
        text.as_deref().unwrap_or(whole).replace(self.expose(), "[secret]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSource({})", self.reference)
    }
}

impl SecretSource {
    /// Takes a reference; helpers start in `root`. Nothing is read yet.
    pub fn new(reference: SecretRef, root: PathBuf, launcher: Launcher) -> Self {
        Self { reference, root, launcher, known: Mutex::default() }
    }

    /// The secret as of `now`: the kept one while it lasts, else read anew.
    ///
    /// # Errors
    /// `Unreachable` with what was attempted, why not and what to do: nothing was sent.
    pub async fn get(&self, now: Timestamp) -> Result<Secret, Fault> {
        self.taken(&mut *self.known.lock().await, now).await
    }

    /// The same for whoever only watches: what was refused or could not be had a moment ago is not
    /// tried again, unless another value is known by now.
    ///
    /// # Errors
    /// As [`Self::get`], and what was said of the refused one.
    pub async fn spared(&self, now: Timestamp) -> Result<Secret, Fault> {
        let mut known = self.known.lock().await;
        let lasting = |known: &Known| known.held.as_ref().filter(|held| held.lasts(now)).map(Held::why);
        let helper = matches!(self.reference, SecretRef::Command(_));
        if let Some(why) = lasting(&known).filter(|_| helper && known.kept.is_none()) {
            return Err(why);
        }
        let secret = self.taken(&mut known, now).await?;
        let same = known.held.as_ref().is_some_and(|held| held.is_of(&secret));
        lasting(&known).filter(|_| same).map_or(Ok(secret), Err)
    }

    async fn taken(&self, known: &mut Known, now: Timestamp) -> Result<Secret, Fault> {
        if let Some(kept) = known.kept.as_ref().filter(|kept| kept.until > now) {
            return Ok(kept.secret.clone());
        }
        known.kept = None;
        let read = self.read().await.and_then(|secret| match secret.expires {
            Some(end) if end <= now => Err("it has expired; renew it".to_owned()),
            _ => Ok(secret),
        });
        let helper = matches!(self.reference, SecretRef::Command(_));
        let secret = match read {
            Ok(secret) => secret,
            Err(why) => {
                let fault = self.failed(&why);
                if helper {
                    known.held = Some(Held::after(known.held.take(), fault.clone(), None, now));
                }
                return Err(fault);
            }
        };
        if helper {
            let until = secret.expires.map_or(now + KEPT, |end| end - MARGIN);
            known.kept = Some(Kept { secret: secret.clone(), until });
        }
        Ok(secret)
    }

    /// Forgets a value after the other side has refused it; one that was had since is kept.
    pub async fn forget(&self, refused: &Secret) {
        let mut known = self.known.lock().await;
        known.kept = known.kept.take().filter(|kept| !kept.secret.is(refused));
    }

    /// Takes note that a value was refused though it was had anew, as of `now`.
    pub async fn refused(&self, refused: &Secret, why: Fault, now: Timestamp) {
        self.forget(refused).await;
        let mut known = self.known.lock().await;
        known.held = Some(Held::after(known.held.take(), why, Some(refused.clone()), now));
    }

    /// Takes note that it was accepted.
    pub async fn accepted(&self) {
        self.known.lock().await.held = None;
    }

    async fn read(&self) -> Result<Secret, String> {
        match &self.reference {
            SecretRef::Command(argv) => asked::ask(argv, &self.root, &self.launcher).await,
            SecretRef::File(path) => file::read(path).and_then(|text| Secret::new(first_line(&text), None)),
            SecretRef::Env(name) => match std::env::var(name) {
                Ok(value) => Secret::new(&zeroize::Zeroizing::new(value), None),
                Err(_) => Err("it is not set; export it before holdpoint is started".to_owned()),
            },
        }
    }

    fn failed(&self, why: &str) -> Fault {
        Fault::Unreachable(format!("cannot read the secret from {}: {why}", visible(&self.reference.to_string())))
    }
}

/// The first line of a text that is not blank.
fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}
