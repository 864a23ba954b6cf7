//! `hostward completions`.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::error::CliError;
use super::session::Session;

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward completions fish > ~/.config/fish/completions/hostward.fish"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(
    session: &Session<'_>,
    args: &CompletionsArgs,
    mut command: clap::Command,
) -> Result<ExitCode, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "hostward", &mut script);
    session.ui.answer_bytes(&script)?;
    Ok(ExitCode::SUCCESS)
}
