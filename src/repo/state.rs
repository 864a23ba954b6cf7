//! Where hostward keeps its lock and its journal: inside the version control's own directory, so
//! that no work tree ever shows them, or in `.hostward` at the root where there is none. Both are
//! gone when no hostward runs.

use std::fs;
use std::io;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;

/// Bytes read of a `.git` file: a path and a keyword.
const MAX_GITFILE: u64 = 8 * 1024;

/// The two directories every run on one work tree agrees on, whatever root it was given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StateDir {
    base: PathBuf,
    dir: PathBuf,
}

impl StateDir {
    /// For the fleet at `root` (absolute, without symlinks). Makes nothing.
    pub fn of(root: &Path) -> Self {
        for base in root.ancestors() {
            let own = git_dir(&base.join(".git"))
                .or_else(|| Some(base.join(".jj")).filter(|dir| dir.is_dir()));
            if let Some(own) = own {
                return Self { base: base.to_owned(), dir: own.join("hostward") };
            }
        }
        Self { base: root.to_owned(), dir: root.join(".hostward") }
    }

    /// The work tree that paths in the journal are relative to; the fleet's root lies in it.
    pub fn base(&self) -> &Path {
        &self.base
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    pub fn journal(&self) -> PathBuf {
        self.dir.join("journal")
    }

    /// Makes the directory if it is not there.
    ///
    /// # Errors
    /// As the system says, and when there is a symlink in its place: a repository could send us
    /// anywhere with it.
    pub fn make(&self) -> io::Result<()> {
        match fs::create_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::symlink_metadata(&self.dir)?.is_dir() { Ok(()) } else { Err(error) }
            }
            made => made,
        }
    }

    /// Removes the directory if nothing is in it any more.
    pub fn sweep(&self) {
        let _ = fs::remove_dir(&self.dir);
    }
}

/// The directory behind `.git`: itself, or what a linked work tree's or submodule's `.git` file
/// names (`gitdir: PATH`, gitrepository-layout). `None` when there is no such directory.
fn git_dir(dot_git: &Path) -> Option<PathBuf> {
    let meta = fs::metadata(dot_git).ok()?;
    if meta.is_dir() {
        return Some(dot_git.to_owned());
    }
    if !meta.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(dot_git).ok()?.take(MAX_GITFILE).read_to_end(&mut bytes).ok()?;
    let line = bytes.strip_prefix(b"gitdir:")?.trim_ascii();
    let named = dot_git.parent()?.join(std::ffi::OsStr::from_bytes(line));
    named.canonicalize().ok().filter(|dir| dir.join("HEAD").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_lives_with_version_control() {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap();
        let root = top.join("sub/fleet");
        fs::create_dir_all(&root).unwrap();
        assert_eq!(StateDir::of(&root).dir(), root.join(".hostward"));
        fs::create_dir(top.join("sub/.jj")).unwrap();
        assert_eq!(StateDir::of(&root).dir(), top.join("sub/.jj/hostward"));
        fs::create_dir_all(top.join("real/worktrees/w")).unwrap();
        fs::write(top.join("sub/.git"), "gitdir: ../real/worktrees/w\n").unwrap();
        assert_eq!(StateDir::of(&root).dir(), top.join("sub/.jj/hostward"), "no git directory");
        fs::write(top.join("real/worktrees/w/HEAD"), "").unwrap();
        let state = StateDir::of(&root);
        assert_eq!(state.dir(), top.join("real/worktrees/w/hostward"));
        assert_eq!(state.base(), top.join("sub"));
        state.make().unwrap();
        state.make().unwrap();
        state.sweep();
        assert!(!state.dir().exists());
        std::os::unix::fs::symlink(&top, state.dir()).unwrap();
        assert!(state.make().is_err());
    }
}
