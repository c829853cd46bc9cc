//! The client of a watch that does not end by itself: opened anew after some faults in a row, so
//! that certificates which were renewed meanwhile count.
//!
//! It decides nothing of when to ask. A client that cannot be opened is one more fault.

use super::super::Fault;
use super::answer::Answer;
use super::client::Client;
use super::host::Host;
use super::reach::Reach;
use super::request::Request;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After how many faults in a row it is opened anew.
const FAULTS: u32 = 3;
/// How long one is kept at least: many who share it fail at the same time.
const LEAST: Duration = Duration::from_secs(1);

/// A client that stands while it is well.
pub struct Standing {
    reach: Reach,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    client: Option<(Arc<Client>, Instant)>,
    faults: u32,
}

impl Standing {
    /// One that is opened when it is first asked for; it must stay on the runtime where it is used.
    pub fn new(reach: Reach) -> Self {
        Self { reach, kept: Mutex::default() }
    }

    /// What is known of the host.
    pub fn host(&self) -> &Host {
        self.reach.host()
    }

    /// The client as it stands, or a new one.
    ///
    /// # Errors
    /// `Unreachable` when a certificate cannot be used.
    pub fn client(&self) -> Result<Arc<Client>, Fault> {
        let mut kept = self.kept();
        if let Some((client, _)) = &kept.client {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(self.reach.watching()?);
        (kept.client, kept.faults) = (Some((Arc::clone(&client), Instant::now())), 0);
        Ok(client)
    }

    /// Takes note of how a question went.
    pub fn went(&self, well: bool) {
        let mut kept = self.kept();
        kept.faults = if well { 0 } else { kept.faults.saturating_add(1) };
        if kept.faults >= FAULTS && kept.client.as_ref().is_some_and(|(_, opened)| opened.elapsed() >= LEAST) {
            *kept = Kept::default();
        }
    }

    /// Asks for something that changes nothing; see [`Client::read`].
    ///
    /// # Errors
    /// As [`Client::read`].
    pub async fn read(&self, request: &Request) -> Result<Answer, Fault> {
        let read = self.client()?.read(request).await;
        // What is only nice to have may fail as it likes.
        if read.is_ok() || !request.aside {
            self.went(read.is_ok());
        }
        read
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What a panic elsewhere left behind is still what is known.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
