//! A filter as it is typed: words that a row must hold, `!word` that it must
//! not, `~word` whose letters it must hold in order, `key=value` for one field.
//! All of them count. Case does not.
//!
//! It keeps nothing of the rows and never fails: an unknown field holds nothing.

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
            fields.iter().any(|(name, text)| asked(name) && word.is_in(text)) != word.not
        })
    }
}

impl Word {
    fn is_in(&self, text: &str) -> bool {
        if self.fuzzy {
            let mut rest = text.chars().flat_map(char::to_lowercase);
            return self.text.chars().all(|c| rest.any(|other| other == c));
        }
        // Most rows are ASCII: they are looked through as they lie.
        let needle = self.text.as_bytes();
        let Some(first) = needle.first() else { return true };
        if !text.is_ascii() {
            return text.to_lowercase().contains(&self.text);
        }
        let begins = text.as_bytes().windows(needle.len());
        begins
            .filter(|part| part.first().is_some_and(|byte| byte.to_ascii_lowercase() == *first))
            .any(|part| part.eq_ignore_ascii_case(needle))
    }
}
