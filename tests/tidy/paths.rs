//! The paths that a file names, and what they lead to: a module of ours or a
//! crate from outside. `use` trees are taken apart; `self` and `super` are resolved.

use crate::source::File;
use crate::tokens::{self, Token};

/// A path as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The line of its first word.
    pub line: usize,
    /// Its words, resolved from the crate's root when it leads inside.
    pub words: Vec<String>,
    /// Whether it leads to a module of ours.
    pub inside: bool,
}

/// Every path of a file that leads to a module of ours or may lead to a crate.
pub fn of(file: &File) -> Vec<Named> {
    let tokens = tokens::of(file);
    let mut reader = Reader { module: module(&file.path), braces: Vec::new(), found: Vec::new(), local: Vec::new() };
    reader.read(&tokens);
    let Reader { mut found, local, .. } = reader;
    found.retain(|path| path.inside || !local.contains(&path.words[0]));
    found
}

/// The module that a file is, from the crate's root.
fn module(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut words: Vec<String> = path.split('/').map(str::to_owned).collect();
    if matches!(words.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        words.pop();
    }
    words
}

struct Reader {
    module: Vec<String>,
    braces: Vec<Option<String>>,
    found: Vec<Named>,
    local: Vec<String>,
}

impl Reader {
    fn read(&mut self, tokens: &[Token]) {
        let text = |i: usize| tokens.get(i).map_or("", |token: &Token| token.text.as_str());
        let mut at = 0;
        while at < tokens.len() {
            match text(at) {
                "{" => {
                    let named = at >= 2 && text(at - 2) == "mod";
                    self.braces.push(named.then(|| text(at - 1).to_owned()));
                }
                "}" => drop(self.braces.pop()),
                "mod" => self.local.push(text(at + 1).to_owned()),
                "use" => {
                    at = self.tree(tokens, at + 1, &[]);
                    continue;
                }
                _ if tokens[at].is_word() && text(at + 1) == "::" && (at == 0 || text(at - 1) != "::") => {
                    let mut words = vec![text(at).to_owned()];
                    let mut last = at;
                    while text(last + 1) == "::" && tokens.get(last + 2).is_some_and(Token::is_word) {
                        last += 2;
                        words.push(text(last).to_owned());
                    }
                    self.name(tokens[at].line, &words);
                    at = last;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads one branch of a `use` tree; returns where the next one starts.
    fn tree(&mut self, tokens: &[Token], from: usize, prefix: &[String]) -> usize {
        let mut words = prefix.to_vec();
        let mut at = from;
        while let Some(token) = tokens.get(at) {
            match token.text.as_str() {
                "::" => {}
                "{" => {
                    at += 1;
                    while tokens.get(at).is_some_and(|token| token.text != "}") {
                        at = self.tree(tokens, at, &words);
                        at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                    }
                    return at + 1;
                }
                "as" => {
                    at += 2;
                    break;
                }
                word if token.is_word() || word == "*" => words.push(word.to_owned()),
                _ => break,
            }
            at += 1;
        }
        if let Some(token) = tokens.get(from) {
            self.imported(token.line, words);
        }
        at
    }

    fn imported(&mut self, line: usize, mut words: Vec<String>) {
        if words.last().is_some_and(|last| last == "self") && words.len() > 1 {
            words.pop();
        }
        if words.is_empty() {
            return;
        }
        let is_ours = matches!(words[0].as_str(), "crate" | "self" | "super");
        if let (true, Some(last)) = (is_ours, words.last()) {
            self.local.push(last.clone());
        }
        self.name(line, &words);
    }

    fn name(&mut self, line: usize, words: &[String]) {
        let here = || self.module.iter().chain(self.braces.iter().flatten()).cloned().collect::<Vec<_>>();
        let resolved = match words[0].as_str() {
            "crate" | "holdpoint" => Some(Vec::new()),
            "self" => Some(here()),
            "super" => {
                let mut module = here();
                let up = words.iter().take_while(|word| *word == "super").count();
                module.truncate(module.len().saturating_sub(up));
                Some(module)
            }
            _ => None,
        };
        let inside = resolved.is_some();
        let rest = words.iter().skip_while(|word| inside && is_root(word)).cloned();
        let words: Vec<String> = resolved.into_iter().flatten().chain(rest).collect();
        if !words.is_empty() {
            self.found.push(Named { line, words, inside });
        }
    }
}

fn is_root(word: &str) -> bool {
    matches!(word, "crate" | "holdpoint" | "self" | "super")
}

#[cfg(test)]
fn written(path: &str, text: &str) -> Vec<String> {
    let show = |path: Named| format!("{}{}", if path.inside { "crate::" } else { "" }, path.words.join("::"));
    of(&File::new(path, text)).into_iter().map(show).collect()
}

#[test]
fn use_trees_are_taken_apart() {
    let text = "use crate::{a::{self, B, c::*}, d as e};\nuse std::{fmt, io::Write};";
    let wanted = ["crate::a", "crate::a::B", "crate::a::c::*", "crate::d", "std::fmt", "std::io::Write"];
    assert_eq!(written("src/x/y.rs", text), wanted);
}

#[test]
fn paths_in_code_and_attributes_are_found() {
    let text = "#[derive(thiserror::Error)] fn f() -> tokio::io::Result<()> { crate::a::b::<c::D>() }";
    assert_eq!(written("src/x/y.rs", text), ["thiserror::Error", "tokio::io::Result", "crate::a::b", "c::D"]);
}

#[test]
fn super_is_resolved_through_files_and_inline_modules() {
    assert_eq!(written("src/x/y.rs", "use super::super::a::B;"), ["crate::a::B"]);
    assert_eq!(written("src/x/mod.rs", "use super::a;"), ["crate::a"]);
    assert_eq!(
        written("src/x/y.rs", "mod z { use super::q; fn f() { super::super::w::v() } }"),
        ["crate::x::y::q", "crate::x::w::v"]
    );
    assert_eq!(written("src/x/y.rs", "mod z {} use super::q;"), ["crate::x::q"]);
}

#[test]
fn a_module_of_the_files_own_is_not_a_crate() {
    assert_eq!(written("src/x/mod.rs", "mod toml; fn f() { toml::read() }"), [""; 0]);
    assert_eq!(written("src/x/y.rs", "use super::toml; fn f() { toml::read() }"), ["crate::x::toml"]);
}
