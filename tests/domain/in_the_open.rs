//! What of a text looks like a secret: the value goes, and all around it stays.

use holdpoint::domain::in_the_open::{bears, follows, is_secret, without};

#[test]
fn the_value_is_taken_out_and_what_stands_around_it_stays() {
    for (text, shown) in [
        ("--db-password=hunter2", "--db-password=(hidden)"),
        ("--set=auth.password=hunter2", "--set=auth.password=(hidden)"),
        ("--from-literal=password=hunter2", "--from-literal=password=(hidden)"),
        ("--set auth.users[0].password=hunter2 --wait", "--set auth.users[0].password=(hidden) --wait"),
        ("JAVA_OPTS=-Ddb.password=hunter2 -Xmx1g", "JAVA_OPTS=-Ddb.password=(hidden) -Xmx1g"),
        ("app --password hunter2 --fast", "app --password (hidden) --fast"),
        ("app --password 'correct horse' --fast", "app --password (hidden) --fast"),
        ("sh -c \"app --token hunter2 --fast\" now", "sh -c \"app --token (hidden) --fast\" now"),
        ("curl -H 'Authorization: Bearer hunter2' a", "curl -H 'Authorization: (hidden)' a"),
        ("exec env API_KEY=hunter2 app", "exec env API_KEY=(hidden) app"),
        ("exec env API_KEY=\"correct horse\" app", "exec env API_KEY=(hidden) app"),
        // Numbers, paths and whatever else may be one.
        ("--pin-token=123456", "--pin-token=(hidden)"),
        ("--password=/a+b/c==", "--password=(hidden)"),
        ("--password=${PW:-hunter2}", "--password=(hidden)"),
        ("--apikey=hunter2", "--apikey=(hidden)"),
        ("--encryption-key=hunter2", "--encryption-key=(hidden)"),
        ("--auth=ana:hunter2", "--auth=(hidden)"),
        ("--authToken2=hunter2", "--authToken2=(hidden)"),
        ("https://a.example/?token=hunter2&page=2", "https://a.example/?token=(hidden)"),
        ("postgres://app:hunter2@db/app", "postgres://app:(hidden)@db/app"),
        ("amqp://:hunter2@mq and http://b:hunter2@c", "amqp://:(hidden)@mq and http://b:(hidden)@c"),
        // Files.
        ("bypass=off\npassword=correct horse\ntokenizer=bert\n", "bypass=off\npassword=(hidden)\ntokenizer=bert\n"),
        ("a = 1\r\npassword = hunter2\r\nb = 2\r\n", "a = 1\r\npassword = (hidden)\r\nb = 2\r\n"),
        ("db:\n  password: hunter2 # old\n  host: a\n", "db:\n  password: (hidden)\n  host: a\n"),
        ("- password: hunter2\n  host: a", "- password: (hidden)\n  host: a"),
        ("{\n  \"password\": \"hunter2\",\n  \"a\": 1\n}", "{\n  \"password\": (hidden)\n  \"a\": 1\n}"),
        ("{\"a\":1,\"password\":\"hunter2\"}", "{\"a\":1,\"password\":(hidden)"),
        ("key: |\n  hunter2\n  hunter2\n", "key: (hidden)"),
        ("x\n-----BEGIN RSA PRIVATE KEY-----\nhunter2", "(hidden)"),
        ("é password=hunter2 é", "é password=(hidden) é"),
    ] {
        assert_eq!(without(text).as_deref(), Some(shown), "{text}");
        // Once more changes nothing.
        assert_eq!(without(shown).as_deref().unwrap_or(shown), shown);
    }
}

#[test]
fn what_only_speaks_of_a_secret_is_left() {
    for text in [
        "",
        "--token-file=/a",
        "--token-ttl=5m",
        "--secret-name=db",
        "--password=$(PASSWORD)",
        "--password=${PASSWORD}",
        "--password $(PASSWORD) --fast",
        "--password --fast",
        "--no-password run",
        "--skip-token-check serve",
        "--author=ana --bypass=off --tokenizer=bert --compass=n",
        "--use-password=true",
        "http://db:8080/x?to=a@b",
        "https://app:$(PASSWORD)@db",
        "https://ana@db/app",
        "secret:\n  name: db\n",
        "password:",
        "password=",
        "the password is elsewhere",
        "secret",
        "= : \" ' |",
    ] {
        assert_eq!(without(text), None, "{text}");
    }
}

#[test]
fn a_person_is_told_of_fewer_than_are_hidden() {
    // It may be a secret, and mostly is none.
    for (name, value) in [("PIN_TOKEN", "123456"), ("DB_PASSWORD", "/run/db"), ("SORT_KEY", "name"), ("AUTH", "oidc")] {
        assert!(!is_secret(name, value), "{name}");
        assert!(without(&format!("--{name}={value}")).is_some(), "{name}");
    }
    assert!(is_secret("dbPassword", "hunter2") && is_secret("APIKey", "hunter2"));
    assert!(!is_secret("BYPASS", "off") && !is_secret("TOKENIZER", "bert"));
    assert!(bears("PASSWORD=hunter2 exec app") && bears("--set=auth.password=hunter2"));
    assert!(!bears("bypass=off") && !bears("--password=/run/db"));
    assert!(follows("--password", "hunter2") && !follows("--no-password", "run") && !follows("password", "hunter2"));
}

#[test]
fn nothing_strange_breaks_it() {
    let pieces = ["password", "=", ":", "\"", "'", " ", "\n", "--", "://", "@", "|", "é", "$(", "\u{202e}", "x"];
    let mut seed = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..(seed >> 33) % 12 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let shown = without(&text);
        assert!(shown.is_none_or(|shown| shown.contains("(hidden)")), "{text:?}");
    }
    // What is quoted within what is quoted, and a very long line, take no time worth telling.
    for text in ["\"".repeat(200_000), "\"'".repeat(100_000), "password=".repeat(20_000), "a://".repeat(50_000)] {
        without(&text);
    }
}
