//! Words and marks of a file's code, with their lines.
//!
//! It knows no grammar: enough to find a call, a declaration or a path.

use crate::source::File;

/// One word or mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its line, from 1.
    pub line: usize,
    /// A word, `::`, or one character.
    pub text: String,
}

impl Token {
    /// Whether it is a word and no number.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The words and marks of a file's code.
pub fn of(file: &File) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (index, line) in file.code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                c if c.is_alphanumeric() || c == '_' => {
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
                }
                ':' if rest.starts_with("::") => 2,
                c => c.len_utf8(),
            };
            tokens.push(Token { line: index + 1, text: rest[..length].to_owned() });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Lines at which these words and marks follow each other.
pub fn lines_of(tokens: &[Token], wanted: &[&str]) -> Vec<usize> {
    let follows = |window: &&[Token]| window.iter().zip(wanted).all(|(token, wanted)| token.text == *wanted);
    tokens.windows(wanted.len()).filter(follows).map(|window| window[0].line).collect()
}

#[test]
fn words_and_marks_come_with_their_lines() {
    let tokens = of(&File::new("x.rs", "a::b\n  .c(1)"));
    let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(texts, ["a", "::", "b", ".", "c", "(", "1", ")"]);
    assert_eq!(lines_of(&tokens, &[".", "c", "("]), [2]);
    assert!(lines_of(&tokens, &[".", "d"]).is_empty());
}
