//! Secrets that stand in the open: in a value by its name, in an argument, in a script or a file, in an address.
//!
//! Pure; it goes by names and looks alone. What is hidden from whoever looks is more than what a person is told to
//! take away: there a hint too many makes all of them worthless. What is taken from elsewhere when a program begins
//! bears none.

use std::ops::Range;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "(hidden)";

/// What a word of a name has in it wherever its value is a secret.
const HOLDS: [&str; 6] = ["SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "AUTHORIZATION"];
/// What such a word ends with.
const ENDS: [&str; 9] = ["TOKEN", "PASS", "PWD", "PW", "KEY", "AUTH", "CRED", "COOKIE", "SALT"];
/// The same where no word of it is one by chance.
const SURELY: [&str; 3] = ["TOKEN", "PASS", "PWD"];
/// Names that have such keys in them that nobody is to see.
const KEYS: [&str; 3] = ["API_KEY", "ACCESS_KEY", "PRIVATE_KEY"];
/// Words that end so and say nothing.
const OTHERS: [&str; 6] = ["BYPASS", "COMPASS", "TRESPASS", "MONKEY", "TURKEY", "HOTKEY"];
/// What a name ends with where its value only says something of the secret.
const ABOUT: [&str; 10] = ["FILE", "PATH", "DIR", "NAME", "ID", "URL", "HOST", "TTL", "TYPE", "REGION"];
/// What an option begins with that no value follows.
const SWITCHES: [&str; 8] = ["NO", "SKIP", "DISABLE", "ENABLE", "WITHOUT", "ALLOW", "IGNORE", "REQUIRE"];

/// Whether a value is taken from elsewhere when the container begins.
pub fn refers(value: &str) -> bool {
    let name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    [("$(", ')'), ("${", '}')]
        .into_iter()
        .any(|(a, z)| value.strip_prefix(a).and_then(|v| v.strip_suffix(z)).is_some_and(name))
}

/// Whether a value is what its name says: a secret, and not where one lies or how long it is good for.
pub fn is_secret(name: &str, value: &str) -> bool {
    let number = value.parse::<f64>().is_ok() || matches!(value, "true" | "false");
    let plain = value.is_empty() || value.starts_with('/') || refers(value) || value.starts_with("${") || number;
    let words = words(name);
    let joined = words.join("_");
    let is = |word: &String| HOLDS.iter().any(|part| word.contains(part)) || ends(word, &SURELY);
    let keys = KEYS.iter().any(|key| joined.contains(key) || joined.contains(&key.replace('_', "")));
    (keys || words.iter().any(is)) && !is_about(&words) && !plain && !value.contains(char::is_whitespace)
}

/// Whether a value bears a secret whatever its own name: an address with a password, or `password=…` in it.
pub fn bears(value: &str) -> bool {
    let said = |(name, at): (&str, Range<usize>)| {
        let first = value.get(at).and_then(|value| value.split_whitespace().next());
        first.is_some_and(|value| is_secret(name, value.trim_matches(['"', '\''])))
    };
    with_password(value) || named(value).into_iter().any(said)
}

/// Whether there is an address in it that bears a name and a password: `postgres://app:…@db/app`.
pub fn with_password(value: &str) -> bool {
    !passwords(value).is_empty()
}

/// Whether an argument is the secret that the one before it announces: `--password`, `…`.
pub fn follows(flag: &str, value: &str) -> bool {
    let words = words(flag);
    let switch = words.first().is_some_and(|first| SWITCHES.contains(&first.as_str()));
    let option = flag.starts_with('-') && !flag.contains(['=', ' ']) && !switch;
    option && !value.starts_with('-') && names(&words) && !is_spared(value)
}

/// A text without the values in it that look like secrets; none where it has none. What stands around them stays.
pub fn without(text: &str) -> Option<String> {
    if text.contains("PRIVATE KEY-----") {
        return Some(HIDDEN.to_owned());
    }
    let value = |at: &Range<usize>| !text.get(at.clone()).is_none_or(is_spared);
    let mut all: Vec<_> = named(text).into_iter().map(|(_, at)| at).filter(value).chain(passwords(text)).collect();
    all.sort_by_key(|at| at.start);
    let (mut out, mut done) = (String::new(), 0);
    for at in &all {
        if at.start >= done {
            out.extend([text.get(done..at.start).unwrap_or_default(), HIDDEN]);
        }
        done = done.max(at.end);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    (!all.is_empty()).then_some(out)
}

/// Whether it is none whatever its name.
fn is_spared(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    refers(value) || matches!(value, "" | "true" | "false" | "null" | "~" | HIDDEN)
}

/// The words of a name, in capitals: `--dbPassword` is `DB`, `PASSWORD`.
fn words(name: &str) -> Vec<String> {
    let mut out = String::new();
    let mut low = false;
    for c in name.chars() {
        if low && c.is_uppercase() {
            out.push('_');
        }
        low = c.is_lowercase();
        out.extend(c.to_uppercase());
    }
    out.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the words of a name say that its value is a secret.
fn names(words: &[String]) -> bool {
    let is = |word: &String| HOLDS.iter().any(|part| word.contains(part)) || ends(word, &ENDS);
    words.iter().any(is) && !is_about(words)
}

fn ends(word: &str, with: &[&str]) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let one = word.strip_suffix('S').unwrap_or(word);
    let is = |word: &str| !OTHERS.contains(&word) && with.iter().any(|end| word.ends_with(end));
    is(word) || is(one)
}

fn is_about(words: &[String]) -> bool {
    words.len() > 1 && words.last().is_some_and(|last| ABOUT.contains(&last.as_str()))
}

/// Where the passwords of the addresses in a text stand.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let apart = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(apart) {
        let who = word.rsplit_once('@').map_or("", |(who, _)| who);
        let one = |(mark, _): (usize, &str)| {
            let (name, password) = who.get(mark + 3..)?.split_once(':')?;
            // `host:8080/path?to=a@b` has a port there.
            let port = password.split_once(['/', '?', '#']).is_some_and(|(port, _)| port.parse::<u16>().is_ok());
            let start = at + mark + 3 + name.len() + 1;
            (!password.is_empty() && !refers(password) && !port).then_some(start..at + who.len())
        };
        found.extend(who.match_indices("://").filter_map(one));
        at += word.len();
    }
    found
}

/// The values in a text whose names say that they are secrets, each with its name: `--set=auth.password=…`,
/// `password: …`, `--password …`, `"password":"…"`.
fn named(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let told = in_line(line.trim_end());
        let below =
            |(_, last): &(&str, Range<usize>)| line.get(last.start..).is_some_and(|v| v.starts_with(['|', '>']));
        let block = told.last().is_some_and(below);
        found.extend(told.into_iter().map(|(name, within)| (name, at + within.start..at + within.end)));
        if block {
            found.iter_mut().last().into_iter().for_each(|(_, last)| last.end = text.len());
            break;
        }
        at += line.len();
    }
    found
}

fn in_line(line: &str) -> Vec<(&str, Range<usize>)> {
    let words = split(line);
    let mut found = Vec::new();
    for (n, at) in words.iter().enumerate() {
        let word = line.get(at.clone()).unwrap_or_default();
        let next = words.get(n + 1).map(|next| (next, line.get(next.clone()).unwrap_or_default()));
        // What follows an item of a list begins a line too.
        let begins = line.get(..at.start).is_some_and(|before| before.chars().all(|c| matches!(c, ' ' | '\t' | '-')));
        if let Some((name, within)) = announced(word, at, begins, next, line.len()) {
            let spaces = line.get(within.clone()).map_or(0, |value| value.len() - value.trim_start().len());
            let last = within.end == line.len();
            found.push((name, within.start + spaces..within.end));
            if last {
                break;
            }
        } else if let Some(inner) = quoted(word) {
            let within = |(name, at): (_, Range<usize>)| (name, at.start + 1..at.end + 1);
            let within = in_line(inner).into_iter().map(within);
            found.extend(within.map(|(name, within)| (name, at.start + within.start..at.start + within.end)));
        }
    }
    found
}

/// What stands between its quotes, of a word that is all quoted.
fn quoted(word: &str) -> Option<&str> {
    let within = |quote| word.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(quote));
    ['"', '\''].into_iter().find_map(within)
}

/// The secret that a word announces, in itself or behind it, with its name. Behind a name that begins a line, or that a
/// colon ends, all of the line is its value.
fn announced<'a>(
    word: &'a str,
    at: &Range<usize>,
    begins: bool,
    next: Option<(&Range<usize>, &str)>,
    end: usize,
) -> Option<(&'a str, Range<usize>)> {
    match next {
        Some((next, value)) if follows(word, value) => return Some((word, next.clone())),
        Some((next, "=" | ":")) if says(word).is_some() => return Some((word, next.end..end)),
        _ => {}
    }
    word.match_indices(['=', ':']).find_map(|(until, mark)| {
        let name = says(word.get(..until)?)?;
        let after = word.get(until + 1..)?;
        let whole = mark == ":" || (begins && !word.starts_with('-') && word.starts_with(name));
        let parts = mark == "=" || after.is_empty() || after.starts_with(['"', '\'']);
        let start = at.start + until + 1;
        parts.then_some((name, start..if whole { end } else { at.end }))
    })
}

/// The name at the end of a text, if it says that its value is a secret.
fn says(text: &str) -> Option<&str> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    let name = text.trim_end_matches(['"', '\'']).rsplit(|c| !part(c)).next()?;
    names(&words(name)).then_some(name)
}

/// Where the words of a line stand; what is quoted belongs to one.
fn split(line: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let (mut start, mut quote, mut before) = (None, None, ' ');
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c.is_whitespace() => all.extend(start.take().map(|start| start..at)),
            None => {
                start = start.or(Some(at));
                let opens = matches!(c, '"' | '\'') && !before.is_alphanumeric();
                quote = opens.then_some(c);
            }
        }
        before = c;
    }
    all.extend(start.map(|start| start..line.len()));
    all
}
