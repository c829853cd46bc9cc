//! What stands on the screen, as text: the cells that were painted and nothing else.
//!
//! It is read as a person reads it. What the program knows beyond that is not here.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::fmt;
use unicode_width::UnicodeWidthStr;

/// The label of the line that says what must be typed, as wide as a dialog's labels are;
/// before it stands a blank or the sign of where the hand is.
const ASKS: &str = "type   ";

/// A screen as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    rows: Vec<String>,
    cursor: Option<Position>,
}

/// What an open dialog asks to be typed, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// What must be typed.
    pub expected: String,
    /// What stands in the field before the cursor; none when the cursor is elsewhere.
    pub typed: Option<String>,
}

impl Picture {
    /// The text of a screen, with the cursor where it is shown.
    pub fn of(buffer: &Buffer, cursor: Option<Position>) -> Self {
        let width = usize::from(buffer.area.width).max(1);
        let rows = buffer.content.chunks(width).map(|cells| {
            let (mut text, mut covered) = (String::new(), 0);
            for cell in cells {
                if covered == 0 {
                    text.push_str(cell.symbol());
                    covered = cell.symbol().width().max(1);
                }
                covered -= 1;
            }
            text.trim_end().to_owned()
        });
        Self { rows: rows.collect(), cursor }
    }

    /// A screen of these lines, without a cursor.
    pub fn of_text(text: &str) -> Self {
        Self { rows: text.lines().map(|line| line.trim_end().to_owned()).collect(), cursor: None }
    }

    /// Whether one line shows all of these texts in this order.
    pub fn shows(&self, texts: &[String]) -> bool {
        self.rows.iter().any(|row| {
            let rest = texts.iter().try_fold(row.as_str(), |rest, text| rest.split_once(text.as_str()).map(|(_, r)| r));
            rest.is_some()
        })
    }

    /// What the open dialog asks to be typed, if one does.
    pub fn challenge(&self) -> Option<Challenge> {
        let (y, row) = self.rows.iter().enumerate().rfind(|(_, row)| field(row).is_some())?;
        let (expected, from, inside) = field(row)?;
        let here = self.cursor.filter(|at| usize::from(at.y) == y);
        let typed = here.and_then(|at| usize::from(at.x).checked_sub(from)).map(|n| inside.chars().take(n).collect());
        Some(Challenge { expected, typed })
    }
}

/// Of `type   NAME CODE   [typed   ]`: what is asked for, the field's first column, and what is in it.
fn field(row: &str) -> Option<(String, usize, &str)> {
    let (_, asked) = row.split_once(ASKS)?;
    let (expected, rest) = asked.split_once(" [")?;
    let (typed, _) = rest.rsplit_once(']')?;
    let before = row.len().checked_sub(rest.len())?;
    let column = row.get(..before)?.width();
    Some((expected.trim().to_owned(), column, typed))
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = self.rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1);
        self.rows.iter().take(used).try_for_each(|row| writeln!(f, "| {row}"))
    }
}
