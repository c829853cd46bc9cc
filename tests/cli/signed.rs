//! Approvals that are signed: by `ssh-keygen` itself, in files, with an agent; and what others have got through with.
//!
//! The workspace is for real, so nobody is taken at their word: who runs the tests is ana.

use crate::support::{Outcome, Sandbox, until};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const DAY: &str = r#"
title = "Release day"
[[steps]]
id = "1"
title = "Change approved"
kind = "approval"
slots = [{ role = "security", need = 1 }]
[[steps]]
id = "2"
title = "Ship it"
kind = "action"
verb = "deploy"
service = "web"
environment = "prod"
args = { version = "4.2.0" }
needs = ["1"]
verify = { approval = [{ role = "security", need = 1 }] }
[[steps]]
id = "3"
title = "And by both"
kind = "approval"
slots = [{ role = "security", need = 2 }]
"#;

/// A workspace for real, and who signs.
struct House(Sandbox);

impl House {
    fn new() -> Self {
        let house = Self(Sandbox::new());
        for name in ["ana", "bo", "bo2", "kim", "eve"] {
            house.key(name);
        }
        house.0.write("services.toml", "[services.web]\ntier = 1\ndeployed_by = { prod = \"sh\" }\n");
        house.0.write("runbooks/day.toml", DAY);
        house.people("");
        house
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.root().join("home").join(name)
    }

    fn key(&self, name: &str) {
        let mut made = Command::new("ssh-keygen");
        made.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(self.at(name));
        assert!(made.status().unwrap().success());
    }

    fn public(&self, name: &str) -> String {
        fs::read_to_string(self.at(&format!("{name}.pub"))).unwrap().trim().to_owned()
    }

    /// Writes the file of people; bo has `more` besides.
    fn people(&self, more: &str) {
        let me = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let key = |name: &str| self.public(name);
        self.0.write(
            "holdpoint.toml",
            format!(
                r#"
[workspace]
id = "signed0"
name = "signed"
zone = "UTC"
[people.ana]
logins = ["{}"]
keys = ["{}"]
[people.bo]
keys = ["{}", "{}"{}]
[people.kim]
keys = ["{}"]
[roles.security]
people = ["bo", "kim", "ana"]
proof = "signed"
[environments.prod]
tier = "production"
[backends.sh]
kind = "command"
verbs = {{ deploy = {{ argv = ["true", "{{version}}"] }} }}
"#,
                me.trim(),
                key("ana"),
                key("bo"),
                key("bo2"),
                more,
                key("kim"),
            ),
        );
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Outcome {
        self.0.holdpoint(arguments)
    }

    fn starts(&self) {
        self.run(&["run", "start", "day"]).exits(0);
        self.run(&["drive", "1"]).exits(3);
    }

    /// A file for a person to sign.
    fn file(&self, name: &str, subject: &str, by: &str) -> PathBuf {
        let file = self.at(name);
        self.run(&["approve", subject, "--export", file.to_str().unwrap(), "--by", by]).exits(0);
        file
    }

    fn sign(&self, key: &str, file: &Path, namespace: &str) {
        let beside = PathBuf::from(format!("{}.sig", file.display()));
        let _ = fs::remove_file(beside);
        let mut signed = Command::new("ssh-keygen");
        signed.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(self.at(key)).arg(file);
        assert!(signed.stderr(Stdio::null()).status().unwrap().success());
    }

    #[track_caller]
    fn import(&self, file: &Path) -> Outcome {
        self.run(&["approve", "--import", file.to_str().unwrap()])
    }

    /// Signs a text with bo's key and brings it.
    #[track_caller]
    fn brings(&self, name: &str, text: &str) -> Outcome {
        let file = self.at(name);
        fs::write(&file, text).unwrap();
        self.sign("bo", &file, "holdpoint-approval");
        self.import(&file)
    }

    #[track_caller]
    fn refuses(&self, outcome: Outcome, why: &str) {
        let refused = outcome.exits(1);
        assert!(refused.stderr.contains(why), "{why:?} is not in {}", refused.stderr);
        let story = self.run(&["journal", "show"]).exits(0).stdout;
        let told = story.lines().rfind(|line| line.contains("refused: approve") || line.contains("refused: reject"));
        assert!(told.is_some_and(|line| line.contains(why)), "not journaled: {told:?}");
        assert_ne!(self.word("1"), "done");
    }

    fn word(&self, step: &str) -> String {
        self.run(&["drive", "1"]);
        let status = self.run(&["--json", "status"]).exits(0).json();
        let steps = status["runs"][0]["steps"].as_array().unwrap().clone();
        let found =
            steps.iter().find(|s| s["step"] == step || s["name"] == step).unwrap_or_else(|| panic!("{status:#}"));
        found["word"].as_str().or(found["state"].as_str()).unwrap().to_owned()
    }
}

#[test]
fn a_file_travels_to_be_signed_and_comes_back() {
    let house = House::new();
    house.starts();
    house.refuses(house.run(&["approve", "1/1"]), "decide with --sign");
    let file = house.file("bo.txt", "1/1", "bo");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("      sends deploy web prod version=4.2.0"), "{text}");
    let missing = house.import(&file).exits(2);
    assert!(missing.stderr.contains("bo.txt.sig"), "{missing:?}");
    house.sign("bo", &file, "holdpoint-approval");
    let done = house.import(&file).exits(0);
    assert!(done.stdout.contains("approved by bo (security, signed with SHA256:"), "{done:?}");
    assert_eq!(house.word("1"), "done");
    // And anybody can see that it was bo.
    let out = house.at("signed");
    let told = house.run(&["journal", "signatures", out.to_str().unwrap()]).exits(0);
    let name = told.stdout.split_whitespace().next().unwrap().to_owned();
    assert!(name.ends_with("-bo") && told.stdout.contains("SHA256:"), "{told:?}");
    assert_eq!(fs::read_to_string(out.join(&name)).unwrap(), text);
    let verifies = |message: &str| {
        fs::write(out.join("asked"), message).unwrap();
        let mut checks = Command::new("ssh-keygen");
        checks.args(["-Y", "verify", "-f", "allowed_signers", "-I", "bo", "-n", "holdpoint-approval", "-s"]);
        checks.arg(format!("{name}.sig")).current_dir(&out).stdin(fs::File::open(out.join("asked")).unwrap());
        checks.output().unwrap().status.success()
    };
    assert!(verifies(&text) && !verifies(&text.replace("4.2.0", "4.1.0")));
}

#[test]
fn a_key_in_the_home_and_one_in_an_agent_sign_on_the_spot() {
    let house = House::new();
    // Ana drives; bo sits at the same login, with a key of his own: it is signed for ana, who may not.
    house.starts();
    let ssh = house.at(".ssh");
    fs::create_dir(&ssh).unwrap();
    fs::copy(house.at("ana"), ssh.join("id_ed25519")).unwrap();
    fs::copy(house.at("ana.pub"), ssh.join("id_ed25519.pub")).unwrap();
    let own = house.run(&["approve", "1/1", "--sign"]).exits(1);
    assert!(own.stderr.contains("ana started or drives run 1"), "{own:?}");
    assert!(own.stderr.contains("person: ana"), "what is signed is shown: {own:?}");
    // Another drives: ana's word counts.
    fs::remove_file(ssh.join("id_ed25519")).unwrap();
    fs::remove_file(ssh.join("id_ed25519.pub")).unwrap();
    let none = house.run(&["approve", "1/1", "--sign"]).exits(2);
    assert!(none.stderr.contains("none of ana's keys"), "{none:?}");
    let socket = house.at("agent");
    let mut agent = Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    until(Duration::from_secs(20), || socket.exists().then_some(())).unwrap();
    let add = Command::new("ssh-add").arg("-q").arg(house.at("ana")).env("SSH_AUTH_SOCK", &socket).status().unwrap();
    assert!(add.success());
    let mut asks = house.0.command(crate::support::sandbox::HOLDPOINT, &["approve", "1/1", "--sign"]);
    // What signs sees the public half of the key alone, in a place that nobody else gets at.
    let (temporary, seen) = (house.at("temporary"), house.at("seen"));
    fs::create_dir(&temporary).unwrap();
    let bin = house.at("bin");
    fs::create_dir(&bin).unwrap();
    let look = format!(
        "#!/bin/sh\nfor key; do [ -f \"$key\" ] && stat -c '%a %h' \"$key\" \"$(dirname \"$key\")\" >{}; done\nPATH={} exec ssh-keygen \"$@\"\n",
        seen.display(),
        std::env::var("PATH").unwrap()
    );
    fs::write(bin.join("ssh-keygen"), look).unwrap();
    fs::set_permissions(bin.join("ssh-keygen"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    asks.env("SSH_AUTH_SOCK", &socket).env("TMPDIR", &temporary).env("PATH", path);
    let out = asks.output().unwrap();
    agent.kill().unwrap();
    agent.wait().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("ana started or drives run 1"), "the agent signed, and it was judged: {said}");
    assert_eq!(fs::read_to_string(&seen).unwrap(), "600 1\n700 2\n");
    assert_eq!(walk(&temporary), Vec::<String>::new(), "nothing of it is left");
}

fn walk(directory: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        all.push(entry.file_name().to_string_lossy().into_owned());
        if entry.path().is_dir() {
            all.extend(walk(&entry.path()));
        }
    }
    all
}

/// Each known from some other tool.
#[test]
fn nothing_else_gets_through() {
    let house = House::new();
    house.starts();
    let file = house.file("bo.txt", "1/1", "bo");
    let text = fs::read_to_string(&file).unwrap();
    let swap = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let mut n = 0;
    let mut brings = |text: &str| {
        n += 1;
        house.brings(&format!("{n}.txt"), text)
    };
    // Somebody else's key, and one that is nobody's.
    house.sign("kim", &file, "holdpoint-approval");
    house.refuses(house.import(&file), "is not bo's");
    house.sign("eve", &file, "holdpoint-approval");
    house.refuses(house.import(&file), "is not bo's");
    // A signature that bo made for something else.
    house.sign("bo", &file, "git");
    house.refuses(house.import(&file), "made for \"git\"");
    // A signature over another text.
    let other = house.file("other.txt", "1/3", "bo");
    house.sign("bo", &other, "holdpoint-approval");
    fs::copy(house.at("other.txt.sig"), house.at("bo.txt.sig")).unwrap();
    house.refuses(house.import(&file), "does not fit");
    // Words that are milder than the digest: bo signed what he read, and it is not what is done.
    house.refuses(brings(&swap("sends deploy web prod version=4.2.0", "sends nothing")), "the words are others");
    // A heading that says it all differently.
    house.refuses(brings(&swap("run: 1", "run: 01")), "the words are others");
    house.refuses(brings(&swap("person: bo", "person: kim")), "is not kim's");
    house.refuses(brings(&swap("role: security", "role: qa")), "waits for security, not for qa");
    house.refuses(brings(&swap("step: 1", "step: 3")), "has changed since");
    house.refuses(brings(&swap("journal: ", "journal: 0")), "it is about 1/1 of journal 0");
    house.refuses(
        brings(&swap("change: ", "change: 00").replacen(
            &text[text.find("\n\n").unwrap() - 2..],
            &text[text.find("\n\n").unwrap()..],
            1,
        )),
        "has changed since",
    );
    // Times: over, still to come, for ever.
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let (asked, ends) = (line("asked: "), line("until: "));
    let old = swap(&asked, "asked: 2020-01-01T00:00:00Z");
    house.refuses(brings(&old.replacen(&ends, "until: 2020-01-02T00:00:00Z", 1)), "it counted until 2020-01-02");
    let coming = swap(&asked, "asked: 2099-01-01T00:00:00Z");
    house.refuses(brings(&coming.replacen(&ends, "until: 2099-01-02T00:00:00Z", 1)), "still to come");
    house.refuses(brings(&swap(&ends, "until: 2099-01-01T00:00:00Z")), "longer than");
    // What is no text of a decision at all, and a rejection as an approval.
    brings("hello\n").exits(2);
    let rejection = brings(&swap("decision: approve", "decision: reject")).exits(2);
    assert!(rejection.stderr.contains("holdpoint reject --import"), "{rejection:?}");
    // For ana, by ana, who started the run.
    let own = house.file("ana.txt", "1/1", "ana");
    house.sign("ana", &own, "holdpoint-approval");
    house.refuses(house.import(&own), "ana started or drives run 1");
    // Another name for oneself.
    house.run(&["--as", "bo", "approve", "1/1"]).exits(2);
    // Two keys of one person are one person.
    let both = house.file("both.txt", "1/3", "bo");
    house.sign("bo", &both, "holdpoint-approval");
    house.import(&both).exits(0);
    until(Duration::from_secs(20), || {
        let again = house.at("again.txt");
        let _ = fs::remove_file(&again);
        let again = house.file("again.txt", "1/3", "bo");
        house.sign("bo2", &again, "holdpoint-approval");
        (house.import(&again).code == Some(0)).then_some(())
    })
    .unwrap();
    assert_ne!(house.word("3"), "done");
    // And what is right still is.
    house.sign("bo", &file, "holdpoint-approval");
    house.import(&file).exits(0);
    assert_eq!(house.word("1"), "done");
}

#[test]
fn an_approval_is_not_played_again_after_its_rejection() {
    let house = House::new();
    house.starts();
    let file = house.file("bo.txt", "1/1", "bo");
    house.sign("bo", &file, "holdpoint-approval");
    let no = house.at("no.txt");
    house
        .run(&["reject", "1/1", "--export", no.to_str().unwrap(), "--by", "bo", "--reason", "the schema is missing"])
        .exits(0);
    house.sign("bo", &no, "holdpoint-approval");
    house.run(&["reject", "--import", no.to_str().unwrap()]).exits(0);
    house.refuses(house.import(&file), "export it anew");
}

#[test]
fn a_key_that_comes_after_the_run_waits_to_be_adopted_and_one_that_goes_counts_no_more() {
    let house = House::new();
    house.starts();
    house.people(&format!(", \"{}\"", house.public("eve")));
    let file = house.file("bo.txt", "1/1", "bo");
    house.sign("eve", &file, "holdpoint-approval");
    house.refuses(house.import(&file), "is not bo's");
    let adopt = house.run(&["adopt", "--reason", "a new laptop", "--dry-run"]);
    assert!(adopt.stdout.contains("signs for bo"), "{adopt:?}");
    // A rule that is changed before the run starts is in force; after it, only what is stricter is.
    let by_both = house.file("both.txt", "1/3", "bo");
    house.sign("bo", &by_both, "holdpoint-approval");
    house.import(&by_both).exits(0);
    let status = house.run(&["approvals"]).exits(0);
    assert!(status.stdout.contains("1 of 2"), "{status:?}");
    let without = fs::read_to_string(house.0.workspace().join("holdpoint.toml")).unwrap();
    house.0.write("holdpoint.toml", without.replacen(&format!("\"{}\", ", house.public("bo")), "", 1));
    let status = house.run(&["approvals"]).exits(0);
    assert!(status.stdout.contains("0 of 2"), "{status:?}");
}

#[test]
fn what_would_act_on_a_terminal_or_is_over_at_once_is_not_written_to_be_signed() {
    let house = House::new();
    house.starts();
    let file = house.at("bo.txt");
    let long = "x".repeat(2000);
    let whys =
        [("fine\u{1b}[2J", "24h", "\\u{1b}"), ("fi\u{202e}enif", "24h", "\\u{202e}"), (&long, "24h", "characters")];
    for (reason, lasts, why) in whys.into_iter().chain([("fine", "0s", "for some time"), ("fine", "200h", "at most")]) {
        let export = ["approve", "1/1", "--export", file.to_str().unwrap(), "--by", "bo"];
        let refused = house.run(&[&export[..], &["--reason", reason, "--for", lasts]].concat()).exits(2);
        assert!(refused.stderr.contains(why) && !file.exists(), "{why:?} is not in {refused:?}");
        assert!(refused.stderr.len() < 600 && !refused.stderr.contains('\u{1b}'), "{refused:?}");
    }
}

#[test]
fn a_verification_by_people_is_not_waited_for_by_who_started_the_step() {
    let house = House::new();
    house.starts();
    let file = house.file("bo.txt", "1/1", "bo");
    house.sign("bo", &file, "holdpoint-approval");
    house.import(&file).exits(0);
    assert_eq!(house.word("1"), "done");
    let started = house.run(&["step", "start", "1", "2", "--confirm", "prod"]).exits(3);
    assert!(started.stderr.contains("step 2 waits for people: approval by security 0 of 1"), "{started:?}");
    assert!(started.stderr.contains("next: holdpoint approve 1/2 --sign"), "{started:?}");
    let drives = house.run(&["drive", "1"]).exits(3);
    assert!(drives.stderr.contains("next: holdpoint approve 1/2 --sign"), "{drives:?}");
    let verified = house.file("verified.txt", "1/2", "bo");
    house.sign("bo", &verified, "holdpoint-approval");
    house.import(&verified).exits(0);
    assert_eq!(house.word("2"), "done");
}
