//! What can go wrong between a plan and the disk.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::repo::RepoPath;
use crate::repo::lock::LockError;
use crate::text::escape;

/// Why a plan was not carried out. The tree is as it was, and no temporary file is left, but for
/// `Interrupted` and `Unsettled`.
#[derive(Debug, Error)]
pub enum ApplyError {
    #[error("`{0}` changed while it was worked on")]
    Changed(RepoPath),
    #[error("two changes of one plan touch `{0}`")]
    Conflict(RepoPath),
    #[error("`{0}` exists already")]
    Exists(RepoPath),
    /// The failure, and then another one on the way back: the journal stays, and the next run
    /// finishes or undoes.
    #[error("the changes were interrupted and could not be taken back: {undo}")]
    Interrupted { source: Box<Self>, undo: RecoverError },
    #[error("cannot {action} `{path}`")]
    Io { action: &'static str, path: RepoPath, source: io::Error },
    #[error("cannot write the journal `{}`", escape::path(.path))]
    Journal { path: PathBuf, source: io::Error },
    #[error("`{0}` does not exist")]
    Missing(RepoPath),
    #[error("`{0}` is not a regular file")]
    NotAFile(RepoPath),
    #[error("`{0}` leads out of the repository")]
    Outside(RepoPath),
    #[error("`{0}` belongs to the version control system")]
    Protected(RepoPath),
    #[error("what was written to `{0}` does not read back the same")]
    ReadBack(RepoPath),
    /// The content of a stream could not be made, for a reason that its maker has told.
    #[error("the content of `{0}` could not be made")]
    Unfilled(RepoPath),
    #[error("an interrupted run has left the journal `{}`", escape::path(.0))]
    Unfinished(PathBuf),
    /// Everything is changed as planned, but the rest of the run is left to the next one.
    #[error("all changes are made, but not cleaned up after")]
    Unsettled { source: RecoverError },
    #[error("the new `{path}` does not hold what it should: {message}")]
    Verify { path: RepoPath, message: String },
}

/// Why an interrupted run could be neither finished nor undone. Its journal stays.
#[derive(Debug, Error)]
pub enum RecoverError {
    #[error("cannot {action} `{path}`")]
    Io { action: &'static str, path: RepoPath, source: io::Error },
    #[error("cannot read or remove the journal `{}`", escape::path(.path))]
    Journal { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("the journal `{}` is not one this version writes: {why}", escape::path(.path))]
    Malformed { path: PathBuf, why: String },
    #[error("an interrupted run was writing `{0}`, and someone changed the file since")]
    Touched(RepoPath),
}
