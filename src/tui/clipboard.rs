//! The terminal's clipboard, by OSC 52: the one way that also works over SSH.
//!
//! Bytes only; whether a terminal takes them is never known, so whoever copies
//! also keeps the text in a file.

/// The longest text that is sent, in bytes: terminals cut or refuse more.
pub const LONGEST: usize = 74_000;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The sequence that puts a text into the clipboard; none for one that is too long.
pub fn osc52(text: &str) -> Option<Vec<u8>> {
    (text.len() <= LONGEST).then(|| {
        let mut out = b"\x1b]52;c;".to_vec();
        text.as_bytes().chunks(3).for_each(|three| out.extend(digits(three)));
        out.extend(b"\x1b\\");
        out
    })
}

/// Up to three bytes as four base64 digits.
fn digits(three: &[u8]) -> [u8; 4] {
    let byte = |n: usize| u32::from(three.get(n).copied().unwrap_or_default());
    let all = byte(0) << 16 | byte(1) << 8 | byte(2);
    let digit = |n: usize| match n <= three.len() {
        true => DIGITS.get((all >> (18 - 6 * n) & 63) as usize).copied().unwrap_or(b'='),
        false => b'=',
    };
    [digit(0), digit(1), digit(2), digit(3)]
}
