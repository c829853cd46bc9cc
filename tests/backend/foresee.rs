//! Asking backends what operations would do: every answer comes, none is waited for too long,
//! what is given up ends, and nothing that they say acts.

use crate::undisturbed as tokio;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending, ready};
use futures_util::stream::{BoxStream, StreamExt, empty};
use holdpoint::backend::{Backend, Done, Fault, Manifest, Sink, Topic};
use holdpoint::domain::foreseen::{Foreseen, Foresight};
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::{Found, Preview};
use holdpoint::domain::span::Span;
use holdpoint::runtime::executor::{Backends, Executor};
use holdpoint::runtime::foresee::{Look, Question, ask};
use holdpoint::runtime::input::Input;
use holdpoint::runtime::way_back::{Asked, EVERY, SOON, Said, WayBack};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Says one thing to every preview, or nothing for ever; everything else must not be asked of it.
struct Says {
    manifest: Manifest,
    says: fn() -> BoxFuture<'static, Result<Preview, Fault>>,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

/// One fewer is under way, however it ends.
struct Gone(Arc<AtomicUsize>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Backend for Says {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, _: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        empty().boxed()
    }

    fn preview(&self, _: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let (gone, said) = (Gone(self.under_way.clone()), (self.says)());
        async move {
            let said = said.await;
            drop(gone);
            said
        }
        .boxed()
    }

    fn perform(&self, _: Operation, _: Key, _: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        panic!("a look is no order")
    }

    fn probe(&self, _: &Operation, _: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        panic!("a look is no doubt")
    }
}

fn says(says: fn() -> BoxFuture<'static, Result<Preview, Fault>>) -> Arc<Says> {
    let manifest =
        Manifest { name: "x".into(), topics: Vec::new(), verbs: BTreeMap::new(), probes: false, every: Span::secs(1) };
    Arc::new(Says { manifest, says, under_way: Arc::default(), most: Arc::default() })
}

fn on(backend: &str) -> Operation {
    Operation {
        backend: backend.into(),
        verb: Verb::Deploy,
        service: Some("web".into()),
        environment: Some("prod".into()),
        args: BTreeMap::new(),
        argv: Vec::new(),
        limit: Span::secs(1),
        idempotent: false,
    }
}

/// Asks the backends about operations on them, by name.
fn asked(backends: &[(&str, &Arc<Says>)], names: &[&str], limit: Span) -> (Question, Receiver<Input>) {
    let (inbox, heard) = channel();
    let backends: Backends =
        backends.iter().map(|(name, it)| ((*name).into(), Arc::clone(it) as Arc<dyn Backend>)).collect();
    let tasks = tokio::runtime::Handle::current();
    let executor = Executor { backends, output: "/nowhere".into(), inbox, tasks };
    let answer = |n, said| Input::Foreseen(7, n, said);
    (ask(&executor, names.iter().map(|name| (on(name), Look::Preview)).collect(), limit, answer), heard)
}

/// An executor with one backend, `x`, and its inbox.
fn executor(x: &Arc<Says>) -> (Executor, Receiver<Input>) {
    let (inbox, heard) = channel();
    let backends: Backends = [("x".into(), Arc::clone(x) as Arc<dyn Backend>)].into();
    let tasks = tokio::runtime::Handle::current();
    (Executor { backends, output: "/nowhere".into(), inbox, tasks }, heard)
}

/// What leads back now.
fn now(operation: Operation) -> Asked {
    Asked { operation, look: Look::Glance, silent: None }
}

/// The next answer about the way back.
async fn way_back(heard: &Receiver<Input>) -> (u64, usize, Foresight) {
    for _ in 0..12_000 {
        match heard.try_recv() {
            Ok(Input::WayBack(number, n, said)) => return (number, n, said),
            Ok(_) => panic!("another answer"),
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    panic!("no answer")
}

/// All answers, in the order of the operations.
async fn answers(heard: &Receiver<Input>, n: usize) -> Vec<Foresight> {
    let mut all = BTreeMap::new();
    for _ in 0..2000 {
        while let Ok(input) = heard.try_recv() {
            let Input::Foreseen(7, n, said) = input else { panic!("no answer to this question") };
            assert!(all.insert(n, said).is_none(), "answered twice");
        }
        if all.len() == n {
            return all.into_values().collect();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("only these came: {all:?}")
}

fn untold(said: &Foresight) -> &str {
    match said {
        Foresight::Untold(why) => why,
        other => panic!("{other:?}"),
    }
}

fn told(said: &Foresight) -> &Preview {
    match said {
        Foresight::Told(_, preview) => preview,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whatever_a_backend_does_is_an_answer_and_holds_up_no_other() {
    let silent = says(|| pending().boxed());
    let fine = says(|| ready(Ok(Preview { effects: vec!["moves it".to_owned()], ..Preview::default() })).boxed());
    let no = says(|| ready(Err(Fault::Refused { why: "too often".to_owned(), output: None })).boxed());
    let lacks = says(|| ready(Err(Fault::Cannot("lacks".into(), "deploy".to_owned()))).boxed());
    let gone = says(|| ready(Err(Fault::Unreachable("connection refused".to_owned()))).boxed());
    let bad = says(|| async { panic!("a mistake in an adapter") }.boxed());
    let all = [("silent", &silent), ("fine", &fine), ("no", &no), ("gone", &gone), ("bad", &bad), ("lacks", &lacks)];
    let names = ["silent", "fine", "no", "gone", "bad", "nobody", "lacks"];
    let (_question, heard) = asked(&all, &names, Span::millis(300));
    let said = answers(&heard, 7).await;
    assert_eq!(untold(&said[0]), "no answer within 0.3s");
    assert_eq!(told(&said[1]).effects, ["moves it"]);
    assert_eq!(untold(&said[2]), "too often", "the asking was refused, not the operation");
    assert_eq!(untold(&said[3]), "connection refused");
    assert_eq!(untold(&said[4]), "holdpoint failed while it asked");
    assert_eq!(untold(&said[5]), "there is no backend nobody");
    let certain = vec!["lacks cannot deploy".to_owned()];
    assert_eq!((&told(&said[6]).refused, &told(&said[6]).obstacles), (&certain, &certain));
    assert_eq!(silent.under_way.load(Ordering::SeqCst), 0, "what was given up has ended");
}

#[tokio::test]
async fn few_are_asked_at_once_and_not_all_of_very_many() {
    let silent = says(|| pending().boxed());
    let names = vec!["x"; 40];
    let (_question, heard) = asked(&[("x", &silent)], &names, Span::millis(200));
    let said = answers(&heard, 40).await;
    assert_eq!(silent.most.load(Ordering::SeqCst), 4);
    assert!(said[..32].iter().all(|said| untold(said).starts_with("no answer")));
    assert!(said[32..].iter().all(|said| untold(said).starts_with("only 32")));
}

#[tokio::test]
async fn a_question_that_is_dropped_is_given_up() {
    let silent = says(|| pending().boxed());
    let (question, heard) = asked(&[("x", &silent)], &["x"], Span::mins(5));
    for _ in 0..2000 {
        if silent.under_way.load(Ordering::SeqCst) == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(question);
    for _ in 0..2000 {
        if silent.under_way.load(Ordering::SeqCst) == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((silent.most.load(Ordering::SeqCst), silent.under_way.load(Ordering::SeqCst)), (1, 0));
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn what_it_says_acts_on_nothing_and_has_an_end() {
    let hostile = says(|| {
        let mut preview = Preview { effects: vec!["x\u{202e}".repeat(5000); 100], ..Preview::default() };
        preview.obstacles.push("\u{1b}]0;mine\u{7}".to_owned());
        preview.unknown = vec!["\u{1b}[2Jwhether \u{202e}".repeat(500); 30];
        preview.refuse("\u{1b}[2J\u{200b}no");
        ready(Ok(preview)).boxed()
    });
    let wrong = says(|| ready(Err(Fault::Unreachable("\u{1b}[31m".repeat(1000)))).boxed());
    let (_question, heard) = asked(&[("x", &hostile), ("y", &wrong)], &["x", "y"], Span::secs(10));
    let said = answers(&heard, 2).await;
    let preview = told(&said[0]);
    assert_eq!(preview.effects.len(), 21);
    assert_eq!(preview.effects[20], "and 80 more");
    assert_eq!(preview.refused, ["\\u{1b}[2J\\u{200b}no"]);
    assert_eq!(preview.obstacles, ["\\u{1b}[2J\\u{200b}no", "\\u{1b}]0;mine\\u{7}"]);
    assert_eq!((preview.unknown.len(), preview.unknown[20].as_str()), (21, "and 10 more"));
    let all = preview
        .effects
        .iter()
        .chain(&preview.obstacles)
        .chain(&preview.unknown)
        .map(String::as_str)
        .chain([untold(&said[1])]);
    for text in all {
        assert!(text.chars().count() <= 300 && !text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }
}

#[tokio::test]
async fn the_way_back_is_asked_once_a_minute_and_told_when_all_of_it_was_said() {
    let fine = says(|| ready(Ok(Preview::default())).boxed());
    let ((executor, heard), began) = (executor(&fine), Instant::now());
    let two = || vec![now(on("x")), now(on("nobody"))];
    let mut back = WayBack::new(began);
    let at = |seconds| began + Duration::from_secs(seconds);
    // That none was asked shows in the number of the next question.
    let asked = |back: &mut WayBack, now, operations| assert!(back.look(now, &executor, operations).is_none());
    // A verb that ends at once asks nothing.
    asked(&mut back, at(4), two());
    asked(&mut back, began + SOON, two());
    let (number, first, said) = way_back(&heard).await;
    assert!(back.heard(number, first, said).is_none(), "half of it is no answer");
    let (again, second, said) = way_back(&heard).await;
    assert!(back.heard(9, second, said.clone()).is_none(), "an answer to another question");
    let all = back.heard(again, second, said).expect("all of it").back;
    assert_eq!((number, again, all.len(), first + second), (1, 1, 2, 1));
    // The same: after a minute, and what was said stays until all of the next is there.
    asked(&mut back, began + EVERY, two());
    asked(&mut back, began + SOON + EVERY, two());
    assert_eq!(way_back(&heard).await.0, 2);
    // Something else: soon.
    asked(&mut back, began + SOON + EVERY + Duration::from_secs(1), vec![now(on("x"))]);
    asked(&mut back, began + SOON + EVERY + SOON, vec![now(on("x"))]);
    let late = loop {
        let (number, n, said) = way_back(&heard).await;
        match number {
            2 => assert!(back.heard(number, n, said).is_none(), "the question before"),
            _ => break back.heard(number, n, said).map(|all| (number, all.back.len())),
        }
    };
    assert_eq!(late, Some((3, 1)));
    // Who does not answer anyway is not asked, and that is said; the others are, each under its own number.
    let away = || Asked { silent: Some("connection refused".to_owned()), ..now(on("gone")) };
    asked(&mut back, at(150), vec![away(), now(on("x"))]);
    let (number, n, said) = way_back(&heard).await;
    assert_eq!((number, n), (4, 1));
    let all = back.heard(number, n, said).expect("all of it").back;
    assert_eq!(all[0].said, Foresight::Untold("connection refused".to_owned()));
    assert!(matches!(all[1].said, Foresight::Told(..)));
    let all = back.look(at(160), &executor, vec![away()]).expect("nobody is asked").back;
    assert_eq!((all.len(), &all[0].said), (1, &Foresight::Untold("connection refused".to_owned())));
    // Nothing any more: that is told once.
    assert!(back.look(at(200), &executor, Vec::new()).is_some_and(|all| all.back.is_empty()));
    assert!(back.look(at(201), &executor, Vec::new()).is_none());
}

/// The answers of a look, and what is known after the last of them.
async fn look(back: &mut WayBack, heard: &Receiver<Input>, n: usize) -> (Vec<usize>, Said) {
    let mut asked = Vec::new();
    loop {
        let (number, which, said) = way_back(heard).await;
        asked.push(which);
        if let Some(all) = back.heard(number, which, said) {
            assert_eq!(asked.len(), n);
            asked.sort_unstable();
            return (asked, all);
        }
    }
}

#[tokio::test]
async fn of_very_many_operations_each_look_asks_about_the_next() {
    let fine = says(|| ready(Ok(Preview::default())).boxed());
    let ((executor, heard), began) = (executor(&fine), Instant::now());
    let many = |n: usize| -> Vec<_> {
        let of = |n: usize| Operation { service: Some(format!("s{n}").as_str().into()), ..on("x") };
        (0..n).map(|n| now(of(n))).collect()
    };
    let told = |all: &Said| all.back.iter().filter(|it| matches!(it.said, Foresight::Told(..))).count();
    let mut back = WayBack::new(began);
    assert!(back.look(began + SOON, &executor, many(40)).is_none());
    let (asked, all) = look(&mut back, &heard, 32).await;
    assert_eq!((asked, all.back.len(), told(&all)), ((0..32).collect(), 40, 32));
    assert!(all.back[32..].iter().all(Foreseen::is_awaited), "nothing is said of the rest");
    assert!(back.look(began + SOON + EVERY, &executor, many(40)).is_none());
    let (asked, all) = look(&mut back, &heard, 32).await;
    assert_eq!((asked, told(&all)), ((0..24).chain(32..40).collect(), 40));
    // One more: what is known of the others stays, and it is the first to be asked.
    assert!(back.look(began + SOON + EVERY + SOON, &executor, many(41)).is_none());
    let (asked, all) = look(&mut back, &heard, 32).await;
    assert_eq!((asked[..8].to_vec(), asked.contains(&40), told(&all)), ((0..8).collect(), true, 41));
    assert!((24..32).all(|n| asked.contains(&n)), "those that were asked least lately: {asked:?}");
}

#[tokio::test]
async fn what_is_ahead_is_asked_in_the_same_turn_and_never_before_its_time() {
    let blind = says(|| panic!("it is not asked what it would do now"));
    let (executor, heard) = executor(&blind);
    let (began, of) =
        (Instant::now(), |n: usize| Operation { service: Some(format!("s{n}").as_str().into()), ..on("x") });
    let ahead = |n: usize, changes| Asked { look: Look::Ahead(changes), ..now(of(n)) };
    let at = |seconds| began + Duration::from_secs(seconds);
    let mut back = WayBack::new(began);
    let two = || vec![ahead(0, 1), ahead(0, 2)];
    assert!(back.look(at(5), &executor, two()).is_none());
    let (asked, all) = look(&mut back, &heard, 2).await;
    let told: Vec<u32> = all.ahead.iter().map(|told| told.changes).collect();
    assert_eq!((asked, told, all.back.len()), (vec![0, 1], vec![1, 2], 0));
    let cannot = vec!["x cannot deploy".to_owned()];
    assert!(all.ahead.iter().all(|told| matches!(&told.it.said, Foresight::Told(_, said) if said.refused == cannot)));
    // A step that was begun is ahead no more: nothing is asked for that. What comes is, and it alone.
    assert!(back.look(at(12), &executor, vec![ahead(0, 2)]).is_none());
    assert!(!back.rested(at(16)), "it was worked out a moment ago");
    assert!(back.look(at(18), &executor, vec![ahead(0, 2), ahead(1, 1)]).is_none());
    let (asked, all) = look(&mut back, &heard, 1).await;
    assert_eq!((asked, all.ahead.len()), (vec![1], 2));
    // What leads back now has changed: that is asked, and of what is ahead only what is due again.
    let away = || Asked { silent: Some("away".to_owned()), ..now(on("y")) };
    let all = back.look(at(24), &executor, vec![away(), ahead(0, 2), ahead(1, 1)]).expect("nobody is asked");
    assert_eq!((all.back.len(), all.ahead.len()), (1, 2));
    assert!(
        back.look(at(66), &executor, vec![away(), ahead(0, 2), ahead(1, 1)]).is_none(),
        "a minute after the look before"
    );
    assert!(back.look(at(85), &executor, vec![away(), ahead(0, 2), ahead(1, 1)]).is_none());
    let (asked, _) = look(&mut back, &heard, 2).await;
    assert_eq!(asked, [1, 2]);
    assert!(!back.rested(at(89)) && back.rested(at(90)));
}
