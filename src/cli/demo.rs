//! `demo`: a release day on real processes of this machine.
//!
//! The estate is `demo`'s; this tells its director what scripted colleagues do,
//! and brings it up, to stay or with the screens of `tour`.

use super::args::{DemoArgs, DemoVerb, Global};
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::demo::{self, Act, Ending, Options, Rule, When};
use crate::domain::span::Span;
use std::path::{Path, PathBuf};

/// Does what `demo` says.
pub fn demo(global: &Global, args: &DemoArgs) -> Ended {
    match &args.verb {
        Some(_) if args.script.is_some() => Err(Failure::usage(
            "--script presses keys on the screens; write it without a verb: `holdpoint demo --script FILE`",
        )),
        Some(DemoVerb::Up { dir, fast }) => up(dir, *fast),
        Some(DemoVerb::Down { dir }) => {
            demo::down(dir).map_err(failed)?;
            Ok(Exit::Done)
        }
        None => tour(global, args),
    }
}

fn up(dir: &Path, fast: bool) -> Ended {
    let options = Options { fast, ending: Ending::Detached, rules: colleagues(fast), ..Options::default() };
    let estate = demo::up(dir, &options).map_err(failed)?;
    print::line(&estate.dir().display().to_string());
    eprintln!(
        "the estate runs until `holdpoint demo down {0}`; open the screens with `holdpoint -C {0}`, or go on with verbs",
        dir.display()
    );
    Ok(Exit::Done)
}

#[cfg(feature = "tui")]
fn tour(global: &Global, args: &DemoArgs) -> Ended {
    super::tour::tour(global, args, colleagues(args.fast))
}

#[cfg(not(feature = "tui"))]
fn tour(_global: &Global, _args: &DemoArgs) -> Ended {
    Err(Failure::usage("this build has no screens; `holdpoint demo up DIR` brings the estate up for the verbs"))
}

fn failed(failure: demo::Failure) -> Failure {
    Failure::failed(failure.to_string())
}

/// What the colleagues of the drawings do when the journal says that it is their
/// turn: they vote, answer late, and approve, each in a session of their own.
fn colleagues(fast: bool) -> Vec<Rule> {
    let pick = |slow, quick| Span::secs(if fast { quick } else { slow });
    let started = |step: &str| When::Line {
        file: PathBuf::from("state/journal"),
        contains: vec![format!("\"step-started\":{{\"run\":1,\"step\":\"{step}\"}}")],
    };
    let rule = |step: &str, after, words: &str| Rule {
        when: started(step),
        after,
        act: Act::Run { argv: words.split(' ').map(str::to_owned).collect() },
        tries: 3,
    };
    vec![
        rule("5", pick(3, 1), "--as bo vote 1 5 go --role security"),
        rule("5", pick(5, 2), "--as mia vote 1 5 go --role data"),
        rule("5", pick(8, 3), "--as ruiz vote 1 5 go --role business"),
        rule("13", pick(50, 20), "--as lee step done 1 13"),
        rule("15", pick(15, 5), "--as ruiz approve 1/15"),
    ]
}
