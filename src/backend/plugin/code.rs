//! What an error code means for certainty. Total: a code that is not in the list has lost the answer.
//!
//! Only what the page promises to be certain is certain.

use super::super::Fault;
use super::message::Failure;
use crate::domain::name::BackendName;
use crate::domain::text;

/// No common version of the protocol; only for `initialize`.
pub const NO_PROTOCOL: i64 = -32001;
/// The system behind refuses who asks.
pub const UNAUTHENTICATED: i64 = -32002;
/// Who asks may not.
pub const FORBIDDEN: i64 = -32003;
/// What is named does not exist.
pub const NOT_FOUND: i64 = -32004;
/// It is not as the preview said.
pub const CONFLICT: i64 = -32010;
/// Too often; `retry_after_ms` says when.
pub const RATE_LIMITED: i64 = -32011;
/// The system behind could not be reached at all.
pub const UNAVAILABLE: i64 = -32012;
/// Something stands in the way.
pub const PRECONDITION: i64 = -32013;
/// It has no such verb or topic.
pub const UNSUPPORTED: i64 = -32014;
/// It may or may not have happened.
pub const UNKNOWN_OUTCOME: i64 = -32015;
/// It was cancelled; how far it came is not said.
pub const CANCELLED: i64 = -32800;
/// There is no such method.
pub const NO_METHOD: i64 = -32601;
/// The parameters were not understood, and nothing was begun.
pub const BAD_PARAMS: i64 = -32602;

/// The fault of a code.
pub fn fault(name: &BackendName, what: &str, failure: &Failure) -> Fault {
    let said = text::shortened(&text::visible(&failure.message), 300);
    let said = if said.is_empty() { format!("error {}", failure.code) } else { said };
    let refused = |why: String| Fault::Refused { why, output: None };
    match failure.code {
        UNSUPPORTED | NO_METHOD => Fault::Cannot(name.clone(), format!("{what}: {said}")),
        UNAVAILABLE => Fault::Unreachable(said),
        CONFLICT => refused(format!("it is no longer as it was previewed: {said}")),
        RATE_LIMITED => match failure.data.get("retry_after_ms").and_then(serde_json::Value::as_u64) {
            Some(after) => refused(format!("{said}; again in {} s", after.div_ceil(1000))),
            None => refused(said),
        },
        UNAUTHENTICATED | FORBIDDEN | NOT_FOUND | PRECONDITION | BAD_PARAMS => refused(said),
        CANCELLED => lost(format!("it was cancelled: {said}")),
        _ => lost(said),
    }
}

/// An answer that never came, or cannot be read.
pub fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}
