//! Questions to a graph of things that wait for others. Nodes are numbers and
//! `edges[n]` lists what `n` waits for; deep graphs do not deepen the stack.

use std::collections::VecDeque;

/// The shortest cycle of every set of nodes that wait for each other; each
/// begins with its smallest node and does not repeat it at the end.
pub fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    for knot in knots(edges) {
        let first = knot.iter().copied().min().unwrap_or(0);
        let mut inside = vec![false; if knot.len() > 1 { edges.len() } else { 0 }];
        for &node in &knot {
            if let Some(place) = inside.get_mut(node) {
                *place = true;
            }
        }
        if knot.len() == 1 {
            if waits(edges, first).contains(&first) {
                all.push(vec![first]);
            }
        } else {
            all.push(around(edges, first, &inside));
        }
    }
    all.sort_unstable();
    all
}

fn waits(edges: &[Vec<usize>], node: usize) -> &[usize] {
    edges.get(node).map_or(&[], Vec::as_slice)
}

/// The shortest way from `first` back to itself inside a knot.
fn around(edges: &[Vec<usize>], first: usize, inside: &[bool]) -> Vec<usize> {
    let mut before = vec![None; edges.len()];
    let mut queue = VecDeque::from([first]);
    while let Some(node) = queue.pop_front() {
        for &next in waits(edges, node) {
            if next == first {
                let mut way = vec![node];
                while let Some(Some(earlier)) = way.last().and_then(|&n| before.get(n)) {
                    way.push(*earlier);
                }
                way.reverse();
                return way;
            }
            let fresh = inside.get(next) == Some(&true) && before.get(next) == Some(&None);
            if let (true, Some(place)) = (fresh, before.get_mut(next)) {
                *place = Some(node);
                queue.push_back(next);
            }
        }
    }
    vec![first]
}

/// Strongly connected sets of nodes: Kosaraju's two passes, without recursion.
fn knots(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut back = vec![Vec::new(); edges.len()];
    for (node, targets) in edges.iter().enumerate() {
        for &target in targets {
            if let Some(list) = back.get_mut(target) {
                list.push(node);
            }
        }
    }
    let mut order = Vec::new();
    let mut seen = vec![false; edges.len()];
    for start in 0..edges.len() {
        finish(edges, start, &mut seen, &mut order);
    }
    let mut seen = vec![false; edges.len()];
    let mut all = Vec::new();
    for &start in order.iter().rev() {
        let mut knot = Vec::new();
        finish(&back, start, &mut seen, &mut knot);
        if !knot.is_empty() {
            all.push(knot);
        }
    }
    all
}

/// Appends what can be reached from `start` and was not seen, each node after all below it.
fn finish(edges: &[Vec<usize>], start: usize, seen: &mut [bool], order: &mut Vec<usize>) {
    let mut enter = |node: usize, stack: &mut Vec<(usize, usize)>| {
        if let Some(place @ false) = seen.get_mut(node) {
            *place = true;
            stack.push((node, 0));
        }
    };
    let mut stack = Vec::new();
    enter(start, &mut stack);
    while let Some((node, done)) = stack.pop() {
        match waits(edges, node).get(done) {
            Some(&next) => {
                stack.push((node, done + 1));
                enter(next, &mut stack);
            }
            None => order.push(node),
        }
    }
}

/// Every node that waits, directly or not, for one of `roots`; the roots too.
pub fn waiting(edges: &[Vec<usize>], roots: &[usize]) -> Vec<bool> {
    let mut back = vec![Vec::new(); edges.len()];
    for (node, targets) in edges.iter().enumerate() {
        for &target in targets {
            if let Some(list) = back.get_mut(target) {
                list.push(node);
            }
        }
    }
    reached(&back, roots)
}

/// Every node that one of `roots` waits for, directly or not; the roots too.
pub fn reached(edges: &[Vec<usize>], roots: &[usize]) -> Vec<bool> {
    let (mut seen, mut order) = (vec![false; edges.len()], Vec::new());
    for &root in roots {
        finish(edges, root, &mut seen, &mut order);
    }
    seen
}
