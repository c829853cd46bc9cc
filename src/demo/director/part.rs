//! One rule and how far the director has come with it.
//!
//! What it has begun it never begins again by guessing: after a kill in the
//! middle it looks whether the act has been done.

use super::note;
use crate::demo::conditions::Condition;
use crate::demo::failure::Failure;
use crate::demo::layout::Layout;
use crate::demo::rules::{Act, Rule};
use crate::demo::{VERB, clock, closing, silence};
use serde::{Deserialize, Serialize};
use std::process::{Child, Command, ExitStatus, Stdio};

/// How long after a try that failed the next one is due, in milliseconds.
const AGAIN: u64 = 1000;

/// How far one rule is, as it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// What it waits for has not come true.
    Waiting,
    /// It is to be done.
    Due {
        /// Milliseconds since 1970.
        at: u64,
        /// How often it may be tried.
        tries: u32,
    },
    /// It is being done.
    Begun {
        /// How often it may be tried again.
        tries: u32,
    },
    /// There is nothing more to do.
    Ended,
}

/// One rule.
pub struct Part {
    /// How far it is.
    pub progress: Progress,
    rule: Rule,
    when: Condition,
    done: Option<Condition>,
    to_begin: bool,
    child: Option<Child>,
}

impl Part {
    /// Goes on where an earlier director was.
    pub fn resume(rule: Rule, was: Progress) -> Self {
        let progress = match was {
            // Its program ended with the director; what it did shows in the condition, if there is one.
            Progress::Begun { tries } if rule.done.is_some() => Progress::Due { at: clock::millis(), tries: tries + 1 },
            Progress::Begun { .. } => Progress::Ended,
            other => other,
        };
        let (when, done) = (Condition::new(rule.when.clone()), rule.done.clone().map(Condition::new));
        Self { progress, rule, when, done, to_begin: false, child: None }
    }

    /// Whether there is nothing more to do.
    pub fn ended(&self) -> bool {
        self.progress == Progress::Ended
    }

    /// Sees what has come true; does nothing.
    pub fn look(&mut self, layout: &Layout) {
        let now = clock::millis();
        self.progress = match self.progress {
            Progress::Waiting if self.when.holds(layout) => {
                Progress::Due { at: now.saturating_add(self.rule.after.as_millis()), tries: self.rule.tries.max(1) }
            }
            Progress::Due { at, tries } if at <= now => {
                let done = self.done.as_mut().is_some_and(|done| done.holds(layout));
                self.to_begin = !done;
                if done { Progress::Ended } else { Progress::Begun { tries: tries.saturating_sub(1) } }
            }
            Progress::Begun { tries } => self.child.as_mut().map_or(Progress::Ended, |child| match child.try_wait() {
                Ok(None) => Progress::Begun { tries },
                Ok(Some(status)) => after(&self.rule, status, tries),
                Err(_) => Progress::Ended,
            }),
            other => other,
        };
    }

    /// Begins what is to be begun. Children of this thread end with it, so it
    /// waits for none of them.
    pub fn act(&mut self, layout: &Layout) {
        if !std::mem::take(&mut self.to_begin) {
            return;
        }
        let dir = layout.dir().display().to_string();
        let argv: Vec<String> = match &self.rule.act {
            Act::Silence { place, span } => {
                let silent = silence::begin(layout, place, *span);
                return note(silent.map(|()| format!("metrics of {place} silent for {span}")));
            }
            Act::CloseDay { region } => return note(closing::close(layout, region)),
            Act::Blip { place, span } => {
                let words = [VERB, "blip", "--dir", &dir, "--place", &place.to_string(), "--for", &span.to_text()];
                words.map(str::to_owned).to_vec()
            }
            Act::Run { argv } => ["-C".to_owned(), dir].into_iter().chain(argv.iter().cloned()).collect(),
        };
        self.child = start(layout, &argv).map_err(|why| note(Err(why))).ok();
    }
}

fn after(rule: &Rule, status: ExitStatus, tries: u32) -> Progress {
    note(Ok(format!("{:?}: {status}", rule.act)));
    if status.success() || tries == 0 {
        return Progress::Ended;
    }
    Progress::Due { at: clock::millis().saturating_add(AGAIN), tries }
}

/// Starts our own program as somebody else would, but so that it ends with us.
fn start(layout: &Layout, argv: &[String]) -> Result<Child, Failure> {
    let program = std::env::current_exe().map_err(Failure::io("cannot tell which program this is"))?;
    let mut command = Command::new(program);
    command.args([VERB, "bound", "--owned-by"]).arg(layout.dir());
    command.args(["--parent", &std::process::id().to_string(), "--"]).args(argv);
    command.stdin(Stdio::null()).spawn().map_err(Failure::io("cannot start a program"))
}
