//! What the end of a verb's script means.
//!
//! Only exit 0 is done, only a listed exit code is certainly not done, and a
//! last line that means to say something but cannot be read is neither.

use super::super::child::{End, Ended};
use super::super::{Done, Fault};
use super::answer::{line, texts};
use crate::domain::report::{Output, Receipt};
use crate::domain::span::Span;
use crate::domain::text;
use serde_json::{Map, Value};

/// Reads the outcome from a script that has ended.
pub fn read(ended: Ended, not_applied: &[i32], limit: Span) -> Result<Done, Fault> {
    let why = |end: String| match &ended.last_err {
        Some(said) => format!("{end}: {said}"),
        None => end,
    };
    let (output, lost) = (ended.output.clone(), |why| Fault::Lost { why, output: ended.output.clone() });
    match ended.end {
        End::Exited(0) => done(&ended).map_err(lost),
        End::Exited(code) if not_applied.contains(&code) => {
            Err(Fault::Refused { why: why(format!("exit {code}")), output })
        }
        End::Exited(code) => Err(lost(why(format!("exit {code}")))),
        End::Signalled(signal) => Err(lost(why(format!("killed by signal {signal}")))),
        End::OutOfTime => Err(lost(why(format!("not ended after {limit}; it was stopped")))),
        End::Unknown => Err(lost("its end could not be waited for".to_owned())),
    }
}

/// Reads the receipt of a script that ended with 0. The error says what cannot be read.
fn done(ended: &Ended) -> Result<Done, String> {
    let output = ended.output.clone();
    let Some((last, cut)) = &ended.last_out else {
        return Ok(Done::Whole(Receipt { summary: "exit 0".to_owned(), output, ..Receipt::default() }));
    };
    let last = last.trim_ascii();
    if !last.starts_with(b"{") || !(*cut || last.ends_with(b"}") || breaks_off(last)) {
        let summary = text::shortened(&text::visible_bytes(last), 200);
        return Ok(Done::Whole(Receipt { summary, output, ..Receipt::default() }));
    }
    let object: Map<String, Value> = serde_json::from_slice(last)
        .map_err(|e| format!("exit 0, but its last line cannot be read: {e}: {}", line(last)))?;
    let receipt = receipt(&object, output);
    match counts(&object)? {
        Some((done, of)) if done < of => Ok(Done::Partly(done, of, receipt)),
        _ => Ok(Done::Whole(receipt)),
    }
}

/// Whether a line is the beginning of a receipt and not the whole of it: a brace and a quote, and it breaks off.
fn breaks_off(line: &[u8]) -> bool {
    let begins = line.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""));
    begins && serde_json::from_slice::<Value>(line).is_err_and(|error| error.is_eof())
}

/// The receipt in an answer's `summary` and `detail`.
pub fn receipt(object: &Map<String, Value>, output: Option<Output>) -> Receipt {
    let summary = object.get("summary").and_then(Value::as_str).map(|s| line(s.as_bytes()));
    Receipt { summary: summary.unwrap_or_default(), detail: texts(object.get("detail")), output }
}

/// `done` and `of` of an answer: both or none, and never more done than there is.
pub fn counts(object: &Map<String, Value>) -> Result<Option<(u32, u32)>, String> {
    let (done, of) = (object.get("done"), object.get("of"));
    if done.is_none() && of.is_none() {
        return Ok(None);
    }
    let number = |value: Option<&Value>| value.and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    match (number(done), number(of)) {
        (Some(done), Some(of)) if done <= of => Ok(Some((done, of))),
        _ => {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), |v| line(v.to_string().as_bytes()));
            Err(format!("it says {} of {}; done and of must be counts", show(done), show(of)))
        }
    }
}
