//! The conformance kit: what the protocol's page promises of a plugin, tried on one.
//!
//! It talks to the program as a host would, and as a careless one. Nothing is performed unless
//! an operation is named for it: a kit must not deploy anything by itself.

mod bench;
mod deeds;
mod talk;
mod watches;

use super::message::Deed;
use super::process::Launch;
use crate::backend::launcher::Launcher;
use bench::Bench;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long an answer may take in the kit.
const SOON: Duration = Duration::from_secs(5);

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As the page says.
    Passed,
    /// Not as the page says.
    Failed,
    /// Not tried.
    Skipped,
}

/// One trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What was tried.
    pub what: &'static str,
    /// What came.
    pub came: String,
    /// What the page says.
    pub page: &'static str,
    /// How it ended.
    pub outcome: Outcome,
}

/// What is tried.
pub struct Trial {
    /// How the plugin is started.
    pub launch: Launch,
    /// An operation that may really be performed, as often as the kit likes.
    pub operation: Option<Deed>,
}

impl Trial {
    /// A program as a person names it, from `root`; `config` and `operation` are JSON. It need not be pinned.
    ///
    /// # Errors
    /// What is no JSON of its kind, in words.
    pub fn new(
        root: &Path,
        argv: Vec<String>,
        config: &str,
        operation: Option<&str>,
        launcher: Launcher,
    ) -> Result<Self, String> {
        let config = serde_json::from_str(config).map_err(|e| format!("--config is no JSON object: {e}"))?;
        let operation = operation.map(serde_json::from_str).transpose();
        let operation = operation.map_err(|e| format!("--operation cannot be read: {e}"))?;
        let (name, root, pass_env, secrets) = ("check".to_owned(), root.to_owned(), Vec::new(), BTreeMap::new());
        Ok(Self { launch: Launch { name, argv, config, pass_env, secrets, root, launcher, pinned: false }, operation })
    }
}

/// What a trial gives: what came, if it is as it should be, or else.
type Came = Result<String, String>;

/// Tries everything and calls `each` as it goes.
pub async fn check(trial: &Trial, mut each: impl FnMut(Tried)) {
    let mut told = |what, page, came: Option<Came>| {
        let (outcome, came) = match came {
            Some(Ok(came)) => (Outcome::Passed, came),
            Some(Err(came)) => (Outcome::Failed, came),
            None => (Outcome::Skipped, "not tried".to_owned()),
        };
        each(Tried { what, came, page, outcome });
    };
    const GREETING: &str = "answers within 10 s with protocol, cookie, plugin and capabilities";
    let (welcome, came) = match talk::greeting(trial).await {
        Ok((_, welcome, came)) => (welcome, came),
        Err(why) => return told("initialize", GREETING, Some(Err(why))),
    };
    told("initialize", GREETING, Some(Ok(came)));
    told(
        "started by hand, without the cookie",
        "says how it is used on standard error and ends with exit 64",
        Some(talk::by_hand(trial).await),
    );
    told(
        "initialize with protocols 999 to 999",
        "error -32001 with min and max in data",
        Some(talk::no_protocol(trial).await),
    );
    told("a method that there is not", "error -32601", Some(talk::no_method(trial).await));
    told("keys that nobody knows", "ignored", Some(talk::more_keys(trial).await));
    told("ids that are large, or texts", "sent back as they came", Some(talk::ids(trial).await));
    told("a message byte by byte", "understood", Some(talk::byte_by_byte(trial).await));
    told("fifty messages in one write", "all answered", Some(talk::merged(trial).await));
    told("lines that are no messages", "passed over; what follows is answered", Some(talk::garbage(trial).await));
    told("300 pings to one who reads late", "all answered", Some(talk::late(trial).await));
    for (topic, what, credit) in [
        ("deployments", "watch:deployments", "watch:deployments, and no acknowledgements"),
        ("signals", "watch:signals", "watch:signals, and no acknowledgements"),
    ] {
        if welcome.capabilities.contains_key(what) {
            told(
                what,
                "begin … end, then changes or heartbeats; seq 1, 2, 3, …; quiet after watch/stop",
                Some(watches::watch(trial, topic).await),
            );
            told(credit, "at most 256 events until the first watch/ack", Some(watches::credit(trial, topic).await));
        }
    }
    told(
        "perform of a verb that is not offered",
        "error -32014, -32601 or -32602",
        Some(deeds::not_offered(trial, &welcome).await),
    );
    if welcome.capabilities.contains_key("probe") {
        told("probe of a key that never was", "not applied, or unknown", Some(deeds::never_was(trial, &welcome).await));
    }
    let deed = trial.operation.as_ref();
    told(
        "preview",
        "obstacles, effects and what is lost; or -32601",
        maybe(deed, |deed| deeds::preview(trial, deed)).await,
    );
    told(
        "perform, and a ping meanwhile",
        "the ping is answered within 5 s, the operation in the end",
        maybe(deed, |deed| deeds::perform(trial, deed)).await,
    );
    told(
        "perform of the same key again",
        "the same summary and detail, from the next process too; what was done is not seen",
        maybe(deed, |deed| deeds::again(trial, deed)).await,
    );
    told(
        "$/cancel in mid perform",
        "a result or an error within 2 s",
        maybe(deed, |deed| deeds::cancel(trial, deed)).await,
    );
    told(
        "killed in mid perform, then probe",
        "a finding of the next process",
        maybe(deed, |deed| deeds::killed(trial, deed)).await,
    );
    told("shutdown", "answered; ends with exit 0 within 2 s", Some(talk::shutdown(trial).await));
    told("end of input", "ends within 2 s", Some(talk::hang_up(trial).await));
}

async fn maybe<'a, F: Future<Output = Came>>(deed: Option<&'a Deed>, run: impl FnOnce(&'a Deed) -> F) -> Option<Came> {
    match deed {
        Some(deed) => Some(run(deed).await),
        None => None,
    }
}

/// A bench whose plugin has greeted.
async fn greeted(trial: &Trial) -> Result<Bench, String> {
    talk::greeting(trial).await.map(|(bench, _, _)| bench)
}
