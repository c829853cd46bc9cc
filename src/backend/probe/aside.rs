//! A look at files that is made off the async threads, and waited for no longer than it may take.
//!
//! A file system that does not answer is waited for once: no second look is begun before the
//! first has ended.

use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

/// A look that may be under way.
pub struct Aside<T> {
    limit: Duration,
    busy: Option<JoinHandle<Result<T, String>>>,
}

impl<T: Send + 'static> Aside<T> {
    /// Has begun nothing yet; a look may take so long.
    pub fn new(limit: Duration) -> Self {
        Self { limit, busy: None }
    }

    /// What came of a look that was begun before and took too long; nothing when there is none.
    ///
    /// # Errors
    /// It is still under way.
    pub async fn before(&mut self) -> Result<Option<T>, String> {
        match self.busy {
            Some(_) => Ok(self.ended().await?.ok()),
            None => Ok(None),
        }
    }

    /// Begins a look and waits for it.
    ///
    /// # Errors
    /// What the look says, or that it takes too long; it goes on then.
    pub async fn look(&mut self, look: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
        self.busy = Some(spawn_blocking(look));
        self.ended().await?
    }

    /// What became of the look that is under way; it goes on when it takes too long.
    async fn ended(&mut self) -> Result<Result<T, String>, String> {
        let Some(mut busy) = self.busy.take() else { return Err("no look was begun".to_owned()) };
        match timeout(self.limit, &mut busy).await {
            Ok(ended) => ended.map_err(|_| "reading it ended early; it is read again at the next interval".to_owned()),
            Err(_) => {
                self.busy = Some(busy);
                let limit = self.limit;
                Err(format!("it could not be read in {limit:?}; look whether its file system answers"))
            }
        }
    }
}
