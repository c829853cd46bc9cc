//! How many places people fill when nobody fills two.
//!
//! Who may fill which is given; whose word counts is not said here.

use std::collections::BTreeSet;

/// How many of each place are filled where as many are as can be, the first places first. A place takes so many people,
/// and of each person it is said which places they could fill.
pub fn filled(places: &[u32], people: &[Vec<usize>]) -> Vec<u32> {
    let mut seats = Seats { people, sits: vec![None; people.len()] };
    let fill = |(place, need): (usize, &u32)| {
        (0..*need).take_while(|_| seats.take(place, &mut BTreeSet::new())).fold(0, |filled, _| filled + 1)
    };
    places.iter().enumerate().map(fill).collect()
}

/// Who sits where.
struct Seats<'a> {
    people: &'a [Vec<usize>],
    sits: Vec<Option<usize>>,
}

impl Seats<'_> {
    /// Finds one more person for a place, moving others to places that they can fill as well.
    fn take(&mut self, place: usize, asked: &mut BTreeSet<usize>) -> bool {
        for (person, able) in self.people.iter().enumerate() {
            if !able.contains(&place) || !asked.insert(person) {
                continue;
            }
            let free = match self.sits.get(person).copied().flatten() {
                Some(other) => self.take(other, asked),
                None => true,
            };
            if free && let Some(seat) = self.sits.get_mut(person) {
                *seat = Some(place);
                return true;
            }
        }
        false
    }
}
