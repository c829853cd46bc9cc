//! What a failed request comes to in words, and how far it got.
//!
//! An address is told without its query; causes come from below the error that
//! would quote it.

use super::super::Fault;
use crate::domain::text;
use reqwest::Error;

/// How far a request got before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Certainly nothing of it was sent: no address, refused, no TLS.
    Nothing,
    /// It may have arrived.
    Perhaps,
}

/// How far it got: what fails while connecting has sent nothing.
pub fn reached(error: &Error) -> Reached {
    if error.is_connect() || error.is_builder() { Reached::Nothing } else { Reached::Perhaps }
}

/// An error with its causes, harmless and without an address.
pub fn why(error: &Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    if error.is_timeout() {
        parts.push("no answer in time".to_owned());
    }
    if error.is_dns() {
        parts.push("the name cannot be looked up".to_owned());
    }
    for cause in std::iter::successors(std::error::Error::source(error), |e| e.source()) {
        let cause = cause.to_string();
        if !cause.is_empty() && cause != "operation timed out" && !parts.contains(&cause) {
            parts.push(cause);
        }
    }
    if parts.is_empty() {
        parts.push("the request failed".to_owned());
    }
    text::shortened(&text::visible(&parts.join(": ")), 300)
}

/// A fault of which it is not known whether it took effect.
pub fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}

/// A fault that certainly changed nothing.
pub fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}
