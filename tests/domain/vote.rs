//! A vote on a condition keeps the voter's words, without what says that it is one.

use holdpoint::domain::approval::Vote;

fn condition(text: &str) -> String {
    match Vote::go_if(text) {
        Vote::GoIf { condition, met: false } => condition,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_condition_is_what_comes_after_go_if() {
    for said in ["fx is fresh", "if fx is fresh", "go if fx is fresh", "Go, if fx is fresh", " go-if: fx is fresh "] {
        assert_eq!(condition(said), "fx is fresh", "{said}");
    }
    for whole in ["go live is confirmed", "iffy records are gone", "go", "", "gö if ü"] {
        assert_eq!(condition(whole), whole);
    }
}
