//! What closes an open gate when nobody waits for it any more: its call was dropped, or holdpoint is left.
//!
//! The call's runtime may be ending with it, so it closes from a thread with a runtime and a
//! client of its own. Whoever leaves waits for that thread, and never for long (`backend::ending`).

use super::super::Declared;
use super::super::client::Cluster;
use super::lever::Lever;

/// Held while a gate may be open.
pub struct Guard(Option<(Declared, Lever)>);

impl Guard {
    /// Of a gate that is about to be opened.
    pub fn new(declared: &Declared, lever: &Lever) -> Self {
        Self(Some((declared.clone(), lever.clone())))
    }

    /// Whoever opened it has closed it, or has said that it could not.
    pub fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some((declared, lever)) = self.0.take() else { return };
        // Where no thread can be had, the probe finds it open and says so.
        drop(std::thread::Builder::new().name("gate".to_owned()).spawn(move || close(&declared, &lever)));
    }
}

fn close(declared: &Declared, lever: &Lever) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        if let Ok(cluster) = Cluster::reach(declared).await {
            drop(lever.close(&cluster).await);
        }
    });
}
