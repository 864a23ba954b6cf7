//! The real `nix-instantiate`, for what our own evaluator cannot reach. Paths are handed over as
//! arguments and never pasted into an expression.

use std::io;
use std::path::Path;
use std::process::Command;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExternalError {
    #[error("nix-instantiate failed:\n{0}")]
    Failed(String),
    #[error("nix-instantiate answered something that is no JSON")]
    Json(#[from] serde_json::Error),
    #[error("nix-instantiate is not on the search path")]
    NotFound,
    #[error("nix-instantiate cannot be started")]
    Start(#[source] io::Error),
}

/// Evaluates `pick (import file)` strictly, where `pick` is the text of a Nix function.
///
/// # Errors
///
/// When the program is missing, fails, or prints no JSON.
pub fn eval_json(file: &Path, pick: &str) -> Result<serde_json::Value, ExternalError> {
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "--arg", "pick", pick, "--argstr", "file"])
        .arg(file)
        .args(["-E", "{ file, pick }: pick (import (/. + file))"])
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ExternalError::NotFound,
            _ => ExternalError::Start(error),
        })?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(ExternalError::Failed(message));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
