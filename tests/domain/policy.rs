//! Sentences of rules: what stands in braces is filled, and nothing that is filled in acts on a terminal.

use holdpoint::domain::facts::Facts;
use holdpoint::domain::policy::{Effect, Saying};
use serde_json::json;

fn facts() -> Facts {
    Facts::of(&json!({
        "service": { "name": "web", "tier": 1, "data": ["pii", "card"] },
        "change": { "version": "1.0\u{1b}[31m", "from": "日本語" },
        "odd": "a\u{202e}b\n{service.name}",
    }))
    .unwrap()
}

#[test]
fn braces_are_filled_and_what_cannot_be_told_is_marked() {
    for (say, shown) in [
        ("", ""),
        ("plain", "plain"),
        ("{service.name} is tier {service.tier}", "web is tier 1"),
        ("{service.data}", "pii, card"),
        ("{service.tier == 1}", "yes"),
        ("{service.tier + 1}", "2"),
        ("{ service.name }", "web"),
        ("{change.kind} and {nothing}", "?? and ??"),
        ("{service.name", "{service.name"),
        ("service.name}", "service.name}"),
        ("{}", "??"),
        ("{{service.name}}", "??}"),
        ("}{", "}{"),
        ("{service.name}{service.name}", "webweb"),
        ("é{service.name}日本語{change.from}", "éweb日本語日本語"),
        ("{1 +}", "??"),
        ("{'}'}", "??'}"),
    ] {
        assert_eq!(Saying::new(say).filled(&facts().ask()), shown, "{say:?}");
    }
}

#[test]
fn blanks_are_found_where_they_stand() {
    let blanks = |say: &str| {
        let say = Saying::new(say);
        let found: Vec<_> = say.blanks().into_iter().map(|(at, text)| (at, text.to_owned())).collect();
        for (at, text) in &found {
            assert_eq!(say.as_str().get(*at..at + text.len()), Some(text.as_str()));
        }
        found
    };
    assert_eq!(blanks("{a} and {b.c}"), [(1, "a".to_owned()), (9, "b.c".to_owned())]);
    assert_eq!(blanks("é{a}"), [(3, "a".to_owned())]);
    assert_eq!(blanks("{}{"), [(1, String::new())]);
    assert!(blanks("no } braces { here").is_empty());
}

#[test]
fn what_is_filled_in_is_not_filled_again_and_acts_on_nothing() {
    for (say, shown) in [
        ("{odd}", "a\\u{202e}b\\u{a}{service.name}"),
        ("to {change.version}", "to 1.0\\u{1b}[31m"),
        ("\u{1b}]0;x\u{7} {service.name}", "\\u{1b}]0;x\\u{7} web"),
    ] {
        assert_eq!(Saying::new(say).filled(&facts().ask()), shown, "{say:?}");
    }
}

#[test]
fn a_great_many_braces_end_soon() {
    let began = std::time::Instant::now();
    let say = Saying::new("{".repeat(100_000));
    assert!(say.blanks().is_empty());
    assert_eq!(say.filled(&facts().ask()).len(), 100_000);
    assert_eq!(Saying::new("{}".repeat(200)).filled(&facts().ask()), "??".repeat(200));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn effects_are_ordered_by_weight() {
    let mut all = [Effect::Block, Effect::Allow, Effect::Needs, Effect::Warn];
    all.sort();
    assert_eq!(all.map(|effect| effect.to_string()), ["allow", "warn", "needs", "block"]);
}
