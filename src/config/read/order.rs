//! The order of steps over all runbooks: cycles, branches nobody offers, and
//! triggers that would end before they begin.

use super::Reading;
use crate::config::findings::Findings;
use crate::config::graph;
use crate::config::names::Names;
use crate::config::nearest;
use crate::config::raw::runbook::{RunbookFile, Step};
use crate::config::source::Source;
use crate::config::spot::Spot;
use crate::domain::name::StepName;
use crate::domain::plan::Kind;
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;
use std::ops::Range;

/// A runbook whose shape is right.
#[derive(Clone, Copy)]
pub struct Book<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its file.
    pub file: &'a Source,
    /// What it says.
    pub raw: &'a RunbookFile,
}

/// All steps of all runbooks as one graph.
struct Graph<'a> {
    nodes: Vec<(Book<'a>, &'a Step)>,
    numbers: BTreeMap<(&'a str, &'a str), usize>,
    edges: Vec<Vec<usize>>,
}

/// Notes what is wrong with the order of steps.
pub fn order(books: &[Book<'_>], names: &Names, workspace: &Workspace, found: &mut Findings) {
    let graph = Graph::new(books);
    let cycles = graph.cycles(names, workspace, found);
    let mut never: Vec<usize> = cycles.into_iter().flatten().collect();
    for (node, (book, step)) in graph.nodes.iter().enumerate() {
        let mut r = Reading { file: book.file, names, workspace, found };
        if graph.no_such_branch(&mut r, *book, step) {
            never.push(node);
        }
    }
    graph.starved(&never, names, workspace, found);
    for book in books {
        let mut r = Reading { file: book.file, names, workspace, found };
        graph.backwards(&mut r, *book);
    }
}

impl<'a> Graph<'a> {
    fn new(books: &[Book<'a>]) -> Self {
        let mut nodes: Vec<(Book<'a>, &'a Step)> = Vec::new();
        let mut numbers = BTreeMap::new();
        for book in books {
            for step in &book.raw.steps {
                numbers.entry((book.name, step.id.as_str())).or_insert(nodes.len());
                nodes.push((*book, &step.value));
            }
        }
        let edges = nodes.iter().map(|(book, step)| needed(book, step, &numbers)).collect();
        Self { nodes, numbers, edges }
    }

    fn number(&self, book: Book<'_>, step: &Spot<StepName>) -> Option<usize> {
        self.numbers.get(&(book.name, step.as_str())).copied()
    }

    /// How a step is called, from the point of view of a runbook.
    fn called(&self, node: usize, from: &str) -> String {
        match self.nodes.get(node) {
            Some((book, step)) if book.name == from => step.id.to_string(),
            Some((book, step)) => format!("{}:{}", book.name, step.id.value),
            None => String::new(),
        }
    }

    fn cycles(&self, names: &Names, workspace: &Workspace, found: &mut Findings) -> Vec<Vec<usize>> {
        let cycles = graph::cycles(&self.edges);
        for cycle in &cycles {
            let Some((first, (book, step))) = cycle.first().and_then(|&n| Some((n, self.nodes.get(n)?))) else {
                continue;
            };
            let mut r = Reading { file: book.file, names, workspace, found };
            let next = cycle.get(1).copied().unwrap_or(first);
            let at = self.place(*book, step, next);
            let way: Vec<String> = cycle.iter().chain([&first]).map(|&n| self.called(n, book.name)).collect();
            let what = match cycle.len() {
                1 => format!("step {} waits for itself", step.id.value),
                _ => format!("these steps wait for each other: {}", way.join(" → ")),
            };
            r.mistake(&at, what, "none of them could ever start; remove one need");
        }
        cycles
    }

    /// Where a step says that it waits for another.
    fn place(&self, book: Book<'a>, step: &Step, target: usize) -> Range<usize> {
        let need = step.needs.iter().find(|need| target_of(book.name, &need.0, &self.numbers) == Some(target));
        let when = step.when.as_ref().filter(|when| self.number(book, &when.step) == Some(target));
        let when = when.map(|when| when.step.at.clone());
        need.map(|need| need.at.clone()).or(when).unwrap_or(step.id.at.clone())
    }

    /// Notes a branch that its decision does not offer; says whether it did.
    fn no_such_branch(&self, r: &mut Reading<'_>, book: Book<'_>, step: &Step) -> bool {
        let decision =
            step.when.as_ref().and_then(|when| Some((when, self.nodes.get(self.number(book, &when.step)?)?)));
        let Some((when, (_, decision))) = decision else { return false };
        if decision.kind != Kind::Decision {
            let help = "name a step of kind `decision`";
            r.mistake(&when.step.at, format!("step {} decides nothing", when.step.value), help);
            return true;
        }
        let branches = || decision.branches.iter().flatten().map(|branch| branch.value.as_str());
        if branches().any(|branch| branch == when.is.value) {
            return false;
        }
        let what = format!("step {} offers no branch {:?}, so this step never starts", when.step.value, when.is.value);
        r.mistake(&when.is.at, what, nearest::help(&when.is, "its branches are", branches()).unwrap_or_default());
        true
    }

    /// Notes steps that wait for one that can never end; one problem a runbook.
    fn starved(&self, never: &[usize], names: &Names, workspace: &Workspace, found: &mut Findings) {
        let waiting = graph::waiting(&self.edges, never);
        let mut by_book: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (node, (book, _)) in self.nodes.iter().enumerate() {
            if waiting.get(node) == Some(&true) && !never.contains(&node) {
                by_book.entry(book.name).or_default().push(node);
            }
        }
        for (name, starved) in by_book {
            let Some((book, step)) = starved.first().and_then(|&n| self.nodes.get(n)) else { continue };
            let steps: Vec<String> = starved.iter().take(12).map(|&n| self.called(n, name)).collect();
            let more = if starved.len() > 12 { format!(" and {} more", starved.len() - 12) } else { String::new() };
            let what = format!("can never start, for what they need can never end: {}{more}", steps.join(", "));
            let mut r = Reading { file: book.file, names, workspace, found };
            r.mistake(&step.id.at, what, "mend the steps that they wait for");
        }
    }

    /// Notes silences, triggers and open things whose end comes before their beginning.
    fn backwards(&self, r: &mut Reading<'_>, book: Book<'_>) {
        let before = |earlier: &Spot<StepName>, later: &Spot<StepName>| {
            let (Some(earlier), Some(later)) = (self.number(book, earlier), self.number(book, later)) else {
                return false;
            };
            earlier != later && graph::reached(&self.edges, &[later]).get(earlier) == Some(&true)
        };
        for step in &book.raw.steps {
            let Some((with, silence)) = step.ends_with.as_ref().zip(self.number(book, &step.id)) else { continue };
            let last = target_of(book.name, &with.0, &self.numbers);
            let reached = graph::reached(&self.edges, &[silence]);
            if last.is_some_and(|last| reached.get(last) == Some(&true)) {
                r.mistake(&with.at, "that step ends before the silence begins", "name the last step that it is for");
            }
        }
        for trigger in &book.raw.triggers {
            if let Some(until) = trigger.until.as_ref().filter(|until| before(until, &trigger.from)) {
                let what = format!("step {} is done before step {} starts", until.value, trigger.from.value);
                r.mistake(&until.at, what, "the trigger would never be armed; exchange `from` and `until`");
            }
        }
        for open in book.raw.leaves_open.iter().take(500) {
            if open.opened_by.value == open.closed_by.value || before(&open.closed_by, &open.opened_by) {
                let what = format!("step {} does not come after step {}", open.closed_by.value, open.opened_by.value);
                r.mistake(&open.closed_by.at, what, "name a later step that closes it");
            }
        }
    }
}

fn needed(book: &Book<'_>, step: &Step, numbers: &BTreeMap<(&str, &str), usize>) -> Vec<usize> {
    let when = step.when.iter().map(|when| when.step.as_str());
    let needs = step.needs.iter().map(|need| need.0.as_str());
    needs.chain(when).filter_map(|name| target_of(book.name, name, numbers)).collect()
}

/// The number of a step as a runbook calls it.
fn target_of(book: &str, name: &str, numbers: &BTreeMap<(&str, &str), usize>) -> Option<usize> {
    numbers.get(&name.split_once(':').unwrap_or((book, name))).copied()
}
