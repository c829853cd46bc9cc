//! A filter as it is typed: words that a row must hold, `!word` that it must
//! not, `key=value` for one field. Case does not count.
//!
//! It keeps nothing of the rows and never fails: an unknown field holds nothing.

/// A filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Word>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    not: bool,
    field: Option<String>,
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
            Word { not, field, text: text.to_lowercase() }
        };
        Self(typed.split_whitespace().map(word).filter(|w| !w.text.is_empty()).collect())
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row of these fields passes.
    pub fn keeps(&self, fields: &[(&str, &str)]) -> bool {
        self.0.iter().all(|word| {
            let asked = |name: &str| word.field.as_deref().is_none_or(|field| field == name);
            let holds = fields.iter().any(|(name, text)| asked(name) && text.to_lowercase().contains(&word.text));
            holds != word.not
        })
    }
}
