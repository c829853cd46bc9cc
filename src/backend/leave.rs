//! Leave to stop looking on: what was taken is under way by itself, and what leads back waits for
//! the answer.
//!
//! It takes nothing back and stops nothing. An adapter that only reads back then says how far it
//! has come; one that is not sure that it was taken, or that sends more, goes on as before.

use tokio::sync::watch;

/// Whether there is leave to stop looking on. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Leave(Option<watch::Receiver<bool>>);

/// Gives leave, once.
#[derive(Debug)]
pub struct Giver(watch::Sender<bool>);

impl Leave {
    /// One that may be given, and who gives it.
    pub fn new() -> (Giver, Self) {
        let (giver, leave) = watch::channel(false);
        (Giver(giver), Self(Some(leave)))
    }

    /// Whether it has been given.
    pub fn is_given(&self) -> bool {
        self.0.as_ref().is_some_and(|leave| *leave.borrow())
    }

    /// Comes back once it is given; never where nobody can give it.
    pub async fn given(&mut self) {
        if let Some(leave) = &mut self.0
            && leave.wait_for(|given| *given).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

impl Giver {
    /// Gives it.
    pub fn give(&self) {
        let _ = self.0.send(true);
    }
}
