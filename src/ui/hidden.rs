//! Reads one line that the terminal does not show. However the reading ends, by a signal too, the
//! terminal is left as it was.

use std::fs::File;
use std::io;
use std::io::Read;
use std::time::Duration;

use rustix::event::PollFd;
use rustix::event::PollFlags;
use rustix::event::Timespec;
use rustix::event::poll;
use rustix::termios::LocalModes;
use rustix::termios::OptionalActions;
use rustix::termios::SpecialCodeIndex;
use rustix::termios::Termios;
use rustix::termios::tcgetattr;
use rustix::termios::tcsetattr;
use zeroize::Zeroizing;

use super::signals;
use crate::crypto::Secret;

/// How long a signal may go unseen that came just before the waiting began.
const PATIENCE: Duration = Duration::from_millis(100);

/// The line without its end. `None`: the input ended instead.
///
/// # Errors
///
/// Those of the terminal.
pub(super) fn read_line(mut terminal: &File) -> io::Result<Option<Secret>> {
    let mut guard = signals::Guard::new()?;
    let quiet = Quiet::new(terminal)?;
    let mut line = Secret::with_capacity(4096);
    // The kernel edits the line, and hands out no more than this of it at once.
    let mut chunk = Zeroizing::new([0; 4096]);
    loop {
        if let Some(signal) = wait(terminal, &mut guard)? {
            drop(quiet);
            signals::die_of(signal);
        }
        let read = terminal.read(chunk.as_mut())?;
        line.extend(&chunk[..read]);
        if let Some(end) = line.as_bytes().iter().position(|byte| *byte == b'\n') {
            line.truncate(end);
            return Ok(Some(line));
        }
        if read == 0 {
            return Ok(None);
        }
    }
}

/// Blocks until there is input, or a signal that ends the program.
fn wait(terminal: &File, guard: &mut signals::Guard) -> io::Result<Option<i32>> {
    loop {
        if let Some(signal) = guard.fatal() {
            return Ok(Some(signal));
        }
        let patience = Timespec::try_from(PATIENCE).ok();
        let mut polled = [PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut polled, patience.as_ref()) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A terminal that does not show what is typed, until this is dropped.
struct Quiet<'a> {
    before: Termios,
    terminal: &'a File,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        quiet.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        // The shell that a stopped program returns to would show what is typed after it goes on.
        quiet.special_codes[SpecialCodeIndex::VSUSP] = 0;
        // What was typed before the question was no answer to it.
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { before, terminal })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs no mending.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
