//! The life of a plugin: started when it is first asked, again after it ended, less and less
//! often, and shut down when nobody can ask any longer.
//!
//! It lives on a thread of its own: what is watched and what is done come from two runtimes,
//! and neither may keep the other waiting.

use super::super::Fault;
use super::super::ending::Alive;
use super::handshake::open;
use super::introduced;
use super::order::Order;
use super::pace::{Ends, Pace};
use super::process::{Launch, NotOpen};
use super::session::{Over, Session};
use crate::domain::introduced::Introduced;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::Instant;

/// Who the plugin said it is in its last greeting.
pub type Known = watch::Sender<Option<Arc<Introduced>>>;

/// Starts the thread; the plugin itself starts with the first order. `alive` is held until both
/// have ended; whoever greets is put into `known`.
///
/// # Errors
/// The thread cannot be had.
pub fn start(launch: Launch, pace: Pace, alive: Alive, known: Known) -> std::io::Result<UnboundedSender<Order>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (orders, taken) = unbounded_channel();
    let thread = std::thread::Builder::new().name(format!("plugin {}", launch.name));
    thread.spawn(move || {
        runtime.block_on(live(launch, pace, taken, known));
        drop(runtime);
        drop(alive);
    })?;
    Ok(orders)
}

async fn live(launch: Launch, pace: Pace, mut orders: UnboundedReceiver<Order>, known: Known) {
    let mut ends = Ends::default();
    while let Some(first) = orders.recv().await {
        if first.is_over() {
            continue;
        }
        if let Some(why) = ends.rests(Instant::now(), first.is_call()) {
            first.refuse(Fault::Unreachable(format!("the plugin {} is not running: {why}", launch.name)));
            continue;
        }
        match open(&launch, pace.greeting).await {
            Err(NotOpen::Untrusted(why)) => first.refuse(Fault::Unreachable(why)),
            Err(NotOpen::Failed(why)) => {
                ends.note(Instant::now(), &pace, why.clone());
                // Whoever asked meanwhile waited for this greeting, and for no further one.
                let waited = std::iter::from_fn(|| orders.try_recv().ok());
                std::iter::once(first).chain(waited).for_each(|order| order.refuse(Fault::Unreachable(why.clone())));
            }
            Ok((wire, welcome)) => {
                let who = Arc::new(introduced::of(&welcome));
                known.send_if_modified(|known| {
                    let new = known.as_ref() != Some(&who);
                    if new {
                        *known = Some(who);
                    }
                    new
                });
                let mut session =
                    Session::new(launch.name.as_str().into(), wire, welcome, launch.secrets.clone(), pace);
                match session.serve(first, &mut orders).await {
                    Over::Unused => return session.shut_down().await,
                    Over::Died(why) => ends.note(Instant::now(), &pace, why),
                }
            }
        }
    }
}
