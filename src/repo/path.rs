//! The one spelling of a file's name inside the fleet: relative to the root, no `.`, no `..`, no
//! doubled slashes. Pure: whether the file exists, and where symlinks lead, is asked elsewhere.

use std::borrow::Borrow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use thiserror::Error;

use crate::text::escape;

/// A path relative to the fleet's root in normal form; the root itself is the empty path. Shown
/// with hostile characters escaped.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RepoPath(PathBuf);

/// Why a relative path names nothing inside the root.
#[derive(Debug, Error)]
pub enum RepoPathError {
    #[error("`{}` is an absolute path", escape::path(.0))]
    Absolute(PathBuf),
    #[error("`{}` leads out of the repository", escape::path(.0))]
    Leaves(PathBuf),
    #[error("`{}` has a NUL byte in it", escape::path(.0))]
    Nul(PathBuf),
}

impl RepoPath {
    /// Normalizes a path relative to the root, `..` by the letter (no symlink is looked at).
    ///
    /// # Errors
    /// When it is absolute, climbs above the root or holds a NUL.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, RepoPathError> {
        Self::default().join(path)
    }

    /// This path with a relative one put behind it, normalized the same way; `..` may climb back up
    /// to the root.
    ///
    /// # Errors
    /// As [`RepoPath::new`].
    pub fn join(&self, path: impl AsRef<Path>) -> Result<Self, RepoPathError> {
        let path = path.as_ref();
        if path.as_os_str().as_bytes().contains(&0) {
            return Err(RepoPathError::Nul(path.to_owned()));
        }
        let mut out = self.0.clone();
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::Normal(name) => out.push(name),
                Component::ParentDir if out.pop() => {}
                Component::ParentDir => return Err(RepoPathError::Leaves(path.to_owned())),
                Component::Prefix(_) | Component::RootDir => {
                    return Err(RepoPathError::Absolute(path.to_owned()));
                }
            }
        }
        Ok(Self(out))
    }

    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// The path as text, when it is UTF-8.
    pub fn to_str(&self) -> Option<&str> {
        self.0.to_str()
    }

    /// The path for programs that read it: nothing escaped, and what is no UTF-8 replaced.
    pub fn to_text(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }

    /// The last component; `None` for the root.
    pub fn file_name(&self) -> Option<&OsStr> {
        self.0.file_name()
    }

    /// The directory it lies in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.parent().map(|parent| Self(parent.to_owned()))
    }

    pub fn is_root(&self) -> bool {
        self.0.as_os_str().is_empty()
    }

    pub fn starts_with(&self, directory: &Self) -> bool {
        self.0.starts_with(&directory.0)
    }

    /// How to write this path as seen from `directory`: `../b/x` from `a`; `.` for the directory
    /// itself.
    pub fn relative_to(&self, directory: &Self) -> PathBuf {
        let mut own = self.0.components().peekable();
        let mut other = directory.0.components().peekable();
        while own.peek().is_some() && own.peek() == other.peek() {
            own.next();
            other.next();
        }
        let mut out: PathBuf = other.map(|_| "..").collect();
        out.extend(own);
        if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
    }

    /// Whether a version control system or hostward itself keeps its own data there: such files are
    /// never written on behalf of a rules file (a `.git/hooks` entry would be run).
    pub fn is_protected(&self) -> bool {
        let own = [".git", ".hg", ".hostward", ".jj"];
        let is_own = |name: &OsStr| own.iter().any(|own| name.eq_ignore_ascii_case(own));
        self.0.components().any(|component| is_own(component.as_os_str()))
    }
}

impl AsRef<Path> for RepoPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Borrow<Path> for RepoPath {
    fn borrow(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() { f.write_str(".") } else { f.write_str(&escape::path(&self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn spellings_become_one() {
        for spelling in ["a/b", "./a/b", "a//b/", "a/./b", "x/../a/b", "a/b/c/.."] {
            assert_eq!(path(spelling), path("a/b"), "{spelling}");
        }
        assert!(path(".").is_root());
        assert!(matches!(RepoPath::new("a/../../b"), Err(RepoPathError::Leaves(_))));
        assert!(matches!(RepoPath::new("/a"), Err(RepoPathError::Absolute(_))));
        assert!(matches!(RepoPath::new("a\0"), Err(RepoPathError::Nul(_))));
        assert_eq!(path("a/b").join("../../c").unwrap(), path("c"));
        assert_eq!(path("-rf/ x").to_string(), "-rf/ x");
        assert_eq!(path("a\x1b").to_string(), "a\\u{1b}");
    }

    #[test]
    fn paths_are_shown_from_anywhere() {
        let from = |own: &str, dir: &str| path(own).relative_to(&path(dir)).display().to_string();
        assert_eq!(from("a/b/c", ""), "a/b/c");
        assert_eq!(from("a/b/c", "a/b"), "c");
        assert_eq!(from("a/b/c", "a/x/y"), "../../b/c");
        assert_eq!(from("a", "a"), ".");
        assert_eq!(from("", "a/b"), "../..");
    }

    #[test]
    fn version_control_is_protected() {
        assert!(path(".git/hooks/pre-commit").is_protected());
        assert!(path("sub/.GIT/config").is_protected());
        assert!(!path(".github/x").is_protected());
        assert!(!path(".gitignore").is_protected());
    }
}
