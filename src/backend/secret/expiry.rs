//! When a token ends, where the token itself says so. Pure.
//!
//! A JSON Web Token is read, never verified: that is for who accepts it.

use crate::domain::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

/// The `exp` of a JSON Web Token; none for anything else.
pub fn of_jwt(token: &str) -> Option<Timestamp> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let bytes = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?);
    let claims: Claims = serde_json::from_slice(&bytes).ok()?;
    Timestamp::from_timestamp(claims.exp as i64, 0)
}
