//! What a process has used, as the kernel counts it.

use std::fs;
use std::time::Duration;

/// Counters at one moment.
pub struct Usage {
    nanos: u64,
    switches: u64,
    resident: f64,
    peak: f64,
}

/// What was used between two moments: CPU in percent of one core, wakeups a
/// second, memory in MiB.
pub struct Used {
    pub cpu: f64,
    pub wakeups: f64,
    pub resident: f64,
    pub peak: f64,
}

impl Usage {
    pub fn of(pid: u32) -> Self {
        let tasks: Vec<_> = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten().map(|e| e.path()).collect();
        let nanos = |task: &std::path::PathBuf| {
            let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0)
        };
        let switches = |task: &std::path::PathBuf| number(&task.join("status"), "voluntary_ctxt_switches:");
        let status = std::path::PathBuf::from(format!("/proc/{pid}/status"));
        Self {
            nanos: tasks.iter().map(nanos).sum(),
            switches: tasks.iter().map(switches).sum(),
            resident: number(&status, "VmRSS:") as f64 / 1024.0,
            peak: number(&status, "VmHWM:") as f64 / 1024.0,
        }
    }

    /// Milliseconds of processor since its start.
    pub fn spent(&self) -> f64 {
        self.nanos as f64 / 1e6
    }

    /// The most that was resident since its start, in MiB.
    pub fn peak(&self) -> f64 {
        self.peak
    }

    pub fn until(&self, later: &Usage, time: Duration) -> Used {
        Used {
            cpu: later.nanos.saturating_sub(self.nanos) as f64 / time.as_nanos() as f64 * 100.0,
            wakeups: later.switches.saturating_sub(self.switches) as f64 / time.as_secs_f64(),
            resident: later.resident,
            peak: later.peak,
        }
    }
}

fn number(file: &std::path::Path, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}
