//! Whose a certificate is and until when, read out of its PEM. Pure.
//!
//! It is read for people who look our own credential over; it is never verified here, that
//! is for who accepts it. What cannot be read gives nothing.

use crate::domain::Timestamp;
use crate::domain::text::{shortened, visible};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its subject, such as `CN=holdpoint, O=Example`, made harmless.
    pub subject: String,
    /// When it ends.
    pub ends: Timestamp,
}

/// The names that people know parts of a subject by, with their object identifiers.
const NAMES: [(&[u8], &str); 4] =
    [(&[0x55, 4, 3], "CN"), (&[0x55, 4, 10], "O"), (&[0x55, 4, 11], "OU"), (&[0x55, 4, 6], "C")];

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The first certificate of a PEM file; none where there is none that can be read.
pub fn first(pem: &str) -> Option<Certificate> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let text: String = body.split_whitespace().collect();
    read(&STANDARD.decode(text).ok()?)
}

fn read(der: &[u8]) -> Option<Certificate> {
    let (certificate, _) = inside(der, SEQUENCE)?;
    let (mut rest, _) = inside(certificate, SEQUENCE)?;
    if let Some((_, after)) = inside(rest, VERSION) {
        rest = after;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (validity, rest) = inside(rest, SEQUENCE)?;
    let (_, _, ends) = element(validity)?;
    let (subject, _) = inside(rest, SEQUENCE)?;
    Some(Certificate { subject: named(subject), ends: time(ends)? })
}

/// The tag of the first element, what is in it, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short if short < 0x80 => (usize::from(short), rest),
        long => {
            let (bytes, rest) =
                rest.split_at_checked(usize::from(long & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (body, after) = rest.split_at_checked(length)?;
    Some((*tag, body, after))
}

fn inside(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(tag, ..)| *tag == wanted).map(|(_, body, after)| (body, after))
}

/// A subject as people write it; parts that have no usual name are left out.
fn named(mut subject: &[u8]) -> String {
    let mut parts = Vec::new();
    while let Some((_, set, rest)) = element(subject) {
        subject = rest;
        let part = element(set).and_then(|(_, pair, _)| {
            let (_, name, value) = element(pair)?;
            let (_, value, _) = element(value)?;
            let (_, word) = NAMES.iter().find(|(known, _)| *known == name)?;
            Some(format!("{word}={}", String::from_utf8_lossy(value)))
        });
        parts.extend(part);
    }
    match parts.is_empty() {
        true => "nobody in particular".to_owned(),
        false => shortened(&visible(&parts.join(", ")), 120),
    }
}

/// A UTCTime or a GeneralizedTime.
fn time(der: &[u8]) -> Option<Timestamp> {
    let (tag, text, _) = element(der)?;
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        // Two digits of a year: RFC 5280 has those from 50 on in the last century.
        0x17 => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        0x18 => text.to_owned(),
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok().map(|at| at.and_utc())
}
