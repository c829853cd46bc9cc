//! A catalogue of ways around an approval, each known from some other tool or tried in earnest: through the verbs, through
//! the keys of the screens, and by hand in the files and the journal. Nothing is ever deployed.
//!
//! The workspace is for real; who runs the tests is ana, who starts the run and would like it to go out at once.

use crate::support::{Outcome, Sandbox};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

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
"#;

const POLICY: &str = r#"
[rules.production]
effect = "needs"
when = "environment.tier == 'production'"
say = "production is approved by security"
approvals = [{ role = "security" }]
waived_by = ["risk"]
"#;

const FREEZE: &str = r#"
[freezes.audit]
title = "The auditors are here"
starts = "2020-01-01T00:00:00Z"
ends = "2099-01-01T00:00:00Z"
environments = ["prod"]
waived_by = ["risk"]
"#;

/// A production that nothing may reach: it is frozen, nobody has approved, and ana may do neither.
struct Prod(Sandbox);

impl Prod {
    fn new() -> Self {
        let prod = Self(Sandbox::new());
        for name in ["ana", "bo", "eve"] {
            let mut made = Command::new("ssh-keygen");
            made.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(prod.home(name));
            assert!(made.status().unwrap().success());
        }
        prod.0.program("deploy", "#!/bin/sh\necho \"begin $*\" >> ops.log\n");
        prod.0.write("services.toml", "[services.web]\ntier = 1\ndeployed_by = { prod = \"sh\" }\n");
        prod.0.write("runbooks/day.toml", DAY);
        prod.0.write("policy/all.toml", POLICY);
        prod.files(|text| text);
        prod.run(&["run", "start", "day"]).exits(0);
        prod.run(&["drive", "1"]).exits(3);
        prod
    }

    fn home(&self, name: &str) -> PathBuf {
        self.0.root().join("home").join(name)
    }

    /// Writes holdpoint.toml, changed.
    fn files(&self, change: impl FnOnce(String) -> String) {
        let me = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let key = |name: &str| fs::read_to_string(self.home(&format!("{name}.pub"))).unwrap().trim().to_owned();
        let (me, ana, bo) = (me.trim(), key("ana"), key("bo"));
        self.0.write(
            "holdpoint.toml",
            change(format!(
                r#"
[workspace]
id = "bypasses"
name = "bypasses"
zone = "UTC"
[people.ana]
logins = ["{me}"]
keys = ["{ana}"]
[people.bo]
logins = ["bo"]
keys = ["{bo}"]
[people.cleo]
logins = ["cleo"]
[people.dan]
logins = ["dan"]
[roles.release-manager]
people = ["ana", "dan"]
rollback = true
[roles.security]
people = ["bo"]
proof = "signed"
[roles.risk]
people = ["cleo", "dan"]
[emergency]
declared_by = ["release-manager"]
second = ["risk"]
reviewed_by = ["risk"]
longest = "2h"
[environments.prod]
tier = "production"
[backends.sh]
kind = "command"
[backends.sh.verbs.deploy]
argv = ["./deploy", "{{service}}", "{{environment}}", "{{version}}"]
[backends.sh.verbs.roll-back]
argv = ["./deploy", "{{service}}", "{{environment}}", "{{to}}"]
"#
            )),
        );
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Outcome {
        self.0.holdpoint(arguments)
    }

    /// What bo would sign, signed with somebody's key, and brought.
    fn brings(&self, key: &str, namespace: &str, change: impl FnOnce(String) -> String) -> Outcome {
        let file = self.exported();
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, change(text)).unwrap();
        self.signed(&file, key, namespace);
        self.run(&["approve", "--import", file.to_str().unwrap()])
    }

    fn exported(&self) -> PathBuf {
        let file = self.home("bo.txt");
        let _ = fs::remove_file(&file);
        self.run(&["approve", "1/1", "--export", file.to_str().unwrap(), "--by", "bo"]).exits(0);
        file
    }

    fn signed(&self, file: &std::path::Path, key: &str, namespace: &str) {
        let _ = fs::remove_file(format!("{}.sig", file.display()));
        let mut signed = Command::new("ssh-keygen");
        signed.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(self.home(key)).arg(file);
        assert!(signed.stderr(Stdio::null()).status().unwrap().success());
    }

    /// Another run, of another runbook, as far as it comes.
    fn second(&self, runbook: &str) -> Outcome {
        self.0.write("runbooks/second.toml", runbook);
        let begun = self.run(&["run", "start", "second"]);
        match begun.code {
            Some(0 | 3) => self.run(&["step", "start", "2", "2", "--confirm", "prod"]),
            _ => begun,
        }
    }

    fn start(&self) -> Outcome {
        self.run(&["step", "start", "1", "2", "--confirm", "prod"])
    }

    /// Appends a line that is chained as it should be, and forgets which line was the last one.
    fn forges(&self, by: &str, facts: &serde_json::Value) {
        let journal = find(self.0.root(), "000001.jsonl");
        let text = fs::read_to_string(&journal).unwrap();
        let last = text.lines().last().unwrap();
        let line: serde_json::Value = serde_json::from_str(last).unwrap();
        let prev = format!("{:x}", HexDigest(Sha256::digest(format!("{last}\n")).into()));
        let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        // In the order of the fields that every line has.
        let forged = format!(
            "{{\"seq\":{},\"at\":\"{at}\",\"by\":\"{by}\",\"cause\":\"approve 1/1\",\"facts\":{facts},\"prev\":\"{prev}\"}}\n",
            line["seq"].as_u64().unwrap() + 1
        );
        fs::write(&journal, text + &forged).unwrap();
        fs::remove_file(find(self.0.root(), "tip")).unwrap();
    }
}

struct HexDigest([u8; 32]);

impl std::fmt::LowerHex for HexDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn find(directory: &std::path::Path, name: &str) -> PathBuf {
    let mut all = vec![directory.to_owned()];
    while let Some(next) = all.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                all.push(entry.path());
            } else if entry.file_name() == name {
                return entry.path();
            }
        }
    }
    panic!("there is no {name}")
}

fn same(text: String) -> String {
    text
}

const APPROVAL: &str = "holdpoint-approval";

/// What is tried, and what is said of it. Whatever else it did, the deploy is then tried as well.
type Try = (&'static str, fn(&Prod) -> Outcome, &'static str);

const TRIES: &[Try] = &[
    ("start without anybody's approval", |p| p.start(), "needs step 1"),
    (
        "leave the approval out",
        |p| p.run(&["step", "skip", "1", "1", "--reason", "no time"]),
        "step 1 may not be skipped",
    ),
    ("say that the approval is done", |p| p.run(&["step", "done", "1", "1"]), "step 1 is not done by hand"),
    ("waive the approval", |p| p.run(&["step", "waive", "1", "1", "--reason", "no time"]), "cannot be waived"),
    ("approve what one asked for oneself", |p| p.run(&["approve", "1/1"]), "ana fills none of security"),
    (
        "in the name of a role one does not fill",
        |p| p.run(&["approve", "1/1", "--role", "security"]),
        "ana does not fill security; bo may",
    ),
    ("in another's name", |p| p.run(&["--as", "bo", "approve", "1/1"]), "--as is only for"),
    (
        "under another's login, from the environment",
        |p| {
            let mut command = p.0.command(crate::support::sandbox::HOLDPOINT, &["approve", "1/1"]);
            command.envs([("USER", "bo"), ("LOGNAME", "bo"), ("SUDO_USER", "bo")]);
            crate::support::sandbox::finish(command, b"", crate::support::sandbox::LIMIT)
        },
        "ana fills none of security",
    ),
    ("sign in another's name with one's own key", |p| p.brings("ana", APPROVAL, same), "is not bo's"),
    ("sign with a key that is nobody's", |p| p.brings("eve", APPROVAL, same), "is not bo's"),
    ("a signature that bo made for something else", |p| p.brings("bo", "git", same), "made for \"git\""),
    (
        "words that are milder than what is sent",
        |p| p.brings("bo", APPROVAL, |t| t.replace("sends deploy web prod version=4.2.0", "sends nothing")),
        "the words are others",
    ),
    (
        "an approval of another run",
        |p| {
            p.0.write("runbooks/other.toml", DAY);
            p.run(&["run", "start", "other"]).exits(0);
            p.brings("bo", APPROVAL, |t| t.replace("run: 1\n", "run: 2\n"))
        },
        "what was approved has changed since",
    ),
    (
        "an approval of another step",
        |p| p.brings("bo", APPROVAL, |t| t.replace("step: 1\n", "step: 2\n")),
        "what was approved has changed since",
    ),
    (
        "an approval of another journal",
        |p| p.brings("bo", APPROVAL, |t| t.replace("journal: ", "journal: 0")),
        "of journal 0",
    ),
    (
        "an approval that is over",
        |p| {
            let over = |t: String| {
                replaced_line(&replaced_line(&t, "asked: ", "2020-01-01T00:00:00Z"), "until: ", "2020-01-02T00:00:00Z")
            };
            p.brings("bo", APPROVAL, over)
        },
        "it counted until 2020-01-02",
    ),
    (
        "an approval for ever",
        |p| p.brings("bo", APPROVAL, |t| replaced_line(&t, "until: ", "2099-01-01T00:00:00Z")),
        "longer than",
    ),
    (
        "an approval from before its rejection",
        |p| {
            let yes = p.exported();
            p.signed(&yes, "bo", APPROVAL);
            let no = p.home("no.txt");
            let no = no.to_str().unwrap();
            p.run(&["reject", "1/1", "--export", no, "--by", "bo", "--reason", "the schema is missing"]).exits(0);
            p.signed(&p.home("no.txt"), "bo", APPROVAL);
            p.run(&["reject", "--import", no]).exits(0);
            p.run(&["approve", "--import", yes.to_str().unwrap()])
        },
        "export it anew",
    ),
    (
        "an approval of the runbook before it was edited",
        |p| {
            let yes = p.exported();
            p.signed(&yes, "bo", APPROVAL);
            let text = fs::read_to_string(&yes).unwrap().replace("run: 1\n", "run: 2\n");
            let begun = p.second(&DAY.replace("4.2.0", "4.2.1"));
            assert_ne!(begun.code, Some(0), "{begun:?}");
            fs::write(&yes, text).unwrap();
            p.signed(&yes, "bo", APPROVAL);
            p.run(&["approve", "--import", yes.to_str().unwrap()])
        },
        "what was approved has changed since",
    ),
    (
        "one's own key among bo's",
        |p| {
            p.files(|t| {
                t.replacen(
                    "[people.bo]\nlogins = [\"bo\"]\nkeys = [",
                    &format!(
                        "[people.bo]\nlogins = [\"bo\"]\nkeys = [\"{}\", ",
                        fs::read_to_string(p.home("eve.pub")).unwrap().trim()
                    ),
                    1,
                )
            });
            p.brings("eve", APPROVAL, same)
        },
        "is not bo's",
    ),
    (
        "oneself in the role, which needs no proof any more",
        |p| {
            p.files(|t| t.replace("people = [\"bo\"]\nproof = \"signed\"", "people = [\"bo\", \"ana\"]"));
            p.run(&["approve", "1/1"])
        },
        "ana fills none of security",
    ),
    (
        "one's own login as bo's",
        |p| {
            p.files(|t| {
                t.replace("[people.ana]\nlogins = [\"", "[people.ana]\nlogins = [\"x-")
                    .replace("logins = [\"bo\"]", &format!("logins = [\"{}\"]", me()))
                    .replace("proof = \"signed\"", "")
            });
            p.run(&["approve", "1/1"])
        },
        "became bo's after the run went by the rules",
    ),
    (
        "the workspace is called a rehearsal",
        |p| {
            p.files(|t| t.replace("zone = \"UTC\"", "zone = \"UTC\"\npurpose = \"rehearsal\""));
            p.run(&["--as", "bo", "approve", "1/1"])
        },
        "--as is only for",
    ),
    (
        "the runbook is called a rehearsal",
        |p| p.second(&format!("mode = \"rehearsal\"\n{}", DAY.replace("needs = [\"1\"]", ""))),
        "production is approved by security",
    ),
    (
        "a runbook without the approval",
        |p| p.second(&DAY.replace("needs = [\"1\"]", "")),
        "production is approved by security",
    ),
    (
        "without a runbook",
        |p| p.run(&["do", "deploy", "web", "--env", "prod", "version=4.2.0", "--confirm", "prod"]),
        "production is approved by security",
    ),
    (
        "the rule is taken out",
        |p| {
            fs::remove_file(p.0.workspace().join("policy/all.toml")).unwrap();
            p.second(&DAY.replace("needs = [\"1\"]", ""))
        },
        "production is approved by security",
    ),
    (
        "the freeze is taken out",
        |p| {
            let file = p.0.write("calendar/audit.toml", FREEZE);
            assert_ne!(p.start().code, Some(0));
            fs::remove_file(file).unwrap();
            p.start()
        },
        "as it stood when the run went by it; the files were loosened and `holdpoint adopt` lets it go",
    ),
    (
        "the environment is called a test",
        |p| {
            p.files(|t| t.replace("tier = \"production\"", "tier = \"testing\"\nconfirm = \"none\""));
            p.second(&DAY.replace("needs = [\"1\"]", ""))
        },
        "environment prod was production",
    ),
    (
        "grant oneself a waiver",
        |p| {
            p.run(&["waiver", "ask", "1", "production", "--reason", "no time"]).exits(0);
            p.run(&["waiver", "grant", "1"])
        },
        "ana",
    ),
    (
        "an emergency that nobody seconds",
        |p| {
            p.run(&["emergency", "1", "--reason", "no time", "--ticket", "INC-1"]);
            p.start()
        },
        "needs step 1",
    ),
    (
        "take the conn in another's name",
        |p| p.run(&["--as", "dan", "conn", "take", "1", "--reason", "mine"]),
        "--as is only for",
    ),
    (
        "a line in the journal: bo has approved",
        |p| {
            let decision = serde_json::json!([{ "decided": { "run": 1, "step": "1", "decision": {
            "person": "bo", "role": "security", "yes": true, "proof": "signed", "at": chrono::Utc::now(), "saw": "0".repeat(64) } } }]);
            p.forges("bo#2", &decision);
            p.start()
        },
        "needs step 1",
    ),
    (
        "a line in the journal that is changed",
        |p| {
            let journal = find(p.0.root(), "000001.jsonl");
            let text = fs::read_to_string(&journal).unwrap();
            fs::write(&journal, text.replacen("Change approved", "Change abproved", 1)).unwrap();
            p.start()
        },
        "was changed: the line after it names another digest",
    ),
];

fn me() -> String {
    String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned()
}

/// A text with what a line says replaced.
fn replaced_line(text: &str, name: &str, value: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    text.replacen(line, &format!("{name}{value}"), 1)
}

#[test]
fn no_verb_and_no_file_leads_around_an_approval() {
    assert_eq!(TRIES.len(), 34, "as docs/reliability.md says");
    for (what, attempt, why) in TRIES {
        let prod = Prod::new();
        let outcome = attempt(&prod);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!matches!(outcome.code, Some(0) | None), "{what}: {outcome:?}");
        assert!(said.contains(why), "{what}: {why:?} is not in {said}");
        let then = prod.start();
        assert!(!matches!(then.code, Some(0) | None), "{what}: {then:?}");
        let log = fs::read_to_string(prod.0.workspace().join("ops.log")).unwrap_or_default();
        assert_eq!(log, "", "{what}: it went out");
    }
}

/// Whoever may roll back says to which version: it is no way around an approval, it is another authority, with its own trace.
#[test]
fn a_way_back_leaves_its_reason_a_lock_and_who_had_the_authority() {
    let prod = Prod::new();
    let back = ["rollback", "web", "--env", "prod", "--to", "4.1.0", "--confirm", "prod"];
    let mute = prod.run(&back);
    assert!(mute.code == Some(3) && mute.stderr.contains("a rollback needs its symptom"), "{mute:?}");
    prod.run(&[&back[..], &["--reason", "it fails"]].concat()).exits(0);
    let story = prod.run(&["journal", "show"]).exits(0).stdout;
    assert!(story.contains("rolled back to 4.1.0: it fails"), "{story}");
    // Without the authority it is nobody's.
    prod.files(|text| text.replace("people = [\"ana\", \"dan\"]", "people = [\"dan\"]"));
    let refused = prod.run(&[&back[..], &["--reason", "it fails"]].concat());
    assert!(refused.stderr.contains("ana has no rollback authority"), "{refused:?}");
}
