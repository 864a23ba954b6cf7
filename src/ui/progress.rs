//! A progress bar on a terminal, for work that takes longer than a blink; silent elsewhere.

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
        Self { bar }
    }

    /// One more step is done. Callable from any thread.
    pub fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
