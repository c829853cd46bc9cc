//! The director: watches the estate and does, at the right moment, what the tour
//! needs from outside: a blip, silent metrics, a colleague's vote. Each rule
//! fires once. It only does what a person could do from another terminal.

use super::belonging;
use super::blip;
use super::conditions::Condition;
use super::failure::Failure;
use super::files;
use super::flags::Flags;
use super::layout::Layout;
use super::rules::{Act, Rule};
use super::{VERB, silence};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(100);

struct Waiting {
    rule: Rule,
    condition: Condition,
    due: Option<Instant>,
}

/// Directs until every rule has fired.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let layout = Layout::new(flags.dir()?);
    let rules: Vec<Rule> = files::read(&layout.rules())?;
    let begin = |rule: Rule| Waiting { condition: Condition::new(rule.when.clone()), rule, due: None };
    let mut waiting: Vec<Waiting> = rules.into_iter().map(begin).collect();
    let mut acting = Vec::new();
    while !waiting.is_empty() {
        for one in waiting.iter_mut().filter(|one| one.due.is_none()) {
            one.due = one.condition.holds(&layout).then(|| Instant::now() + one.rule.after.std());
        }
        let now = Instant::now();
        let due = waiting.extract_if(.., |one| one.due.is_some_and(|due| due <= now));
        for one in due.collect::<Vec<_>>() {
            // Children of this thread end with it, so it waits for nothing and starts everything.
            acting.extend(Acting::begin(&layout, one.rule));
        }
        acting.retain_mut(|one: &mut Acting| one.look(&layout));
        thread::sleep(LOOK);
    }
    while !acting.is_empty() {
        acting.retain_mut(|one: &mut Acting| one.look(&layout));
        thread::sleep(LOOK);
    }
    Ok(())
}

/// A program under way, and how often it may still be tried.
struct Acting {
    argv: Vec<String>,
    child: Option<std::process::Child>,
    again: Instant,
    left: u32,
}

impl Acting {
    /// Does what a rule says; gives what is to be waited for.
    fn begin(layout: &Layout, rule: Rule) -> Option<Self> {
        let dir = layout.dir().display().to_string();
        let argv = match rule.act {
            Act::Silence { place, span } => {
                note(silence::begin(layout, &place, span).map(|()| format!("metrics of {place} silent for {span}")));
                return None;
            }
            Act::Blip { place, span } => {
                [VERB, "blip", "--dir", &dir, "--place", &place.to_string(), "--for", &span.to_text()]
                    .map(str::to_owned)
                    .to_vec()
            }
            Act::Run { argv } => ["-C".to_owned(), dir].into_iter().chain(argv).collect(),
        };
        Some(Self { argv, child: None, again: Instant::now(), left: rule.tries.max(1) })
    }

    /// Goes on with it; false when there is nothing more to do.
    fn look(&mut self, layout: &Layout) -> bool {
        match &mut self.child {
            Some(child) => match child.try_wait() {
                Ok(None) => true,
                Ok(Some(status)) => self.ended(status),
                Err(_) => false,
            },
            None if Instant::now() < self.again => true,
            None => {
                self.left = self.left.saturating_sub(1);
                self.child = start(layout, &self.argv).map_err(|why| note(Err(why))).ok();
                self.child.is_some()
            }
        }
    }

    fn ended(&mut self, status: ExitStatus) -> bool {
        note(Ok(format!("{}: {status}", self.argv.join(" "))));
        self.child = None;
        self.again = Instant::now() + Duration::from_secs(1);
        !status.success() && self.left > 0
    }
}

/// Starts our own program as somebody else would, but so that it ends with us.
fn start(layout: &Layout, argv: &[String]) -> Result<std::process::Child, Failure> {
    let program = std::env::current_exe().map_err(Failure::io("cannot tell which program this is"))?;
    let mut command = Command::new(program);
    command.args([VERB, "bound", "--owned-by"]).arg(layout.dir());
    command.args(["--parent", &std::process::id().to_string(), "--"]).args(argv);
    command.stdin(Stdio::null()).spawn().map_err(Failure::io("cannot start a program"))
}

/// Becomes our own program with other arguments, bound to the life of its parent.
pub fn bound(flags: &Flags) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    belonging::to_parent(flags.parsed("parent")?)?;
    let program = std::env::current_exe().map_err(Failure::io("cannot tell which program this is"))?;
    Err(Failure::io("cannot start a program")(Command::new(program).args(&flags.words).exec()))
}

/// Makes the blip of a place, as a process of its own.
pub fn blip(flags: &Flags) -> Result<(), Failure> {
    let stopped = blip::make(&Layout::new(flags.dir()?), &flags.parsed("place")?, flags.span("for")?)?;
    note(Ok(format!("{stopped} instances stood still")));
    Ok(())
}

/// Silences the metrics of a place.
pub fn silence(flags: &Flags) -> Result<(), Failure> {
    silence::begin(&Layout::new(flags.dir()?), &flags.parsed("place")?, flags.span("for")?)
}

/// Writes into the director's log, which is its standard error.
fn note(what: Result<String, Failure>) {
    eprintln!("{} {}", super::clock::now().to_rfc3339(), what.unwrap_or_else(|why| why.words));
}
