//! The servers as a child of the one who measures.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Running servers. Dropping it ends them.
pub struct Servers {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// The port of each context.
    pub ports: Vec<u16>,
}

impl Servers {
    /// So many contexts with so many deployments each, and so many changes a second in all.
    pub fn start(contexts: usize, deployments: usize, changes: u32) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["serve", &contexts.to_string(), &deployments.to_string(), &changes.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut servers = Self { child, to, from, ports: Vec::new() };
        servers.ports = servers.line().split(' ').map(|port| port.parse().unwrap()).collect();
        servers
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Tells it something; what it answers.
    pub fn tell(&mut self, words: &str) -> String {
        writeln!(self.to, "{words}").unwrap();
        self.line()
    }

    /// A number that it knows.
    pub fn number(&mut self, words: &str) -> u64 {
        self.tell(words).parse().unwrap()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
