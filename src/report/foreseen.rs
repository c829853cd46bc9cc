//! What backends say of what would be sent, in lines: the same for a dialog, `--dry-run`
//! and plain mode. It weighs what was said and decides nothing.

use crate::domain::Timestamp;
use crate::domain::catalogue::Reversible;
use crate::domain::foreseen::{Foreseen, Foresight};
use crate::domain::report::Preview;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It would certainly be refused.
    Refused,
    /// Something is in the way.
    Heed,
    /// Something could not be found out, or nobody could be asked.
    Unknown,
    /// Nothing out of the ordinary.
    Plain,
    /// It is not known yet.
    Awaited,
}

/// The label of what could not be found out.
pub const UNKNOWN: &str = "??";

/// A line: a short label, none where the one above goes on, and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub weight: Weight,
    /// What it is about, in at most six letters; empty where the one above goes on.
    pub label: &'static str,
    /// The label that it stands under, also where the one above goes on; empty for a remark on what is above.
    pub under: &'static str,
    /// What is said.
    pub text: String,
}

/// What is said of those that told what they would do and looked at nothing.
const UNSEEN: &str = "cannot say what is in the way";

/// The heaviest of it in one line; none where nothing would be sent.
pub fn headline(all: &[Foreseen]) -> Option<Line> {
    let of = |weight, text| Some(remark(weight, text));
    let told = || all.iter().enumerate().filter_map(|(n, it)| Some((n, it, preview(it)?)));
    let first = |found: &[(String, &String)], does: &str| {
        let (name, why) = found.first()?;
        let more = if found.len() > 1 { format!(" · {} more below", found.len() - 1) } else { String::new() };
        Some(format!("{name} {does}: {why}{more}"))
    };
    let certain = told().filter(|(n, ..)| !follows(all, *n));
    let refused: Vec<_> = certain.flat_map(|(_, it, p)| p.refused.iter().map(move |why| (name(it), why))).collect();
    if let Some(text) = first(&refused, "would refuse it as things stand") {
        return of(Weight::Refused, text);
    }
    let heed: Vec<_> = told().flat_map(|(_, it, p)| p.obstacles.iter().map(move |why| (name(it), why))).collect();
    if let Some(text) = first(&heed, "says what is in the way") {
        return of(Weight::Heed, text);
    }
    let untold = |it: &Foreseen| match &it.said {
        Foresight::Untold(why) => Some(format!("{} could not be asked: {why}", name(it))),
        _ => None,
    };
    if let Some(text) = all.iter().find_map(untold) {
        return of(Weight::Unknown, text);
    }
    let open: Vec<_> = told().flat_map(|(_, it, p)| p.unknown.iter().map(move |what| (name(it), what))).collect();
    if let Some(text) = first(&open, "could not find out") {
        return of(Weight::Unknown, text);
    }
    let awaited = names(all.iter().filter(|it| it.is_awaited()));
    match (awaited.is_empty(), all.is_empty()) {
        (false, _) => of(Weight::Awaited, format!("asking {awaited} …")),
        (true, false) => of(Weight::Plain, nothing(all)),
        (true, true) => None,
    }
}

/// How many of them are ready, have something in the way, and are not known: `3 of 5 ready`, `1 not known`. Nothing
/// where nobody says that any is not ready. Whoever cannot say what is in the way is not known either; what was not
/// asked yet is none of these.
pub fn counts(all: &[Foreseen]) -> Vec<String> {
    let of = |is: &dyn Fn(&Foreseen) -> bool| all.iter().filter(|it| is(it)).count();
    let hindered = of(&|it| matches!(weight(it), Weight::Refused | Weight::Heed));
    let open = of(&|it| weight(it) == Weight::Unknown);
    if hindered + open == 0 {
        return Vec::new();
    }
    let plain = |blind| of(&|it| weight(it) == Weight::Plain && is_blind(it) == blind);
    let (ready, open) = (plain(false), open + plain(true));
    let said = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let first = Some(format!("{ready} of {} ready", all.len()));
    [first, said(hindered, "in the way"), said(open, "not known")].into_iter().flatten().collect()
}

/// How much what is said of one matters.
fn weight(it: &Foreseen) -> Weight {
    match &it.said {
        Foresight::Awaited => Weight::Awaited,
        Foresight::Untold(_) => Weight::Unknown,
        Foresight::Told(_, preview) if !preview.refused.is_empty() => Weight::Refused,
        Foresight::Told(_, preview) if !preview.obstacles.is_empty() => Weight::Heed,
        Foresight::Told(_, preview) if !preview.unknown.is_empty() => Weight::Unknown,
        Foresight::Told(..) => Weight::Plain,
    }
}

/// What it may be called where nothing is known to be in the way: `ready` only where whoever would do it has looked.
pub fn looked(all: &[Foreseen]) -> &'static str {
    match (all.iter().any(is_blind), all.iter().all(is_blind)) {
        (false, _) => "ready",
        (true, false) => "partly blind",
        (true, true) => "blind",
    }
}

fn is_blind(it: &Foreseen) -> bool {
    preview(it).is_some_and(|preview| preview.blind)
}

/// Of how many operations no look has asked yet, where that is said of very many; none where all were asked.
pub fn unasked(all: &[Foreseen]) -> Option<String> {
    let left = all.iter().filter(|it| it.is_awaited()).count();
    (left > 0).then(|| format!("{left} of {} not asked yet", all.len()))
}

/// When the oldest of the answers was given; none while there is no answer.
pub fn oldest(all: &[Foreseen]) -> Option<Timestamp> {
    let at = |it: &Foreseen| match it.said {
        Foresight::Told(at, _) => Some(at),
        Foresight::Awaited | Foresight::Untold(_) => None,
    };
    all.iter().filter_map(at).min()
}

/// Where nobody says that anything is in the way: who has looked, and who has not.
fn nothing(all: &[Foreseen]) -> String {
    let blind = |it: &&Foreseen| is_blind(it);
    let (looked, not) = (names(all.iter().filter(|it| !blind(it))), names(all.iter().filter(blind)));
    match (looked.is_empty(), not.is_empty()) {
        (_, true) => format!("nothing is in the way, by {looked}"),
        (true, false) => format!("{not} {UNSEEN}"),
        // What is not known stands first: the end is what is cut off.
        (false, false) => format!("{not} {UNSEEN} · nothing is, by {looked}"),
    }
}

/// All of it, in the order in which it would be sent; one line each while it is awaited.
pub fn lines(all: &[Foreseen]) -> Vec<Line> {
    all.iter().enumerate().flat_map(|(n, it)| of_one(it, follows(all, n))).collect()
}

fn of_one(it: &Foreseen, follows: bool) -> Vec<Line> {
    let name = name(it);
    let what = |at: &str| format!("{name}{at}: {}", it.operation);
    let line = |weight, label, text| Line { weight, label, under: label, text };
    match &it.said {
        Foresight::Awaited => vec![line(Weight::Awaited, "says", format!("asking {} …", what("")))],
        Foresight::Untold(why) => {
            let untold = line(Weight::Unknown, UNKNOWN, format!("could not be asked: {why}"));
            vec![line(Weight::Plain, "says", what("")), untold]
        }
        Foresight::Told(at, preview) => {
            let head = line(Weight::Plain, "says", what(&at.format(" at %H:%M:%SZ").to_string()));
            std::iter::once(head).chain(of_preview(&name, preview, follows)).collect()
        }
    }
}

fn of_preview(name: &str, preview: &Preview, follows: bool) -> Vec<Line> {
    let certain = if follows { &[] } else { preview.refused.as_slice() };
    let other: Vec<&String> = preview.obstacles.iter().filter(|why| !certain.contains(why)).collect();
    let label = if follows { "now" } else { "heed" };
    let mut all = listed(Weight::Refused, "stops", certain.iter());
    if !certain.is_empty() {
        let text = format!("clear that first and ask again; agreed to all the same, {name} refuses it by itself");
        all.push(remark(Weight::Plain, text));
    }
    all.extend(listed(Weight::Heed, label, other.into_iter()));
    all.extend(listed(Weight::Unknown, UNKNOWN, preview.unknown.iter()));
    all.extend(listed(Weight::Plain, "does", preview.effects.iter()));
    all.extend(listed(Weight::Plain, "loses", preview.loses.iter()));
    if let Some(Reversible { ok, note }) = &preview.reversible {
        let weight = if *ok { Weight::Plain } else { Weight::Heed };
        let text = match (ok, note.as_str()) {
            (true, "") => "it can be taken back".to_owned(),
            (true, how) => format!("by what {name} says, it can be taken back: {how}"),
            (false, "") => "it CANNOT be taken back".to_owned(),
            (false, why) => format!("CANNOT be taken back: {why}"),
        };
        all.push(Line { weight, label: "back", under: "back", text });
    }
    let takes = preview.takes.map(|takes| format!("about {takes}"));
    all.extend(listed(Weight::Plain, "takes", takes.iter()));
    if preview.blind {
        all.push(remark(Weight::Plain, "it does not look ahead".to_owned()));
    }
    if all.is_empty() {
        all.push(remark(Weight::Plain, "it does not say what it would do".to_owned()));
    }
    all
}

/// The label stands before the first only.
fn listed<'a>(weight: Weight, label: &'static str, texts: impl Iterator<Item = &'a String>) -> Vec<Line> {
    let first = |n| if n == 0 { label } else { "" };
    texts.enumerate().map(|(n, text)| Line { weight, label: first(n), under: label, text: text.clone() }).collect()
}

fn remark(weight: Weight, text: String) -> Line {
    Line { weight, label: "", under: "", text }
}

/// Whether something before it changes the same: what stands in the way now may be gone by then.
fn follows(all: &[Foreseen], n: usize) -> bool {
    let earlier = all.iter().take(n);
    all.get(n).is_some_and(|it| earlier.into_iter().any(|earlier| earlier.operation.meets(&it.operation)))
}

fn preview(it: &Foreseen) -> Option<&Preview> {
    match &it.said {
        Foresight::Told(_, preview) => Some(preview),
        Foresight::Awaited | Foresight::Untold(_) => None,
    }
}

fn name(it: &Foreseen) -> String {
    it.operation.backend.to_string()
}

/// Every name once.
fn names<'a>(of: impl Iterator<Item = &'a Foreseen>) -> String {
    let mut all: Vec<String> = Vec::new();
    of.map(name).for_each(|name| {
        if !all.contains(&name) {
            all.push(name)
        }
    });
    all.join(", ")
}
