//! Cycles among things that need each other.
//!
//! Iterative, so that a long chain in a file cannot overflow the stack.

use std::collections::BTreeMap;

/// The names along the first cycle, the first one again at its end; none when there is none.
pub fn cycle<'a>(edges: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> Option<Vec<&'a str>> {
    let graph: BTreeMap<&str, Vec<&str>> = edges.collect();
    let mut done: BTreeMap<&str, bool> = BTreeMap::new();
    for start in graph.keys().copied() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let here = *node;
            if *next == 0 && done.get(here) == Some(&true) {
                path.pop();
                continue;
            }
            done.entry(here).or_insert(false);
            let below = graph.get(here).and_then(|needs| needs.get(*next)).copied();
            *next += 1;
            match below {
                None => {
                    done.insert(here, true);
                    path.pop();
                }
                Some(below) => {
                    if let Some(from) = path.iter().position(|(name, _)| *name == below) {
                        let mut names: Vec<_> = path.iter().skip(from).map(|(name, _)| *name).collect();
                        names.push(below);
                        return Some(names);
                    }
                    path.push((below, 0));
                }
            }
        }
    }
    None
}
