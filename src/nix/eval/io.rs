//! The only door from the evaluator to the disk. Reads are confined to the roots the caller allows, symlinks
//! followed first; it writes nothing, and opens nothing but regular files and directories.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What Nix code may ask of a file system. Paths are absolute.
pub trait Files {
    /// The bytes of a regular file of at most `limit` bytes.
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileError>;
    /// The entries of a directory and what they are (symlinks are not followed), in any order.
    fn read_dir(&self, path: &Path) -> Result<Vec<(OsString, FileKind)>, FileError>;
    /// What a path is, or `None` if there is nothing. `follow` looks through a symlink at its end.
    fn kind(&self, path: &Path, follow: bool) -> Result<Option<FileKind>, FileError>;
    /// Where a symlink points, as it is written.
    fn read_link(&self, path: &Path) -> Result<PathBuf, FileError>;
}

/// What a directory entry is, in the words of `builtins.readDir`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `directory`.
    Directory,
    /// `regular`.
    Regular,
    /// `symlink`.
    Symlink,
    /// `unknown`: a socket, device or pipe.
    Unknown,
}

/// Why a path could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system said no.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// The path asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not the kind of thing that can be read so.
    #[error("`{}` is not {wanted}", path.display())]
    Kind {
        /// The path asked for.
        path: PathBuf,
        /// `a regular file` or `a directory`.
        wanted: &'static str,
    },
    /// It lies outside of the allowed roots.
    #[error("reading `{}` is not allowed: it is outside of the repository", path.display())]
    Refused {
        /// The path asked for, before symlinks.
        path: PathBuf,
    },
    /// It is larger than the memory limit allows.
    #[error("`{}` is too large to read", path.display())]
    TooLarge {
        /// The path asked for.
        path: PathBuf,
    },
}

/// The real file system below some roots.
pub struct ConfinedFiles {
    roots: Vec<PathBuf>,
    allow_all: bool,
}

/// Other files with some of theirs replaced or added, as they would be after an edit that is not written yet.
pub struct Overlay<F> {
    below: F,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl FileKind {
    /// The word of `builtins.readDir`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Regular => "regular",
            Self::Symlink => "symlink",
            Self::Unknown => "unknown",
        }
    }

    fn of(kind: std::fs::FileType) -> Self {
        if kind.is_dir() {
            Self::Directory
        } else if kind.is_file() {
            Self::Regular
        } else if kind.is_symlink() {
            Self::Symlink
        } else {
            Self::Unknown
        }
    }
}

impl ConfinedFiles {
    /// Files below `roots` (which may be symlinks themselves), or all files.
    pub fn new(roots: &[PathBuf], allow_all: bool) -> Self {
        let roots = roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
        Self { roots, allow_all }
    }

    /// The real path if it is allowed; `None` if there is nothing. A missing path is judged by the part of it
    /// that exists, so that the answer tells nothing of what lies outside.
    fn admit(&self, path: &Path, follow: bool) -> Result<Option<PathBuf>, FileError> {
        let refused = || FileError::Refused { path: path.to_owned() };
        let io = |source| FileError::Io { path: path.to_owned(), source };
        if !follow
            && let (Some(parent), Some(Component::Normal(name))) =
                (path.parent(), path.components().next_back())
        {
            let Some(parent) = self.admit(parent, true)? else { return Ok(None) };
            let real = parent.join(name);
            return match real.symlink_metadata() {
                Ok(_) => Ok(Some(real)),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(io(error)),
            };
        }
        match path.canonicalize() {
            Ok(real) if self.allows(&real) => Ok(Some(real)),
            Ok(_) => Err(refused()),
            Err(error) if is_missing(&error) => {
                let existing = path.ancestors().skip(1).find_map(|it| it.canonicalize().ok());
                match existing {
                    Some(real) if self.allows(&real) => Ok(None),
                    _ => Err(refused()),
                }
            }
            Err(_) if !self.allow_all && !self.roots.iter().any(|root| path.starts_with(root)) => {
                Err(refused())
            }
            Err(error) => Err(io(error)),
        }
    }

    fn existing(&self, path: &Path) -> Result<PathBuf, FileError> {
        let missing =
            || FileError::Io { path: path.to_owned(), source: io::ErrorKind::NotFound.into() };
        self.admit(path, true)?.ok_or_else(missing)
    }

    fn allows(&self, real: &Path) -> bool {
        self.allow_all || self.roots.iter().any(|root| real.starts_with(root))
    }
}

impl Files for ConfinedFiles {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
        let real = self.existing(path)?;
        let io = |source| FileError::Io { path: path.to_owned(), source };
        let metadata = real.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(FileError::Kind { path: path.to_owned(), wanted: "a regular file" });
        }
        if metadata.len() > limit as u64 {
            return Err(FileError::TooLarge { path: path.to_owned() });
        }
        std::fs::read(&real).map_err(io)
    }

    fn read_dir(&self, path: &Path) -> Result<Vec<(OsString, FileKind)>, FileError> {
        let real = self.existing(path)?;
        let io = |source| FileError::Io { path: path.to_owned(), source };
        if !real.metadata().map_err(io)?.is_dir() {
            return Err(FileError::Kind { path: path.to_owned(), wanted: "a directory" });
        }
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&real).map_err(io)? {
            let entry = entry.map_err(io)?;
            entries.push((entry.file_name(), FileKind::of(entry.file_type().map_err(io)?)));
        }
        Ok(entries)
    }

    fn kind(&self, path: &Path, follow: bool) -> Result<Option<FileKind>, FileError> {
        let Some(real) = self.admit(path, follow)? else { return Ok(None) };
        let io = |source| FileError::Io { path: path.to_owned(), source };
        Ok(Some(FileKind::of(real.symlink_metadata().map_err(io)?.file_type())))
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, FileError> {
        let io = |source| FileError::Io { path: path.to_owned(), source };
        let missing = || io(io::ErrorKind::NotFound.into());
        self.admit(path, false)?.ok_or_else(missing)?.read_link().map_err(io)
    }
}

impl<F: Files> Overlay<F> {
    /// `files` by absolute path, in front of those `below`. Directories come into being with their files.
    pub fn new(below: F, files: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        Self { below, files }
    }

    /// The files of the overlay below a directory, by the next component of their paths.
    fn inside<'a>(
        &'a self,
        directory: &'a Path,
    ) -> impl Iterator<Item = (OsString, FileKind)> + 'a {
        self.files.keys().filter_map(move |file| {
            let mut rest = file.strip_prefix(directory).ok()?.components();
            let name = rest.next()?.as_os_str().to_owned();
            let kind = if rest.next().is_some() { FileKind::Directory } else { FileKind::Regular };
            Some((name, kind))
        })
    }
}

impl<F: Files> Files for Overlay<F> {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
        match self.files.get(path) {
            Some(bytes) if bytes.len() > limit => {
                Err(FileError::TooLarge { path: path.to_owned() })
            }
            Some(bytes) => Ok(bytes.clone()),
            None => self.below.read(path, limit),
        }
    }

    fn read_dir(&self, path: &Path) -> Result<Vec<(OsString, FileKind)>, FileError> {
        let mut entries: BTreeMap<OsString, FileKind> = match self.below.read_dir(path) {
            Ok(entries) => entries.into_iter().collect(),
            Err(FileError::Io { .. }) if self.inside(path).next().is_some() => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        entries.extend(self.inside(path));
        Ok(entries.into_iter().collect())
    }

    fn kind(&self, path: &Path, follow: bool) -> Result<Option<FileKind>, FileError> {
        if self.files.contains_key(path) {
            return Ok(Some(FileKind::Regular));
        }
        match self.below.kind(path, follow)? {
            None if self.inside(path).next().is_some() => Ok(Some(FileKind::Directory)),
            kind => Ok(kind),
        }
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, FileError> {
        self.below.read_link(path)
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
