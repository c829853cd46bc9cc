//! The `Link` header of RFC 8288, as far as pagination needs it. Pure.
//! Whether the address may be followed is for who follows it.

/// The address that a header names as the next page.
pub fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let (address, after) = from.split_once('>')?;
        let end = end_of_parameters(after);
        let (parameters, others) = after.split_at_checked(end)?;
        if parameters.split(';').any(is_next) {
            return Some(address.trim());
        }
        rest = others;
    }
    None
}

fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    name.trim().eq_ignore_ascii_case("rel")
        && value.trim().trim_matches('"').split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
}

/// Where the parameters of one link end: at a comma that is not in quotes.
fn end_of_parameters(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}
