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

/// An encrypted file, and what to call it in a message.
pub(super) struct Located {
    path: PathBuf,
    shown: String,
}

/// The encrypted file that the user means: the path as typed, or else a secret of the fleet by name.
/// The fleet is read only if it must be.
pub(super) fn locate(session: &Session<'_>, path: &Path) -> Result<Located, CliError> {
    if path.is_file() {
        return Ok(Located { path: path.to_owned(), shown: session.shown(path) });
    }
    let fleet = session.fleet()?;
    let secret = target::ruled_secret(session, &fleet, path)?;
    let path = fleet.root.absolute(&secret.path);
    let shown = fleet.root.display(&secret.path);
    if !path.exists() {
        return Err(CliError::failed(format_args!("`{shown}` has a rule but no file yet"))
            .hint(format_args!("hostward edit {shown}")));
    }
    Ok(Located { path, shown })
}

/// Decrypts to `output`, holding only a few chunks at a time. Returns the number of bytes.
pub(super) fn stream(
    session: &Session<'_>,
    file: &Located,
    output: impl Write,
) -> Result<u64, CliError> {
    let input = File::open(&file.path).map_err(|error| {
        CliError::from(error).context(format_args!("cannot read `{}`", file.shown))
    })?;
    let input = BufReader::with_capacity(1 << 18, input);
    let keyring = session.keyring()?;
    crypto::open_stream(input, output, keyring, &file.shown)
        .map_err(|error| failed(error, &file.shown))
}

/// Decrypts in memory.
pub(super) fn in_memory(session: &Session<'_>, file: &Located) -> Result<Secret, CliError> {
    let mut plain = Secret::default();
    stream(session, file, &mut plain)?;
    Ok(plain)
}

/// Says which file could not be opened.
pub(super) fn failed(error: OpenError, name: &str) -> CliError {
    CliError::from(error).context(format_args!("cannot decrypt `{name}`"))
}
