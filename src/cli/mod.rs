//! The command line: arguments in, exit status out. Each command is one file that goes from arguments
//! to the fleet, to a report or a plan, and holds no knowledge of its own.

mod access;
mod completions;
mod decrypt;
mod demo;
mod edit;
mod encrypt;
mod error;
mod eval;
mod identities;
mod rekey;
mod session;
mod show;
mod status;
mod target;
mod unlock;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use crate::backend::agenix::rules::NixMode;
use crate::ui::Ui;

use self::error::CliError;
use self::session::Session;

/// Guard the secrets of a NixOS fleet and bring new hosts into it
///
/// Works on the repository you have: the secrets.nix of agenix stays the only source of truth, and agenix goes on
/// working on the same files. Paths are those you would give to git, from any directory.
#[derive(Debug, Parser)]
#[command(name = "hostward", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// Decrypt with this identity only (SSH private key or age identity file); repeatable, `-` for stdin
    ///
    /// Without it: the files in HOSTWARD_IDENTITY (separated by colons), ~/.ssh/id_ed25519, ~/.ssh/id_rsa,
    /// SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, and sops' age/keys.txt.
    #[arg(short, long, value_name = "FILE", global = true)]
    identity: Vec<PathBuf>,
    /// The repository, if it is not the one around the working directory
    #[arg(long, value_name = "DIR", global = true)]
    root: Option<PathBuf>,
    /// Read this rules file only
    #[arg(long, value_name = "FILE", global = true, env = "RULES", hide_env_values = true)]
    rules: Option<PathBuf>,
    /// When to let nix-instantiate evaluate what the built-in evaluator cannot reach
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto", global = true)]
    nix: NixWhen,
    /// Colour the output
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto", global = true)]
    color: ColorWhen,
    /// Say nothing but the answer, warnings and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Never ask anything
    #[arg(long, global = true)]
    no_input: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum NixWhen {
    Never,
    Auto,
    Always,
}

impl From<NixWhen> for NixMode {
    fn from(when: NixWhen) -> Self {
        match when {
            NixWhen::Always => Self::Always,
            NixWhen::Auto => Self::Auto,
            NixWhen::Never => Self::Never,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum ColorWhen {
    Auto,
    Always,
    Never,
}

impl From<ColorWhen> for anstream::ColorChoice {
    fn from(when: ColorWhen) -> Self {
        match when {
            ColorWhen::Always => Self::Always,
            ColorWhen::Auto => Self::Auto,
            ColorWhen::Never => Self::Never,
        }
    }
}

/// `--format` of commands that answer with data.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Access(access::AccessArgs),
    Completions(completions::CompletionsArgs),
    Decrypt(decrypt::DecryptArgs),
    Demo(demo::DemoArgs),
    Edit(edit::EditArgs),
    Encrypt(encrypt::EncryptArgs),
    Eval(eval::EvalArgs),
    Rekey(rekey::RekeyArgs),
    Show(show::ShowArgs),
    Status(status::StatusArgs),
}

/// Parses the command line, runs the command, and reports what went wrong.
pub fn main() -> ExitCode {
    // A crash must not write secrets to a disk.
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);

    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, and clap knows where each belongs.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let global = &cli.global;
    let ui = Ui::new(global.color.into(), global.quiet, !global.no_input);
    match run(ui, &cli) {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            error.show(&ui);
            error.exit_code()
        }
    }
}

fn run(ui: Ui, cli: &Cli) -> Result<ExitCode, CliError> {
    let session = Session::new(ui, &cli.global);
    match &cli.command {
        Command::Access(args) => access::run(&session, args),
        Command::Completions(args) => completions::run(&session, args, Cli::command()),
        Command::Decrypt(args) => decrypt::run(&session, args),
        Command::Demo(args) => demo::run(&session, args),
        Command::Edit(args) => edit::run(&session, args),
        Command::Encrypt(args) => encrypt::run(&session, args),
        Command::Eval(args) => eval::run(&session, args),
        Command::Rekey(args) => rekey::run(&session, args),
        Command::Show(args) => show::run(&session, args),
        Command::Status(args) => status::run(&session, args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
