//! `hostward demo`: the real jobs on a throwaway fleet, each by the command that a user would type, run
//! by this very program.

mod fleet;

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

use clap::Args;

use self::fleet::DemoFleet;
use super::error::CliError;
use super::session::Session;
use crate::text::escape;

/// Do the real jobs on a throwaway fleet: three hosts, two people, six secrets
///
/// Everything happens in a temporary directory that is gone afterwards, with keys made for the occasion.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hostward demo\n  hostward demo --keep /tmp/fleet")]
pub(super) struct DemoArgs {
    /// Make the fleet in this new directory and leave it there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(super) fn run(session: &Session<'_>, args: &DemoArgs) -> Result<ExitCode, CliError> {
    let temporary = tempfile::Builder::new().prefix("hostward-demo-").tempdir()?;
    let dir = match &args.keep {
        Some(dir) => {
            fs::create_dir_all(dir)?;
            if fs::read_dir(dir)?.next().is_some() {
                return Err(CliError::failed(format_args!(
                    "`{}` is not empty",
                    session.shown(dir)
                ))
                .hint("name a new directory"));
            }
            dir.canonicalize()?
        }
        None => temporary.path().canonicalize()?,
    };
    let demo = Demo { dir: &dir, program: std::env::current_exe()?, session };
    let mut fleet = DemoFleet::create(&dir)?;
    demo.play(&mut fleet)?;
    if let Some(dir) = &args.keep {
        demo.say(format_args!("The fleet stays in {}.", session.shown(dir)))?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Demo<'a> {
    dir: &'a Path,
    program: PathBuf,
    session: &'a Session<'a>,
}

impl Demo<'_> {
    fn play(&self, fleet: &mut DemoFleet) -> Result<(), CliError> {
        self.say(
            "Three hosts, two people and a backup key share six secrets under one secrets.nix.",
        )?;
        self.type_in("cat secrets/secrets.nix", Command::new("cat").arg("secrets/secrets.nix"))?;
        self.say(
            "None of the secrets has a file yet. Alice fills them in; her editor is a script here.",
        )?;
        for (path, content) in fleet::CONTENTS {
            self.hostward(&["edit", path, "--stdin", "-i", "keys/alice"], Some(content), true)?;
        }
        self.hostward(&["status"], None, true)?;

        self.say("She changes one value with an editor.")?;
        let editor = "sed -i s/swordfish/marlin/";
        self.hostward(
            &["edit", "secrets/db-password.age", "--editor", editor, "-i", "keys/alice"],
            None,
            true,
        )?;
        self.say("Who can read what? The rules say it, and each file's header proves it.")?;
        self.hostward(&["access"], None, true)?;
        self.hostward(&["access", "secrets/db-password.age"], None, true)?;

        self.say("The disk of host web dies; it comes back with a new host key, which takes the old one's place.")?;
        fleet.rotate_web(self.dir)?;
        self.hostward(&["status"], None, true)?;
        self.hostward(&["rekey", "--check"], None, false)?;
        self.hostward(&["rekey", "-i", "keys/alice"], None, true)?;
        self.say("The new key opens what web needs, and the old one opens nothing any more.")?;
        self.hostward(&["show", "secrets/web-tls.age", "-i", "keys/web"], None, true)?;
        self.hostward(&["show", "secrets/web-tls.age", "-i", "keys/web.old"], None, false)?;
        self.hostward(&["rekey", "--check"], None, true)
    }

    /// Prints a hostward command, runs it, and prints what it says.
    fn hostward(&self, args: &[&str], stdin: Option<&str>, succeeds: bool) -> Result<(), CliError> {
        let words = shlex::try_join(args.iter().copied()).unwrap_or_default();
        let typed = match stdin {
            Some(content) => {
                let content = shlex::try_quote(content.trim_end()).unwrap_or_default();
                format!("echo {content} | hostward {words}")
            }
            None => format!("hostward {words}"),
        };
        let mut command = Command::new(&self.program);
        command.args(args).arg("--color").arg("never");
        let status = self.run(&typed, &mut command, stdin)?;
        if status == succeeds {
            return Ok(());
        }
        let word = if status { "succeeded" } else { "failed" };
        Err(CliError::failed(format_args!("the demo broke: `{typed}` {word}")))
    }

    fn type_in(&self, typed: &str, command: &mut Command) -> Result<(), CliError> {
        self.run(typed, command, None).map(drop)
    }

    /// Runs in the fleet with nothing of the user's own: no identities, no settings.
    fn run(
        &self,
        typed: &str,
        command: &mut Command,
        stdin: Option<&str>,
    ) -> Result<bool, CliError> {
        use std::io::Write;
        self.session.ui.answer(format_args!("$ {}\n", escape::text(typed)))?;
        let mut child = command
            .current_dir(self.dir)
            .env_clear()
            .env("HOME", self.dir)
            .envs(
                ["PATH", "XDG_RUNTIME_DIR"]
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(stdin.unwrap_or_default().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        for part in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(part);
            for line in text.lines() {
                self.session.ui.answer(format_args!("  {}\n", escape::text(line)))?;
            }
        }
        Ok(output.status.success())
    }

    fn say(&self, text: impl std::fmt::Display) -> Result<(), CliError> {
        Ok(self.session.ui.answer(format_args!("\n{text}\n\n"))?)
    }
}
