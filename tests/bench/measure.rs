//! Times of whole processes, and how they are printed.

use std::borrow::BorrowMut;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// The median of `runs` measurements, after one that does not count.
pub(crate) fn median(runs: usize, mut once: impl FnMut() -> Duration) -> Duration {
    once();
    let mut times: Vec<Duration> = (0..runs).map(|_| once()).collect();
    times.sort_unstable();
    times[runs / 2]
}

/// Runs a command that must succeed; its output goes nowhere.
pub(crate) fn run(mut command: impl BorrowMut<Command>) -> Duration {
    let command = command.borrow_mut();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().unwrap();
    let time = start.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    time
}

/// The largest resident size of a command, in KiB, as the kernel counts it.
pub(crate) fn peak_memory(mut command: Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}

/// A program on the search path, or among those that `tests/run` has made.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let made = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers/bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain([made]);
    dirs.map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// One printed line.
pub(crate) struct Row<'a> {
    name: &'a str,
    ratio: Option<f64>,
    time: Duration,
}

impl<'a> Row<'a> {
    pub(crate) fn new(name: &'a str, time: Duration) -> Self {
        Self { name, ratio: None, time }
    }

    /// Adds how this compares with our own time.
    pub(crate) fn against(self, ours: Duration) -> Self {
        Self { ratio: Some(self.time.as_secs_f64() / ours.as_secs_f64()), ..self }
    }

    pub(crate) fn print(self) {
        let ratio = self.ratio.map(|ratio| format!("  {ratio:.2} × our time"));
        let millis = self.time.as_secs_f64() * 1e3;
        println!("  {:<46} {millis:>9.1} ms{}", self.name, ratio.unwrap_or_default());
    }
}
