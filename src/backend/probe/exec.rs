//! Running a program: 1 when it exits with 0, 0 when with anything else.
//!
//! One that cannot be started, does not end or is killed has said nothing.

use super::super::child::{self, Capture, End, Wanted};

/// Runs it.
pub async fn check(wanted: &Wanted) -> Result<f64, String> {
    let ended = child::run(wanted, Capture::default()).await.map_err(|e| e.to_string())?;
    match ended.end {
        End::Exited(0) => Ok(1.0),
        End::Exited(_) => Ok(0.0),
        End::Signalled(signal) => Err(format!("the program was killed by signal {signal}")),
        End::OutOfTime => Err(format!("the program did not end in {:?}", wanted.limit)),
        End::Unknown => Err("the program's end could not be waited for".to_owned()),
    }
}
