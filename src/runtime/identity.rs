//! Who sits here: what the operating system says of this process, and which
//! person of the workspace that is.
//! It proves nothing beyond what the system vouches for, and says how it knows.

use crate::domain::name::PersonName;
use crate::domain::person::Proof;
use crate::domain::session::Origin;
use crate::domain::text;
use crate::domain::workspace::{Purpose, Workspace};
use std::io::Read;
use std::os::fd::AsFd;

/// Why nobody can be made of this process.
#[derive(Debug, thiserror::Error)]
pub enum Stranger {
    /// The login belongs to nobody.
    #[error(
        "cannot act as anyone: the login {0:?} is nobody's in [people]; add it to a person's `logins` in holdpoint.toml"
    )]
    Login(String),
    /// The person does not exist.
    #[error("cannot act as {0:?}: there is no such person in [people]{1}")]
    Person(String, String),
    /// Claiming is not allowed here.
    #[error("cannot act as {0:?}: --as is only for a workspace marked demo or rehearsal")]
    Claim(String),
}

/// Describes this process as a session of the workspace.
///
/// `claimed` is the name given with `--as`; without it the Unix login decides.
/// In a demo a login that is nobody's is the first person who drives it: `claimed` too.
pub fn origin(workspace: &Workspace, claimed: Option<&str>, program: &str) -> Result<Origin, Stranger> {
    let user = user();
    let (person, proof) = match claimed {
        Some(name) if workspace.purpose == Purpose::Real => return Err(Stranger::Claim(name.to_owned())),
        Some(name) => (named(workspace, name)?, Proof::Claimed),
        None => match workspace.people.values().find(|p| p.accounts.logins.contains(&user)) {
            Some(person) => (person.name.clone(), Proof::Login),
            None => return Err(Stranger::Login(user)),
        },
    };
    let env = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty()).map(|v| text::visible(&v));
    Ok(Origin {
        person,
        proof,
        user,
        uid: rustix::process::getuid().as_raw(),
        login_uid: login_uid(),
        ssh_client: env("SSH_CONNECTION").or_else(|| env("SSH_CLIENT")),
        ssh_key: None,
        tty: rustix::termios::ttyname(std::io::stdin().as_fd(), Vec::new())
            .ok()
            .map(|name| text::visible_bytes(name.as_bytes())),
        host: text::visible_bytes(rustix::system::uname().nodename().to_bytes()),
        pid: std::process::id(),
        program: program.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn named(workspace: &Workspace, name: &str) -> Result<PersonName, Stranger> {
    let wanted = PersonName::new(name);
    if workspace.people.contains_key(&wanted) {
        return Ok(wanted);
    }
    let known: Vec<_> = workspace.people.keys().map(PersonName::as_str).collect();
    let hint = if known.is_empty() { String::new() } else { format!("; there are {}", known.join(", ")) };
    Err(Stranger::Person(text::visible(name), hint))
}

/// The login name of the real user id, from the user database; its number when
/// the database does not know it. `$USER` is not asked: anyone can set it.
pub fn user() -> String {
    let uid = rustix::process::getuid().as_raw();
    let known = std::fs::read_to_string("/etc/passwd").ok().and_then(|all| {
        all.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (name, uid_field) = (fields.next()?, fields.nth(1)?);
            (uid_field.parse() == Ok(uid)).then(|| name.to_owned())
        })
    });
    known.unwrap_or_else(|| uid.to_string())
}

/// The audit system's login uid, which survives `su` and `sudo`.
fn login_uid() -> Option<u32> {
    let mut text = String::new();
    std::fs::File::open("/proc/self/loginuid").ok()?.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok().filter(|uid| *uid != u32::MAX)
}
