//! Looks at every file a plan touches before anything is written: where it really is, whether it
//! still holds what the plan was made from, what mode and owner its successor needs. Writes
//! nothing; its errors leave nothing to undo.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::Mode;
use rustix::fs::OFlags;

use super::batch;
use super::error::ApplyError;
use super::journal::Record;
use super::journal::Step;
use super::print::Print;
use super::print::is_absent;
use super::temp::Namer;
use crate::plan::Change;
use crate::plan::Expect;
use crate::plan::Plan;
use crate::repo::RepoPath;
use crate::repo::Root;
use crate::repo::root::ResolveError;

/// A plan ready to be carried out, paths relative to `base`.
#[derive(Debug)]
pub(super) struct Prepared<'p> {
    pub(super) base: Root,
    pub(super) record: Record,
    /// One for each step of the record.
    pub(super) details: Vec<Detail<'p>>,
}

/// What a step needs while its run lives, beyond what the journal must remember.
#[derive(Debug)]
pub(super) struct Detail<'p> {
    /// For who verifies; `None` for a stream.
    pub(super) change: Option<&'p Change>,
    /// The path as the plan's author knows it, for messages.
    pub(super) shown: &'p RepoPath,
    /// The new content, `None` when there is none to write.
    pub(super) new: Option<&'p [u8]>,
    /// Permission bits to set; `None` leaves them to the umask.
    pub(super) mode: Option<u32>,
    pub(super) owner: Option<(u32, u32)>,
    /// The file that must still be there when its name is taken.
    pub(super) guard: Option<Guard>,
}

/// Tells whether a file was written to, without reading it again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Guard {
    dev: u64,
    ino: u64,
    size: u64,
    modified: (i64, i64),
}

impl Guard {
    pub(super) fn of(meta: &Metadata) -> Self {
        Self {
            dev: meta.dev(),
            ino: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
        }
    }
}

/// # Errors
/// When a file is not what the plan expects, is none, is not inside, or two changes touch the same.
pub(super) fn prepare<'p>(
    root: &Root,
    base: Root,
    plan: &'p Plan,
) -> Result<Prepared<'p>, ApplyError> {
    let mut work = Work::new(root, base);
    for change in plan.changes.iter().filter(|change| !change.is_empty()) {
        work.change(change)?;
    }
    work.finish()
}

/// For one file whose new content is yet to come; its fingerprint in the record is a stand-in.
///
/// # Errors
/// When it is no file, not inside, or there although it must not be replaced.
pub(super) fn stream<'p>(
    root: &Root,
    base: Root,
    path: &'p RepoPath,
    replace: bool,
    mode: Option<u32>,
) -> Result<Prepared<'p>, ApplyError> {
    let mut work = Work::new(root, base);
    let place = work.place(path, true)?;
    let temp = work.namer.beside(&place.real);
    let mut detail =
        Detail { change: None, shown: path, new: None, mode, owner: None, guard: None };
    let new = Print::of_bytes(b"", mode);
    let step = match &place.meta {
        None => Step::Create { temp, target: place.real, new },
        Some(_) if !replace => return Err(ApplyError::Exists(path.clone())),
        Some(meta) => {
            let old = Print::of_path(&work.out.base.absolute(&place.real));
            let old = old.map_err(|error| look(path, error))?;
            detail.replaces(meta);
            Step::Replace {
                temp,
                target: place.real,
                old: old.ok_or_else(|| ApplyError::Missing(path.clone()))?,
                new: Print { mode: detail.mode, ..new },
            }
        }
    };
    work.out.record.steps.push(step);
    work.out.details.push(detail);
    work.finish()
}

impl Detail<'_> {
    /// Makes the error of a failed write.
    pub(super) fn failed(&self) -> impl Fn(io::Error) -> ApplyError {
        |source| ApplyError::Io { action: "write", path: self.shown.clone(), source }
    }
    /// Takes mode and owner over from the old file, unless there is a mode already.
    fn replaces(&mut self, old: &Metadata) {
        self.mode = Some(self.mode.unwrap_or(old.mode() & 0o7777));
        self.owner = Some((old.uid(), old.gid()));
        self.guard = Some(Guard::of(old));
    }
}

struct Work<'a, 'p> {
    root: &'a Root,
    /// From the work tree to the root.
    prefix: RepoPath,
    namer: Namer,
    /// Directories of the plan with their links followed, and their device.
    parents: HashMap<RepoPath, (RepoPath, u64)>,
    dirs: BTreeSet<RepoPath>,
    touched: BTreeSet<RepoPath>,
    checks: Vec<Check<'p>>,
    out: Prepared<'p>,
}

/// A file of the plan as it is on disk.
struct Place {
    /// Relative to the work tree, links followed.
    real: RepoPath,
    /// Of itself, or of the nearest directory that exists.
    dev: u64,
    meta: Option<Metadata>,
}

impl<'a, 'p> Work<'a, 'p> {
    fn new(root: &'a Root, base: Root) -> Self {
        let prefix = root.path().strip_prefix(base.path()).ok();
        Self {
            root,
            prefix: prefix.and_then(|prefix| RepoPath::new(prefix).ok()).unwrap_or_default(),
            namer: Namer::new(),
            parents: HashMap::new(),
            dirs: BTreeSet::new(),
            touched: BTreeSet::new(),
            checks: Vec::new(),
            out: Prepared { base, record: Record::default(), details: Vec::new() },
        }
    }

    fn finish(mut self) -> Result<Prepared<'p>, ApplyError> {
        if let Some(dir) = self.dirs.iter().find(|dir| self.touched.contains(*dir)) {
            return Err(ApplyError::Conflict(dir.clone()));
        }
        batch::each(&self.checks, Check::run)?;
        self.out.record.dirs = self.dirs.into_iter().collect();
        Ok(self.out)
    }
    fn change(&mut self, change: &'p Change) -> Result<(), ApplyError> {
        let shown = change.path();
        let mut detail =
            Detail { change: Some(change), shown, new: None, mode: None, owner: None, guard: None };
        let step = match change {
            Change::Write { path, new, expect, mode, .. } => {
                let place = self.place(path, true)?;
                let temp = self.namer.beside(&place.real);
                detail.new = Some(new);
                detail.mode = *mode;
                let old = self.expected(path, expect, &place)?;
                match (old, &place.meta) {
                    (Some(old), Some(meta)) => {
                        detail.replaces(meta);
                        if detail.mode == old.mode && expect.bytes() == Some(new) {
                            return Ok(());
                        }
                        let new = Print::of_bytes(new, detail.mode);
                        Step::Replace { temp, target: place.real, old, new }
                    }
                    _ => {
                        Step::Create { temp, target: place.real, new: Print::of_bytes(new, *mode) }
                    }
                }
            }
            Change::Remove { path, expect, .. } => {
                let place = self.place(path, false)?;
                let old = self
                    .expected(path, expect, &place)?
                    .ok_or_else(|| ApplyError::Missing(path.clone()))?;
                detail.guard = place.meta.as_ref().map(Guard::of);
                Step::Remove { temp: self.namer.beside(&place.real), target: place.real, old }
            }
            Change::Rename { from, to, expect, .. } => {
                let source = self.place(from, false)?;
                let target = self.place(to, false)?;
                let print = self
                    .expected(from, expect, &source)?
                    .ok_or_else(|| ApplyError::Missing(from.clone()))?;
                self.expected(to, &Expect::Absent, &target)?;
                if source.dev != target.dev {
                    return Err(across_devices(to));
                }
                detail.guard = source.meta.as_ref().map(Guard::of);
                Step::Move { from: source.real, to: target.real, print }
            }
        };
        self.out.record.steps.push(step);
        self.out.details.push(detail);
        Ok(())
    }

    /// Where a path of the plan really is; its own symlink is followed only for writing through it.
    fn place(&mut self, path: &RepoPath, through: bool) -> Result<Place, ApplyError> {
        let name = path.file_name().ok_or_else(|| ApplyError::NotAFile(path.clone()))?;
        if path.is_protected() {
            return Err(ApplyError::Protected(path.clone()));
        }
        let parent = path.parent().unwrap_or_default();
        let (mut dir, mut dir_dev) = self.parent(path, &parent)?;
        let mut inside = dir.join(name).map_err(|_| ApplyError::Outside(path.clone()))?;
        let mut meta = self.meta(path, &inside)?;
        if through && meta.as_ref().is_some_and(Metadata::is_symlink) {
            inside = self.real(path, path)?;
            (dir, dir_dev) = self.parent(path, &inside.parent().unwrap_or_default())?;
            meta = self.meta(path, &inside)?;
        }
        if inside.is_protected() {
            return Err(ApplyError::Protected(path.clone()));
        }
        let is_fit = |meta: &Metadata| meta.is_file() || !through && meta.is_symlink();
        if !meta.as_ref().is_none_or(is_fit) {
            return Err(ApplyError::NotAFile(path.clone()));
        }
        // A file that is a mount point of its own cannot be given another one's name.
        if meta.as_ref().is_some_and(|meta| meta.dev() != dir_dev) {
            return Err(across_devices(path));
        }
        if meta.is_none() {
            self.missing_dirs(&dir);
        }
        let real = self.prefix.join(&inside).map_err(|_| ApplyError::Outside(path.clone()))?;
        if !self.touched.insert(real.clone()) {
            return Err(ApplyError::Conflict(path.clone()));
        }
        Ok(Place { real, dev: dir_dev, meta })
    }

    /// A directory with its links followed, and the device it is or will be on.
    fn parent(
        &mut self,
        path: &RepoPath,
        parent: &RepoPath,
    ) -> Result<(RepoPath, u64), ApplyError> {
        if let Some(known) = self.parents.get(parent) {
            return Ok(known.clone());
        }
        let real = self.real(path, parent)?;
        let mut dev = None;
        for dir in self.root.absolute(&real).ancestors() {
            match fs::symlink_metadata(dir) {
                Ok(meta) if meta.is_dir() => dev = Some(meta.dev()),
                Ok(_) => return Err(look(path, io::ErrorKind::NotADirectory.into())),
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(look(path, error)),
            }
            break;
        }
        let known = (real, dev.unwrap_or_default());
        self.parents.insert(parent.clone(), known.clone());
        Ok(known)
    }

    fn missing_dirs(&mut self, dir: &RepoPath) {
        let mut dir = Some(dir.clone());
        while let Some(missing) =
            dir.filter(|dir| !dir.is_root() && !self.root.absolute(dir).exists())
        {
            dir = missing.parent();
            match self.prefix.join(&missing) {
                Ok(missing) if self.dirs.insert(missing.clone()) => {}
                _ => break,
            }
        }
    }

    fn real(&self, path: &RepoPath, followed: &RepoPath) -> Result<RepoPath, ApplyError> {
        self.root.real(followed).map_err(|error| match error {
            ResolveError::Io { source, .. } => look(path, source),
            ResolveError::Loop(_) => look(path, rustix::io::Errno::LOOP.into()),
            ResolveError::Empty | ResolveError::Outside { .. } => ApplyError::Outside(path.clone()),
        })
    }

    fn meta(&self, path: &RepoPath, inside: &RepoPath) -> Result<Option<Metadata>, ApplyError> {
        match fs::symlink_metadata(self.root.absolute(inside)) {
            Ok(meta) => Ok(Some(meta)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(look(path, error)),
        }
    }

    /// The old content's fingerprint, for a file that is what the plan was made from as far as one
    /// can see without reading it; that is put off until all are known.
    fn expected(
        &mut self,
        path: &'p RepoPath,
        expect: &'p Expect,
        place: &Place,
    ) -> Result<Option<Print>, ApplyError> {
        let (expected, meta) = match (expect, &place.meta) {
            (Expect::Absent, None) => return Ok(None),
            (Expect::Absent, Some(_)) => return Err(ApplyError::Exists(path.clone())),
            (Expect::Bytes(_), None) => return Err(ApplyError::Missing(path.clone())),
            (Expect::Bytes(bytes), Some(meta)) => (bytes, meta),
        };
        let own = self.out.base.absolute(&place.real);
        let (file, print) = if meta.is_symlink() {
            // Removed or renamed itself, but what was read came through it.
            let through = self.root.absolute(&self.real(path, path)?);
            (through, Print::of_path(&own).map_err(|error| look(path, error))?)
        } else {
            (own, Some(Print::of_bytes(expected, Some(meta.mode() & 0o7777))))
        };
        self.checks.push(Check { path, file, expected });
        Ok(print)
    }
}

/// That a file holds what was read of it.
struct Check<'p> {
    path: &'p RepoPath,
    file: PathBuf,
    expected: &'p [u8],
}

impl Check<'_> {
    fn run(&self) -> Result<(), ApplyError> {
        let found =
            read(&self.file, self.expected.len()).map_err(|error| look(self.path, error))?;
        if found == self.expected { Ok(()) } else { Err(ApplyError::Changed(self.path.clone())) }
    }
}

/// The file's bytes, one more than expected at most.
fn read(path: &Path, expected: usize) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let mut bytes = Vec::with_capacity(expected + 1);
    file.take(expected as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn look(path: &RepoPath, source: io::Error) -> ApplyError {
    ApplyError::Io { action: "read", path: path.clone(), source }
}

fn across_devices(path: &RepoPath) -> ApplyError {
    ApplyError::Io {
        action: "replace",
        path: path.clone(),
        source: io::ErrorKind::CrossesDevices.into(),
    }
}
