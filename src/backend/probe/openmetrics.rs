//! The text format of metrics (OpenMetrics 1.0, Prometheus 0.0.4), read line by
//! line as it arrives. Pure and bounded.
//!
//! It is strict: one line that is no metric, or an end that may be cut, and the
//! whole reading is refused. Half a number is a wrong number.

use std::borrow::Cow;

/// The longest line there may be.
const LONGEST: usize = 64 * 1024;

/// One sample: a name, its labels, a number. Timestamps and exemplars are read over.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The metric's name, with `_total`, `_bucket` and so on.
    pub name: &'a str,
    /// Labels as they stand, unescaped.
    pub labels: Vec<(&'a str, Cow<'a, str>)>,
    /// The number; may be NaN or infinite.
    pub value: f64,
}

/// What a line says that anyone may want to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// `# TYPE name …`: the metric exists, with or without samples.
    Declared(&'a str),
    /// A sample.
    Sample(Sample<'a>),
}

/// Why an answer is no metrics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A line that is none of the format's, by number.
    #[error("line {0} is no metric: {1}")]
    Line(u64, &'static str),
    /// The end is missing.
    #[error("the answer is cut: {0}")]
    Cut(&'static str),
}

/// Takes bytes in any pieces and gives lines.
#[derive(Debug, Default)]
pub struct Parser {
    partial: Vec<u8>,
    line: u64,
    ended: bool,
}

impl Parser {
    /// Takes in bytes and calls `each` with what every complete line says.
    pub fn feed(&mut self, bytes: &[u8], each: &mut impl FnMut(Line<'_>)) -> Result<(), Malformed> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (piece, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if self.partial.is_empty() {
                self.line(piece, each)?;
            } else {
                self.partial.extend_from_slice(piece);
                let whole = std::mem::take(&mut self.partial);
                self.line(&whole, each)?;
            }
            rest = tail.get(1..).unwrap_or_default();
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() > LONGEST {
            return Err(Malformed::Line(self.line + 1, "longer than 64 KiB"));
        }
        Ok(())
    }

    /// Ends the answer. OpenMetrics must have said `# EOF`, the older format
    /// must have ended its last line.
    pub fn finish(mut self, openmetrics: bool) -> Result<(), Malformed> {
        if !self.ended && self.partial == b"# EOF" {
            (self.ended, self.partial) = (true, Vec::new());
        }
        if !self.partial.is_empty() {
            return Err(Malformed::Cut("its last line has no end"));
        }
        if openmetrics && !self.ended {
            return Err(Malformed::Cut("# EOF is missing"));
        }
        Ok(())
    }

    fn line(&mut self, bytes: &[u8], each: &mut impl FnMut(Line<'_>)) -> Result<(), Malformed> {
        self.line += 1;
        let wrong = |why| Malformed::Line(self.line, why);
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("no UTF-8"))?;
        let text = text.strip_suffix('\r').unwrap_or(text).trim_matches([' ', '\t']);
        if self.ended {
            return if text.is_empty() { Ok(()) } else { Err(wrong("it comes after # EOF")) };
        }
        if let Some(comment) = text.strip_prefix('#') {
            let mut words = comment.split_ascii_whitespace();
            match (words.next(), words.next()) {
                (Some("EOF"), None) => self.ended = true,
                (Some("TYPE"), Some(name)) => each(Line::Declared(name)),
                _ => {}
            }
            return Ok(());
        }
        if !text.is_empty() {
            each(Line::Sample(sample(text).map_err(wrong)?));
        }
        Ok(())
    }
}

fn sample(text: &str) -> Result<Sample<'_>, &'static str> {
    let end = text.find(|c: char| !is_name(c)).ok_or("a name and nothing else")?;
    let (name, rest) = text.split_at_checked(end).ok_or("no name")?;
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it does not begin with a name");
    }
    let (labels, rest) = match rest.trim_start().strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None if rest.starts_with([' ', '\t']) => (Vec::new(), rest),
        None => return Err("the name is followed by neither labels nor a number"),
    };
    let value = rest.split_ascii_whitespace().next().ok_or("no number")?;
    let mut after = rest.split_ascii_whitespace().skip(1);
    match after.next() {
        None | Some("#") => {}
        Some(time) if time.parse::<f64>().is_ok() && matches!(after.next(), None | Some("#")) => {}
        Some(_) => return Err("after the number comes neither a time nor an exemplar"),
    }
    Ok(Sample { name, labels, value: number(value).ok_or("no number")? })
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':')
}

/// A number as Go writes it: what Rust reads, with `+Inf`, `-Inf` and `NaN`.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

type Labels<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// Labels up to the closing brace, and what follows it.
pub(super) fn labels(mut text: &str) -> Result<(Labels<'_>, &str), &'static str> {
    let mut all = Vec::new();
    loop {
        text = text.trim_start();
        if let Some(rest) = text.strip_prefix('}') {
            return Ok((all, rest));
        }
        let (name, rest) = text.split_once('=').ok_or("labels without an end")?;
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err("a label without a name");
        }
        let rest = rest.trim_start().strip_prefix('"').ok_or("a label's value is not in quotes")?;
        let (value, rest) = quoted(rest)?;
        all.push((name, value));
        text = rest.trim_start();
        match (text.strip_prefix(','), text.starts_with('}')) {
            (Some(rest), _) => text = rest,
            (None, true) => {}
            (None, false) => return Err("labels without a comma between them"),
        }
    }
}

/// A quoted text from behind its first quote, unescaped, and what follows it.
pub(super) fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let mut own: Option<String> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let (value, rest) = text.split_at_checked(at).ok_or("a value without an end")?;
                let value = own.map_or(Cow::Borrowed(value), Cow::Owned);
                return Ok((value, rest.strip_prefix('"').unwrap_or(rest)));
            }
            '\\' => {
                let own = own.get_or_insert_with(|| text.get(..at).unwrap_or_default().to_owned());
                match chars.next() {
                    Some((_, 'n')) => own.push('\n'),
                    Some((_, c @ ('\\' | '"'))) => own.push(c),
                    Some((_, c)) => own.extend(['\\', c]),
                    None => return Err("a value without an end"),
                }
            }
            c => own.iter_mut().for_each(|own| own.push(c)),
        }
    }
    Err("a value without an end")
}
