//! Gets a probe document: from this machine, from another over ssh, or from a
//! file captured before. All three are the same document; a live machine is
//! always asked by running the one probe with its own `sh`. It never runs
//! anything else, and believes nothing outside the markers it asked for.

use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::document;
use super::document::Document;
use super::document::DocumentError;
use super::process;
use super::process::Limits;
use super::process::Output;
use super::process::ProcessError;
use super::ssh::Session;
use super::ssh::SshError;
use super::ssh::Sudo;

/// The probe: a script for any POSIX shell, read from standard input.
pub const PROBE: &str = include_str!("probe.sh");

/// What to ask a live machine for, and for how long.
#[derive(Clone, Debug)]
pub struct CaptureOptions {
    /// Also serial numbers, DMI UUIDs and disk ids.
    pub serials: bool,
    /// When to become root on a remote machine.
    pub sudo: Sudo,
    /// How long the probe may take.
    pub timeout: Duration,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The answer stopped before the closing marker.
    #[error("the answer of the machine broke off; was the connection lost?")]
    BrokenOff,
    /// The answer is no valid document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A snapshot that can't be read.
    #[error("can't read the snapshot `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A directory that holds neither a document nor a captured tree.
    #[error("`{}` holds neither a `snapshot.txt` nor a `sys` and a `proc`", path.display())]
    NoSnapshot {
        /// The directory.
        path: PathBuf,
    },
    /// Something answered, but not the probe.
    #[error("the machine ran no probe{}", detail_of(detail))]
    NotTheProbe {
        /// The start of what it said on standard error, made printable.
        detail: String,
    },
    /// `sh` did not run or was not kept within its bounds.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The connection.
    #[error(transparent)]
    Ssh(#[from] SshError),
}

impl Default for CaptureOptions {
    fn default() -> Self {
        Self { serials: false, sudo: Sudo::Auto, timeout: Duration::from_secs(120) }
    }
}

/// Probes this machine.
///
/// # Errors
/// If `sh` can't be run or does not answer with a document.
pub fn local(options: &CaptureOptions) -> Result<Document, CaptureError> {
    run_probe(options, None, |script| {
        Ok(process::run(Command::new("sh").arg("-s"), script, &limits(options))?)
    })
}

/// Probes the machine at the other end of an ssh session.
///
/// # Errors
/// If the session fails or the answer is not exactly one document.
pub fn remote(session: &Session, options: &CaptureOptions) -> Result<Document, CaptureError> {
    run_probe(options, None, |script| {
        Ok(session.run_script(script, options.sudo, &limits(options))?)
    })
}

/// Reads a snapshot: a document, a directory with a `snapshot.txt`, or a
/// directory with copies of `sys`, `proc`, `dev` and `etc` (then probed in
/// place).
///
/// # Errors
/// If it can't be read or is not a valid document.
pub fn snapshot(path: &Path, options: &CaptureOptions) -> Result<Document, CaptureError> {
    if !path.is_dir() {
        return read_file(path);
    }
    let file = path.join("snapshot.txt");
    if file.exists() {
        return read_file(&file);
    }
    if !path.join("sys").is_dir() && !path.join("proc").is_dir() {
        return Err(CaptureError::NoSnapshot { path: path.to_owned() });
    }
    run_probe(options, Some(path), |script| {
        Ok(process::run(Command::new("sh").arg("-s"), script, &limits(options))?)
    })
}

fn read_file(path: &Path) -> Result<Document, CaptureError> {
    let failed = |source| CaptureError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(document::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Document::parse(&bytes)?)
}

fn run_probe(
    options: &CaptureOptions,
    root: Option<&Path>,
    run: impl FnOnce(&str) -> Result<Output, CaptureError>,
) -> Result<Document, CaptureError> {
    let nonce = process::nonce()?;
    let mut script = format!("HOSTWARD_NONCE={nonce}\nHOSTWARD_ROOT=\nHOSTWARD_SERIALS=\n");
    if options.serials {
        script += "HOSTWARD_SERIALS=1\n";
    }
    if let Some(root) = root {
        let root = root.to_str().and_then(|root| shlex::try_quote(root).ok());
        let root = root.ok_or_else(|| CaptureError::NoSnapshot { path: PathBuf::new() })?;
        script += &format!("HOSTWARD_ROOT={root}\n");
    }
    script += PROBE;
    let output = run(&script)?;
    Ok(Document::parse(framed(&output, &nonce)?)?)
}

fn limits(options: &CaptureOptions) -> Limits {
    // room for what a login shell says before the probe starts
    Limits { bytes: document::MAX_BYTES + (64 << 10), time: options.timeout }
}

/// What stands between the two markers that only this run knows.
fn framed<'a>(output: &'a Output, nonce: &str) -> Result<&'a [u8], CaptureError> {
    let stdout = &output.stdout;
    let begin = format!("hostward-begin {nonce}\n");
    let end = format!("hostward-end {nonce}\n");
    let start = memchr::memmem::find(stdout, begin.as_bytes())
        .ok_or_else(|| CaptureError::NotTheProbe { detail: process::printable(&output.stderr) })?;
    let body = &stdout[start + begin.len()..];
    let stop = memchr::memmem::find(body, end.as_bytes()).ok_or(CaptureError::BrokenOff)?;
    Ok(&body[..stop])
}

fn detail_of(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!("; it said: {detail}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_part_counts() {
        let output = |stdout: &str| Output {
            stdout: stdout.as_bytes().to_vec(),
            stderr: b"sh: \x1b[31mno\n".to_vec(),
            code: Some(0),
        };
        let whole = output("motd\nhostward-begin 77\ntext\nhostward-end 77\nbye\n");
        assert_eq!(framed(&whole, "77").unwrap(), b"text\n");
        let fake = output("hostward-begin 0\ntext\nhostward-end 0\n");
        let Err(CaptureError::NotTheProbe { detail }) = framed(&fake, "77") else {
            panic!("a document without the nonce was taken");
        };
        assert_eq!(detail, "sh: \u{fffd}[31mno");
        let cut = output("hostward-begin 77\ntext\n");
        assert!(matches!(framed(&cut, "77"), Err(CaptureError::BrokenOff)));
    }
}
