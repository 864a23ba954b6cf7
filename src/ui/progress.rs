//! A progress bar on a terminal, for work that takes longer than a blink; silent elsewhere.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use super::Ui;

/// A running bar; it erases itself when dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over `total` steps of `doing` ("rekeying").
    pub fn start(ui: &Ui, doing: &'static str, total: usize) -> Self {
        let target = if ui.shows_progress() && total > 1 {
            ProgressDrawTarget::stderr_with_hz(12)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_message(doing);
        bar.enable_steady_tick(Duration::from_millis(500));
        *running() = Some(bar.clone());
        Self { bar }
    }

    /// One more step is done. Callable from any thread.
    pub fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *running() = None;
        self.bar.finish_and_clear();
    }
}

/// Takes the running bar off the screen while `act` asks something.
pub(super) fn aside<T>(act: impl FnOnce() -> T) -> T {
    let bar = running().clone();
    match bar {
        Some(bar) => bar.suspend(act),
        None => act(),
    }
}

fn running() -> MutexGuard<'static, Option<ProgressBar>> {
    static RUNNING: Mutex<Option<ProgressBar>> = Mutex::new(None);
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
