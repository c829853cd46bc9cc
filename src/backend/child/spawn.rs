//! Starting a child, from one thread that lives as long as we do.
//!
//! The parent-death signal comes when the *thread* that forked ends, not the
//! process. A worker of an async runtime may end at any time; so every fork is
//! done by one thread of its own that never does.

use super::environment;
use super::exec::TALKS;
use super::group::Group;
use super::wanted::Wanted;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::{OnceLock, mpsc};
use tokio::process::Command;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// One child to start, and where it is handed to.
struct Order {
    command: Command,
    runtime: Handle,
    reply: oneshot::Sender<std::io::Result<Group>>,
}

/// Starts the launcher. The stream closes without a word once the program
/// itself runs, and says why when it cannot.
pub async fn spawn(wanted: &Wanted) -> Result<(Group, tokio::net::UnixStream), String> {
    let (ours, theirs) = UnixStream::pair().map_err(|e| format!("cannot make a socket pair: {e}"))?;
    ours.set_nonblocking(true).map_err(|e| format!("cannot make a socket pair: {e}"))?;
    let ours = tokio::net::UnixStream::from_std(ours).map_err(|e| format!("cannot watch a socket: {e}"))?;
    let mut command = command(wanted, "--")?;
    command.stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    Ok((carried_out(wanted, command).await?, ours))
}

/// Starts the launcher of a program that is talked to, with variables beside those it may see.
pub async fn spawn_to_talk(wanted: &Wanted, variables: &[(&str, String)]) -> Result<Group, String> {
    let memory = wanted.memory.map(|bytes| bytes.to_string()).unwrap_or_default();
    let mut command = command(wanted, &format!("{TALKS}{memory}"))?;
    command.envs(variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::piped());
    carried_out(wanted, command).await
}

async fn carried_out(wanted: &Wanted, command: Command) -> Result<Group, String> {
    let (reply, answer) = oneshot::channel();
    let order = Order { command, runtime: Handle::current(), reply };
    spawner()?.send(order).map_err(|_| "the thread that starts programs has ended; restart holdpoint".to_owned())?;
    match answer.await {
        Ok(Ok(group)) => Ok(group),
        Ok(Err(error)) => {
            let (launcher, root) = (wanted.launcher.program.display(), wanted.root.display());
            Err(format!("cannot start {launcher} in {root}: {error}"))
        }
        Err(_) => Err("the thread that starts programs has ended; restart holdpoint".to_owned()),
    }
}

fn command(wanted: &Wanted, separator: &str) -> Result<Command, String> {
    let program = wanted.program().ok_or("no program is named")?;
    let mut command = Command::new(&wanted.launcher.program);
    command
        .args(&wanted.launcher.prefix)
        .arg(std::process::id().to_string())
        .arg(separator)
        .arg(program)
        .args(wanted.argv.iter().skip(1))
        .current_dir(&wanted.root)
        .env_clear()
        .envs(environment::allowed(&wanted.pass_env))
        .envs(wanted.key.iter().map(|key| ("HOLDPOINT_KEY", key)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}

/// The thread that forks; started at the first use and never ended.
fn spawner() -> Result<&'static mpsc::Sender<Order>, String> {
    static SPAWNER: OnceLock<Result<mpsc::Sender<Order>, String>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        std::thread::Builder::new()
            .name("spawner".to_owned())
            .spawn(move || inbox.into_iter().for_each(carry_out))
            .map_err(|e| format!("cannot start a thread: {e}"))?;
        Ok(orders)
    });
    spawner.as_ref().map_err(Clone::clone)
}

fn carry_out(order: Order) {
    let Order { mut command, runtime, reply } = order;
    // Whoever asked may have gone meanwhile: nothing is started then.
    if reply.is_closed() {
        return;
    }
    let _entered = runtime.enter();
    let group = command.spawn().map(Group);
    // Our copy of the child's end of the stream must go, or it would never close.
    drop(command);
    // If nobody takes it, dropping kills it.
    let _ = reply.send(group);
}
