//! The shape of a file: a prologue that says what it is for, and a length that
//! can be read in one sitting.

use crate::source::{File, clean, files};

/// Lines that a file may have.
const MOST: usize = 500;
/// Lines from which a file is named, so that it is split before it has to be.
const MANY: usize = 400;
/// Lines that a prologue has at least.
const PROLOGUE: usize = 2;

/// Whether a file begins by saying what it is for.
fn prologue(file: &File) -> Vec<String> {
    let lines = file.text.lines().take_while(|line| line.starts_with("//!"));
    let said = lines.filter(|line| line.trim_start_matches("//!").trim().len() > 3).count();
    if said >= PROLOGUE {
        Vec::new()
    } else {
        vec![format!("1: a prologue has {PROLOGUE} lines at least, this {said}")]
    }
}

/// Whether a file is too long.
fn length(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines > MANY {
        eprintln!("{}: {lines} lines, of {MOST}", file.path);
    }
    if lines > MOST { vec![format!("{MOST}: {lines} lines, {MOST} are the most")] } else { Vec::new() }
}

#[test]
fn every_module_says_what_it_is_for() {
    clean(&files("src"), prologue);
}

#[test]
fn every_file_can_be_read_in_one_sitting() {
    clean(&files("src"), length);
    clean(&files("tests"), length);
}

#[test]
fn a_missing_prologue_is_found() {
    let found = |text: &str| prologue(&File::new("src/x.rs", text)).len();
    assert_eq!(found("fn f() {}"), 1);
    assert_eq!(found("//! journal\nfn f() {}"), 1);
    assert_eq!(found("//! journal\n//!\n//!\nfn f() {}"), 1);
    assert_eq!(found("use a;\n//! One line.\n//! And one more.\n"), 1);
    assert_eq!(found("//! One line.\n//!\n//! And one more.\nfn f() {}"), 0);
}

#[test]
fn a_long_file_is_found() {
    assert_eq!(length(&File::new("x.rs", &"\n".repeat(MOST + 1))).len(), 1);
    assert_eq!(length(&File::new("x.rs", &"\n".repeat(MOST))).len(), 0);
}
