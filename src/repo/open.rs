//! Opens a file of the fleet for reading without ever leaving the root: a symlink that leads out, a
//! device or a pipe is refused. One system call where the kernel can check the way itself, else
//! every component is followed first.

use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::Mode;
use rustix::fs::OFlags;
use thiserror::Error;

use super::RepoPath;

/// Why a file of the fleet cannot be read.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("cannot read `{path}`")]
    Io { path: RepoPath, source: io::Error },
    #[error("`{0}` is not a regular file")]
    NotAFile(RepoPath),
    #[error("`{0}` is a symbolic link that leads out of the repository")]
    Outside(RepoPath),
}

impl OpenError {
    /// Whether there simply is no such file.
    pub fn is_not_found(&self) -> bool {
        let absent = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
        matches!(self, Self::Io { source, .. } if absent.contains(&source.kind()))
    }

    /// The same as a plain I/O error, for readers that name the file themselves.
    pub fn into_io(self) -> io::Error {
        match self {
            Self::Io { source, .. } => source,
            other => io::Error::other(other.to_string()),
        }
    }
}

/// The root directory, held open.
#[derive(Debug)]
pub struct Opener {
    dir: PathBuf,
    #[cfg(target_os = "linux")]
    handle: Option<File>,
}

impl Opener {
    /// For the directory `dir` (absolute, without symlinks).
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            #[cfg(target_os = "linux")]
            handle: File::open(dir).ok(),
        }
    }

    /// The file and its size.
    ///
    /// # Errors
    /// When it is missing, unreadable, no regular file, or not inside.
    pub fn open(&self, path: &RepoPath) -> Result<(File, u64), OpenError> {
        let io = |source| OpenError::Io { path: path.clone(), source };
        let file = match self.open_beneath(path) {
            Some(opened) => opened.map_err(io)?,
            None => self.open_followed(path)?,
        };
        let meta = file.metadata().map_err(io)?;
        if !meta.is_file() {
            return Err(OpenError::NotAFile(path.clone()));
        }
        Ok((file, meta.len()))
    }

    /// `None` when the kernel cannot tell: it knows no `openat2`, or the way leads over an absolute
    /// link, which may well come back inside.
    #[cfg(target_os = "linux")]
    fn open_beneath(&self, path: &RepoPath) -> Option<io::Result<File>> {
        use rustix::fs::ResolveFlags;
        use rustix::io::Errno;

        let way = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(
            self.handle.as_ref()?,
            path.as_path(),
            flags(),
            Mode::empty(),
            way,
        ) {
            Ok(fd) => Some(Ok(File::from(fd))),
            Err(Errno::NOSYS | Errno::PERM | Errno::XDEV | Errno::AGAIN | Errno::INVAL) => None,
            Err(error) => Some(Err(error.into())),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_beneath(&self, _path: &RepoPath) -> Option<io::Result<File>> {
        None
    }

    fn open_followed(&self, path: &RepoPath) -> Result<File, OpenError> {
        let io = |source| OpenError::Io { path: path.clone(), source };
        let real = self.dir.join(path).canonicalize().map_err(io)?;
        if !real.starts_with(&self.dir) {
            return Err(OpenError::Outside(path.clone()));
        }
        let fd = rustix::fs::open(&real, flags() | OFlags::NOFOLLOW, Mode::empty())
            .map_err(|error| io(error.into()))?;
        Ok(File::from(fd))
    }
}

/// Not blocking, or opening a pipe would wait for its writer.
fn flags() -> OFlags {
    OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY
}
