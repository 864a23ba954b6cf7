//! `hostward encrypt`.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::edit;
use super::error::CliError;
use super::session::Session;
use super::target;
use crate::apply::Apply;
use crate::crypto::Secret as Plain;
use crate::fleet::Fleet;
use crate::fleet::OnDisk;
use crate::fleet::Secret;
use crate::plan::Plan;
use crate::plan::seal;
use crate::repo::Lock;
use crate::repo::Wait;
use crate::text::prose;

/// Encrypt a plain file for those that the rule names
///
/// Without --from or --stdin the file itself is encrypted in place: what was put there in plain text by accident.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward encrypt secrets/tls.age --from /run/tls.key\n  tar -c data | hostward encrypt secrets/data.age --stdin"
)]
pub(super) struct EncryptArgs {
    /// The secret to write
    path: PathBuf,
    /// The plain file to encrypt; it stays where it is
    #[arg(long, value_name = "FILE", conflicts_with = "stdin")]
    from: Option<PathBuf>,
    /// Encrypt what stdin holds
    #[arg(long)]
    stdin: bool,
    /// Replace the secret if there is one
    #[arg(short, long)]
    force: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Content up to this size goes through memory and the journal; more is streamed.
const IN_MEMORY: u64 = 16 << 20;

pub(super) fn run(session: &Session<'_>, args: &EncryptArgs) -> Result<ExitCode, CliError> {
    let fleet = session.fleet()?;
    let secret = target::ruled_secret(session, &fleet, &args.path)?;
    let shown = fleet.root.display(&secret.path);
    let exists = matches!(secret.on_disk, OnDisk::Sealed(_) | OnDisk::Damaged(_));
    if exists && !args.force {
        return Err(CliError::failed(format_args!("`{shown}` is encrypted already"))
            .hint(format_args!("hostward edit {shown} changes it; --force replaces it")));
    }
    let in_place = args.from.is_none() && !args.stdin;
    if matches!(secret.on_disk, OnDisk::Plain) && !in_place && !args.force {
        return Err(CliError::failed(format_args!(
            "`{shown}` holds something that is not encrypted"
        ))
        .hint(format_args!("hostward encrypt {shown} encrypts that; --force replaces it")));
    }
    let absolute = fleet.root.absolute(&secret.path);
    let mut source: Box<dyn Read> = match (&args.from, args.stdin) {
        (Some(path), _) => Box::new(File::open(path).map_err(|error| {
            CliError::from(error).context(format_args!("cannot read `{}`", session.shown(path)))
        })?),
        (None, true) => {
            session.claim_stdin()?;
            Box::new(session.ui.stdin())
        }
        (None, false) if matches!(secret.on_disk, OnDisk::Plain) => {
            Box::new(File::open(&absolute).map_err(CliError::from)?)
        }
        (None, false) => {
            return Err(CliError::usage(format_args!(
                "there is nothing to encrypt into `{shown}`"
            ))
            .hint("name the plain file with --from FILE, or use --stdin"));
        }
    };
    let mut plain = Plain::default();
    io::copy(&mut source.by_ref().take(IN_MEMORY), &mut plain)?;
    if plain.len() as u64 == IN_MEMORY {
        let all = plain.as_bytes().chain(source);
        return stream(session, &fleet, secret, all, args.dry_run);
    }
    let old: Option<Arc<[u8]>> = match std::fs::read(&absolute) {
        Ok(bytes) => Some(bytes.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(CliError::from(error).context(format_args!("cannot read `{shown}`")));
        }
    };
    let change = seal::change(secret, plain.as_bytes(), old, session.unlock())?;
    edit::write(session, &fleet, secret, Plan::from_iter([change]), args.dry_run)
}

/// Content too large for memory: sealed on its way to the disk, and given its name when it is complete.
fn stream(
    session: &Session<'_>,
    fleet: &Fleet,
    secret: &Secret,
    plain: impl Read,
    dry_run: bool,
) -> Result<ExitCode, CliError> {
    let shown = fleet.root.display(&secret.path);
    let sealer = seal::sealer(secret, session.unlock())?;
    if dry_run {
        session.ui.answer(format_args!("would write `{shown}`, more than {IN_MEMORY} bytes\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let lock = Lock::acquire(&fleet.root, Wait::No)?;
    let plain = BufReader::with_capacity(1 << 18, plain);
    let bytes = Apply::new(&lock)
        .stream(&secret.path, true, None, |file| sealer.seal_stream(plain, file))??;
    session.ui.status(format_args!(
        "wrote `{shown}`, {bytes} bytes encrypted to {}",
        prose::count(sealer.recipients().len(), "recipient")
    ));
    Ok(ExitCode::SUCCESS)
}
