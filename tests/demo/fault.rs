//! The fault of payments 4.2.0, measured: harmless where customers pay in euro,
//! ruinous where they do not, and gone when it is taken back. The one slow test.

use crate::ground::{Counters, Ground};
use crate::support::until;
use std::time::Duration;

/// What one region's routers have counted: payments and fx.
struct Reading(Counters, Counters);

fn read(ground: &Ground, region: &str) -> Reading {
    Reading(ground.counters("payments", region), ground.counters("fx", region))
}

/// The first reading after which so many more payments were answered.
#[track_caller]
fn after(ground: &Ground, region: &str, before: &Reading, more: f64) -> Reading {
    let enough = |now: &Reading| now.0.since(&before.0, "requests_total", &[]) >= more;
    until(Duration::from_secs(30), || Some(read(ground, region)).filter(enough)).expect("customers come")
}

/// The first window of so many payments that is as it should be: a busy machine may spoil one or two.
#[track_caller]
fn well(ground: &Ground, region: &str, more: f64, fits: impl Fn(&Reading, &Reading) -> bool) -> Reading {
    let window = || {
        let before = read(ground, region);
        let now = after(ground, region, &before, more);
        let told = (now.0.failed(&before.0), now.1.within(&before.1, "0.1"), now.1.within(&before.1, "0.4"));
        println!("{region}: failed, fx within 0.1 s, within 0.4 s: {told:?}");
        fits(&now, &before).then_some(now)
    };
    until(Duration::from_secs(60), window).expect("no window is as it should be")
}

#[test]
fn eu_north_fails_at_full_weight_eu_west_does_not_and_going_back_heals() {
    let ground = Ground::new();
    let run = |words: &str| drop(ground.run(words).exits(0));
    let shift = |region: &str, weight: u8| {
        let (place, key) = (format!("--service payments --env {region}"), format!("{region}:{weight}"));
        let verb = if weight == 25 { "deploy" } else { "promote" };
        run(&format!("{verb} {place} --version 4.2.0 --weight {weight} --key {key}"));
    };

    // A canary of a quarter looks well in both regions.
    std::thread::scope(|scope| {
        scope.spawn(|| shift("eu-west", 25));
        shift("eu-north", 25);
    });
    let west = read(&ground, "eu-west");
    well(&ground, "eu-north", 60.0, |now, before| {
        now.0.failed(&before.0) < 0.02 && now.1.within(&before.1, "0.4") > 0.98
    });

    // All of it is another matter, where they pay in kronor.
    std::thread::scope(|scope| {
        scope.spawn(|| shift("eu-west", 100));
        shift("eu-north", 100);
    });
    let full = read(&ground, "eu-north");
    let now = after(&ground, "eu-north", &full, 110.0);
    let (failed, quick) = (now.0.failed(&full.0), now.1.within(&full.1, "0.4"));
    assert!(failed > 0.03, "at 100 % {failed} failed");
    assert!(quick < 0.5, "at 100 % {quick} of fx's answers took no more than 400 ms");
    let west_now = well(&ground, "eu-west", 60.0, |now, before| now.0.failed(&before.0) < 0.005);
    assert!(west_now.0.since(&west.0, "sales_total", &["4.2.0"]) > 50.0);

    // Back to 4.1.9: it heals, reads the new rows, and they can be reconciled.
    run("roll-back --service payments --env eu-north --to 4.1.9 --key back");
    let back = read(&ground, "eu-north");
    after(&ground, "eu-north", &back, 30.0);
    let now = well(&ground, "eu-north", 40.0, |now, before| {
        now.0.failed(&before.0) < 0.005 && now.1.within(&before.1, "0.1") > 0.95
    });
    // A request that a busy machine held up may still write a row, and one whose caller left is counted nowhere.
    let written = |counters: &Counters| counters.sum("new_format_rows_total", &[]);
    let left = |counters: &Counters| counters.sum("left_total", &[]);
    let reconciled = ground.result("reconcile --env eu-north --key tidy");
    let rows: f64 = reconciled["detail"]["reconciled"].as_str().unwrap().parse().unwrap();
    let after = read(&ground, "eu-north").0;
    let (least, most) = (written(&now.0), written(&after) + left(&after));
    assert!((least..=most).contains(&rows), "{least} to {most}: {reconciled}");
    assert_eq!(reconciled["detail"]["left"], "0");
    assert_eq!(ground.run("probe --key tidy").exits(0).json()["found"], "applied");
    ground.answer("/payments/eu-north/version");
}
