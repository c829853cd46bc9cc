//! What an expression asks for: names, values, depth.
//!
//! It is only looked at, never run.

use super::DEEPEST;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use std::collections::BTreeSet;

/// What a condition asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The facts it asks for: `environment.tier`.
    pub paths: BTreeSet<String>,
    /// The functions it calls, operators aside.
    pub functions: BTreeSet<String>,
    /// The texts that it names.
    pub texts: BTreeSet<String>,
    /// The whole numbers that it names.
    pub numbers: BTreeSet<i64>,
    /// Facts with a text that they are compared with, or looked for in.
    pub compared: BTreeSet<(String, String)>,
    /// Whether it reckons: with `+`, `%` and the like.
    pub reckons: bool,
    /// Whether it compares facts with each other.
    pub between: bool,
}

/// What compares two values.
const COMPARES: [&str; 7] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::IN,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
];
/// What makes a value of others.
const RECKONS: [&str; 6] = [
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::NEGATE,
];

/// What is said of an expression that is too deep.
pub(super) const TOO_DEEP: &str = "its parts lie too deeply within each other; split it into several rules";

/// What an expression asks for.
pub(super) fn seen(expression: &IdedExpr) -> Seen {
    let mut found = Seen::default();
    walk(expression, &mut Vec::new(), &mut found);
    found
}

/// Checks that an expression ends soon, whatever the facts are.
pub(super) fn bounded(expression: &IdedExpr) -> Result<(), String> {
    if depth(expression) > DEEPEST * 2 {
        return Err(TOO_DEEP.to_owned());
    }
    if lists(expression) > 1 {
        return Err("a list is gone through within another; one at a time is the most".to_owned());
    }
    Ok(())
}

fn depth(expression: &IdedExpr) -> usize {
    1 + parts(expression).into_iter().map(depth).max().unwrap_or(0)
}

fn lists(expression: &IdedExpr) -> usize {
    let mine = usize::from(matches!(expression.expr, Expr::Comprehension(_)));
    mine + parts(expression).into_iter().map(lists).max().unwrap_or(0)
}

fn parts(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).collect(),
        Expr::Comprehension(all) => {
            vec![&all.iter_range, &all.accu_init, &all.loop_cond, &all.loop_step, &all.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| of_entry(&entry.expr)).collect(),
        Expr::Struct(record) => record.entries.iter().flat_map(|entry| of_entry(&entry.expr)).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn of_entry(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// The dotted name that an expression is, if it is one: `health.signals` of `health.signals["x"]` too.
fn name(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", name(&select.operand)?, select.field)),
        Expr::Call(call) if call.func_name == operators::INDEX => {
            let [of, Expr::Literal(LiteralValue::String(key))] =
                [call.args.first().map(|of| &of.expr)?, call.args.get(1).map(|key| &key.expr)?]
            else {
                return None;
            };
            let of = IdedExpr { id: 0, expr: of.clone() };
            Some(format!("{}.{}", name(&of)?, key.inner()))
        }
        _ => None,
    }
}

fn walk<'a>(expression: &'a IdedExpr, bound: &mut Vec<&'a str>, found: &mut Seen) {
    if let Some(path) = name(expression) {
        let root = path.split('.').next().unwrap_or_default();
        if !root.starts_with('@') && !bound.contains(&root) {
            found.paths.insert(path);
        }
        return;
    }
    found.compared.extend(compared(expression, bound));
    if let Expr::Call(call) = &expression.expr {
        let facts = call.args.iter().filter(|part| name(part).is_some()).count();
        found.between |= facts > 1 && COMPARES.contains(&call.func_name.as_str());
        found.reckons |= RECKONS.contains(&call.func_name.as_str());
    }
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => drop(found.texts.insert(text.inner().to_owned())),
        Expr::Literal(LiteralValue::Int(number)) => drop(found.numbers.insert(*number.inner())),
        Expr::Call(call) if call.func_name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            found.functions.insert(call.func_name.clone());
        }
        Expr::Comprehension(all) => {
            walk(&all.iter_range, bound, found);
            let had = bound.len();
            bound.extend([all.iter_var.as_str(), all.accu_var.as_str()]);
            bound.extend(all.iter_var2.as_deref());
            for part in [&all.accu_init, &all.loop_cond, &all.loop_step, &all.result] {
                walk(part, bound, found);
            }
            bound.truncate(had);
            return;
        }
        _ => {}
    }
    parts(expression).into_iter().for_each(|part| walk(part, bound, found));
}

/// The fact and the texts of `fact == "x"`, `fact in ["x"]` and `"x" in fact`.
fn compared(expression: &IdedExpr, bound: &[&str]) -> Vec<(String, String)> {
    let Expr::Call(call) = &expression.expr else { return Vec::new() };
    let [left, right] = call.args.as_slice() else { return Vec::new() };
    if ![operators::EQUALS, operators::NOT_EQUALS, operators::IN].contains(&call.func_name.as_str()) {
        return Vec::new();
    }
    let pairs = |fact: &IdedExpr, values: &IdedExpr| {
        let path = name(fact).filter(|path| !bound.contains(&path.split('.').next().unwrap_or_default()));
        let texts = texts(values);
        path.into_iter().flat_map(move |path| texts.clone().into_iter().map(move |text| (path.clone(), text)))
    };
    pairs(left, right).chain(pairs(right, left)).collect()
}

fn texts(expression: &IdedExpr) -> Vec<String> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => vec![text.inner().to_owned()],
        Expr::List(list) => list.elements.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
