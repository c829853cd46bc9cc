//! How much a plugin may take, and what is said of one that ends again and again.

use super::ground::{Ground, quick, soon};
use crate::support::deploy;
use crate::undisturbed as tokio;
use holdpoint::backend::plugin::pace::{Ends, Pace};
use holdpoint::backend::{Backend, Fault};
use holdpoint::domain::backend::PluginSpec;
use std::time::Duration;
use tokio::time::Instant;

const LINES: &str = "
import mmap, resource
def on(method, id, params):
    if method != 'preview': return False
    trace(str(resource.getrlimit(resource.RLIMIT_AS)))
    held = mmap.mmap(-1, 512 << 20) if params['operation']['args']['version'] == 'much' else b''
    ok(id, {'effects': [str(len(held))]}); return True";

#[tokio::test]
async fn it_has_the_memory_that_it_was_given_and_no_more() {
    let mut ground = Ground::new(LINES);
    ground.pace = quick();
    let much = || {
        let args = [("version".to_owned(), "much".to_owned())].into();
        holdpoint::domain::operation::Operation { args, ..deploy() }
    };
    // What is usual is plenty.
    soon(ground.backend().preview(&much())).await.unwrap();
    let most = rustix::process::getrlimit(rustix::process::Resource::As).maximum.unwrap_or(u64::MAX);
    let usual = most.min(PluginSpec::MEMORY);
    assert!(ground.trace().contains(&format!("({usual}, {usual})")), "{}", ground.trace());
    ground.spec.memory = Some(400 << 20);
    let backend = ground.backend();
    assert_eq!(soon(backend.preview(&deploy())).await.unwrap().effects, ["0"]);
    let fault = soon(backend.preview(&much())).await.unwrap_err();
    assert!(matches!(&fault, Fault::Lost { why, .. } if why.contains("Cannot allocate memory")), "{fault:?}");
    let given = 400u64 << 20;
    assert!(ground.trace().contains(&format!("({given}, {given})")), "{}", ground.trace());
}

#[test]
fn one_that_ends_too_often_is_said_to_be_left_alone_why_since_when_and_what_ends_that() {
    let (mut ends, began) = (Ends::default(), Instant::now());
    let pace = Pace::default();
    let at = |seconds| began + Duration::from_secs(seconds);
    for n in 0..5 {
        ends.note(at(n), &pace, format!("end {n}"));
        assert!(!ends.rests(at(n), false).unwrap().contains("left alone"));
    }
    ends.note(at(60), &pace, "the last".to_owned());
    ends.note(at(90), &pace, "the very last".to_owned());
    let clock = |seconds: i64| (chrono::Utc::now() + chrono::TimeDelta::seconds(seconds)).format("%H:%M").to_string();
    let before = (clock(-30), clock(511));
    let said = ends.rests(at(90), false).unwrap();
    for part in
        ["ended 7 times in ten minutes", "the last time: the very last", "a dialog about what it does", "at once"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    // Since the sixth end, 30 s ago, and until the second is ten minutes old; either clock may have gone on.
    for (words, (before, after)) in
        [("left alone since ", (before.0, clock(-30))), ("starts it before ", (before.1, clock(511)))]
    {
        let told = said.split(words).nth(1).unwrap().get(..5).unwrap();
        assert!([before.as_str(), after.as_str()].contains(&told), "{words}: {said}");
    }
    // Whoever really asks is not kept waiting; later nobody is.
    assert_eq!(ends.rests(at(90), true), None);
    assert_eq!(ends.rests(at(602), false), None);
    ends.note(at(700), &pace, "again".to_owned());
    assert!(!ends.rests(at(700), false).unwrap().contains("left alone"));
}
