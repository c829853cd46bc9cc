//! Values that bear a secret in the open, whatever the name that they stand under.
//!
//! Pure; it goes by looks alone. What is taken from elsewhere when a program begins bears none.

/// Whether a value is taken from elsewhere when the container begins.
pub fn refers(value: &str) -> bool {
    value.starts_with("$(") || value.starts_with("${")
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
