//! Making a theme readable: where a colour is too close to its ground, it is
//! moved away from it until it can be read, and what was moved is told.
//!
//! Colours of the terminal's own palette are anybody's guess and stay as they are.

use super::color::{self, contrast, measured};
use super::role::Role;
use super::{Styles, seen};
use ratatui::style::{Color, Modifier};

/// The least contrast of text that says something (WCAG 2, AA).
pub const TEXT: f64 = 4.5;
/// The least contrast of what matters less, and of states on the selected row.
pub const FAINT: f64 = 3.0;
/// In how many steps a colour is moved.
const STEPS: u16 = 64;

/// One thing that was changed so that it can be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Repair {
    /// The text of a role was moved away from its ground: contrast before, needed and now.
    Text(Role, Color, Color, [f64; 3]),
    /// The ground of the selected row was moved under the text of a role: contrast before, needed and now.
    Ground(Role, Color, Color, [f64; 3]),
    /// A state looked like another and was given attributes of its own.
    Apart(Role, Role),
}

/// The least contrast of a role with its ground.
pub fn needed(role: Role) -> f64 {
    match role {
        Role::Dim | Role::Disabled | Role::Border => FAINT,
        _ => TEXT,
    }
}

/// The same styles, every role readable, and what was changed.
pub fn repaired(styles: &Styles) -> (Styles, Vec<Repair>) {
    let mut styles = *styles;
    let mut repairs: Vec<_> = Role::ALL.into_iter().filter_map(|role| text(&mut styles, role)).collect();
    if let Some(moved) = ground(&mut styles) {
        repairs.push(moved);
        repairs.extend(text(&mut styles, Role::Selected));
    }
    repairs.extend(apart(&mut styles));
    (styles, repairs)
}

/// Moves the text of a role away from its ground until it can be read.
fn text(styles: &mut Styles, role: Role) -> Option<Repair> {
    let (fg, bg, _) = seen(styles, role);
    let (text, ground) = (measured(fg)?, measured(bg)?);
    let (before, need) = (contrast(text, ground), needed(role));
    if before >= need {
        return None;
    }
    let moved = away(text, ground, |c| contrast(c, ground) >= need);
    let to = Color::Rgb(moved.0, moved.1, moved.2);
    if let Some(style) = styles.get_mut(role as usize) {
        style.fg = Some(to);
    }
    Some(Repair::Text(role, fg, to, [before, need, contrast(moved, ground)]))
}

/// Moves the ground of the selected row towards that of the screen until states can be read on it.
fn ground(styles: &mut Styles) -> Option<Repair> {
    let (_, from, _) = seen(styles, Role::Selected);
    let (selected, plain) = (measured(from)?, measured(seen(styles, Role::Text).1)?);
    let states: Vec<_> =
        Role::STATES.into_iter().filter_map(|role| Some((role, measured(seen(styles, role).0)?))).collect();
    let worst = states.iter().map(|(role, c)| (*role, contrast(*c, selected))).min_by(|a, b| a.1.total_cmp(&b.1));
    let (role, before) = worst.filter(|(_, ratio)| *ratio < FAINT)?;
    let least = |ground| states.iter().map(|(_, c)| contrast(*c, ground)).fold(f64::MAX, f64::min);
    let moved = towards(selected, plain, |ground| least(ground) >= FAINT);
    let to = Color::Rgb(moved.0, moved.1, moved.2);
    if let Some(style) = styles.get_mut(Role::Selected as usize) {
        style.bg = Some(to);
        // A row that is hardly another ground is told by more than that.
        style.add_modifier |= Modifier::BOLD | Modifier::UNDERLINED;
    }
    Some(Repair::Ground(role, from, to, [before, FAINT, least(moved)]))
}

/// Gives a state that looks like an earlier one attributes of its own.
pub(super) fn apart(styles: &mut Styles) -> Vec<Repair> {
    const OWN: [Modifier; 5] = [
        Modifier::UNDERLINED,
        Modifier::ITALIC,
        Modifier::BOLD,
        Modifier::UNDERLINED.union(Modifier::ITALIC),
        Modifier::UNDERLINED.union(Modifier::BOLD),
    ];
    let mut repairs = Vec::new();
    for (n, role) in Role::STATES.into_iter().enumerate() {
        let twin =
            |styles: &Styles| Role::STATES.into_iter().take(n).find(|other| seen(styles, *other) == seen(styles, role));
        let Some(first) = twin(styles) else { continue };
        let before = *styles;
        for own in OWN {
            *styles = before;
            if let Some(style) = styles.get_mut(role as usize) {
                style.add_modifier |= own;
            }
            if twin(styles).is_none() {
                break;
            }
        }
        repairs.push(Repair::Apart(role, first));
    }
    repairs
}

/// Moves a colour away from a ground, no further than it must: darker to black,
/// or brighter in its own hue and from there to white.
fn away(from: Rgb, ground: Rgb, enough: impl Fn(Rgb) -> bool) -> Rgb {
    let (white, black) = ((255, 255, 255), (0, 0, 0));
    if contrast(black, ground) > contrast(white, ground) {
        return towards(from, black, enough);
    }
    let most = from.0.max(from.1).max(from.2);
    let full = |c: u8| u8::try_from(u16::from(c) * 255 / u16::from(most.max(1))).unwrap_or(u8::MAX);
    // What is nearly black has no hue to keep.
    let bright = if most < 32 { from } else { (full(from.0), full(from.1), full(from.2)) };
    let moved = towards(from, bright, &enough);
    if enough(moved) { moved } else { towards(bright, white, enough) }
}

type Rgb = (u8, u8, u8);

/// The first colour on the way to another that is enough; the other when none is.
fn towards(from: Rgb, to: Rgb, enough: impl Fn(Rgb) -> bool) -> Rgb {
    (1..=STEPS).map(|step| color::between(from, to, step, STEPS)).find(|c| enough(*c)).unwrap_or(to)
}

impl std::fmt::Display for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = color::name;
        match self {
            Repair::Text(role, from, to, [before, need, now]) => write!(
                f,
                "{}: {} has a contrast of {before:.1}, {need:.1} is needed; {} is used, {now:.1}",
                role.name(),
                name(*from),
                name(*to)
            ),
            Repair::Ground(role, from, to, [before, need, now]) => write!(
                f,
                "selected: on {} the text of {} has a contrast of {before:.1}, {need:.1} is needed; {} is used, {now:.1}",
                name(*from),
                role.name(),
                name(*to)
            ),
            Repair::Apart(role, first) => {
                write!(f, "{}: looks like {}; it is given attributes of its own", role.name(), first.name())
            }
        }
    }
}
