//! Writes the new contents to their temporary files, reads them back and has them verified. Nothing
//! a reader of the fleet looks at is changed by it.

use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use super::Verify;
use super::batch;
use super::error::ApplyError;
use super::journal::Step;
use super::prepare::Detail;
use super::prepare::Prepared;
use super::sync;
use crate::repo::RepoPath;

/// Makes missing directories.
pub(super) fn directories(prepared: &Prepared<'_>) -> Result<(), ApplyError> {
    for dir in &prepared.record.dirs {
        match fs::create_dir(prepared.base.absolute(dir)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => {
                let action = "make the directory";
                return Err(ApplyError::Io { action, path: dir.clone(), source });
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Writes all temporary files, and has them verified as they can be read back.
pub(super) fn files(
    prepared: &Prepared<'_>,
    verify: Option<&Verify<'_>>,
) -> Result<(), ApplyError> {
    let work: Vec<_> = prepared.record.steps.iter().zip(&prepared.details).collect();
    batch::each(&work, |(step, detail)| match (step, detail.new) {
        (Step::Create { temp, .. } | Step::Replace { temp, .. }, Some(new)) => {
            let back = file(&prepared.base.absolute(temp), new, detail).map_err(detail.failed())?;
            if back != new {
                return Err(ApplyError::ReadBack(detail.shown.clone()));
            }
            let verified =
                detail.change.zip(verify).map_or(Ok(()), |(change, verify)| verify(change, &back));
            verified.map_err(|message| ApplyError::Verify { path: detail.shown.clone(), message })
        }
        _ => Ok(()),
    })
}

/// Makes directories and temporary files durable.
pub(super) fn flush(prepared: &Prepared<'_>) -> Result<(), ApplyError> {
    let at = |path: &RepoPath| prepared.base.absolute(path);
    let temps = prepared.record.steps.iter().filter_map(Step::staged);
    let files: Vec<PathBuf> = temps.map(at).collect();
    let made = prepared.record.dirs.iter().map(at);
    let dirs = files.iter().cloned().chain(made).map(|path| sync::parent(&path)).collect();
    sync::all(&files, &dirs).map_err(|(at, source)| {
        let path = at.strip_prefix(prepared.base.path()).ok();
        let path = path.and_then(|path| RepoPath::new(path).ok()).unwrap_or_default();
        ApplyError::Io { action: "flush to disk", path, source }
    })
}

/// The empty temporary file. It never has more rights than its mode, so nobody reads it too early.
pub(super) fn open(temp: &Path, detail: &Detail<'_>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(detail.mode.unwrap_or(0o644)).open(temp)
}

/// Gives a written file its owner and mode, and says how long it is.
pub(super) fn finish(file: &File, detail: &Detail<'_>) -> io::Result<u64> {
    let meta = file.metadata()?;
    let is_owner_new = match detail.owner {
        Some(owner) => keep_owner(file, &meta, owner)?,
        None => false,
    };
    if let Some(mode) = detail.mode
        && (is_owner_new || mode != meta.mode() & 0o7777)
    {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    Ok(meta.len())
}

/// Writes one temporary file and reads it back.
fn file(temp: &Path, new: &[u8], detail: &Detail<'_>) -> io::Result<Vec<u8>> {
    let mut file = open(temp, detail)?;
    file.write_all(new)?;
    let len = finish(&file, detail)?;
    let mut back = vec![0; usize::try_from(len).unwrap_or(usize::MAX).min(new.len() + 1)];
    file.read_exact_at(&mut back, 0)?;
    Ok(back)
}

/// Keeps the old file's owner and group, which only root must be able to; true if that was needed.
fn keep_owner(file: &File, meta: &Metadata, (uid, gid): (u32, u32)) -> io::Result<bool> {
    if (meta.uid(), meta.gid()) == (uid, gid) {
        return Ok(false);
    }
    match std::os::unix::fs::fchown(file, Some(uid), Some(gid)) {
        Err(_) if !rustix::process::geteuid().is_root() => {
            // The group alone is often ours to give.
            let _ = std::os::unix::fs::fchown(file, None, Some(gid));
            Ok(true)
        }
        kept => kept.map(|()| true),
    }
}
