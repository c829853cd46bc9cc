//! Words that say nothing are not names: whoever needs one has not yet found
//! what the thing is.

use crate::source::{File, clean, files};
use crate::tokens;

const BANNED: &[&str] = &["manager", "handler", "helper", "helpers", "util", "utils"];
/// Banned where a thing is named, harmless in a variable or a field.
const BANNED_FOR_TYPES: &[&str] = &["data", "item2"];
const TYPES: &[&str] = &["struct", "enum", "trait", "type", "mod", "union"];
const VALUES: &[&str] = &["fn", "const", "static"];

/// Names of a file that say nothing.
fn findings(file: &File) -> Vec<String> {
    let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
    let mut names = vec![(1, stem.to_owned(), true)];
    for pair in tokens::of(file).windows(2).filter(|pair| pair[1].is_word()) {
        let is_type = TYPES.contains(&pair[0].text.as_str());
        if is_type || VALUES.contains(&pair[0].text.as_str()) {
            names.push((pair[1].line, pair[1].text.clone(), is_type));
        }
    }
    let says_nothing = |name: &str, is_type: bool| {
        words(name)
            .iter()
            .any(|word| BANNED.contains(&word.as_str()) || is_type && BANNED_FOR_TYPES.contains(&word.as_str()))
    };
    let bad = names.into_iter().filter(|(_, name, is_type)| says_nothing(name, *is_type));
    bad.map(|(line, name, _)| format!("{line}: `{name}` says nothing; what is it?")).collect()
}

/// The words of a name in camel or snake case, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && after_small) {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
        after_small = c.is_lowercase() || c.is_numeric();
    }
    words
}

#[test]
fn every_name_says_something() {
    clean(&files("src"), findings);
    clean(&files("tests"), findings);
}

#[test]
fn names_that_say_nothing_are_found() {
    let found = |path: &str, text: &str| findings(&File::new(path, text)).len();
    assert_eq!(found("src/x.rs", "struct RunManager; trait Handler {} mod utils {}"), 3);
    assert_eq!(found("src/x.rs", "fn key_handler() {} const HELPER: u8 = 0;"), 2);
    assert_eq!(found("src/cli/util.rs", ""), 1);
    assert_eq!(found("src/x.rs", "struct StepData; type Item2 = u8;"), 2);
    assert_eq!(
        found("src/x.rs", "fn data() { let helper = 1; } // struct Manager\nstruct Utility; struct Managed;"),
        0
    );
}
