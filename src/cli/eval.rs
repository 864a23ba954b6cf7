//! `hostward eval`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::session::Session;
use super::session::home;
use crate::nix::EvalError;
use crate::nix::Evaluator;
use crate::nix::Options;
use crate::nix::with_stack;
use crate::repo::Root;
use crate::text::escape;

/// Show what the built-in Nix evaluator makes of a file or an expression
///
/// Prints what nix-instantiate --eval prints. Reads stay inside the repository unless --allow-read says otherwise.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward eval secrets/secrets.nix --strict\n  hostward eval -E '1 + 2'"
)]
pub(super) struct EvalArgs {
    /// A Nix file, or a directory with a default.nix
    #[arg(required_unless_present = "expr")]
    file: Option<PathBuf>,
    /// Evaluate this text instead of a file
    #[arg(short = 'E', long, value_name = "EXPR", conflicts_with = "file")]
    expr: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Evaluate all parts of the result
    #[arg(long)]
    strict: bool,
    /// Also allow reads below this directory; repeatable
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Give up after this many steps
    #[arg(long, value_name = "N")]
    max_steps: Option<u64>,
}

pub(super) fn run(session: &Session<'_>, args: &EvalArgs) -> Result<ExitCode, CliError> {
    let cwd = std::env::current_dir()?;
    let start = args.file.as_ref().map_or_else(|| cwd.clone(), |file| cwd.join(file));
    let inside =
        if start.is_dir() { start.clone() } else { start.parent().unwrap_or(&cwd).to_owned() };
    let root = match &session.global.root {
        Some(root) => cwd.join(root),
        // Outside of any repository, what lies beside the file may be read.
        None => {
            Root::find(&inside, home().as_deref()).map_or(inside, |root| root.path().to_owned())
        }
    };
    let mut options = Options { roots: vec![root], ..Options::default() };
    options.roots.extend(args.allow_read.iter().map(|dir| cwd.join(dir)));
    if let Some(steps) = args.max_steps {
        options.limits.steps = steps;
    }
    let (printed, traces) = with_stack(|| {
        let nix = Evaluator::new(options);
        let printed = print(&nix, args, &start, &cwd);
        (printed, nix.traces())
    });
    for trace in traces {
        let word = if trace.warning { "evaluation warning" } else { "trace" };
        session.ui.talk(format_args!("{word}: {}\n", escape::lines(&trace.message)));
    }
    let printed = printed
        .map_err(|error| CliError::from(error).typed(args.expr.as_deref().unwrap_or_default()))?;
    session.ui.answer(format_args!("{printed}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn print(
    nix: &Evaluator,
    args: &EvalArgs,
    file: &std::path::Path,
    cwd: &std::path::Path,
) -> Result<String, EvalError> {
    let value = match &args.expr {
        Some(text) => nix.eval_expr(text, cwd)?,
        None => nix.eval_file(file)?,
    };
    let value = nix.auto_call(value, &std::collections::BTreeMap::new())?;
    if args.json { Ok(nix.to_json(&value)?.to_string()) } else { nix.print(&value, args.strict) }
}
