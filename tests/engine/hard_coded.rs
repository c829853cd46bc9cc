//! What of a deployed object's variables should not stand there: secrets in the open, and other environments.

use crate::ground::workspace;
use holdpoint::domain::drift::{Drift, Literal};
use holdpoint::engine::hard_coded::hard_coded;

/// What is said of a variable of `api` in prod, beside which there is a stage.
fn said(name: &str, value: &str, secret: bool) -> Option<String> {
    let within = "deployment shop/api containers[api]".to_owned();
    let literal = Literal { within, argument: None, name: name.to_owned(), value: value.to_owned(), secret };
    let drift = Drift { literals: vec![literal], ..Drift::default() };
    let workspace = workspace();
    assert!(workspace.environments.keys().any(|name| name.as_str() == "stage"));
    let mut all = hard_coded(&workspace, &("api".into(), "prod".into()), &drift);
    assert!(all.len() < 2, "{all:?}");
    all.pop().map(|line| line.strip_prefix("deployment shop/api containers[api] env").unwrap().to_owned())
}

#[test]
fn a_secret_in_the_open_is_said_and_never_shown() {
    for (name, value) in [
        ("DB_PASSWORD", "hunter2"),
        ("STRIPE_API_KEY", "sk_live_1234"),
        ("session-secret", "c2VjcmV0"),
        ("ADMIN_PASSWORD", "$2a$10$abc"),
        ("GITHUB_TOKEN", "stage-token-1"),
    ] {
        let line = said(name, value, true).unwrap();
        assert_eq!(line, format!("[{name}]: looks like a secret that stands in the open; take it from a Secret"));
    }
    for value in [
        "postgres://app:hunter2@db.stage/app",
        "amqp://:hunter2@mq",
        "https://a:b@c@d/x",
        "postgres://app:p/ss?word@db.stage",
        "postgres://app:$ecret@db.stage",
        "http://x.stage.test/,postgres://app:pw@db",
    ] {
        let line = said("DSN", value, false).unwrap();
        assert_eq!(line, "[DSN]: an address with a password in it; take that from a Secret");
    }
}

#[test]
fn a_secret_within_a_longer_text_is_said_too() {
    for value in [
        "https://db-stage/x?token=hunter2",
        "jdbc:sqlserver://db.stage.test;user=sa;password=hunter2",
        "Server=db.stage;User Id=sa;Password=hunter2",
        "-Denv=stage -Ddb.password=hunter2",
    ] {
        let line = said("DSN", value, false).unwrap();
        assert_eq!(line, "[DSN]: looks like a secret that stands in the open; take it from a Secret");
    }
}

#[test]
fn what_only_says_something_of_a_secret_is_none() {
    for (name, value) in [
        ("DB_PASSWORD_FILE", "run/secrets/db"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("DB_PASSWORD", "$(FROM_ELSEWHERE)"),
        ("TOKEN_TTL", "5m"),
        ("TOKEN_LIFETIME", "300"),
        ("BYPASS", "true"),
        ("SECRET_NAME", "db"),
        ("KEYBOARD", "qwerty"),
        ("AUTHOR", "ana"),
    ] {
        assert_eq!(said(name, value, true), None, "{name} {value}");
    }
    let from_elsewhere = "https://app:$(PASSWORD)@db/app";
    for value in
        ["https://db/app", "https://ana@db/app", from_elsewhere, "https://app:@db", "a:b@c", "http://db:80/x?to=a@b"]
    {
        assert_eq!(said("DSN", value, false), None, "{value}");
    }
}

#[test]
fn another_environment_is_named_and_ours_is_not() {
    let at = |value: &str| said("DB_HOST", value, false);
    assert_eq!(at("db.stage.svc").as_deref(), Some("[DB_HOST]: names the environment stage: db.stage.svc"));
    assert_eq!(at("STAGE").as_deref(), Some("[DB_HOST]: names the environment stage: STAGE"));
    let url = at("https://db-stage:8443/hooks/T0/hunter2");
    assert_eq!(url.as_deref(), Some("[DB_HOST]: names the environment stage: db-stage"));
    // Where a secret may stand beside it, or it may be one itself, nothing of it is shown.
    for value in [
        "Server=db.stage;User Id=sa;Pin=hunter2",
        "https://ghp_xxx@git.stage.test/x",
        "https://git.stage.test/x#hunter2",
    ] {
        assert_eq!(at(value).as_deref(), Some("[DB_HOST]: names the environment stage"), "{value}");
    }
    // A name may be a part of another, of ours too.
    let parts = |here: &str, value: &str| {
        let mut workspace = workspace();
        let more = workspace.environments.values().next().unwrap().clone();
        workspace.environments.insert("prod-eu".into(), more);
        let literal =
            Literal { within: "api".to_owned(), name: "A".to_owned(), value: value.to_owned(), ..Literal::default() };
        let drift = Drift { literals: vec![literal], ..Drift::default() };
        hard_coded(&workspace, &("api".into(), here.into()), &drift)
    };
    assert_eq!(parts("stage", "db.prod-eu.svc"), ["api env[A]: names the environment prod-eu: db.prod-eu.svc"]);
    assert_eq!(parts("prod", "db.prod-eu.svc"), ["api env[A]: names the environment prod-eu: db.prod-eu.svc"]);
    assert_eq!(parts("prod-eu", "db.prod-eu.svc"), [""; 0]);
    // What a name hides is not shown for another reason either.
    let hidden = said("AUTH_HOST", "auth.stage", true);
    assert_eq!(hidden.as_deref(), Some("[AUTH_HOST]: names the environment stage"));
    let hostile = said("A\u{1b}[2J", "stage\u{202e}", false).unwrap();
    assert!(!hostile.contains(['\u{1b}', '\u{202e}']), "{hostile:?}");
    for value in ["db.prod.svc", "stage.prod.svc", "backstage", "staged", "db", "ßstage", "stage2"] {
        assert_eq!(at(value), None, "{value}");
    }
}
