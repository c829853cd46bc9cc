//! What backends say of what is being asked, once all have said it or could not.
//! The question waits for none of it.

use crate::cli::session::Session;
use crate::domain::foreseen::Foreseen;
use crate::report::foreseen::{UNKNOWN, lines};

/// The lines of what has been said since; each is said once.
pub fn take(session: &mut Session) -> Vec<String> {
    // All together and in order: what comes first may clear the way for what comes later.
    if session.foreseen.is_empty() || session.foreseen.iter().any(Foreseen::is_awaited) {
        return Vec::new();
    }
    let all = std::mem::take(&mut session.foreseen);
    lines(&all).iter().map(|line| said(line.under, &line.text)).collect()
}

/// Each line says by itself what it is: whoever hears it may not have heard the one before.
fn said(label: &str, text: &str) -> String {
    let before = match label {
        "stops" => "It would be refused as things stand: ",
        "heed" | "now" => "In the way now: ",
        UNKNOWN => "Not known: ",
        "does" => "It would do this: ",
        "loses" => "It loses: ",
        "back" => "The way back, as it says: ",
        "takes" => "It takes ",
        _ => "",
    };
    format!("{before}{text}.")
}
