//! The one verb of an Alertmanager, in both of its senses, held to everything that can go wrong: what is certain
//! then, how often it was sent, what a probe finds, and that nothing gets out that should not.

mod members;

use super::silence;
use crate::matrix::{Again, But, Case, EVER, End, Ground, LOST, Must, Sent, Shows, WELL, all, authority, tried};
use crate::support::{key, launcher};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::domain::alert::AlertLabels;
use holdpoint::domain::backend::AlertmanagerSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::secret::SecretRef;
use holdpoint::domain::span::Span;
use members::{Does, HOSTILE, Members};
use serde_json::{Value, json};
use std::path::PathBuf;

const SECRET: &str = "token-of-the-members";

/// One sense of the verb.
#[derive(Clone, Copy, Debug)]
struct Row {
    verb: Verb,
    args: &'static [(&'static str, &'static str)],
    /// The request that changes something.
    sends: (&'static str, &'static str),
    /// Where it differs from what holds of all.
    but: But,
}

const ROWS: &[Row] = &[
    Row {
        verb: Verb::Silence,
        args: &[("duration", "5m"), ("alert", "A")],
        sends: ("POST", "/api/v2/silences"),
        but: &[
            // Of two, each makes their own.
            (&[Case::Another, Case::Already], Must { again: None, ..WELL }),
            // When it would begin and end is not known then.
            (&[Case::Skewed], Must { ends: &[End::NotDone], sent: Sent::None, found: &[Shows::NotYet], again: None }),
            // It is there, and whether it keeps anything quiet nobody knows.
            (&[Case::Unmoved], Must { ends: &[End::Unknown], ..WELL }),
        ],
    },
    Row {
        verb: Verb::Silence,
        args: &[("end", "now"), ("alert", "A")],
        sends: ("DELETE", "/api/v2/silence/"),
        but: &[
            // What has ended cannot be ended, which the server tells as a failure of its own.
            (
                &[Case::Another],
                Must {
                    ends: &[End::Unknown],
                    found: &[Shows::Applied],
                    again: Some(Again { ends: &[End::Done], more: Some(false) }),
                    ..LOST
                },
            ),
            (&[Case::Unmoved], WELL),
        ],
    },
];

/// What there is nothing of here, and why.
const NOT_HERE: &[(Case, &str)] =
    &[(Case::Paged, "its lists are given whole"), (Case::Missed, "its watch asks anew each time")];

/// Two members, in which one case of one row is tried.
struct Trial {
    row: &'static Row,
    members: Members,
    backend: AlertmanagerBackend,
    dir: tempfile::TempDir,
}

impl Trial {
    fn new(row: &'static Row) -> Self {
        let (members, dir) = (Members::start(), tempfile::TempDir::new().unwrap());
        let file = dir.path().join("token");
        std::fs::write(&file, SECRET).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let (url, token, ca) = (members.servers[0].url(""), Some(SecretRef::File(file)), Some(authority(dir.path())));
        let endpoint = Endpoint { url, token, ca, ..Endpoint::default() };
        let spec = AlertmanagerSpec {
            endpoint,
            peers: vec![members.servers[1].url("")],
            labels: AlertLabels::default(),
            longest: Span::mins(120),
            never: Vec::new(),
        };
        let backend = AlertmanagerBackend::new("alerts".into(), Span::millis(200), spec, "/".into(), launcher());
        let mut state = members.state();
        // Those of other people are never ours.
        state.keep(kept("by hand"));
        if row.sends.0 == "DELETE" {
            state.keep(kept(&format!("planned change (holdpoint:{})", Key { seq: 1, ..key() })));
        }
        drop(state);
        Self { row, members, backend, dir }
    }
}

/// A silence of alert A, with a comment.
fn kept(comment: &str) -> Value {
    let matcher = |name: &str, value: &str| json!({ "name": name, "value": value, "isRegex": false, "isEqual": true });
    json!({ "comment": comment, "createdBy": "lee", "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "matchers": [matcher("service", "payments"), matcher("environment", "eu-west"), matcher("alertname", "A")] })
}

impl Ground for Trial {
    fn backend(&self) -> &dyn Backend {
        &self.backend
    }

    fn wish(&self, case: Case) -> Operation {
        let mut wish = Operation { verb: self.row.verb, ..silence(self.row.args) };
        if case == Case::HostileWish {
            wish.args.values_mut().for_each(|value| HOSTILE.clone_into(value));
        }
        wish
    }

    fn must(&self, case: Case) -> Must {
        case.must(self.row.but)
    }

    fn sends(&self) -> (usize, usize) {
        (1, 0)
    }

    async fn prepare(&self, case: Case) -> Result<(), String> {
        let mut state = self.members.state();
        match case {
            Case::Hostile => {
                let labels = json!({ "alertname": HOSTILE, "service": "payments", "environment": "eu-west" });
                state.alerts.push(json!({ "labels": labels, "annotations": { "summary": HOSTILE },
                    "startsAt": "2026-11-22T09:00:00Z", "status": { "silencedBy": [], "inhibitedBy": [] } }));
                let mut other = kept(HOSTILE);
                other["createdBy"] = HOSTILE.into();
                state.keep(other);
            }
            Case::Strange => {
                let mut other = kept("of another time");
                other["newField"] = json!({ "a": [1] });
                state.keep(other);
                state.silences.iter_mut().for_each(|silence| silence["annotations"] = json!({ "new": "words" }));
                state.silences.last_mut().unwrap()["status"]["state"] = "levitating".into();
            }
            Case::Skewed => state.behind = 600,
            Case::Unmoved if self.timed() => state.state = Some(format!("levitating {HOSTILE}")),
            _ => {}
        }
        Ok(())
    }

    fn arm(&self, case: Case) {
        let (method, mut state) = (self.row.sends.0, self.members.state());
        let mut arm = |method: &'static str, does: Does, times: u32, later: bool| {
            state.armed.push((method, does, times, later));
        };
        match case {
            Case::No(code) | Case::Fails(code) => arm(method, Does::Status(code), 1, false),
            Case::TooMany => arm(method, Does::TooMany(7), 1, false),
            Case::CutBefore => arm(method, Does::CutBefore, 1, false),
            Case::CutAfter => arm(method, Does::CutAfter, 1, false),
            Case::Hangs => arm(method, Does::Hang, 1, false),
            Case::Garbage => arm(method, Does::Garbage, 1, false),
            Case::Empty => arm(method, Does::Empty, 1, false),
            Case::Nothing => arm(method, Does::Nothing, 1, false),
            Case::HostileNo(code) => arm(method, Does::Hostile(code), 1, false),
            Case::Blind(code) => arm("GET", Does::Status(code), EVER, true),
            Case::HostileBlind => arm("GET", Does::Hostile(500), EVER, true),
            Case::Stumbles(429) => arm("GET", Does::TooMany(0), 1, true),
            Case::Stumbles(code) => arm("GET", Does::Status(code), 1, true),
            Case::Another if method == "DELETE" => {
                state.meanwhile = Some(|state| {
                    let id = state.silences[1]["id"].as_str().unwrap().to_owned();
                    state.end(&id).unwrap();
                });
            }
            Case::Another => {
                let comment = format!("planned change (holdpoint:{})", Key { seq: 413, ..key() });
                state.keep(kept(&comment));
            }
            _ => {}
        }
    }

    async fn beside(&self, _: Case) {}

    fn sent(&self) -> Result<Vec<usize>, String> {
        let (sent, (method, path)) = (self.members.sent(), self.row.sends);
        match sent.iter().find(|asked| !asked.starts_with(&format!("{method} {path}"))) {
            Some(other) => Err(format!("it sent what it should not: {other}")),
            None => Ok(vec![sent.len()]),
        }
    }

    fn forget(&self) {
        self.members.state().asked.clear();
    }

    fn heal(&self) {
        let mut state = self.members.state();
        state.armed.clear();
        if state.state.take().is_some()
            && let Some(ours) = state.silences.last_mut()
        {
            ours["status"]["state"] = "active".into();
        }
    }

    /// What ends now ends whatever the time is.
    fn timed(&self) -> bool {
        self.row.sends.0 == "POST"
    }

    /// What is of others stays as it is; what is made is made once.
    fn left(&self) -> Result<(), String> {
        let state = self.members.state();
        let mark = format!("(holdpoint:{})", key());
        let ours = state.silences.iter().filter(|silence| silence["comment"].as_str().unwrap().ends_with(&mark));
        match state.silences[0]["status"]["state"] == "active" && ours.count() <= 1 {
            true => Ok(()),
            false => Err(format!("what is kept is not as it should be: {:?}", state.silences)),
        }
    }

    async fn over(&self, _: Case) -> Result<(), String> {
        Ok(())
    }

    fn secret(&self) -> &'static str {
        SECRET
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("kept.log")
    }
}

#[tokio::test]
async fn of_an_alertmanager() {
    let here = |case: &Case| NOT_HERE.iter().all(|(not, _)| not != case);
    let cases = Case::ALL.into_iter().filter(here).flat_map(|case| ROWS.iter().map(move |row| (row, case)));
    all(cases.map(|(row, case)| {
        let Row { verb, args, .. } = row;
        (format!("{verb} ({args:?}), {case:?}"), tried(case, || Trial::new(row)))
    }))
    .await;
}

#[test]
fn every_verb_stands_in_the_table() {
    let trial = Trial::new(&ROWS[0]);
    let mut can: Vec<_> = ROWS.iter().map(|row| row.verb).collect();
    can.dedup();
    assert_eq!(can, trial.backend.manifest().verbs.keys().copied().collect::<Vec<_>>());
}
