//! Up, serving, and small.

use crate::ground::Ground;
use crate::support::sandbox::{HOLDPOINT, LIMIT, finish};
use crate::support::{executable, promised, wait_until};
use holdpoint::demo::{self, Options};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn it_comes_up_quickly_with_customers_who_pay_and_metrics_that_can_be_read() {
    let begun = Instant::now();
    let ground = Ground::new();
    assert!(begun.elapsed() < promised(Duration::from_secs(5)), "{:?}", begun.elapsed());
    for region in ["eu-west", "eu-north"] {
        wait_until("customers pay", promised(Duration::from_secs(5)), || {
            ground.counters("payments", region).sum("sales_total", &["4.1.9"]) > 10.0
        });
        assert_eq!(ground.answer(&format!("/ledger/{region}/version")), "7.0.3\n");
        assert_eq!(ground.counters("ledger", region).sum("schema_version", &[]), 117.0);
    }
    for service in ["payments", "ledger", "fx"] {
        let page = ground.answer(&format!("/{service}/eu-north/metrics"));
        well_formed(&page);
    }
    for process in ground.processes() {
        let status = fs::read_to_string(format!("/proc/{}/status", process.pid)).unwrap();
        let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        let kilobytes: u64 = own.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kilobytes < 8 * 1024, "{kilobytes} kB: {}", process.command);
    }
}

/// Every family is declared before its samples, histograms add up, and the end is there.
fn well_formed(page: &str) {
    let mut family = String::new();
    let mut bucket = 0.0;
    assert!(page.ends_with("\n# EOF\n"), "{page}");
    for line in page.lines().filter(|line| *line != "# EOF") {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            family = declared.split(' ').next().unwrap().to_owned();
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        assert!(name.starts_with(&family), "{line} is not of {family}");
        let value: f64 = value.parse().unwrap();
        if name.ends_with("_bucket") {
            assert!(series.contains("le=\"0.005\"") || value >= bucket, "{line} is less than {bucket}");
            bucket = value;
        } else if name.ends_with("_count") {
            assert_eq!(value, bucket, "{line}");
        }
    }
}

#[test]
fn its_workspace_is_without_a_mistake() {
    let ground = Ground::new();
    for fast in [true, false] {
        if !fast {
            ground.run("down").exits(0);
            let options = Options { program: Some(HOLDPOINT.into()), ..Options::default() };
            drop(demo::up(&ground.dir(), &options).unwrap());
        }
        let mut check = Command::new(HOLDPOINT);
        check.arg("check").arg("-C").arg(ground.dir());
        finish(check, b"", LIMIT).exits(0);
        for file in ["holdpoint.toml", "services.toml", "signals.toml", "calendar/train.toml", "runbooks/train.toml"] {
            let text = fs::read_to_string(ground.dir().join(file)).unwrap();
            let is_mark = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            assert_eq!(text.split('@').find(is_mark), None, "a mark is left in {file}");
        }
    }
}

#[test]
fn what_is_up_answers_the_first_question() {
    for _ in 0..5 {
        let ground = Ground::new();
        for place in
            ["payments/eu-west", "ledger/eu-west", "fx/eu-west", "payments/eu-north", "ledger/eu-north", "fx/eu-north"]
        {
            assert!(ground.get(&format!("/{place}/version"), LIMIT).is_some(), "{place} does not answer");
        }
    }
}

#[test]
fn a_directory_with_something_else_in_it_is_left_alone() {
    let ground = Ground::empty();
    fs::create_dir_all(ground.dir()).unwrap();
    fs::write(ground.dir().join("holdpoint.toml"), "mine").unwrap();
    let refused = demo::up(&ground.dir(), &Options { program: Some(HOLDPOINT.into()), ..Options::default() });
    assert!(refused.unwrap_err().words.contains("something else"));
    assert_eq!(fs::read_to_string(ground.dir().join("holdpoint.toml")).unwrap(), "mine");
    assert_eq!(fs::read_dir(ground.dir()).unwrap().count(), 1);
}

#[test]
fn a_second_estate_in_the_same_directory_is_refused() {
    let ground = Ground::new();
    let refused = demo::up(&ground.dir(), &Options { program: Some(HOLDPOINT.into()), ..Options::default() });
    assert!(refused.unwrap_err().words.contains("up already"));
    ground.answer("/payments/eu-west/version");
}

#[test]
fn one_that_does_not_come_up_leaves_its_log_and_nothing_else() {
    for remove in [true, false] {
        let ground = Ground::empty();
        let dir = ground.dir();
        let program = dir.parent().unwrap().join("broken");
        executable::write(&program, "#!/bin/sh\necho 'no port is free' >&2\nexit 1\n");
        let failure = demo::up(&dir, &Options { program: Some(program), remove, ..Options::default() }).unwrap_err();
        let log = dir.with_extension("log");
        assert!(
            failure.words.contains("no port is free") && failure.words.contains(log.to_str().unwrap()),
            "{failure}"
        );
        assert_eq!(fs::read_to_string(&log).unwrap(), "no port is free\n");
        assert!(!dir.exists(), "its directory is left");
    }
}

#[test]
fn one_that_does_not_come_up_where_another_was_takes_nothing_of_it_away() {
    let ground = Ground::empty();
    let dir = ground.dir();
    fs::create_dir_all(dir.join("estate")).unwrap();
    fs::write(dir.join("mine.txt"), "mine").unwrap();
    let program = Some("/bin/false".into());
    demo::up(&dir, &Options { program, remove: false, ..Options::default() }).unwrap_err();
    assert_eq!(fs::read_to_string(dir.join("mine.txt")).unwrap(), "mine");
}
