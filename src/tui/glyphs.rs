//! The one-cell signs, each with an ASCII twin; no emoji, no icon fonts.
//!
//! A sign never stands alone for a state: the word beside it says the same.
//! Which set is used is chosen once, from the locale.

/// A sign that means something on our screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// Selected, or where the hand is.
    Cursor,
    /// A step that can be started.
    Ready,
    /// A step that runs.
    Running,
    /// A step that waits for its turn.
    Pending,
    /// Done, passed.
    Done,
    /// Failed.
    Failed,
    /// In doubt, unknown.
    Doubt,
    /// Left out.
    Skipped,
    /// A hold point or a hold.
    Hold,
    /// Needs a person.
    Attention,
    /// Late.
    Late,
    /// A conflict.
    Conflict,
    /// Point of no return, now-line.
    Line,
    /// From one thing to another.
    Arrow,
    /// Separates facts on one line.
    Dot,
    /// Text was cut.
    Ellipsis,
    /// A thin horizontal rule.
    Rule,
    /// A heavy horizontal rule.
    HeavyRule,
    /// A full cell of a bar.
    Full,
    /// An empty cell of a bar.
    Track,
    /// A cell that is frozen or overrun.
    Hatch,
    /// More above.
    Up,
    /// More below.
    Down,
    /// A branch of a tree.
    Branch,
    /// The last branch of a tree.
    LastBranch,
    /// The trunk of a tree.
    Trunk,
    /// A low bar: what is still to come and decides the end.
    Low,
    /// A lower one: what is still to come.
    Lower,
    /// The right half of a cell: a bar that starts inside it.
    RightHalf,
    /// The far end of a whisker.
    WhiskerEnd,
    /// An edge of the calendar.
    Edge,
    /// A point in a gutter.
    Point,
    /// A line that ends in a gutter, turning right.
    TurnRight,
    /// A line that ends in a gutter, turning left.
    TurnLeft,
    /// Lines that cross.
    Crossing,
}

/// Every sign, its ASCII twin.
pub const TABLE: &[(Glyph, &str, &str)] = &[
    (Glyph::Cursor, "▸", ">"),
    (Glyph::Ready, "▷", "*"),
    (Glyph::Running, "▶", ">"),
    (Glyph::Done, "✓", "+"),
    (Glyph::Failed, "×", "x"),
    (Glyph::Doubt, "?", "?"),
    (Glyph::Skipped, "-", "-"),
    (Glyph::Hold, "◆", "#"),
    (Glyph::Attention, "!", "!"),
    (Glyph::Late, "~", "~"),
    (Glyph::Conflict, "╳", "X"),
    (Glyph::Line, "┃", "|"),
    (Glyph::Arrow, "→", ">"),
    // Before the other of its look: between words it separates.
    (Glyph::Dot, "·", "-"),
    (Glyph::Pending, "·", "."),
    (Glyph::Ellipsis, "…", "~"),
    (Glyph::Rule, "─", "-"),
    (Glyph::HeavyRule, "━", "="),
    (Glyph::Full, "█", "#"),
    (Glyph::Track, "░", "."),
    (Glyph::Hatch, "▒", "/"),
    (Glyph::Up, "↑", "^"),
    (Glyph::Down, "↓", "v"),
    (Glyph::Branch, "├", "|"),
    (Glyph::LastBranch, "└", "`"),
    (Glyph::Trunk, "│", "|"),
    (Glyph::Low, "▄", "="),
    (Glyph::Lower, "▂", "_"),
    (Glyph::RightHalf, "▐", "#"),
    (Glyph::WhiskerEnd, "┤", "|"),
    (Glyph::Edge, "┊", ":"),
    (Glyph::Point, "●", "o"),
    (Glyph::TurnRight, "╰", "`"),
    (Glyph::TurnLeft, "╯", "'"),
    (Glyph::Crossing, "┼", "+"),
];

/// Marks that texts of ours may hold beside the signs, and their twins.
pub const MARKS: [(char, &str); 10] = [
    ('–', "-"),
    ('—', "-"),
    ('≤', "<"),
    ('≥', ">"),
    ('±', "~"),
    ('≈', "~"),
    ('Δ', "d"),
    ('µ', "u"),
    ('←', "<"),
    ('•', "-"),
];

/// The eight levels of a sparkline, lowest first.
pub const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Their ASCII twins; neighbours may share one.
pub const ASCII_LEVELS: [&str; 8] = ["_", "_", ".", ".", "-", "=", "*", "#"];
/// The eighths of a bar's last cell, from one eighth up to a whole.
pub const EIGHTHS: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

/// Which signs a terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Unicode, one cell each.
    #[default]
    Unicode,
    /// Seven-bit only.
    Ascii,
}

/// How the lines of a frame are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// As usual.
    #[default]
    Thin,
    /// Production.
    Heavy,
    /// Rehearsal.
    Dashed,
}

/// The lines of a frame: horizontal, vertical, and the corners clockwise from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    /// Horizontal.
    pub horizontal: &'static str,
    /// Vertical.
    pub vertical: &'static str,
    /// Top left, top right, bottom right, bottom left.
    pub corners: [&'static str; 4],
}

impl Glyphs {
    /// Chooses by `LC_ALL`, `LC_CTYPE` and `LANG`, the first that is set and not empty.
    pub fn for_locale(env: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env(name).filter(|value| !value.is_empty()));
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        match locale.contains("utf-8") || locale.contains("utf8") {
            true => Glyphs::Unicode,
            false => Glyphs::Ascii,
        }
    }

    /// The sign as text of one cell.
    pub fn of(self, glyph: Glyph) -> &'static str {
        let row = TABLE.iter().find(|(known, ..)| *known == glyph);
        match (row, self) {
            (Some((_, unicode, _)), Glyphs::Unicode) => unicode,
            (Some((.., ascii)), Glyphs::Ascii) => ascii,
            (None, _) => "?",
        }
    }

    /// The sign of a level from 0 to 7; higher ones are the highest.
    pub fn level(self, level: usize) -> &'static str {
        let levels = if self == Glyphs::Unicode { &LEVELS } else { &ASCII_LEVELS };
        levels.get(level.min(7)).unwrap_or(&"?")
    }

    /// The last cell of a bar, `eighths` of it filled; none for 0.
    pub fn eighth(self, eighths: usize) -> Option<&'static str> {
        let index = eighths.checked_sub(1)?.min(7);
        match self {
            Glyphs::Unicode => EIGHTHS.get(index).copied(),
            Glyphs::Ascii => (index >= 3).then_some("#"),
        }
    }

    /// The lines of a frame.
    pub fn border(self, lines: Lines) -> Border {
        let (horizontal, vertical, corners) = match (self, lines) {
            (Glyphs::Unicode, Lines::Thin) => ("─", "│", ["┌", "┐", "┘", "└"]),
            (Glyphs::Unicode, Lines::Heavy) => ("━", "┃", ["┏", "┓", "┛", "┗"]),
            (Glyphs::Unicode, Lines::Dashed) => ("╌", "╎", ["┌", "┐", "┘", "└"]),
            (Glyphs::Ascii, Lines::Thin) => ("-", "|", ["+"; 4]),
            (Glyphs::Ascii, Lines::Heavy) => ("=", "#", ["#"; 4]),
            (Glyphs::Ascii, Lines::Dashed) => ("~", ":", ["+"; 4]),
        };
        Border { horizontal, vertical, corners }
    }

    /// Text of ours with every sign of the table replaced by its twin where
    /// needed; other characters beyond ASCII become `?`.
    pub fn text(self, text: &str) -> std::borrow::Cow<'_, str> {
        if self == Glyphs::Unicode || text.is_ascii() {
            return text.into();
        }
        let twin = |c: char, out: &mut String| {
            let mut bytes = [0; 4];
            let sign: &str = c.encode_utf8(&mut bytes);
            let sign = TABLE.iter().find(|(_, unicode, _)| *unicode == sign).map(|(.., ascii)| *ascii);
            match sign.or_else(|| MARKS.iter().find(|(mark, _)| *mark == c).map(|(_, ascii)| *ascii)) {
                Some(twin) => out.push_str(twin),
                // Not one sign for all: two names must not become the same.
                None => out.extend(c.escape_unicode()),
            }
        };
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii() { out.push(c) } else { twin(c, &mut out) }
        }
        out.into()
    }
}
