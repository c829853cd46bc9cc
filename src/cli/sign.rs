//! Decisions that are signed with an SSH key: here, or in a file that travels.
//!
//! `ssh-keygen` signs, so that agents and hardware keys do; the text says all that the signature stands for.
//! Whether it counts is judged where every decision is.

use super::args::{Decision, Global, SigningArgs};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use super::{act, print, queue, status};
use crate::domain::command::Command;
use crate::domain::name::{PersonName, RoleName};
use crate::domain::observed::Observed;
use crate::domain::person::Person;
use crate::domain::signed::{Heading, LONGEST, NAMESPACE, Signed};
use crate::domain::span::Span;
use crate::domain::ssh_key;
use crate::domain::text::visible_bytes;
use crate::engine::{Given, asked, statement};
use crate::runtime::clock::now;
use std::fs::{DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};

/// Whether a decision is to be signed, written for signing, or was.
pub fn asked_for(signing: &SigningArgs) -> bool {
    signing.sign || signing.export.is_some() || signing.import.is_some()
}

/// Signs and decides, writes the text to sign, or takes down what was signed.
pub fn decide(global: &Global, wanted: &Decision, yes: bool) -> Ended {
    let context = Context::open(global)?;
    if let Some(file) = &wanted.signing.import {
        return give(global, &context, vec![imported(file, yes)?]);
    }
    let [subject] = wanted.subjects.as_slice() else {
        return Err(Failure::usage("what is signed is one decision; name one RUN/STEP"));
    };
    let me = context.origin("approve")?.person;
    let person = wanted.signing.whose.as_deref().map_or(me, PersonName::new);
    let text = text(&context, subject, wanted, &person, yes)?;
    if let Some(file) = &wanted.signing.export {
        return export(file, &text, yes);
    }
    let key = match &wanted.signing.key {
        Some(key) => Key { file: key.clone(), made: None },
        None => own_key(&context, &person)?,
    };
    print::words(&text);
    let signature = sign(&key.file, &text)?;
    give(global, &context, vec![command(Signed::new(text, signature))?])
}

fn give(global: &Global, context: &Context, commands: Vec<Command>) -> Ended {
    let mut session = Session::open(context, "approve", false)?;
    let ended = commands.into_iter().try_for_each(|command| {
        let seq = session.command(command)?;
        act::tell(&mut session, global, seq);
        Ok(())
    });
    session.close("done");
    ended.map(|()| Exit::Done)
}

/// The text of a decision on what stands there now.
fn text(
    context: &Context,
    subject: &str,
    wanted: &Decision,
    person: &PersonName,
    yes: bool,
) -> Result<String, Failure> {
    let (number, name) = queue::parse_subject(subject)?;
    let ledger = status::ledger(context)?;
    let observed = Observed::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let run = ledger.run(number).ok_or_else(|| status::no_run(&ledger, number))?;
    let missing = || Failure::usage(format!("run {number} has no step {name}"));
    let step = run.plan.step(&name).ok_or_else(missing)?;
    queue::seen(wanted.saw.as_deref(), statement::digest(run, step))?;
    if !context.workspace.people.contains_key(person) {
        return Err(Failure::usage(format!("{person} is not a person of this workspace; add them to [people]")));
    }
    if wanted.reason.contains('\n') {
        return Err(Failure::usage("a reason that is signed is one line"));
    }
    let named = wanted.role.as_deref().map(RoleName::new);
    let role = asked::role(&given, run, step, named.as_ref(), person).map_err(Failure::refused)?;
    let lasts = wanted.signing.lasts;
    if lasts < Span::secs(1) {
        return Err(Failure::usage("a signed decision counts for some time: name a --for of a second or more"));
    }
    if lasts > statement::LONGEST {
        return Err(Failure::usage(format!("a signed decision counts for {} at most", statement::LONGEST)));
    }
    let draft = statement::Draft { yes, role: &role, person, reason: &wanted.reason, lasts };
    let text = statement::text(&given, run, step, &draft);
    // What would be refused when it comes back is not handed out to be signed.
    Heading::read(&text).map_err(|why| Failure::usage(format!("this would not be taken down signed: {why}")))?;
    Ok(text)
}

fn export(file: &Path, text: &str, yes: bool) -> Ended {
    if file == Path::new("-") {
        print::line(text.trim_end_matches('\n'));
        return Ok(Exit::Done);
    }
    let failed = |e: std::io::Error| Failure::failed(format!("cannot write {}: {e}; name a new file", file.display()));
    let mut made = File::create_new(file).map_err(failed)?;
    made.write_all(text.as_bytes()).and_then(|()| made.sync_all()).map_err(failed)?;
    let (file, verb) = (file.display(), if yes { "approve" } else { "reject" });
    print::words(&format!(
        "wrote {file}; read it, and sign it with\n  ssh-keygen -Y sign -n {NAMESPACE} -f KEY {file}\nthen bring it with {file}.sig to this host and\n  holdpoint {verb} --import {file}"
    ));
    Ok(Exit::Done)
}

/// The decision in a file that was signed.
fn imported(file: &Path, yes: bool) -> Result<Command, Failure> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".sig");
    let (text, signature) = (read(file)?, read(Path::new(&beside))?);
    let command = command(Signed::new(text, signature))?;
    match &command {
        Command::Decide { yes: says, .. } if *says != yes => {
            let (is, verb) = if *says { ("an approval", "approve") } else { ("a rejection", "reject") };
            Err(Failure::usage(format!("{} is {is}; take it down with `holdpoint {verb} --import`", file.display())))
        }
        _ => Ok(command),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let failed = |why: String| Failure::usage(format!("cannot read {}: {why}", file.display()));
    let mut text = String::new();
    let limit = LONGEST as u64 + 1;
    File::open(file).and_then(|open| open.take(limit).read_to_string(&mut text)).map_err(|e| failed(e.to_string()))?;
    if text.len() > LONGEST { Err(failed(format!("it is longer than {LONGEST} bytes"))) } else { Ok(text) }
}

fn command(signed: Signed) -> Result<Command, Failure> {
    let heading = Heading::read(&signed.text).map(|(heading, _)| heading);
    let heading = heading.map_err(|e| Failure::usage(format!("this is no text of a decision: {e}")))?;
    Ok(Command::Decide {
        run: heading.run,
        step: heading.step,
        role: Some(heading.role),
        yes: heading.yes,
        reason: heading.reason,
        saw: heading.change,
        said: None,
        signed: Some(Box::new(signed)),
    })
}

/// A key as `ssh-keygen` takes it.
struct Key {
    /// Its file; the public half where an agent has the other.
    file: PathBuf,
    /// Where it was written for this once.
    made: Option<PathBuf>,
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Some(directory) = &self.made {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

/// The key of a person that lies in `~/.ssh`, or that an agent has.
fn own_key(context: &Context, person: &PersonName) -> Result<Key, Failure> {
    let who = context.workspace.people.get(person);
    let Some(who) = who.filter(|who| !who.accounts.keys.is_empty()) else {
        let how = "add a line of their KEY.pub, or its fingerprint, to `keys`";
        return Err(Failure::usage(format!("{person} has no keys in holdpoint.toml; {how}")));
    };
    let found = match lying(who) {
        Some(file) => Some(Key { file, made: None }),
        None => in_agent(who).map(|line| written(&line)).transpose()?,
    };
    let keys: Vec<_> = who.accounts.keys.iter().map(ToString::to_string).collect();
    let none = || {
        let where_to = "name its file with --key, or write the text with --export and sign it where the key is";
        Failure::usage(format!(
            "none of {person}'s keys ({}) is in ~/.ssh or in the agent; {where_to}",
            keys.join(", ")
        ))
    };
    found.ok_or_else(none)
}

fn lying(who: &Person) -> Option<PathBuf> {
    let directory = PathBuf::from(std::env::var_os("HOME")?).join(".ssh");
    let files = std::fs::read_dir(directory).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let mut public: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "pub")).collect();
    public.sort_unstable();
    let theirs = |path: &PathBuf| read(path).ok().is_some_and(|line| is_of(who, &line));
    let found = public.into_iter().find(theirs)?;
    let private = found.with_extension("");
    Some(if private.exists() { private } else { found })
}

fn is_of(who: &Person, line: &str) -> bool {
    ssh_key::read(line).is_ok_and(|key| who.accounts.keys.contains(&key))
}

/// The line of a person's key that the agent has.
fn in_agent(who: &Person) -> Option<String> {
    let listed = Program::new("ssh-add").arg("-L").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    listed.lines().find(|line| is_of(who, line)).map(str::to_owned)
}

/// What the agent has is named to `ssh-keygen` by a file with its public half, in a directory that is made for it:
/// nobody else could have laid another key, or a link, where it is written.
fn written(line: &str) -> Result<Key, Failure> {
    let stamp = now().timestamp_subsec_nanos();
    let directory = std::env::temp_dir().join(format!("holdpoint-{}-{stamp}", std::process::id()));
    let failed =
        |e: std::io::Error| Failure::failed(format!("cannot name the agent's key in {}: {e}", directory.display()));
    DirBuilder::new().mode(0o700).create(&directory).map_err(failed)?;
    let key = Key { file: directory.join("agent-key.pub"), made: Some(directory.clone()) };
    let file = File::options().write(true).create_new(true).mode(0o600).open(&key.file);
    file.and_then(|mut file| writeln!(file, "{line}")).map_err(failed)?;
    Ok(key)
}

/// What `ssh-keygen` makes of a text; it may ask for a passphrase or a touch on the terminal.
fn sign(key: &Path, text: &str) -> Result<String, Failure> {
    let failed =
        |why: String| Failure::failed(format!("cannot sign with {}: {why}; nothing was decided", key.display()));
    let mut program = Program::new("ssh-keygen");
    program.args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key);
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|e| failed(format!("ssh-keygen does not start: {e}")))?;
    let sent = child.stdin.take().map(|mut pipe| pipe.write_all(text.as_bytes()));
    let done = child.wait_with_output().map_err(|e| failed(e.to_string()))?;
    if !done.status.success() || sent.is_none_or(|sent| sent.is_err()) {
        return Err(failed(format!("ssh-keygen ended with {}", done.status)));
    }
    String::from_utf8(done.stdout).map_err(|e| failed(format!("it printed {}", visible_bytes(e.as_bytes()))))
}
