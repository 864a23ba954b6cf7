//! Runs a plan all or nothing. New bytes go to temporary files beside their targets, are read back, verified and made
//! durable; then a journal commits, and only then names are exchanged. A kill at any instruction leaves the wholly old or
//! the wholly new tree once [`recover`] has run, which every command does first. Refuses to leave the root, to touch
//! version control's own files, and to overwrite what changed since it was read.

mod batch;
mod error;
mod journal;
pub mod output;
mod prepare;
mod print;
mod recover;
mod stage;
mod steps;
mod sync;
mod temp;

use self::journal::Journal;
use self::prepare::Prepared;
use self::steps::StepError;
use crate::plan::Change;
use crate::plan::Plan;
use crate::repo::Lock;

pub use error::ApplyError;
pub use error::RecoverError;
pub use recover::Recovered;
pub use recover::recover;
pub use recover::recover_locked;

/// One run of a plan, under the lock of its work tree.
pub struct Apply<'a> {
    lock: &'a Lock,
    verify: Option<&'a Verify<'a>>,
}

/// Told the change and the bytes that were read back from its temporary file, before anything is committed; `Err` says
/// what is wrong with them and stops the plan. Runs on several threads.
pub type Verify<'a> = dyn Fn(&Change, &[u8]) -> Result<(), String> + Sync + 'a;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Applied {
    /// Files written, removed or renamed; 0 when all of the plan was so already.
    pub files: usize,
    /// Bytes of all new contents.
    pub bytes: u64,
}

impl<'a> Apply<'a> {
    pub fn new(lock: &'a Lock) -> Self {
        Self { lock, verify: None }
    }

    #[must_use]
    pub fn verify(mut self, verify: &'a Verify<'a>) -> Self {
        self.verify = Some(verify);
        self
    }

    /// Makes all changes of `plan`, durably.
    ///
    /// # Errors
    /// Then nothing is changed and no file of ours is left, but for `Interrupted` and `Unsettled`, after which the next
    /// run's [`recover`] has something to do.
    pub fn run(&self, plan: &Plan) -> Result<Applied, ApplyError> {
        let path = self.lock.state().journal();
        let failed = |source| ApplyError::Journal { path: path.clone(), source };
        if path.symlink_metadata().is_ok() {
            return Err(ApplyError::Unfinished(path));
        }
        let base = recover::base(self.lock, &path)
            .map_err(|error| failed(std::io::Error::other(error.to_string())))?;
        let prepared = prepare::prepare(self.lock.root(), base, plan)?;
        if prepared.record.steps.is_empty() {
            return Ok(Applied::default());
        }
        let mut journal = Journal::begin(&path, &prepared.record).map_err(failed)?;
        let committed =
            stage::stage(&prepared, self.verify).and_then(|()| journal.commit().map_err(failed));
        if let Err(error) = committed {
            let undone = recover::discard(&prepared.base, &prepared.record);
            return Err(give_up(journal, error, undone));
        }
        if let Err(error) = exchange(&prepared) {
            // Should this fail too, the next run tries to finish what could not be done now, and
            // then takes it back.
            let _ = journal.abort();
            let undone = recover::undo(&prepared.base, &prepared.record);
            return Err(give_up(journal, error, undone));
        }
        settle(&prepared, journal).map_err(|source| ApplyError::Unsettled { source })?;
        let new = prepared.details.iter().filter_map(|detail| detail.new);
        Ok(Applied { files: prepared.details.len(), bytes: new.map(|new| new.len() as u64).sum() })
    }
}

fn exchange(prepared: &Prepared<'_>) -> Result<(), ApplyError> {
    for (step, detail) in prepared.record.steps.iter().zip(&prepared.details) {
        steps::first(&prepared.base, step, detail.guard).map_err(|error| match error {
            StepError::Changed => ApplyError::Changed(detail.shown.clone()),
            StepError::Io(source) => {
                ApplyError::Io { action: "replace", path: detail.shown.clone(), source }
            }
        })?;
    }
    Ok(())
}

fn settle(prepared: &Prepared<'_>, journal: Journal) -> Result<(), RecoverError> {
    steps::clean_finished(&prepared.base, &prepared.record)?;
    steps::flush(&prepared.base, &prepared.record)?;
    journal.end()
}

/// Ends a run that was undone after `error`, which is returned, wrapped if there is something left for the next run.
fn give_up(journal: Journal, error: ApplyError, undone: Result<(), RecoverError>) -> ApplyError {
    match undone.and_then(|()| journal.end()) {
        Ok(()) => error,
        Err(undo) => ApplyError::Interrupted { source: Box::new(error), undo },
    }
}
