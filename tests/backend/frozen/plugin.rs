//! A plugin that freezes: its process lives and its pipes are open, and it says nothing. Whoever is begun in its place
//! is as frozen.

use super::{ANEW, BEGINS, Begin, FRESH, Source, compared, trials};
use crate::plugin::ground::Ground;
use crate::undisturbed as tokio;
use futures_util::FutureExt;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::span::Span;
use rustix::process::{Pid, Signal, kill_process};
use std::sync::Arc;

/// Tells one place where a version is coming, and that all is as it was four times in an interval.
const TELLS: &str = "
if os.path.exists('frozen'): os.kill(os.getpid(), 19)
def watch(w):
    event(w, 1, 'begin')
    event(w, 2, 'upsert', item={'service': 'api', 'environment': 'prod', 'version': '4.1.9', 'candidate': '4.2.0'})
    event(w, 3, 'end')
    for seq in range(4, 250): time.sleep(0.25); event(w, seq, 'heartbeat')
def on(method, id, params):
    if method != 'watch/start': return False
    trace('pid ' + str(os.getpid())); ok(id)
    threading.Thread(target=watch, args=(params['watch'],), daemon=True).start(); return True";

/// A plugin of its own for each trial.
fn plugins() -> Begin {
    Box::new(|| {
        let mut ground = Ground::new(TELLS);
        // All begin at once, each as a process of its own.
        ground.pace.greeting = BEGINS;
        let backend: Arc<dyn Backend> = Arc::new(ground.backend());
        let freeze = move || {
            std::fs::write(ground.place.file("frozen"), "").unwrap();
            for pid in ground.trace().lines().filter_map(|line| line.strip_prefix("pid ")) {
                let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
                let _ = kill_process(pid, Signal::STOP);
            }
        };
        async move { (backend, Box::new(freeze) as Box<dyn Fn()>) }.boxed_local()
    })
}

#[tokio::test]
async fn a_plugin_that_freezes_passes_nothing() {
    let (begin, every) = (plugins(), Span::secs(1));
    let (topic, judge) = (Topic::Deployments, compared);
    trials(Source { begin, topic, every, limit: FRESH, judge, after: ANEW }).await;
}
