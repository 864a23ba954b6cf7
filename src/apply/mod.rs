//! Runs a plan all or nothing. New bytes go to temporary files beside their targets, are read back,
//! verified and made durable; then a journal commits, and only then names are exchanged. A kill at
//! any instruction leaves the wholly old or the wholly new tree once [`recover`] has run, which
//! every command does first. Refuses to leave the root, to touch version control's own files, and
//! to overwrite what changed since it was read.

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

use std::fs::File;

use self::journal::Journal;
use self::prepare::Prepared;
use self::print::Print;
use self::steps::StepError;
use crate::plan::Change;
use crate::plan::Plan;
use crate::repo::Lock;
use crate::repo::RepoPath;
use crate::repo::Root;

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

/// Told the change and the bytes that were read back from its temporary file, before anything is
/// committed; `Err` says what is wrong with them and stops the plan. Runs on several threads.
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
    /// Then nothing is changed and no file of ours is left, but for `Interrupted` and `Unsettled`,
    /// after which the next run's [`recover`] has something to do.
    pub fn run(&self, plan: &Plan) -> Result<Applied, ApplyError> {
        let mut prepared = prepare::prepare(self.lock.root(), self.base()?, plan)?;
        self.carry_out(&mut prepared, |prepared| {
            stage::files(prepared, self.verify)?;
            Ok(Vec::new())
        })?;
        let new = prepared.details.iter().filter_map(|detail| detail.new);
        let bytes = new.map(|new| new.len() as u64).sum();
        Ok(Applied { files: prepared.details.len(), bytes })
    }

    /// Makes or replaces one file whose content is too large to hold: `fill` writes it. Neither
    /// read back nor verified. `mode` as in [`Change::Write`]; an existing file stops it unless it
    /// may `replace` that, whatever is in it.
    ///
    /// # Errors
    /// The inner error is `fill`'s own, after which nothing is changed; the outer one is as in
    /// [`Apply::run`].
    pub fn stream<T, E>(
        &self,
        path: &RepoPath,
        replace: bool,
        mode: Option<u32>,
        fill: impl FnOnce(&mut File) -> Result<T, E>,
    ) -> Result<Result<T, E>, ApplyError> {
        let mut prepared = prepare::stream(self.lock.root(), self.base()?, path, replace, mode)?;
        let mut filled = None;
        let done = self.carry_out(&mut prepared, |prepared| {
            let (Some(step), Some(detail)) =
                (prepared.record.steps.first(), prepared.details.first())
            else {
                return Ok(Vec::new());
            };
            let Some(temp) = step.staged() else { return Ok(Vec::new()) };
            let failed = detail.failed();
            let mut file = stage::open(&prepared.base.absolute(temp), detail).map_err(&failed)?;
            if filled.insert(fill(&mut file)).is_err() {
                return Err(ApplyError::Unfilled(path.clone()));
            }
            stage::finish(&file, detail).map_err(&failed)?;
            Ok(vec![(0, Print::of_file(&file, detail.mode).map_err(&failed)?)])
        });
        match (done, filled) {
            (Err(ApplyError::Unfilled(_)) | Ok(()), Some(filled)) => Ok(filled),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(ApplyError::Unfilled(path.clone())),
        }
    }

    /// What a record's paths are relative to; refused while there is one of another run.
    fn base(&self) -> Result<Root, ApplyError> {
        let journal = self.lock.state().journal();
        match journal.symlink_metadata() {
            Ok(_) => Err(ApplyError::Unfinished(journal)),
            Err(_) => Ok(recover::base(self.lock)),
        }
    }

    /// Everything between the journal's first and last byte. `write` makes the temporary files, and
    /// says what is in those that the record knew nothing of.
    fn carry_out(
        &self,
        prepared: &mut Prepared<'_>,
        write: impl FnOnce(&Prepared<'_>) -> Result<Vec<(usize, Print)>, ApplyError>,
    ) -> Result<(), ApplyError> {
        if prepared.record.steps.is_empty() {
            return Ok(());
        }
        let path = self.lock.state().journal();
        let failed = |source| ApplyError::Journal { path: path.clone(), source };
        let mut journal = Journal::begin(&path, &prepared.record).map_err(failed)?;
        let committed = stage::directories(prepared)
            .and_then(|()| write(prepared))
            .and_then(|late| stage::flush(prepared).map(|()| late))
            .and_then(|late| {
                prepared.record.learn(&late);
                journal.commit(&late).map_err(failed)
            });
        if let Err(error) = committed {
            let undone = recover::discard(&prepared.base, &prepared.record);
            return Err(give_up(journal, error, undone));
        }
        if let Err(error) = exchange(prepared) {
            // Should this fail too, the next run tries to finish what could not be done now, and
            // then takes it back.
            let _ = journal.abort();
            let undone = recover::undo(&prepared.base, &prepared.record);
            return Err(give_up(journal, error, undone));
        }
        settle(prepared, journal).map_err(|source| ApplyError::Unsettled { source })
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

/// Ends a run that was undone after `error`, which is returned, wrapped if there is something left
/// for the next run.
fn give_up(journal: Journal, error: ApplyError, undone: Result<(), RecoverError>) -> ApplyError {
    match undone.and_then(|()| journal.end()) {
        Ok(()) => error,
        Err(undo) => ApplyError::Interrupted { source: Box::new(error), undo },
    }
}
