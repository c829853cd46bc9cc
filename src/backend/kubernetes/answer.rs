//! What became of one request, in words and with certainty.
//!
//! A read and a change judge the same answer differently: only what certainly did
//! nothing is *not done*; whatever may have arrived is *lost*.

use super::super::Fault;
use super::super::http::tries::{self, Outcome, Sent};
use super::super::http::{Reached, reached, retry_after, why};
use crate::domain::text;
use serde_json::Value;
use std::time::Duration;

/// Why a request brought no answer that is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It was not sent: no connection, no credentials, no such file.
    NotSent(String),
    /// The API refused it.
    Api {
        /// The HTTP status.
        code: u16,
        /// The API's own word, such as `Conflict`; empty when it said none.
        reason: String,
        /// What it said, made harmless.
        message: String,
        /// When it would like to be asked again, in seconds.
        after: Option<u64>,
    },
    /// It may have arrived: time-out, reset, nonsense.
    Lost(String),
    /// It was answered, with more than is taken; it would be so again.
    TooMuch(String),
}

impl Unanswered {
    /// A refusal from its status code and body.
    pub fn api(code: u16, body: &[u8], after: Option<u64>) -> Self {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        let word = |key: &str| said.get(key).and_then(Value::as_str).map(line).unwrap_or_default();
        let (reason, mut message) = (word("reason"), word("message"));
        if message.is_empty() {
            message = line(&String::from_utf8_lossy(body));
        }
        if let 300..=399 = code {
            message = "it redirects, which is never followed".to_owned();
        }
        let after = after.or_else(|| said.pointer("/details/retryAfterSeconds").and_then(Value::as_u64));
        let after = after.map(|seconds| seconds.min(retry_after::LONGEST.as_secs()));
        Self::Api { code, reason, message, after }
    }

    /// What became of it, for who decides whether a read is sent again.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api { code, after, .. } => Outcome::Status(*code, after.map(Duration::from_secs)),
            Self::NotSent(_) | Self::Lost(_) => Outcome::Broken,
            Self::TooMuch(_) => Outcome::Status(200, None),
        }
    }

    /// Whether the API failed or could not be reached, rather than said no.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Api { code, .. } => tries::is_failure(*code),
            Self::NotSent(_) | Self::Lost(_) => true,
            Self::TooMuch(_) => false,
        }
    }

    /// Whether what was asked for is not there.
    pub fn absent(&self) -> bool {
        matches!(self, Self::Api { code: 404, .. })
    }

    /// How long the API asks not to be asked again, at most half a minute.
    pub fn patience(&self) -> Duration {
        match self {
            Self::Api { after: Some(seconds), .. } => Duration::from_secs((*seconds).min(30)),
            _ => Duration::ZERO,
        }
    }

    /// Whether the API does not know who asks: credentials that it no longer takes.
    pub fn unknown_who(&self) -> bool {
        matches!(self, Self::Api { code: 401, .. })
    }

    /// Whether the version that was asked for is forgotten.
    pub fn expired(&self) -> bool {
        matches!(self, Self::Api { code: 410, .. })
    }

    /// What a watch rested on is there no more, or is there now: it begins anew, without a word.
    pub fn anew() -> Self {
        Self::Api { code: 410, reason: "Expired".to_owned(), message: "it begins anew".to_owned(), after: None }
    }

    /// The fault of a read.
    pub fn of_read(self, what: &str) -> Fault {
        match self {
            Self::NotSent(why) => Fault::Unreachable(format!("{what}: {why}")),
            Self::Api { code, .. } if code < 500 && code != 429 => {
                Fault::Refused { why: format!("{what}: {}", self.words()), output: None }
            }
            _ => Fault::Lost { why: format!("{what}: {}", self.words()), output: None },
        }
    }

    /// The fault of a change that was sent once: a redirect and 4xx are a certain no, all else may have been done.
    pub fn of_change(self, what: &str) -> Fault {
        match &self {
            Self::NotSent(why) => Fault::Unreachable(format!("{what}: {why}; nothing was sent")),
            Self::Api { code, .. } if tries::sent(*code) == Sent::Refused => {
                Fault::Refused { why: format!("{what}: {}{}", self.words(), self.help()), output: None }
            }
            _ => {
                let why = format!("{what}: {}; whether it was done is not known", self.words());
                Fault::Lost { why, output: None }
            }
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::NotSent(why) | Self::Lost(why) | Self::TooMuch(why) => why.clone(),
            Self::Api { code, reason, message, after } => {
                let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
                let after = after.map(|s| format!(" (asks for {s} s of patience)")).unwrap_or_default();
                format!("the API answers {code}{reason}: {message}{after}")
            }
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::Api { code: 300..=399, .. } => "; write the address it leads to into the kubeconfig",
            Self::Api { code: 401, .. } => "; log in to the cluster again",
            Self::Api { code: 403, .. } => "; ask for the role that docs/backends/kubernetes.md lists",
            Self::Api { code: 409 | 422, .. } => "; if somebody changed it meanwhile, look again and decide anew",
            Self::Api { code: 429, .. } => "; it was certainly not done, and is not sent again by itself",
            _ => "",
        }
    }

    /// What became of a request that the client could not bring to an end.
    pub fn broken(error: &reqwest::Error) -> Self {
        match reached(error) {
            Reached::Nothing => Self::NotSent(why(error)),
            Reached::Perhaps => Self::Lost(why(error)),
        }
    }
}

/// One line of foreign text: visible, at most 300 characters.
pub fn line(said: &str) -> String {
    text::shortened(&text::visible(said.trim()), 300)
}
