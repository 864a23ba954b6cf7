//! `hostward access`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Format;
use super::error::CliError;
use super::session::Session;
use super::target;
use crate::fleet::Secret;
use crate::report::access::Access;

/// Show who can read what, by the rules and by what the files themselves say
///
/// `-name` is named by the rules, but the file is not encrypted to it; `+name` can read the file against the rules; of
/// `?name` the file's header cannot tell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward access\n  hostward access secrets/db.age\n  hostward access --host web"
)]
pub(super) struct AccessArgs {
    /// Secrets, or directories of secrets
    paths: Vec<PathBuf>,
    /// Only what this host can read, or should
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Only what this recipient can read, or should: a name, a fingerprint or a key
    #[arg(long, value_name = "KEY")]
    recipient: Option<String>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(session: &Session<'_>, args: &AccessArgs) -> Result<ExitCode, CliError> {
    let fleet = session.fleet()?;
    let mut only = Vec::new();
    for wanted in args.host.iter().chain(&args.recipient) {
        only.extend(target::recipients(&fleet, wanted)?);
    }
    let only = (args.host.is_some() || args.recipient.is_some()).then_some(only.as_slice());
    let mut secrets: Vec<&Secret> = Vec::new();
    for path in &args.paths {
        let below = fleet.below(path);
        if below.is_empty() {
            target::ruled_secret(session, &fleet, path)?;
        }
        secrets.extend(below);
    }
    if args.paths.is_empty() {
        secrets.extend(fleet.secrets.values());
    }
    let access = Access::of(&fleet, secrets, only);
    match args.format {
        Format::Text if args.paths.is_empty() => session.ui.answer(access.list())?,
        Format::Text => session.ui.answer(access.detail())?,
        Format::Json => session.answer_json(&access)?,
    }
    Ok(ExitCode::SUCCESS)
}
