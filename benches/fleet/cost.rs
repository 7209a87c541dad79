//! What a program that is run costs: its own CPU, from the kernel's accounting of children that have ended.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Seconds of CPU.
    pub cpu: f64,
    /// Seconds on the wall.
    pub wall: f64,
    /// The most memory at one time, in KiB.
    pub peak: u64,
}

/// Runs a program to its end, which must be good.
pub fn timed(command: &mut Command) -> Cost {
    let (before, begin) = (children_cpu(), Instant::now());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(peak);
        }
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    assert!(ended.success(), "{command:?}");
    Cost { cpu: children_cpu() - before, wall: begin.elapsed().as_secs_f64(), peak }
}

/// CPU seconds of all children that have ended: `cutime` and `cstime` of proc(5), in ticks of 10 ms.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap();
    (ticks(13) + ticks(14)) / 100.0
}

/// The run in the middle, by CPU.
pub fn median(runs: &[Cost]) -> Cost {
    let mut sorted = runs.to_vec();
    sorted.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    *sorted.get(sorted.len() / 2).unwrap()
}
