//! The command line: one file a verb, the same decisions as the screen.
//!
//! Data goes to standard output, words to standard error. Nothing is decided
//! here: verbs build commands, the engine judges them, the runtime carries them.

mod access;
mod act;
mod adhoc;
mod adopt;
mod alert_rules;
pub mod args;
mod artifacts;
mod calendar;
mod changes;
mod check;
mod context;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod drift;
mod evidence;
mod export;
mod forecast;
mod foresee;
mod health;
mod heard;
mod import;
mod init;
mod journal;
mod json;
#[cfg(feature = "tui")]
pub mod keys;
mod look;
mod new;
mod next;
mod outcome;
mod past;
mod plain;
mod plugin;
mod policy;
mod print;
mod queue;
mod replay;
mod rollback;
mod run;
#[cfg(feature = "tui")]
mod screen;
mod session;
mod sign;
mod signatures;
mod standby;
mod status;
mod step;
#[cfg(feature = "tui")]
mod theme;
#[cfg(all(feature = "demo", feature = "tui"))]
mod tour;
mod waiver;
mod when;
mod windows;

use args::{Cli, Verb};
use clap::{CommandFactory, Parser};
use outcome::{Ended, Exit, Failure};
use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Scripts ask for it often: a third of its time would go into the tree of all verbs.
    if let [asked] = std::env::args_os().skip(1).collect::<Vec<_>>().as_slice()
        && (asked == "--version" || asked == "-V")
    {
        print::line(concat!("holdpoint ", env!("CARGO_PKG_VERSION")));
        return Exit::Done.into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render().to_string();
            // What was typed is quoted in it.
            return match error.use_stderr() {
                true => {
                    print::last_words(text.trim_end());
                    Exit::Usage.into()
                }
                false => {
                    print::line(text.trim_end());
                    Exit::Done.into()
                }
            };
        }
    };
    let json = cli.global.json;
    match verb(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if json && let Some(refusal) = &failure.refusal {
                print::json(refusal);
            }
            print::last_words(&failure.words);
            failure.exit.into()
        }
    }
}

fn verb(cli: Cli) -> Ended {
    let Cli { global, verb } = cli;
    let Some(verb) = verb else {
        return if plain::wanted(&global) { plain::plain(&global) } else { screen(&global) };
    };
    match verb {
        Verb::Status => status::status(&global),
        Verb::Forecast { run } => forecast::forecast(&global, run),
        Verb::Calendar { days } => calendar::calendar(&global, days),
        Verb::May(asked) => calendar::may(&global, asked),
        Verb::When { service, environment, takes, action, version, release, from, days } => {
            when::when(&global, when::Asked { action, service, environment, version, release, takes, from, days })
        }
        Verb::Health => health::health(&global),
        Verb::Changes { service, env, since } => changes::changes(&global, &service, env.as_deref(), since),
        Verb::Drift { service, env } => drift::drift(&global, service.as_deref(), env.as_deref()),
        Verb::Approvals => queue::approvals(&global),
        Verb::Run(verb) => run::run(&global, verb),
        Verb::Drive { run, standby: true, .. } => standby::standby(&global, run),
        Verb::Drive { run, reason, .. } => run::drive(&global, run, &reason),
        Verb::Conn(args::ConnVerb::Take { run, reason }) => run::drive(&global, run, &reason),
        Verb::Conn(args::ConnVerb::Give { run, to }) => run::give(&global, run, to.as_deref()),
        Verb::Step { verb } => step::step(&global, verb),
        Verb::Vote { run, step, vote, role, condition, met, saw, spoken } => {
            queue::vote(&global, run, &step, queue::Voting { vote, role, condition, met, saw, spoken })
        }
        Verb::Approve(decision) => queue::decide(&global, decision, true),
        Verb::Reject(decision) => queue::decide(&global, decision, false),
        Verb::Hold { scope, until, reason } => act::hold(&global, &scope, until.as_deref(), &reason),
        Verb::Lift { hold, reason } => act::lift(&global, hold, &reason),
        Verb::Waiver(verb) => waiver::waiver(&global, verb),
        Verb::Emergency(asked) => waiver::emergency(&global, asked),
        Verb::Adopt { reason, saw, dry_run } => adopt::adopt(&global, &reason, saw.as_deref(), dry_run),
        Verb::Rollback { service, env, to, set, reason, consent } => {
            rollback::rollback(&global, rollback::Asked { service, env, to, set, reason, consent })
        }
        Verb::Do { verb, service, env, args, reason, consent } => {
            adhoc::adhoc(&global, adhoc::Asked { verb, service, env, args, reason, consent })
        }
        Verb::Trigger(verb) => rollback::trigger(&global, verb),
        Verb::Replay(asked) => replay::replay(&global, asked),
        Verb::Resolve { run, step, outcome, reason } => step::resolve(&global, run, &step, outcome, &reason),
        Verb::Check { file } => check::check(&global, file),
        Verb::Doctor => doctor::doctor(&global),
        Verb::Access { since } => access::access(&global, since),
        Verb::Journal(verb) => journal::journal(&global, verb),
        Verb::Policy(verb) => policy::policy(&global, verb),
        Verb::Plugin(verb) => plugin::plugin(&global, verb),
        Verb::ServePlugin { backend } => plugin::serve(&global, &backend),
        #[cfg(feature = "demo")]
        Verb::Demo(args) => demo::demo(&global, &args),
        Verb::Init { dir, name, zone, new_id } => init::init(dir, name, &zone, new_id),
        Verb::New(args) => new::new(&global, &args),
        Verb::Import(args) => import::import(&global, &args),
        Verb::Artifacts { signals } => artifacts::artifacts(&global, &signals),
        Verb::Export(args) => export::export(&global, &args),
        Verb::Schema { which } => check::schema(which),
        #[cfg(feature = "tui")]
        Verb::Theme(verb) => theme::theme(&global, verb),
        #[cfg(feature = "tui")]
        Verb::Keys { check, shipped } => keys::keys(&global, check, shipped),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "holdpoint", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Verb::Man => man(),
    }
}

fn man() -> Ended {
    let page = clap_mangen::Man::new(Cli::command());
    page.render(&mut std::io::stdout()).map_err(|e| Failure::failed(format!("cannot print the manual: {e}")))?;
    Ok(Exit::Done)
}

#[cfg(feature = "tui")]
fn screen(global: &args::Global) -> Ended {
    screen::screen(global)
}

#[cfg(not(feature = "tui"))]
fn screen(_global: &args::Global) -> Ended {
    Err(Failure::usage("this build has no screens; write --plain, name a verb, or see `holdpoint --help`"))
}
