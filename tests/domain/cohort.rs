//! How far a service is in a cohort: what counts as a version, and in which words it is said.

use holdpoint::domain::cohort::Live::{At, UnderWay, Unknown};
use holdpoint::domain::cohort::{Live, Standing};

fn count(wanted: Option<&str>, live: &[Live<'_>]) -> Standing {
    Standing::count(&"rest".into(), wanted, live.iter().copied())
}

#[test]
fn only_what_is_certain_counts_as_a_version() {
    let live = [At("4.2.0"), At("4.1.9"), At("4.1.9"), UnderWay, Unknown, At("4.1.8")];
    for (wanted, words) in [
        (Some("4.2.0"), "1/6 4.2.0, 1 ?, 1 under way, 2 at 4.1.9, 1 at 4.1.8"),
        // Nothing is wanted: what most have is what is counted.
        (None, "2/6 4.1.9, 1 ?, 1 under way, 1 at 4.1.8, 1 at 4.2.0"),
        (Some("5.0.0"), "0/6 5.0.0, 1 ?, 1 under way, 2 at 4.1.9, 1 at 4.1.8, 1 at 4.2.0"),
    ] {
        let found = count(wanted, &live);
        assert_eq!(found.to_string(), words);
        let others: usize = found.others.iter().map(|other| other.places).sum();
        assert_eq!(found.at + found.unknown + found.under_way + others, found.places, "each is counted once");
    }
}

#[test]
fn what_is_everywhere_and_what_is_nowhere_known_is_said_shortly() {
    let words = |wanted, live: &[Live<'_>]| count(wanted, live).to_string();
    assert_eq!(words(Some("4.2.0"), &[At("4.2.0"), At("4.2.0")]), "2/2 4.2.0");
    assert_eq!(words(Some("4.2.0"), &[Unknown, Unknown]), "0/2 4.2.0, 2 ?");
    assert_eq!(words(None, &[Unknown, Unknown]), "2 ?");
    assert_eq!(words(None, &[UnderWay]), "1 under way");
}

#[test]
fn it_can_be_read_aloud() {
    let found = count(Some("4.2.0"), &[At("4.2.0"), At("4.1.9"), Unknown, UnderWay]);
    assert_eq!(found.spoken(), "1 of 4 at 4.2.0, 1 not known, 1 under way, 1 at 4.1.9");
    assert_eq!(count(None, &[Unknown]).spoken(), "1 not known");
    // A version that ends like that is one.
    assert_eq!(count(Some("2"), &[At("1?")]).spoken(), "0 of 1 at 2, 1 at 1?");
}
