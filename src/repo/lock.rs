//! One writing hostward at a time per work tree. The lock is the kernel's (`flock`), so a killed
//! holder leaves none behind; the file only names the holder's process. Readers do not need it.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use thiserror::Error;

use super::Root;
use super::StateDir;
use crate::text::escape;

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(20);
/// Tries at a lock file that its last holder keeps removing under us.
const MAX_RACES: usize = 1000;

/// What to do while another hostward holds the lock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wait {
    /// Give up after this long.
    AtMost(Duration),
    No,
}

/// Held until dropped.
#[derive(Debug)]
pub struct Lock {
    root: Root,
    state: StateDir,
    file: File,
}

/// Why the lock could not be had.
#[derive(Debug, Error)]
pub enum LockError {
    #[error("another hostward (process {}) is writing in `{}`", holder(*.pid), escape::path(.base))]
    Busy { base: PathBuf, pid: Option<u32> },
    #[error("cannot make the lock `{}`", escape::path(.path))]
    Io { path: PathBuf, source: io::Error },
}

impl Lock {
    /// Takes the lock of the work tree that `root` lies in.
    ///
    /// # Errors
    /// `Busy` with the holder's process id when another process keeps it, `Io` when its file cannot
    /// be made.
    pub fn acquire(root: &Root, wait: Wait) -> Result<Self, LockError> {
        let state = StateDir::of(root.path());
        let until = match wait {
            Wait::AtMost(time) => Some(Instant::now() + time),
            Wait::No => None,
        };
        let mut races = 0;
        loop {
            match try_lock(&state) {
                Ok(Tried::Held(file)) => return Ok(Self { root: root.clone(), state, file }),
                Ok(Tried::Removed) if races < MAX_RACES => races += 1,
                Ok(Tried::Busy { .. }) if until.is_some_and(|until| Instant::now() < until) => {
                    thread::sleep(PAUSE)
                }
                Ok(Tried::Busy { pid }) => {
                    return Err(LockError::Busy { base: state.base().to_owned(), pid });
                }
                Ok(Tried::Removed) => {
                    return Err(LockError::Busy { base: state.base().to_owned(), pid: None });
                }
                Err(source) => return Err(LockError::Io { path: state.lock(), source }),
            }
        }
    }

    pub fn root(&self) -> &Root {
        &self.root
    }

    pub fn state(&self) -> &StateDir {
        &self.state
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while still held: whoever opened it meanwhile sees that the name is gone and
        // tries again.
        let _ = fs::remove_file(self.state.lock());
        let _ = self.file.unlock();
        self.state.sweep();
    }
}

enum Tried {
    Busy {
        pid: Option<u32>,
    },
    Held(File),
    /// The file was removed by its last holder between our open and our lock.
    Removed,
}

fn try_lock(state: &StateDir) -> io::Result<Tried> {
    state.make()?;
    let mut options = OpenOptions::new();
    // A repository without git can hold a `.hostward` of its own making.
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let mut file = match options
        .read(true)
        .write(true)
        .create(true)
        .custom_flags(no_follow)
        .truncate(false)
        .open(state.lock())
    {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Tried::Removed),
        opened => opened?,
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.take(32).read_to_string(&mut text);
            return Ok(Tried::Busy { pid: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let ours = file.metadata()?;
    match fs::metadata(state.lock()) {
        Ok(named) if (named.dev(), named.ino()) == (ours.dev(), ours.ino()) => {}
        _ => return Ok(Tried::Removed),
    }
    // The pid is a courtesy; a full disk must not stop a run that may be there to make room.
    let _ = file.set_len(0);
    let _ = file.rewind();
    let _ = writeln!(file, "{}", std::process::id());
    Ok(Tried::Held(file))
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let temp = tempfile::tempdir().unwrap();
        let root = Root::at(temp.path(), Path::new("/")).unwrap();
        let lock = Lock::acquire(&root, Wait::No).unwrap();
        match Lock::acquire(&root, Wait::AtMost(Duration::from_millis(30))) {
            Err(LockError::Busy { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(lock);
        assert!(!root.path().join(".hostward").exists(), "nothing is left behind");
        drop(Lock::acquire(&root, Wait::No).unwrap());
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let temp = tempfile::tempdir().unwrap();
        let root = Root::at(temp.path(), Path::new("/")).unwrap();
        fs::write(root.path().join("victim"), "content").unwrap();
        fs::create_dir(root.path().join(".hostward")).unwrap();
        symlink("../victim", root.path().join(".hostward/lock")).unwrap();
        assert!(matches!(Lock::acquire(&root, Wait::No), Err(LockError::Io { .. })));
        assert_eq!(fs::read_to_string(root.path().join("victim")).unwrap(), "content");
    }

    #[test]
    fn many_take_turns() {
        let temp = tempfile::tempdir().unwrap();
        let root = Root::at(temp.path(), Path::new("/")).unwrap();
        let counter = root.path().join("counter");
        fs::write(&counter, "0").unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _lock =
                        Lock::acquire(&root, Wait::AtMost(Duration::from_secs(20))).unwrap();
                    let count: u32 = fs::read_to_string(&counter).unwrap().parse().unwrap();
                    thread::sleep(Duration::from_millis(2));
                    fs::write(&counter, (count + 1).to_string()).unwrap();
                });
            }
        });
        assert_eq!(fs::read_to_string(&counter).unwrap(), "8");
    }
}
