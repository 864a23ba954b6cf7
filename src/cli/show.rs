//! `hostward show`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::decrypt;
use super::error::CliError;
use super::session::Session;
use crate::text::diff;
use crate::ui::prompt;

/// Print one secret; asks before it prints to a terminal
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward show secrets/db.age\n  hostward show secrets/db.age | wl-copy"
)]
pub(super) struct ShowArgs {
    /// The secret
    path: PathBuf,
    /// Print to a terminal without asking
    #[arg(short, long)]
    yes: bool,
}

pub(super) fn run(session: &Session<'_>, args: &ShowArgs) -> Result<ExitCode, CliError> {
    let file = decrypt::locate(session, &args.path)?;
    let terminal = session.ui.answers_to_terminal();
    if terminal && !args.yes {
        let question = format!("show `{}` on this terminal?", session.shown(&args.path));
        match prompt::confirm(&session.ui, &question) {
            Some(true) => {}
            Some(false) => return Ok(ExitCode::SUCCESS),
            None => {
                return Err(CliError::failed("a secret is not shown on a terminal unasked")
                    .hint("use --yes, or send it to a pipe or a file"));
            }
        }
    }
    if !terminal {
        decrypt::stream(session, &file, session.ui.raw_answer())?;
        return Ok(ExitCode::SUCCESS);
    }
    let plain = decrypt::in_memory(session, &file)?;
    if !diff::is_text(plain.as_bytes()) {
        return Err(CliError::failed("the secret is binary, which would garble the terminal")
            .hint("send it to a file: hostward decrypt PATH -o FILE"));
    }
    session.ui.answer_bytes(plain.as_bytes())?;
    if !plain.is_empty() && !plain.as_bytes().ends_with(b"\n") {
        session.ui.answer_bytes(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}
