//! Whose a token is and when it ends, where the token itself says so. Pure.
//!
//! A JSON Web Token is read, never verified: that is for who accepts it.

use crate::domain::Timestamp;
use crate::domain::text::{shortened, visible};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
    sub: Option<String>,
}

/// The `exp` and the `sub` of a JSON Web Token, the latter made harmless; nothing of anything else.
pub fn of_jwt(token: &str) -> (Option<Timestamp>, Option<String>) {
    let Some(claims) = claims(token) else { return (None, None) };
    let subject = claims.sub.map(|subject| shortened(&visible(subject.trim()), 80)).filter(|s| !s.is_empty());
    (claims.exp.and_then(|exp| Timestamp::from_timestamp(exp as i64, 0)), subject)
}

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let bytes = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?);
    serde_json::from_slice(&bytes).ok()
}
