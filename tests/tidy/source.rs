//! Source files as the rules read them: the text, and the code in it without
//! comments, without the insides of literals and without what is only compiled
//! for tests.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub struct File {
    /// Its path from the root of the repository, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Its code, line for line where it was; everything else is blank.
    pub code: String,
}

impl File {
    /// A file of this path and text.
    pub fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&blanked(text));
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a directory of the repository.
pub fn files(below: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(&root().join(below), &mut found);
    found.sort();
    assert!(!found.is_empty(), "no Rust files below {below}");
    let relative = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    found.iter().map(|path| File::new(&relative(path), &fs::read_to_string(path).unwrap())).collect()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Fails the test with everything that a rule has found in the files.
#[track_caller]
pub fn clean(files: &[File], rule: impl Fn(&File) -> Vec<String>) {
    let placed =
        |file: &File| rule(file).into_iter().map(|finding| format!("{}:{finding}", file.path)).collect::<Vec<_>>();
    let found: Vec<String> = files.iter().flat_map(placed).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The text with comments and the insides of literals made blank.
fn blanked(text: &str) -> String {
    let source: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < source.len() {
        let end = literal_or_comment(&source, at);
        if end == at {
            out.push(source[at]);
            at += 1;
            continue;
        }
        let is_text = !matches!((source[at], source.get(at + 1)), ('/', Some('/' | '*')));
        out.push(if is_text { '"' } else { ' ' });
        out.extend(source[at + 1..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    out
}

/// Where the comment or literal that starts here ends; here, when none does.
fn literal_or_comment(source: &[char], at: usize) -> usize {
    let next = source.get(at + 1).copied();
    match (source[at], next) {
        ('/', Some('/')) => find(source, at, |s, i| s[i] == '\n'),
        ('/', Some('*')) => block_comment(source, at),
        ('"', _) => quoted(source, at + 1, '"'),
        ('\'', Some('\\')) => quoted(source, at + 1, '\''),
        ('\'', Some(_)) if source.get(at + 2) == Some(&'\'') => at + 3,
        ('r' | 'b' | 'c', _) if at == 0 || !in_word(source[at - 1]) => prefixed(source, at),
        _ => at,
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn find(source: &[char], from: usize, holds: impl Fn(&[char], usize) -> bool) -> usize {
    (from..source.len()).find(|i| holds(source, *i)).unwrap_or(source.len())
}

fn block_comment(source: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (0, at);
    while i < source.len() {
        match (source[i], source.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    i
}

fn quoted(source: &[char], from: usize, close: char) -> usize {
    let mut i = from;
    while i < source.len() && source[i] != close {
        i += if source[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(source.len())
}

/// A literal with a prefix: `b'x'`, `b"x"`, `c"x"`, `r"x"`, `br#"x"#`.
fn prefixed(source: &[char], at: usize) -> usize {
    let mut i = find(source, at, |s, i| !matches!(s[i], 'r' | 'b' | 'c'));
    let raw = source[at..i].contains(&'r');
    let hashes = find(source, i, |s, i| s[i] != '#') - i;
    i += hashes;
    match source.get(i) {
        Some('"') if raw => {
            let closes =
                |s: &[char], i: usize| s[i] == '"' && s[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
            (find(source, i + 1, closes) + 1 + hashes).min(source.len())
        }
        Some('"') if hashes == 0 => quoted(source, i + 1, '"'),
        Some('\'') if hashes == 0 && i == at + 1 => quoted(source, i + 1, '\''),
        _ => at,
    }
}

/// The code with every item blank that is only compiled for tests.
fn without_tests(code: &str) -> String {
    let mut code: Vec<char> = code.chars().collect();
    let mark: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut at = 0;
    while at + mark.len() <= code.len() {
        if code[at..at + mark.len()] != mark[..] {
            at += 1;
            continue;
        }
        let end = item_end(&code, at + mark.len());
        code[at..end].iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
        at = end;
    }
    code.into_iter().collect()
}

fn item_end(code: &[char], from: usize) -> usize {
    let mut depth = 0;
    for (i, c) in code.iter().enumerate().skip(from) {
        match c {
            '{' | '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '}' if depth == 1 => return i + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return i + 1,
            _ => {}
        }
    }
    code.len()
}

#[test]
fn comments_and_literals_are_blank_and_lines_stay() {
    let text = "a // x\nb /* y /* z */\n */ c \"d\\\"e\" 'f' '\\'' r#\"g\"h\"# br\"i\" b'j' &'k str r#type 'l: loop";
    let code = blanked(text);
    assert_eq!(code.lines().count(), text.lines().count());
    let words: Vec<&str> = code.split(|c: char| !in_word(c)).filter(|word| !word.is_empty()).collect();
    assert_eq!(words, ["a", "b", "c", "k", "str", "r", "type", "l", "loop"]);
}

#[test]
fn what_is_only_for_tests_is_blank() {
    let code =
        File::new("x.rs", "a();\n#[cfg(test)]\n#[allow(x)]\nmod t { fn b() { c() } }\nd();\n#[cfg(test)] use e;\nf();")
            .code;
    assert!(code.contains("a()") && code.contains("d()") && code.contains("f()"), "{code}");
    assert!(!code.contains("b()") && !code.contains("c()") && !code.contains('e'), "{code}");
    assert_eq!(code.lines().count(), 7);
}
