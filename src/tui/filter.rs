//! A filter as it is typed: words that a row must hold, `!word` that it must
//! not, `~word` whose letters it must hold in order, `key=value` for one field.
//! All of them count. Case does not.
//!
//! It keeps nothing of the rows and never fails: an unknown field holds nothing.

use memchr::memmem;

/// A filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Word>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    not: bool,
    field: Option<String>,
    fuzzy: bool,
    text: String,
}

impl Filter {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Self {
        let word = |word: &str| {
            let (not, word) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
            let (field, text) = match word.split_once('=') {
                Some((field, text)) => (Some(field.to_lowercase()), text),
                None => (None, word),
            };
            let (fuzzy, text) = text.strip_prefix('~').map_or((false, text), |rest| (true, rest));
            Word { not, field, fuzzy, text: text.to_lowercase() }
        };
        Self(typed.split(|c: char| c.is_whitespace() || c == END).map(word).filter(|w| !w.text.is_empty()).collect())
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row of these fields passes.
    pub fn keeps(&self, fields: &[(&str, &str)]) -> bool {
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        let mut row = String::new();
        fields.iter().for_each(|(_, text)| add(&mut row, text));
        self.keeps_row(&names, &row)
    }

    /// Whether a row passes whose fields, made by [`add`], have these names: for long lists
    /// whose rows are kept as they are searched.
    pub fn keeps_row(&self, names: &[&str], row: &str) -> bool {
        self.0.iter().all(|word| word.is_in(names, row) != word.not)
    }
}

/// Adds a field to a row that is searched.
pub fn add(row: &mut String, text: &str) {
    match text.is_ascii() {
        true => row.extend(text.chars().map(|c| c.to_ascii_lowercase())),
        false => row.push_str(&text.to_lowercase()),
    }
    row.push(END);
}

/// Stands behind each field; no word holds it, for it is no text that anybody types.
const END: char = '\u{1f}';

impl Word {
    fn is_in(&self, names: &[&str], row: &str) -> bool {
        if self.field.is_none() && !self.fuzzy {
            return memmem::find(row.as_bytes(), self.text.as_bytes()).is_some();
        }
        let asked = |name: &str| self.field.as_deref().is_none_or(|field| field == name);
        let mut fields = names.iter().zip(row.split(END));
        fields.any(|(name, text)| {
            asked(name) && if self.fuzzy { self.is_strewn(text) } else { text.contains(&self.text) }
        })
    }

    fn is_strewn(&self, text: &str) -> bool {
        let mut rest = text.chars();
        self.text.chars().all(|c| rest.any(|other| other == c))
    }
}
