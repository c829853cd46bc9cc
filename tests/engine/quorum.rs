//! How many places people fill, against every way to fill them.

use holdpoint::domain::quorum;

/// Whether people can be told off to places so that each has as many as it takes, by trying every way.
fn by_force(places: &[u32], people: &[Vec<usize>]) -> bool {
    let Some((first, rest)) = people.split_first() else { return places.iter().all(|need| *need == 0) };
    let sits = |place: &usize| {
        let mut left = places.to_vec();
        left[*place] = left[*place].saturating_sub(1);
        by_force(&left, rest)
    };
    by_force(places, rest) || first.iter().any(sits)
}

#[test]
fn places_are_filled_where_there_is_any_way_to_fill_them_and_by_nobody_twice() {
    let subsets: Vec<Vec<usize>> = (0..8).map(|bits| (0..3).filter(|n| bits >> n & 1 == 1).collect()).collect();
    let needs = || (0..27u32).map(|n| [n % 3, n / 3 % 3, n / 9]);
    let mut cases = 0;
    for count in 0..=4 {
        for which in 0..8usize.pow(count) {
            let people: Vec<_> = (0..count).map(|n| subsets[which / 8usize.pow(n) % 8].clone()).collect();
            for places in needs() {
                let filled = quorum::filled(&places, &people);
                assert_eq!(filled == places, by_force(&places, &people), "{places:?} {people:?} {filled:?}");
                // What is said to be filled can be, and no place has more than it takes.
                assert!(by_force(&filled, &people), "{places:?} {people:?} {filled:?}");
                assert!(filled.iter().zip(places).all(|(have, need)| *have <= need));
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 27 * (1 + 8 + 64 + 512 + 4096));
}
