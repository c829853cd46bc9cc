//! Colours: how they are written, how many a terminal has, and the nearest one
//! where it has fewer. Pure.

use ratatui::style::{Color, Style};

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: attributes only.
    None,
    /// The sixteen of the user's own palette.
    Sixteen,
    /// xterm's 256.
    Indexed,
    /// 24 bits.
    True,
}

impl Depth {
    /// Every depth by its word on the command line.
    pub const WORDS: [(&str, Depth); 4] =
        [("none", Depth::None), ("16", Depth::Sixteen), ("256", Depth::Indexed), ("true", Depth::True)];

    /// Its word on the command line.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, depth)| *depth == self).map_or("none", |(word, _)| word)
    }

    /// Reads `NO_COLOR`, `COLORTERM` and `TERM`, and asks the terminal nothing.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let term = env("TERM").unwrap_or_default();
        if env("NO_COLOR").is_some_and(|value| !value.is_empty()) || matches!(&*term, "" | "dumb" | "vt100" | "vt220") {
            return Depth::None;
        }
        match env("COLORTERM").as_deref() {
            Some("truecolor" | "24bit") => Depth::True,
            _ if term.ends_with("-direct") => Depth::True,
            _ if term.contains("256color") => Depth::Indexed,
            _ => Depth::Sixteen,
        }
    }
}

const NAMES: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// Reads `#rrggbb`, one of the sixteen names, or `default`; the error says so.
pub fn parse(text: &str) -> Result<Color, String> {
    if let Some((_, color)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Ok(*color);
    }
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    match hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
        Some(rgb) => {
            let [_, r, g, b] = rgb.to_be_bytes();
            Ok(Color::Rgb(r, g, b))
        }
        None => {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            Err(format!("`{text}` is no colour; write #rrggbb or one of {}", names.join(", ")))
        }
    }
}

/// The same style in the colours a terminal has.
pub fn reduce(style: Style, depth: Depth) -> Style {
    let reduced = |color: Option<Color>| match (color?, depth) {
        (_, Depth::None) => None,
        (Color::Rgb(r, g, b), Depth::Indexed) => Some(Color::Indexed(nearest_indexed((r, g, b)))),
        (Color::Rgb(r, g, b), Depth::Sixteen) => Some(nearest_of_sixteen((r, g, b))),
        (color, _) => Some(color),
    };
    Style { fg: reduced(style.fg), bg: reduced(style.bg), ..style }
}

/// Red, green and blue of a colour, 0 to 255, with xterm's values for the
/// palette; none for the terminal's own default.
pub fn rgb(color: Color) -> Option<(u8, u8, u8)> {
    match color {
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(n @ 16..) => Some(indexed(n)),
        Color::Indexed(n) => NAMES.get(usize::from(n) + 1).and_then(|(_, color)| rgb(*color)),
        named => {
            let at = NAMES.iter().skip(1).position(|(_, color)| *color == named)?;
            SIXTEEN.get(at).copied()
        }
    }
}

/// The WCAG contrast ratio of two colours, 1 to 21.
pub fn contrast(one: (u8, u8, u8), other: (u8, u8, u8)) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A channel as an amount of light, 0 to 1.
pub fn linear(channel: u8) -> f64 {
    let c = f64::from(channel) / 255.0;
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

/// Red, green and blue of a colour that is the same on every terminal; none for
/// the default and the sixteen of the terminal's own palette.
pub fn measured(color: Color) -> Option<(u8, u8, u8)> {
    matches!(color, Color::Rgb(..) | Color::Indexed(16..)).then(|| rgb(color)).flatten()
}

/// The colour `step` of `steps` on the way from one to another.
pub fn between(from: (u8, u8, u8), to: (u8, u8, u8), step: u16, steps: u16) -> (u8, u8, u8) {
    let mix = |a: u8, b: u8| {
        let (a, b, step, steps) = (u32::from(a), u32::from(b), u32::from(step.min(steps)), u32::from(steps.max(1)));
        u8::try_from((a * (steps - step) + b * step) / steps).unwrap_or(u8::MAX)
    };
    (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// A colour as [`parse`] reads it; one of xterm's 256 by its red, green and blue.
pub fn name(color: Color) -> String {
    match NAMES.iter().find(|(_, known)| *known == color) {
        Some((name, _)) => (*name).to_owned(),
        None => rgb(color).map_or_else(|| "default".to_owned(), |(r, g, b)| format!("#{r:02x}{g:02x}{b:02x}")),
    }
}

fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// xterm's sixteen.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// A colour of xterm's cube (16 to 231) or grey ramp (232 to 255).
fn indexed(n: u8) -> (u8, u8, u8) {
    let step = |i: u8| if i == 0 { 0 } else { 55 + 40 * i };
    match n {
        232.. => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
        _ => {
            let n = n.saturating_sub(16);
            (step(n / 36), step(n / 6 % 6), step(n % 6))
        }
    }
}

fn nearest_indexed(wanted: (u8, u8, u8)) -> u8 {
    (16..=255).min_by_key(|n| distance(indexed(*n), wanted)).unwrap_or(16)
}

/// The nearest of xterm's 256 that can be read on a ground; where none can, the nearest.
pub(super) fn readable_indexed(wanted: (u8, u8, u8), ground: (u8, u8, u8), need: f64) -> Color {
    let nearest = nearest_indexed(wanted);
    if contrast(indexed(nearest), ground) >= need {
        return Color::Indexed(nearest);
    }
    let readable = (16..=255).filter(|n| contrast(indexed(*n), ground) >= need);
    Color::Indexed(readable.min_by_key(|n| distance(indexed(*n), wanted)).unwrap_or(nearest))
}

fn nearest_of_sixteen(wanted: (u8, u8, u8)) -> Color {
    let nearest = SIXTEEN.iter().zip(NAMES.iter().skip(1)).min_by_key(|(known, _)| distance(**known, wanted));
    nearest.map_or(Color::Reset, |(_, (_, color))| *color)
}

/// A weighted square distance; the eye sees green best and blue worst.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    3 * square(a.0, b.0) + 6 * square(a.1, b.1) + square(a.2, b.2)
}
