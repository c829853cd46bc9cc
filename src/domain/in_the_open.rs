//! Secrets that stand in the open: in a value by its name, in an argument, in an address.
//!
//! Pure; it goes by names and looks alone. What is taken from elsewhere when a program begins bears none.

/// Words of names whose values are secrets.
const SECRET: [&str; 8] = ["SECRET", "TOKEN", "PASS", "PWD", "CREDENTIAL", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY"];
/// What such a name ends with where its value only says something of the secret.
const ABOUT: [&str; 10] = ["FILE", "PATH", "DIR", "NAME", "ID", "URL", "HOST", "TTL", "TYPE", "REGION"];

/// Whether a value is taken from elsewhere when the container begins.
pub fn refers(value: &str) -> bool {
    value.starts_with("$(") || value.starts_with("${")
}

/// Whether a value is what its name says: a secret, and not where one lies or how long it is good for.
pub fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_uppercase().replace(['-', '.'], "_");
    let about = |end: &&str| name.strip_suffix(*end).is_some_and(|rest| rest.ends_with('_'));
    let number = value.parse::<f64>().is_ok() || matches!(value, "true" | "false");
    let plain = value.is_empty() || value.starts_with('/') || refers(value) || number;
    let secret = SECRET.iter().any(|word| name.contains(word)) && !ABOUT.iter().any(about);
    secret && !plain && !value.contains(char::is_whitespace)
}

/// Whether a value bears a secret whatever its own name: an address with a password, or `password=…` in it.
pub fn bears(value: &str) -> bool {
    let assigned = |word: &str| word.split_once('=').is_some_and(|(name, value)| is_secret(name, value));
    let apart = |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '?' | ',');
    with_password(value) || value.split(apart).any(assigned)
}

/// Whether an argument is the secret that the one before it announces: `--password`, `…`.
pub fn follows(flag: &str, value: &str) -> bool {
    flag.starts_with('-') && !flag.contains(['=', ' ']) && !value.starts_with('-') && is_secret(flag, value)
}

/// Whether there is an address in it that bears a name and a password: `postgres://app:…@db/app`.
pub fn with_password(value: &str) -> bool {
    value.match_indices("://").any(|(at, mark)| {
        let rest = value.get(at + mark.len()..).unwrap_or_default();
        let Some((_, password)) = rest.rsplit_once('@').and_then(|(who, _)| who.split_once(':')) else { return false };
        // `host:8080/path?to=a@b` has a port there.
        let port = password.split_once(['/', '?', '#']).is_some_and(|(port, _)| port.parse::<u16>().is_ok());
        !password.is_empty() && !refers(password) && !port
    })
}
