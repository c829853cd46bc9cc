//! The command line as clap reads it. Words only; what they do is in the file
//! of each verb.
//! Every option is described where it is declared; help, man page and
//! completions come from here.

pub mod decision;
#[cfg(feature = "demo")]
pub mod demo;
pub mod import;
pub mod journal;
pub mod new;
mod plugin;
pub mod policy;
pub mod run;
pub mod step;
#[cfg(feature = "tui")]
pub mod theme;
pub mod trigger;
pub mod waiver;

pub use decision::{Decision, SigningArgs, SpokenArgs, VoteWord};
#[cfg(feature = "demo")]
pub use demo::{DemoArgs, DemoVerb};
pub use import::{ExportArgs, ImportArgs, SheetWord};
pub use journal::JournalVerb;
pub use new::{ChangesWord, NewArgs, SoonWord, TrafficWord, YesNo};
pub use plugin::PluginVerb;
pub use policy::{ExplainArgs, PolicyVerb};
pub use run::{ConnVerb, RunVerb};
pub use step::{Because, StepVerb, Which};
pub use trigger::{TriggerArgs, TriggerVerb};
pub use waiver::{EmergencyArgs, WaiverVerb, WaiverWord};

use crate::domain::span::Span;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The release-day command center for the terminal.
///
/// Without a verb it opens the screen of the workspace you stand in.
/// Exit status: 0 done, 1 refused or failed, 2 usage or configuration,
/// 3 a person is needed (held, awaiting, in doubt, cannot prove), 4 journal unsound.
#[derive(Parser, Debug)]
#[command(name = "holdpoint", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Options of every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Options of every verb.
#[derive(Args, Debug, Clone, Default)]
pub struct Global {
    /// Workspace directory; found upwards from here when not given.
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// State directory, in place of the workspace's own.
    #[arg(long, value_name = "DIR", global = true)]
    pub state: Option<PathBuf>,
    /// Act as this person; only in a workspace marked demo or rehearsal.
    #[arg(long = "as", value_name = "PERSON", global = true)]
    pub person: Option<String>,
    /// Print data as JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// How many colours the screens use, whatever NO_COLOR, COLORTERM and TERM say.
    #[arg(long, value_name = "HOW", global = true, default_value = "auto")]
    pub color: ColorWord,
    /// Draw the screens with seven-bit signs, whatever the locale says.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Lines in place of screens, and a prompt for the verbs; so it is, too, with TERM=dumb and where there is no terminal.
    #[arg(long, global = true)]
    pub plain: bool,
}

/// How many colours the screens use.
#[derive(ValueEnum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorWord {
    /// As many as the environment says.
    #[default]
    Auto,
    /// None: words, signs and attributes.
    None,
    /// The terminal's own sixteen.
    #[value(name = "16")]
    Sixteen,
    /// xterm's 256.
    #[value(name = "256")]
    Indexed,
    /// 24 bits.
    True,
}

/// What an action that reaches a system may need.
#[derive(Args, Debug, Clone, Default)]
pub struct Consenting {
    /// Confirm an action in this environment by its name.
    #[arg(long, value_name = "ENV")]
    pub confirm: Option<String>,
    /// Show what would be decided, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What is replayed, and how.
#[derive(Args, Debug, Clone, Default)]
pub struct ReplayArgs {
    /// The run's number.
    pub run: u32,
    /// Where to begin: 02:15, 02:15:30, +5m, #412, or an instant, in UTC; the run's start when not given.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    /// Play at once, this many seconds in one, 1 to 600; with --plain the pace of the lines.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub speed: Option<u32>,
    /// Read this file, a segment or an exported journal, in place of the workspace's journal.
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
}

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// What is going on: runs, steps, holds, who drives, who is awaited.
    Status,
    /// When each step of a run begins and ends, when it lands, and what edges it crosses.
    Forecast {
        /// The run's number; the newest live one when not given.
        run: Option<u32>,
    },
    /// Releases, windows and freezes from now on.
    Calendar {
        /// How many days ahead.
        #[arg(long, default_value_t = 14)]
        days: u16,
    },
    /// May this be done there, at that time?
    May(ExplainArgs),
    /// When may this be done, for so long? The next openings, the quietest first.
    When {
        /// The service.
        service: String,
        /// The environment.
        environment: String,
        /// How long it takes: 90s, 30m, 2h.
        #[arg(long = "for", value_name = "LENGTH", default_value = "1h")]
        takes: Span,
        /// deploy, promote, restart, …
        #[arg(long, default_value = "deploy")]
        action: String,
        /// The version that it would bring.
        #[arg(id = "to_version", long = "to", value_name = "VERSION")]
        version: Option<String>,
        /// The release that it would belong to.
        #[arg(long, value_name = "NAME")]
        release: Option<String>,
        /// From when on: an RFC 3339 time, or local with its zone; now when not given.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// How many days ahead.
        #[arg(long, default_value_t = 14)]
        days: u16,
    },
    /// Live versions and signals, each with its age.
    Health,
    /// What changed on a service and upstream of it, likeliest cause first.
    Changes {
        /// The service.
        service: String,
        /// In this environment; everywhere when not given.
        #[arg(long)]
        env: Option<String>,
        /// How far back.
        #[arg(long, value_name = "TIME", default_value = "6h")]
        since: Span,
    },
    /// How what is live differs from what was declared: paths, both sides, and who changed them last.
    ///
    /// Exit status: 0 nothing differs, 1 something does, 3 it is not known.
    Drift {
        /// The service; all of them when not given.
        service: Option<String>,
        /// In this environment; everywhere when not given.
        #[arg(long)]
        env: Option<String>,
    },
    /// What waits for approval or votes.
    Approvals,
    /// Start, list or look at runs.
    #[command(subcommand)]
    Run(RunVerb),
    /// Drive a run without a screen, until a person is needed.
    Drive {
        /// The run's number.
        run: u32,
        /// Watch, and take over when the session that drives it is lost; then go on until the run ends.
        #[arg(long, conflicts_with = "reason")]
        standby: bool,
        /// Why, when someone else drives it.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Take or give back the conn of a run.
    #[command(subcommand)]
    Conn(ConnVerb),
    /// Do something to a step.
    Step {
        /// What.
        #[command(subcommand)]
        verb: StepVerb,
    },
    /// Vote in a go/no-go poll.
    Vote {
        /// The run's number.
        run: u32,
        /// The poll.
        step: String,
        /// go, no-go or go-if.
        vote: VoteWord,
        /// For which role.
        #[arg(long)]
        role: String,
        /// The condition of go-if.
        #[arg(long = "if", value_name = "CONDITION")]
        condition: Option<String>,
        /// Marks the condition of one's go-if met.
        #[arg(long)]
        met: bool,
        /// Digest of the evidence you saw, eight hex digits or more; as it is now when not given.
        #[arg(long)]
        saw: Option<String>,
        /// For a spoken vote.
        #[command(flatten)]
        spoken: SpokenArgs,
    },
    /// Approve a step: RUN/STEP.
    Approve(Decision),
    /// Reject a step: RUN/STEP.
    Reject(Decision),
    /// Place a hold: on everything, a run, or a service in an environment.
    Hold {
        /// `all`, a run's number, or SERVICE@ENV.
        scope: String,
        /// When it should have ended: RFC 3339, or local with its zone. It is escalated then, and stays.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Lift a hold by its number; a lock asks for the diagnosis as reason.
    Lift {
        /// Its number.
        hold: u32,
        /// Why, or the diagnosis.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Waivers: a rule, freeze or window that does not hold a run back for some time.
    #[command(subcommand)]
    Waiver(WaiverVerb),
    /// Declare an emergency for a run: no rule, freeze or window holds it back for some time.
    Emergency(EmergencyArgs),
    /// Adopt what the files have loosened while a run goes by stricter rules.
    Adopt {
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        /// Digest of what you saw, eight hex digits or more; as it is now when not given.
        #[arg(long)]
        saw: Option<String>,
        /// Show what would be adopted, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Return a service, or a whole release, to the version before.
    Rollback {
        /// The service; none with --set.
        #[arg(required_unless_present = "set")]
        service: Option<String>,
        /// Where.
        #[arg(long, required_unless_present = "set")]
        env: Option<String>,
        /// To which version; the one before when not given.
        #[arg(long)]
        to: Option<String>,
        /// Everything that this run has changed.
        #[arg(long, value_name = "RUN", conflicts_with_all = ["service", "env", "to"])]
        set: Option<u32>,
        /// The symptom; mandatory.
        #[arg(long, default_value = "")]
        reason: String,
        /// Confirmation and dry run.
        #[command(flatten)]
        consent: Consenting,
    },
    /// Do one thing that a backend offers, without a runbook: pause, resume, promote, abort, restart, scale, ….
    Do {
        /// What; one that is not offered there is refused with those that are.
        verb: String,
        /// The service.
        service: String,
        /// Where.
        #[arg(long)]
        env: String,
        /// What the verb takes: replicas=3, how=step.
        #[arg(value_name = "NAME=VALUE")]
        args: Vec<String>,
        /// Why; mandatory.
        #[arg(long, default_value = "")]
        reason: String,
        /// Confirmation and dry run.
        #[command(flatten)]
        consent: Consenting,
    },
    /// Postpone or disarm a trigger.
    #[command(subcommand)]
    Trigger(TriggerVerb),
    /// Walk through a past run on the same screens, from the journal alone; nothing is sent.
    Replay(ReplayArgs),
    /// Decide what became of an operation in doubt.
    Resolve {
        /// The run's number.
        run: u32,
        /// The step.
        step: String,
        /// What became of it.
        outcome: Outcome,
        /// Why you are sure.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Read the workspace, or one file of it, and report every mistake.
    Check {
        /// One file; the whole workspace when not given.
        file: Option<PathBuf>,
    },
    /// Look at backends, credentials, clock, disk and terminal.
    Doctor,
    /// The access review: who may decide what by the files, and who did by the journal.
    Access {
        /// How far back.
        #[arg(long, value_name = "TIME", default_value = "90d")]
        since: Span,
    },
    /// The journal: tail, show, verify, head, export.
    #[command(subcommand)]
    Journal(JournalVerb),
    /// Policy: the rules, their tests, and what they say of a real change.
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Plugins: trust one, try one.
    #[command(subcommand)]
    Plugin(PluginVerb),
    /// Serve a backend of the workspace as a plugin.
    #[command(hide = true)]
    ServePlugin {
        /// The backend.
        backend: String,
    },
    /// A release day on real processes of this machine.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Make a runbook from a template: one that is named, or the one that five answers lead to.
    New(NewArgs),
    /// Make a runbook from a sheet (CSV) or a checklist (Markdown); only shown until `--write` is given.
    Import(ImportArgs),
    /// Verify artefacts: digests, checksums and signatures, as the signals of kind `artifact` have them.
    Artifacts {
        /// The signals; all of them when none is named.
        signals: Vec<String>,
    },
    /// Print a runbook or a run as a sheet (CSV) or a checklist (Markdown).
    Export(ExportArgs),
    /// Make a workspace.
    Init {
        /// Where; here when not given.
        dir: Option<PathBuf>,
        /// What it is called; the directory's name when not given.
        #[arg(long)]
        name: Option<String>,
        /// IANA time zone shown beside UTC.
        #[arg(long, default_value = "UTC")]
        zone: String,
        /// Give an existing workspace a new id: a fork with a journal of its own.
        #[arg(long)]
        new_id: bool,
    },
    /// Print the JSON Schemas of the workspace's files.
    Schema {
        /// One of workspace, services, signals, calendar, policy, runbook; all when not given.
        which: Option<String>,
    },
    /// Print every key of the screens, with the verb that does the same.
    #[cfg(feature = "tui")]
    Keys {
        /// Only say what is wrong with your keys.toml and the workspace's.
        #[arg(long)]
        check: bool,
        /// The keys that ship, whatever your files say.
        #[arg(long, conflicts_with = "check")]
        shipped: bool,
    },
    /// Themes of the screens: list, check, import, show, use.
    #[cfg(feature = "tui")]
    #[command(subcommand)]
    Theme(theme::ThemeVerb),
    /// Print shell completions.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// What became of an operation.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Succeeded,
    /// It was done and went wrong.
    Failed,
    /// It was certainly not done.
    NotApplied,
}
