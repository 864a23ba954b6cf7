//! `hostward decrypt`, and what `show` shares with it: finding an encrypted file and opening it, as a
//! stream where its size may be large.

use std::fs::File;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::session::Session;
use super::target;
use crate::apply::output::Output;
use crate::crypto;
use crate::crypto::OpenError;
use crate::crypto::Secret;
use crate::text::prose;

/// Decrypt a secret to a file or a pipe, whatever its size
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward decrypt secrets/backup.age | tar -x\n  hostward decrypt secrets/tls.age -o /run/tls.key"
)]
pub(super) struct DecryptArgs {
    /// The secret
    path: PathBuf,
    /// Where to write the plaintext, readable by you alone; stdout without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file if there is one
    #[arg(short, long)]
    force: bool,
}

pub(super) fn run(session: &Session<'_>, args: &DecryptArgs) -> Result<ExitCode, CliError> {
    let file = locate(session, &args.path)?;
    let Some(path) = &args.output else {
        if session.ui.answers_to_terminal() {
            return Err(CliError::failed("a secret is not written to a terminal")
                .hint("hostward show asks and prints it; -o FILE writes it to a file"));
        }
        stream(session, &file, session.ui.raw_answer())?;
        return Ok(ExitCode::SUCCESS);
    };
    let failed = |error| {
        CliError::from(error).context(format_args!("cannot write `{}`", session.shown(path)))
    };
    if !args.force && path.symlink_metadata().is_ok() {
        return Err(CliError::failed(format_args!("`{}` exists", session.shown(path)))
            .hint("use --force to replace it"));
    }
    let mut output = Output::create(path).map_err(failed)?;
    let bytes = stream(session, &file, output.file())?;
    output.finish(args.force).map_err(failed)?;
    session.ui.status(format_args!(
        "wrote {} to `{}`",
        prose::count(bytes as usize, "byte"),
        session.shown(path)
    ));
    Ok(ExitCode::SUCCESS)
}

/// The encrypted file that the user means: the path as typed, or else a secret of the fleet by name.
/// The fleet is read only if it must be.
pub(super) fn locate(session: &Session<'_>, path: &Path) -> Result<PathBuf, CliError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let fleet = session.fleet()?;
    let secret = target::ruled_secret(session, &fleet, path)?;
    let absolute = fleet.root.absolute(&secret.path);
    if !absolute.exists() {
        let shown = fleet.root.display(&secret.path);
        return Err(CliError::failed(format_args!("`{shown}` has a rule but no file yet"))
            .hint(format_args!("hostward edit {shown}")));
    }
    Ok(absolute)
}

/// Decrypts to `output`, holding only a few chunks at a time. Returns the number of bytes.
pub(super) fn stream(
    session: &Session<'_>,
    path: &Path,
    output: impl Write,
) -> Result<u64, CliError> {
    let input = open(session, path)?;
    let keyring = session.keyring()?;
    let name = session.shown(path);
    crypto::open_stream(input, output, keyring, &name).map_err(|error| failed(error, &name))
}

/// Decrypts in memory.
pub(super) fn in_memory(session: &Session<'_>, path: &Path) -> Result<Secret, CliError> {
    let mut plain = Secret::default();
    stream(session, path, &mut plain)?;
    Ok(plain)
}

/// Says which file could not be opened.
pub(super) fn failed(error: OpenError, name: &str) -> CliError {
    CliError::from(error).context(format_args!("cannot decrypt `{name}`"))
}

fn open(session: &Session<'_>, path: &Path) -> Result<BufReader<File>, CliError> {
    let file = File::open(path).map_err(|error| {
        CliError::from(error).context(format_args!("cannot read `{}`", session.shown(path)))
    })?;
    Ok(BufReader::with_capacity(1 << 18, file))
}
