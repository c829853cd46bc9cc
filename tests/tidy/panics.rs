//! Bad input never panics: nothing in the program may end it by surprise.
//! Clippy knows most of this too; here it holds without clippy and without
//! exceptions written at the spot.

use crate::source::{File, clean, files};
use crate::tokens;

const CALLS: &[&[&str]] = &[&[".", "unwrap", "(", ")"], &[".", "expect", "("], &[".", "unwrap_unchecked", "("]];
/// The one file that may hold a system call that no library has.
const CALLS_THE_KERNEL: &str = "src/tui/terminal/slice.rs";
const MACROS: &[&str] = &["panic", "todo", "unimplemented", "dbg"];

/// What in a file may end the program by surprise.
fn findings(file: &File) -> Vec<String> {
    let tokens = tokens::of(file);
    let calls = CALLS
        .iter()
        .flat_map(|call| tokens::lines_of(&tokens, call).into_iter().map(|line| format!("{line}: {}", call.concat())));
    let macros = MACROS.iter().flat_map(|name| {
        tokens::lines_of(&tokens, &[name, "!"]).into_iter().map(move |line| format!("{line}: {name}!"))
    });
    let unsafes = tokens::lines_of(&tokens, &["unsafe"]).into_iter().filter(|_| file.path != CALLS_THE_KERNEL);
    let unsafes = unsafes.map(|line| format!("{line}: unsafe"));
    calls.chain(macros).chain(unsafes).collect()
}

#[test]
fn nothing_ends_the_program_by_surprise() {
    clean(&files("src"), findings);
}

#[test]
fn what_may_end_it_is_found() {
    let found = |text: &str| findings(&File::new("src/x.rs", text)).len();
    assert_eq!(found("fn f() { a.unwrap(); b\n.expect(\"c\"); }"), 2);
    assert_eq!(found("fn f() { panic!(); todo!(); unimplemented!(); dbg!(a); }"), 4);
    assert_eq!(found("unsafe fn f() {}"), 1);
    assert_eq!(found("fn f() { a.unwrap_or(b); std::panic::catch_unwind(c); a.expectation(); } // .unwrap()"), 0);
    assert_eq!(found("#![forbid(unsafe_code)] const A: &str = \".unwrap() panic!\";"), 0);
    assert_eq!(found("#[cfg(test)]\nmod tests { fn f() { a.unwrap() } }"), 0);
}
