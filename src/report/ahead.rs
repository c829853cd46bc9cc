//! The way back of a step that is ahead, in one line: for screens, dialogs and plain mode. Words only; `engine::ahead`
//! knows what is asked, backends have said the rest. What is not known is never called open.

use super::foreseen::{Line, Weight};
use crate::domain::foreseen::{Foresight, Returning};
use crate::domain::operation::Operation;
use crate::engine::ahead::{Asked, Way};

/// What is said of it by what backends have told so far.
pub fn line(way: &Way, told: &[Returning]) -> Line {
    let of = |weight, text: String| Line { weight, label: "back", under: "back", text };
    let unknown = |why: &str| of(Weight::Unknown, format!("whether it can be led back is not known: {why}"));
    match way {
        Way::None(why) => of(Weight::Refused, format!("cannot be led back: {why}")),
        Way::Unknown(why) => unknown(why),
        Way::Unseen => {
            let why = "nothing has told yet what is there now, so where it would be led back to is not known";
            of(Weight::Plain, why.to_owned())
        }
        Way::Asked(asked) => {
            let Asked { operation, changes } = asked;
            let mine = told.iter().find(|told| told.changes == *changes && told.it.operation == *operation);
            let backend = &operation.backend;
            match mine.map(|told| &told.it.said) {
                None | Some(Foresight::Awaited) => {
                    of(Weight::Awaited, format!("whether it can be led back {} is not told yet", to(operation)))
                }
                Some(Foresight::Untold(why)) => unknown(&format!("{backend} could not be asked: {why}")),
                Some(Foresight::Told(at, preview)) => {
                    let at = at.format("%H:%M:%SZ");
                    match (preview.refused.first(), preview.obstacles.first()) {
                        (Some(why), _) => of(Weight::Refused, format!("cannot be led back: {backend}: {why}")),
                        (None, Some(why)) => of(
                            Weight::Heed,
                            format!("in the way of leading it back {}: {backend}: {why}", to(operation)),
                        ),
                        (None, None) if !preview.unknown.is_empty() => {
                            let what = preview.unknown.join(" · ");
                            unknown(&format!("{backend} could not find out: {what}"))
                        }
                        (None, None) if preview.blind => {
                            let cannot = format!("{backend} cannot say whether it can be led back {}", to(operation));
                            of(Weight::Plain, cannot)
                        }
                        (None, None) => {
                            of(Weight::Plain, format!("can be led back {}, by {backend} at {at}", to(operation)))
                        }
                    }
                }
            }
        }
    }
}

/// Whether it needs eyes before the step is begun.
pub fn heavy(line: &Line) -> bool {
    matches!(line.weight, Weight::Refused | Weight::Heed | Weight::Unknown)
}

fn to(operation: &Operation) -> String {
    match operation.args.get("to") {
        Some(to) => format!("to {to}"),
        None => "to the traffic it has".to_owned(),
    }
}
