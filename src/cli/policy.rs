//! `policy`: the rules of a workspace, what they say of a real change, and their tests.
//!
//! What is said here is what every key and verb is judged by; nothing is decided.

use super::args::{Global, PolicyVerb};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::{print, status, windows};
use crate::config;
use crate::domain::facts::Facts;
use crate::domain::operation::Direction;
use crate::domain::policy::{Effect, Policy, PolicyRule, PolicyTest};
use crate::domain::text::shortened;
use crate::domain::workspace::Workspace;
use crate::engine::Given;
use crate::engine::policy::told::{Said, heaviest, told};
use crate::report::may::Subject;
use crate::runtime::clock::now;
use serde_json::{Value, json};

/// Does what is asked of the rules.
pub fn policy(global: &Global, verb: PolicyVerb) -> Ended {
    let context = Context::open(global)?;
    match verb {
        PolicyVerb::List { control } => list(global, &context.workspace, control.as_deref()),
        PolicyVerb::Test => test(global, &context.workspace),
        PolicyVerb::Explain(asked) => {
            let at = asked.at.as_deref().map(config::instant).transpose().map_err(Failure::usage)?;
            let ledger = status::ledger(&context)?;
            let observed = windows::ask_about(&context.workspace, &asked.service, &asked.environment);
            let now = now();
            let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now };
            let named = Subject::named(&given, &asked.action, &asked.service, &asked.environment);
            let who = context.origin("policy").ok().map(|origin| origin.person);
            let subject = named.and_then(|s| s.with(&given, asked.version, asked.release.as_deref(), who));
            let subject = subject.map_err(Failure::usage)?;
            let about = subject.about();
            let facts = about.facts(&given, at.unwrap_or(now));
            explain(global, &context.workspace.policy, &subject, &facts, about.direction());
            Ok(Exit::Done)
        }
    }
}

fn list(global: &Global, workspace: &Workspace, control: Option<&str>) -> Ended {
    let carries = |rule: &&PolicyRule| control.is_none_or(|wanted| rule.controls.iter().any(|c| c.contains(wanted)));
    let all: Vec<&PolicyRule> = workspace.policy.values().filter(carries).collect();
    if global.json {
        print::json(&all);
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        print::words(match control {
            None => "there are no rules; they are files of policy/, see docs/policy.md",
            Some(_) => "no rule carries that control out",
        });
    }
    let rows = all.iter().map(|rule| {
        let owner = rule.owner.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            rule.effect.to_string(),
            rule.name.to_string(),
            owner,
            rule.controls.join(", "),
            one_line(rule.when.as_str()),
        ]
    });
    print::table(&rows.collect::<Vec<_>>());
    Ok(Exit::Done)
}

fn one_line(text: &str) -> String {
    shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), 100)
}

/// One test with what came out.
struct Tried<'a> {
    test: &'a PolicyTest,
    came: Option<Effect>,
    spoke: Vec<String>,
    wrong: Vec<String>,
}

fn test(global: &Global, workspace: &Workspace) -> Ended {
    let all: Vec<Tried<'_>> = workspace.policy_tests.iter().map(|test| tried(&workspace.policy, test)).collect();
    let failed = all.iter().filter(|tried| !tried.wrong.is_empty()).count();
    if global.json {
        let row = |tried: &Tried<'_>| {
            let Tried { test, came, spoke, wrong } = tried;
            json!({ "test": test.name, "at": test.place, "expect": test.expect, "came": came, "spoke": spoke, "wrong": wrong })
        };
        print::json(&all.iter().map(row).collect::<Vec<_>>());
    } else {
        for tried in all.iter().filter(|tried| !tried.wrong.is_empty()) {
            print::line(&format!("FAILED {} ({})", tried.test.name, tried.test.place));
            tried.wrong.iter().for_each(|why| print::line(&format!("  {why}")));
        }
        let untested = untested(&workspace.policy, &all);
        if !untested.is_empty() {
            print::line(&format!("no test makes these speak: {}", untested.join(", ")));
        }
        print::line(&format!("{} tests, {} rules, {failed} failed", all.len(), workspace.policy.len()));
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Refused })
}

fn tried<'a>(rules: &Policy, test: &'a PolicyTest) -> Tried<'a> {
    let back = test.facts.words("change.direction").as_deref() == Some("back");
    let said = told(rules, &test.facts, if back { Direction::Back } else { Direction::Forward });
    let came = heaviest(&said);
    let spoke: Vec<String> = said.iter().filter(|s| s.speaks(s.rule.effect)).map(|s| s.rule.name.to_string()).collect();
    let word = |effect: Option<Effect>| effect.map_or("none".to_owned(), |effect| effect.to_string());
    let mut wrong: Vec<String> = said
        .iter()
        .filter_map(|said| {
            Some(format!("whether {} speaks cannot be told: {}", said.rule.name, said.speaks.as_ref().err()?))
        })
        .collect();
    if came != test.expect {
        let by = if spoke.is_empty() { String::new() } else { format!(", by {}", spoke.join(", ")) };
        wrong.push(format!("expected {}, and it is {}{by}", word(test.expect), word(came)));
    }
    if let Some(rules) = &test.rules {
        let mut named: Vec<String> = rules.iter().map(ToString::to_string).collect();
        named.sort_unstable();
        if named != spoke {
            wrong.push(format!("expected {} to speak, and it is {}", several(&named), several(&spoke)));
        }
    }
    Tried { test, came, spoke, wrong }
}

fn several(names: &[String]) -> String {
    if names.is_empty() { "no rule".to_owned() } else { names.join(", ") }
}

/// The rules that no test makes speak.
fn untested(rules: &Policy, all: &[Tried<'_>]) -> Vec<String> {
    let spoke = |name: &String| all.iter().any(|tried| tried.spoke.contains(name));
    rules.keys().map(ToString::to_string).filter(|name| !spoke(name)).collect()
}

fn explain(global: &Global, rules: &Policy, subject: &Subject, facts: &Facts, direction: Direction) {
    let said = told(rules, facts, direction);
    if global.json {
        let rows: Vec<Value> = said.iter().map(|said| as_json(said, facts)).collect();
        print::json(&json!({ "subject": subject.to_string(), "effect": heaviest(&said), "rules": rows }));
        return;
    }
    let unknown = said.iter().filter(|said| said.speaks.is_err()).count();
    let word = heaviest(&said).map_or("no rule speaks".to_owned(), |effect| effect.to_string());
    let word = if unknown > 0 { format!("{word}, and {unknown} cannot be told") } else { word };
    print::line(&format!("{subject} · {word}"));
    if rules.is_empty() {
        print::words("there are no rules; they are files of policy/, see docs/policy.md");
    }
    for said in &said {
        print::line(&format!("{:<7} {} {}", answer(said), said.rule.effect, said.rule.name));
        if !said.text.is_empty() {
            print::line(&format!("          {}", said.text));
        }
        print::line(&format!("          when {}", one_line(said.rule.when.as_str())));
        for path in said.rule.when.seen().paths {
            let value = facts.words(&path).map_or("??  not known".to_owned(), |value| quoted(&value));
            print::line(&format!("          {path} is {value}"));
        }
    }
}

fn quoted(value: &str) -> String {
    if value.is_empty() { "empty".to_owned() } else { value.to_owned() }
}

fn answer(said: &Said<'_>) -> &'static str {
    match (&said.speaks, said.lifted) {
        (Err(_), _) => "UNKNOWN",
        (Ok(true), Some(_)) => "lifted",
        (Ok(true), None) => "SPEAKS",
        (Ok(false), _) => "silent",
    }
}

fn as_json(said: &Said<'_>, facts: &Facts) -> Value {
    let paths = said.rule.when.seen().paths;
    let asked: std::collections::BTreeMap<_, _> =
        paths.into_iter().map(|path| (path.clone(), facts.words(&path))).collect();
    json!({
        "rule": said.rule.name, "effect": said.rule.effect, "speaks": said.speaks.as_ref().ok(),
        "unknown": said.speaks.as_ref().err(), "lifted_by": said.lifted, "says": said.text,
        "controls": said.rule.controls, "facts": asked,
    })
}
