//! Runs one command with a script on its standard input and reads what it
//! prints, within bounds of bytes and time. It leaves no process behind that
//! goes on printing.

use std::io;
use std::io::Read;
use std::io::Write;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use std::time::Instant;

/// Bounds of a run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Most bytes of standard output.
    pub(crate) bytes: usize,
    /// Longest time from start to end.
    pub(crate) time: Duration,
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: Vec<u8>,
    /// The first 16 KiB.
    pub(crate) stderr: Vec<u8>,
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
}

/// Why a command has no usable output.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Feeding or reading it failed.
    #[error("lost the connection to `{program}`")]
    Io {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It could not be started.
    #[error("can't run `{program}`")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It took too long.
    #[error("`{program}` gave no complete answer in {seconds} seconds")]
    TooLong {
        /// The program.
        program: String,
        /// The bound.
        seconds: u64,
    },
    /// It printed too much.
    #[error("`{program}` printed more than {bytes} bytes")]
    TooMuch {
        /// The program.
        program: String,
        /// The bound.
        bytes: usize,
    },
}

const STDERR_BYTES: usize = 16 << 10;

enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    StdoutEnd(io::Result<()>),
    StderrEnd,
}

/// Runs `command` with `script` on its standard input.
pub(crate) fn run(
    command: &mut Command,
    script: &str,
    limits: &Limits,
) -> Result<Output, ProcessError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let deadline = Instant::now() + limits.time;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command
        .spawn()
        .map_err(|source| ProcessError::Spawn { program: program.clone(), source })?;
    let mut child = Reaped(child);
    let (send, events) = mpsc::sync_channel(4);
    feed(&mut child.0, script);
    listen(&mut child.0, send);
    let mut stdout = Vec::new();
    let mut stderr = Vec::new();
    let mut open = true;
    let mut errors_open = true;
    let mut grace = deadline;
    while open || errors_open {
        let wait = if open { deadline } else { grace.min(deadline) };
        match events.recv_timeout(wait.saturating_duration_since(Instant::now())) {
            Ok(Event::Stdout(bytes)) => {
                stdout.extend_from_slice(&bytes);
                if stdout.len() > limits.bytes {
                    return Err(ProcessError::TooMuch { program, bytes: limits.bytes });
                }
            }
            Ok(Event::Stderr(bytes)) => {
                let room = STDERR_BYTES.saturating_sub(stderr.len());
                stderr.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            Ok(Event::StdoutEnd(result)) => {
                result.map_err(|source| ProcessError::Io { program: program.clone(), source })?;
                open = false;
                // the ssh master stays and keeps standard error open
                grace = Instant::now() + Duration::from_millis(300);
            }
            Ok(Event::StderrEnd) => errors_open = false,
            Err(RecvTimeoutError::Timeout) if open => {
                return Err(ProcessError::TooLong { program, seconds: limits.time.as_secs() });
            }
            Err(_) => break,
        }
    }
    let code = child.wait(deadline).map_err(|source| ProcessError::Io { program, source })?;
    Ok(Output { stdout, stderr, code })
}

/// Text of another machine, fit to be shown: one paragraph, no control
/// characters, not endless.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = lines.join("; ");
    line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(500).collect()
}

/// 32 hexadecimal digits that nobody can guess.
pub(crate) fn nonce() -> Result<String, ProcessError> {
    let mut bytes = [0; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|source| ProcessError::Io { program: "/dev/urandom".to_owned(), source })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes the script from a thread of its own: a command that prints before it
/// reads would block both sides otherwise.
fn feed(child: &mut Child, script: &str) {
    if let Some(mut stdin) = child.stdin.take() {
        let script = script.to_owned();
        // a command that ends early closes the pipe; its exit says why
        std::thread::spawn(move || drop(stdin.write_all(script.as_bytes())));
    }
}

fn listen(child: &mut Child, send: mpsc::SyncSender<Event>) {
    if let Some(mut stderr) = child.stderr.take() {
        let send = send.clone();
        std::thread::spawn(move || {
            let _ = copy(&mut stderr, |bytes| send.send(Event::Stderr(bytes)).is_ok());
            let _ = send.send(Event::StderrEnd);
        });
    }
    if let Some(mut stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let result = copy(&mut stdout, |bytes| send.send(Event::Stdout(bytes)).is_ok());
            let _ = send.send(Event::StdoutEnd(result));
        });
    }
}

/// Reads to the end, or until nobody wants more.
fn copy(from: &mut impl Read, mut to: impl FnMut(Vec<u8>) -> bool) -> io::Result<()> {
    let mut buffer = [0; 8 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) if to(buffer[..count].to_vec()) => {}
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A child that does not outlive its owner.
struct Reaped(Child);

impl Reaped {
    fn wait(&mut self, deadline: Instant) -> io::Result<Option<i32>> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status.code());
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        // both fail if it is gone already, which is what is wanted
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, bytes: usize, millis: u64) -> Result<Output, ProcessError> {
        let limits = Limits { bytes, time: Duration::from_millis(millis) };
        run(Command::new("sh").arg("-s"), script, &limits)
    }

    #[test]
    fn output_and_code() {
        let output = sh("echo out; echo err >&2; exit 7", 100, 5000).unwrap();
        assert_eq!(
            (output.stdout.as_slice(), output.stderr.as_slice(), output.code),
            (&b"out\n"[..], &b"err\n"[..], Some(7))
        );
    }

    #[test]
    fn endless_output_is_stopped() {
        assert!(matches!(
            sh("while :; do echo yes; done", 10_000, 5000),
            Err(ProcessError::TooMuch { .. })
        ));
        assert!(matches!(
            sh("while :; do echo yes >&2; done", 10_000, 300),
            Err(ProcessError::TooLong { .. })
        ));
        assert!(matches!(sh("sleep 20", 10, 200), Err(ProcessError::TooLong { .. })));
    }

    #[test]
    fn a_missing_program_is_named() {
        let limits = Limits { bytes: 1, time: Duration::from_secs(1) };
        let error = run(&mut Command::new("hostward-no-such-program"), "", &limits).unwrap_err();
        assert_eq!(error.to_string(), "can't run `hostward-no-such-program`");
    }
}
