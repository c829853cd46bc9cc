//! The tracefile of lcov: sums of its records.
//!
//! A record that is not ended is cut off. Nothing says how many records there should be, so one that
//! is missing whole is not noticed; the events are what was found, for `min_events`.

use super::{ANEW, Said, foreign, none_such};
use crate::domain::result_file::{Figure, Format};

/// Found and hit.
#[derive(Clone, Copy, Default)]
struct Sum {
    found: u64,
    hit: u64,
}

/// What one record says of lines, branches or functions: its sums, and what was counted.
#[derive(Clone, Copy, Default)]
struct Part {
    found: Option<u64>,
    hit: Option<u64>,
    counted: Sum,
    /// Functions that are listed, called or not.
    listed: u64,
}

/// The words of a figure: found, hit, and each one.
struct Words {
    what: &'static str,
    found: &'static str,
    hit: &'static str,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let words = match figure {
        Figure::LineRatio => Words { what: "lines", found: "LF", hit: "LH" },
        Figure::BranchRatio => Words { what: "branches", found: "BRF", hit: "BRH" },
        Figure::FunctionRatio => Words { what: "functions", found: "FNF", hit: "FNH" },
        _ => return Err(none_such(Format::Lcov, figure)),
    };
    let (mut sum, mut record) = (Sum::default(), None::<Part>);
    for (nth, line) in text.lines().enumerate() {
        let line = line.trim_end();
        let wrong = || foreign(Format::Lcov, &format!("line {} is none of a tracefile", nth + 1));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "end_of_record" {
            let part = record.take().ok_or_else(wrong)?.sum()?;
            sum = Sum { found: sum.found.saturating_add(part.found), hit: sum.hit.saturating_add(part.hit) };
            continue;
        }
        let (word, rest) = line.split_once(':').ok_or_else(wrong)?;
        match (word, &mut record) {
            ("TN", _) => {}
            ("SF", None) => record = Some(Part::default()),
            (_, Some(part)) => part.take(&words, word, rest).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        }
    }
    if record.is_some() {
        return Err(format!("its last record is not ended; {ANEW}"));
    }
    Said::share(sum.hit, sum.found, words.what, None)
}

impl Part {
    /// Takes a line of the record; none when it is no such line.
    fn take(&mut self, words: &Words, word: &str, rest: &str) -> Option<()> {
        let times = |text: &str| text.trim().parse::<u64>().ok();
        let hit = match word {
            _ if word == words.found => return self.found.replace(times(rest)?).is_none().then_some(()),
            _ if word == words.hit => return self.hit.replace(times(rest)?).is_none().then_some(()),
            "DA" => times(rest.split(',').nth(1)?)? > 0,
            "BRDA" => {
                let taken = rest.rsplit(',').next().filter(|_| rest.split(',').count() >= 4)?;
                taken != "-" && times(taken)? > 0
            }
            "FNDA" => times(rest.split(',').next().filter(|_| rest.contains(','))?)? > 0,
            // The functions of newer tracefiles: number, calls, name.
            "FNA" => times(rest.split(',').nth(1)?)? > 0,
            "FN" | "FNL" => {
                self.listed += u64::from(words.what == "functions");
                return Some(());
            }
            "FNF" | "FNH" | "LF" | "LH" | "BRF" | "BRH" | "VER" | "MCDC" | "MCF" | "MCH" | "BA" => {
                return Some(());
            }
            _ => return None,
        };
        let one = match word {
            "DA" => "lines",
            "BRDA" => "branches",
            _ => "functions",
        };
        if one == words.what {
            self.counted.found += 1;
            self.counted.hit += u64::from(hit);
        }
        Some(())
    }

    fn sum(self) -> Result<Sum, String> {
        let sum = match (self.found, self.hit) {
            (Some(found), Some(hit)) => Sum { found, hit },
            _ => Sum { found: self.counted.found.max(self.listed), ..self.counted },
        };
        match sum.hit > sum.found {
            true => Err(format!("a record says that {} of {} ran; {ANEW}", sum.hit, sum.found)),
            false => Ok(sum),
        }
    }
}
