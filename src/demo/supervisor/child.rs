//! A process that the supervisor owns: dropping it ends the process for good.
//!
//! One that ends by itself is started again; one that is unwanted is ended.

use crate::demo::VERB;
use crate::demo::failure::Failure;
use crate::demo::layout::Layout;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How our own program is started as another process of the estate.
#[derive(Clone, Debug)]
pub struct Program {
    program: PathBuf,
    layout: Layout,
}

/// A process that ends when this is dropped.
#[derive(Debug)]
pub struct Child(std::process::Child);

impl Program {
    /// The program that is running.
    pub fn of(layout: &Layout) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(Failure::io("cannot tell which program this is"))?;
        Ok(Self { program, layout: layout.clone() })
    }

    /// Starts a process of a kind; what it says on standard error goes to its log.
    pub fn start(&self, kind: &str, arguments: &[String], input: Stdio) -> Result<Child, Failure> {
        let attempt = format!("cannot start a process of the estate ({kind})");
        let log =
            File::options().create(true).append(true).open(self.layout.log(kind)).map_err(Failure::io(&attempt))?;
        let mut command = Command::new(&self.program);
        command.args([VERB, kind, "--owned-by"]).arg(self.layout.dir());
        command.args(["--parent", &std::process::id().to_string()]).args(arguments);
        command.current_dir(self.layout.dir()).stdin(input).stdout(Stdio::null()).stderr(log);
        command.spawn().map(Child).map_err(Failure::io(&attempt))
    }

    /// Starts somebody else's program as a process of the estate: ours, which becomes it.
    pub fn start_other(&self, log: &str, other: &Path, arguments: &[String]) -> Result<Child, Failure> {
        let attempt = format!("cannot start {log}");
        let log =
            File::options().create(true).append(true).open(self.layout.log(log)).map_err(Failure::io(&attempt))?;
        let mut command = Command::new(&self.program);
        command.args([VERB, "monitor", "--owned-by"]).arg(self.layout.dir());
        command.args(["--parent", &std::process::id().to_string(), "--"]).arg(other).args(arguments);
        command.current_dir(self.layout.dir()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().map(Child).map_err(Failure::io(&attempt))
    }
}

impl Child {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended, and if so, whether with exit status 0.
    pub fn end(&mut self) -> Option<bool> {
        self.0.try_wait().map_or(Some(false), |end| end.map(|status| status.success()))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // SIGKILL: it also ends a process that is stopped.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
