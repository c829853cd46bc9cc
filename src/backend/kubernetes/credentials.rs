//! What requests bear: known from the beginning, out of a file that rotates, or brought by a program.
//!
//! What has ended is not sent. What the API no longer takes is had anew where that can be, for reads.

use super::answer::Unanswered;
use super::badge::{self, Badge, Brought, Whose};
use super::kubeconfig::user::Bears;
use crate::backend::secret::Secret;
use crate::domain::Timestamp;
use crate::domain::text::visible;
use chrono::Utc;
use reqwest::header::HeaderValue;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// How long a token out of a file is taken for the newest.
const LASTS: Duration = Duration::from_secs(60);
/// The largest token, in bytes.
const LARGEST: u64 = 64 * 1024;

/// What all requests of one way in bear.
pub enum Credentials {
    /// Nothing, or a certificate alone.
    Nothing,
    /// What stands in the kubeconfig, and what that is.
    Known(Secret, &'static str),
    /// A token out of a file.
    File(Arc<TokenFile>),
    /// What a program brings.
    Program(Badge),
}

/// What one request bears.
#[derive(Clone)]
pub struct Worn {
    secret: Option<Secret>,
    brought: Option<Arc<Brought>>,
}

/// A file that somebody else writes a new token into from time to time.
pub struct TokenFile {
    path: PathBuf,
    /// What is borne where it cannot be read.
    instead: Option<Secret>,
    kept: Mutex<Option<Kept>>,
}

/// A token as it was read.
struct Kept {
    secret: Secret,
    read: Instant,
    /// Since when it is this one.
    since: Instant,
}

impl Credentials {
    /// Those that a kubeconfig names, for whoever asks; what a program brings is kept there.
    pub fn of(bears: Bears, kept: &Arc<badge::Kept>, whose: Whose) -> Self {
        match bears {
            Bears::Nothing => Self::Nothing,
            Bears::Known(secret, what) => Self::Known(secret, what),
            Bears::File(path, instead) => Self::File(Arc::new(TokenFile { path, instead, kept: Mutex::default() })),
            Bears::Program(program) => Self::Program(Badge::new(program, Arc::clone(kept), whose)),
        }
    }

    /// The same, as they are, for whoever has no time to have new ones.
    pub fn as_they_are(&self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Known(secret, what) => Self::Known(secret.clone(), what),
            Self::File(file) => Self::File(Arc::clone(file)),
            Self::Program(badge) => Self::Program(badge.as_it_is()),
        }
    }

    /// What the next request bears; a program may run for it. What has ended is not, where it is known what time
    /// it is for the API.
    ///
    /// # Errors
    /// Why there is nothing; nothing was sent then.
    pub async fn worn(&self, now: Option<Timestamp>) -> Result<Worn, Unanswered> {
        let (secret, brought) = match self {
            Self::Nothing => (None, None),
            Self::Known(secret, what) => (Some(lasting(secret.clone(), what, now)?), None),
            Self::File(file) => (Some(lasting(file.get()?, "token", now)?), None),
            Self::Program(badge) => {
                let brought = badge.get().await?;
                (brought.token.clone(), Some(brought))
            }
        };
        Ok(Worn { secret, brought })
    }

    /// Forgets what the API did not take.
    pub fn forget(&self, worn: &Worn) {
        if let (Self::Program(badge), Some(brought)) = (self, &worn.brought) {
            badge.forget(brought);
        }
    }

    /// Whether there is something newer than what was worn since `began`, or a program could bring it.
    pub fn renews(&self, worn: &Worn, began: Instant) -> bool {
        match self {
            Self::Nothing | Self::Known(..) => false,
            Self::File(file) => file.renews(began),
            Self::Program(badge) => badge.renews(worn.brought.as_ref(), began),
        }
    }

    /// What is borne, for people, and until when it lasts; nothing where nothing is.
    pub async fn words(&self) -> Option<Result<(String, Option<Timestamp>), Unanswered>> {
        let secret = |secret: &Secret, what: &str| {
            let whose = secret.subject().map(|subject| format!(" of {subject}")).unwrap_or_default();
            (format!("{what}{whose}"), secret.expires())
        };
        Some(match self {
            Self::Nothing => return None,
            Self::Known(known, what) => Ok(secret(known, &format!("{what} in the kubeconfig"))),
            Self::File(file) => {
                let from = format!("token out of {}, which is read again as it changes", file.path.display());
                file.get().map(|read| secret(&read, &visible(&from)))
            }
            Self::Program(badge) => badge.get().await.map(|brought| match &brought.token {
                Some(token) => secret(token, "token that a program brings"),
                None => ("certificate that a program brings".to_owned(), brought.until),
            }),
        })
    }

    /// The certificate and key that a program brings.
    pub async fn pair(&self) -> Result<Option<(Vec<u8>, Zeroizing<Vec<u8>>)>, Unanswered> {
        match self {
            Self::Program(badge) => badge.get().await.map(|brought| brought.pair.clone()),
            _ => Ok(None),
        }
    }
}

/// It, unless it has ended by now.
fn lasting(secret: Secret, what: &str, now: Option<Timestamp>) -> Result<Secret, Unanswered> {
    match secret.expires().zip(now) {
        Some((end, now)) if end <= now => {
            let end = end.format("%F %H:%M:%SZ");
            Err(Unanswered::NotSent(format!("the {what} has ended at {end}; log in to the cluster again")))
        }
        _ => Ok(secret),
    }
}

impl Worn {
    /// What stands in the request.
    ///
    /// # Errors
    /// When it cannot stand there.
    pub fn header(&self) -> Result<Option<HeaderValue>, Unanswered> {
        let Some(secret) = &self.secret else { return Ok(None) };
        let no = |_| "the credentials cannot stand in a header; is there a line break in them?".to_owned();
        let mut value = HeaderValue::from_str(&secret.shown()).map_err(no).map_err(Unanswered::NotSent)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// A text of the API's without what was borne.
    pub fn redacted(&self, said: &[u8]) -> Vec<u8> {
        match &self.secret {
            Some(secret) => secret.redacted(&String::from_utf8_lossy(said)).into_bytes(),
            None => said.to_vec(),
        }
    }
}

impl TokenFile {
    /// The token as it was read within the last minute, and not ended. Where it cannot be read any more, the last one has to
    /// do: some who start programs take the file away again.
    fn get(&self) -> Result<Secret, Unanswered> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(Kept::is_old) {
            match (read(&self.path), kept.as_mut()) {
                (Ok(secret), _) => keep(&mut kept, secret),
                (Err(_), Some(kept)) => kept.read = Instant::now(),
                (Err(_), None) if self.instead.is_some() => {}
                (Err(why), None) => {
                    let path = visible(&self.path.display().to_string());
                    return Err(Unanswered::NotSent(format!("cannot read the token file {path}: {why}")));
                }
            }
        }
        let none = || Unanswered::NotSent("there is no token".to_owned());
        kept.as_ref().map(|kept| kept.secret.clone()).or_else(|| self.instead.clone()).ok_or_else(none)
    }

    /// Whether another token stands there than before; it is borne from then on. One of several whose token
    /// is not taken finds it, and the others go on with that.
    fn renews(&self, began: Instant) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(now) = read(&self.path) {
            keep(&mut kept, now);
        }
        kept.as_ref().is_some_and(|kept| kept.since >= began)
    }
}

impl Kept {
    fn is_old(&self) -> bool {
        self.read.elapsed() >= LASTS || self.secret.expires().is_some_and(|end| end <= Utc::now())
    }
}

fn keep(kept: &mut Option<Kept>, secret: Secret) {
    let read = Instant::now();
    let since = kept.as_ref().filter(|kept| kept.secret.is(&secret)).map_or(read, |kept| kept.since);
    *kept = Some(Kept { secret, read, since });
}

fn read(path: &Path) -> Result<Secret, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err("it is larger than 64 KiB".to_owned());
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| error.to_string())?);
    Secret::new(&text, None)
}
