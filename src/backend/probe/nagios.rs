//! Checks of the Nagios kind, as they are: an exit status and performance values.
//!
//! 0, 1 and 2 are well, warning and critical; 3 and everything else has said nothing. A value
//! that cannot be read is no reading, never a zero. `'label'=value[unit];warn;crit;min;max`.

use super::super::child::{self, Capture, End, Wanted};

/// How much of its output is read.
const LARGEST: usize = 64 * 1024;

/// Runs the check; the value of its label in base units, or the status when none is asked for.
pub async fn check(wanted: &Wanted, field: Option<&str>) -> Result<f64, String> {
    let capture = Capture { sink: None, document: LARGEST };
    let ended = child::run(wanted, capture).await.map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&ended.document.0);
    match ended.end {
        // What was cut off may have been the value, or the same label again.
        End::Exited(0..=2) if field.is_some() && ended.document.1 => {
            Err(format!("the check said more than {} KiB, so its values cannot be told", LARGEST / 1024))
        }
        End::Exited(status @ 0..=2) => field.map_or(Ok(f64::from(status)), |field| value(&said, field)),
        End::Exited(3) => Err(format!("the check says that it does not know: {}", said.lines().next().unwrap_or(""))),
        End::Exited(status) => Err(format!("the check ended with exit {status}, which means nothing")),
        End::Signalled(signal) => Err(format!("the check was killed by signal {signal}")),
        End::OutOfTime => Err(format!("the check did not end in {:?}", wanted.limit)),
        End::Unknown => Err("the check's end could not be waited for".to_owned()),
    }
}

/// The value of a label in a check's output, in seconds, bytes, ratios or plain numbers.
///
/// # Errors
/// There is no such label, it is there twice, or its value is no number.
pub fn value(output: &str, field: &str) -> Result<f64, String> {
    let all = labels(output);
    let mut found = all.iter().filter(|(label, _)| label == field);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => number(value),
        (Some(_), Some(_)) => Err(format!("the check gives {field:?} twice")),
        (None, _) if all.is_empty() => Err("the check gives no performance values".to_owned()),
        (None, _) => {
            let there = all.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>().join(", ");
            Err(format!("the check gives no {field:?}; it gives {there}"))
        }
    }
}

/// Every label with its value as written. They stand behind a `|`: on the first line, and
/// on the lines from the next one that has a `|` on.
fn labels(output: &str) -> Vec<(String, String)> {
    let (first, rest) = output.split_once('\n').unwrap_or((output, ""));
    let of_first = first.split_once('|').map_or("", |(_, values)| values);
    let of_rest = rest.split_once('|').map_or("", |(_, values)| values);
    let mut found = Vec::new();
    for text in [of_first, of_rest] {
        let mut rest = text.trim_start();
        while let Some((label, value, after)) = one(rest) {
            found.push((label, value));
            rest = after.trim_start();
        }
    }
    found
}

/// The next label and value, and what follows; a label in quotes may hold blanks and `''`.
fn one(text: &str) -> Option<(String, String, &str)> {
    let (label, rest) = match text.strip_prefix('\'') {
        None => text.split_once('=').map(|(label, rest)| (label.to_owned(), rest))?,
        Some(quoted) => {
            let end = quoted.match_indices('\'').map(|(at, _)| at);
            let mut at = None;
            let mut skip = None;
            for quote in end {
                if skip == Some(quote) {
                    skip = None;
                } else if quoted.get(quote + 1..).is_some_and(|rest| rest.starts_with('\'')) {
                    skip = Some(quote + 1);
                } else {
                    at = Some(quote);
                    break;
                }
            }
            let (label, rest) = quoted.split_at_checked(at?)?;
            (label.replace("''", "'"), rest.strip_prefix('\'')?.strip_prefix('=')?)
        }
    };
    let (value, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some((label, value.split(';').next().unwrap_or("").to_owned(), after))
}

/// A value with its unit, in base units.
fn number(written: &str) -> Result<f64, String> {
    let unit_at = written.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(written.len());
    let (digits, unit) = written.split_at_checked(unit_at).unwrap_or((written, ""));
    let factor = match unit {
        "" | "s" | "c" | "B" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        "ns" => 1e-9,
        "%" => 1e-2,
        "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        _ => return Err(format!("the check's value {written:?} has a unit that is not known")),
    };
    let number = digits.parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(|number| number * factor).ok_or_else(|| format!("the check's value {written:?} is no number"))
}
