//! A part of the incident screen: a rule with its heads, and rows whose columns
//! line up. The same data is drawn, and copied as text.
//!
//! What does not fit is counted on the rule.

use crate::tui::theme::{Role, Theme};
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, row as table_row, widths};
use crate::tui::widget::text::{Align, margin, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A row: cells under the part's columns, or one text over all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub Vec<(Role, String)>);

impl Row {
    /// One text over all columns.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self(vec![(role, text.into())])
    }
}

/// A part of the screen.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// What the rule says.
    pub title: String,
    /// What stands at the right of the rule, where there are no heads.
    pub right: String,
    /// How that looks.
    pub role: Option<Role>,
    /// Names of the columns, for those that need one.
    pub heads: &'static [&'static str],
    /// The columns of rows with several cells.
    pub columns: &'static [Column],
    /// The rows, the most important first.
    pub rows: Vec<Row>,
    /// How many rows it is promised where there is little room.
    pub least: usize,
    /// How many rows at its end are never given up for those before them.
    pub last: usize,
}

impl Part {
    /// How many lines it would like, its rule included.
    pub fn wanted(&self) -> u16 {
        u16::try_from(self.rows.len() + 1).unwrap_or(u16::MAX)
    }

    /// Its text, for copying and for screens that are too small for columns.
    pub fn lines(&self) -> Vec<(Role, String)> {
        let right = if self.right.is_empty() { String::new() } else { format!(" · {}", self.right) };
        let title = (Role::Title, format!("{}{right}", self.title));
        let rows = self.rows.iter().map(|Row(cells)| {
            let role = cells.first().map_or(Role::Text, |(role, _)| *role);
            let texts: Vec<_> = cells.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty()).collect();
            (role, texts.join("  "))
        });
        std::iter::once(title).chain(rows).collect()
    }

    /// Draws it; rows that do not fit are counted.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let room = usize::from(area.height.saturating_sub(1));
        let hidden = self.rows.len().saturating_sub(room);
        let title = if hidden > 0 { format!("{}, {hidden} more", self.title) } else { self.title.clone() };
        let right = self.right.as_str();
        let role = self.role.unwrap_or(Role::Dim);
        rule(buf, area, &Rule { right, role, ..Rule::named(&title) }, theme);
        self.draw_heads(area, buf, theme, width(&title) + 5);
        let kept = self.last.min(room);
        let from_end = self.rows.len().saturating_sub(kept);
        let first = self.rows.iter().take(from_end.min(room - kept));
        let shown = first.chain(self.rows.iter().skip(from_end));
        for (n, Row(cells)) in shown.enumerate() {
            let line = margin(row(area, u16::try_from(n + 1).unwrap_or(u16::MAX)));
            match cells.as_slice() {
                [(role, text)] => drop(put(buf, line, text, Align::Left, theme.style(*role), theme)),
                cells => {
                    let cells: Vec<Cell<'_>> = cells.iter().map(|(role, text)| Cell { text, role: *role }).collect();
                    table_row(buf, line, self.columns, &cells, Role::Text, theme);
                }
            }
        }
    }

    /// The names of the columns stand on the rule itself, over what they name.
    fn draw_heads(&self, area: Rect, buf: &mut Buffer, theme: &Theme, taken: u16) {
        let line = margin(row(area, 0));
        let mut x = line.x;
        for ((column, given), head) in self.columns.iter().zip(widths(line.width, self.columns)).zip(self.heads) {
            let used = width(head);
            if given > 0 && used > 0 && x + given > area.x + taken + used + 1 {
                let from = if column.align == Align::Right {
                    (x + given).saturating_sub(used + 1)
                } else {
                    x.saturating_sub(1)
                };
                let place = Rect { x: from, width: used + 2, height: 1, ..line };
                put(buf, place, &format!(" {head} "), Align::Left, theme.style(Role::Dim), theme);
            }
            x += if given > 0 { given + 1 } else { 0 };
        }
    }
}
