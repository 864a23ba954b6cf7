//! While plaintext lies in a private directory, or the terminal does not echo, a signal must not end the
//! program before that is undone. Outside of such times every signal does what it does by default.

use std::io;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use signal_hook::consts::SIGCHLD;
use signal_hook::consts::SIGHUP;
use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGQUIT;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

/// From its creation to its drop, signals are delivered to [`Guard::wait`] instead of ending the program.
pub(super) struct Guard {
    signals: Signals,
}

impl Guard {
    pub(super) fn new() -> io::Result<Self> {
        let unguarded = unguarded()?;
        let signals = Signals::new([SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
        unguarded.store(false, Ordering::SeqCst);
        Ok(Self { signals })
    }

    /// Blocks until a signal is there.
    pub(super) fn wait(&mut self) -> Vec<i32> {
        self.signals.wait().collect()
    }

    /// Signals that came since the last look.
    pub(super) fn pending(&mut self) -> Vec<i32> {
        self.signals.pending().collect()
    }

    /// One of those that would have ended the program.
    pub(super) fn fatal(&mut self) -> Option<i32> {
        self.pending().into_iter().find(|signal| *signal != SIGCHLD)
    }

    /// Gives signals their default back. Returns one that came since the last look and would have ended the program.
    pub(super) fn end(mut self) -> Option<i32> {
        // In this order none falls between the two.
        self.release();
        self.fatal()
    }

    fn release(&self) {
        if let Ok(unguarded) = unguarded() {
            unguarded.store(true, Ordering::SeqCst);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.release();
    }
}

/// Ends the program as the signal would have done by itself.
pub(super) fn die_of(signal: i32) -> ! {
    // The exit is for a signal whose default is not to end the program, which none of ours is.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    std::process::exit(128 + signal)
}

/// The switch that gives signals their default back: once a handler is registered the system's own
/// default is gone, so it has to be emulated from then on.
fn unguarded() -> io::Result<Arc<AtomicBool>> {
    static SWITCH: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(switch) = SWITCH.get() {
        return Ok(Arc::clone(switch));
    }
    let switch = Arc::new(AtomicBool::new(true));
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&switch))?;
    }
    Ok(Arc::clone(SWITCH.get_or_init(|| switch)))
}
