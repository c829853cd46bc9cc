//! Kubeconfigs as people and programs write them, and what is refused of them.

use holdpoint::backend::kubernetes::kubeconfig::user::Bears;
use holdpoint::backend::kubernetes::kubeconfig::{Found, Kubeconfig};
use holdpoint::backend::kubernetes::yaml::documents;
use serde_json::{Value, json};
use std::path::PathBuf;

fn one(text: &str) -> Value {
    let mut all = documents(text).unwrap();
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

#[test]
fn plain_text_means_what_json_would_have_it_mean() {
    let all = [
        ("1.10", json!("1.10")),
        ("1.5", json!(1.5)),
        ("017", json!("017")),
        ("12", json!(12)),
        ("-3", json!(-3)),
        ("1e3", json!("1e3")),
        ("0x10", json!("0x10")),
        ("99999999999999999999999", json!("99999999999999999999999")),
        ("true", json!(true)),
        ("False", json!(false)),
        ("yes", json!("yes")),
        ("~", json!(null)),
        ("'true'", json!("true")),
        ("\"12\"", json!("12")),
        ("!!str 12", json!("12")),
        ("2999-01-01T00:00:00Z", json!("2999-01-01T00:00:00Z")),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        ("{a: [1, {b: c}], \"d\": null}", json!({ "a": [1, { "b": "c" }], "d": null })),
        ("{1: x, true: y}", json!({ "1": "x", "true": "y" })),
        ("a: &x {b: 1}\nc: *x\n", json!({ "a": { "b": 1 }, "c": { "b": 1 } })),
        ("a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\n", json!({ "a": { "b": 1, "c": 2 }, "d": { "b": 1, "c": 3 } })),
        ("\u{feff}a: b", json!({ "a": "b" })),
    ];
    for (text, value) in all {
        assert_eq!(one(text), value, "{text}");
    }
    assert_eq!(documents("a: 1\n---\nb: 2\n").unwrap(), [json!({ "a": 1 }), json!({ "b": 2 })]);
    assert!(documents("").unwrap().is_empty());
}

#[test]
fn what_is_no_yaml_or_too_much_of_it_is_refused() {
    let laughs: String = (0..9)
        .map(|n| {
            format!(
                "k{n}: &a{n} [{}]\n",
                vec![if n == 0 { "x".to_owned() } else { format!("*a{}", n - 1) }; 10].join(", ")
            )
        })
        .collect();
    let deep = "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nb: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n";
    let nested = "[".repeat(100_000);
    // Few values, and each of them long.
    let long = |times: usize| format!("a: &a {}\nb: [{}]\n", "x".repeat(4 << 20), vec!["*a"; times].join(", "));
    assert!(documents(&long(4)).is_ok());
    assert!(documents(&long(20)).is_err());
    for text in ["a: 1\na: 2\n", "{[a]: b}", "a: *x", "a: [", "a: b: c", "<<: x\n", &laughs, deep, &nested] {
        assert!(documents(text).is_err(), "{}", &text[..text.len().min(80)]);
    }
}

/// Files of a directory.
fn written(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::TempDir::new().unwrap();
    let paths = files.iter().map(|(name, text)| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    });
    let paths = paths.collect();
    (dir, paths)
}

const ONE: &str = "current-context: \"\"\nclusters:\n- name: eu\n  cluster: {server: 'https://eu.example:6443/base/', tls-server-name: k8s}\n\
    contexts:\n- {name: eu, context: {cluster: eu, user: ana}}\n- {name: us, context: {cluster: us, user: nobody, namespace: shop}}\n";
const TWO: &str = "current-context: us\nclusters:\n- name: eu\n  cluster: {server: 'https://other.example'}\n\
    - name: us\n  cluster: {server: 'https://us.example'}\nusers:\n- name: ana\n  user: {tokenFile: token, exec: {command: x}}\n";

#[test]
fn of_several_files_the_first_that_says_something_counts() {
    let (dir, paths) = written(&[("one", ONE), ("deep/two", TWO)]);
    let whole = Kubeconfig::of(&paths).unwrap();
    let us = whole.choose(None).unwrap();
    assert_eq!(
        (us.context.as_str(), us.namespace.as_str(), us.site.server.as_str()),
        ("us", "shop", "https://us.example/")
    );
    assert!(matches!(us.user.bears, Bears::Nothing));
    let eu = whole.choose(Some("eu")).unwrap();
    assert_eq!((eu.namespace.as_str(), eu.site.server.as_str()), ("default", "https://eu.example:6443/base/"));
    assert_eq!(eu.site.name.as_deref(), Some("k8s"));
    // A path begins where its file lies, and a token goes before a program.
    let Bears::File(file, None) = eu.user.bears else { panic!("no file") };
    assert_eq!(file, dir.path().join("deep/token"));
    let why = |context: &str| whole.choose(Some(context)).err().unwrap();
    assert!(why("asia").contains("no context \"asia\""), "{}", why("asia"));
    let (_dir, paths) = written(&[("one", ONE)]);
    let alone = Kubeconfig::of(&paths).unwrap();
    assert!(alone.choose(None).err().unwrap().contains("no current context"));
    assert!(alone.choose(Some("us")).err().unwrap().contains("no cluster \"us\""));
}

#[test]
fn files_of_the_environment_need_not_all_be_there_and_none_is_not_the_same_as_a_broken_one() {
    let (dir, paths) = written(&[("two", TWO), ("broken", "a: [")]);
    let absent = dir.path().join("absent");
    let Ok(Found::Read(read)) = Kubeconfig::of_those(&[absent.clone(), paths[0].clone()]) else { panic!() };
    assert_eq!(read.choose(None).err().as_deref(), Some("it has no context \"us\""));
    let Ok(Found::None(named)) = Kubeconfig::of_those(&[absent.clone(), dir.path().join("gone")]) else { panic!() };
    assert!(named.contains("absent") && named.contains("gone"), "{named}");
    // Whatever is there and cannot be used is no reason to go elsewhere.
    for there in [&paths[1], &dir.path().to_owned()] {
        assert!(Kubeconfig::of_those(&[absent.clone(), there.clone()]).is_err(), "{there:?}");
    }
    // One that is declared has to be there.
    assert!(Kubeconfig::of(&[absent]).is_err());
}

#[test]
fn a_file_of_a_token_goes_before_the_token_which_is_for_where_it_cannot_be_read() {
    let two = TWO.replace("tokenFile: token,", "tokenFile: token, token: known,");
    let (_dir, paths) = written(&[("one", ONE), ("two", &two)]);
    let chosen = Kubeconfig::of(&paths).unwrap().choose(Some("eu")).unwrap();
    assert!(matches!(chosen.user.bears, Bears::File(_, Some(_))));
}

#[test]
fn what_is_not_as_it_has_to_be_is_said_without_what_it_is() {
    let with = |cluster: &str, user: &str| {
        format!(
            "clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n"
        )
    };
    let all = [
        (with("server: [hunter2]", ""), "server is not as"),
        (with("server: hunter2", ""), "no http or https address"),
        (with("server: 'ftp://hunter2'", ""), "no http or https address"),
        (with("server: 'https://hunter2@x'", ""), "more than an address"),
        (with("server: 'https://ana:hunter2@x'", ""), "more than an address"),
        (with("server: 'https://x/?hunter2'", ""), "more than an address"),
        (with("server: 'https://x/#hunter2'", ""), "more than an address"),
        (with("server: 'https://x'", "token: hunter2, username: ana, password: hunter2"), "a token and a password"),
        (with("", ""), "has no server"),
        (with("server: 'https://x', insecure-skip-tls-verify: hunter2", ""), "insecure-skip-tls-verify is not as"),
        (with("server: 'https://x', certificate-authority-data: hunter2=", ""), "is no base64"),
        (with("server: 'https://x', certificate-authority: nowhere", ""), "nowhere"),
        (with("server: 'https://x'", "token: [hunter2]"), "token is not as"),
        (
            with("server: 'https://x'", "auth-provider: {name: gcp, config: {access-token: hunter2}}"),
            "\"gcp\" brings no",
        ),
        (with("server: 'https://x'", "exec: {args: [hunter2]}"), "names no program"),
        (with("server: 'https://x'", "client-key-data: aHVudGVyMg=="), "without its client-certificate"),
    ];
    for (text, word) in all {
        let (_dir, paths) = written(&[("kubeconfig", &text)]);
        let why = Kubeconfig::of(&paths).and_then(|whole| whole.choose(Some("x"))).err().unwrap();
        assert!(why.contains(word) && !why.contains("hunter2"), "{text}{why}");
    }
    for text in ["clusters: hunter2", "- hunter2", "a: [hunter2", "clusters: [hunter2]"] {
        let (_dir, paths) = written(&[("kubeconfig", text)]);
        let why = Kubeconfig::of(&paths).err().unwrap();
        assert!(why.contains("not as a kubeconfig has to be") && !why.contains("hunter2"), "{text}: {why}");
    }
}

#[test]
fn a_program_is_told_of_its_cluster_where_it_wants_to_know() {
    let text = "clusters:\n- name: c\n  cluster:\n    server: https://x\n    certificate-authority: ca\n    extensions:\n    \
        - {name: client.authentication.k8s.io/exec, extension: {port: 8443, audience: x}}\n\
        users:\n- name: u\n  user: {exec: {command: bin/login, args: [-v, 3, true], env: [{name: A, value: FALSE}], provideClusterInfo: true, apiVersion: v1}}\n\
        contexts: [{name: x, context: {cluster: c, user: u}}]\n";
    let (dir, paths) = written(&[("kubeconfig", text), ("ca", "pem")]);
    let chosen = Kubeconfig::of(&paths[..1]).unwrap().choose(Some("x")).unwrap();
    let Bears::Program(program) = chosen.user.bears else { panic!("no program") };
    assert_eq!(program.command, dir.path().join("bin/login").to_str().unwrap());
    assert_eq!(
        (program.args.as_slice(), program.env.as_slice()),
        (&["-v".to_owned(), "3".to_owned(), "true".to_owned()][..], &[("A".to_owned(), "false".to_owned())][..])
    );
    let cluster = program.cluster.unwrap();
    assert_eq!(cluster["server"], "https://x");
    assert_eq!(cluster["certificate-authority-data"], "cGVt");
    assert_eq!(cluster["config"], json!({ "port": 8443, "audience": "x" }));
}
