//! Reads each file of the fleet at most once and keeps its bytes and line index, so that everything
//! that points into a file agrees on what was in it. Bounded in size per file; never follows a link
//! out of the root, never writes.

use std::collections::HashMap;
use std::io::Read as _;
use std::str::Utf8Error;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use thiserror::Error;

use super::RepoPath;
use super::Root;
use super::open::OpenError;
use super::open::Opener;
use crate::text::LineIndex;

/// Bytes of one file that are read unless the caller says otherwise: far above any rules file,
/// module or sops document.
pub const DEFAULT_LIMIT: u64 = 16 * 1024 * 1024;

/// Why a file could not be had.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("`{path}` has {len} bytes, more than the {limit} that are read")]
    TooLarge { path: RepoPath, len: u64, limit: u64 },
}

impl StoreError {
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Open(error) if error.is_not_found())
    }
}

/// A file as it was when first read.
#[derive(Debug)]
pub struct Source {
    path: RepoPath,
    bytes: Arc<[u8]>,
    lines: OnceLock<LineIndex>,
}

impl Source {
    pub fn new(path: RepoPath, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { path, bytes: bytes.into(), lines: OnceLock::new() }
    }

    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// # Errors
    /// When the bytes are no UTF-8; the error says how far they are.
    pub fn text(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.bytes)
    }

    /// Line starts of the text; of a file that is no UTF-8, those of its valid beginning.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(self.valid_text()))
    }

    /// The text up to the first byte that is no UTF-8.
    fn valid_text(&self) -> &str {
        match self.text() {
            Ok(text) => text,
            Err(error) => self
                .bytes
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or(""),
        }
    }
}

/// The beginning of a file, for those who need no more than a header.
#[derive(Debug)]
pub struct Head {
    pub bytes: Vec<u8>,
    /// Size of the whole file.
    pub len: u64,
}

/// The files read so far. Safe to share between threads.
#[derive(Debug)]
pub struct Store {
    opener: Opener,
    limit: u64,
    files: Mutex<HashMap<RepoPath, Arc<Source>>>,
}

impl Store {
    pub fn new(root: &Root) -> Self {
        Self::with_limit(root, DEFAULT_LIMIT)
    }

    /// With another bound than [`DEFAULT_LIMIT`] on the bytes of one file.
    pub fn with_limit(root: &Root, limit: u64) -> Self {
        Self { opener: Opener::new(root.path()), limit, files: Mutex::default() }
    }

    /// The file's content, from the disk the first time only. Failures are not remembered.
    ///
    /// # Errors
    /// When it is missing, unreadable, too large, no regular file, or a link out of the root.
    pub fn read(&self, path: &RepoPath) -> Result<Arc<Source>, StoreError> {
        if let Some(source) = self.lock().get(path) {
            return Ok(Arc::clone(source));
        }
        let head = self.head(path, usize::try_from(self.limit).unwrap_or(usize::MAX))?;
        let read = head.bytes.len() as u64;
        if head.len.max(read) > self.limit || head.len > read {
            return Err(StoreError::TooLarge {
                path: path.clone(),
                len: head.len,
                limit: self.limit,
            });
        }
        let source = Arc::new(Source::new(path.clone(), head.bytes));
        // Two threads may have read it at once: the first one's stays, so that all see the same.
        Ok(Arc::clone(self.lock().entry(path.clone()).or_insert(source)))
    }

    /// As [`Store::read`], `None` where there is no such file.
    ///
    /// # Errors
    /// As [`Store::read`], but for a missing file.
    pub fn read_if_any(&self, path: &RepoPath) -> Result<Option<Arc<Source>>, StoreError> {
        match self.read(path) {
            Ok(source) => Ok(Some(source)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// At most the first `max` bytes, not kept.
    ///
    /// # Errors
    /// As [`Store::read`], but no file is too large.
    pub fn head(&self, path: &RepoPath, max: usize) -> Result<Head, StoreError> {
        let (file, len) = self.opener.open(path)?;
        let wanted = len.min(max as u64);
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0));
        // One byte beyond the size tells the end of the file from one that is growing.
        let read = file.take((max as u64).min(wanted.saturating_add(1))).read_to_end(&mut bytes);
        read.map_err(|source| OpenError::Io { path: path.clone(), source })?;
        let len = len.max(bytes.len() as u64);
        Ok(Head { bytes, len })
    }

    /// Every file read so far, sorted by name.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        let mut all: Vec<_> = self.lock().values().cloned().collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RepoPath, Arc<Source>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn a_file_is_read_once() {
        let temp = tempfile::tempdir().unwrap();
        let root = Root::at(temp.path(), Path::new("/")).unwrap();
        let store = Store::new(&root);
        fs::write(temp.path().join("a"), "one\ntwo\n").unwrap();
        let first = store.read(&path("a")).unwrap();
        fs::write(temp.path().join("a"), "other").unwrap();
        let second = store.read(&path("a")).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(second.text().unwrap(), "one\ntwo\n");
        assert_eq!(second.lines().lines(), 2);
        assert_eq!(store.head(&path("a"), 3).unwrap().bytes, b"oth");
        assert_eq!(store.head(&path("a"), 3).unwrap().len, 5);
        assert!(store.read_if_any(&path("b/c")).unwrap().is_none());
        assert!(store.read_if_any(&path("a/c")).unwrap().is_none());
        assert_eq!(store.sources().len(), 1);
    }

    #[test]
    fn nothing_outside_is_read() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().canonicalize().unwrap();
        fs::create_dir_all(dir.join("root/sub")).unwrap();
        fs::write(dir.join("secret"), "x").unwrap();
        fs::write(dir.join("root/in"), "in").unwrap();
        symlink("../../secret", dir.join("root/sub/relative")).unwrap();
        symlink(dir.join("secret"), dir.join("root/absolute")).unwrap();
        symlink("../in", dir.join("root/sub/fine")).unwrap();
        symlink(dir.join("root/in"), dir.join("root/roundabout")).unwrap();
        symlink("..", dir.join("root/up")).unwrap();
        let root = Root::at(&dir.join("root"), Path::new("/")).unwrap();
        let store = Store::with_limit(&root, 2);
        for name in ["sub/relative", "absolute", "up/secret"] {
            let result = store.read(&path(name));
            assert!(
                matches!(result, Err(StoreError::Open(OpenError::Outside(_)))),
                "{name} {result:?}"
            );
        }
        for name in ["sub/fine", "roundabout", "up/root/in"] {
            assert_eq!(store.read(&path(name)).unwrap().text().unwrap(), "in", "{name}");
        }
        fs::write(dir.join("root/large"), "abc").unwrap();
        assert!(matches!(store.read(&path("large")), Err(StoreError::TooLarge { len: 3, .. })));
        assert!(matches!(store.read(&path("sub")), Err(StoreError::Open(OpenError::NotAFile(_)))));
        let fifo = rustix::fs::CWD;
        rustix::fs::mknodat(
            fifo,
            dir.join("root/fifo"),
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        )
        .unwrap();
        assert!(matches!(store.read(&path("fifo")), Err(StoreError::Open(OpenError::NotAFile(_)))));
    }
}
