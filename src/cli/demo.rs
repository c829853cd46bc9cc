//! `demo`: a release day on real processes of this machine.
//!
//! The estate is `demo`'s; this tells its director what scripted colleagues do,
//! and brings it up, to stay or with the screens of `tour`.

use super::args::{DemoArgs, DemoVerb, Global};
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::demo::{self, Act, Ending, Monitors, Options, Place, Rule, When};
use crate::domain::span::Span;
use std::path::{Path, PathBuf};

/// Does what `demo` says.
pub fn demo(global: &Global, args: &DemoArgs) -> Ended {
    match &args.verb {
        Some(_) if args.script.is_some() => Err(Failure::usage(
            "--script presses keys on the screens; write it without a verb: `holdpoint demo --script FILE`",
        )),
        Some(_) if args.incident => {
            Err(Failure::usage("--incident opens the screens; write it without a verb: `holdpoint demo --incident`"))
        }
        Some(DemoVerb::Up { dir, fast, prometheus }) => up(dir, *fast, *prometheus || args.prometheus),
        Some(DemoVerb::Down { dir }) => {
            demo::down(dir).map_err(failed)?;
            Ok(Exit::Done)
        }
        None => tour(global, args),
    }
}

fn up(dir: &Path, fast: bool, prometheus: bool) -> Ended {
    let monitors = monitors(prometheus)?;
    let options = Options { fast, ending: Ending::Detached, rules: colleagues(fast), monitors, ..Options::default() };
    let estate = demo::up(dir, &options).map_err(failed)?;
    print::line(&estate.dir().display().to_string());
    print::words(&format!(
        "the estate runs until `holdpoint demo down {0}`; open the screens with `holdpoint -C {0}`, or go on with verbs",
        dir.display()
    ));
    Ok(Exit::Done)
}

#[cfg(feature = "tui")]
fn tour(global: &Global, args: &DemoArgs) -> Ended {
    let rules = if args.incident { closed_days() } else { colleagues(args.fast) };
    super::tour::tour(global, args, rules)
}

#[cfg(not(feature = "tui"))]
fn tour(_global: &Global, _args: &DemoArgs) -> Ended {
    Err(Failure::usage("this build has no screens; `holdpoint demo up DIR` brings the estate up for the verbs"))
}

/// The programs that measure where `--prometheus` was said; says what is not installed.
pub(super) fn monitors(wanted: bool) -> Result<Option<Monitors>, Failure> {
    let found = wanted.then(Monitors::installed).transpose().map_err(failed)?;
    if found.as_ref().is_some_and(|found| found.alertmanager.is_none()) {
        print::words(
            "no Alertmanager is installed (Debian, Ubuntu: `sudo apt-get install prometheus-alertmanager`); \
             Prometheus tells the alerts itself, and knows of no silences",
        );
    }
    Ok(found)
}

fn failed(failure: demo::Failure) -> Failure {
    Failure::failed(failure.to_string())
}

/// On the night of the incident both days are closed already.
#[cfg(feature = "tui")]
fn closed_days() -> Vec<Rule> {
    let close = |region: &str| Rule {
        when: When::Up,
        after: Span::ZERO,
        act: Act::CloseDay { region: region.to_owned() },
        tries: 1,
        done: None,
    };
    vec![close("eu-west"), close("eu-north")]
}

/// What the colleagues of the drawings do when the journal says that it is their
/// turn: they vote, answer late, and approve, each in a session of their own.
///
/// Mia votes before ledger has closed the day of eu-north; closing it is news to
/// the poll's evidence, so her vote is stale and she votes again. Fx in eu-north
/// speaks again a while after its gate has found it silent.
fn colleagues(fast: bool) -> Vec<Rule> {
    let pick = |slow, quick| Span::secs(if fast { quick } else { slow });
    let journal = |parts: &[&str]| When::Line {
        file: PathBuf::from("state/journal"),
        contains: parts.iter().map(|part| (*part).to_owned()).collect(),
    };
    let started = |step: &str| journal(&[&format!("\"step-started\":{{\"run\":1,\"step\":\"{step}\"")]);
    let voted = |role: &str| journal(&["\"voted\":{\"run\":1,\"step\":\"5\"", &format!("\"role\":\"{role}\"")]);
    let closed = || When::Line { file: PathBuf::from("data/eu-north/closed.json"), contains: Vec::new() };
    let does = |when, after, words: &str, done| Rule {
        when,
        after,
        act: Act::Run { argv: words.split(' ').map(str::to_owned).collect() },
        tries: 3,
        done,
    };
    vec![
        does(started("5"), Span::ZERO, "--as mia vote 1 5 go --role data", Some(voted("data"))),
        Rule {
            when: voted("data"),
            after: Span::ZERO,
            act: Act::CloseDay { region: "eu-north".to_owned() },
            tries: 1,
            done: Some(closed()),
        },
        does(closed(), pick(2, 0), "--as bo vote 1 5 go --role security", Some(voted("security"))),
        does(closed(), pick(4, 0), "--as ruiz vote 1 5 go --role business", Some(voted("business"))),
        does(closed(), pick(6, 1), "--as mia vote 1 5 go --role data", None),
        // Who does it says so before it is due, so that nobody else is asked.
        does(started("8"), Span::ZERO, "--as lee step assign 1 13 lee", None),
        does(started("13"), pick(50, 20), "--as lee step done 1 13", None),
        Rule {
            when: journal(&["\"judged\":{\"run\":1,\"step\":\"14\"", "\"level\":\"unknown\""]),
            after: pick(9, 2),
            act: Act::Silence { place: Place { service: "fx".into(), region: "eu-north".into() }, span: Span::ZERO },
            tries: 1,
            done: None,
        },
        does(started("15"), pick(15, 2), "--as ruiz approve 1/15", None),
    ]
}
