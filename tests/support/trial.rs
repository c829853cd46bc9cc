//! Trials on a machine that stands still: all of it at once and for seconds, as a virtual machine may.
//!
//! What is promised within a time is not kept then, and it is nobody's fault. A trial that failed while the machine
//! stood still is begun anew, a few times, in a process of its own; one that failed undisturbed has failed. Nothing
//! is repeated that went well, and nothing that failed by itself.

use super::standstill::stood_still;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;

/// How often a trial is begun anew at most.
pub const ANEW: usize = 5;
/// Says to a process that it is such a trial.
pub const MARK: &str = "HOLDPOINT_TRIAL_ANEW";

/// Runs a trial; where it fails and the machine stood still meanwhile, this test is begun anew.
///
/// A test that runs alone on the main thread has no name to be called by: there it is not.
pub fn trial<T: Default>(trial: impl FnOnce() -> T) -> T {
    let before = stood_still();
    let failed = match catch_unwind(AssertUnwindSafe(trial)) {
        Ok(done) => return done,
        Err(failed) => failed,
    };
    let me = std::thread::current().name().filter(|name| *name != "main").map(str::to_owned);
    let (Some(me), None) = (me, std::env::var_os(MARK)) else { resume_unwind(failed) };
    let mut before = before;
    for _ in 0..ANEW {
        let still = stood_still() - before;
        if still.is_zero() {
            break;
        }
        println!("the machine stood still for {still:?} during this trial; it is begun anew");
        before = stood_still();
        let anew = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &me, "--include-ignored", "--nocapture"])
            .env(MARK, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&anew.stdout);
        println!("{said}{}", String::from_utf8_lossy(&anew.stderr));
        if anew.status.success() && said.contains("1 passed") {
            return T::default();
        }
    }
    resume_unwind(failed)
}
