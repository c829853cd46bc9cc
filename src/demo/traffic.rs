//! The customers: they come at a steady rate, pay in the currencies of their
//! region, and go away when it takes too long. Nothing is random, so that two
//! runs of the demo see the same mix.

use super::failure::Failure;
use super::flags::Flags;
use super::layout::Layout;
use super::link::Pool;
use super::live::Ports;
use super::place::{Place, REGIONS};
use super::serve;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// Customers a second in each region.
const RATE: f64 = 18.0;
/// Questions a second that the treasury of each region puts to fx itself.
const TREASURY: f64 = 3.0;
/// Everybody waits at least so long, in seconds.
const PATIENCE: f64 = 0.4;
/// How much longer they wait on average, in seconds.
const MORE_PATIENCE: f64 = 1.2;

/// Sends customers until killed.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let ports = Ports::load(&Layout::new(flags.dir()?))?;
    serve::block_on(async move {
        for region in REGIONS {
            let place = Place::new("payments", region).map_err(Failure::refused)?;
            let pool = Rc::new(Pool::new(ports.router(&place)?));
            tokio::task::spawn_local(customers(region, pool));
            tokio::task::spawn_local(treasury(Pool::new(ports.router(&place.beside("fx"))?)));
        }
        std::future::pending().await
    })
}

async fn customers(region: &'static str, pool: Rc<Pool>) {
    let mut next = Instant::now();
    for n in 0u64.. {
        let gap = (0.6 + 0.8 * spread(n, 3)) / RATE;
        next += Duration::from_secs_f64(gap);
        // After a pause of ours nobody has waited outside.
        next = next.max(Instant::now());
        sleep_until(next).await;
        let pool = Rc::clone(&pool);
        tokio::task::spawn_local(async move { drop(timeout(patience(n), pool.get(&payment(region, n))).await) });
    }
}

/// Asks fx for rates all day, over one connection; fx has numbers even when nobody pays.
async fn treasury(pool: Pool) {
    loop {
        let _ = timeout(Duration::from_secs(2), pool.get("/quote?currency=SEK")).await;
        tokio::time::sleep(Duration::from_secs_f64(1.0 / TREASURY)).await;
    }
}

fn payment(region: &str, n: u64) -> String {
    let amount = 5.0 + 95.0 * spread(n, 1);
    format!("/pay?currency={}&amount={amount:.2}", currency(region, spread(n, 0)))
}

/// What the customer pays in: eu-west 98 % euro, eu-north 30 %.
fn currency(region: &str, at: f64) -> &'static str {
    let euro = if region == "eu-west" { 0.98 } else { 0.30 };
    match (at - euro) / (1.0 - euro) {
        rest if rest < 0.0 => "EUR",
        rest if rest < 0.5 => "SEK",
        rest if rest < 0.8 => "NOK",
        _ => "DKK",
    }
}

fn patience(n: u64) -> Duration {
    Duration::from_secs_f64(PATIENCE - MORE_PATIENCE * (1.0 - spread(n, 2)).max(1e-6).ln())
}

/// Numbers between 0 and 1 that fill the interval evenly, in several independent rows.
fn spread(n: u64, row: usize) -> f64 {
    const STEPS: [f64; 4] = [0.618_033_988_749_895, 0.414_213_562_373_095, 0.732_050_807_568_877, 0.236_067_977_499_79];
    let step = STEPS.get(row).copied().unwrap_or(0.5);
    (n as f64 * step).fract()
}
