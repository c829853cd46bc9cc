//! The widgets: aligned, clipped, and safe for any text.

use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::digest::Digest;
use holdpoint::tui::dialog::{Ask, Card, Dialog, Outcome, Question};
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::terminal::{Event, What};
use holdpoint::tui::theme::{Depth, Role, Theme};
use holdpoint::tui::widget::frame::Kind;
use holdpoint::tui::widget::rule::Rule;
use holdpoint::tui::widget::table::{Cell, Column};
use holdpoint::tui::widget::text::{Align, fit, fit_middle, put, width};
use holdpoint::tui::widget::{bar, card, field, frame, list, paragraph, rule, spark, table};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::Instant;

pub fn theme(glyphs: Glyphs) -> Theme {
    Theme::built_in("mono", Depth::None, glyphs).unwrap()
}

pub fn lines(buf: &Buffer) -> Vec<String> {
    let area = buf.area;
    let mut lines = Vec::new();
    for y in 0..area.height {
        let (mut line, mut skip) = (String::new(), 0);
        for x in 0..area.width {
            let symbol = buf[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = usize::from(width(symbol).max(1));
            }
            skip -= 1;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

fn on(width: u16, height: u16, draw: impl FnOnce(&mut Buffer, Rect, &Theme)) -> Vec<String> {
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    let area = buf.area;
    draw(&mut buf, area, &theme(Glyphs::Unicode));
    lines(&buf)
}

#[test]
fn a_rule_line_says_what_is_hidden_and_keeps_its_name() {
    let now = Rule { right: "13 of 22 done · 5 hidden, all pending", ..Rule::named("now") };
    let draw = |room| on(room, 1, |buf, area, theme| rule::rule(buf, area, &now, theme)).remove(0);
    let whole = draw(60);
    assert!(whole.starts_with("── now ──") && whole.ends_with("─ 13 of 22 done · 5 hidden, all pending ──"), "{whole}");
    assert_eq!(width(&whole), 60);
    assert_eq!(draw(24), "── now ─ 13 of 22 do… ──");
    assert_eq!(draw(12), "── now ─────");
    assert_eq!(draw(3), "───");
    let heavy = Rule { heavy: true, ..Rule::named("TRIGGER T2") };
    assert!(on(30, 1, |buf, area, theme| rule::rule(buf, area, &heavy, theme))[0].starts_with("━━ TRIGGER T2 ━"));
}

#[test]
fn sparklines_have_a_fixed_scale_and_gaps() {
    let values = [Some(9.9), Some(0.0), None, Some(1.0), Some(f32::NAN), Some(0.5), Some(2.0)];
    let draw =
        |room| on(room, 1, |buf, area, theme| spark::spark(buf, area, &values, 1.0, Style::new(), theme)).remove(0);
    assert_eq!(draw(9), "  █▁ █ ▄█");
    assert_eq!(draw(3), " ▄█");
    assert_eq!(spark::level(0.5, 0.0), None);
    assert_eq!(spark::level(-1.0, 1.0), Some(0));
}

#[test]
fn bars_never_show_something_as_nothing_nor_almost_as_all() {
    assert_eq!(bar::eighths(0.0, 10), 0);
    assert_eq!(bar::eighths(0.001, 10), 1);
    assert_eq!(bar::eighths(0.999, 10), 79);
    assert_eq!(bar::eighths(1.0, 10), 80);
    assert_eq!(bar::eighths(f64::NAN, 10), 0);
    assert_eq!(on(4, 1, |buf, area, theme| bar::bar(buf, area, 0.4, Role::Ok, theme))[0], "█▋░░");
}

#[test]
fn columns_line_up_and_give_way_in_order() {
    let columns = [
        Column::words(6),
        Column::rest(4),
        Column::numbers(6),
        Column::words(5).optional(2),
        Column::numbers(4).optional(1),
    ];
    assert_eq!(table::widths(40, &columns), [6, 15, 6, 5, 4]);
    assert_eq!(table::widths(29, &columns), [6, 4, 6, 5, 4]);
    assert_eq!(table::widths(28, &columns), [6, 9, 6, 0, 4]);
    assert_eq!(table::widths(20, &columns), [6, 6, 6, 0, 0]);
    let cells = |texts: [&'static str; 5]| texts.map(|text| Cell { text, role: Role::Text });
    let draw = |texts| {
        on(32, 1, |buf, area, theme| table::row(buf, area, &columns, &cells(texts), Role::Text, theme)).remove(0)
    };
    assert_eq!(draw(["ledger", "eu-west", "2.10 %", "ok", "420"]), "ledger eu-west 2.10 % ok     420");
    assert_eq!(draw(["payments", "日本語日本", "0.4 %", "", "9"]), "payme… 日本語…  0.4 %          9");
}

#[test]
fn texts_are_cut_between_characters() {
    assert_eq!(fit("日本", 4, Glyphs::Unicode), "日本");
    assert_eq!(fit("日本語", 4, Glyphs::Unicode), "日…");
    assert_eq!(fit("\u{e01}\u{e34}\u{e01}\u{e34}\u{e01}\u{e34}", 2, Glyphs::Unicode), "\u{e01}\u{e34}…");
    assert_eq!(fit("abc", 0, Glyphs::Unicode), "");
    assert_eq!(fit("a → b, long", 6, Glyphs::Ascii), "a > b~");
    assert_eq!(fit_middle("payments-eu-west", 16, Glyphs::Unicode), "payments-eu-west");
    assert_eq!(fit_middle("payments-eu-west", 10, Glyphs::Unicode), "payme…west");
    assert_eq!(fit_middle("日本語日本語", 8, Glyphs::Unicode), "日本…語");
    assert_eq!(fit_middle("a\u{1b}b", 40, Glyphs::Unicode), fit("a\u{1b}b", 40, Glyphs::Unicode));
    assert_eq!([2, 1, 0].map(|room| fit_middle("abc", room, Glyphs::Unicode).into_owned()), ["a…", "…", ""]);
}

#[test]
fn lists_keep_the_hand_in_sight_and_count_the_rest() {
    let seen = list::window(20, 5, Some(12), 0);
    assert_eq!((seen.first, seen.above, seen.below), (8, 8, 7));
    assert_eq!(list::window(20, 5, Some(10), 8).first, 8, "it does not move without need");
    assert_eq!(list::window(3, 5, Some(2), 9).first, 0);
    assert_eq!(list::window(0, 5, Some(2), 9).range(), 0..0);
    assert_eq!(list::window(9, 0, Some(2), 9).below, 0);
    let states = [(0, "ok"), (0, "ok"), (3, "FAILED"), (0, "ok")];
    assert_eq!(list::window(4, 2, None, 0).hidden(&states).unwrap(), "2 hidden, worst FAILED");
    assert_eq!(list::window(4, 2, None, 2).hidden(&states).unwrap(), "2 hidden, all ok");
    assert_eq!(list::window(4, 4, None, 0).hidden(&states), None);
}

#[test]
fn paragraphs_wrap_between_words_and_count_what_is_missing() {
    assert_eq!(paragraph::wrap("one two three", 8), ["one two", "three"]);
    assert_eq!(paragraph::wrap("a\n\nb", 8), ["a", "", "b"]);
    assert_eq!(paragraph::wrap("日本語日本語", 5), ["日本", "語日", "本語"]);
    assert_eq!(paragraph::wrap("unbreakable", 4), ["unbr", "eaka", "ble"]);
    let drawn = on(12, 2, |buf, area, theme| {
        assert_eq!(paragraph::paragraph(buf, area, "one two three four five six seven", Style::new(), theme), 2);
    });
    assert_eq!(drawn, ["one two", "3 more lines"]);
}

#[test]
fn fields_scroll_with_the_hand() {
    let input = tui_input::Input::new("abcdefghij".into());
    let drawn = on(8, 1, |buf, area, theme| assert_eq!(field::field(buf, area, &input, theme).unwrap().x, 6));
    assert_eq!(drawn[0], "[fghij ]");
    let drawn = on(8, 1, |buf, area, theme| {
        assert_eq!(field::field(buf, area, &input.clone().with_cursor(0), theme).unwrap().x, 1);
    });
    assert_eq!(drawn[0], "[abcdef]");
}

#[test]
fn frames_tell_production_and_rehearsal_apart_without_colour() {
    let draw = |kind| {
        on(30, 3, |buf, area, theme| {
            let _ = frame::frame(buf, area, "eu-west", kind, theme);
        })
    };
    assert_eq!(draw(Kind::Plain)[0], "┌─ eu-west ──────────────────┐");
    assert_eq!(draw(Kind::Production)[0], "┏━ eu-west ━━━━━━━━━━━━━━━━━━┓");
    assert_eq!(draw(Kind::Rehearsal)[0], "┌╌ eu-west ╌╌╌╌╌╌ REHEARSAL ╌┐");
    assert_eq!(draw(Kind::Rehearsal)[2], "└╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ REHEARSAL ╌┘");
}

pub fn rollback() -> Question {
    let row = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    Question {
        card: Card {
            place: "PRODUCTION · eu-west".into(),
            production: true,
            title: "Roll back payments 4.2.0 → 4.1.9".into(),
            tag: "25 % of traffic".into(),
            rows: vec![
                row("will", "1 evidence saved               holdpoint   20 s at most"),
                row("", "2 canary weight to 0 %         argo-eu     undo, about 40 s"),
                row("stays", "ledger 7.1.0 · eu-north 4.1.9 · schema 118"),
                row("same", "holdpoint rollback payments --env eu-west --to 4.1.9"),
            ],
            accept: "Roll back".into(),
            ..Card::default()
        },
        ask: Ask::Name,
        level: Confirmation::Challenge,
        environment: "eu-west".into(),
        saw: Digest::of_bytes(b"plan"),
        reason: Some(("error budget burn 14x".into(), true)),
        opened_by: None,
        random: 7,
    }
}

#[test]
fn the_dialog_looks_as_drawn() {
    let dialog = Dialog::ask(rollback());
    let (columns, rows) = card::size(&dialog, 80);
    assert_eq!((columns, rows), (80, 12));
    let drawn = on(columns, rows, |buf, area, theme| {
        let cursor = card::card(buf, area, &dialog, Kind::Plain, theme).unwrap();
        assert_eq!((cursor.x, cursor.y), (41, 9));
    });
    assert_eq!(
        drawn.join("\n"),
        "\
┏━ PRODUCTION · eu-west ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Roll back payments 4.2.0 → 4.1.9                             25 % of traffic ┃
┃                                                                              ┃
┃ will   1 evidence saved               holdpoint   20 s at most               ┃
┃        2 canary weight to 0 %         argo-eu     undo, about 40 s           ┃
┃ stays  ledger 7.1.0 · eu-north 4.1.9 · schema 118                            ┃
┃ same   holdpoint rollback payments --env eu-west --to 4.1.9                  ┃
┃ typed, never pasted                                                          ┃
┃ reason [error budget burn 14x                                     ] required ┃
┃▸type   eu-west                        [                                    ] ┃
┃ Enter: Roll back · Esc leaves                         Cancel      Roll back  ┃
┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛"
    );
}

#[test]
fn a_small_dialog_keeps_its_fields_and_counts_its_facts() {
    let dialog = Dialog::ask(rollback());
    let drawn = on(40, 9, |buf, area, theme| {
        let _ = card::card(buf, area, &dialog, Kind::Plain, theme);
    })
    .join("\n");
    assert!(drawn.contains("type   eu-west") && drawn.contains("Cancel"), "{drawn}");
    assert!(drawn.contains("8 lines: a larger screen shows them"), "{drawn}");
}

#[test]
fn a_small_dialog_is_read_whole_page_by_page() {
    let mut dialog = Dialog::ask(rollback());
    let page = |dialog: &Dialog| {
        let card = |buf: &mut Buffer, area: Rect, theme: &Theme| {
            let _ = card::card(buf, area, dialog, Kind::Plain, theme);
        };
        on(60, 11, card).join("\n")
    };
    let turn = |dialog: &mut Dialog, key: &str| {
        let what = What::Key(key.parse().unwrap());
        dialog.update(&Event { what, at: Instant::now(), burst: 1 })
    };
    assert!(page(&dialog).contains("1 evidence saved") && !page(&dialog).contains("same "), "{}", page(&dialog));
    let mut seen = page(&dialog);
    for _ in 0..4 {
        assert_eq!(turn(&mut dialog, "pagedown"), Outcome::Open);
        seen.push_str(&page(&dialog));
    }
    for text in ["1 evidence saved", "2 canary weight", "stays", "same "] {
        assert!(seen.contains(text), "{text} is on no page of\n{seen}");
    }
}

proptest! {
    #[test]
    fn nothing_is_drawn_outside_whatever_the_text(
        text in "(?s)[ -~日e\u{301}😀\u{202e}\u{200b}\u{1b}\u{7f}\n]{0,60}", x in 0_u16..30, y in 0_u16..6, w in 0_u16..30, h in 0_u16..8, ascii: bool,
    ) {
        let theme = theme(if ascii { Glyphs::Ascii } else { Glyphs::Unicode });
        let area = Rect::new(x, y, w, h);
        let mut buf = Buffer::filled(Rect::new(0, 0, 24, 6), ratatui::buffer::Cell::new("·"));
        let before = buf.clone();
        rule::rule(&mut buf, area, &Rule { right: &text, ..Rule::named(&text) }, &theme);
        put(&mut buf, area, &text, Align::Right, Style::new(), &theme);
        spark::spark(&mut buf, area, &[Some(1.0); 40], 1.0, Style::new(), &theme);
        bar::bar(&mut buf, area, 0.5, Role::Ok, &theme);
        let cells = [Cell { text: &text, role: Role::Fail }; 2];
        table::row(&mut buf, area, &[Column::rest(3), Column::numbers(5)], &cells, Role::Selected, &theme);
        paragraph::paragraph(&mut buf, area, &text, Style::new(), &theme);
        field::field(&mut buf, area, &text.clone().into(), &theme);
        let mut question = rollback();
        question.card.title = text.clone();
        question.card.rows.push((text.clone(), text.clone()));
        card::card(&mut buf, area, &Dialog::ask(question), Kind::Rehearsal, &theme);
        for (n, (now, then)) in buf.content().iter().zip(before.content()).enumerate() {
            let at = (u16::try_from(n % 24).unwrap(), u16::try_from(n / 24).unwrap());
            prop_assert!(area.contains(at.into()) || now == then, "{:?} changed", at);
            prop_assert!(!now.symbol().chars().any(char::is_control));
        }
    }
}

#[test]
fn a_folded_text_loses_nothing_and_fits() {
    use holdpoint::tui::widget::field::folded;
    for text in [
        "",
        "a",
        "one two three four",
        "aaaaaaaaaaaaaaaaaaaaaaaaa",
        "日本語日本語日本語 x",
        "a\n\nb c\n",
        " lead",
        "e\u{301}e\u{301}e\u{301} x",
    ] {
        for width in 0..24 {
            let rows = folded(text, width);
            let joined: String = rows.iter().map(|(_, row)| row.as_str()).collect();
            assert_eq!(joined, text.replace('\n', ""), "{text:?} at {width}");
            for (start, row) in &rows {
                let there: String = text.chars().skip(*start).take(row.chars().count()).collect();
                assert_eq!(there, *row, "{text:?} at {width}: each row knows where it begins");
                let cells = unicode_width::UnicodeWidthStr::width(row.as_str());
                assert!(cells <= usize::from(width.max(5)) - 3 || row.chars().count() <= 2, "{row:?} at {width}");
            }
        }
    }
}
