//! The smallest loop on the substrate, run in a PTY by the other tests: this
//! test binary started again with `HOLDPOINT_PROBE` set. It shows its last inputs.

use holdpoint::tui::terminal::{Code, Event, Key, Terminal, What};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use std::sync::{Arc, mpsc};

#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    panic_in_draw: bool,
    area: Rect,
}

impl Seen {
    fn draw(&mut self, area: Rect, buf: &mut Buffer) {
        assert!(!self.panic_in_draw, "drawn badly");
        self.area = area;
        let bold = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED).fg(Color::Red);
        buf.set_stringn(0, 0, format!("probe pid {}", std::process::id()), area.width.into(), bold);
        let last = self.lines.len().saturating_sub(usize::from(area.height).saturating_sub(2));
        for (y, line) in (1..area.height.saturating_sub(1)).zip(self.lines.iter().skip(last)) {
            buf.set_stringn(0, y, line, area.width.into(), Style::new());
        }
        let foot = format!("{}x{} seen {}.", area.width, area.height, self.lines.len());
        buf.set_stringn(0, area.height - 1, foot, area.width.into(), Style::new());
    }
}

#[test]
#[ignore = "run in a PTY by the other tests"]
fn run() {
    if std::env::var_os("HOLDPOINT_PROBE").is_none() {
        return;
    }
    let (to, inbox) = mpsc::channel::<Event>();
    let mut terminal = Terminal::open(Arc::new(move |event| drop(to.send(event)))).unwrap();
    let mut seen = Seen::default();
    let code = look_on(&mut terminal, &inbox, &mut seen);
    drop(terminal);
    if std::env::var_os("HOLDPOINT_PROBE").is_none_or(|how| how != "silent") {
        eprintln!("probe ended {code}");
    }
    std::process::exit(code);
}

fn look_on(terminal: &mut Terminal, inbox: &mpsc::Receiver<Event>, seen: &mut Seen) -> i32 {
    loop {
        terminal.draw(|area, buf| {
            seen.draw(area, buf);
            None
        });
        loop {
            match inbox.recv().unwrap().what {
                What::Painted(_) => continue,
                What::Key(key) if key == Key::char('q') => return 0,
                What::Key(key) if key == Key::char('W') => {
                    let thread = std::thread::Builder::new().name("worker".into());
                    drop(thread.spawn(|| panic!("worked badly\u{1b}[31m")).unwrap());
                }
                What::Key(key) if key == Key::char('D') => seen.panic_in_draw = true,
                What::Key(key) if key == Key::new(Code::F(5)) => flood(terminal, seen),
                What::Key(key) => seen.lines.push(format!("key {key}")),
                What::Paste(paste) => seen.lines.push(format!("paste {:?}", paste.text)),
                What::Focus(focus) => seen.lines.push(format!("focus {focus}")),
                What::Resized | What::Mouse(_) => {}
                What::Ending(_) => return 3,
                What::HangUp(_) => return 4,
                What::Panicked(_) => return 5,
                What::Stop => {
                    terminal.suspend();
                    continue;
                }
                What::Continue => {
                    terminal.resume().unwrap();
                    seen.lines.push("continued".into());
                }
            }
            break;
        }
    }
}

/// Many whole frames at once, none of which may be waited for.
fn flood(terminal: &mut Terminal, seen: &mut Seen) {
    for n in 0..20 {
        terminal.draw(|area, buf| {
            for y in 0..area.height {
                buf.set_stringn(0, y, format!("{n}{y}").repeat(40), area.width.into(), Style::new());
            }
            None
        });
    }
    seen.lines.push("flooded".into());
}
