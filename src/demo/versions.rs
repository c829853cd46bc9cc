//! The versions that exist, and what is different about each.
//!
//! 4.2.0 of payments is the one with the fault: it opens a session with fx for
//! every payment in a foreign currency and keeps it until the payment settles.

/// How many instances a version runs with.
pub const WANTED: u32 = 2;

/// How payments asks fx for a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    /// From one pooled connection, remembered for a while.
    Pooled,
    /// From a session of its own for each payment, kept until it settles.
    SessionEach,
}

/// Every version of a service, oldest first; none for a service there is not.
pub fn of(service: &str) -> &'static [&'static str] {
    match service {
        "payments" => &["4.1.8", "4.1.9", "4.2.0"],
        "ledger" => &["7.0.2", "7.0.3", "7.1.0"],
        "fx" => &["3.3.0", "3.3.1"],
        _ => &[],
    }
}

/// The version that the estate begins with.
pub fn first(service: &str) -> &'static str {
    match service {
        "payments" => "4.1.9",
        "ledger" => "7.0.3",
        _ => "3.3.1",
    }
}

/// The version that the estate had before.
pub fn before_first(service: &str) -> &'static str {
    match service {
        "payments" => "4.1.8",
        "ledger" => "7.0.2",
        _ => "3.3.0",
    }
}

/// How a version of payments asks for rates.
pub fn rates(version: &str) -> Rates {
    if version == "4.2.0" { Rates::SessionEach } else { Rates::Pooled }
}

/// The format in which a version of payments writes its records.
pub fn record_format(version: &str) -> u8 {
    if version == "4.2.0" { 2 } else { 1 }
}

/// The schema that a version of ledger needs; later ones only add to it.
pub fn schema(version: &str) -> u32 {
    if version == "7.1.0" { 118 } else { 117 }
}
