//! One run of the program: what the global options mean, and the steps that all commands share.

use std::cell::OnceCell;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::Global;
use super::error::CliError;
use super::identities;
use super::unlock::AskUser;
use crate::apply;
use crate::apply::Applied;
use crate::apply::Apply;
use crate::apply::Recovered;
use crate::apply::Verify;
use crate::crypto::Keyring;
use crate::crypto::Unlock;
use crate::fleet::Fleet;
use crate::fleet::LoadOptions;
use crate::fleet::Problem;
use crate::plan::Plan;
use crate::repo::Lock;
use crate::repo::Root;
use crate::repo::Wait;
use crate::text::escape;
use crate::text::prose;
use crate::ui::Ui;

/// How long to wait for another hostward to finish its writing.
const PATIENCE: Wait = Wait::AtMost(Duration::from_secs(10));

pub(super) struct Session<'a> {
    pub(super) global: &'a Global,
    pub(super) ui: Ui,
    keyring: OnceCell<Keyring>,
    unlock: Arc<dyn Unlock>,
}

impl<'a> Session<'a> {
    pub(super) fn new(ui: Ui, global: &'a Global) -> Self {
        Self { global, ui, keyring: OnceCell::new(), unlock: Arc::new(AskUser::new(ui)) }
    }

    /// Who answers when a key asks.
    pub(super) fn unlock(&self) -> &Arc<dyn Unlock> {
        &self.unlock
    }

    /// The repository, healed if the run before this one was killed.
    pub(super) fn root(&self) -> Result<Root, CliError> {
        let cwd = std::env::current_dir()
            .map_err(|error| CliError::from(error).context("cannot tell the working directory"))?;
        let root = match (&self.global.root, &self.global.rules) {
            (Some(dir), _) => Root::at(dir, &cwd)?,
            (None, Some(rules)) => {
                // The repository is the one that the rules lie in, wherever the user stands.
                let near = cwd.join(rules);
                let dir = near.parent().unwrap_or(&cwd).to_owned();
                let found = Root::find(&cwd, home().as_deref());
                match found {
                    Ok(root)
                        if near
                            .canonicalize()
                            .is_ok_and(|rules| rules.starts_with(root.path())) =>
                    {
                        root
                    }
                    _ => {
                        let found = Root::find(&dir, home().as_deref())?;
                        Root::at(found.path(), &cwd)?
                    }
                }
            }
            (None, None) => Root::find(&cwd, home().as_deref())?,
        };
        match apply::recover(&root, PATIENCE)? {
            Some(Recovered::Finished { files }) => self.ui.warn(format_args!(
                "an interrupted run was finished: {} written",
                prose::count(files, "file")
            )),
            Some(Recovered::Undone { files: 0 }) => {
                self.ui.warn("an interrupted run was undone: it had changed nothing");
            }
            Some(Recovered::Undone { files }) => self.ui.warn(format_args!(
                "an interrupted run was undone: {} as before",
                prose::count(files, "file")
            )),
            None => {}
        }
        Ok(root)
    }

    /// The fleet as it is on disk now. What could not be understood is told as warnings.
    pub(super) fn fleet(&self) -> Result<Fleet, CliError> {
        let fleet = self.quiet_fleet()?;
        for problem in &fleet.problems {
            if let Problem::Rules(_) = problem {
                self.ui.warn(escape::lines(&problem.describe(&fleet.root)));
            }
        }
        Ok(fleet)
    }

    /// The fleet, for commands that tell its problems themselves.
    pub(super) fn quiet_fleet(&self) -> Result<Fleet, CliError> {
        let root = self.root()?;
        let rules = self.global.rules.as_ref().map(|rules| root.cwd().join(rules));
        Ok(Fleet::load(root, &LoadOptions { nix: self.global.nix.into(), rules })?)
    }

    /// The identities that may be used. There is one keyring in a run, so that each key is unlocked once.
    pub(super) fn keyring(&self) -> Result<&Keyring, CliError> {
        if let Some(keyring) = self.keyring.get() {
            return Ok(keyring);
        }
        let loaded = identities::load(&self.ui, &self.global.identity, Arc::clone(&self.unlock))?;
        Ok(self.keyring.get_or_init(|| loaded))
    }

    /// Refuses content from a stdin that an identity is read from.
    pub(super) fn claim_stdin(&self) -> Result<(), CliError> {
        if self.global.identity.iter().any(|path| path.as_os_str() == "-") {
            return Err(CliError::usage("stdin cannot hold both the identity and the content"));
        }
        Ok(())
    }

    /// Prints a plan, or carries it out. `None`: it was only printed.
    pub(super) fn carry_out(
        &self,
        root: &Root,
        plan: &Plan,
        dry_run: bool,
        verify: &Verify<'_>,
    ) -> Result<Option<Applied>, CliError> {
        if dry_run {
            self.ui.answer(escape::lines(&plan.diff()))?;
            return Ok(None);
        }
        let lock = Lock::acquire(root, PATIENCE)?;
        Ok(Some(Apply::new(&lock).verify(verify).run(plan)?))
    }

    /// Data as the answer, as indented JSON.
    pub(super) fn answer_json(&self, data: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(data).map_err(CliError::from_error)?;
        Ok(self.ui.answer(format_args!("{text}\n"))?)
    }

    /// A path as the user would type it.
    pub(super) fn shown(&self, path: &Path) -> String {
        escape::path(path).into_owned()
    }
}

/// The user's home directory.
pub(super) fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}
