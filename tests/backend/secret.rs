//! Secrets: read from where they are kept, kept while they last, never printed.

use crate::support::{Place, launcher};
use crate::undisturbed as tokio;
use holdpoint::backend::secret::{Secret, SecretSource};
use holdpoint::backend::{Certainty, Fault};
use holdpoint::domain::Timestamp;
use holdpoint::domain::secret::SecretRef;
use std::os::unix::fs::PermissionsExt;

const VALUE: &str = "s3cr3t-of-the-day";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn source(place: &Place, reference: SecretRef) -> SecretSource {
    SecretSource::new(reference, place.root(), launcher())
}

fn asked(place: &Place, lines: &str) -> SecretSource {
    place.script("helper", &format!("#!/bin/sh\necho x >> calls\n{lines}\n"));
    source(place, SecretRef::Command(vec!["./helper".into(), "an-argument".into()]))
}

fn calls(place: &Place) -> usize {
    std::fs::read_to_string(place.file("calls")).unwrap_or_default().lines().count()
}

/// What is said of a secret that cannot be had; never the secret.
async fn why(source: &SecretSource) -> String {
    let fault = source.get(now()).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone);
    assert!(matches!(fault, Fault::Unreachable(_)), "{fault:?}");
    let text = fault.to_string();
    assert!(!text.contains(VALUE), "{text}");
    text
}

/// A token as an issuer would sign it, without a signature.
fn jwt(exp: &str) -> String {
    let claims = format!("{{\"sub\":\"a\",\"exp\":{exp}}}");
    let sextets = |bytes: &[u8]| -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let bits: String = bytes.iter().map(|b| format!("{b:08b}")).collect();
        let padded = format!("{bits}{}", "0".repeat((6 - bits.len() % 6) % 6));
        let index = |n: usize| usize::from_str_radix(&padded[n..n + 6], 2).unwrap();
        (0..padded.len()).step_by(6).map(|n| char::from(LETTERS[index(n)])).collect()
    };
    format!("{}.{}.c2ln", sextets(b"{\"alg\":\"none\"}"), sextets(claims.as_bytes()))
}

#[test]
fn a_secret_has_no_text_form() {
    let secret = Secret::new(&format!("  {VALUE}\n"), None).unwrap();
    assert_eq!(secret.expose(), VALUE);
    assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
    assert_eq!(secret.redacted(&format!("no {VALUE}!")), "no [secret]!");
    assert!(Secret::new(" \n", None).is_err());
}

#[test]
fn a_web_token_says_when_it_ends() {
    let ends = |text: &str| Secret::new(text, None).unwrap().expires();
    assert_eq!(ends(&jwt("1795176000")), Some(at("2026-11-20T12:00:00Z")));
    assert_eq!(ends(&jwt("\"soon\"")), None);
    assert_eq!(ends(&jwt("1e300")), None);
    assert_eq!(ends("a.b.c"), None);
    assert_eq!(ends("plain"), None);
}

#[tokio::test]
async fn a_program_says_it_in_its_first_line_and_is_asked_once() {
    let place = Place::new();
    let source = asked(&place, &format!("echo; echo {VALUE}; echo more"));
    for _ in 0..3 {
        assert_eq!(source.get(now()).await.unwrap().expose(), VALUE);
    }
    assert_eq!(calls(&place), 1);
    source.forget(&Secret::new("what-was-renewed-since", None).unwrap()).await;
    source.get(now()).await.unwrap();
    assert_eq!(calls(&place), 1, "what another call has renewed is kept");
    source.forget(&Secret::new(VALUE, None).unwrap()).await;
    source.get(now()).await.unwrap();
    assert_eq!(calls(&place), 2);
    assert!(!format!("{source:?}").contains("an-argument"));
}

#[tokio::test]
async fn a_program_is_asked_again_before_its_token_ends() {
    let place = Place::new();
    let source = asked(&place, r#"printf '{"token":"t-%s",\n"expires":"2026-11-20T12:10:00Z"}' $(wc -l < calls)"#);
    assert_eq!(source.get(now()).await.unwrap().expose(), "t-1");
    assert_eq!(source.get(at("2026-11-20T12:09:29Z")).await.unwrap().expose(), "t-1");
    assert_eq!(source.get(at("2026-11-20T12:09:31Z")).await.unwrap().expose(), "t-2");
    // A helper that hands out what has ended gives nothing.
    let fault = source.get(at("2026-11-20T12:10:00Z")).await.unwrap_err();
    assert!(fault.to_string().contains("expired"), "{fault}");
}

#[tokio::test]
async fn a_program_that_fails_is_quoted_from_its_error_output_alone() {
    let place = Place::new();
    let said = why(&asked(&place, &format!("echo {VALUE}; echo 'log in first' >&2; exit 3"))).await;
    assert!(said.contains("the helper ./helper") && said.contains("exit 3: log in first"), "{said}");
    assert!(why(&asked(&place, "true")).await.contains("empty"));
    let said = why(&asked(&place, &format!("printf '{{\"token\":\\n[\"{VALUE}\"]}}'"))).await;
    assert!(said.contains("JSON cannot be read"), "{said}");
    let said = why(&source(&place, SecretRef::Command(vec!["./none".into()]))).await;
    assert!(said.contains("No such file"), "{said}");
    // No terminal and no input: one that wants to ask somebody ends at once.
    assert!(why(&asked(&place, "read answer < /dev/tty || exit 7")).await.contains("exit 7"));
}

#[tokio::test]
async fn a_file_must_be_ours_alone() {
    let place = Place::new();
    let path = place.file("token");
    std::fs::write(&path, format!("{VALUE}\n")).unwrap();
    let source = source(&place, SecretRef::File(path.clone()));
    for mode in [0o640, 0o604, 0o620, 0o666] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let said = why(&source).await;
        assert!(said.contains(&format!("mode {mode:04o}")) && said.contains("chmod 600"), "{said}");
    }
    for mode in [0o600, 0o400] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(source.get(now()).await.unwrap().expose(), VALUE);
    }
    // It is read at each use, so a new one counts at once.
    std::fs::remove_file(&path).unwrap();
    assert!(why(&source).await.contains("No such file"));
    std::fs::create_dir(&path).unwrap();
    assert!(why(&source).await.contains("no regular file"));
}

#[tokio::test]
async fn a_variable_that_is_not_set_is_said() {
    let place = Place::new();
    assert!(why(&source(&place, SecretRef::Env("HOLDPOINT_NO_SUCH_SECRET".into()))).await.contains("not set"));
    let path = source(&place, SecretRef::Env("PATH".into())).get(now()).await.unwrap();
    assert_eq!(path.expose(), std::env::var("PATH").unwrap());
}

#[tokio::test]
async fn programs_of_a_secret_that_fail_are_left_alone_by_whoever_watches() {
    let place = Place::new();
    let source = asked(&place, "test -e well || { echo 'log in first' >&2; exit 3; }\necho renewed");
    for after in ["12:00:00", "12:00:00", "12:00:09"] {
        let fault = source.spared(at(&format!("2026-11-20T{after}Z"))).await.unwrap_err();
        assert!(fault.to_string().contains("log in first"), "{fault}");
    }
    assert_eq!(calls(&place), 1);
    // A person asks all the same, and what was had then serves all.
    source.get(now()).await.unwrap_err();
    assert_eq!(calls(&place), 2);
    std::fs::write(place.file("well"), "").unwrap();
    assert!(source.spared(at("2026-11-20T12:00:09Z")).await.is_err());
    source.get(at("2026-11-20T12:00:09Z")).await.unwrap();
    assert_eq!(source.spared(at("2026-11-20T12:00:09Z")).await.unwrap().expose(), "renewed");
    assert_eq!(calls(&place), 3);
}

#[tokio::test]
async fn a_refused_value_is_not_given_to_those_who_watch_for_ten_seconds_and_then_for_longer() {
    let place = Place::new();
    let path = place.file("token");
    std::fs::write(&path, VALUE).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let source = source(&place, SecretRef::File(path.clone()));
    let why = || Fault::Refused { why: "status 401".to_owned(), output: None };
    let mut refused = now();
    for pause in [10, 20, 40, 60, 60] {
        let shown = source.spared(refused).await.unwrap();
        source.refused(&shown, why(), refused).await;
        let before = refused + chrono::TimeDelta::seconds(pause - 1);
        assert_eq!(source.spared(before).await.unwrap_err(), why(), "{pause}");
        source.get(before).await.unwrap();
        refused = before + chrono::TimeDelta::seconds(1);
    }
    // Another value is tried at once.
    source.refused(&Secret::new(VALUE, None).unwrap(), why(), refused).await;
    std::fs::write(&path, "another").unwrap();
    assert_eq!(source.spared(refused).await.unwrap().expose(), "another");
    std::fs::write(&path, VALUE).unwrap();
    source.accepted().await;
    source.spared(refused).await.unwrap();
}
