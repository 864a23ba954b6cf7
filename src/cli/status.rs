//! `hostward status`.

use std::process::ExitCode;

use clap::Args;

use super::Format;
use super::error::CliError;
use super::session::Session;
use crate::report::status::Status;

/// Show the fleet at a glance: rules, recipients, secrets, drift, and what to do next
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward status\n  hostward status --format json | jq '.secrets[] | select(.state != \"fine\")'"
)]
pub(super) struct StatusArgs {
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(session: &Session<'_>, args: &StatusArgs) -> Result<ExitCode, CliError> {
    let status = Status::of(&session.quiet_fleet()?);
    match args.format {
        Format::Text => session.ui.answer(status.text())?,
        Format::Json => session.answer_json(&status)?,
    }
    Ok(ExitCode::SUCCESS)
}
