//! Heals the tree after a killed run, from its journal: finishes what had committed, takes back
//! what had not. Trusts no journal: its paths must be ones a run of ours writes, inside the work
//! tree and over no symlink.

use std::collections::BTreeSet;
use std::io;

use super::error::RecoverError;
use super::journal;
use super::journal::Record;
use super::journal::Stage;
use super::journal::Step;
use super::print::is_absent;
use super::steps;
use crate::repo::Lock;
use crate::repo::Root;
use crate::repo::StateDir;
use crate::repo::Wait;

/// What the run before this one left, and what became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recovered {
    /// It had committed: all its changes are made now.
    Finished { files: usize },
    /// It had not, or could not go on: none of its changes is made.
    Undone { files: usize },
}

/// Finishes or undoes what a killed run left; every command calls this before it reads the fleet.
/// Without a journal it costs two system calls, and takes no lock unless a killed run left its own.
///
/// # Errors
/// When another hostward is at work, or someone else changed the tree in the meantime so that
/// neither direction is safe.
pub fn recover(root: &Root, wait: Wait) -> Result<Option<Recovered>, RecoverError> {
    let state = StateDir::of(root.path());
    match state.journal().symlink_metadata() {
        Err(error) if is_absent(&error) => {
            if state.lock().symlink_metadata().is_ok() {
                // Whoever gets a lock removes it in the end; where that is not to be had it is in use, or in nobody's way.
                drop(Lock::acquire(root, Wait::No));
            }
            Ok(None)
        }
        _ => recover_locked(&Lock::acquire(root, wait)?),
    }
}

/// The same for a caller who holds the lock already.
///
/// # Errors
/// As [`recover`].
pub fn recover_locked(lock: &Lock) -> Result<Option<Recovered>, RecoverError> {
    let path = lock.state().journal();
    let failed = |source: io::Error| RecoverError::Journal { path: path.clone(), source };
    let malformed = |why: String| RecoverError::Malformed { path: path.clone(), why };
    let Some(read) = journal::read(&path).map_err(failed)? else { return Ok(None) };
    let (record, stage) = read.map_err(malformed)?;
    let base = base(lock);
    check(&base, &record).map_err(malformed)?;
    let files = record.steps.len();
    let recovered = match stage {
        Stage::Committed if finish(&base, &record)? => Recovered::Finished { files },
        Stage::Aborted | Stage::Committed => {
            undo(&base, &record)?;
            Recovered::Undone { files }
        }
        Stage::Prepared | Stage::Torn => {
            discard(&base, &record)?;
            Recovered::Undone { files }
        }
    };
    journal::remove(&path).map_err(failed)?;
    Ok(Some(recovered))
}

/// The work tree as a root: what the journal's paths are relative to.
pub(super) fn base(lock: &Lock) -> Root {
    lock.root().above(lock.state().base())
}

/// Takes a committed record back and leaves nothing of it, the journal excepted.
pub(super) fn undo(base: &Root, record: &Record) -> Result<(), RecoverError> {
    steps::backward(base, record)?;
    discard(base, record)
}

/// Removes what was made for a record that has not committed.
pub(super) fn discard(base: &Root, record: &Record) -> Result<(), RecoverError> {
    steps::clean_undone(base, record)?;
    steps::flush(base, record)
}

/// False when it cannot go on: a disk that refuses, or a file that somebody changed before it was
/// this run's turn.
fn finish(base: &Root, record: &Record) -> Result<bool, RecoverError> {
    match steps::forward(base, record) {
        Ok(()) => {}
        Err(RecoverError::Io { .. } | RecoverError::Touched(_)) => return Ok(false),
        Err(error) => return Err(error),
    }
    steps::clean_finished(base, record)?;
    steps::flush(base, record)?;
    Ok(true)
}

/// No directory of a step may be reached over a symlink: runs write real paths only.
fn check(base: &Root, record: &Record) -> Result<(), String> {
    let paths = record.steps.iter().flat_map(Step::paths).chain(&record.dirs);
    let parents: BTreeSet<_> = paths.filter_map(|path| path.parent()).collect();
    for parent in parents {
        if !base.real(&parent).is_ok_and(|real| real == parent) {
            return Err(format!("`{parent}` is reached over a symbolic link"));
        }
    }
    Ok(())
}
