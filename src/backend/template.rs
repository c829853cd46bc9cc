//! Fills `{placeholders}` in arguments, URLs and addresses.
//!
//! Each element is filled on its own and stays one element whatever the values
//! hold; what was filled in is never looked at again.

/// Placeholders that no value is known for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known for {}; give it as an argument of the step", .0.join(", "))]
pub struct Unfilled(pub Vec<String>);

/// Fills every element. Braces around anything but a name stay as they are.
/// Errors with every placeholder that `value` does not know.
pub fn fill_all(elements: &[String], value: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, Unfilled> {
    let mut unfilled = Vec::new();
    let filled = elements.iter().map(|element| fill_into(element, &value, &mut unfilled)).collect();
    if unfilled.is_empty() { Ok(filled) } else { Err(Unfilled(unfilled)) }
}

/// Fills one text.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, Unfilled> {
    let mut unfilled = Vec::new();
    let filled = fill_into(text, &value, &mut unfilled);
    if unfilled.is_empty() { Ok(filled) } else { Err(Unfilled(unfilled)) }
}

fn fill_into(text: &str, value: &impl Fn(&str) -> Option<String>, unfilled: &mut Vec<String>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            filled.push('{');
            rest = after;
            continue;
        };
        match value(name) {
            Some(value) => filled.push_str(&value),
            None => unfilled.push(format!("{{{name}}}")),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// `[A-Za-z][A-Za-z0-9_.-]*`, as names of arguments are.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}
