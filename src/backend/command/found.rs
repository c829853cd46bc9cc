//! What a probe script says became of an operation.
//!
//! An answer that cannot be read is no finding: the operation stays in doubt.

use super::super::Fault;
use super::answer::line;
use super::{lost, receipt};
use crate::domain::report::Found;
use serde_json::{Map, Value};

/// Reads the one JSON object that the script printed.
pub fn read(document: &[u8]) -> Result<Found, Fault> {
    let object: Map<String, Value> =
        serde_json::from_slice(document).map_err(|e| lost(format!("the probe script's answer cannot be read: {e}")))?;
    let receipt = receipt::receipt(&object, None);
    let counts =
        receipt::counts(&object).map_err(|e| lost(format!("the probe script's answer cannot be read: {e}")))?;
    let word = object.get("found").and_then(Value::as_str).unwrap_or_default();
    match (word, counts) {
        ("applied", None) => Ok(Found::Applied(receipt)),
        ("applied", Some((done, of))) if done == of => Ok(Found::Applied(receipt)),
        ("partly", Some((done, of))) if done < of => Ok(Found::Partly { done, of, receipt }),
        ("not-applied", None | Some((0, _))) => Ok(Found::NotApplied {
            r#final: certain(&object)?,
            why: said(receipt.summary, "the probe says: not applied"),
        }),
        ("unknown", _) => Ok(Found::Unknown { why: said(receipt.summary, "the probe script cannot tell") }),
        _ => {
            let answer = line(Value::Object(object.clone()).to_string().as_bytes());
            Err(lost(format!("the probe script's answer makes no sense: {answer}")))
        }
    }
}

/// `final`: absent is no, and only true or false can be read.
fn certain(object: &Map<String, Value>) -> Result<bool, Fault> {
    match object.get("final") {
        None => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(lost("the probe script's answer cannot be read: final must be true or false".to_owned())),
    }
}

fn said(summary: String, otherwise: &str) -> String {
    if summary.is_empty() { otherwise.to_owned() } else { summary }
}
